"""What a calendar file holds: looked at like any upload, then read event by event."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from essaim.uploads import MEGABYTE, check_upload
from missions.rules_calendar import CalendarEvent, Out, Window, fingerprint

if TYPE_CHECKING:
    from django.core.files.base import File

MOST_BYTES: Final = 5 * MEGABYTE
MOST_EVENTS: Final = 20_000
MOST_READ: Final = 2_000
MARGIN: Final = timedelta(days=62)
_START = re.compile(r"DTSTART[^:]*:(\d{4})(\d{2})(\d{2})", re.IGNORECASE)
_KEEPS = ("RRULE", "RDATE", "RECURRENCE-ID")
_WRONG = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_WHOLE = ("BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY")
_SKIPPED = ("END:VTODO", "END:VJOURNAL", "END:VFREEBUSY")
_AWAY = ("FREE", "OOF")


def read_calendar(
    file: "File[Any]", *, email: str, window: Window
) -> tuple[list[CalendarEvent], Counter[Out], int]:
    """The events of a file that may touch the window, what was left out, how many there were.

    `email` is the person's: what they declined is left out. Raises ValidationError, in words, on
    what is no calendar.
    """
    text = _text_of(file)
    kept, left, count = _sieved(text, window)
    # First imported here: only this page pays for the library.
    from icalendar import Calendar

    try:
        with warnings.catch_warnings():
            # A zone with the prefix of its maker is guessed, and that is right.
            warnings.simplefilter("ignore")
            calendars: Any = Calendar.from_ical(kept, multiple=True)
    except _WRONG as error:
        raise ValidationError(_("This calendar is damaged: export it again.")) from error
    if not calendars:
        raise ValidationError(_("This calendar is damaged: export it again."))
    events = []
    for calendar in calendars:
        cancelled = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        for component in calendar.walk("VEVENT"):
            try:
                events.append(_event(component, email, window.zone, cancelled=cancelled))
            except _WRONG:
                left[Out.UNREADABLE] += 1
    return events, left, count


# -- the file ----------------------------------------------------------------------------------
def _text_of(file: "File[Any]") -> str:
    file.seek(0)
    start = bytes(file.read(512)).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"PK\x03\x04"):
        words = _("This is a zip archive: open it, then choose the .ics file it holds.")
        raise ValidationError(words, code="zip")
    if start[:1] == b"<":
        words = _(
            "This is a web page, not a calendar: use “Export” or the .ics link of your calendar."
        )
        raise ValidationError(words, code="web_page")
    if start and not start.upper().startswith(b"BEGIN:VCALENDAR"):
        words = _("This file is no calendar: a calendar begins with BEGIN:VCALENDAR.")
        raise ValidationError(words, code="no_calendar")
    check_upload(file, ("ics",), MOST_BYTES)
    content = bytes(file.read())
    file.seek(0)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return text


def _sieved(text: str, window: Window) -> tuple[str, Counter[Out], int]:
    """The file without the single events far from the window: a calendar of ten years is long."""
    kept: list[str] = []
    left: Counter[Out] = Counter()
    count = read = 0
    for block in _blocks(text):
        if block[0].upper() != "BEGIN:VEVENT":
            kept += block
            continue
        count += 1
        out = _far(block, window)
        if out is not None:
            left[out] += 1
            continue
        if block[-1].strip().upper() != "END:VEVENT":
            # The file was cut here.
            left[Out.UNREADABLE] += 1
            continue
        if count > MOST_EVENTS or read >= MOST_READ:
            words = _(
                "This calendar holds too many events: export the last three months of it alone."
            )
            raise ValidationError(words, code="too_many")
        read += 1
        kept += block
    return "\r\n".join(kept) + "\r\n", left, count


def _blocks(text: str) -> Iterator[list[str]]:
    """Each event with its lines, any other line alone; tasks and the like are left out."""
    block: list[str] = []
    ends = ""
    for line in text.splitlines():
        mark = line.strip().upper()
        if not ends and mark in _WHOLE:
            ends, line = mark.replace("BEGIN", "END"), mark
        block += [line] if mark else []
        if block and (not ends or mark == ends):
            yield from [] if ends in _SKIPPED else [block]
            block, ends = [], ""
    if ends == "END:VEVENT":
        # The file was cut here.
        yield block


def _far(block: list[str], window: Window) -> Out | None:
    if any(line.upper().startswith(_KEEPS) for line in block):
        return None
    found = next((m for line in block if (m := _START.match(line))), None)
    try:
        day = date(*map(int, found.groups())) if found else window.on
    except ValueError:
        return None
    if day < window.first - MARGIN:
        return Out.OLD
    return Out.FUTURE if day > window.on + timedelta(days=1) else None


# -- an event ----------------------------------------------------------------------------------
def _event(row: Any, email: str, zone: Any, *, cancelled: bool) -> CalendarEvent:
    start = _local(row["DTSTART"].dt, zone)
    rule = row.get("RRULE")
    which = row.get("RECURRENCE-ID")
    title = str(row.get("SUMMARY", "")).strip()
    end = _end(row, start, zone)
    uid = str(row.get("UID", "")).strip() or fingerprint("no uid", title, str(start), str(end))
    return CalendarEvent(
        uid=uid,
        start=start,
        end=end,
        title=_line(title),
        place=_line(str(row.get("LOCATION", ""))),
        people=tuple(sorted(_people(row))),
        rule=_rule_text(rule),
        extra=tuple(_moments(row.get("RDATE"), zone)),
        without=tuple(_moments(row.get("EXDATE"), zone)),
        instead_of=_local(which.dt, zone) if which is not None else None,
        version=int(row.get("SEQUENCE", 0) or 0),
        left_out=Out.CANCELLED if cancelled else _left_out(row, email),
    )


def _rule_text(rule: Any) -> str:
    one = rule[0] if isinstance(rule, list) else rule
    return one.to_ical().decode() if one is not None else ""


def _local(moment: date | datetime, zone: Any) -> date | datetime:
    """A floating hour, or one of a zone nobody knows, is the hour here."""
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    if isinstance(moment, datetime) and not isinstance(moment.tzinfo, ZoneInfo):
        return moment.astimezone(zone) if moment.utcoffset() is not None else moment
    return moment


def _end(row: Any, start: date | datetime, zone: Any) -> date | datetime:
    """When it ends: said, or by its length; else the day of a date, nothing of an hour."""
    if "DTEND" in row:
        return _local(row["DTEND"].dt, zone)
    length = row["DURATION"].dt if "DURATION" in row else None
    if length is not None:
        return start + length
    return start if isinstance(start, datetime) else start + timedelta(days=1)


def _moments(found: Any, zone: Any) -> Iterator[date | datetime]:
    for group in found if isinstance(found, list) else [found] if found is not None else []:
        for one in group.dts:
            # A period tells when it begins first.
            moment = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            yield _local(moment, zone)


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _people(row: Any) -> set[str]:
    """Addresses of those invited; used to guess, never kept."""
    found = [*_listed(row.get("ATTENDEE")), *_listed(row.get("ORGANIZER"))]
    plain = (str(one).strip().lower().removeprefix("mailto:") for one in found)
    return {one for one in plain if "@" in one}


def _left_out(row: Any, email: str) -> Out | None:
    """What its owner or its organiser says of it: cancelled, private, declined, free time."""
    said = {n: str(row.get(n, "")).upper() for n in ("STATUS", "CLASS", "TRANSP")}
    answers = {
        str(one.params.get("PARTSTAT", "")).upper()
        for one in _listed(row.get("ATTENDEE"))
        if str(one).strip().lower().removeprefix("mailto:") == email.lower()
    }
    ways = (
        (said["STATUS"] == "CANCELLED", Out.CANCELLED),
        (said["CLASS"] in ("PRIVATE", "CONFIDENTIAL"), Out.PRIVATE),
        ("DECLINED" in answers, Out.DECLINED),
        (said["TRANSP"] == "TRANSPARENT", Out.FREE),
        (str(row.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in _AWAY, Out.FREE),
    )
    return next((out for holds, out in ways if holds), None)
