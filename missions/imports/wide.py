"""The wide sheet people really have: coops down, months or days across, cells « 0,5 »."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import days as written_days
from essaim.identifiers import search_key
from essaim.imports import values
from essaim.imports.plan import FAULT, OTHER, SAME, Column, Judged, Line, Made
from essaim.imports.values import Cells, Wrong
from essaim.models import User
from missions.actions.bringing import PastDay, bring_days
from missions.codes import Nature, Work
from missions.imports.days import CONSULTANT, NATURE, WORK
from missions.imports.past import Past, Refusal, moment_for
from missions.models import Mission

COLUMNS = (
    Column(
        "coop",
        gettext_lazy("Coop"),
        ("coop", "nom", "structure", "bénéficiaire", "association", "projet"),
        required=True,
        help=gettext_lazy("One row a coop; every other column is a month or a day."),
        example="Le Grenier de la Lauter",
    ),
    CONSULTANT,
    Column(
        "year",
        gettext_lazy("Year"),
        ("année", "an"),
        same_for_all=True,
        help=gettext_lazy("For titles without one: “mars”, “15/03”."),
    ),
    NATURE,
    WORK,
)
_NAMES: Final = (
    ("janvier", "janv", "jan"), ("fevrier", "fevr", "fev"), ("mars", "mar"),
    ("avril", "avr"), ("mai",), ("juin",), ("juillet", "juil"), ("aout",),
    ("septembre", "sept", "sep"), ("octobre", "oct"), ("novembre", "nov"), ("decembre", "dec"),
)  # fmt: skip
MONTH_OF: Final = {name: n for n, names in enumerate(_NAMES, start=1) for name in names}
_WORDS = re.compile(r"([a-z]+) ?([0-9]{4}|[0-9]{2})?")
_NUMBERS = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{4})|([0-9]{4})[/.\-]([0-9]{1,2})")
_SHORT = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Period:
    """What a title says: a day, or a whole month."""

    day: date
    is_month: bool


def period(title: str, year: int | None) -> Period | None:
    """mars 2025 · 03/2025 · 2025-03 · mars (with a year beside) · 15/03/2025 · 15/03."""
    bare = title.strip()
    try:
        if (found := _WORDS.fullmatch(search_key(bare))) and found[1] in MONTH_OF:
            said = int(found[2]) if found[2] else year
            full = said + 2000 if said is not None and said < 100 else said
            return Period(date(full, MONTH_OF[found[1]], 1), True) if full else None  # noqa: FBT003
        if found := _NUMBERS.fullmatch(bare):
            month, in_year = (found[1], found[2]) if found[1] else (found[4], found[3])
            return Period(date(int(in_year), int(month), 1), True)  # noqa: FBT003
        if found := _SHORT.fullmatch(bare):
            return Period(date(year, int(found[2]), int(found[1])), False) if year else None  # noqa: FBT003
        return Period(values.day(bare), False)  # noqa: FBT003
    except (ValueError, Wrong):
        return None


def periods(titles: Sequence[str], year: int | None) -> dict[str, Period]:
    """The periods of a header; when every date of it is a first of month, they are months."""
    found = {title: p for title in titles if (p := period(title, year)) is not None}
    days = [p for p in found.values() if not p.is_month]
    if len(days) > 1 and all(p.day.day == 1 for p in days):
        return {title: Period(p.day, True) for title, p in found.items()}  # noqa: FBT003
    return found


class WideImporter:
    kind = "wide"
    permission = "missions.validate_day"
    order = 60
    takes_others = True

    def label(self) -> str:
        return _("Past days, coops down and months across")

    def help(self) -> str:
        return _(
            "The table of a year as it often is: a row for each coop, a column for each month or"
            " day, cells like 0,5 or x. A month's total is spread over its working days, from the"
            " last one back, and marked as a monthly total."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def model_columns(self) -> Sequence[Column]:
        """The columns of the model, with three months to go on from."""
        months = ("janvier 2025", "février 2025", "mars 2025")
        return (*COLUMNS, *(Column(name, name, example="1,5") for name in months))

    def understands(self, title: str) -> bool:
        """Whether a column left by the others is a month or a day."""
        return period(title, 2000) is not None

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        past = Past(by, on)
        titles = list(dict.fromkeys(title for line in lines for title, _text in line.others()))
        return [self._judge(Judged(line), past, titles) for line in lines]

    def _judge(self, one: Judged, past: Past, titles: Sequence[str]) -> Judged:
        cells = Cells(one)
        coop, said = cells.needed("coop"), cells.needed("consultant")
        nature = cells.pick("nature", past.natures) or Nature.ELSEWHERE
        work = cells.pick("work", past.works) or Work.ON_SITE
        year = cells.whole("year")
        one.title = coop
        known = periods(titles, year)
        # A total made by a formula is no day: only columns that are a month or a day count.
        one.line.read[:] = [
            (code, words)
            for code, words in one.line.read
            if not code.startswith(OTHER) or code[1:] in known
        ]
        if not known:
            one.fault("year", _("no column is a month or a day: give the year if titles lack it."))
        if one.faults:
            return one
        try:
            who, mission = past.person(said), past.mission(coop)
        except Refusal as refusal:
            one.fault(refusal.column, refusal.words)
            return one
        one.title = str(mission.coop)
        found = _Reading(one, past, who, mission, nature, work)
        for title, text in one.line.others():
            if title in known:
                found.cell(title, text, known[title])
        return found.done()

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        rows = iter(bring_days([d for one in judged for d in one.data], by=by, on=on, at=at))
        made = []
        for one in judged:
            first, *rest = [next(rows) for _day in one.data]
            made.append(Made(one.number, first, more=tuple(rest)))
        return made


class _Reading:
    """The days of one row."""

    def __init__(
        self, one: Judged, past: Past, who: User, mission: Mission, nature: str, work: str
    ) -> None:
        self.one, self.past, self.who, self.mission = one, past, who, mission
        self.nature, self.work = nature, work
        self.days: list[PastDay] = []
        self.months = self.there = 0

    def cell(self, title: str, text: str, when: Period) -> None:
        code = OTHER + title
        try:
            quantity = values.quantity(text)
            if not quantity:
                return
            self.past.open_month(when.day, code)
            self._take(code, quantity, when)
        except Wrong as wrong:
            self.one.fault(code, str(wrong))
        except Refusal as refusal:
            self.one.fault(refusal.column, refusal.words)

    def _take(self, code: str, quantity: Decimal, when: Period) -> None:
        subject = _monthly(when.day) if when.is_month else ""
        if self._is_there(code, quantity, when, subject):
            self.there += 1
            return
        if when.is_month:
            self.months += 1
            placed = self.past.spread(self.who, when.day, quantity, code)
        else:
            self.past.take(self.who, when.day, quantity, code)
            placed = [(when.day, quantity)]
        for day, part in placed:
            self.days.append(self._day(day, part, subject))

    def _day(self, day: date, quantity: Decimal, subject: str) -> PastDay:
        return PastDay(
            consultant=self.who,
            mission=self.mission,
            worked_on=day,
            quantity=quantity,
            nature=self.nature,
            moment=moment_for(quantity, 0),
            work=self.work,
            subject=subject,
        )

    def _is_there(self, code: str, quantity: Decimal, when: Period, subject: str) -> bool:
        """Whether this very cell was brought before. Raises Refusal on another total of a month."""
        key = (self.who.pk, self.mission.pk, when.day, search_key(subject))
        before = self.past.sums.get(key, Decimal(0))
        if when.is_month and before and before != quantity:
            words = _(
                "this month was brought already, with %(days)s: undo that import, or mend its days."
            )
            raise Refusal(code, words % {"days": written_days(before)})
        return before == quantity

    def done(self) -> Judged:
        one = self.one
        if one.faults:
            return one
        if one.line.read:
            one.verdict = FAULT
            return one
        if not self.days:
            one.verdict = SAME
            one.detail = _("There already, or empty.")
            return one
        total = sum((day.quantity for day in self.days), Decimal(0))
        text = ngettext("%(days)s in %(count)s day", "%(days)s in %(count)s days", len(self.days))
        one.detail = text % {"days": written_days(total), "count": len(self.days)}
        if self.months:
            words = _("monthly totals spread over the last working days of each month")
            one.detail = f"{one.detail} · {words}"
        one.data = self.days
        return one


def _monthly(month: date) -> str:
    return _("%(month)s %(year)s (monthly total)") % {
        "month": str(MONTHS[month.month]).capitalize(),
        "year": month.year,
    }
