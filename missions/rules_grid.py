"""What a person's week and month show: holes, the words of a cell, halves of a day; no clock."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from essaim.days import (
    MOSELLE,
    ONE_DAY,
    month_end,
    month_start,
    working_days_back,
)
from missions.rules import QUANTITIES, Moment

HOLES_BACK: Final = 10
NOTHING: Final = Decimal(0)
HALF: Final = Decimal("0.5")
WEEK: Final = timedelta(days=7)
# How a quarter, a half, three quarters may be typed in a cell.
WORDS: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        "¼": Decimal("0.25"),
        "½": HALF,
        "¾": Decimal("0.75"),
        "1/4": Decimal("0.25"),
        "1/2": HALF,
        "3/4": Decimal("0.75"),
    }
)


# -- holes ---------------------------------------------------------------------------------------
def last_working_days(on: date, count: int = HOLES_BACK, subdivision: str = MOSELLE) -> list[date]:
    """The `count` working days before `on`, the oldest first; `on` itself is not over yet."""
    return [working_days_back(on, back, subdivision) for back in range(count, 0, -1)]


def holes(
    noted: Collection[date], on: date, count: int = HOLES_BACK, subdivision: str = MOSELLE
) -> list[date]:
    """The last working days before `on` on which nothing is noted, the oldest first."""
    return [day for day in last_working_days(on, count, subdivision) if day not in noted]


# -- the week ------------------------------------------------------------------------------------
def week_days(monday: date) -> tuple[date, ...]:
    """The seven days of a week."""
    return tuple(monday + n * ONE_DAY for n in range(7))


def parse_cell(text: str) -> Decimal | None:
    """Read a cell: 1, 0,5, .5, ½, 1/2 ...; None for nothing or zero.

    Raises ValueError on anything else than 1, ¾, ½ or ¼.
    """
    typed = "".join(text.split()).replace("\u202f", "").removesuffix("j").removesuffix("d")
    if not typed:
        return None
    if typed in WORDS:
        return WORDS[typed]
    plain = typed.replace(",", ".")
    if len(plain) > 6 or not plain.isascii() or not plain.replace(".", "", 1).isdigit():
        raise ValueError(f"no quantity of a day: {text!r}")
    value = Decimal(plain)
    if not value:
        return None
    if value not in QUANTITIES:
        raise ValueError(f"no quantity of a day: {text!r}")
    return next(q for q in QUANTITIES if q == value)


def moment_for(
    quantity: Decimal, taken: Collection[str] = (), current: str | None = None
) -> Moment:
    """When in the day a quantity typed in a cell goes.

    The moment it already has when that holds it; else the day for more than a half, and the
    first half-day still free for the rest.
    """
    if quantity > HALF:
        return Moment.FULL_DAY
    if current is not None and current != Moment.FULL_DAY:
        return Moment(current)
    free = [m for m in (Moment.MORNING, Moment.AFTERNOON) if m not in taken]
    return free[0] if free else Moment.EVENING


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One mission on one day: how much is noted there, and whether the grid may change it."""

    mission: int
    day: date
    quantity: Decimal = NOTHING
    is_open: bool = True


def copied(
    before: Iterable[Cell],
    now: Iterable[Cell],
    *,
    on: date,
    missions: Collection[int],
    off: Collection[date] = (),
) -> dict[tuple[int, date], Decimal]:
    """What last week proposes for this one: its quantities, a week later.

    Left out: days to come, days off, missions no longer open, cells that hold something, and
    what would pass one day on a date.
    """
    held = [cell for cell in now if cell.quantity]
    taken = {(cell.mission, cell.day) for cell in held}
    sums: dict[date, Decimal] = {}
    for cell in held:
        sums[cell.day] = sums.get(cell.day, NOTHING) + cell.quantity
    found: dict[tuple[int, date], Decimal] = {}
    for cell in before:
        day = cell.day + WEEK
        key = (cell.mission, day)
        if cell.quantity not in QUANTITIES or cell.mission not in missions or key in taken:
            continue
        total = sums.get(day, NOTHING) + cell.quantity
        if day > on or day in off or total > 1:
            continue
        found[key], sums[day] = cell.quantity, total
    return found


# -- the month -----------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Worked:
    """One piece of work, as the month needs it."""

    day: date
    moment: str
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class MonthDay:
    """One square of the calendar; the halves go from 0 (empty) to 1 (full)."""

    day: date
    in_month: bool
    morning: Decimal = NOTHING
    afternoon: Decimal = NOTHING
    total: Decimal = NOTHING
    holiday: str = ""
    is_off: bool = False
    is_hole: bool = False
    is_to_come: bool = False


def halves(rows: Iterable[Worked]) -> tuple[Decimal, Decimal, Decimal]:
    """Morning and afternoon, each from 0 to ½, and all that was worked.

    A whole day fills the morning first; what passes a half flows to the other one.
    """
    pieces = list(rows)

    def sum_of(*moments: str) -> Decimal:
        return sum((p.quantity for p in pieces if p.moment in moments), NOTHING)

    morning, afternoon = sum_of(Moment.MORNING), sum_of(Moment.AFTERNOON, Moment.EVENING)
    loose = sum_of(Moment.FULL_DAY)
    early = min(loose, max(HALF - morning, NOTHING))
    morning, afternoon = morning + early, afternoon + loose - early
    over_morning, over_afternoon = max(morning - HALF, NOTHING), max(afternoon - HALF, NOTHING)
    total = morning + afternoon
    return (
        min(min(morning, HALF) + over_afternoon, HALF),
        min(min(afternoon, HALF) + over_morning, HALF),
        total,
    )


def month_grid(
    month: date, rows: Sequence[Worked], names: Mapping[date, str], *, on: date
) -> list[list[MonthDay]]:
    """The weeks of a month: what fills each half-day, holidays by their name, and the holes.

    A hole is a working day of the month, over, on which nothing is noted.
    """
    first, last = month_start(month), month_end(month)
    by_day: dict[date, list[Worked]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    monday = first - first.weekday() * ONE_DAY
    weeks = []
    while monday <= last:
        days = week_days(monday)
        weeks.append([_square(d, first <= d <= last, by_day.get(d, ()), names, on) for d in days])
        monday += WEEK
    return weeks


def _square(
    day: date,
    in_month: bool,  # noqa: FBT001
    rows: Iterable[Worked],
    names: Mapping[date, str],
    on: date,
) -> MonthDay:
    morning, afternoon, total = halves(rows if in_month else ())
    holiday = names.get(day, "")
    is_off = bool(holiday) or day.weekday() >= 5
    return MonthDay(
        day=day,
        in_month=in_month,
        morning=morning / HALF,
        afternoon=afternoon / HALF,
        total=total,
        holiday=holiday,
        is_off=is_off,
        is_hole=in_month and not is_off and day < on and not total,
        is_to_come=day > on,
    )
