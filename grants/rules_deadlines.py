"""Pure dates of grants: the end of an exercise, the report it asks for, which reminder is due."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

from essaim.days import add_months, month_end

REPORT_MONTHS: Final = 6  # decree 2006-887 and the order of 11 October 2006
# A run missed over a deadline still tells it this many days later.
GRACE_DAYS: Final = 7


def exercise_end(anchor: date, month: int, day: int) -> date:
    """Give the end of the exercise that holds `anchor`, an exercise ending each `day`/`month`.

    A day that the month lacks (29 February) is its last.
    """
    found = _end_of_year(anchor.year, month, day)
    return found if found >= anchor else _end_of_year(anchor.year + 1, month, day)


def _end_of_year(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def financial_report_due(anchor: date, month: int, day: int) -> date:
    """Give the day by which the financial report is due: six months after the exercise's end.

    `anchor` is a fact of the grant, so that the day never slides with the clock. An exercise that
    ends with a month gives the end of a month.
    """
    end = exercise_end(anchor, month, day)
    due = add_months(end, REPORT_MONTHS)
    return month_end(due) if end == month_end(end) else due


def due_step(day: date, steps: Collection[int], told: Collection[int], on: date) -> int | None:
    """Give the reminder to send on a date for a deadline, in days before it; None for none.

    Of the steps that have come, only the last counts: a run that was missed is caught up once.
    `told` are the steps told already; a deadline long past is told no more.
    """
    come = [step for step in steps if on >= day - timedelta(days=step)]
    if not come or on > day + timedelta(days=GRACE_DAYS):
        return None
    last = min(come)
    return None if last in told else last


def median_of(counts: Mapping[int, int]) -> int | None:
    """Give the median of values counted by value; the lower half-way value is rounded up.

    None when there is none.
    """
    total = sum(counts.values())
    if not total:
        return None
    low, high = _at(counts, (total - 1) // 2), _at(counts, total // 2)
    return -((low + high) // -2)


def _at(counts: Mapping[int, int], rank: int) -> int:
    for value in sorted(counts):
        rank -= counts[value]
        if rank < 0:
            return value
    raise ValueError("the rank is past the values")
