"""Dates that deadlines follow, and the days of reminders: every write on them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from grants.actions.common import refuse_any
from grants.models import (
    AidQuestionSetting,
    AnswerDates,
    ExerciseEnd,
    GrantApplication,
    ReminderPlan,
)
from grants.states import DeadlineKind

LONGEST, MOST = 365, 8


@transaction.atomic
def set_exercise_end(
    organisation: Organisation, *, month: int, day: int, by: User, on: date, at: datetime
) -> ExerciseEnd:
    """Say on what day of the year an applicant's exercise ends; reports follow it at once."""
    try:
        date(2024, month, day)  # a leap year: 29 February is a day
    except ValueError:
        raise Refused([Missing("day", _("This month has no such day."))]) from None
    row, _made = ExerciseEnd.objects.update_or_create(
        organisation=organisation, defaults={"month": month, "day": day}
    )
    codes = {"month": month, "day": day}
    record(organisation, "set_exercise_end", by=by, on=on, at=at, codes=codes)
    return row


@transaction.atomic
def set_answer_dates(
    application: GrantApplication,
    *,
    completeness_by: date | None,
    agreement_by: date | None,
    by: User,
    on: date,
    at: datetime,
) -> AnswerDates:
    """Say by when the funder wants its missing pieces, and the agreement signed."""
    submitted, decided = application.submitted_on, application.decided_on
    found = []
    if completeness_by and submitted and completeness_by < submitted:
        words = _("The funder asks for pieces after the deposit, not before.")
        found.append(Missing("completeness_by", words))
    if agreement_by and decided and agreement_by < decided:
        words = _("An agreement is signed after the decision, not before.")
        found.append(Missing("agreement_by", words))
    refuse_any(found)
    row, _made = AnswerDates.objects.update_or_create(
        application=application,
        defaults={"completeness_by": completeness_by, "agreement_by": agreement_by},
    )
    codes = {
        "completeness_by": completeness_by.isoformat() if completeness_by else "",
        "agreement_by": agreement_by.isoformat() if agreement_by else "",
    }
    record(application, "set_answer_dates", by=by, on=on, at=at, codes=codes)
    return row


@transaction.atomic
def set_reminder_days(
    kind: str, *, days: Iterable[int], by: User, on: date, at: datetime
) -> ReminderPlan:
    """Say how many days before deadlines of a kind the owner is reminded; none for never."""
    wanted = sorted(set(days), reverse=True)
    if kind not in DeadlineKind.values:
        raise Refused([Missing("kind", _("Unknown kind of deadline."))])
    if any(not 0 <= day <= LONGEST for day in wanted):
        words = _("A reminder leaves from 0 to 365 days before.")
        raise Refused([Missing(f"days_{kind}", words)])
    if len(wanted) > MOST:
        raise Refused([Missing(f"days_{kind}", _("Eight reminders of one deadline at most."))])
    row, _made = ReminderPlan.objects.select_for_update(of=("self",)).get_or_create(kind=kind)
    if row.days != wanted:
        row.days = wanted
        row.save(update_fields=["days"])
        record(row, "set_days", by=by, on=on, at=at, codes={"kind": kind, "days": wanted})
    return row


@transaction.atomic
def ask_treasurers(*, asks: bool, by: User, on: date, at: datetime) -> AidQuestionSetting:
    """Say whether treasurers are asked by mail if an aid has arrived."""
    row: AidQuestionSetting = AidQuestionSetting.current()
    if row.pk is None or row.asks_treasurers != asks:
        row.asks_treasurers = asks
        row.save()
        record(row, "set", by=by, on=on, at=at, codes={"asks": asks})
    return row


@transaction.atomic
def set_reminders(
    *, days: dict[str, list[int]], asks: bool, by: User, on: date, at: datetime
) -> AidQuestionSetting:
    """Write the whole page of reminders, all or nothing."""
    for kind, wanted in days.items():
        set_reminder_days(kind, days=wanted, by=by, on=on, at=at)
    return ask_treasurers(asks=asks, by=by, on=on, at=at)
