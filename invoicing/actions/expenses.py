"""Expenses on invoices: taken by drafts, locked by the issue, freed by a credit note."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.formats import date_fr, plain_number
from essaim.models import User
from essaim.money import ZERO, add_up, cents
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.drafting import locked_draft, new_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.models import BilledExpense, Invoice, InvoiceLine
from invoicing.queries import billable_expenses
from missions.actions import mark_expenses_billed, mark_expenses_free
from missions.codes import Treatment
from missions.models import Agreement, Expense

KM, PIECE = InvoiceLine.Unit.KM.value, InvoiceLine.Unit.PIECE.value


def _chosen(payer: Organisation, agreement: Agreement, until: date | None) -> list[Expense]:
    """What is to be billed of an agreement's expenses, locked, in the order it is printed."""
    Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    rows = billable_expenses(payer=payer, agreement=agreement)
    if until is not None:
        rows = rows.filter(spent_on__lte=until)
    locked = Expense._base_manager.select_for_update(of=("self",), no_key=True)
    kept = locked.filter(pk__in=rows.values("pk")).select_related(
        "mission__agreement", "consultant", "receipt"
    )
    return sorted(kept, key=lambda e: (e.treatment != Treatment.REBILLED, e.spent_on, e.pk))


def _trip(expense: Expense) -> str:
    """A journey, as the detail of a line lists it."""
    km = plain_number(expense.km)
    return f"{date_fr(expense.spent_on)}, {expense.consultant.name}, {expense.label} : {km}\u00a0km"


def _km_line(expenses: Sequence[Expense]) -> rules.Line:
    """Kilometres of a mission in a month: their sum at the contract's price."""
    first = expenses[0]
    agreement = first.mission.agreement
    rate = (agreement.km_rate if agreement is not None else None) or ZERO
    km = sum((e.km or ZERO for e in expenses), ZERO)
    net = add_up(e.billable or ZERO for e in expenses)
    month = date_format(first.spent_on, "F Y")
    label = _("%(mission)s: travel by car, %(month)s") % {
        "mission": first.mission.title,
        "month": month,
    }
    detail = "\n".join(map(_trip, expenses))
    if rate == cents(rate) and net == cents(km * rate):
        return rules.Line("expense", label, km, KM, cents(rate), net, ZERO, detail=detail)
    # A price with more than two decimals is told in words: the quantity is never derived.
    words = _("%(km)s km at %(rate)s € per km") % {
        "km": plain_number(km),
        "rate": plain_number(rate),
    }
    return rules.Line(
        "expense", label, Decimal(1), PIECE, net, net, ZERO, detail=f"{words}\n{detail}"
    )


def _expense_line(expense: Expense) -> rules.Line:
    """One expense at its net cost; a débours at its exact amount, its receipt named."""
    words = {
        "kind": expense.get_kind_display(),
        "date": date_fr(expense.spent_on),
        "label": expense.label,
    }
    label = _("%(kind)s of %(date)s: %(label)s") % words
    advanced = expense.treatment == Treatment.ADVANCED
    detail = expense.consultant.name
    if advanced and expense.receipt is not None:
        told = {"receipt": expense.receipt.original_name, "person": detail}
        detail = _("Paid in your name by %(person)s; receipt “%(receipt)s” joined") % told
    net = cents(expense.billable or ZERO)
    return rules.Line(
        "advanced_cost" if advanced else "expense",
        label[:300],
        Decimal(1),
        PIECE,
        net,
        net,
        ZERO,
        category="E" if advanced else "",
        detail=detail,
    )


def _group(expense: Expense) -> tuple[Any, ...]:
    if expense.kind == Expense.Kind.KM:
        return ("km", expense.mission_id, expense.spent_on.replace(day=1))
    return ("one", expense.pk)


def _printed_order(expense: Expense) -> tuple[Any, ...]:
    """Rebilled first, kilometres after the others, débours last."""
    advanced = expense.treatment == Treatment.ADVANCED
    by_car = expense.kind == Expense.Kind.KM
    return advanced, by_car, expense.mission_id if by_car else 0, expense.spent_on, expense.pk


def put_expenses(invoice: Invoice, expenses: Sequence[Expense]) -> None:
    """Put expenses on a draft: kilometres by mission and month, the others one by one."""
    last = invoice.lines.aggregate(last=Max("position"))["last"] or 0
    ordered = sorted(expenses, key=_printed_order)
    code = invoice.agreement.analytic_code if invoice.agreement is not None else ""
    for position, (key, group) in enumerate(groupby(ordered, key=_group), start=last + 1):
        rows = list(group)
        line = _km_line(rows) if key[0] == "km" else _expense_line(rows[0])
        stored = put_line(invoice, line, position=position, analytic_code=code)
        BilledExpense.objects.bulk_create(
            BilledExpense(line=stored, expense=e, generation=e.generation) for e in rows
        )


def _nothing() -> Refused:
    return Refused([Missing("expenses", _("No expense is left to bill to this payer."))])


@transaction.atomic
def draft_from_expenses(
    *,
    payer: Organisation,
    agreement: Agreement,
    by: User,
    on: date,
    at: datetime,
    until: date | None = None,
) -> Invoice:
    """Draft the validated expenses of an agreement to one payer, apart from its days."""
    rows = _chosen(payer, agreement, until)
    if not rows:
        raise _nothing()
    invoice = new_draft(
        client=payer,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        period_from=min(e.spent_on for e in rows),
        period_to=max(e.spent_on for e in rows),
    )
    put_expenses(invoice, rows)
    return apply_vat(invoice, profile_on(on), on)


@transaction.atomic
def take_expenses(
    *, invoice: Invoice, by: User, on: date, at: datetime, until: date | None = None
) -> Invoice:
    """Add to a draft of days the expenses that wait for the same payer and agreement.

    Raises Refused when none waits, or when the draft takes no line of its own.
    """
    invoice = locked_draft(invoice)
    if invoice.agreement is None or invoice.kind != Invoice.Kind.INVOICE:
        words = _("Only the invoice of an agreement takes its expenses.")
        raise Refused([Missing("expenses", words)])
    rows = _chosen(invoice.client, invoice.agreement, until)
    if not rows:
        raise _nothing()
    put_expenses(invoice, rows)
    dates = [e.spent_on for e in rows]
    invoice.period_from = min([d for d in (invoice.period_from,) if d] + dates)
    invoice.period_to = max([d for d in (invoice.period_to,) if d] + dates)
    record(invoice, "take_expenses", by=by, on=on, at=at, codes={"count": len(rows)})
    return apply_vat(invoice, profile_on(on), on)


def bill_expenses(invoices: Sequence[Invoice], *, by: User, on: date, at: datetime) -> None:
    """Invoices are being issued: the expenses they hold are billed, and locked."""
    found = BilledExpense.objects.filter(line__invoice__in=invoices)
    mark_expenses_billed(found.values_list("expense_id", flat=True), by=by, on=on, at=at)


def free_expenses(credit: Invoice, *, by: User, on: date, at: datetime) -> None:
    """A credit note is being issued: expenses of lines said billable again wait anew."""
    lines = credit.lines.filter(billable_again=True).values("origin_id")
    found = BilledExpense.objects.filter(line__in=lines)
    mark_expenses_free(found.values_list("expense_id", flat=True), by=by, on=on, at=at)
