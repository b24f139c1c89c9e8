"""What the agenda answers: forgotten each day, and emptied of the words of an erased person."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crm.person import all_of
from essaim import hooks
from missions.actions import forget_words, prune_calendars

hooks.daily.register(prune_calendars)


class CalendarWords:
    """Titles of a colleague's own calendar that name a person: forgotten, never exported.

    A calendar is read by its owner alone: an export would show it to somebody else.
    """

    def export(self, contact: Any) -> Mapping[str, Any]:
        return {}

    def erase(self, contact: Any, *, by: Any, on: date, at: datetime) -> Mapping[str, int]:
        people = [contact, *all_of(contact)]
        names = {f"{p.first_name} {p.last_name}".strip() for p in people}
        names |= {f"{p.last_name} {p.first_name}".strip() for p in people}
        count = forget_words({*names, *(p.email for p in people)} - {""})
        return {"calendar_events": count} if count else {}


hooks.person_data.register(CalendarWords())
