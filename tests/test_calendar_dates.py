"""Events laid out on dates: repeats, exceptions, time zones, summer time, what is left out."""

from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.rules_calendar import (
    DAYS_BACK,
    MOST_FOUND,
    CalendarEvent,
    Laid,
    Out,
    dates_of,
    lay_out,
)
from missions.rules_repeat import followed, repeat_of
from tests.given_agenda import PARIS, window

ON = date(2026, 11, 25)
TOKYO = ZoneInfo("Asia/Tokyo")


def one(start: Any, end: Any = None, uid: str = "u", **more: Any) -> CalendarEvent:
    if end is None:
        aware = isinstance(start, datetime)
        end = start + (timedelta(hours=2) if aware else timedelta(days=1))
    return CalendarEvent(uid=uid, start=start, end=end, **more)


def at(day: date, hour: int = 9, zone: Any = PARIS) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)


def laid(*events: CalendarEvent, on: date = ON, hour: int = 20) -> Laid:
    return lay_out(events, window(on, hour))


def days(found: Laid) -> list[date]:
    return sorted(o.day for o in found.found)


# -- the window --------------------------------------------------------------------------------
def test_the_last_hundred_days_are_read_and_nothing_to_come() -> None:
    first = ON - timedelta(days=DAYS_BACK)
    inside = [one(first, uid="a"), one(ON, uid="b"), one(at(ON, 19), uid="c")]
    before, after = one(first - timedelta(days=1), uid="d"), one(ON + timedelta(days=1), uid="e")
    later = one(at(ON, 21), uid="f")
    found = laid(*inside, before, after, later)
    assert days(found) == [first, ON, ON]
    assert found.left_out == {Out.OLD: 1, Out.FUTURE: 2}


def test_what_its_owner_says_of_it_leaves_it_out_and_takes_it_back() -> None:
    ways = [Out.CANCELLED, Out.DECLINED, Out.PRIVATE, Out.FREE]
    found = laid(*(one(ON, uid=str(w), left_out=w) for w in ways))
    assert found.found == [] and found.left_out == dict.fromkeys(ways, 1)
    assert len(found.gone) == 4


def test_an_instant_is_no_work_and_an_end_before_its_start_is_unreadable() -> None:
    start = at(ON)
    short = one(start, start + timedelta(minutes=10), uid="a")
    wrong = one(start, start - timedelta(hours=1), uid="b")
    assert laid(short, wrong).left_out == {Out.SHORT: 1, Out.UNREADABLE: 1}


# -- whole days --------------------------------------------------------------------------------
def test_an_all_day_event_is_one_day_without_hours() -> None:
    [found] = laid(one(date(2026, 11, 21))).found
    assert (found.day, found.minutes) == (date(2026, 11, 21), None)


def test_of_several_days_those_that_are_worked_are_proposed() -> None:
    # From Monday 9 to Sunday 15 November: the 11th is a holiday.
    found = laid(one(date(2026, 11, 9), date(2026, 11, 16)))
    assert [d.day for d in days(found)] == [9, 10, 12, 13]
    assert len({o.key for o in found.found}) == 4 and len({o.series for o in found.found}) == 1


def test_hours_past_a_day_become_whole_days() -> None:
    found = laid(one(at(date(2026, 11, 16), 14), at(date(2026, 11, 18), 12)))
    assert [d.day for d in days(found)] == [16, 17, 18]
    assert {o.minutes for o in found.found} == {None}


def test_an_evening_past_midnight_stays_on_its_date() -> None:
    [found] = laid(one(at(date(2026, 11, 16), 20), at(date(2026, 11, 17), 1))).found
    assert (found.day, found.minutes) == (date(2026, 11, 16), 300)


# -- time zones --------------------------------------------------------------------------------
def test_the_date_is_the_one_in_paris() -> None:
    # 7 in the morning of the 18th in Tokyo is 23 h of the 17th in Paris.
    [found] = laid(one(at(date(2026, 11, 18), 7, TOKYO))).found
    assert found.day == date(2026, 11, 17) and found.start is not None
    assert found.start.hour == 23


def test_hours_are_counted_as_they_pass_when_the_clocks_change() -> None:
    # 25 October 2026: at 3 h it is 2 h again.
    night = datetime(2026, 10, 25, 1, tzinfo=PARIS), datetime(2026, 10, 25, 4, tzinfo=PARIS)
    assert [o.minutes for o in laid(one(*night)).found] == [240]


def test_a_weekly_hour_stays_the_same_on_the_clock_in_summer_and_winter() -> None:
    found = laid(one(at(date(2026, 10, 12)), rule="FREQ=WEEKLY;COUNT=4"))
    assert {(o.start.hour, o.minutes) for o in found.found if o.start} == {(9, 120)}
    assert [d.day for d in days(found)] == [12, 19, 26, 2]


# -- repeats -----------------------------------------------------------------------------------
def test_a_repeat_is_laid_out_within_the_window_alone() -> None:
    found = laid(one(date(2025, 1, 6), rule="FREQ=WEEKLY;BYDAY=MO"))
    assert days(found)[0] >= ON - timedelta(days=DAYS_BACK)
    assert days(found)[-1] == date(2026, 11, 23)
    assert len(found.found) == 15 and not found.left_out


@pytest.mark.parametrize(
    "until", ["20261116", "20261116T080000Z", "20261116T090000", "20261116T235959Z"]
)
def test_the_last_date_of_a_repeat_is_kept(until: str) -> None:
    rule = f"FREQ=WEEKLY;UNTIL={until}"
    assert days(laid(one(at(date(2026, 11, 2)), rule=rule)))[-1] == date(2026, 11, 16)


def test_an_end_just_before_the_hour_stops_it() -> None:
    rule = "FREQ=WEEKLY;UNTIL=20261116T075959Z"
    assert days(laid(one(at(date(2026, 11, 2)), rule=rule)))[-1] == date(2026, 11, 9)


def test_exceptions_take_a_date_away_by_its_hour_or_its_day() -> None:
    start = at(date(2026, 11, 2))
    out = (at(date(2026, 11, 9), 8, UTC), date(2026, 11, 16))
    found = laid(one(start, rule="FREQ=WEEKLY", without=out))
    assert days(found) == [date(2026, 11, 2), date(2026, 11, 23)]


def test_dates_may_be_added() -> None:
    extra = (at(date(2026, 11, 5)),)
    assert [d.day for d in days(laid(one(at(date(2026, 11, 2)), extra=extra)))] == [2, 5]


def test_a_date_that_was_moved_replaces_the_one_it_was() -> None:
    series = one(at(date(2026, 11, 2)), rule="FREQ=WEEKLY")
    moved = one(at(date(2026, 11, 12), 14), instead_of=at(date(2026, 11, 9)))
    found = laid(series, moved)
    assert [d.day for d in days(found)] == [2, 12, 16, 23]
    keys = {o.day.day: o.key for o in laid(series).found}
    # The same date keeps its key wherever it is moved.
    assert next(o.key for o in found.found if o.day.day == 12) == keys[9]


def test_a_date_of_a_repeat_that_was_cancelled_is_taken_back() -> None:
    series = one(at(date(2026, 11, 2)), rule="FREQ=WEEKLY")
    out = one(at(date(2026, 11, 9)), instead_of=at(date(2026, 11, 9)), left_out=Out.CANCELLED)
    found = laid(series, out)
    assert [d.day for d in days(found)] == [2, 16, 23]
    assert found.gone == {o.key for o in laid(series).found if o.day.day == 9}


def test_of_two_versions_the_later_counts() -> None:
    old, new = one(date(2026, 11, 2), version=1), one(date(2026, 11, 3), version=2)
    assert days(laid(new, old)) == [date(2026, 11, 3)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=WEEKLY;INTERVAL=zero",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "BYDAY=MO",
        "FREQ=YEARLY;BYMONTHDAY=" + ",".join(["31"] * 200),
    ],
)
def test_a_repeat_nobody_can_follow_is_left_out(rule: str) -> None:
    found = laid(one(at(date(2026, 11, 2)), rule=rule))
    assert found.found == [] and found.left_out == {Out.UNREADABLE: 1}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=5",
        "FREQ=DAILY;COUNT=100000000",
    ],
)
def test_a_repeat_made_to_last_for_ever_ends_soon(rule: str) -> None:
    events = [one(at(date(2001, 1, 1)), uid=str(n), rule=rule) for n in range(500)]
    began = perf_counter()
    found = laid(*events)
    assert len(found.found) <= MOST_FOUND
    # A third of a second on a quiet machine; without a limit each takes one second and more.
    assert perf_counter() - began < 30


def test_the_newest_are_kept_when_there_are_too_many() -> None:
    events = [one(at(ON - timedelta(days=n % 100)), uid=str(n)) for n in range(MOST_FOUND + 7)]
    found = laid(*events)
    assert len(found.found) == MOST_FOUND and found.left_out == {Out.TOO_MANY: 7}
    assert found.found[0].day == ON


# -- properties --------------------------------------------------------------------------------
starts = st.dates(date(2024, 1, 1), date(2026, 12, 31))
clauses = {
    "DAILY": ("", ";BYDAY=MO,WE,FR", ";BYMONTHDAY=1,15,-1", ";BYMONTH=9,10,11"),
    "WEEKLY": ("", ";BYDAY=MO,FR", ";BYDAY=SU;WKST=SU", ";BYDAY=TU,TH,SU;BYMONTH=10,11"),
    "MONTHLY": ("", ";BYDAY=2TU", ";BYDAY=-1FR", ";BYMONTHDAY=10,-2", ";BYDAY=FR;BYMONTHDAY=13"),
    "YEARLY": ("", ";BYMONTH=9,11;BYDAY=1MO", ";BYMONTHDAY=5", ";BYDAY=-5WE"),
}
sets = ("", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ";BYDAY=SA,SU;BYSETPOS=1,-1")


@st.composite
def repeats(draw: Any) -> str:
    every = draw(st.sampled_from(sorted(clauses)))
    by = draw(st.sampled_from(clauses[every]))
    if every == "MONTHLY":
        by = draw(st.sampled_from((by, *sets)))
    ends = draw(st.sampled_from(("", ";COUNT=7", ";COUNT=40", ";UNTIL=20261020T100000Z")))
    # Turns of seven days might never meet a weekday: the other library would seek until 9999.
    return f"FREQ={every};INTERVAL={draw(st.integers(1, 4))}{by}{ends}"


@settings(max_examples=150, deadline=None)
@given(starts, repeats())
def test_a_repeat_gives_the_dates_that_another_library_gives(start: date, rule: str) -> None:
    first, last = datetime(start.year, start.month, start.day, 9), date(2027, 1, 31)  # noqa: DTZ001
    end = datetime.combine(last, time.max)
    theirs = rrulestr(rule.replace("T100000Z", "T120000"), dtstart=first)
    found = followed(repeat_of(rule, ZoneInfo("Europe/Paris")), first, last, [10_000])
    assert list(found) == list(theirs.between(first, end, inc=True))


rules = st.builds(
    "FREQ={};INTERVAL={}".format, st.sampled_from(("DAILY", "WEEKLY")), st.integers(1, 9)
)


@settings(max_examples=60, deadline=None)
@given(starts, rules, st.sampled_from(("", ";BYDAY=MO,FR", ";BYDAY=SU")))
def test_beginning_nearer_the_window_changes_no_date(start: date, rule: str, by: str) -> None:
    """A repeat that counts its dates is followed from its start: both ways agree."""
    near = one(start, rule=rule + by)
    far = one(start, rule=f"{rule}{by};COUNT=5000")
    assert days(laid(near)) == days(laid(far))


@settings(max_examples=60, deadline=None)
@given(starts, rules, st.integers(0, 23))
def test_every_date_has_its_own_key_inside_the_window(start: date, rule: str, hour: int) -> None:
    found = laid(one(at(start, hour), rule=rule)).found
    assert len({o.key for o in found}) == len(found)
    assert all(ON - timedelta(days=DAYS_BACK) <= o.day <= ON for o in found)
    again = laid(one(at(start, hour), rule=rule)).found
    assert [o.key for o in again] == [o.key for o in found]


def test_steps_are_spent_once_for_a_whole_file() -> None:
    steps = [10]
    with pytest.raises(ValueError, match="too many"):
        list(dates_of(one(date(2026, 1, 1), rule="FREQ=DAILY"), window(ON), steps))
