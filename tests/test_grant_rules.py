"""The sums of grants."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.rules import (
    Financing,
    Row,
    final_grant,
    late_bucket,
    left_of_grant,
    off_in,
    settle_plan,
)

D = Decimal
money = st.decimals(D("0.01"), D("900000"), places=2)


def test_the_golden_case_gives_31680() -> None:
    assert final_grant(D(45000), D(36000), D(39600)) == D("31680.00")


@pytest.mark.parametrize(
    ("base", "agreed", "justified", "final"),
    [
        ("45000", "36000", "45000", "36000.00"),
        ("45000", "36000", "60000", "36000.00"),
        ("45000", "36000", "0", "0.00"),
        ("30000", "10000", "10000", "3333.33"),
        ("3", "0.01", "1.5", "0.01"),  # half a cent goes up
    ],
)
def test_the_final_grant_follows_what_is_justified(
    base: str, agreed: str, justified: str, final: str
) -> None:
    assert final_grant(D(base), D(agreed), D(justified)) == D(final)


@pytest.mark.parametrize(("base", "agreed", "justified"), [(0, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_it_refuses_amounts_that_make_no_sense(base: int, agreed: int, justified: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        final_grant(D(base), D(agreed), D(justified))


@given(money, money, money)
def test_the_final_grant_never_passes_the_agreed(base: D, agreed: D, justified: D) -> None:
    assert D(0) <= final_grant(base, agreed, justified) <= agreed


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-5, "on_time"),
        (0, "on_time"),
        (1, "late_30"),
        (30, "late_30"),
        (31, "late_60"),
        (60, "late_60"),
        (61, "late_more"),
    ],
)
def test_lateness_falls_in_three_lists(days: int, bucket: str) -> None:
    on = date(2026, 11, 23)
    assert late_bucket(on - timedelta(days=days), on) == bucket


@pytest.mark.parametrize(
    ("granted", "paid", "asked_back", "left"),
    [
        (31680, 31680, 4320, 27360),  # a control takes a part of the grant back
        (20000, 28800, 8800, 20000),  # settled below what was paid: only the excess goes back
        (20000, 28800, 10000, 18800),
        (36000, 10800, 50000, 0),
    ],
)
def test_only_what_is_asked_beyond_the_excess_lowers_the_grant(
    granted: int, paid: int, asked_back: int, left: int
) -> None:
    assert left_of_grant(D(granted), D(paid), D(asked_back)) == D(left)


def test_a_payment_without_a_date_is_unscheduled() -> None:
    assert late_bucket(None, date(2026, 11, 23)) == "unscheduled"


def test_the_balance_shrinks_to_the_final_grant() -> None:
    fit = settle_plan(D("31680.00"), [D(10800), D(18000)], [Row(7, D("7200.00"))])
    assert fit.changed == {7: D("2880.00")}
    assert fit.cancelled == ()
    assert fit.to_plan == fit.overpaid == 0


def test_a_payment_cut_to_nothing_is_cancelled() -> None:
    fit = settle_plan(D(28800), [D(10800)], [Row(1, D(18000)), Row(2, D(7200))])
    assert fit.cancelled == (2,)
    assert fit.changed == {}


def test_what_was_paid_too_much_is_told() -> None:
    fit = settle_plan(D(20000), [D(28800)], [Row(3, D(7200))])
    assert fit.cancelled == (3,)
    assert fit.overpaid == D(8800)


def test_what_is_missing_is_planned() -> None:
    assert settle_plan(D(100), [D(60)], []).to_plan == D(40)
    assert settle_plan(D(100), [D(60)], [Row(1, D(10))]).changed == {1: D(40)}


@given(
    money,
    st.lists(money, max_size=4),
    st.lists(money, max_size=5),
)
def test_after_settling_all_payments_add_up(final: D, received: list[D], awaited: list[D]) -> None:
    rows = [Row(i, amount) for i, amount in enumerate(awaited)]
    fit = settle_plan(final, received, rows)
    left = sum(
        (fit.changed.get(r.key, r.expected) for r in rows if r.key not in fit.cancelled), D(0)
    )
    assert all(amount > 0 for amount in fit.changed.values())
    assert sum(received, D(0)) + left + fit.to_plan - fit.overpaid == final


def test_a_balanced_financing_has_nothing_off() -> None:
    leader = Financing(
        total_cost=D(10000),
        requested=D(6400),
        own_share=D(2000),
        public_others=D(1600),
        public_aid_cap=D(80),
        own_share_minimum=D(20),
    )
    assert off_in(leader) == {}


def test_it_says_what_is_off_in_a_financing() -> None:
    short = Financing(
        total_cost=D(10000),
        requested=D(7000),
        own_share=D(1000),
        public_others=D(1600),
        private_others=D(100),
        public_aid_cap=D(80),
        own_share_minimum=D(20),
    )
    assert off_in(short) == {
        "gap": D("-300"),
        "public_aid": D("600.00"),
        "own_share": D("1000.00"),
    }
