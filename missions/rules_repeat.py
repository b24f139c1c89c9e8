"""Repeats of a calendar (RRULE of RFC 5545), followed period by period: none can last for ever.

Followed are days, weeks, months and years with BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, COUNT and
UNTIL; what nobody's calendar writes (weeks or days of the year, hours, minutes) is unreadable.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

LONGEST_RULE: Final = 400
ONE: Final = timedelta(days=1)
WEEK: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN: Final = frozenset(
    ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS")
)
# Every (rank, weekday): rank 0 is each of them.
Weekdays = Sequence[tuple[int, int]]


class Unreadable(ValueError):
    """A repeat that nobody can follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A repeat as it was read; `until` is in the clock of its event."""

    every: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    weekdays: Weekdays = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()


def repeat_of(text: str, zone: tzinfo | None) -> Repeat:
    """Read an RRULE; raises Unreadable. `zone` is the event's, None for whole days."""
    if len(text) > LONGEST_RULE:
        raise Unreadable("too long")
    pairs = (part.partition("=") for part in text.upper().split(";") if part)
    parts = {name: value for name, _equals, value in pairs}
    if not KNOWN.issuperset(parts) or parts.get("FREQ") not in PERIODS:
        raise Unreadable("unknown")
    try:
        made = Repeat(
            every=parts["FREQ"],
            interval=int(parts.get("INTERVAL", "1")),
            count=int(parts["COUNT"]) if "COUNT" in parts else None,
            until=_until(parts["UNTIL"], zone) if "UNTIL" in parts else None,
            week_start=WEEK.index(parts.get("WKST", "MO")),
            weekdays=tuple(map(_weekday, _listed(parts, "BYDAY"))),
            month_days=tuple(map(int, _listed(parts, "BYMONTHDAY"))),
            months=tuple(map(int, _listed(parts, "BYMONTH"))),
            positions=tuple(map(int, _listed(parts, "BYSETPOS"))),
        )
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not 0 < made.interval <= 1000 or (made.count is not None and made.count < 1):
        raise Unreadable("interval")
    return made


def _listed(parts: Mapping[str, str], name: str) -> list[str]:
    return parts[name].split(",") if parts.get(name) else []


def _weekday(text: str) -> tuple[int, int]:
    """ "MO" is every Monday, "2TU" the second Tuesday, "-1FR" the last Friday."""
    return int(text[:-2] or 0), WEEK.index(text[-2:])


def _until(text: str, zone: tzinfo | None) -> datetime:
    """The last instant of a repeat, in the clock of its event."""
    digits = text.rstrip("Z")
    if "T" not in digits:
        return datetime.combine(datetime.strptime(digits, "%Y%m%d").date(), time.max)  # noqa: DTZ007
    moment = datetime.strptime(digits, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if text.endswith("Z") and zone is not None:
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return moment


def followed(
    repeat: Repeat, first: datetime, last: date, steps: list[int], *, since: date | None = None
) -> Iterator[datetime]:
    """The dates of a repeat from `first` to `last`, in the clock of its event.

    `steps` holds how many periods may still be looked at, shared by many repeats; raises
    Unreadable once there is none. Nothing before `since` is needed: whole turns are jumped.
    """
    left = repeat.count
    start = _nearer(repeat, first, since) if left is None and since else first
    for days in PERIODS[repeat.every](repeat, start.date(), last):
        steps[0] -= 1
        if steps[0] < 0:
            raise Unreadable("too many dates")
        for day in _chosen(repeat, days):
            moment = datetime.combine(day, first.time())
            if moment < first:
                continue
            if day > last or (repeat.until is not None and moment > repeat.until) or left == 0:
                return
            left = left - 1 if left is not None else None
            yield moment


def _nearer(repeat: Repeat, first: datetime, since: date) -> datetime:
    turn = {"DAILY": 1, "WEEKLY": 7}.get(repeat.every, 0) * repeat.interval
    ahead = (since - first.date()).days
    return first + timedelta(days=ahead // turn * turn) if turn and ahead > turn else first


def _chosen(repeat: Repeat, days: Iterable[date]) -> list[date]:
    """The days of one period that the repeat keeps, in order."""
    kept = [day for day in days if not repeat.months or day.month in repeat.months]
    if not repeat.positions:
        return kept
    ranks = {p - 1 if p > 0 else len(kept) + p for p in repeat.positions}
    return [day for rank, day in enumerate(kept) if rank in ranks]


# -- periods -----------------------------------------------------------------------------------
def _daily(repeat: Repeat, first: date, last: date) -> Iterator[list[date]]:
    weekdays = {weekday for _rank, weekday in repeat.weekdays}
    day = first
    while day <= last:
        fits = not weekdays or day.weekday() in weekdays
        yield [day] if fits and _fits_month_day(repeat, day) else []
        day += timedelta(days=repeat.interval)


def _weekly(repeat: Repeat, first: date, last: date) -> Iterator[list[date]]:
    weekdays = {weekday for _rank, weekday in repeat.weekdays} or {first.weekday()}
    monday = first - timedelta(days=(first.weekday() - repeat.week_start) % 7)
    while monday <= last:
        week = (monday + n * ONE for n in range(7))
        yield [day for day in week if day.weekday() in weekdays]
        monday += timedelta(weeks=repeat.interval)


def _monthly(repeat: Repeat, first: date, last: date) -> Iterator[list[date]]:
    rank = first.year * 12 + first.month - 1
    while rank <= last.year * 12 + last.month - 1:
        yield _of_month(repeat, rank // 12, rank % 12 + 1, first.day)
        rank += repeat.interval


def _yearly(repeat: Repeat, first: date, last: date) -> Iterator[list[date]]:
    for year in range(first.year, last.year + 1, repeat.interval):
        if repeat.weekdays and not repeat.months and not repeat.month_days:
            yield _ranked(_span(date(year, 1, 1), date(year, 12, 31)), repeat.weekdays)
            continue
        every = range(1, 13) if repeat.month_days else (first.month,)
        months = sorted(set(repeat.months)) or every
        found = (_of_month(repeat, year, m, first.day) for m in months if 0 < m < 13)
        yield [day for days in found for day in days]


PERIODS: Final = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}


def _of_month(repeat: Repeat, year: int, month: int, day: int) -> list[date]:
    """The days of a month that a repeat names; else the day of the first date, if it has it."""
    most = monthrange(year, month)[1]
    days = _span(date(year, month, 1), date(year, month, most))
    if not repeat.month_days and not repeat.weekdays:
        return days[day - 1 : day]
    kept = _ranked(days, repeat.weekdays) if repeat.weekdays else days
    return [one for one in kept if _fits_month_day(repeat, one)]


def _fits_month_day(repeat: Repeat, day: date) -> bool:
    if not repeat.month_days:
        return True
    most = monthrange(day.year, day.month)[1]
    return day.day in repeat.month_days or day.day - most - 1 in repeat.month_days


def _span(first: date, last: date) -> list[date]:
    return [first + n * ONE for n in range((last - first).days + 1)]


def _ranked(days: list[date], weekdays: Weekdays) -> list[date]:
    """Among days in order, every one of a weekday or the one of that rank."""
    found: set[date] = set()
    for rank, weekday in weekdays:
        same = [day for day in days if day.weekday() == weekday]
        if not rank:
            found.update(same)
        elif -len(same) <= (place := rank - 1 if rank > 0 else rank) < len(same):
            found.add(same[place])
    return sorted(found)
