"""A person's week and month as the screens read them: few queries, whatever the rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from essaim.days import month_end
from essaim.forms import labelled
from essaim.models import User
from missions.actions import cell_name
from missions.codes import Nature
from missions.forms.days import likely_missions
from missions.house_days import holidays_of_house, subdivision_of_house
from missions.models import DayShare, Mission, MissionDay
from missions.rules_grid import (
    HOLES_BACK,
    NOTHING,
    WEEK,
    Cell,
    MonthDay,
    Worked,
    copied,
    holes,
    last_working_days,
    month_grid,
    week_days,
)

SEEN = ("mission__coop__organisation", "mission__agreement")


@dataclass
class GridCell:
    """One mission on one day."""

    mission: Mission
    day: date
    days: list[MissionDay] = field(default_factory=list)
    is_to_come: bool = False
    may_begin: bool = True

    @property
    def name(self) -> str:
        return cell_name(self.mission.pk, self.day)

    @property
    def quantity(self) -> Decimal:
        return sum((day.quantity for day in self.days), NOTHING)

    @property
    def one(self) -> MissionDay | None:
        return self.days[0] if len(self.days) == 1 else None

    @property
    def is_open(self) -> bool:
        """Whether the grid may change it: a single day still logged, or nothing yet."""
        if not self.days:
            return self.may_begin and not self.is_to_come
        return self.one is not None and self.one.state == MissionDay.State.LOGGED

    @property
    def seen(self) -> str:
        """What the person saw, to tell what changed meanwhile."""
        return f"{self.name}={self.one.pk}:{self.one.quantity}" if self.one is not None else ""


@dataclass
class GridDay:
    day: date
    holiday: str
    is_off: bool
    is_hole: bool
    is_to_come: bool
    total: Decimal = NOTHING


@dataclass
class GridLine:
    mission: Mission
    name: str
    cells: list[GridCell]

    @property
    def total(self) -> Decimal:
        return sum((cell.quantity for cell in self.cells), NOTHING)


@dataclass
class WeekGrid:
    days: list[GridDay]
    lines: list[GridLine]

    @property
    def cells(self) -> list[GridCell]:
        return [cell for line in self.lines for cell in line.cells]

    @property
    def total(self) -> Decimal:
        return sum((day.total for day in self.days), NOTHING)

    @property
    def logged(self) -> int:
        """How many days would be sent."""
        found = (d for cell in self.cells for d in cell.days)
        return sum(d.state == MissionDay.State.LOGGED for d in found)


def days_of_week(user: Any, monday: date) -> list[MissionDay]:
    """What a person worked in a week, proposals left out; one query."""
    days = week_days(monday)
    rows = MissionDay.objects.real().filter(consultant=user, worked_on__range=(days[0], days[-1]))
    return list(rows.select_related(*SEEN).order_by("worked_on", "pk"))


def week_grid(user: Any, monday: date, *, on: date, more: Iterable[Mission] = ()) -> WeekGrid:
    """Missions x days: those worked this week, then the likely ones, then those asked for."""
    days = week_days(monday)
    worked = days_of_week(user, monday)
    likely = likely_missions(user)
    missions = {row.mission_id: row.mission for row in worked}
    for mission in (*likely, *more):
        missions.setdefault(mission.pk, mission)
    by_cell: defaultdict[tuple[int, date], list[MissionDay]] = defaultdict(list)
    sums: defaultdict[date, Decimal] = defaultdict(Decimal)
    for row in worked:
        by_cell[(row.mission_id, row.worked_on)].append(row)
        sums[row.worked_on] += row.quantity
    lines = [
        GridLine(m, name, [_cell(m, day, by_cell.get((m.pk, day), []), on) for day in days])
        for m, name in labelled(missions.values())
    ]
    names = holidays_of_house(days[0], days[-1], subdivision_of_house(on))
    return WeekGrid([_day(day, names.get(day, ""), sums[day], on) for day in days], lines)


def _cell(mission: Mission, day: date, found: list[MissionDay], on: date) -> GridCell:
    is_open = mission.state == Mission.State.OPEN
    return GridCell(mission, day, found, is_to_come=day > on, may_begin=is_open)


def _day(day: date, holiday: str, total: Decimal, on: date) -> GridDay:
    is_off = bool(holiday) or day.weekday() >= 5
    is_hole = not is_off and day < on and not total
    return GridDay(day, holiday, is_off, is_hole, day > on, total)


def copied_cells(user: Any, monday: date, grid: WeekGrid, *, on: date) -> dict[str, Decimal]:
    """What last week proposes for the cells of this one: name of the cell -> days; one query."""
    before = [
        Cell(mission=row.mission_id, day=row.worked_on, quantity=row.quantity)
        for row in days_of_week(user, monday - WEEK)
    ]
    now = [Cell(mission=c.mission.pk, day=c.day, quantity=c.quantity) for c in grid.cells]
    still_open = [line.mission.pk for line in grid.lines if line.mission.state == "open"]
    off = [day.day for day in grid.days if day.holiday]
    found = copied(before, now, on=on, missions=still_open, off=off)
    return {cell_name(*key): quantity for key, quantity in found.items()}


def missions_of_week(user: Any, monday: date) -> list[Mission]:
    """The missions worked in a week, still open: those a copy needs lines for."""
    rows = days_of_week(user, monday)
    return list({r.mission_id: r.mission for r in rows if r.mission.state == "open"}.values())


# -- the month -----------------------------------------------------------------------------------
@dataclass
class MissionTotal:
    """What one mission got of a month, and what became of it."""

    mission: Mission
    days: Decimal = NOTHING
    billed: Decimal = NOTHING
    given: Decimal = NOTHING
    waiting: Decimal = NOTHING


@dataclass
class PersonMonth:
    weeks: list[list[MonthDay]]
    totals: list[MissionTotal]
    by_day: Mapping[date, list[MissionDay]]

    def sum_of(self, name: str) -> Decimal:
        return sum((getattr(line, name) for line in self.totals), NOTHING)

    @property
    def holes(self) -> list[date]:
        return [square.day for week in self.weeks for square in week if square.is_hole]


# What nobody pays for; all the rest is billed, by the day or within a price, or funded.
UNPAID = (Nature.GIVEN, Nature.VOLUNTEER)


def person_month(user: User, month: date, *, on: date) -> PersonMonth:
    """A calendar of a person's month and what each mission got of it; four queries."""
    last = month_end(month)
    found = MissionDay.objects.real().filter(consultant=user, worked_on__range=(month, last))
    rows = list(found.select_related(*SEEN).order_by("worked_on", "pk"))
    by_day: dict[date, list[MissionDay]] = {}
    totals: dict[int, MissionTotal] = {}
    for row in rows:
        by_day.setdefault(row.worked_on, []).append(row)
        line = totals.setdefault(row.mission_id, MissionTotal(row.mission))
        line.days += row.quantity
        if row.state in (MissionDay.State.LOGGED, MissionDay.State.SUBMITTED):
            line.waiting += row.quantity
    _add_shares(totals, rows)
    worked = [Worked(day=r.worked_on, moment=r.moment, quantity=r.quantity) for r in rows]
    names = holidays_of_house(month, last, subdivision_of_house(on))
    lines = sorted(totals.values(), key=lambda line: (-line.days, str(line.mission)))
    return PersonMonth(month_grid(month, worked, names, on=on), lines, by_day)


def _add_shares(totals: Mapping[int, MissionTotal], rows: Iterable[MissionDay]) -> None:
    """Days paid by somebody and days given, as validation decided them; one query."""
    shares = DayShare.objects.current().filter(day__in=[row.pk for row in rows])
    sums = shares.order_by().values_list("day__mission", "nature").annotate(d=Sum("days"))
    for mission, nature, days in sums:
        part = Decimal(days).quantize(Decimal("0.01"))
        if nature in UNPAID:
            totals[mission].given += part
        else:
            totals[mission].billed += part


# -- the last days ---------------------------------------------------------------------------------
def last_day(user: Any) -> MissionDay | None:
    """The last day this person worked on a mission still open: what « Répéter » repeats."""
    rows = MissionDay.objects.real().filter(consultant=user, mission__state=Mission.State.OPEN)
    return rows.select_related(*SEEN).order_by("-worked_on", "-pk").first()


def holes_of(user: Any, *, on: date, back: int = HOLES_BACK) -> list[date]:
    """The last working days on which this person noted nothing; none for who never noted one.

    Two queries.
    """
    subdivision = subdivision_of_house(on)
    first = last_working_days(on, back, subdivision)[0] if back else on
    mine = MissionDay.objects.real().filter(consultant=user)
    noted = set(mine.filter(worked_on__range=(first, on)).values_list("worked_on", flat=True))
    if not noted and not mine.exists():
        return []
    return holes(noted, on, back, subdivision)
