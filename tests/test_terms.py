"""Payment terms by the law: due dates, caps, what is refused and proposed, late interest."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim import terms
from essaim.terms import LateRates, Term

VECTORS = json.loads(
    (Path(__file__).parent / "data" / "law_vectors_ground.json").read_text("utf-8")
)
H1_2026 = LateRates(ecb=Decimal("2.15"), legal=Decimal("2.62"))
ISSUED = date(2026, 11, 22)
NET_60 = Term(60)
dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def codes(*args, **options):
    return [problem.code for problem in terms.check_due(*args, **options)]


@pytest.mark.parametrize("row", VECTORS["T04"], ids=lambda row: row["invoice"])
def test_the_six_dates_of_the_law_are_exact(row):
    issued = date.fromisoformat(row["invoice"])
    computed = {
        "invoice": issued,
        "j30": terms.due_date(issued, Term(30)),
        "j60": terms.due_date(issued, NET_60),
        "f45_then_eom": terms.due_date(issued, Term(45, "days_then_eom")),
        "eom_then_45": terms.due_date(issued, Term(45, "eom_then_days")),
        "recap45": terms.cap(issued, terms.PROFESSIONAL, NET_60, recap=True),
    }
    assert {name: day.isoformat() for name, day in computed.items()} == row


@given(dates)
def test_forty_five_days_end_of_month_span_45_to_75_days(issued):
    for method in ("days_then_eom", "eom_then_days"):
        days = (terms.due_date(issued, Term(45, method)) - issued).days
        assert 45 <= days <= 75
        assert (
            codes(
                issued, terms.due_date(issued, Term(45, method)), "professional", Term(45, method)
            )
            == []
        )


def test_professionals_have_60_days_public_bodies_30_and_others_no_cap():
    assert terms.cap(ISSUED, "professional", NET_60) == date(2027, 1, 21)
    assert terms.cap(ISSUED, "public", NET_60) == date(2026, 12, 22)
    assert terms.cap(ISSUED, "consumer", NET_60) is None


def test_the_end_of_month_cap_needs_the_clause_in_the_contract():
    end_of_january = date(2027, 1, 31)
    assert codes(ISSUED, end_of_january, "professional", NET_60) == [terms.PAST_CAP]
    assert codes(ISSUED, end_of_january, "professional", Term(45, "days_then_eom")) == []
    assert codes(ISSUED, end_of_january, "professional", Term(45, "eom_then_days")) == [
        terms.PAST_CAP
    ]


@given(dates, st.integers(0, 200))
def test_a_due_date_is_refused_exactly_from_the_day_after_the_cap(issued, days):
    due = issued + timedelta(days=days)
    assert bool(codes(issued, due, "professional", NET_60)) == (days > 60)
    assert bool(codes(issued, due, "public", NET_60)) == (days > 30)
    assert codes(issued, due, "consumer", Term(days)) == []


def test_a_due_date_far_away_is_refused_with_the_lawful_ways():
    case = VECTORS["T05"]["refuse"]
    issued, due = date.fromisoformat(case["issued"]), date.fromisoformat(case["due"])
    (problem,) = terms.check_due(issued, due, case["client"], NET_60)
    assert problem.code == terms.PAST_CAP
    assert problem.cap == date(2027, 1, 21)
    assert problem.ways == (
        "phases",
        "instalments",
        "subscription",
        "subsidy_share",
        "third_party",
    )
    assert set(terms.ways_text(problem.ways)) == set(terms.LAWFUL_WAYS)
    assert "21/01/2027" in problem.text
    assert "31/05/2027" in problem.text


def test_without_agreement_payment_is_due_30_days_after_performance():
    case = VECTORS["T05"]["no_agreement"]
    performed, due = date.fromisoformat(case["performed"]), date.fromisoformat(case["due"])
    assert terms.default_due(ISSUED, performed) == due
    assert codes(ISSUED, due, "professional", None, performed) == []
    assert codes(ISSUED, due + timedelta(days=1), "professional", None, performed) == [
        terms.PAST_DEFAULT
    ]


def test_an_invoice_that_comes_late_is_due_at_once_and_never_before_its_issue():
    assert terms.default_due(ISSUED, date(2026, 6, 30)) == ISSUED
    assert codes(ISSUED, ISSUED - timedelta(days=1), "consumer", None) == [terms.BEFORE_ISSUE]


def test_a_contract_term_is_judged_before_any_invoice():
    assert terms.check_term("professional", NET_60)
    assert not terms.check_term("professional", Term(61))
    assert terms.check_term("professional", Term(45, "eom_then_days"))
    assert not terms.check_term("professional", Term(60, "days_then_eom"))
    assert terms.check_term("public", Term(30))
    assert not terms.check_term("public", Term(30, "days_then_eom"))
    assert terms.check_term("consumer", Term(365))


def test_a_term_of_unknown_shape_does_not_exist():
    for days, method in ((-1, "net"), (30, "whenever")):
        with pytest.raises(ValueError, match="payment term"):
            Term(days, method)


def test_work_unbilled_ten_days_past_its_date_is_late():
    rhythm = date(2026, 10, 31)
    assert not terms.late_to_bill(rhythm, on=date(2026, 11, 10))
    assert terms.late_to_bill(rhythm, on=date(2026, 11, 11))


@pytest.mark.parametrize(
    ("kind", "contract", "expected"),
    [
        ("professional", None, VECTORS["T06"]["12.15%_47j"]),
        ("professional", Decimal("7.86"), VECTORS["T06"]["7.86%_47j"]),
        ("public", None, VECTORS["T06"]["public_10.15%_47j"]),
    ],
)
def test_late_interest_is_simple_over_365_days_from_the_day_after(kind, contract, expected):
    case = VECTORS["T06"]
    due = date(2026, 3, 1)
    owed = terms.penalties(
        Decimal(case["gross"]),
        due,
        due + timedelta(days=case["days_late"]),
        client_kind=kind,
        rate=terms.late_rate(kind, H1_2026, contract),
    )
    assert owed.days_late == 47
    assert owed.interest == Decimal(expected)
    assert owed.fee == Decimal(case["indemnite"])
    assert owed.total == Decimal(expected) + 40


def test_a_payment_on_the_due_date_owes_nothing():
    due = date(2026, 3, 1)
    owed = terms.penalties(
        Decimal(1000), due, due, client_kind="professional", rate=Decimal("12.15")
    )
    assert (owed.days_late, owed.total) == (0, Decimal("0.00"))


def test_a_private_person_owes_neither_interest_nor_fee():
    due = date(2026, 3, 1)
    owed = terms.penalties(
        Decimal(1000),
        due,
        date(2026, 5, 1),
        client_kind="consumer",
        rate=terms.late_rate("consumer", H1_2026),
    )
    assert owed.total == Decimal("0.00")


def test_a_contract_rate_below_three_times_the_legal_rate_is_refused():
    case = VECTORS["T07"]
    assert H1_2026.floor == Decimal(case["floor"])
    assert terms.rate_below_floor(Decimal(case["contract_penalty_rate"]), H1_2026)
    assert not terms.rate_below_floor(Decimal(case["floor"]), H1_2026)
    assert terms.late_rate("professional", H1_2026, Decimal("7.00")) == Decimal("7.86")


def test_caps_are_data_and_may_change():
    longer = terms.Caps(professional=45, public=20)
    assert terms.cap(ISSUED, "professional", NET_60, caps=longer) == date(2027, 1, 6)
    assert terms.cap(ISSUED, "public", None, caps=longer) == date(2026, 12, 12)
