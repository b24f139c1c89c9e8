"""What past days of a file stand on: missions, people, months, and the days that are there."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.finding import Colleagues, Organisations
from crm.models import Accompaniment
from essaim.days import is_working_day, month_end, month_start
from essaim.identifiers import search_key
from essaim.imports.values import Words
from essaim.models import User
from missions.codes import Moment, Nature, Work
from missions.guards import validates_nothing
from missions.models import Mission, MissionDay, MonthLock
from missions.rules import DATE_LIMIT, QUANTITIES

Key = tuple[int, date, int, Decimal, str, str]
PARTS = (Moment.MORNING, Moment.AFTERNOON, Moment.EVENING)
ONE = Decimal(1)
QUARTER = Decimal("0.25")


class Refusal(Exception):
    """Why a day can't be taken, and beside which column."""

    def __init__(self, column: str, words: str) -> None:
        self.column, self.words = column, words
        super().__init__(words)


class Past:
    """All that is read once for a file of past days."""

    def __init__(self, by: User, on: date) -> None:
        self.by, self.on = by, on
        self.organisations, self.colleagues = Organisations(by), Colleagues()
        self.natures = Words(
            [(n.value, n.label) for n in (Nature.ELSEWHERE, Nature.GIVEN, Nature.VOLUNTEER)],
            {"offert": "given", "bénévolat": "volunteer", "facturé": "elsewhere"},
        )
        self.works = Words(Work.choices, {"présentiel": "on_site", "distanciel": "remote"})
        self.moments = Words(Moment.choices, {"jour": "full_day", "après midi": "afternoon"})
        self.locked = set(MonthLock.objects.values_list("month", flat=True))
        self.start_up: dict[int, Mission] = {}
        live = set(Accompaniment.objects.live().values_list("pk", flat=True))
        for mission in Mission.objects.filter(kind=Mission.Kind.START_UP).order_by("pk"):
            if mission.coop_id not in self.start_up or mission.accompaniment_id in live:
                self.start_up[mission.coop_id or 0] = mission
        self.internal = {
            search_key(m.title): m for m in Mission.objects.filter(kind=Mission.Kind.INTERNAL)
        }
        self._read_days()
        others = User.objects.active().filter(is_coordinator=True).exclude(pk=by.pk).exists()
        self.not_own = others and not validates_nothing()

    def _read_days(self) -> None:
        """What is there already: totals by person and date, and each day's own key."""
        self.totals: defaultdict[tuple[int, date], Decimal] = defaultdict(Decimal)
        self.there: Counter[Key] = Counter()
        # What a cell of a wide sheet gave: the total of a month under its own subject, else a day.
        self.sums: defaultdict[tuple[int, int, date, str], Decimal] = defaultdict(Decimal)
        names = ("consultant", "worked_on", "mission", "quantity", "work", "subject")
        for who, day, mission, quantity, work, subject in MissionDay.objects.real().values_list(
            *names
        ):
            self.totals[who, day] += quantity
            key = search_key(subject)
            self.there[who, day, mission, quantity.normalize(), work, key] += 1
            self.sums[who, mission, month_start(day) if key else day, key] += quantity
        self.here: dict[tuple[Key, str], int] = {}

    def person(self, said: str) -> User:
        try:
            found = self.colleagues.find(said)
        except LookupError as error:
            raise Refusal("consultant", str(error)) from error
        if self.not_own and found.pk == self.by.pk:
            words = _("another coordinator brings your own days in, as they validate them.")
            raise Refusal("consultant", words)
        return found

    def mission(self, coop: str, internal: str = "") -> Mission:
        """The start-up mission of a coop, or an internal one by its title."""
        if coop:
            try:
                known = self.organisations.coop(coop)
            except LookupError as error:
                raise Refusal("coop", str(error)) from error
            found = self.start_up.get(known.coop or 0)
            if found is None:
                raise Refusal("coop", _("this coop was never accompanied here."))
            return found
        found = self.internal.get(search_key(internal))
        if found is None:
            raise Refusal("mission", _("no internal mission has this title: open it first."))
        return found

    def open_month(self, day: date, column: str) -> None:
        if day > self.on:
            raise Refusal(column, _("the date can't be in the future."))
        if month_start(day) in self.locked:
            raise Refusal(column, _("this month is locked: open it again first."))

    def take(self, who: User, day: date, quantity: Decimal, column: str) -> None:
        """Count a day on its date. Raises Refusal past 1.5 day, or on another fraction."""
        if quantity not in QUANTITIES:
            raise Refusal(column, _("A day counts 1, ¾, ½ or ¼."))
        if self.totals[who.pk, day] + quantity > DATE_LIMIT:
            words = _("That would be more than 1.5 day for this person on that date.")
            raise Refusal(column, words)
        self.totals[who.pk, day] += quantity

    def spread(
        self, who: User, month: date, quantity: Decimal, column: str
    ) -> list[tuple[date, Decimal]]:
        """Put a month's total on working days, from its last one back, one day at most on each.

        Raises Refusal when the month has no room for it.
        """
        if quantity % QUARTER:
            raise Refusal(column, _("Count by quarters of a day."))
        found: list[tuple[date, Decimal]] = []
        day, left = min(month_end(month), self.on), quantity
        while left and day >= month:
            room = ONE - self.totals[who.pk, day]
            if is_working_day(day) and room >= QUARTER:
                part = min(left, room)
                self.totals[who.pk, day] += part
                found.append((day, part))
                left -= part
            day = date.fromordinal(day.toordinal() - 1)
        if left:
            for placed, part in found:
                self.totals[who.pk, placed] -= part
            raise Refusal(column, _("this month has not as many working days left."))
        return sorted(found)


def moment_for(quantity: Decimal, rank: int) -> str:
    """When in the day, where the file does not say: a whole day, else one half after the other."""
    return Moment.FULL_DAY if quantity == ONE else PARTS[min(rank, 2)]
