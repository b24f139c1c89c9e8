"""The reasons why something needs somebody today: one table, with thresholds the office edits."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from essaim.models import ReasonSetting, User
from essaim.roles import Role
from essaim.workflow import Missing, Refused, record

MOST_DAYS: Final = 3650


class Measure(StrEnum):
    """What the days of a reason count."""

    BEFORE = "before"  # told so many days before the date
    AFTER = "after"  # told once so many days have passed since the date
    BEYOND = "beyond"  # told so many days past the usual duration of the path
    LAST = "last"  # looks at so many of the last working days
    NONE = "none"  # has no threshold


class Subject(StrEnum):
    """The heading a reason stands under."""

    COOPS = "coops"
    WORK = "work"
    FUNDING = "funding"
    BILLING = "billing"


SUBJECTS: Final[Mapping[str, Any]] = {
    Subject.COOPS: _("Coops"),
    Subject.WORK: _("Days and expenses"),
    Subject.FUNDING: _("Funding"),
    Subject.BILLING: _("Billing"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One known reason: what it is called, its default threshold and whom it is told to."""

    code: str
    label: Any
    subject: Subject
    roles: tuple[Role, ...]
    icon: str
    days: int | None = None
    measure: Measure = Measure.NONE


@dataclass(frozen=True, slots=True)
class Setting:
    """What is in force for one reason."""

    days: int
    is_on: bool
    is_default: bool


_C, _O, _A, _D = Role.CONSULTANT, Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR
_TEAM, _OFFICE, _ALL = (_C, _O, _D), (_O, _D), (_C, _O, _A, _D)
_BEFORE, _AFTER = Measure.BEFORE, Measure.AFTER

# Every code a room may answer with; a room that tells something new adds its line here.
REASONS: Final[tuple[Reason, ...]] = (
    Reason("task", _("Task due or late"), Subject.COOPS, _ALL, "list-todo", 0, _BEFORE),
    Reason("next", _("Next action due"), Subject.COOPS, _TEAM, "arrow-right", 0, _BEFORE),
    Reason("review", _("Pause to review"), Subject.COOPS, _TEAM, "pause", 0, _BEFORE),
    Reason("blocked", _("Coop blocked"), Subject.COOPS, _TEAM, "octagon-alert", 0, _AFTER),
    Reason(
        "stuck", _("Coop stuck in its stage"), Subject.COOPS, _TEAM, "hourglass", 0, Measure.BEYOND
    ),
    Reason("repeat_day", _("Day to repeat"), Subject.WORK, _TEAM, "repeat"),
    Reason("day_proposed", _("Day proposed by a colleague"), Subject.WORK, _TEAM, "users"),
    Reason("week_not_sent", _("Week not sent"), Subject.WORK, _TEAM, "send"),
    Reason(
        "days_without_note",
        _("Days on which nothing is noted"),
        Subject.WORK,
        _TEAM,
        "calendar-x-2",
        10,
        Measure.LAST,
    ),
    Reason("days_to_arbitrate", _("Days to decide"), Subject.WORK, (_O,), "scale"),
    Reason(
        "days_to_validate", _("Days to validate"), Subject.WORK, (_O,), "list-checks", 0, _AFTER
    ),
    Reason("expenses_to_validate", _("Expenses to validate"), Subject.WORK, (_O,), "receipt"),
    Reason("envelope_quota", _("Envelope nearly used"), Subject.FUNDING, _OFFICE, "gauge"),
    Reason(
        "grant_deadline",
        _("Deadline of a call near"),
        Subject.FUNDING,
        _OFFICE,
        "calendar-clock",
        21,
        _BEFORE,
    ),
    Reason(
        "pieces_missing",
        _("Pieces missing in an application"),
        Subject.FUNDING,
        _OFFICE,
        "file-question-mark",
        30,
        _BEFORE,
    ),
    Reason(
        "amendment_needed",
        _("Amendment to ask of a funder"),
        Subject.FUNDING,
        _OFFICE,
        "file-pen-line",
    ),
    Reason(
        "grant_report",
        _("Report due to a funder"),
        Subject.FUNDING,
        _OFFICE,
        "file-chart-column",
        30,
        _BEFORE,
    ),
    Reason(
        "report_due",
        _("Report on an envelope to make"),
        Subject.FUNDING,
        _OFFICE,
        "file-chart-column",
        30,
        _BEFORE,
    ),
    Reason("report_draft", _("Report to send"), Subject.FUNDING, _OFFICE, "file-pen"),
    Reason("report_back", _("Report sent back"), Subject.FUNDING, _OFFICE, "undo-2"),
    Reason(
        "disbursement_late",
        _("Payment of a funder late"),
        Subject.FUNDING,
        (_O, _A),
        "landmark",
        0,
        _AFTER,
    ),
    Reason(
        "quote_expires",
        _("Quote without an answer"),
        Subject.BILLING,
        (_O, _A, _D),
        "file-clock",
        7,
        _BEFORE,
    ),
    Reason("unbilled_work", _("Work unbilled"), Subject.BILLING, (_A,), "coins", 10, _AFTER),
    Reason(
        "unbilled_piece",
        _("Phase or instalment unbilled"),
        Subject.BILLING,
        (_A,),
        "coins",
        10,
        _AFTER,
    ),
    Reason("fee_due", _("Fee tied to a grant due"), Subject.BILLING, (_A,), "percent"),
    Reason("late_invoice", _("Invoice late"), Subject.BILLING, (_A,), "circle-alert", 0, _AFTER),
    Reason("plan_late", _("Repayment plan late"), Subject.BILLING, (_A,), "circle-alert"),
    Reason("plan_kept", _("Repayment plan kept"), Subject.BILLING, (_A,), "circle-check"),
    Reason("reminders_due", _("Reminders to send"), Subject.BILLING, (_A,), "bell-ring"),
    Reason("reminder_coming", _("Reminder to come"), Subject.BILLING, (_C, _O), "bell"),
    Reason("drafts", _("Drafts to issue"), Subject.BILLING, (_A,), "file-pen"),
    Reason("recurring", _("Recurring drafts to issue"), Subject.BILLING, (_A,), "refresh-cw"),
    Reason("pending_pdf", _("PDF to make"), Subject.BILLING, (_A,), "printer"),
    Reason("bank_lines", _("Credits of the bank to look at"), Subject.BILLING, (_A,), "banknote"),
    Reason(
        "slip_waiting",
        _("Slip of cheques not credited"),
        Subject.BILLING,
        (_A,),
        "clock",
        7,
        _AFTER,
    ),
    Reason("aged_figure", _("Figure of the law to look up"), Subject.BILLING, (_A,), "scale"),
)
BY_CODE: Final[Mapping[str, Reason]] = {reason.code: reason for reason in REASONS}

_kept: ContextVar[Mapping[str, Setting] | None] = ContextVar("reason_settings", default=None)


def _read() -> dict[str, Setting]:
    rows = {row.code: row for row in ReasonSetting.objects.all()}
    found = {}
    for reason in REASONS:
        row = rows.get(reason.code)
        days = reason.days or 0
        if row is None:
            found[reason.code] = Setting(days, is_on=True, is_default=True)
        else:
            days = days if row.days is None else row.days
            found[reason.code] = Setting(days, is_on=row.is_on, is_default=False)
    return found


def settings_of() -> Mapping[str, Setting]:
    """What is in force for every reason: one query, none inside `read_once`."""
    kept = _kept.get()
    return _read() if kept is None else kept


def days_of(code: str) -> int:
    """The threshold in force, in days; one query, none inside `read_once`. Unknown: KeyError."""
    return settings_of()[code].days


def is_on(code: str) -> bool:
    """Whether the office wants this reason told; a code nobody registered is told."""
    found = settings_of().get(code)
    return found is None or found.is_on


@contextmanager
def read_once() -> Iterator[None]:
    """Within, the table is read once, whoever asks."""
    token = _kept.set(settings_of())
    try:
        yield
    finally:
        _kept.reset(token)


def measured(reason: Reason) -> str:
    """What the days of a reason count, beside the field that holds them."""
    return {
        Measure.BEFORE: gettext("days before the date"),
        Measure.AFTER: gettext("days after the date"),
        Measure.BEYOND: gettext("days past the usual duration of the stage"),
        Measure.LAST: gettext("last working days"),
        Measure.NONE: "",
    }[reason.measure]


def default_words(reason: Reason) -> str:
    """« 21 jours proposés », « le jour même proposé »."""
    if reason.days is None:
        return ""
    if not reason.days:
        return gettext("the day itself")
    words = ngettext("%(n)s day", "%(n)s days", reason.days)
    return words % {"n": reason.days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the office asks for one reason; no days means the table's default."""

    code: str
    days: int | None
    is_on: bool


def _judge(wish: Wish) -> list[Missing]:
    reason = BY_CODE.get(wish.code)
    if reason is None:
        return [Missing("code", gettext("This reason is not known: open the page again."))]
    if wish.days is not None and reason.days is None:
        return [Missing(f"days_{wish.code}", gettext("This reason has no number of days."))]
    if wish.days is not None and not 0 <= wish.days <= MOST_DAYS:
        return [Missing(f"days_{wish.code}", gettext("Between 0 and 3650 days."))]
    return []


def set_reasons(wishes: Iterable[Wish], *, by: User, on: date, at: datetime) -> list[ReasonSetting]:
    """Write what the office wants told; what equals the default keeps no row. Raises Refused.

    Answers the rows that changed; each change is told in the trail.
    """
    wanted = list(wishes)
    if wrong := [lack for wish in wanted for lack in _judge(wish)]:
        raise Refused(wrong)
    changed = []
    with transaction.atomic():
        rows = {row.code: row for row in ReasonSetting.objects.select_for_update()}
        for wish in wanted:
            row = rows.get(wish.code) or ReasonSetting(code=wish.code)
            days = None if wish.days == BY_CODE[wish.code].days else wish.days
            if (row.days, row.is_on) == (days, wish.is_on):
                continue
            row.days, row.is_on = days, wish.is_on
            row.save()
            codes = {"code": wish.code, "days": days, "is_on": wish.is_on}
            record(row, "set", by=by, on=on, at=at, codes=codes)
            changed.append(row)
    return changed


def reset_reason(code: str, *, by: User, on: date, at: datetime) -> list[ReasonSetting]:
    """Back to the table's default: told, with the days proposed. Raises Refused."""
    wish = Wish(code=code, days=None, is_on=True)
    return set_reasons([wish], by=by, on=on, at=at)
