"""The planner: whatever the wish, sums are exact and every due date is lawful."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essaim.days import add_months
from essaim.money import add_up, percent_of
from essaim.terms import PUBLIC, Term, check_due
from invoicing import rules_planner as planner
from invoicing.rules_planner import Wish

D = Decimal
NOV = date(2026, 11, 24)
NINE = Wish(D("9000.00"), 9, NOV, "professional", Term(30), vat_rate=D(20))

wishes = st.builds(
    Wish,
    net=st.integers(10_000, 10_000_000).map(lambda n: D(n) / 100),
    months=st.integers(1, 36),
    start=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    client_kind=st.sampled_from(["professional", "public", "consumer"]),
    term=st.sampled_from(
        [Term(0), Term(30), Term(60), Term(45, "days_then_eom"), Term(45, "eom_then_days")]
    ),
    vat_rate=st.sampled_from([D(0), D("8.5"), D(20)]),
    on_receipts=st.booleans(),
    subsidy=st.integers(0, 9_999).map(lambda n: D(n) / 100),
    third_percent=st.integers(0, 99).map(D),
)


@given(wishes)
def test_amounts_are_exact_and_every_due_date_is_lawful(wish):
    for plan in planner.plans(wish):
        assert add_up(b.net for b in plan.bills) == wish.net, plan.code
        for bill in plan.bills:
            kind = PUBLIC if bill.payer == planner.THIRD else wish.client_kind
            assert check_due(bill.on, bill.due_on, kind, wish.term, caps=wish.caps) == []
            assert bill.net > 0
            assert bill.vat >= 0
        months = plan.months()
        assert add_up(m.billed for m in months) == plan.gross
        assert add_up(m.cash for m in months) == plan.gross == months[-1].received
        assert add_up(m.vat for m in months) == add_up(b.vat for b in plan.bills)


@given(wishes)
def test_plans_of_the_client_alone_end_within_the_months_wanted(wish):
    for plan in planner.plans(wish):
        if plan.code in (planner.PHASES, planner.DEPOSITS, planner.SUBSCRIPTION):
            first = planner.lawful_due(wish, wish.start)
            assert plan.last_due <= max(wish.end, first), plan.code


@given(wishes)
def test_deposits_and_schedules_bear_the_vat_of_the_whole(wish):
    for plan in planner.plans(wish):
        if plan.code in (planner.DEPOSITS, planner.SCHEDULE):
            assert add_up(b.vat for b in plan.bills) == percent_of(wish.net, wish.vat_rate)


def test_nine_months_on_one_invoice_are_refused_with_the_last_lawful_date():
    problem = planner.refusal(NINE)
    assert problem is not None
    assert problem.cap == date(2027, 1, 23)
    assert problem.due == add_months(NOV, 9)
    assert set(problem.ways) >= {planner.PHASES, planner.DEPOSITS, planner.SUBSCRIPTION}


def test_a_private_person_may_agree_to_nine_months():
    wish = Wish(D(900), 9, NOV, "consumer", Term(30))
    assert planner.refusal(wish) is None
    schedule = planner.plans(wish)[-1]
    assert schedule.code == planner.SCHEDULE
    assert schedule.last_due == wish.end
    assert len(schedule.bills) == 9


def test_nine_months_are_reached_lawfully_in_three_ways():
    found = {plan.code: plan for plan in planner.plans(NINE)}
    assert [c for c, p in found.items() if p.reaches(NINE)] == [
        planner.PHASES,
        planner.DEPOSITS,
        planner.SUBSCRIPTION,
    ]
    assert len(found[planner.PHASES].bills) == 5
    assert [b.net for b in found[planner.DEPOSITS].bills] == [D("1000.00")] * 9
    assert found[planner.DEPOSITS].bills[-1].kind == "final"
    assert not found[planner.SCHEDULE].reaches(NINE)
    assert found[planner.SCHEDULE].last_due == date(2027, 1, 23)


def test_the_share_waits_for_its_trigger_and_the_third_party_pays_its_part():
    wish = Wish(
        D("9000.00"),
        9,
        NOV,
        "professional",
        Term(30),
        subsidy=D("2000.00"),
        subsidy_on=date(2027, 6, 30),
        third_percent=D(40),
    )
    found = {plan.code: plan for plan in planner.plans(wish)}
    share = found[planner.SUBSIDY].bills[-1]
    assert (share.on, share.net) == (date(2027, 6, 30), D("2000.00"))
    theirs = [b for b in found[planner.THIRD].bills if b.payer == planner.THIRD]
    assert add_up(b.net for b in theirs) == D("3600.00")


def test_vat_on_receipts_comes_with_cash_and_on_debits_with_invoices():
    month = date(2026, 11, 1)
    paid = planner.plans(NINE)[1].months()
    assert (paid[0].first, paid[0].billed, paid[0].vat) == (month, D("1200.00"), D("0.00"))
    assert paid[1].vat == D("200.00")
    debits = Wish(D("9000.00"), 9, NOV, "professional", Term(30), vat_rate=D(20), on_receipts=False)
    assert planner.plans(debits)[1].months()[0].vat == D("200.00")


@pytest.mark.parametrize(
    "figures",
    [
        {"net": D(0)},
        {"months": 0},
        {"months": 37},
        {"subsidy": D(9000)},
        {"third_percent": D(100)},
    ],
)
def test_figures_that_make_no_wish_are_refused(figures):
    base = {
        "net": D("9000.00"),
        "months": 9,
        "start": NOV,
        "client_kind": "professional",
        "term": Term(30),
    }
    with pytest.raises(ValueError, match=r"wish|another"):
        planner.plans(Wish(**{**base, **figures}))
