"""The calls of a week that no day counts yet: per coop, their minutes and what they are worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from crm.models import Coop, Note
from missions.models import Mission, MissionDay
from missions.rules_agenda import quantity_of_calls

# This week and the three before it.
WEEKS: Final = 4
MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Calls:
    """What one person said to one coop by telephone in one week."""

    coop: Coop
    monday: date
    notes: Sequence[Note]

    @property
    def minutes(self) -> int:
        return sum(note.minutes or 0 for note in self.notes)

    @property
    def count(self) -> int:
        return len(self.notes)

    @property
    def quantity(self) -> Decimal:
        return quantity_of_calls(self.minutes)

    @property
    def dates(self) -> list[date]:
        """The dates of these calls, the last first."""
        return sorted({_day(note) for note in self.notes}, reverse=True)

    @property
    def last(self) -> datetime:
        return timezone.localtime(max(note.at for note in self.notes))


def _day(note: Note) -> date:
    return timezone.localtime(note.at).date()


def monday_of(day: date) -> date:
    """The Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def calls_of(user: Any, *, on: date) -> list[Calls]:
    """The calls that make a quarter of a day at least, the newest week first; one query."""
    return [calls for calls in uncounted(user, on=on) if calls.quantity]


def uncounted(user: Any, *, on: date) -> list[Calls]:
    """Calls this person wrote in the last weeks, neither in a day nor dismissed; one query."""
    since = datetime.combine(
        monday_of(on) - timedelta(weeks=WEEKS - 1), time(), tzinfo=timezone.get_current_timezone()
    )
    rows = Note.objects.visible_to(user).filter(
        author=user, kind=Note.Kind.CALL, minutes__gt=0, at__gte=since
    )
    # A report already tied to a day was counted with it.
    rows = rows.filter(counted_call=None, days=None).select_related("coop__organisation")
    found: dict[tuple[date, int], list[Note]] = {}
    for note in rows.order_by("-at", "-pk")[:MOST]:
        found.setdefault((monday_of(_day(note)), note.coop_id), []).append(note)
    return [Calls(notes[0].coop, monday, notes) for (monday, _coop), notes in found.items()]


def missions_for(user: Any, coop: Coop) -> list[Mission]:
    """Open missions of a coop this person may log on: the last worked first."""
    rows = Mission.objects.visible_to(user).open().filter(coop=coop)
    found = list(rows.select_related("coop__organisation", "agreement").order_by("-opened_on"))
    worked = MissionDay.objects.filter(consultant=user, mission__in=found).real()
    last: dict[int, date] = {}
    for mission, day in worked.order_by("-worked_on").values_list("mission", "worked_on"):
        last.setdefault(mission, day)
    agreed = Mission.Kind.AGREEMENT
    return sorted(found, key=lambda m: (last.get(m.pk, date.min), m.kind == agreed), reverse=True)
