"""Time to pay in the story: instalments, a dispute, a repayment plan, interest, an override."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm import actions as crm
from crm.models import Organisation
from invoicing import actions
from invoicing.actions.issuing import amount_left
from invoicing.demo.stage import Stage
from invoicing.models import Invoice
from invoicing.rules_schedule import AMOUNT, PERCENT, REMAINDER, PlannedPart
from missions import actions as missions

CLIENTS = (
    ("halle", "La Halle aux Voisins", "14 place du Marché", "67700", "Saverne"),
    ("verger", "Les Vergers du Kochersberg", "3 rue des Quetschiers", "67370", "Truchtersheim"),
)
# key, client, subject, net, days before today, days to pay
INVOICES = (
    ("dispute", "verger", "Animation d’une réunion publique", "640.00", 57, 10),
    ("plan", "halle", "Appui à la comptabilité", "1800.00", 56, 12),
    ("interest", "verger", "Formation à la caisse", "1150.00", 55, 10),
    ("waiver", "halle", "Relecture des statuts", "420.00", 54, 10),
)


def plan(stage: Stage) -> None:
    """Two clients, what they owe, and what was agreed about it, in the order of dates."""
    stage.later(-62, partial(_clients, stage))
    stage.later(-58, partial(_instalments, stage))
    for row in INVOICES:
        stage.later(-row[4], partial(_invoice, stage, row))
    stage.later(-45, partial(_pay, stage, "instalments", Decimal("900.00"), -45))
    stage.later(-43, partial(_contest, stage))
    stage.later(-34, partial(_settle_dispute, stage))
    stage.later(-30, partial(_repay, stage))
    stage.later(-28, partial(_sign, stage))
    stage.later(-26, partial(_pay, stage, "waiver", None, -26))
    stage.later(-24, partial(_waive, stage))
    stage.later(-13, partial(_pay, stage, "plan", Decimal("720.00"), -13))
    stage.later(-8, partial(_claim, stage))
    stage.later(-2, partial(_draft, stage))
    stage.later(0, partial(_override, stage))


def _clients(stage: Stage) -> None:
    on = stage.on(-62)
    for key, name, street, postcode, city in CLIENTS:
        client = crm.create_organisation(
            legal_name=name,
            kind="partner",
            street=street,
            postcode=postcode,
            city=city,
            **stage.act("basile", on),
        )
        crm.set_client_kind(
            client,
            client_kind=Organisation.ClientKind.PROFESSIONAL,
            reason="Activité économique",
            **stage.act("chloe", on),
        )
        stage.organisations[key] = client
        act = stage.act("basile", on)
        agreement = missions.create_agreement(
            client=client,
            title="Appui ponctuel",
            reference=f"AP-{key.upper()}",
            starts_on=on,
            daily_rate=Decimal(600),
            days_budgeted=Decimal(6),
            payment_days=60,
            **act,
        )
        missions.sign_agreement(agreement, **act)
        stage.things[f"agreement:{key}"] = agreement


def _drafted(stage: Stage, client: str, title: str, net: str, on: Any) -> Invoice:
    act = stage.act("chloe", on, 9)
    draft = actions.draft_free(
        client=stage.organisations[client],
        agreement=stage.things[f"agreement:{client}"],
        title=title,
        period_from=on,
        period_to=on,
        **act,
    )
    actions.add_line(
        invoice=draft,
        label=title,
        quantity=Decimal(1),
        unit="C62",
        unit_price=Decimal(net),
        **act,
    )
    return Invoice.objects.get(pk=draft.pk)


def _kept(stage: Stage, key: str) -> Invoice:
    return Invoice.objects.get(pk=stage.things[f"terms:{key}"].pk)


def _instalments(stage: Stage) -> None:
    """One invoice in three: the first is paid, the second is late, the third is to come."""
    on = stage.on(-58)
    draft = _drafted(stage, "halle", "Étude d’implantation", "2250.00", on)
    rows = (
        PlannedPart(AMOUNT, Decimal("900.00"), days=15),
        PlannedPart(PERCENT, Decimal(30), days=40),
        PlannedPart(REMAINDER, days=60),
    )
    act = stage.act("chloe", on, 9)
    actions.plan_schedule(invoice=draft, rows=rows, **act)
    stage.things["terms:instalments"] = actions.issue(invoice=draft, **act)


def _invoice(stage: Stage, row: tuple[Any, ...]) -> None:
    key, client, title, net, before, days = row
    on = stage.on(-before)
    draft = _drafted(stage, client, title, net, on)
    act = stage.act("chloe", on, 9)
    due = on + timedelta(days=days)
    actions.edit_draft(invoice=draft, title=title, wanted_due_on=due, **act)
    stage.things[f"terms:{key}"] = actions.issue(invoice=draft, **act)


def _pay(stage: Stage, key: str, amount: Decimal | None, offset: int) -> None:
    invoice, on = _kept(stage, key), stage.on(offset)
    paid = min(amount or amount_left(invoice), amount_left(invoice))
    if paid <= 0:
        return
    actions.record_payment(
        client=invoice.client,
        amount=paid,
        received_on=on,
        method="transfer",
        reference=str(invoice.number),
        invoices={invoice: paid},
        **stage.act("chloe", on, 14),
    )


def _contest(stage: Stage) -> None:
    words = "La réunion a duré deux heures, et non une demi-journée."
    act = stage.act("chloe", stage.on(-43))
    actions.open_dispute(invoice=_kept(stage, "dispute"), words=words, **act)


def _settle_dispute(stage: Stage) -> None:
    actions.close_dispute(
        invoice=_kept(stage, "dispute"),
        outcome="ungrounded",
        words="La feuille signée compte la préparation ; le client en convient.",
        **stage.act("chloe", stage.on(-34)),
    )


def _repay(stage: Stage) -> None:
    """What is left is spread over three dates."""
    invoice, on = _kept(stage, "plan"), stage.on(-30)
    left = amount_left(invoice)
    rows = [
        (stage.on(-12), Decimal("720.00")),
        (stage.on(18), Decimal("720.00")),
        (stage.on(48), left - Decimal("1440.00")),
    ]
    act = stage.act("chloe", on)
    stage.things["terms:repayment"] = actions.propose_plan(invoice=invoice, rows=rows, **act)


def _sign(stage: Stage) -> None:
    on = stage.on(-28)
    actions.move_plan(
        stage.things["terms:repayment"], "sign", signed_on=on, **stage.act("chloe", on)
    )


def _waive(stage: Stage) -> None:
    actions.waive_interest(
        invoice=_kept(stage, "waiver"),
        why="Premier retard, réglé dès le premier appel.",
        **stage.act("chloe", stage.on(-24)),
    )


def _claim(stage: Stage) -> None:
    act = stage.act("chloe", stage.on(-8))
    actions.claim_interest(invoice=_kept(stage, "interest"), **act)


def _override(stage: Stage) -> None:
    """A due date past the cap, by the accountant's own legal basis."""
    draft = _drafted(stage, "verger", "Inventaire avant récolte", "980.00", stage.today)
    act = stage.act("chloe", stage.today, 9)
    actions.edit_draft(
        invoice=draft,
        title=draft.title,
        wanted_due_on=stage.on(120),
        term_basis="Activité saisonnière marquée : accord de la filière, C. com. art. L441-11, II.",
        **act,
    )
    stage.things["terms:override"] = actions.issue(invoice=draft, **act)


def _draft(stage: Stage) -> None:
    """The coop of the story that wants nine months: its agreement waits for a plan."""
    stage.things["terms:nine"] = missions.create_agreement(
        client=stage.organisations["halle"],
        title="Accompagnement à l’ouverture, à étaler sur neuf mois",
        reference="AP-NEUF",
        starts_on=stage.today,
        kind="phases",
        daily_rate=Decimal(600),
        days_budgeted=Decimal(15),
        payment_days=30,
        **stage.act("basile", stage.on(-2)),
    )
