"""Working days of Strasbourg and elsewhere, months, half-years and quantities of days."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.days import (
    ALSACE,
    MOSELLE,
    add_months,
    add_working_days,
    half_up_quantity,
    half_year_start,
    is_public_holiday,
    is_working_day,
    month_end,
    month_start,
    months_between,
    next_working_day,
    working_days_back,
    working_days_between,
)

GOOD_FRIDAY = date(2026, 4, 3)
SAINT_STEPHEN = date(2025, 12, 26)


@pytest.mark.parametrize("subdivision", [MOSELLE, ALSACE])
def test_local_law_adds_good_friday_and_26_december(subdivision):
    for day in (GOOD_FRIDAY, SAINT_STEPHEN):
        assert is_public_holiday(day, subdivision)
        assert not is_working_day(day, subdivision)


def test_the_rest_of_france_works_on_good_friday():
    assert is_working_day(GOOD_FRIDAY, "")
    assert is_working_day(SAINT_STEPHEN, "")


@pytest.mark.parametrize(
    "day", [date(2026, 5, 14), date(2026, 7, 14), date(2026, 11, 11), date(2026, 11, 22)]
)
def test_holidays_and_sundays_are_not_worked(day):
    assert not is_working_day(day)


def test_an_unknown_subdivision_is_an_error_and_not_a_silent_default():
    with pytest.raises(NotImplementedError):
        is_working_day(date(2026, 1, 2), "99Z")


def test_working_days_step_over_easter():
    assert add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert add_working_days(date(2026, 4, 2), 1, "") == GOOD_FRIDAY
    assert working_days_back(date(2026, 4, 7), 1) == date(2026, 4, 2)
    assert add_working_days(GOOD_FRIDAY, 0) == GOOD_FRIDAY
    assert next_working_day(GOOD_FRIDAY) == date(2026, 4, 7)
    assert next_working_day(date(2026, 4, 7)) == date(2026, 4, 7)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 60))
def test_going_forward_and_back_comes_home_from_a_working_day(day, count):
    start = next_working_day(day)
    assert working_days_back(add_working_days(start, count), count) == start
    assert working_days_between(start, add_working_days(start, count)) == count + 1


def test_a_reversed_interval_has_no_working_day():
    assert working_days_between(date(2026, 3, 10), date(2026, 3, 2)) == 0


def test_months_begin_and_end_leap_years_included():
    assert month_start(date(2028, 2, 29)) == date(2028, 2, 1)
    assert month_end(date(2028, 2, 1)) == date(2028, 2, 29)
    assert month_end(date(2026, 12, 5)) == date(2026, 12, 31)


def test_a_month_later_stays_inside_the_month():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_months_between_two_dates_are_listed_by_their_first_day():
    assert months_between(date(2026, 11, 22), date(2027, 1, 1)) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert months_between(date(2027, 1, 1), date(2026, 11, 22)) == []


def test_half_years_start_in_january_and_july():
    assert half_year_start(date(2026, 6, 30)) == date(2026, 1, 1)
    assert half_year_start(date(2026, 11, 22)) == date(2026, 7, 1)


def test_quantities_of_days_round_half_up():
    assert half_up_quantity(Decimal(1) / 3) == Decimal("0.3333")
    assert half_up_quantity("0.00005") == Decimal("0.0001")
    assert half_up_quantity("0.125", 2) == Decimal("0.13")
    with pytest.raises(TypeError):
        half_up_quantity(0.5)
    with pytest.raises(ValueError, match="not a quantity"):
        half_up_quantity("NaN")
