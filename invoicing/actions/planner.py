"""What the planner applies: phases, deposits or a subscription of an agreement, or a schedule."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.days import add_months
from essaim.models import User
from essaim.workflow import Missing, Refused
from invoicing import rules_planner as planner
from invoicing import rules_schedule as schedules
from invoicing.actions.deposits import draft_deposit
from invoicing.actions.recurring import save_recurring
from invoicing.actions.terms import plan_schedule
from invoicing.models import Invoice, Recurring
from invoicing.wording import euros
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


def is_in_force(agreement: Agreement) -> bool:
    """Whether money may be called under an agreement: signed, and not over."""
    return agreement.state in (Agreement.State.SIGNED, Agreement.State.RUNNING)


def _locked_in_force(agreement: Agreement) -> Agreement:
    """The agreement, under lock: two clicks wait here for each other."""
    agreement = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if not is_in_force(agreement):
        words = _("Sign the agreement first: nothing is called before it is in force.")
        raise Refused([Missing("agreement", words, agreement.get_absolute_url())])
    return agreement


@transaction.atomic
def apply_deposits(
    *, agreement: Agreement, wish: planner.Wish, by: User, on: date, at: datetime
) -> Invoice:
    """Draft every deposit of the plan, each planned on its day; give the first one.

    None is issued: the accountant issues each on its day, and the final invoice takes them off.
    """
    if not by.has_perm("invoicing.draft_invoice"):
        raise PermissionDenied("apply_deposits")
    agreement = _locked_in_force(agreement)
    kept = Invoice.objects.filter(agreement=agreement, kind=Invoice.Kind.DEPOSIT)
    if held := kept.order_by("pk").first():
        words = _("This agreement has its deposits already: change them there.")
        raise Refused([Missing("plan", words, held.get_absolute_url())])
    *before, _final = _of_code(planner.plans(wish), planner.DEPOSITS).bills
    if not before:
        raise Refused([Missing("plan", _("This plan can't be computed from these figures."))])
    made = [
        draft_deposit(
            client=agreement.client,
            agreement=agreement,
            title=_("%(subject)s, deposit %(rank)s of %(count)s")
            % {"subject": agreement.title, "rank": rank, "count": len(before)},
            amount=bill.net,
            whole=wish.net,
            planned_on=bill.on,
            by=by,
            on=on,
            at=at,
        )
        for rank, bill in enumerate(before, start=1)
    ]
    return made[0]


@transaction.atomic
def apply_subscription(
    *, agreement: Agreement, wish: planner.Wish, by: User, on: date, at: datetime
) -> Recurring:
    """Write the monthly subscription of the plan; its schedule drafts each month's invoice.

    Refused when the amount is not the same every month to the cent.
    """
    if not by.has_perm("invoicing.change_recurring"):
        raise PermissionDenied("apply_subscription")
    agreement = _locked_in_force(agreement)
    running = agreement.recurring.exclude(state=Recurring.State.ENDED)
    if held := running.order_by("pk").first():
        words = _("This agreement has its subscription already: change it there.")
        raise Refused([Missing("plan", words, held.get_absolute_url())])
    bills = _of_code(planner.plans(wish), planner.SUBSCRIPTION).bills
    price, months = bills[0].net, len(bills)
    if price * months != wish.net:
        words = _("%(net)s is not %(months)s equal months to the cent: ask for %(even)s.")
        facts = {"net": euros(wish.net), "months": months, "even": euros(price * months)}
        raise Refused([Missing("plan", words % facts)])
    return save_recurring(
        client=agreement.client,
        coop=agreement.coop,
        agreement=agreement,
        label=agreement.title,
        period=Recurring.Period.MONTHLY,
        moment=Recurring.Moment.START,
        starts_on=wish.start,
        ends_on=add_months(wish.start, months) - timedelta(days=1),
        pricing=Recurring.Pricing.FIXED,
        price=price,
        term_days=wish.term.days,
        analytic_code=agreement.analytic_code,
        by=by,
        on=on,
        at=at,
    )


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
