"""Calendar files for tests, and calls written with their minutes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from crm import actions as crm
from crm.models import Coop, Note
from essaim.models import User
from missions import actions
from missions.agenda_file import read_calendar
from missions.models import CalendarImport
from missions.rules_calendar import Window

PARIS = ZoneInfo("Europe/Paris")


def event(uid: str, day: date, hours: str = "", title: str = "", **more: str) -> str:
    """One VEVENT: `hours` is "0900-1230" here, or nothing for the whole day."""
    lines = [f"UID:{uid}"] if uid else []
    if hours:
        start, _dash, end = hours.partition("-")
        lines += [
            f"DTSTART;TZID=Europe/Paris:{day:%Y%m%d}T{start}00",
            f"DTEND;TZID=Europe/Paris:{day:%Y%m%d}T{end}00",
        ]
    else:
        lines += [f"DTSTART;VALUE=DATE:{day:%Y%m%d}"]
    lines += [f"SUMMARY:{title}"] if title else []
    # A property with parameters is given as {"ATTENDEE;PARTSTAT=DECLINED": ...}.
    lines += [f"{name.replace('_', '-')}:{value}" for name, value in more.items()]
    return "\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def calendar(*events: str, head: str = "") -> bytes:
    """A calendar file of these events."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//FR"]
    lines += [head] if head else []
    return "\r\n".join([*lines, *events, "END:VCALENDAR", ""]).encode()


def window(on: date, hour: int = 20) -> Window:
    return Window(on, datetime.combine(on, time(hour), tzinfo=PARIS), PARIS)


def read(content: bytes, on: date, email: str = "ada@essaim.test", hour: int = 20) -> Any:
    """(events, left out, count) of a file's bytes."""
    file = ContentFile(content, "agenda.ics")
    return read_calendar(file, email=email, window=window(on, hour))


def given_import(who: User, on: date, *events: str) -> CalendarImport:
    """A calendar read by somebody on a date."""
    found, left, count = read(calendar(*events), on, who.email)
    at = datetime.combine(on, time(20), tzinfo=PARIS)
    return actions.import_calendar(
        found, left_out=left, found=count, window=window(on), by=who, on=on, at=at
    )


def given_call(coop: Coop, who: User, day: date, minutes: int, hour: int = 10, **more: Any) -> Note:
    """A call written down by somebody, with its minutes."""
    at = datetime.combine(day, time(hour), tzinfo=PARIS)
    values: Mapping[str, Any] = {"title": "Appel", "kind": "call", **more}
    act = {"by": who, "on": day, "at": at.astimezone(UTC) + timedelta(minutes=1)}
    return crm.write_note(coop, happened_at=at, minutes=minutes, **values, **act)


def titles(rows: Iterable[Any]) -> list[str]:
    return [str(row) for row in rows]
