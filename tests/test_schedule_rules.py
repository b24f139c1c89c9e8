"""Schedules of instalments: exact sums, order of dates, what payments cover."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import rules_schedule as schedules
from invoicing.rules_due import Instalment
from invoicing.rules_schedule import AMOUNT, PERCENT, REMAINDER, PlannedPart

D = Decimal
ISSUED = date(2026, 11, 23)
amounts = st.integers(1, 10_000_000).map(lambda n: D(n) / 100)


def codes(asked, planned):
    return [p.code for p in schedules.check_plan(asked, ISSUED, planned)]


def test_fixed_percent_and_remainder_sum_to_what_is_asked():
    planned = [
        PlannedPart(AMOUNT, D("500.00"), days=0),
        PlannedPart(PERCENT, D("33.33"), days=30),
        PlannedPart(REMAINDER, days=60),
    ]
    parts = schedules.materialise(D("2913.17"), ISSUED, planned)
    assert [p.amount for p in parts] == [D("500.00"), D("970.96"), D("1442.21")]
    assert [p.due_on for p in parts] == [ISSUED + timedelta(days=n) for n in (0, 30, 60)]
    assert codes(D("2913.17"), planned) == []


@given(amounts, st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_whatever_the_percents_the_remainder_closes_the_sum(asked, percents):
    planned = [PlannedPart(PERCENT, D(p) / 2, days=10 * n) for n, p in enumerate(percents)] + [
        PlannedPart(REMAINDER, days=365)
    ]
    parts = schedules.materialise(asked, ISSUED, planned)
    assert sum(p.amount for p in parts) == asked
    found = codes(asked, planned)
    assert found == ["instalment_not_positive"] * sum(p.amount <= 0 for p in parts)


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        (
            [PlannedPart(REMAINDER, days=0), PlannedPart(AMOUNT, D(10), days=9)],
            "remainder_not_last",
        ),
        ([PlannedPart(AMOUNT, D(99), days=1)], "schedule_does_not_sum"),
        ([PlannedPart(AMOUNT, D(101), days=1)], "schedule_does_not_sum"),
        (
            [PlannedPart(AMOUNT, D(150), days=1), PlannedPart(REMAINDER, days=2)],
            "instalment_not_positive",
        ),
        (
            [PlannedPart(PERCENT, D(50), days=9), PlannedPart(PERCENT, D(50), days=9)],
            "instalment_out_of_order",
        ),
        ([PlannedPart(AMOUNT, D(100), due_on=date(2026, 11, 22))], "instalment_before_issue"),
        ([PlannedPart(PERCENT, D(4), days=n) for n in range(25)], "schedule_too_long"),
    ],
)
def test_a_plan_that_cannot_stand_says_why(planned, expected):
    assert expected in codes(D("100.00"), planned)


@given(st.lists(amounts, min_size=1, max_size=6), st.integers(0, 30_000_000))
def test_payments_fill_instalments_in_order(sums, settled):
    parts = [
        Instalment(n, ISSUED + timedelta(days=30 * n), amount) for n, amount in enumerate(sums, 1)
    ]
    paid = min(D(settled) / 100, sum(sums))
    covered = schedules.cover(parts, paid)
    assert sum(c.covered for c in covered) == paid
    open_ones = [c for c in covered if not c.is_settled]
    # Nothing of a later one is covered while an earlier one is open.
    assert all(c.covered == 0 for c in open_ones[1:])
    assert schedules.next_due(parts, paid) == (open_ones[0].due_on if open_ones else None)
    after_all = ISSUED + timedelta(days=1000)
    assert schedules.late_part(parts, paid, on=after_all) == sum(sums) - paid


def test_an_instalment_is_late_from_the_day_after():
    parts = [Instalment(1, ISSUED, D(50)), Instalment(2, date(2026, 12, 23), D(50))]
    assert schedules.late_part(parts, D(0), on=ISSUED) == 0
    assert schedules.late_part(parts, D(0), on=date(2026, 11, 24)) == 50
    assert schedules.late_part(parts, D(20), on=date(2026, 11, 24)) == 30
    assert schedules.late_part(parts, D(50), on=date(2026, 12, 23)) == 0
    assert schedules.late_part(parts, D(50), on=date(2026, 12, 24)) == 50


@given(st.integers(1, 12), st.integers(15, 75), amounts)
def test_an_even_plan_is_lawful_and_exact(count, span, asked):
    latest = ISSUED + timedelta(days=span)
    planned = schedules.even_plan(ISSUED, latest, count)
    parts = schedules.materialise(asked, ISSUED, planned)
    assert sum(p.amount for p in parts) == asked
    assert parts[-1].due_on == latest
    assert all(a.due_on < b.due_on for a, b in pairwise(parts))
