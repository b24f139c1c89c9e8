"""Pure rules of deadlines and payments: ends of exercises, reminders, schedules to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.agenda import weeks_of
from grants.rules_deadlines import due_step, exercise_end, financial_report_due, median_of
from grants.rules_payments import StateCaps, Step, above_state_caps, overpaid, propose

D = Decimal
USUAL = [30, 14, 7, 2]


@pytest.mark.parametrize(
    ("anchor", "month", "day", "end"),
    [
        (date(2026, 3, 2), 12, 31, date(2026, 12, 31)),
        (date(2026, 12, 31), 12, 31, date(2026, 12, 31)),
        (date(2026, 7, 1), 6, 30, date(2027, 6, 30)),
        (date(2026, 6, 30), 6, 30, date(2026, 6, 30)),
        (date(2027, 1, 5), 2, 29, date(2027, 2, 28)),
        (date(2028, 1, 5), 2, 29, date(2028, 2, 29)),
    ],
)
def test_the_exercise_that_holds_a_day(anchor: date, month: int, day: int, end: date) -> None:
    assert exercise_end(anchor, month, day) == end


@pytest.mark.parametrize(
    ("anchor", "month", "day", "due"),
    [
        (date(2026, 3, 2), 12, 31, date(2027, 6, 30)),
        (date(2026, 3, 2), 6, 30, date(2026, 12, 31)),
        (date(2026, 3, 2), 8, 31, date(2027, 2, 28)),
        (date(2026, 3, 2), 9, 15, date(2027, 3, 15)),
    ],
)
def test_the_report_is_due_six_months_after_the_exercise(
    anchor: date, month: int, day: int, due: date
) -> None:
    assert financial_report_due(anchor, month, day) == due


def test_a_step_is_due_from_its_day_on() -> None:
    day = date(2026, 12, 31)
    assert due_step(day, USUAL, (), day - timedelta(days=31)) is None
    assert due_step(day, USUAL, (), day - timedelta(days=30)) == 30
    assert due_step(day, USUAL, (30,), day - timedelta(days=29)) is None
    assert due_step(day, USUAL, (30,), day - timedelta(days=14)) == 14


def test_missed_runs_are_caught_up_once_by_the_last_step() -> None:
    day = date(2026, 12, 31)
    assert due_step(day, USUAL, (), day - timedelta(days=1)) == 2
    assert due_step(day, USUAL, (2,), day - timedelta(days=1)) is None
    assert due_step(day, USUAL, (30,), day + timedelta(days=3)) == 2
    assert due_step(day, USUAL, (), day + timedelta(days=8)) is None


@given(
    day=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    runs=st.lists(st.integers(-40, 10), min_size=1, max_size=60),
)
def test_whatever_the_runs_no_step_is_told_twice_and_none_after_a_later_one(
    day: date, runs: list[int]
) -> None:
    told: list[int] = []
    for offset in sorted(runs):
        step = due_step(day, USUAL, told, day + timedelta(days=offset))
        if step is not None:
            assert step not in told
            assert not told or step < min(told)
            told.append(step)
    assert len(told) <= len(USUAL)


def test_a_median_is_read_from_counts() -> None:
    assert median_of({}) is None
    assert median_of({12: 1}) == 12
    assert median_of({10: 1, 20: 1}) == 15
    assert median_of({10: 1, 21: 1}) == 16
    assert median_of({10: 3, 90: 1}) == 10


def test_a_schedule_adds_up_to_the_cent_and_the_last_takes_the_rest() -> None:
    third = D("33.33")
    steps = [Step("advance", third, 0), Step("instalment", third, 6), Step("balance", D("33.34"))]
    found = propose(D("100.01"), steps, date(2026, 8, 31))
    assert [p.amount for p in found] == [D("33.33"), D("33.33"), D("33.35")]
    assert [p.expected_on for p in found] == [date(2026, 8, 31), date(2027, 2, 28), None]


@given(
    amount=st.decimals(D("0.01"), D(10_000_000), places=2),
    cuts=st.lists(st.integers(1, 97), min_size=0, max_size=5),
)
def test_any_schedule_is_the_grant(amount: Decimal, cuts: list[int]) -> None:
    percents = [min(cut, 99) for cut in cuts]
    while sum(percents) > 99:
        percents.pop()
    percents.append(100 - sum(percents))
    steps = [Step("instalment", D(percent)) for percent in percents]
    found = propose(amount, steps, date(2026, 1, 1))
    assert sum(p.amount for p in found) == amount
    assert all(p.amount > 0 for p in found)


def test_the_state_pays_thirty_percent_ahead_and_eighty_before_the_balance() -> None:
    caps = StateCaps(D(30), D(80))
    plan = [("advance", D(3000)), ("instalment", D(5000)), ("balance", D(2000))]
    assert above_state_caps(D(10000), plan, caps) == {}
    plan = [("advance", D("3000.01")), ("instalment", D(5000)), ("balance", D("1999.99"))]
    over = above_state_caps(D(10000), plan, caps)
    assert over == {"advance": D("0.01"), "before_balance": D("0.01")}


def test_what_passes_the_grant_is_overpaid() -> None:
    assert overpaid(D(36000), D(30000), D(6000)) == 0
    assert overpaid(D(36000), D(30000), D("6000.01")) == D("0.01")
    assert overpaid(None, D(0), D(5)) == 0


def test_a_month_is_whole_weeks_from_monday() -> None:
    weeks = weeks_of(date(2026, 12, 1))
    assert weeks[0][0] == date(2026, 11, 30)
    assert weeks[-1][-1] == date(2027, 1, 3)
    assert all(week[0].weekday() == 0 and len(week) == 7 for week in weeks)
