"""Write, change and delete drafts: nothing here is numbered."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop, IssuerProfile, Organisation
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.totals import apply_vat
from invoicing.before_issue import pair_of
from invoicing.models import Invoice, InvoiceLine
from missions.models import Agreement

# What the columns hold of one line, with room for the sum of many.
LARGEST_LINE = Decimal(10) ** 9


def profile_on(on: date) -> IssuerProfile:
    """The issuer profile in force; refused when none is."""
    profile = IssuerProfile.objects.at(on)
    if profile is None:
        raise Refused([Missing("issuer", _("Our own details are missing for this date."))])
    return profile


def locked_draft(invoice: Invoice) -> Invoice:
    """The row under lock; refused once it is issued."""
    return still_a_draft(
        Invoice.objects.select_for_update(of=("self",)).filter(pk=invoice.pk).first()
    )


def still_a_draft(locked: Invoice | None) -> Invoice:
    """The row found under lock; refused when it is gone or issued."""
    if locked is None:
        raise Refused([Missing("state", _("This draft was thrown away."))])
    if locked.is_issued:
        raise Refused(
            [Missing("state", _("An issued document is never changed: make a credit note."))]
        )
    return locked


def draft_row(
    *,
    client: Organisation,
    by: User,
    at: datetime,
    issuer: IssuerProfile,
    kind: str = "invoice",
    agreement: Agreement | None = None,
    **facts: Any,
) -> Invoice:
    """A draft with the payment term of its agreement, not stored yet."""
    if agreement is not None:
        facts.setdefault("term_days", agreement.payment_days)
        facts.setdefault("term_method", agreement.payment_method)
        facts.setdefault("title", agreement.title)
        facts.setdefault("coop", agreement.coop)
    return Invoice(
        client=client,
        kind=kind,
        agreement=agreement,
        issuer=issuer,
        created_by=by,
        created_at=at,
        **facts,
    )


def new_draft(
    *,
    client: Organisation,
    by: User,
    on: date,
    at: datetime,
    kind: str = "invoice",
    agreement: Agreement | None = None,
    **facts: object,
) -> Invoice:
    """An empty draft with the payment term of its agreement."""
    issuer = profile_on(on)
    invoice = draft_row(
        client=client, by=by, at=at, issuer=issuer, kind=kind, agreement=agreement, **facts
    )
    invoice.save()
    record(invoice, "draft", by=by, on=on, at=at)
    return invoice


def line_row(invoice: Invoice, line: rules.Line, *, position: int, **facts: Any) -> InvoiceLine:
    """A line of the rules on a draft, not stored yet."""
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=line.kind,
        label=line.label,
        detail=line.detail,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        net=line.net,
        vat_rate=line.vat_rate,
        vat_category=line.category or ("S" if line.vat_rate else "E"),
        **facts,
    )


def put_line(invoice: Invoice, line: rules.Line, *, position: int, **facts: object) -> InvoiceLine:
    """Store a line of the rules on a draft."""
    stored = line_row(invoice, line, position=position, **facts)
    stored.save()
    return stored


@transaction.atomic
def draft_free(
    *,
    client: Organisation,
    title: str,
    by: User,
    on: date,
    at: datetime,
    coop: Coop | None = None,
    agreement: Agreement | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
) -> Invoice:
    """An empty draft for lines written by hand."""
    return new_draft(
        client=client,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        title=title,
        coop=coop,
        period_from=period_from,
        period_to=period_to,
    )


@transaction.atomic
def remove_line(*, line: InvoiceLine, by: User, on: date, at: datetime) -> Invoice:
    """Take a line off a draft; its day shares become billable again."""
    invoice = locked_draft(line.invoice)
    pk = line.pk
    line.delete()
    record(invoice, "remove_line", by=by, on=on, at=at, codes={"line": pk})
    return apply_vat(invoice, profile_on(on), on)


@transaction.atomic
def edit_draft(
    *,
    invoice: Invoice,
    by: User,
    on: date,
    at: datetime,
    title: str,
    order_number: str = "",
    words: str = "",
    wanted_due_on: date | None = None,
    term_basis: str = "",
    is_recap: bool | None = None,
) -> Invoice:
    """Change what a draft says; an override of the legal cap is the accountant's, in words."""
    invoice = locked_draft(invoice)
    if term_basis.strip() and not by.has_perm("invoicing.override_due_date"):
        raise Refused([Missing("term_basis", _("Only the accountant goes past the legal term."))])
    if wanted_due_on is not None and wanted_due_on < on:
        raise Refused([Missing("wanted_due_on", _("The due date can't be in the past."))])
    basis, before = term_basis.strip(), invoice.term_basis
    invoice.title, invoice.order_number, invoice.words = title, order_number, words
    invoice.wanted_due_on, invoice.term_basis = wanted_due_on, basis
    invoice.is_recap = invoice.is_recap if is_recap is None else is_recap
    invoice.save()
    record(invoice, "edit", by=by, on=on, at=at)
    if basis and basis != before:
        record(invoice, "override_term", by=by, on=on, at=at, text=basis)
    return invoice


@transaction.atomic
def delete_draft(*, invoice: Invoice, by: User, on: date, at: datetime) -> None:
    """Throw a draft away; no number was taken, its shares and deposits are free again.

    A corrective invoice and its credit note go together.
    """
    pair = pair_of(invoice)
    for one in (pair.corrective, pair.credit_note) if pair else (invoice,):
        draft = locked_draft(one)
        record(draft, "delete_draft", by=by, on=on, at=at, gone=True)
        draft.delete()
