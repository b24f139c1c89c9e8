"""Repayment plans after issue: drawn up, signed, kept or broken; the invoice never changes."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.models import User
from essaim.money import add_up, cents
from essaim.workflow import Missing, Refused, perform, record
from invoicing.models import Invoice, RepaymentPlan, RepaymentRow

MOST_ROWS = 36
OPEN = (RepaymentPlan.State.PROPOSED, RepaymentPlan.State.SIGNED)


def _row_problems(rows: Sequence[tuple[date, Decimal]], left: Decimal, on: date) -> list[Missing]:
    """Why dated amounts make no plan of what is left."""
    if not 0 < len(rows) <= MOST_ROWS:
        return [
            Missing("rows", _("A plan has between 1 and %(most)s dates.") % {"most": MOST_ROWS})
        ]
    found = []
    if any(amount <= 0 or amount != cents(amount) for _day, amount in rows):
        found.append(Missing("rows", _("Each amount is positive, in euros and cents.")))
    if rows[0][0] < on:
        found.append(Missing("rows", _("The first date is past.")))
    if any(after[0] <= before[0] for before, after in pairwise(rows)):
        found.append(Missing("rows", _("Each date comes after the one before it.")))
    total = add_up(amount for _day, amount in rows)
    if total != left:
        words = _("The rows come to %(total)s, %(left)s is left to pay.")
        found.append(Missing("rows", words % {"total": money(total), "left": money(left)}))
    return found


@transaction.atomic
def propose_plan(
    *,
    invoice: Invoice,
    rows: Sequence[tuple[date, Decimal]],
    by: User,
    on: date,
    at: datetime,
) -> RepaymentPlan:
    """Draw up a repayment plan of all that is left to pay; its due dates and interest stay.

    Refused on what is not owed, when another plan is open, or when rows don't sum to it.
    """
    Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    owed: Any = Invoice.objects.unpaid().filter(pk=invoice.pk).first()
    if owed is None:
        raise Refused([Missing("rows", _("Nothing is left to pay on this invoice."))])
    if RepaymentPlan.objects.filter(invoice=owed, state__in=OPEN).exists():
        words = _("A plan is open already on this invoice: withdraw or close it first.")
        raise Refused([Missing("rows", words)])
    left = cents(owed.left)
    if found := _row_problems(rows, left, on):
        raise Refused(found)
    plan = RepaymentPlan.objects.create(invoice=owed, total=left, proposed_on=on, by=by, at=at)
    RepaymentRow.objects.bulk_create(
        RepaymentRow(plan=plan, position=position, due_on=day, amount=amount)
        for position, (day, amount) in enumerate(rows, start=1)
    )
    record(plan, "propose", by=by, on=on, at=at, codes={"invoice": owed.pk})
    record(owed, "propose_plan", by=by, on=on, at=at, codes={"plan": plan.pk})
    return plan


@transaction.atomic
def move_plan(
    plan: RepaymentPlan, edge: str, *, by: User, on: date, at: datetime, **data: Any
) -> RepaymentPlan:
    """Sign, close, break or withdraw a plan, through the door."""
    Invoice.objects.select_for_update(of=("self",)).get(pk=plan.invoice_id)
    perform(plan, edge, by=by, on=on, at=at, **data)
    record(plan.invoice, f"plan_{edge}", by=by, on=on, at=at, codes={"plan": plan.pk})
    return plan
