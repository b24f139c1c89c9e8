"""Electronic invoices of the story: our logo, clients of every sort, answers, an acquitted copy."""

from decimal import Decimal
from functools import partial
from typing import Any

from crm import actions as crm
from invoicing import actions
from invoicing.actions import efacture
from invoicing.actions.issuing import amount_left
from invoicing.demo.stage import DATA, Stage, data
from invoicing.models import Invoice


def plan(stage: Stage) -> None:
    """A logo from the first day; in the autumn five clients the reform treats differently."""
    stage.later(-319, partial(_logo, stage))
    texts = data("efacture")
    for rank, row in enumerate(texts["clients"]):
        stage.later(-57 + rank, partial(_invoice, stage, row, -57 + rank))
    stage.later(-44, partial(_answers, stage))
    stage.later(-24, partial(_paid, stage))
    stage.later(-18, partial(_acquitted, stage))


def _logo(stage: Stage) -> None:
    content = (DATA / "logo.svg").read_bytes()
    crm.wear_logo(content=content, **stage.act("chloe", stage.on(-319)))


def _invoice(stage: Stage, row: dict[str, Any], offset: int) -> None:
    """A client of its sort, and one invoice to it."""
    on = stage.on(offset)
    act = stage.act("chloe", on, 9)
    client = crm.create_organisation(**row["facts"], **act)
    if "client_kind" in row:
        crm.set_client_kind(client, client_kind=row["client_kind"], reason=row["reason"], **act)
    draft = actions.draft_free(
        client=client, title=row["title"], period_from=on, period_to=on, **act
    )
    if "order" in row:
        draft = actions.edit_draft(
            invoice=draft, title=row["title"], order_number=row["order"], **act
        )
    for line in row["lines"]:
        actions.add_line(
            invoice=draft, label=line["label"], quantity=Decimal(line["quantity"]),
            unit=line["unit"], unit_price=Decimal(line["price"]), **act,
        )  # fmt: skip
    stage.things[f"efacture:{row['key']}"] = actions.issue(invoice=draft, **act)


def _of(stage: Stage, key: str) -> Invoice:
    return Invoice.objects.get(pk=stage.things[f"efacture:{key}"].pk)


def _answers(stage: Stage) -> None:
    """Chorus rejects the hybrid file, takes the plain one; a client refuses, with its reason."""
    on = stage.on(-44)
    act = stage.act("chloe", on, 10)
    public = _of(stage, "public")
    note: dict[str, Any] = {"dated": on, **act}
    efacture.note_status(invoice=public, status="deposited", **note)
    efacture.note_status(
        invoice=public, status="rejected", reason_code="NON_CONFORME",
        reason="Chorus Pro n’a pas lu le PDF hybride : PDF simple envoyé à la place.", **note,
    )  # fmt: skip
    efacture.make_plain(invoice=public, **act)
    efacture.note_status(invoice=public, status="deposited", **note)
    abroad = _of(stage, "abroad")
    efacture.note_status(invoice=abroad, status="deposited", **note)


def _paid(stage: Stage) -> None:
    """The public body pays by a treasury order, the cooperative next door by transfer."""
    on = stage.on(-24)
    for key, method, reference in (
        ("public", "mandate", "Mandat 2187"), ("exchanged", "transfer", "VIR SEPA 0931"),
    ):  # fmt: skip
        invoice = _of(stage, key)
        amount = amount_left(invoice)
        actions.record_payment(
            client=invoice.client, amount=amount, received_on=on, method=method,
            reference=reference, invoices={invoice: amount}, **stage.act("chloe", on, 15),
        )  # fmt: skip


def _acquitted(stage: Stage) -> None:
    """The European file asks for the acquitted copy; what is paid is noted as collected."""
    on = stage.on(-18)
    act = stage.act("chloe", on, 15)
    public = _of(stage, "public")
    efacture.acquit(invoice=public, **act)
    efacture.note_status(invoice=public, status="collected", dated=on, **act)
