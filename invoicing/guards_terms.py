"""What signing, closing and breaking a repayment plan ask for."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from essaim.formats import date_fr, money
from essaim.money import cents
from essaim.workflow import Missing
from invoicing import rules_schedule as rules
from invoicing.rules_due import Instalment


def rows_of(plan: Any, left: Decimal | None = None) -> tuple[rules.Covered, ...]:
    """The rows of a plan, with what was paid since it was drawn up set against them in order."""
    left = left_of(plan) if left is None else left
    parts = [Instalment(r.position, r.due_on, r.amount) for r in plan.rows.all()]
    return rules.cover(parts, plan.total - left)


def left_of(plan: Any) -> Decimal:
    """What is left to pay of a plan's invoice now."""
    invoices = apps.get_model("invoicing.Invoice")._default_manager
    return cents(invoices.with_left().get(pk=plan.invoice_id).left)


def lefts_of(plans: Sequence[Any]) -> list[tuple[Any, Decimal]]:
    """Plans with what is left to pay of their invoices, in one query."""
    invoices = apps.get_model("invoicing.Invoice")._default_manager
    rows = invoices.filter(pk__in=[p.invoice_id for p in plans]).with_left()
    left = dict(rows.values_list("pk", "left"))
    return [(plan, cents(left[plan.invoice_id])) for plan in plans]


def plan_can_be_signed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Dates not past, and a total that is still what is owed."""
    found = []
    signed = getattr(data, "signed_on", None)
    if signed is not None and not obj.proposed_on <= signed <= on:
        words = _("A plan is signed between the day it was drawn up and today.")
        found.append(Missing("signed_on", words))
    left = left_of(obj)
    if left != obj.total:
        words = _("%(left)s is left to pay now, the plan spreads %(total)s: draw up another one.")
        told = words % {"left": money(left), "total": money(obj.total)}
        found.append(Missing("total", told))
    return found


def plan_is_honoured(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Every row is paid."""
    left = left_of(obj)
    if left <= 0:
        return []
    words = _("%(left)s of the plan is still to pay.") % {"left": money(left)}
    return [Missing("left", words)]


def plan_has_a_late_row(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A plan is broken by a date that was not kept, and by nothing else."""
    rows = rows_of(obj)
    if any(row.is_late(on) for row in rows):
        return []
    ahead = next((row.due_on for row in rows if not row.is_settled), None)
    words = _("No payment of the plan is late.")
    if ahead is not None:
        words += " " + _("The next one is due on %(day)s.") % {"day": date_fr(ahead)}
    return [Missing("rows", words)]
