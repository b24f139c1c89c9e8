"""The share of a grant follows what is really paid, to the cent, and comes back on a clawback."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import rules
from invoicing.rules import ClauseDraft, ClauseTerms, CoveredGrant, Line


def fees(rate, payments, **terms):
    found = rules.fee_per_payment(ClauseTerms(rate=D(rate), **terms), [D(p) for p in payments])
    return [str(fee) for fee in found]


def codes(problems):
    return [problem.code for problem in problems]


def with_vat(net):
    line = Line("subsidy_share", "Honoraires", D(1), "C62", net, net, D(20))
    return rules.totals([line], regime="receipts")


def test_the_fee_follows_the_payments_by_cumulative_rounding():
    assert fees("6", ["7200", "7200", "3600"]) == ["432.00", "432.00", "216.00"]
    assert fees("7.25", ["3333.33", "3333.33", "3333.34"]) == ["241.67", "241.66", "241.67"]


def test_the_golden_case_on_paid_gives_three_invoices():
    assert fees("5", ["10800", "18000", "2880"], cap=D(2000), floor=D(0), fixed_part=D(300)) == [
        "540.00", "900.00", "144.00",
    ]  # fmt: skip


def test_the_golden_case_on_awarded_gives_one_invoice_then_its_credit():
    terms = ClauseTerms(rate=D(5), base="awarded", cap=D(2000), floor=D(0), fixed_part=D(300))
    award = rules.fee_base(terms, received=[], awarded=D(36000))
    assert rules.next_fee(terms, [award], invoiced=D(0)).to_invoice == D("1800.00")
    final = rules.fee_base(terms, received=[D(10800)], awarded=D(36000), final=D(31680))
    step = rules.next_fee(terms, [final], invoiced=D("1800.00"))
    assert (step.due, step.to_invoice, step.to_credit) == (D("1584.00"), D(0), D("216.00"))


def test_a_reduction_credits_what_was_invoiced_too_much():
    terms = ClauseTerms(rate=D(6), base="awarded")
    step = rules.next_fee(terms, [D("15432.10")], invoiced=D("1080.00"))
    assert (step.due, step.to_credit) == (D("925.93"), D("154.07"))
    origin = with_vat(D("1080.00"))
    line = Line("subsidy_share", "Avoir", D(1), "C62", D("154.07"), D("154.07"), D(20))
    credit = rules.credit_totals([line], regime="receipts", origin=origin)
    assert (credit.vat, credit.gross) == (D("30.81"), D("184.88"))
    assert with_vat(step.due).gross == D("1111.12")


def test_a_clawback_brings_a_negative_fee():
    assert fees("5", ["10000", "-2500"]) == ["500.00", "-125.00"]
    step = rules.next_fee(ClauseTerms(rate=D(5)), [D(10000), D(-12000)], invoiced=D("500.00"))
    assert (step.due, step.to_credit) == (D(0), D("500.00"))


def test_a_large_research_credit_share_is_exact():
    assert rules.subsidy_due(ClauseTerms(rate=D(15)), [D(800000)]) == D("120000.00")
    assert with_vat(D("120000.00")).gross == D("144000.00")


def test_nothing_is_owed_while_nothing_is_paid():
    terms = ClauseTerms(rate=D(5), floor=D(500))
    assert rules.subsidy_due(terms, []) == 0
    assert rules.subsidy_due(terms, [D(0)]) == 0
    awarded = ClauseTerms(rate=D(5), base="awarded")
    assert rules.fee_base(awarded, received=[D(900)]) == 0


def test_the_cap_stops_the_fee_and_wins_over_the_floor():
    assert fees("10", ["8000", "8000", "8000"], cap=D(1500)) == ["800.00", "700.00", "0.00"]
    assert fees("10", ["1000", "9000"], floor=D(300)) == ["300.00", "700.00"]
    assert fees("10", ["1000"], floor=D(300), cap=D(200)) == ["200.00"]


def test_a_deductible_fixed_part_comes_off_the_fee_and_an_added_one_does_not():
    part = {"fixed_part": D(300)}
    assert fees("5", ["4000", "4000", "4000"], fixed_part_mode="deductible", **part) == [
        "0.00", "100.00", "200.00",
    ]  # fmt: skip
    assert fees("5", ["4000"], fixed_part_mode="added", **part) == ["200.00"]


def test_an_unknown_base_is_refused():
    with pytest.raises(rules.RuleBroken, match="clause_base_unknown"):
        rules.fee_base(ClauseTerms(rate=D(5), base="hoped"), received=[])


def test_the_same_share_is_said_with_vat():
    assert rules.gross_rate(D(5), D(20)) == D(6)
    assert rules.gross_rate(D(5), D(0)) == D(5)


@given(st.lists(st.integers(1, 9_000_000), min_size=1, max_size=9), st.integers(1, 4000))
def test_fees_per_payment_always_sum_to_the_fee_on_the_whole(payments, rate):
    terms = ClauseTerms(rate=D(rate) / 100, cap=D(5000))
    bases = [D(payment) / 100 for payment in payments]
    assert sum(rules.fee_per_payment(terms, bases)) == rules.subsidy_due(terms, [sum(bases)])


# What a clause must say

WHOLE = ClauseDraft(
    grants=(CoveredGrant("Emploi ESS", success_fee_allowed="yes"),),
    rate=D(5), base="paid", trigger="payment", cap=D(2000), floor=D(0), fixed_part=D(300),
    fixed_part_mode="added", tail_months=12, reduction="Avoir de la différence",
    withdrawal="La part fixe reste due", payment_term_days=30,
)  # fmt: skip


def test_a_whole_clause_has_nothing_missing():
    assert rules.check_clause(WHOLE) == ()


def test_an_empty_clause_lists_all_that_is_missing():
    assert codes(rules.check_clause(ClauseDraft())) == [
        "clause_grants_missing", "clause_rate_missing", "clause_base_missing",
        "clause_trigger_missing", "clause_cap_missing", "clause_floor_missing",
        "clause_fixed_part_missing", "clause_fixed_part_mode_missing",
        "clause_tail_months_missing", "clause_reduction_missing", "clause_withdrawal_missing",
        "clause_payment_term_days_missing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rate": D(0)}, "clause_rate_impossible"),
        ({"rate": D(101)}, "clause_rate_impossible"),
        ({"cap": D(-1), "floor": None}, "clause_cap_negative"),
        ({"floor": D(3000)}, "clause_cap_below_floor"),
        ({"base": "hoped"}, "clause_base_unknown"),
        ({"trigger": "notification"}, "clause_trigger_before_payment"),
        ({"fixed_part_mode": "lost"}, "clause_fixed_part_mode_unknown"),
        ({"withdrawal": "  "}, "clause_withdrawal_missing"),
    ],
)
def test_a_clause_that_cannot_stand_is_barred(change, code):
    problems = rules.check_clause(replace(WHOLE, **change))
    assert code in codes(problems)
    assert all(problem.level == "bar" for problem in problems)


@pytest.mark.parametrize("kind", ["donation", "crowdfunding", "tax_credit"])
def test_a_share_of_gifts_or_research_credit_is_refused_without_a_reason(kind):
    grant = CoveredGrant("Cagnotte", kind=kind)
    problems = rules.check_clause(replace(WHOLE, grants=(grant,)))
    assert codes(problems) == ["clause_delicate_grant"]
    assert rules.standing(problems, {}) == problems
    assert rules.standing(problems, {"clause_delicate_grant": "Accord écrit du donateur"}) == ()


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (CoveredGrant("FDVA", success_fee_allowed="no"), "clause_success_fee_forbidden"),
        (CoveredGrant("Région", applicant_is_issuer=True), "clause_own_structure"),
    ],
)
def test_no_reason_lifts_a_forbidden_share(grant, code):
    problems = rules.check_clause(replace(WHOLE, grants=(grant,)))
    assert codes(rules.standing(problems, {code: "Nous insistons"})) == [code]


def test_double_financing_and_a_late_due_date_want_a_reason():
    draft = replace(WHOLE, drafting_paid_by_funder=True, due_after_claim_date=True)
    problems = rules.check_clause(draft)
    assert codes(problems) == ["clause_double_financing", "clause_due_after_claim_date"]
    assert {problem.level for problem in problems} == {"warn"}
