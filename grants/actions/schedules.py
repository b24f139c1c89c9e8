"""How a programme pays, the schedule proposed from it, and a grant whose amount was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.models import User
from essaim.money import ZERO, add_up
from essaim.workflow import Missing, Refused, record
from grants import payments
from grants.actions.common import refuse_any
from grants.models import Disbursement, GrantApplication, PaymentStep, PaymentTerms, Programme
from grants.rules_payments import Proposed, Step, propose
from grants.states import ApplicationState

HUNDRED = Decimal(100)
_CHANGEABLE = (ApplicationState.AGREED, ApplicationState.RUNNING, ApplicationState.REPORTED)


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment of a schedule that somebody confirmed."""

    kind: str
    expected_amount: Decimal
    expected_on: date | None = None
    claim_by: date | None = None
    pieces: str = ""


@transaction.atomic
def set_terms(
    programme: Programme,
    *,
    steps: Sequence[Step],
    by: User,
    on: date,
    at: datetime,
    is_state_investment: bool = False,
    advance_cap: Decimal = Decimal(30),
    before_balance_cap: Decimal = Decimal(80),
) -> PaymentTerms:
    """Write how a programme pays; the percents of its steps add up to 100, or there is none."""
    refuse_any(_wrong_steps(steps))
    terms, _made = PaymentTerms.objects.select_for_update(of=("self",)).get_or_create(
        programme=programme
    )
    terms.is_state_investment = is_state_investment
    terms.advance_cap, terms.before_balance_cap = advance_cap, before_balance_cap
    terms.save()
    terms.steps.all().delete()
    PaymentStep.objects.bulk_create(
        PaymentStep(
            terms=terms,
            position=position,
            kind=step.kind,
            percent=step.percent,
            months=step.months,
            pieces=step.pieces,
        )
        for position, step in enumerate(steps, 1)
    )
    codes = {"steps": [[s.kind, str(s.percent)] for s in steps], "state": is_state_investment}
    record(programme, "set_terms", by=by, on=on, at=at, codes=codes)
    return terms


def _wrong_steps(steps: Sequence[Step]) -> list[Missing]:
    if not steps:
        return []
    found = []
    if any(step.percent <= 0 for step in steps):
        found.append(Missing("percent", _("Each percentage must be above zero.")))
    total = add_up(step.percent for step in steps)
    if total != HUNDRED:
        words = _("The percentages add up to %(total)s, not to 100.")
        found.append(Missing("percent", words % {"total": f"{total.normalize():f}"}))
    return found


def steps_of(programme: Programme) -> list[Step]:
    """How a programme pays, as it was written; empty when nobody did."""
    rows = PaymentStep.objects.filter(terms__programme=programme).order_by("position")
    return [Step(row.kind, row.percent, row.months, row.pieces) for row in rows]


def left_to_plan(application: GrantApplication) -> Decimal:
    """Euros of the grant that no payment holds yet."""
    rows = application.disbursements.exclude(kind=Disbursement.Kind.CLAWBACK)
    return max((application.granted_amount or ZERO) - add_up(row.counted for row in rows), ZERO)


def proposed_schedule(application: GrantApplication) -> list[Proposed]:
    """The payments proposed for what is left to plan, by the programme's pattern.

    Without a pattern, or when payments are planned already, what is left is one balance.
    """
    left = left_to_plan(application)
    start = application.agreed_on or application.decided_on
    if left <= 0 or start is None:
        return []
    steps = steps_of(application.programme)
    if not steps or left != application.granted_amount:
        steps = [Step(Disbursement.Kind.BALANCE, HUNDRED)]
    return propose(left, steps, start)


@transaction.atomic
def plan_schedule(
    application: GrantApplication,
    *,
    rows: Sequence[Planned],
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> GrantApplication:
    """Plan several payments at once; with those there, they add up to the grant, to the cent."""
    application = payments.lock(application)
    if application.granted_amount is None or not application.is_granted:
        raise Refused([Missing("application", _("The grant was not awarded yet."))])
    left = left_to_plan(application)
    total = add_up(row.expected_amount for row in rows)
    if not rows or total != left:
        words = _("The payments add up to %(total)s; %(left)s of the grant are to be planned.")
        amounts = {"total": money(total), "left": money(left)}
        raise Refused([Missing("total", words % amounts)])
    planned = [
        Disbursement(
            application=application,
            kind=row.kind,
            expected_amount=row.expected_amount,
            expected_on=row.expected_on,
            claim_by=row.claim_by,
            pieces=row.pieces,
        )
        for row in rows
    ]
    words = _judged(application, planned, reasons or {})
    for row in planned:
        payments.put_row(row, by=by, on=on, at=at, words=words)
    return application


def _judged(
    application: GrantApplication, planned: Sequence[Disbursement], reasons: Mapping[str, str]
) -> str:
    """Amounts one by one, the caps of the State on the whole; the sentences that were said."""
    if any(row.expected_amount <= 0 for row in planned):
        raise Refused([Missing("total", _("The amount must be positive."))])
    there = application.disbursements.exclude(kind=Disbursement.Kind.CLAWBACK)
    warned = payments.state_caps(application, [*there, *planned])
    refuse_any([m for m in warned if not reasons.get(m.code, "").strip()])
    return " ".join(reasons[m.code].strip() for m in warned)


@transaction.atomic
def change_amount(
    application: GrantApplication,
    *,
    dated: date,
    amount: Decimal,
    why: str,
    by: User,
    on: date,
    at: datetime,
) -> GrantApplication:
    """An amendment of the funder changes the agreed amount, up or down, in euros.

    What is already received or planned must fit in it: awaited payments are lowered first.
    """
    application = payments.lock(application)
    if application.state not in _CHANGEABLE:
        words = _("The amount changes by an amendment once the agreement is signed, not before.")
        raise Refused([Missing("state", words)])
    found = []
    if dated > on:
        found.append(Missing("dated", _("The date can't be in the future.")))
    elif application.agreed_on and dated < application.agreed_on:
        found.append(Missing("dated", _("An amendment comes after the agreement.")))
    if not why.strip():
        found.append(Missing("why", _("Say why in a sentence.")))
    rows = application.disbursements.exclude(kind=Disbursement.Kind.CLAWBACK)
    held = add_up(row.counted for row in rows)
    if amount <= 0:
        found.append(Missing("amount", _("The amount must be positive.")))
    elif amount < held:
        words = _("Payments of %(held)s are received or planned: lower those awaited first.")
        page = f"{application.get_absolute_url()}#versements"
        found.append(Missing("amount", words % {"held": money(held)}, page))
    refuse_any(found)
    before, application.agreed = application.agreed, amount
    application.save()
    codes = {"before": str(before), "amount": str(amount), "dated": dated.isoformat()}
    record(application, "change_amount", by=by, on=on, at=at, codes=codes, text=why.strip())
    return application
