"""A calendar file: looked at like any upload, then read event by event, broken ones aside."""

from datetime import date, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from missions import agenda_file
from missions.rules_calendar import Out, lay_out
from tests.given_agenda import calendar, event, read, titles, window

ON = date(2026, 11, 25)
DAY = date(2026, 11, 23)


def found(*events: str, **more: Any) -> Any:
    rows, left, _count = read(calendar(*events, **more), ON)
    return lay_out(rows, window(ON)), left


def refused(content: bytes, name: str = "agenda.ics") -> str:
    with pytest.raises(ValidationError) as caught:
        agenda_file.read_calendar(ContentFile(content, name), email="a@b.fr", window=window(ON))
    return " ".join(caught.value.messages)


# -- what is no calendar -----------------------------------------------------------------------
def test_an_archive_is_told_apart(tmp_path: Any) -> None:
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("agenda.ics", calendar())
    content = (tmp_path / "a.zip").read_bytes()
    assert "archive zip" in refused(content, "agenda.ics")
    assert "archive zip" in refused(content, "takeout.zip")


def test_a_web_page_is_told_apart() -> None:
    assert "page web" in refused(b"<!doctype html><html></html>")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "agenda.ics", "vide"),
        (calendar() + b"\x00\x01", "agenda.ics", "ICS"),
        (b"Bonjour", "agenda.ics", "BEGIN:VCALENDAR"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "agenda.ics", "BEGIN:VCALENDAR"),
        (calendar(), "agenda.csv", "pas accepté"),
        (b"\x00\x01BEGIN:VCALENDAR", "agenda.ics", "BEGIN:VCALENDAR"),
        (b"%PDF-1.7\n", "agenda.ics", "BEGIN:VCALENDAR"),
        (calendar().decode().encode("utf-16"), "agenda.ics", "BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\nno colon here\r\nEND:VCALENDAR\r\n", "agenda.ics", "abîmé"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n", "agenda.ics", "abîmé"),
    ],
)
def test_what_is_no_calendar_is_refused_in_words(content: bytes, name: str, words: str) -> None:
    assert words in refused(content, name)


def test_a_file_is_weighed_and_its_events_counted(monkeypatch: Any) -> None:
    monkeypatch.setattr(agenda_file, "MOST_BYTES", 1000)
    assert "trop lourd" in refused(calendar("X-LONG:" + "a" * 1000))
    monkeypatch.setattr(agenda_file, "MOST_READ", 3)
    monkeypatch.setattr(agenda_file, "MOST_BYTES", 10**6)
    assert "trop de rendez-vous" in refused(calendar(*(event(str(n), DAY) for n in range(4))))


def test_ten_years_of_single_events_cost_no_reading(monkeypatch: Any) -> None:
    monkeypatch.setattr(agenda_file, "MOST_READ", 3)
    old = [event(str(n), ON - timedelta(days=400 + n), "0900-1000") for n in range(50)]
    later = [event(f"f{n}", ON + timedelta(days=30 + n)) for n in range(5)]
    laid, left = found(*old, *later, event("now", DAY, title="Point"))
    assert titles(o.event.title for o in laid.found) == ["Point"]
    assert left == {Out.OLD: 50, Out.FUTURE: 5}


# -- an event ----------------------------------------------------------------------------------
def one(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def only(*lines: str, **more: Any) -> Any:
    laid, _left = found(one("UID:u", *lines), **more)
    [occurrence] = laid.found
    return occurrence


def test_a_floating_hour_is_the_hour_here() -> None:
    got = only("DTSTART:20261123T090000", "DTEND:20261123T103000")
    assert (got.start.hour, got.minutes) == (9, 90)


@pytest.mark.parametrize(
    ("start", "hour"),
    [
        ("DTSTART:20261123T080000Z", 9),
        ("DTSTART;TZID=Romance Standard Time:20261123T090000", 9),
        ("DTSTART;TZID=Europe/London:20261123T090000", 10),
        ("DTSTART;TZID=Nowhere/Else:20261123T090000", 9),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Paris:20261123T090000", 9),
    ],
)
def test_an_hour_is_told_in_any_zone(start: str, hour: int) -> None:
    assert only(start, "DURATION:PT2H").start.hour == hour


ZONE = "\r\n".join(
    [
        "BEGIN:VTIMEZONE",
        "TZID:Chez nous",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]
)


def test_a_zone_that_the_file_describes_keeps_its_hour_in_summer_and_winter() -> None:
    weekly = one(
        "UID:u",
        "DTSTART;TZID=Chez nous:20261012T090000",
        "DTEND;TZID=Chez nous:20261012T110000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
    )
    laid, _left = found(weekly, head=ZONE)
    assert [o.start.hour for o in laid.found] == [9, 9, 9, 9]


def test_without_an_end_a_date_is_a_day_and_an_hour_is_nothing() -> None:
    assert only("DTSTART;VALUE=DATE:20261123").minutes is None
    laid, _left = found(one("UID:u", "DTSTART:20261123T090000Z"))
    assert laid.left_out == {Out.SHORT: 1}


def test_words_are_unfolded_and_kept_on_one_line() -> None:
    got = only(
        "DTSTART;VALUE=DATE:20261123",
        "SUMMARY:Réunion\\, avec",
        "  la mairie\\nde Barr",
        "LOCATION:12 rue\\; ici",
        "DESCRIPTION:secret",
    )
    assert got.event.title == "Réunion, avec la mairie de Barr"
    assert got.event.place == "12 rue; ici"


def test_who_is_invited_is_known_and_lower_case() -> None:
    got = only(
        "DTSTART;VALUE=DATE:20261123",
        "ATTENDEE;CN=Emile:mailto:Emile@Epi.test",
        "ORGANIZER:MAILTO:ada@essaim.test",
        "ATTENDEE:urn:uuid:nobody",
    )
    assert got.event.people == ("ada@essaim.test", "emile@epi.test")


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("STATUS:CANCELLED", Out.CANCELLED),
        ("CLASS:PRIVATE", Out.PRIVATE),
        ("CLASS:CONFIDENTIAL", Out.PRIVATE),
        ("TRANSP:TRANSPARENT", Out.FREE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", Out.FREE),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:ADA@essaim.test", Out.DECLINED),
        ("ATTENDEE;PARTSTAT=DECLINED:mailto:emile@epi.test", None),
        ("STATUS:TENTATIVE", None),
    ],
)
def test_what_its_owner_says_of_it_is_heard(line: str, out: Out | None) -> None:
    laid, _left = found(one("UID:u", "DTSTART;VALUE=DATE:20261123", line))
    assert laid.left_out == ({out: 1} if out else {})
    assert len(laid.found) == (0 if out else 1)


def test_a_calendar_that_cancels_cancels_all_its_events() -> None:
    laid, _left = found(event("u", DAY), head="METHOD:CANCEL")
    assert laid.left_out == {Out.CANCELLED: 1}


def test_without_a_uid_an_event_is_known_by_its_words_and_hours() -> None:
    first, _left = found(event("", DAY, "0900-1200", "Point"), event("", DAY, "1400-1600", "Point"))
    again, _left = found(event("", DAY, "0900-1200", "Point"))
    assert len(first.found) == 2
    assert again.found[0].key in {o.key for o in first.found}


def test_a_broken_event_is_left_out_and_the_others_are_read() -> None:
    laid, left = found(
        one("UID:a", "DTSTART:tomorrow", "SUMMARY:A"),
        one("UID:b", "SUMMARY:no date"),
        event("c", DAY, title="C"),
    )
    assert [o.event.title for o in laid.found] == ["C"]
    assert left == {Out.UNREADABLE: 2}


def test_tasks_and_alarms_are_no_events_and_calendars_may_follow_each_other() -> None:
    todo = "BEGIN:VTODO\r\nUID:t\r\nSUMMARY:À faire\r\nEND:VTODO"
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nEND:VALARM"
    with_alarm = one("UID:a", "DTSTART;VALUE=DATE:20261123", "SUMMARY:A", alarm)
    content = calendar(todo, with_alarm) + calendar(event("b", DAY, title="B"))
    rows, _left, count = read(content, ON)
    assert (titles(r.title for r in rows), count) == (["A", "B"], 2)


def test_a_repeat_with_its_exceptions_and_its_moved_date_is_read() -> None:
    series = one(
        "UID:s",
        "DTSTART;TZID=Europe/Paris:20261102T090000",
        "DTEND;TZID=Europe/Paris:20261102T120000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231T235959Z",
        "EXDATE;TZID=Europe/Paris:20261109T090000,20261116T090000",
        "RDATE;TZID=Europe/Paris:20261105T090000",
    )
    moved = one(
        "UID:s",
        "RECURRENCE-ID;TZID=Europe/Paris:20261123T090000",
        "DTSTART;TZID=Europe/Paris:20261124T140000",
        "DTEND;TZID=Europe/Paris:20261124T160000",
    )
    laid, left = found(series, moved)
    assert [o.day.day for o in laid.found] == [24, 5, 2] and not left


def test_letters_of_an_old_windows_are_read() -> None:
    rows, _left, _count = read(calendar(event("u", DAY, title="Épi")).decode().encode("cp1252"), ON)
    assert rows[0].title == "Épi"
