"""Pure rules of a person's week and month: holes, cells, copies, half-days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.days import holiday_names, is_working_day
from missions.rules_grid import (
    Cell,
    Worked,
    copied,
    halves,
    holes,
    last_working_days,
    moment_for,
    month_grid,
    parse_cell,
)

D = Decimal
MONDAY = date(2026, 11, 23)
HALVES = {"full_day": "1", "morning": "0.5", "afternoon": "0.5", "evening": "0.5"}


# -- holes -----------------------------------------------------------------------------------
def test_holes_are_the_working_days_without_anything_the_oldest_first() -> None:
    noted = {date(2026, 11, d) for d in (9, 10, 12, 13, 16, 18, 20)}
    assert holes(noted, MONDAY) == [date(2026, 11, 6), date(2026, 11, 17), date(2026, 11, 19)]


def test_today_is_no_hole_and_a_holiday_is_none() -> None:
    found = holes((), date(2026, 11, 12), 3)
    assert found == [date(2026, 11, 6), date(2026, 11, 9), date(2026, 11, 10)]


def test_alsace_moselle_does_not_work_on_good_friday_nor_on_26_december() -> None:
    good_friday, after = date(2026, 4, 3), date(2026, 4, 4)
    assert good_friday not in last_working_days(after, 1, "57")
    assert last_working_days(after, 1, "") == [good_friday]
    assert holiday_names(2026, "6AE")[good_friday] == "Vendredi saint"
    assert good_friday not in holiday_names(2026, "")
    assert holiday_names(2026, "57", "en")[date(2026, 12, 25)] == "Christmas Day"


# -- cells -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("1", "1"),
        (" 1 ", "1"),
        ("1,0", "1"),
        ("0,5", "0.5"),
        (".5", "0.5"),
        (",5", "0.5"),
        ("0.50", "0.5"),
        ("½", "0.5"),
        ("1/2", "0.5"),
        ("¼", "0.25"),
        ("0,25", "0.25"),
        ("3/4", "0.75"),
        ("0,5 j", "0.5"),
        ("0\u202f,5", "0.5"),
    ],
)
def test_a_cell_reads_what_people_type(typed: str, days: str) -> None:
    assert parse_cell(typed) == D(days)


@pytest.mark.parametrize("typed", ["", "  ", "0", "0,00"])
def test_an_empty_cell_holds_nothing(typed: str) -> None:
    assert parse_cell(typed) is None


@pytest.mark.parametrize(
    "typed",
    ["2", "0,3", "1,5", "-1", "+1", "1e0", "un", "1_0", "½½", "٣", ".", ",", "1.2.3", "9" * 9],
)
def test_a_cell_refuses_the_rest(typed: str) -> None:
    with pytest.raises(ValueError, match="no quantity"):
        parse_cell(typed)


@given(st.text(max_size=10))
def test_whatever_is_typed_is_a_quantity_nothing_or_refused(text: str) -> None:
    try:
        found = parse_cell(text)
    except ValueError:
        return
    assert found is None or found in {D("1"), D("0.75"), D("0.5"), D("0.25")}


@pytest.mark.parametrize(
    ("quantity", "taken", "current", "moment"),
    [
        ("1", (), None, "full_day"),
        ("0.75", (), "morning", "full_day"),
        ("0.5", (), None, "morning"),
        ("0.5", ("morning",), None, "afternoon"),
        ("0.5", ("morning", "afternoon"), None, "evening"),
        ("0.5", ("morning",), "evening", "evening"),
        ("0.25", (), "full_day", "morning"),
    ],
)
def test_a_quantity_finds_its_moment(
    quantity: str, taken: tuple[str, ...], current: str | None, moment: str
) -> None:
    assert moment_for(D(quantity), taken, current) == moment


# -- copy ------------------------------------------------------------------------------------
def cell(mission: int, day: date, quantity: str = "0") -> Cell:
    return Cell(mission=mission, day=day, quantity=D(quantity))


def test_last_week_is_proposed_a_week_later_and_nowhere_else() -> None:
    before = [cell(1, date(2026, 11, d), "1") for d in (16, 17, 18, 19, 20)]
    before += [cell(9, date(2026, 11, 16), "0.5"), cell(2, date(2026, 11, 19), "0.5")]
    now = [cell(1, MONDAY), cell(2, date(2026, 11, 24), "0.5"), cell(1, date(2026, 11, 26))]
    found = copied(before, now, on=date(2026, 11, 26), missions=(1, 2), off=[date(2026, 11, 25)])
    # Tuesday holds a half already, Wednesday is off, Friday to come, mission 9 has ended;
    # Thursday is full with the first.
    assert found == {(1, MONDAY): D(1), (1, date(2026, 11, 26)): D(1)}


def test_a_copy_never_passes_a_day_nor_touches_what_is_there() -> None:
    before = [cell(1, date(2026, 11, 16), "0.5"), cell(2, date(2026, 11, 16), "0.5")]
    held = [cell(3, MONDAY, "0.5")]
    assert copied(before, held, on=MONDAY, missions=(1, 2, 3)) == {(1, MONDAY): D("0.5")}
    same = [cell(1, MONDAY, "0.25")]
    assert (1, MONDAY) not in copied(before, same, on=MONDAY, missions=(1, 2))


# -- month -----------------------------------------------------------------------------------
def worked(*pieces: tuple[str, str]) -> list[Worked]:
    return [Worked(day=MONDAY, moment=m, quantity=D(q)) for m, q in pieces]


@pytest.mark.parametrize(
    ("pieces", "morning", "afternoon", "total"),
    [
        ([("full_day", "1")], "0.5", "0.5", "1"),
        ([("full_day", "0.75")], "0.5", "0.25", "0.75"),
        ([("morning", "0.5")], "0.5", "0", "0.5"),
        ([("afternoon", "0.25")], "0", "0.25", "0.25"),
        ([("evening", "0.5")], "0", "0.5", "0.5"),
        ([("morning", "0.5"), ("full_day", "0.5")], "0.5", "0.5", "1"),
        ([("morning", "0.75")], "0.5", "0.25", "0.75"),
        ([("full_day", "1"), ("evening", "0.5")], "0.5", "0.5", "1.5"),
        ([], "0", "0", "0"),
    ],
)
def test_a_day_fills_its_halves(
    pieces: list[tuple[str, str]], morning: str, afternoon: str, total: str
) -> None:
    assert halves(worked(*pieces)) == (D(morning), D(afternoon), D(total))


PIECES = st.lists(
    st.tuples(st.sampled_from(sorted(HALVES)), st.sampled_from(["0.25", "0.5", "0.75", "1"])),
    max_size=5,
)


@given(PIECES)
def test_halves_hold_what_fits_and_no_more(pieces: list[tuple[str, str]]) -> None:
    morning, afternoon, total = halves(worked(*pieces))
    assert total == sum((D(q) for _m, q in pieces), D(0))
    assert 0 <= morning <= D("0.5") >= afternoon >= 0
    assert morning + afternoon == min(total, D(1))


def test_a_month_is_whole_weeks_with_its_holidays_and_its_holes() -> None:
    names = holiday_names(2026, "57")
    rows = [Worked(day=date(2026, 11, 12), moment="morning", quantity=D("0.5"))]
    weeks = month_grid(date(2026, 11, 1), rows, names, on=date(2026, 11, 16))
    assert all(len(week) == 7 for week in weeks)
    squares = {s.day: s for week in weeks for s in week}
    assert min(squares).weekday() == 0 and max(squares).weekday() == 6
    assert [s.day.day for s in squares.values() if s.is_hole] == [2, 3, 4, 5, 6, 9, 10, 13]
    assert squares[date(2026, 11, 11)].holiday == "Armistice"
    assert squares[date(2026, 11, 11)].is_off and not squares[date(2026, 11, 11)].is_hole
    assert (squares[date(2026, 11, 12)].morning, squares[date(2026, 11, 12)].afternoon) == (1, 0)
    assert squares[date(2026, 11, 17)].is_to_come
    assert not squares[date(2026, 12, 1)].in_month


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 40))
def test_every_hole_of_a_month_is_a_working_day_that_is_over(day: date, later: int) -> None:
    on = day + timedelta(days=later)
    names = holiday_names(day.year, "57")
    for week in month_grid(day, [], names, on=on):
        for square in week:
            if square.is_hole:
                assert is_working_day(square.day) and square.day < on
                assert square.day.month == day.month
