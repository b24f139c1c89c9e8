"""Late interest to the cent: vectors, half-years, instalments, partial payments."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.terms import LateRates, rate_below_floor
from invoicing.rules_due import Instalment
from invoicing.rules_late import Receipt, late_of

D = Decimal
VECTORS = json.loads(
    (Path(__file__).parent / "data" / "law_vectors_ground.json").read_text("utf-8")
)
H1 = LateRates(ecb=D("2.15"), legal=D("2.62"))
H2 = LateRates(ecb=D("2.40"), legal=D("2.76"))
DUE = date(2026, 1, 15)
T06 = VECTORS["T06"]


def rates(day):
    return H1 if day < date(2026, 7, 1) else H2


def late(parts, receipts=(), *, on, kind="professional", contract=None, fee="40"):
    return late_of(
        parts, receipts, client_kind=kind, contract=contract, rates=rates, fee=D(fee), on=on
    )


@pytest.mark.parametrize(
    ("kind", "contract", "expected"),
    [
        ("professional", None, "12.15%_47j"),
        ("professional", D("7.86"), "7.86%_47j"),
        ("professional", D("5.00"), "7.86%_47j"),
        ("public", None, "public_10.15%_47j"),
    ],
)
def test_interest_is_that_of_the_law_to_the_cent(kind, contract, expected):
    part = Instalment(1, DUE, D(T06["gross"]))
    found = late([part], on=DUE + timedelta(days=T06["days_late"]), kind=kind, contract=contract)
    assert found.interest == D(T06[expected])
    assert found.fee == D(T06["indemnite"])
    assert found.spans[0].days == T06["days_late"]


def test_a_contract_rate_below_the_floor_is_told():
    assert rate_below_floor(D(VECTORS["T07"]["contract_penalty_rate"]), H1)
    assert not rate_below_floor(D(VECTORS["T07"]["floor"]), H1)


def test_nothing_is_owed_on_the_due_date_nor_by_private_persons():
    part = Instalment(1, DUE, D(1000))
    assert late([part], on=DUE).total == 0
    assert late([part], on=DUE + timedelta(days=90), kind="consumer").total == 0


def test_each_half_year_has_its_own_rate():
    part = Instalment(1, date(2026, 6, 20), D("10000.00"))
    found = late([part], on=date(2026, 7, 20))
    assert [(s.first, s.last, s.days, s.rate) for s in found.spans] == [
        (date(2026, 6, 21), date(2026, 6, 30), 10, D("12.15")),
        (date(2026, 7, 1), date(2026, 7, 20), 20, D("12.40")),
    ]
    assert found.interest == D("33.29") + D("67.95")


def test_a_partial_payment_lowers_what_bears_interest_from_the_day_after_it():
    part = Instalment(1, DUE, D(1000))
    found = late([part], [Receipt(DUE + timedelta(days=10), D(400))], on=DUE + timedelta(days=30))
    assert [(s.owed, s.days) for s in found.spans] == [(D(1000), 10), (D(600), 20)]


def test_payments_fill_the_first_instalment_and_each_is_late_by_itself():
    parts = [Instalment(1, DUE, D(500)), Instalment(2, DUE + timedelta(days=30), D(500))]
    found = late(parts, [Receipt(DUE, D(500))], on=DUE + timedelta(days=40))
    assert [(s.position, s.owed, s.days) for s in found.spans] == [(2, D(500), 10)]
    assert found.fee == 40


def test_paid_late_still_owes_the_fee_and_paid_in_time_owes_nothing():
    part = Instalment(1, DUE, D(500))
    after = DUE + timedelta(days=100)
    assert late([part], [Receipt(DUE, D(500))], on=after).total == 0
    found = late([part], [Receipt(DUE + timedelta(days=1), D(500))], on=after)
    assert (found.spans[0].days, found.fee) == (1, D(40))


def test_a_receipt_after_the_day_is_not_seen_yet():
    part = Instalment(1, DUE, D(500))
    on = DUE + timedelta(days=5)
    assert late([part], [Receipt(on + timedelta(days=1), D(500))], on=on).spans[0].days == 5


_days = st.integers(0, 400)


@given(
    st.lists(st.integers(1, 500_000), min_size=1, max_size=4),
    st.lists(st.tuples(_days, st.integers(1, 400_000)), max_size=5),
    _days,
)
def test_interest_never_falls_with_time_and_agrees_with_a_count_day_by_day(sums, paid, after):
    parts = [Instalment(n, DUE + timedelta(days=20 * n), D(c) / 100) for n, c in enumerate(sums, 1)]
    receipts = [Receipt(DUE + timedelta(days=d), D(c) / 100) for d, c in paid]
    on = DUE + timedelta(days=after)
    found = late(parts, receipts, on=on)
    exact = D(0)
    for n in range(after + 1):
        day = DUE + timedelta(days=n)
        settled = sum((r.amount for r in receipts if r.on < day), D(0))
        due = D(0)
        for part in parts:
            covered = min(part.amount, settled)
            settled -= covered
            due += part.amount - covered if part.due_on < day else 0
        rate = D("12.15") if day < date(2026, 7, 1) else D("12.40")
        exact += due * rate / 36500
    # Each line of the statement is rounded to the cent.
    assert abs(found.interest - exact) <= D("0.005") * len(found.spans) + D("0.000001")
    assert (found.fee == 40) == bool(found.spans)
    assert late(parts, receipts, on=on + timedelta(days=1)).interest >= found.interest - D(
        "0.01"
    ) * (len(found.spans) + 1)
