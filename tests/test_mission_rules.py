"""A mission day is recorded as it happened; what its rules refuse, and what they only note."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions import codes, rules
from missions.rules import (
    QUANTITIES,
    Beneficiary,
    Code,
    Key,
    Moment,
    Work,
    budget_use,
    check_beneficiaries,
    check_date_total,
    check_day,
    check_move,
    default_quantity,
    fractions,
    is_billable,
    is_late,
    is_over_budget,
    pair_counts,
    share_out,
)
from missions.rules_funding import (
    Eligibility,
    EnvelopeState,
    ShareTerm,
    Terms,
    check_amendment,
    check_eligibility,
    check_envelope,
    check_funding,
    net_cap,
)

D = Decimal
# A busy machine is no failure.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TODAY = date(2026, 11, 22)
YESTERDAY = date(2026, 11, 21)


def term(**changes):
    return replace(ShareTerm(id=1, payer=7, percent=D(100), is_remainder=True), **changes)


@pytest.mark.parametrize("name", ["Moment", "Work", "Nature", "Basis", "Key"])
def test_the_rules_and_the_models_use_the_same_codes(name):
    assert {code.value for code in getattr(rules, name)} == set(getattr(codes, name).values)


# Quantities and dates


@pytest.mark.parametrize(
    ("moment", "days"),
    [("full_day", "1"), ("morning", "0.5"), ("afternoon", "0.5"), ("evening", "0.5")],
)
def test_a_moment_proposes_a_whole_day_or_a_half(moment, days):
    assert default_quantity(moment) == D(days)


def test_the_agreement_may_count_an_evening_as_a_quarter():
    table = {"evening": "0.25"}
    assert default_quantity(Moment.EVENING, table) == D("0.25")
    assert default_quantity(Moment.MORNING, table) == D("0.5")


def test_it_refuses_an_unknown_moment():
    with pytest.raises(ValueError, match="night"):
        default_quantity("night")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_it_takes_the_four_quantities(quantity):
    assert check_date_total([], quantity) == []


@pytest.mark.parametrize("quantity", ["0", "-0.5", "0.3", "1.25", "1.5"])
def test_it_refuses_any_other_quantity(quantity):
    assert check_date_total([], D(quantity)) == [Code.QUANTITY_NOT_ALLOWED]


def test_it_refuses_one_day_and_three_quarters_at_once():
    assert check_date_total([], D("1.75")) == [
        Code.QUANTITY_NOT_ALLOWED,
        Code.DATE_TOTAL_PAST_LIMIT,
    ]


def test_a_third_half_day_in_the_evening_is_normal():
    assert check_date_total([D("0.5"), D("0.5")], D("0.5")) == []


def test_it_refuses_more_than_a_day_and_a_half_on_a_date():
    assert check_date_total([D("1"), D("0.5")], D("0.25")) == [Code.DATE_TOTAL_PAST_LIMIT]
    assert check_date_total([D("1")], D("0.75")) == [Code.DATE_TOTAL_PAST_LIMIT]


def test_it_refuses_tomorrow_and_takes_today_and_any_day_before():
    assert check_day(date(2026, 11, 23), D(1), [], on=TODAY) == [Code.FUTURE_DATE]
    assert check_day(TODAY, D(1), [], on=TODAY) == []
    assert check_day(date(2019, 1, 1), D(1), [], on=TODAY) == []


def test_it_says_everything_that_refuses_a_day_at_once():
    assert check_day(date(2026, 11, 23), D("0.3"), [D("1.5")], on=TODAY) == [
        Code.FUTURE_DATE,
        Code.QUANTITY_NOT_ALLOWED,
        Code.DATE_TOTAL_PAST_LIMIT,
    ]


def test_an_amorcage_day_does_not_move_under_an_agreement_that_comes_after_it():
    assert check_move(YESTERDAY, TODAY) == [Code.BEFORE_AGREEMENT]
    assert check_move(TODAY, TODAY) == []


# Locked months, budget, pairs


def test_a_day_logged_once_its_month_is_locked_is_late():
    locked = {date(2026, 10, 1): date(2026, 11, 10)}
    assert is_late(date(2026, 10, 31), locked, date(2026, 11, 10))
    assert not is_late(date(2026, 10, 31), locked, date(2026, 11, 9))
    assert not is_late(date(2026, 11, 1), locked, date(2026, 11, 12))


@pytest.mark.parametrize(
    ("budget", "used", "new", "over"),
    [
        ("10", "9", "1", "0"),
        ("10", "9.5", "1", "0.5"),
        ("10", "10", "0.5", "0.5"),
        ("10", "12", "1", "1"),
        ("0", "0", "0.25", "0.25"),
    ],
)
def test_it_says_how_much_of_a_day_passes_the_budget(budget, used, new, over):
    assert is_over_budget(D(budget), D(used), D(new)) == D(over)


def test_without_a_budget_nothing_is_over_it():
    assert is_over_budget(None, D(400), D(1)) == 0


def test_travel_is_neither_billed_nor_taken_from_the_budget_by_default():
    assert not is_billable(Work.TRAVEL)
    assert budget_use(D(1), Work.TRAVEL) == 0
    assert all(is_billable(work) for work in Work if work != Work.TRAVEL)


def test_an_agreement_may_bill_travel():
    assert budget_use(D("0.5"), Work.TRAVEL, billable_works={Work.TRAVEL}) == D("0.5")


def test_the_second_person_of_a_pair_counts_only_when_the_agreement_says_so():
    assert pair_counts(is_second=False, second_counts=False)
    assert not pair_counts(is_second=True, second_counts=False)
    assert pair_counts(is_second=True, second_counts=True)
    assert budget_use(D(1), Work.ON_SITE, is_second=True) == 0
    assert budget_use(D(1), Work.ON_SITE, is_second=True, second_counts=True) == 1


# Beneficiaries


def test_thirds_are_kept_to_four_decimals_and_the_last_takes_the_remainder():
    assert fractions([D(1), D(1), D(1)]) == (D("0.3333"), D("0.3333"), D("0.3334"))


def test_fractions_follow_the_weights():
    assert fractions([D(2), D(1), D(1)]) == (D("0.5"), D("0.25"), D("0.25"))


def test_a_crowd_before_a_tiny_last_weight_leaves_no_negative_fraction():
    parts = fractions([D(1)] * 6 + [D("0.0001")])
    assert parts[-1] == 0
    assert sum(parts) == 1


@pytest.mark.parametrize("weights", [[], [D(0)], [D(1), D(-1)]])
def test_it_refuses_weights_that_share_nothing(weights):
    with pytest.raises(ValueError, match="positive"):
        fractions(weights)


@steady
@given(st.lists(st.decimals(D("0.01"), 500, places=2), min_size=1, max_size=60))
def test_fractions_are_never_negative_and_sum_to_exactly_one(weights):
    parts = fractions(weights)
    assert sum(parts) == 1
    assert min(parts) >= 0
    assert all(part == round(part, 4) for part in parts)


@steady
@given(
    st.sampled_from(QUANTITIES),
    st.lists(st.decimals(D("0.01"), 500, places=2), min_size=1, max_size=60),
)
def test_a_shared_quantity_counts_once(quantity, weights):
    parts = share_out(quantity, weights)
    assert sum(parts) == quantity
    assert min(parts) >= 0


def test_it_lists_what_is_wrong_with_beneficiaries():
    one, twin = Beneficiary(id=1, payer=11), Beneficiary(id=1, payer=11, weight=D(0))
    assert check_beneficiaries([]) == [Code.NO_BENEFICIARY]
    assert check_beneficiaries([one]) == []
    assert check_beneficiaries([one, twin]) == [Code.BENEFICIARY_TWICE, Code.WEIGHT_NOT_POSITIVE]
    assert check_beneficiaries([one], Key.FIXED_FEE) == [Code.FEE_MISSING]
    assert check_beneficiaries([one], Key.FIXED_FEE, D("-1")) == [Code.NEGATIVE]
    assert check_beneficiaries([one], Key.FIXED_FEE, D("0")) == []


# Funding shares


def test_shares_that_sum_to_100_with_one_remainder_pass():
    client = term(id=2, percent=D("66.67"))
    assert check_funding([term(percent=D("33.33"), is_remainder=False), client]) == []


@pytest.mark.parametrize("percent", ["99.99", "100.01", "0"])
def test_it_refuses_shares_that_do_not_sum_to_100(percent):
    assert check_funding([term(percent=D(percent))]) == [Code.PERCENTS_NOT_100]


def test_it_refuses_an_agreement_nobody_pays():
    assert check_funding([]) == [Code.NO_SHARE]


@pytest.mark.parametrize("field", ["cap_eur", "cap_days", "cap_per_day"])
def test_it_refuses_a_negative_cap(field):
    assert check_funding([term(is_remainder=False, **{field: D("-0.01")})]) == [Code.NEGATIVE]


def test_it_refuses_a_negative_percent_even_when_the_sum_is_right():
    shares = [term(percent=D(-10), is_remainder=False), term(id=2, percent=D(110))]
    assert check_funding(shares) == [Code.NEGATIVE]


def test_it_refuses_two_remainder_shares():
    assert check_funding([term(percent=D(50)), term(id=2, percent=D(50))]) == [
        Code.SEVERAL_REMAINDERS
    ]


@pytest.mark.parametrize("field", ["cap_eur", "cap_days", "cap_per_day"])
def test_a_share_with_a_cap_cannot_take_the_rest(field):
    assert check_funding([term(**{field: D(5)})]) == [Code.REMAINDER_HAS_CAP]


@pytest.mark.parametrize(
    ("basis", "codes"),
    [
        ("grant", []),
        ("order", []),
        ("offered", [Code.ENVELOPE_BASIS]),
        ("price_complement", [Code.ENVELOPE_BASIS]),
        ("client_pays_from_own_grant", [Code.ENVELOPE_BASIS]),
    ],
)
def test_an_envelope_pays_by_grant_or_by_order(basis, codes):
    assert check_funding([term(basis=basis, envelope=3)]) == codes


@pytest.mark.parametrize(
    ("gross", "vat", "net"),
    [
        ("1200.00", "20", "1000.00"),
        ("1000.00", "20", "833.33"),
        ("1000.00", "0", "1000.00"),
        ("0.03", "20", "0.02"),
    ],
)
def test_a_gross_cap_becomes_the_largest_net_amount_within_it(gross, vat, net):
    assert net_cap(D(gross), D(vat)) == D(net)


# Envelopes


@pytest.mark.parametrize(
    ("used", "new", "codes"),
    [
        ("38.5", "1", []),
        ("53", "1", [Code.NEAR_QUOTA]),
        ("59", "1", [Code.NEAR_QUOTA]),
        ("59.5", "1", [Code.PAST_QUOTA]),
    ],
)
def test_an_envelope_warns_from_90_percent_and_says_when_it_is_passed(used, new, codes):
    state = EnvelopeState(quota_days=D(60), used_days=D(used))
    assert check_envelope(state, D(new)) == codes


def test_an_envelope_counts_coops_too():
    state = EnvelopeState(quota_coops=12, coops=11)
    assert check_envelope(replace(state, coops=9)) == []
    assert check_envelope(state) == [Code.NEAR_COOP_QUOTA]
    assert check_envelope(replace(state, coops=12), is_new_coop=True) == [Code.PAST_COOP_QUOTA]


def test_an_envelope_may_cap_each_coop():
    state = EnvelopeState(cap_days_per_coop=D(5), coop_used_days=D("4.5"))
    assert check_envelope(state, D("0.5")) == []
    assert check_envelope(state, D("0.75")) == [Code.PAST_COOP_CAP]


def test_an_envelope_without_limits_never_warns():
    assert check_envelope(EnvelopeState(used_days=D(900)), D(1), is_new_coop=True) == []


def test_it_says_why_an_envelope_does_not_pay_for_a_day():
    rule = Eligibility(
        departments=frozenset({"67", "68"}),
        stages=frozenset({"collective"}),
        works=frozenset({Work.ON_SITE}),
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
    )
    right = {"department": "67", "stage": "collective", "work": "on_site", "worked_on": TODAY}
    assert check_eligibility(rule, **right) == []
    assert check_eligibility(rule, **right | {"department": "57"}) == [Code.TERRITORY_NOT_ELIGIBLE]
    assert check_eligibility(rule, **right | {"stage": "contact"}) == [Code.STAGE_NOT_ELIGIBLE]
    assert check_eligibility(rule, **right | {"work": "travel"}) == [Code.WORK_NOT_ELIGIBLE]
    for outside in (date(2025, 12, 31), date(2027, 1, 1)):
        assert check_eligibility(rule, **right | {"worked_on": outside}) == [Code.OUTSIDE_PERIOD]


def test_an_envelope_without_conditions_pays_for_any_day():
    assert (
        check_eligibility(
            Eligibility(), department="2A", stage="done", work="report", worked_on=TODAY
        )
        == []
    )


# Amendments

OLD = Terms(effective_on=date(2026, 3, 1), daily_rate=D(455), budget_days=D(10), shares=(term(),))


def test_an_amendment_may_add_days_and_change_the_rate():
    new = replace(OLD, effective_on=TODAY, budget_days=D(14), daily_rate=D(480))
    assert check_amendment(OLD, new, D("10.5")) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"effective_on": TODAY}, Code.NOTHING_CHANGED),
        ({"effective_on": date(2026, 2, 28), "budget_days": D(14)}, Code.EFFECTIVE_TOO_EARLY),
        ({"budget_days": D("9.5")}, Code.BUDGET_BELOW_USED),
        ({"daily_rate": D("-1")}, Code.NEGATIVE),
        ({"ends_on": date(2026, 2, 1), "budget_days": D(12)}, Code.ENDS_BEFORE_EFFECTIVE),
        ({"shares": (term(percent=D(90)),), "budget_days": D(12)}, Code.PERCENTS_NOT_100),
    ],
)
def test_it_says_what_refuses_an_amendment(changes, code):
    assert check_amendment(OLD, replace(OLD, **changes), D("10.5")) == [code]


def test_a_budget_already_passed_may_be_raised_or_left_but_not_set_below_what_was_used():
    for changes in ({"budget_days": D("10.25")}, {"daily_rate": D(480)}, {"budget_days": None}):
        assert check_amendment(OLD, replace(OLD, **changes), D("10.5")) == []
    free = replace(OLD, budget_days=None)
    assert check_amendment(free, OLD, D("10.5")) == [Code.BUDGET_BELOW_USED]
    assert check_amendment(OLD, replace(OLD, budget_days=D(-1)), D(0)) == [
        Code.BUDGET_BELOW_USED,
        Code.NEGATIVE,
    ]


def test_what_was_used_of_a_share_is_no_amendment():
    used = replace(OLD, shares=(term(used_eur=D(900), used_days=D(2)),))
    assert check_amendment(OLD, used, D(2)) == [Code.NOTHING_CHANGED]
    assert check_amendment(OLD, replace(OLD, shares=()), D(2)) == [Code.NOTHING_CHANGED]
