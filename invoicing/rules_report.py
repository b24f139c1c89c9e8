"""What a report to a funder tells: its columns, its rows, its totals and how they check."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.identifiers import sort_key
from essaim.money import ZERO, add_up, cents

NO_DAYS: Final = Decimal(0)
MOST_COLUMNS: Final = 40
LONGEST_LABEL: Final = 80
ON_SITE: Final = frozenset({"on_site", "collective"})
REMOTE: Final = frozenset({"remote"})
PREPARATION: Final = frozenset({"preparation", "report", "application_file"})
TRAVEL: Final = frozenset({"travel"})

TEXT, DATE, DAYS, MONEY, COUNT, NUMBER = "text", "date", "days", "money", "count", "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """What of one day, for one coop, is told the funder; amounts in EUR, at the public price.

    `days` and `part` are the funder's; `all_days` and `total` are the whole work of the day for
    this coop: total = part + others + remainder + offered.
    """

    day: int
    coop: int | None
    worked_on: date
    person: str
    work: str
    theme: str
    subject: str
    is_collective: bool
    participants: int | None
    days: Decimal
    all_days: Decimal
    total: Decimal
    part: Decimal
    others: Decimal
    remainder: Decimal
    offered: Decimal
    payers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoopFacts:
    """A beneficiary as it stood over the period."""

    coop: int | None
    name: str
    commune: str = ""
    insee: str = ""
    epci: str = ""
    department: str = ""
    is_qpv: bool = False
    is_frr: bool = False
    legal_form: str = ""
    stage_in: str = ""
    stage_out: str = ""
    outcome: str = ""
    reason: str = ""
    jobs: Decimal | None = None
    members_start: int | None = None
    members_end: int | None = None
    is_welcomed: bool = False
    is_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """Time given to a beneficiary in the period, apart from what is paid for."""

    name: str
    nature: str
    days: Decimal
    value: Decimal
    unvalued: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """The lines a row tells of: one day's, or all of a beneficiary's."""

    facts: CoopFacts
    lines: Sequence[DayLine]

    @property
    def days(self) -> Decimal:
        return sum((line.days for line in self.lines), NO_DAYS)

    def of(self, works: frozenset[str]) -> Decimal:
        return sum((line.days for line in self.lines if line.work in works), NO_DAYS)

    def sum(self, name: str) -> Decimal:
        return add_up(getattr(line, name) for line in self.lines)


def participants(lines: Iterable[DayLine]) -> int:
    """People met, each day counted once however many coops were there."""
    seen = {line.day: line.participants or 0 for line in lines}
    return sum(seen.values())


def cost_per_day(lines: Sequence[DayLine]) -> Decimal | None:
    """What a whole day of this work costs; None without a day."""
    days = sum((line.all_days for line in lines), NO_DAYS)
    return cents(add_up(line.total for line in lines) / days) if days > 0 else None


def _setting(lines: Iterable[DayLine]) -> str:
    """The code of what the days were: individual, collective or both."""
    kinds = {line.is_collective for line in lines}
    return "both" if len(kinds) == 2 else "collective" if True in kinds else "individual"


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted({value for value in values if value}))


def _dates(group: Group) -> str:
    days = sorted({line.worked_on for line in group.lines})
    if not days:
        return ""
    first, last = f"{days[0]:%d/%m/%Y}", f"{days[-1]:%d/%m/%Y}"
    return first if len(days) == 1 else f"{first} – {last}"


Value = Callable[[Group], object]
# code -> (kind, value). `setting` gives a code that the edge turns into words.
COLUMNS: Final[Mapping[str, tuple[str, Value]]] = {
    "beneficiary": (TEXT, lambda g: g.facts.name),
    "commune": (TEXT, lambda g: g.facts.commune),
    "insee": (TEXT, lambda g: g.facts.insee),
    "epci": (TEXT, lambda g: g.facts.epci),
    "department": (TEXT, lambda g: g.facts.department),
    "qpv": (TEXT, lambda g: g.facts.is_qpv),
    "frr": (TEXT, lambda g: g.facts.is_frr),
    "legal_form": (TEXT, lambda g: g.facts.legal_form),
    "stage_in": (TEXT, lambda g: g.facts.stage_in),
    "stage_out": (TEXT, lambda g: g.facts.stage_out),
    "setting": (TEXT, lambda g: _setting(g.lines)),
    "theme": (TEXT, lambda g: _joined(line.theme for line in g.lines)),
    "subject": (TEXT, lambda g: _joined(line.subject for line in g.lines)),
    "dates": (TEXT, _dates),
    "first_on": (DATE, lambda g: min((x.worked_on for x in g.lines), default=None)),
    "last_on": (DATE, lambda g: max((x.worked_on for x in g.lines), default=None)),
    "consultant": (TEXT, lambda g: _joined(line.person for line in g.lines)),
    "days": (DAYS, lambda g: g.days),
    "days_on_site": (DAYS, lambda g: g.of(ON_SITE)),
    "days_remote": (DAYS, lambda g: g.of(REMOTE)),
    "days_preparation": (DAYS, lambda g: g.of(PREPARATION)),
    "days_travel": (DAYS, lambda g: g.of(TRAVEL)),
    "participants": (COUNT, lambda g: participants(g.lines)),
    "cost_per_day": (MONEY, lambda g: cost_per_day(g.lines)),
    "total": (MONEY, lambda g: g.sum("total")),
    "part": (MONEY, lambda g: g.sum("part")),
    "others": (MONEY, lambda g: g.sum("others")),
    "payers": (TEXT, lambda g: _joined(line.payers for line in g.lines)),
    "remainder": (MONEY, lambda g: g.sum("remainder")),
    "offered": (MONEY, lambda g: g.sum("offered")),
    "outcome": (TEXT, lambda g: g.facts.outcome),
    "reason": (TEXT, lambda g: g.facts.reason),
    "jobs": (NUMBER, lambda g: g.facts.jobs),
    "members_start": (COUNT, lambda g: g.facts.members_start),
    "members_end": (COUNT, lambda g: g.facts.members_end),
}
# What a report shows until somebody chooses.
USUAL: Final = (
    "beneficiary", "commune", "insee", "epci", "setting", "theme", "dates", "consultant",
    "days_on_site", "days_remote", "days_preparation", "days", "cost_per_day", "total", "part",
    "others", "remainder", "stage_in", "stage_out",
)  # fmt: skip
# Summed in the last row; what is of a coop is summed once a coop.
_OF_A_COOP: Final = frozenset({"jobs", "members_start", "members_end"})


def check_columns(columns: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """List what is wrong with chosen columns: (error, code of the column)."""
    found: list[tuple[str, str]] = []
    if not columns:
        found.append(("none", ""))
    if len(columns) > MOST_COLUMNS:
        found.append(("many", ""))
    codes: set[str] = set()
    labels: set[str] = set()
    for column in columns:
        code, label = str(column.get("code", "")), str(column.get("label", "")).strip()
        if code not in COLUMNS:
            found.append(("unknown", code))
        elif code in codes:
            found.append(("twice", code))
        if len(label) > LONGEST_LABEL:
            found.append(("long", code))
        elif label and label.casefold() in labels:
            found.append(("same_label", code))
        codes.add(code)
        labels.add(label.casefold())
    return found


def groups(
    layout: str, lines: Sequence[DayLine], facts: Mapping[int | None, CoopFacts]
) -> list[Group]:
    """The rows' groups, by beneficiary in the order of names, or by day in the order of dates."""
    if layout == "day":
        ordered = sorted(lines, key=lambda x: (x.worked_on, x.day, x.coop or 0))
        return [Group(facts[line.coop], (line,)) for line in ordered]
    by_coop: dict[int | None, list[DayLine]] = {}
    for line in lines:
        by_coop.setdefault(line.coop, []).append(line)
    found = [Group(facts[key], tuple(held)) for key, held in by_coop.items()]
    return sorted(found, key=lambda g: (sort_key(g.facts.name), g.facts.coop or 0))


def table(found: Sequence[Group], codes: Sequence[str]) -> list[list[object]]:
    """The cells of each row, plain values."""
    return [[COLUMNS[code][1](group) for code in codes] for group in found]


def totals(found: Sequence[Group], codes: Sequence[str]) -> list[object]:
    """The last row: sums of days, amounts and counts; nothing where a sum says nothing."""
    lines = [line for group in found for line in group.lines]
    whole = Group(CoopFacts(coop=None, name=""), lines)
    beneficiaries = {group.facts.coop: group.facts for group in found}.values()
    row: list[object] = []
    for code in codes:
        kind, value = COLUMNS[code]
        if code in _OF_A_COOP:
            row.append(_sum_of(beneficiaries, code))
        elif kind in (DAYS, MONEY, COUNT):
            row.append(value(whole))
        else:
            row.append(None)
    return row


def _sum_of(beneficiaries: Iterable[CoopFacts], code: str) -> object:
    values = [getattr(facts, code) for facts in beneficiaries]
    known = [value for value in values if value is not None]
    return sum(known, type(known[0])(0)) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Who was welcomed, accompanied and left in the period, and the sums."""

    welcomed: int
    accompanied: int
    left: int
    days: Decimal
    total: Decimal
    part: Decimal
    others: Decimal
    remainder: Decimal
    offered: Decimal

    @property
    def gap(self) -> Decimal:
        """0.00 when the parts make the total."""
        return cents(self.total - self.part - self.others - self.remainder - self.offered)


def sum_up(lines: Sequence[DayLine], facts: Iterable[CoopFacts]) -> Totals:
    coops = [one for one in facts if one.coop is not None]
    return Totals(
        welcomed=sum(one.is_welcomed for one in coops),
        accompanied=len(coops),
        left=sum(one.is_left for one in coops),
        days=sum((line.days for line in lines), NO_DAYS),
        total=add_up(line.total for line in lines),
        part=add_up(line.part for line in lines),
        others=add_up(line.others for line in lines),
        remainder=add_up(line.remainder for line in lines),
        offered=add_up(line.offered for line in lines),
    )


def checks(lines: Sequence[DayLine], reserved_days: Decimal, reserved: Decimal) -> list[str]:
    """Codes of what does not add up: the parts, the works, or the rows and the fractions."""
    found = []
    whole = Group(CoopFacts(coop=None, name=""), lines)
    if sum_up(lines, ()).gap != ZERO:
        found.append("parts")
    works = sum((whole.of(w) for w in (ON_SITE, REMOTE, PREPARATION, TRAVEL)), NO_DAYS)
    if works != whole.days:
        found.append("works")
    if whole.days != reserved_days or whole.sum("part") != reserved:
        found.append("fractions")
    return found
