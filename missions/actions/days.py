"""Verbs on days: logged as they really were, mended by the person who worked, sent in a week."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.journal import write_note
from crm.models import Coop, Note
from essaim.days import month_start
from essaim.models import User
from essaim.roles import Role
from essaim.workflow import perform, perform_many, record
from essaim.writing import put, refuse
from missions.actions.common import keep, lock_agreements, refuse_codes
from missions.actions.validation import validate_quietly
from missions.codes import Arbitration, Moment
from missions.guards import validates_nothing
from missions.models import DayBeneficiary, Mission, MissionDay, MonthLock
from missions.rules import (
    Beneficiary,
    budget_use,
    check_beneficiaries,
    check_day,
    default_quantity,
    fractions,
    is_late,
    is_over_budget,
)
from missions.usage import days_used

Weighted = tuple[Coop, Decimal]
FACTS = tuple(name for name in MissionDay.FACTS if name != "consultant")
EDITABLE = (*FACTS, "participants", "is_volunteer")
DECIDING = frozenset({"mission", "worked_on", "quantity", "work", "is_volunteer"})


def log_day(
    *,
    mission: Mission,
    worked_on: date,
    moment: str = Moment.FULL_DAY,
    quantity: Decimal | None = None,
    beneficiaries: Sequence[Coop | Weighted] = (),
    pair: User | None = None,
    report: Mapping[str, Any] | None = None,
    by: User,
    on: date,
    at: datetime,
    **facts: Any,
) -> MissionDay:
    """Keep a day as it was. Over budget or late it is kept too, and waits for a decision.

    `facts`: work, subject, internal_note, km, note, participants, is_volunteer. The moment gives
    the quantity when none is said; the coops are the mission's own unless named; `pair` proposes
    the same day to a colleague; `report` (title, kind, text) is written on the mission's coop in
    the same gesture. Raises Refused on a future date, more than 1.5 day on a date, a mission out
    of reach; on nothing else about a real day.
    """
    day = MissionDay(
        consultant=by, mission=mission, worked_on=worked_on, moment=moment, logged_at=at
    )
    put(day, facts, EDITABLE)
    day.quantity = default_quantity(moment, _table(mission)) if quantity is None else quantity
    with transaction.atomic():
        _judge(day, by=by, on=on)
        lock_agreements([mission.agreement_id])
        flag(day, on=on)
        if report is not None:
            day.note = _report(day, report, by=by, on=on, at=at)
        keep(day)
        _benefit(day, beneficiaries)
        record(day, "log", by=by, on=on, at=at, codes={"mission": mission.pk})
        if pair is not None:
            _propose(day, pair, by=by, on=on, at=at)
    return day


def _report(
    day: MissionDay, report: Mapping[str, Any], *, by: User, on: date, at: datetime
) -> Note:
    """« Rédiger le compte rendu » with the day; it happened when the day was worked."""
    if day.mission.coop is None:
        refuse("note_text", _("A report belongs to a coop: this mission has none."))
    when = at if day.worked_on == on else datetime.combine(day.worked_on, time(12), tzinfo=UTC)
    return write_note(day.mission.coop, happened_at=when, **report, by=by, on=on, at=at)


def _table(mission: Mission) -> Mapping[str, str] | None:
    return mission.agreement.quantities if mission.agreement else None


def _judge(day: MissionDay, *, by: User, on: date) -> None:
    """Refuse what no real day is; the person's row is locked, so that two taps count once."""
    if not Mission.objects.visible_to(by).filter(pk=day.mission_id).exists():
        refuse("mission", _("This mission is not one of yours."))
    User.objects.get_queryset().select_for_update().get(pk=day.consultant_id)
    others = MissionDay.objects.real().filter(consultant=day.consultant_id, worked_on=day.worked_on)
    quantities = others.exclude(pk=day.pk).values_list("quantity", flat=True)
    refuse_codes(check_day(day.worked_on, day.quantity, list(quantities), on=on))


def flag(day: MissionDay, *, on: date) -> None:
    """Say whether the day passes the budget or comes late; then it waits for a decision.

    Late: its month is locked, or its mission had ended.
    """
    locks = MonthLock.objects.filter(month=month_start(day.worked_on))
    locked = {lock.month: lock.locked_at.astimezone(UTC).date() for lock in locks}
    ended = day.mission.state != Mission.State.OPEN
    day.is_late = ended or is_late(day.worked_on, locked, on)
    day.is_over_budget = bool(_over(day))
    flagged = day.is_late or day.is_over_budget
    day.arbitration = Arbitration.PENDING if flagged else Arbitration.NONE
    day.other_payer = None


def _over(day: MissionDay) -> Decimal:
    agreement = day.mission.agreement
    if agreement is None or agreement.days_budgeted is None or day.is_volunteer:
        return Decimal(0)
    use = budget_use(
        day.quantity,
        day.work,
        billable_works=agreement.billable_works,
        is_second=day.pair_of_id is not None,
        second_counts=agreement.pair_counts,
    )
    used = days_used([agreement], without=[day.pk] if day.pk else ())[agreement.pk]
    return is_over_budget(agreement.days_budgeted, used, use)


def _benefit(day: MissionDay, given: Sequence[Coop | Weighted]) -> None:
    """The coops the day was for; the mission's own when none is named."""
    own = [day.mission.coop] if day.mission.coop is not None else []
    named = [one if isinstance(one, tuple) else (one, Decimal(1)) for one in given or own]
    day.beneficiaries.all().delete()
    if not named:
        return
    present = [Beneficiary(id=c.pk, payer=c.organisation_id, weight=w) for c, w in named]
    refuse_codes(check_beneficiaries(present))
    parts = fractions([weight for _coop, weight in named])
    DayBeneficiary.objects.bulk_create(
        DayBeneficiary(day=day, coop=coop, weight=weight, fraction=part)
        for (coop, weight), part in zip(named, parts, strict=True)
    )


# -- pairs -------------------------------------------------------------------------------------
def _propose(first: MissionDay, colleague: User, *, by: User, on: date, at: datetime) -> None:
    """The same day, waiting for the colleague's word."""
    accompanies = colleague.has_role(Role.CONSULTANT, Role.COORDINATOR, Role.ADMINISTRATOR)
    if colleague.pk == first.consultant_id or not accompanies:
        refuse("pair", _("Choose a colleague who accompanies coops."))
    second = MissionDay(
        consultant=colleague,
        mission=first.mission,
        worked_on=first.worked_on,
        moment=first.moment,
        quantity=first.quantity,
        work=first.work,
        subject=first.subject,
        participants=first.participants,
        pair_of=first,
        logged_at=at,
    )
    keep(second)
    _benefit(second, [(b.coop, b.weight) for b in first.beneficiaries.select_related("coop")])
    perform(second, "propose", by=by, on=on, at=at)


def confirm_day(day: MissionDay, *, by: User, on: date, at: datetime) -> MissionDay:
    """The colleague was there: the proposal becomes their own day. Raises Refused."""
    with transaction.atomic():
        perform(day, "confirm", by=by, on=on, at=at)
        User.objects.get_queryset().select_for_update().get(pk=day.consultant_id)
        others = MissionDay.objects.real().filter(consultant=by, worked_on=day.worked_on)
        quantities = others.exclude(pk=day.pk).values_list("quantity", flat=True)
        refuse_codes(check_day(day.worked_on, day.quantity, list(quantities), on=on))
        lock_agreements([day.mission.agreement_id])
        flag(day, on=on)
        day.save()
    return day


def decline_day(day: MissionDay, *, by: User, on: date, at: datetime) -> MissionDay:
    """The colleague was not there."""
    with transaction.atomic():
        perform(day, "decline", by=by, on=on, at=at)
    return day


# -- mending -----------------------------------------------------------------------------------
def _own(day: MissionDay, by: User) -> None:
    """Only the person who worked mends a day, and only before it is sent."""
    locked = MissionDay._base_manager.select_for_update(of=("self",), no_key=True)
    day.refresh_from_db(from_queryset=locked)
    if day.consultant_id != by.pk:
        refuse("consultant", _("Only the person who worked changes their day."))
    if day.state == MissionDay.State.BILLED:
        refuse("state", _("A billed day is locked: not one of its fields changes."))
    if day.state != MissionDay.State.LOGGED:
        refuse("state", _("This day was sent: take it back first."))


def edit_day(
    day: MissionDay,
    *,
    beneficiaries: Sequence[Coop | Weighted] | None = None,
    by: User,
    on: date,
    at: datetime,
    **changes: Any,
) -> MissionDay:
    """Mend a day of one's own that is not sent yet. Raises Refused as `log_day` does."""
    with transaction.atomic():
        _own(day, by)
        before = day.mission_id
        changed = put(day, changes, EDITABLE)
        if DECIDING.intersection(changed):
            _judge(day, by=by, on=on)
            lock_agreements([day.mission.agreement_id])
            flag(day, on=on)
        keep(day)
        if beneficiaries is not None or day.mission_id != before:
            _benefit(day, beneficiaries or ())
        record(day, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return day


def attach_note(day: MissionDay, note: Note, *, by: User, on: date, at: datetime) -> MissionDay:
    """Tie the report of the day, written in the same gesture. Raises Refused."""
    return edit_day(day, note=note, by=by, on=on, at=at)


def delete_day(day: MissionDay, *, by: User, on: date, at: datetime) -> None:
    """Remove a day of one's own not sent yet; the pair's other day stays. Raises Refused."""
    with transaction.atomic():
        _own(day, by)
        if day.pairs.filter(state=MissionDay.State.BILLED).exists():
            refuse("state", _("The pair's other day is billed: this one stays beside it."))
        record(
            day, "delete", by=by, on=on, at=at, codes={"worked_on": str(day.worked_on)}, gone=True
        )
        day.pairs.update(pair_of=None)
        day.delete()


# -- sending -----------------------------------------------------------------------------------
def submit_days(
    days: Iterable[MissionDay], *, by: User, on: date, at: datetime
) -> list[MissionDay]:
    """Send days for validation; when nobody validates they are valid at once, unless they wait
    for a decision. Raises Refused.
    """
    keys = [day.pk for day in days]
    with transaction.atomic():
        rows = perform_many(MissionDay.objects.filter(pk__in=keys), "submit", by=by, on=on, at=at)
        if validates_nothing():
            validate_quietly(keys, by=by, on=on, at=at)
    return rows


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of a date's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def submit_week(week: date, *, by: User, on: date, at: datetime) -> list[MissionDay]:
    """« Envoyer ma semaine »: every day of one's own logged in the week of a date.

    Raises Refused when there is nothing to send.
    """
    days = list(
        MissionDay.objects.filter(
            consultant=by, worked_on__range=week_of(week), state=MissionDay.State.LOGGED
        )
    )
    if not days:
        refuse("week", _("There is nothing to send this week."))
    return submit_days(days, by=by, on=on, at=at)


def withdraw_day(day: MissionDay, *, by: User, on: date, at: datetime) -> MissionDay:
    """Take back a day that was sent and not validated yet."""
    with transaction.atomic():
        perform(day, "withdraw", by=by, on=on, at=at)
    return day


# -- months ------------------------------------------------------------------------------------
def lock_month(month: date, *, by: User, on: date, at: datetime) -> MonthLock:
    """Close a month that has ended: days logged later are kept as late. Raises Refused."""
    first = month_start(month)
    if month_start(on) <= first:
        refuse("month", _("This month has not ended yet."))
    with transaction.atomic():
        if MonthLock.objects.filter(month=first).exists():
            refuse("month", _("This month is locked already."))
        lock = MonthLock.objects.create(month=first, locked_at=at, locked_by=by)
        record(lock, "lock", by=by, on=on, at=at, codes={"month": str(first)})
    return lock


def unlock_month(month: date, *, by: User, on: date, at: datetime) -> None:
    """Open a month again. Raises Refused when it is not locked."""
    with transaction.atomic():
        lock = MonthLock.objects.filter(month=month_start(month)).first()
        if lock is None:
            refuse("month", _("This month is not locked."))
        record(lock, "unlock", by=by, on=on, at=at, codes={"month": str(lock.month)})
        lock.delete()
