"""Deadlines as a calendar file (RFC 5545): same rows give same bytes."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from essaim.agenda import NEVER_CHANGED
from essaim.hooks import DueDate

ICS_TYPE: Final = "text/calendar; charset=utf-8"
PRODID: Final = "-//Essaim//Agenda//FR"


def calendar_of(found: Iterable[DueDate], *, name: str) -> bytes:
    """The file a calendar reads: whole days as dates, hours in UTC, no alarm."""
    # First imported here: only a feed pays for the library.
    from icalendar import Calendar

    target = Calendar()
    target.add("prodid", PRODID)
    target.add("version", "2.0")
    target.add("calscale", "GREGORIAN")
    target.add("method", "PUBLISH")
    target.add("x-wr-calname", name)
    target.add("x-wr-timezone", settings.TIME_ZONE)
    for due in found:
        target.add_component(_event(due))
    return bytes(target.to_ical())


def _event(due: DueDate) -> Any:
    from icalendar import Event

    stamped = (due.stamped or NEVER_CHANGED).astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", f"{due.key}@essaim")
    event.add("dtstamp", stamped)
    event.add("last-modified", stamped)
    event.add("dtstart", due.at.astimezone(UTC) if due.at is not None else due.day)
    words = _("%(what)s: %(title)s") % {"what": due.what, "title": due.title}
    event.add("summary", words)
    if due.detail:
        event.add("description", due.detail)
    event.add("url", f"{settings.PUBLIC_URL}{due.url}")
    event.add("categories", [due.what])
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event
