"""What the planner applies: phases of a draft agreement, or the schedule of a draft invoice."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused
from invoicing import rules_planner as planner
from invoicing import rules_schedule as schedules
from invoicing.actions.terms import plan_schedule
from invoicing.models import Invoice
from missions import actions as missions
from missions.actions.phases import PhaseLine
from missions.models import Agreement


def _of_code(plans: tuple[planner.Plan, ...], code: str) -> planner.Plan:
    found = next((plan for plan in plans if plan.code == code), None)
    if found is None:
        raise Refused([Missing("plan", _("This plan can't be computed from these figures."))])
    return found


@transaction.atomic
def apply_phases(
    *, agreement: Agreement, wish: planner.Wish, by: User, on: date, at: datetime
) -> Agreement:
    """Write the phases of the plan on a draft agreement that has none yet."""
    if not by.has_perm("missions.change_agreement"):
        raise PermissionDenied("apply_phases")
    if agreement.phases.exists():
        words = _("This agreement has its phases already: change them there.")
        raise Refused([Missing("plan", words, agreement.get_absolute_url())])
    plan = _of_code(planner.plans(wish), planner.PHASES)
    lines = [
        PhaseLine(title=_("Phase %(rank)s") % {"rank": rank}, amount=bill.net, planned_on=bill.on)
        for rank, bill in enumerate(plan.bills, start=1)
    ]
    missions.set_phases(agreement, lines, by=by, on=on, at=at)
    return agreement


@transaction.atomic
def apply_schedule(
    *, invoice: Invoice, wish: planner.Wish, by: User, on: date, at: datetime
) -> Invoice:
    """Write the plan's instalments on a draft invoice, the last at the latest lawful date."""
    if not by.has_perm("invoicing.draft_invoice"):
        raise PermissionDenied("apply_schedule")
    plan = _of_code(planner.plans(wish), planner.SCHEDULE)
    days = [(bill.due_on - on).days for bill in plan.bills]
    even = schedules.even_plan(on, on, len(days))
    rows: list[Any] = [
        schedules.PlannedPart(part.share, part.value, days=day)
        for part, day in zip(even, days, strict=True)
    ]
    basis = invoice.term_basis
    return plan_schedule(invoice=invoice, rows=rows, term_basis=basis, by=by, on=on, at=at)
