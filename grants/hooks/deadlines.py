"""Deadlines of grants: in the agenda, in what needs somebody today, in the mail of each morning."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from essaim import hooks
from essaim.hooks import DueDate, WorkReason
from essaim.reasons import days_of
from grants import deadlines, questions, reminders
from grants.states import DeadlineKind

MISSED_DAYS = 30
# What a person does something about; a committee only comes, and a payment has its own reason.
_TO_DO = {
    DeadlineKind.PRE_DEPOSIT: ("grant_deadline", 20),
    DeadlineKind.DEPOSIT: ("grant_deadline", 20),
    DeadlineKind.COMPLETENESS: ("grant_deadline", 20),
    DeadlineKind.AGREEMENT: ("grant_deadline", 20),
    DeadlineKind.EXPENSES: ("grant_deadline", 22),
    DeadlineKind.LAPSE: ("grant_deadline", 22),
    DeadlineKind.CLAIM: ("grant_deadline", 22),
    DeadlineKind.REPORT: ("grant_report", 25),
}


@hooks.due_dates.register
def grants_due(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Calls for all staff; files and payments for those who see them."""
    return deadlines.of_person(user, first=first, last=last)


@hooks.work_reasons.register
def deadlines_near(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """What one's own files ask for soon, and what they missed lately."""
    if not user.has_perm("grants.change_application"):
        return []
    days = {code: days_of(code) for code in ("grant_deadline", "grant_report")}
    found = [
        due
        for due in reminders.near(user, on=on, past=MISSED_DAYS, ahead=max(days.values()))
        if (todo := _TO_DO.get(DeadlineKind(due.kind)))
        and due.day <= on + timedelta(days=days[todo[0]])
    ]
    return [_reason(due, on) for due in found[:limit]]


def _reason(due: DueDate, on: date) -> WorkReason:
    code, order = _TO_DO[DeadlineKind(due.kind)]
    words = {
        DeadlineKind.DEPOSIT: _("To deposit: %(title)s"),
        DeadlineKind.REPORT: _("Report to the funder: %(title)s"),
    }
    title = words.get(DeadlineKind(due.kind), "%(what)s : %(title)s")
    return WorkReason(
        code="grant_report" if code == "grant_report" else "grant_deadline",
        title=title % {"what": due.what, "title": due.title},
        url=due.url,
        due_on=due.day,
        tone="bad" if due.day < on else "warn",
        detail=due.coop[1] if due.coop else due.detail,
        order=order,
    )


@hooks.daily.register
def reminders_of_the_day(*, on: date, at: datetime) -> Mapping[str, int]:
    """One mail a person with the deadlines that come near."""
    return reminders.send(on=on, at=at)


@hooks.daily.register
def questions_of_the_day(*, on: date, at: datetime) -> Mapping[str, int]:
    """Treasurers are asked if the aid expected has arrived."""
    return questions.ask(on=on, at=at)
