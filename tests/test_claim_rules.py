"""Cost claims: pay of a month, cost of a share of time, flat rate, time that adds up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.money import add_up
from invoicing.rules_claims import (
    Month,
    by_beneficiary,
    cost_of,
    monthly_pay,
    price,
    reconcile,
)

D = Decimal
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@given(st.decimals("0.01", "999999.99", places=2))
def test_twelve_months_make_the_year_to_the_cent(yearly: Decimal) -> None:
    months = [monthly_pay(yearly, month) for month in range(1, 13)]
    assert sum(months) == yearly
    assert max(months) - min(months) <= D("0.01")


def test_there_is_no_thirteenth_month() -> None:
    with pytest.raises(ValueError, match="no such month"):
        monthly_pay(D(12000), 13)


def test_a_cost_is_pay_times_time_on_the_operation_half_up() -> None:
    assert cost_of(D("3500.00"), D("7.5"), D(20)) == D("1312.50")
    # 0.125 is rounded up: half to even would give 0.12.
    assert cost_of(D("0.25"), D(1), D(2)) == D("0.13")
    assert cost_of(D(3500), D(0), D(0)) == D("0.00")


@pytest.mark.parametrize(("pay", "on_it", "total"), [("1", "3", "2"), ("-1", "1", "2")])
def test_more_time_than_worked_or_a_negative_pay_is_no_cost(
    pay: str, on_it: str, total: str
) -> None:
    with pytest.raises(ValueError, match=r"time|negative"):
        cost_of(D(pay), D(on_it), D(total))


@given(
    st.lists(
        st.tuples(
            st.decimals("0", "9999.99", places=2),
            st.decimals("0", "22", places=4),
            st.decimals("0", "22", places=4),
        ),
        max_size=14,
    ),
    st.decimals("0", "100", places=2),
)
def test_rows_make_the_sums_of_a_claim(
    rows: list[tuple[Decimal, Decimal, Decimal]], rate: Decimal
) -> None:
    months = [Month(1, MARCH, pay, min(a, b), max(a, b)) for pay, a, b in rows]
    claim = price(months, rate)
    assert add_up(row.cost for row in claim.rows) == claim.cost
    assert add_up(row.flat for row in claim.rows) == claim.flat
    assert add_up(row.total for row in claim.rows) == claim.total
    assert all(row.flat >= 0 for row in claim.rows)


def test_the_flat_rate_bears_on_the_sum_and_the_last_row_closes_it() -> None:
    months = [Month(1, MARCH, D("0.06"), D(1), D(1)), Month(1, APRIL, D("0.06"), D(1), D(1))]
    claim = price(months, D(40))
    assert claim.flat == D("0.05")
    assert [row.flat for row in claim.rows] == [D("0.03"), D("0.02")]


def test_a_month_whose_pay_nobody_said_costs_nothing_yet() -> None:
    claim = price([Month(1, MARCH, None, D(1), D(2))], D(40))
    assert (claim.cost, claim.flat) == (D(0), D(0))


def test_the_cost_of_a_month_is_split_by_time_and_the_last_takes_the_remainder() -> None:
    found = by_beneficiary(D("100.00"), {"Épi": D(1), "Musette": D(1), "Panier": D(1)})
    assert found == {"Musette": D("33.33"), "Panier": D("33.33"), "Épi": D("33.34")}
    assert by_beneficiary(D(0), {"Épi": D(0)}) == {"Épi": D(0)}
    assert by_beneficiary(D(5), {}) == {}


def test_time_that_adds_up_has_no_difference() -> None:
    key = (1, MARCH)
    assert reconcile({key: D("1.5")}, {key: D("0.5")}, {key: D(2)}) == []


def test_a_difference_names_the_person_and_the_month_both_ways() -> None:
    ada, louis = (1, MARCH), (2, APRIL)
    found = reconcile({ada: D(1), louis: D(2)}, {}, {ada: D(2)})
    assert [(one.key, one.gap) for one in found] == [(ada, D(1)), (louis, D(-2))]
