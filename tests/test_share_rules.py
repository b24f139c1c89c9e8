"""The shares of a day, to the cent: who pays what, what is left, and nothing counted twice."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions.rules import QUANTITIES, Basis, Beneficiary, Code, Key, Nature, Work
from missions.rules_funding import ShareTerm
from missions.rules_parts import (
    Part,
    allocate,
    check_parts,
    default_part,
    line_unit,
    regenerate,
    split_parts,
)
from missions.rules_shares import split_day

D = Decimal
# A busy machine is no failure.
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
COOP, TOWN, REGION = 1, 2, 3
ENVELOPE = 9


def client(percent="100", **changes):
    """Give the client's share, last and taking the remainder."""
    base = ShareTerm(id=100, payer=COOP, percent=D(percent), priority=9, is_remainder=True)
    return replace(base, **changes)


def payer(percent, **changes):
    return replace(ShareTerm(id=1, payer=TOWN, percent=D(percent)), **changes)


def region(percent, **changes):
    """Give a share covered by the Region's envelope."""
    base = ShareTerm(id=2, payer=REGION, percent=D(percent), basis=Basis.GRANT, envelope=ENVELOPE)
    return replace(base, **changes)


def amounts(split):
    return {share.payer: str(share.amount) for share in split.shares}


def days(split):
    return {share.payer: share.days for share in split.shares}


# The vectors


def test_sixty_forty_gives_the_cent_to_the_remainder_share():
    split = split_day(D("1000.03"), D(1), [payer(60), client("40")])
    assert amounts(split) == {TOWN: "600.02", COOP: "400.01"}
    assert days(split) == {TOWN: D("0.6"), COOP: D("0.4")}


def test_an_aid_capped_at_a_price_per_day_pays_its_percent_of_that_price():
    split = split_day(D(1200), D(4), [region(50, cap_per_day=D(1000)), client("50")])
    aid, rest = split.shares
    assert (aid.base, aid.amount, rest.amount) == (D("4000.00"), D("2000.00"), D("2800.00"))
    assert (aid.days, rest.days) == (2, 2)
    assert split.codes == []


def test_the_same_four_days_one_by_one_make_the_same_aid():
    one = split_day(D(1200), D(1), [region(50, cap_per_day=D(1000)), client("50")])
    assert amounts(one) == {REGION: "500.00", COOP: "700.00"}


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [("1", "333.33"), ("0.75", "250.00"), ("0.5", "166.67"), ("0.25", "83.33")],
)
def test_a_part_of_a_day_is_rounded_half_up(quantity, amount):
    split = split_day(D("333.33"), D(quantity), [client()])
    assert amounts(split) == {COOP: amount}
    assert split.amount == D(amount)


# The order, the caps, the rest


def test_shares_follow_priority_then_id_and_the_remainder_comes_last():
    terms = [
        client("10", priority=0, id=1),
        payer(30, id=3, priority=2),
        payer(30, id=4, priority=1),
        payer(30, id=2, priority=2),
    ]
    split = split_day(D(1000), D(1), terms)
    assert [share.term_id for share in split.shares] == [4, 2, 3, 1]


def test_the_cap_in_euros_cuts_a_share_and_the_client_pays_the_difference():
    cut = payer(60, cap_eur=D(5000), used_eur=D("4700.10"))
    split = split_day(D(1000), D(1), [cut, client("40")])
    assert amounts(split) == {TOWN: "299.90", COOP: "700.10"}
    assert split.shares[0].is_cut
    assert split.cut_terms == (1,)
    assert days(split) == {TOWN: D("0.2999"), COOP: D("0.7001")}


def test_the_cap_in_days_cuts_a_share():
    cut = payer(100, cap_days=D(10), used_days=D("9.75"))
    split = split_day(D("333.33"), D(1), [cut, client("0")])
    assert amounts(split) == {TOWN: "83.33", COOP: "250.00"}
    assert days(split) == {TOWN: D("0.25"), COOP: D("0.75")}


@pytest.mark.parametrize("field", ["envelope_days_left", "envelope_eur_left"])
def test_what_is_left_of_the_envelope_cuts_a_share(field):
    left = {"envelope_days_left": D("0.5"), "envelope_eur_left": D(200)}[field]
    split = split_day(D(400), D(1), [region(100, **{field: left}), client("0")])
    assert amounts(split) == {REGION: "200.00", COOP: "200.00"}
    assert days(split) == {REGION: D("0.5"), COOP: D("0.5")}


def test_two_shares_of_one_envelope_draw_on_the_same_quota():
    left = {"envelope_days_left": D("0.6")}
    split = split_day(
        D(1000), D(1), [region(50, **left), region(50, id=5, payer=4, **left), client("0")]
    )
    assert amounts(split) == {REGION: "500.00", 4: "100.00", COOP: "400.00"}


def test_two_shares_of_one_envelope_draw_on_the_same_euros():
    left = {"envelope_eur_left": D(600)}
    terms = [region(50, **left), region(50, id=5, payer=4, **left), client("0")]
    assert amounts(split_day(D(1000), D(1), terms)) == {
        REGION: "500.00",
        4: "100.00",
        COOP: "400.00",
    }


def test_rounding_a_tiny_price_takes_no_more_days_than_are_left():
    split = split_day(D("0.05"), D(1), [payer(100, cap_days=D("0.3")), client("0")])
    assert days(split) == {TOWN: D("0.3"), COOP: D("0.7")}


def test_shares_past_100_percent_never_pass_the_day():
    split = split_day(D(1000), D(1), [payer(80), payer(80, id=2, payer=12)])
    assert amounts(split) == {TOWN: "800.00", 12: "200.00"}
    assert days(split) == {TOWN: D("0.8"), 12: D("0.2")}


def test_the_value_per_day_of_an_envelope_is_its_price_and_takes_the_full_day():
    split = split_day(D(750), D(1), [region(100, envelope_value_per_day=D(600)), client("0")])
    assert amounts(split) == {REGION: "600.00", COOP: "150.00"}
    assert days(split) == {REGION: 1, COOP: 0}


def test_an_exhausted_share_leaves_no_row():
    split = split_day(D(750), D(1), [region(100, envelope_days_left=D(0)), client("0")])
    assert amounts(split) == {COOP: "750.00"}
    assert split.cut_terms == (2,)


def test_caps_already_passed_take_nothing_back():
    split = split_day(D(750), D(1), [payer(50, cap_eur=D(10), used_eur=D(90)), client("50")])
    assert amounts(split) == {COOP: "750.00"}


def test_without_a_remainder_share_it_asks_who_pays_the_rest():
    cut = payer(100, cap_eur=D(300))
    split = split_day(D(1000), D(1), [cut])
    assert split.unplaced == D("700.00")
    assert split.codes == [Code.WHO_PAYS_THE_REST]


def test_an_agreement_without_any_share_leaves_the_whole_day_unplaced():
    split = split_day(D(1000), D("0.5"), [])
    assert (split.shares, split.unplaced) == ((), D("500.00"))
    assert split.codes == [Code.WHO_PAYS_THE_REST]


def test_a_rest_that_comes_from_rounding_alone_is_no_question():
    thirds = [
        payer("33.33", id=1, payer=11),
        payer("33.33", id=2, payer=12),
        payer("33.34", id=3, payer=13),
    ]
    split = split_day(D("100.01"), D(1), thirds)
    assert amounts(split) == {11: "33.33", 12: "33.33", 13: "33.35"}
    assert split.codes == []


def test_the_cent_of_rounding_goes_where_a_cap_has_room_for_it():
    thirds = [
        payer("33.33", id=1, payer=11),
        payer("33.33", id=2, payer=12),
        payer("33.34", id=3, payer=13, cap_eur=D("33.34")),
    ]
    split = split_day(D("100.01"), D(1), thirds)
    assert amounts(split) == {11: "33.33", 12: "33.34", 13: "33.34"}


def test_two_halves_of_an_odd_cent_never_make_one_cent_more():
    halves = [payer(50, id=1, payer=11), payer(50, id=2, payer=12)]
    split = split_day(D("1000.03"), D(1), halves)
    assert amounts(split) == {11: "500.02", 12: "500.01"}
    assert split.cut_terms == ()
    assert days(split) == {11: D("0.5"), 12: D("0.5")}


def test_a_day_without_a_price_still_counts_for_its_payers():
    split = split_day(D(0), D(1), [region(40), client("60")])
    assert amounts(split) == {REGION: "0.00", COOP: "0.00"}
    assert days(split) == {REGION: D("0.4"), COOP: D("0.6")}


@pytest.mark.parametrize(("rate", "quantity"), [("-1", "1"), ("100", "0"), ("100", "-1")])
def test_it_refuses_a_negative_rate_and_an_empty_day(rate, quantity):
    with pytest.raises(ValueError, match="negative"):
        split_day(D(rate), D(quantity), [client()])


@pytest.mark.parametrize(
    ("basis", "nature"),
    [
        ("order", "billed"),
        ("price_complement", "billed"),
        ("client_pays_from_own_grant", "billed"),
        ("grant", "covered"),
        ("offered", "given"),
    ],
)
def test_the_basis_of_a_share_decides_its_nature(basis, nature):
    split = split_day(D(100), D(1), [client(basis=Basis(basis))])
    assert split.shares[0].nature == nature


def test_an_offered_share_owes_nothing_and_shows_what_it_is_worth():
    gift = payer(20, basis=Basis.OFFERED, cap_eur=D(150))
    given_share, rest = split_day(D(1000), D(1), [gift, client("80")]).shares
    assert (given_share.amount, given_share.public_value) == (0, D("150.00"))
    assert rest.amount == D("850.00")


def test_it_says_what_each_cap_loses():
    split = split_day(D(1000), D(1), [region(30), client("70")])
    region_takes, client_pays = split.consumed
    assert (region_takes.envelope, region_takes.eur, region_takes.days) == (
        ENVELOPE,
        D("300.00"),
        D("0.3"),
    )
    assert (client_pays.term_id, client_pays.envelope) == (100, None)


# Parts decided at validation


def parts(*pairs):
    return [Part(quantity=D(q), nature=Nature(n), reason="coup de main") for q, n in pairs]


def test_half_billed_half_given_owes_half_and_shows_the_price_of_the_other():
    split = split_parts(D("333.33"), D(1), parts(("0.5", "billed"), ("0.5", "given")), [client()])
    billed, given_part = split.shares
    assert (billed.amount, billed.days) == (D("166.67"), D("0.5"))
    assert (given_part.amount, given_part.public_value) == (D("0.00"), D("166.67"))
    assert (given_part.nature, given_part.payer, given_part.reason) == (
        Nature.GIVEN,
        None,
        "coup de main",
    )
    assert (split.quantity, split.amount) == (1, D("166.67"))


@pytest.mark.parametrize("nature", ["given", "volunteer", "elsewhere"])
def test_a_whole_day_that_is_not_billed_asks_nobody_and_owes_nothing(nature):
    split = split_parts(D(455), D(1), parts(("1", nature)), [])
    (share,) = split.shares
    assert (share.nature, share.amount, share.public_value) == (nature, 0, D("455.00"))
    assert split.codes == []
    assert split.consumed == ()


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("0.5", "billed"), ("0.25", "given")], Code.PARTS_NOT_THE_DAY),
        ([], Code.PARTS_NOT_THE_DAY),
        ([("0.5", "billed"), ("0.5", "billed")], Code.PART_NATURE_TWICE),
        ([("0.5", "billed"), ("0.5", "covered")], Code.PART_NATURE_NOT_ALLOWED),
        ([("0.6", "billed"), ("0.4", "given")], Code.PART_QUANTITY_NOT_ALLOWED),
    ],
)
def test_it_refuses_parts_that_are_not_the_day(pairs, code):
    assert check_parts(D(1), parts(*pairs)) == [code]
    with pytest.raises(ValueError, match=code):
        split_parts(D(455), D(1), parts(*pairs), [client()])


def test_a_part_that_is_not_billed_needs_its_reason():
    given_part = Part(quantity=D("0.5"), nature=Nature.GIVEN, reason="  ")
    billed = Part(quantity=D("0.5"), nature=Nature.BILLED)
    assert check_parts(D(1), [billed, given_part]) == [Code.PART_REASON_MISSING]
    assert check_parts(D("0.5"), [billed]) == []


def test_a_whole_day_is_billed_unless_its_work_pair_or_mission_says_otherwise():
    assert default_part(D(1), Work.ON_SITE) == Part(quantity=D(1), nature=Nature.BILLED)
    travel = default_part(D(1), Work.TRAVEL)
    assert (travel.nature, travel.reason) == (Nature.GIVEN, "work_not_billed")
    second = default_part(D(1), Work.ON_SITE, is_second=True)
    assert (second.nature, second.reason) == (Nature.GIVEN, "second_of_pair")
    assert default_part(D(1), Work.ON_SITE, is_second=True, second_counts=True).nature == "billed"
    offered = default_part(D(1), Work.ON_SITE, is_offered=True)
    assert (offered.nature, offered.reason) == (Nature.GIVEN, "offered")


# Collective days

THREE = [Beneficiary(id=n, payer=n * 10) for n in (1, 2, 3)]


def table(rows):
    return [(row.beneficiary, row.payer, str(row.amount)) for row in rows]


def test_five_coops_of_a_workshop_pay_a_fifth_each():
    five = [Beneficiary(id=n, payer=n * 10) for n in range(1, 6)]
    rows = allocate(split_day(D(600), D(1), [client()]), five, Key.EQUAL)
    assert table(rows) == [(n, n * 10, "120.00") for n in range(1, 6)]
    assert [row.quantity for row in rows] == [D("0.2")] * 5


def test_thirds_follow_the_fractions_and_the_last_takes_the_remainder():
    rows = allocate(split_day(D(1200), D(1), [client()]), THREE, Key.EQUAL)
    assert table(rows) == [(1, 10, "399.96"), (2, 20, "399.96"), (3, 30, "400.08")]
    assert [row.fraction for row in rows] == [D("0.3333"), D("0.3333"), D("0.3334")]
    # A row so cut is still its days at the rate.
    assert line_unit([rows[0].amount], rows[0].quantity, D(1200)).unit == "DAY"


def test_an_envelope_stays_the_payer_of_its_rows_and_each_coop_pays_its_own_rest():
    split = split_day(D(1000), D(1), [region(40), client("60")])
    rows = allocate(split, THREE[:2], Key.EQUAL)
    assert table(rows) == [
        (1, REGION, "200.00"),
        (2, REGION, "200.00"),
        (1, 10, "300.00"),
        (2, 20, "300.00"),
    ]


def test_a_funder_that_takes_the_rest_keeps_it_whatever_the_key():
    split = split_day(D(1000), D(1), [client(payer=REGION, basis=Basis.GRANT)])
    assert table(allocate(split, THREE[:2], Key.EQUAL)) == [
        (1, REGION, "500.00"),
        (2, REGION, "500.00"),
    ]


def test_weights_are_used_under_weights_and_ignored_under_equal():
    heavy = [Beneficiary(id=1, payer=10, weight=D(3)), Beneficiary(id=2, payer=20)]
    split = split_day(D(1000), D(1), [client()])
    assert table(allocate(split, heavy, Key.WEIGHTS)) == [(1, 10, "750.00"), (2, 20, "250.00")]
    assert table(allocate(split, heavy, Key.EQUAL)) == [(1, 10, "500.00"), (2, 20, "500.00")]


def test_under_a_fixed_fee_each_coop_present_pays_it_and_the_day_still_counts_once():
    rows = allocate(split_day(D(1000), D(1), [client()]), THREE, Key.FIXED_FEE, D(80))
    assert table(rows) == [(1, 10, "80.00"), (2, 20, "80.00"), (3, 30, "80.00")]
    assert sum(row.days for row in rows) == 1
    assert sum(row.public_value for row in rows) == 1000


def test_a_fixed_fee_without_its_amount_is_refused():
    with pytest.raises(ValueError, match="fee"):
        allocate(split_day(D(1000), D(1), [client()]), THREE, Key.FIXED_FEE)


@pytest.mark.parametrize("key", [Key.ONE_PAYER, None])
def test_one_payer_pays_for_every_coop(key):
    rows = allocate(split_day(D(900), D(1), [client()]), THREE, key)
    assert {row.payer for row in rows} == {COOP}
    assert {row.beneficiary for row in rows} == {1, 2, 3}


def test_a_given_collective_day_has_no_payer_and_is_shown_to_each_coop():
    split = split_parts(D(900), D(1), parts(("1", "given")), [])
    rows = allocate(split, THREE[:2], Key.EQUAL)
    assert [(row.payer, row.amount, row.public_value) for row in rows] == [(None, 0, 450)] * 2


# Lines and new generations


def test_whole_days_make_a_line_in_days():
    line = line_unit([D("455.00"), D("227.50")], D("1.5"), D(455))
    assert (line.unit, line.quantity, line.unit_price, line.net) == ("DAY", D("1.5"), 455, 682.5)


def test_a_line_whose_shares_do_not_make_whole_days_counts_as_one():
    line = line_unit([D("600.02"), D("600.02")], D(2), D("1000.03"))
    assert (line.unit, line.quantity, line.unit_price) == ("C62", 1, D("1200.04"))


def test_two_rounded_halves_are_one_cent_more_than_the_day_and_stay_so():
    line = line_unit([D("166.67"), D("166.67")], D(1), D("333.33"))
    assert (line.unit, line.net) == ("C62", D("333.34"))


def share_of(terms, who, rate="1200", quantity="4"):
    split = split_day(D(rate), D(quantity), terms)
    return next(share for share in split.shares if share.payer == who)


def test_at_the_same_rate_a_new_generation_is_the_same():
    share = share_of([payer(50, cap_per_day=D(1000)), client("50")], COOP)
    assert regenerate(share, D(1200)) == share


@pytest.mark.parametrize(("rate", "rest"), [("1100", "2400.00"), ("1300", "3200.00"), ("1", "0")])
def test_the_remainder_share_carries_the_difference_of_a_new_rate(rate, rest):
    share = share_of([payer(50, cap_per_day=D(1000)), client("50")], COOP)
    assert regenerate(share, D(rate)).amount == D(rest)


@pytest.mark.parametrize(
    ("rate", "aid"), [("1100", "2000.00"), ("900", "1800.00"), ("1500", "2000.00")]
)
def test_a_capped_percent_follows_a_new_rate_only_below_its_cap(rate, aid):
    share = share_of([payer(50, cap_per_day=D(1000)), client("50")], TOWN)
    assert regenerate(share, D(rate)).amount == D(aid)


def test_a_percent_without_a_cap_follows_the_new_rate():
    share = share_of([payer(60), client("40")], TOWN, rate="333.33", quantity="0.5")
    assert share.amount == D("100.00")
    assert regenerate(share, D(1000)).amount == D("300.00")


def test_a_share_that_its_cap_cut_never_grows_past_the_cut():
    share = share_of([payer(60, cap_eur=D(500)), client("40")], TOWN)
    assert regenerate(share, D(2000)).amount == D("500.00")
    assert regenerate(share, D(100)).amount == D("240.00")


def test_a_fixed_fee_follows_no_rate():
    split = split_day(D(1000), D(1), [client()])
    (row,) = allocate(split, THREE[:1], Key.FIXED_FEE, D(80))
    assert regenerate(row, D(2000)).amount == D("80.00")


def test_only_a_billed_share_has_a_new_generation():
    with pytest.raises(ValueError, match="billed"):
        regenerate(share_of([region(50), client("50")], REGION), D(900))


# Whatever the figures

euros = st.decimals(0, 3000, places=2)
caps = st.none() | st.decimals(0, 2000, places=2)
day_caps = st.none() | st.decimals(0, 3, places=2)


@st.composite
def shares(draw, *, with_client=True):
    """Draw the shares of an agreement: percents that make 100, caps partly or wholly used."""
    marks = sorted(draw(st.lists(st.integers(0, 10000), min_size=1, max_size=4)))
    edges = [0, *marks] if with_client else [0, *marks, 10000]
    terms = [
        ShareTerm(
            id=index,
            payer=index,
            percent=D(high - low) / 100,
            basis=draw(st.sampled_from(Basis)),
            priority=draw(st.integers(0, 2)),
            cap_eur=draw(caps),
            cap_days=draw(day_caps),
            cap_per_day=draw(caps),
            used_eur=draw(euros),
            used_days=draw(st.decimals(0, 3, places=4)),
        )
        for index, (low, high) in enumerate(pairwise(edges), start=1)
    ]
    days_left, eur_left = draw(day_caps), draw(caps)
    drawn = {"envelope": ENVELOPE, "envelope_days_left": days_left, "envelope_eur_left": eur_left}
    terms = [replace(one, **drawn) if draw(st.booleans()) else one for one in terms]
    rest = D(10000 - marks[-1]) / 100
    return [*terms, client(str(rest))] if with_client else terms


days_of_work = st.tuples(euros, st.sampled_from(QUANTITIES))
crowds = st.lists(st.decimals(D("0.1"), 50, places=1), min_size=1, max_size=12).map(
    lambda weights: [
        Beneficiary(id=n, payer=1000 + n, weight=w) for n, w in enumerate(weights, start=1)
    ]
)


@steady
@given(days_of_work, shares())
def test_with_a_remainder_share_the_shares_are_the_day_exactly(day, terms):
    split = split_day(*day, terms)
    assert split.unplaced == 0
    assert sum(share.public_value for share in split.shares) == split.amount
    assert sum(share.days for share in split.shares) == split.quantity


@steady
@given(days_of_work, shares(with_client=False))
def test_what_nobody_takes_is_said_to_the_cent(day, terms):
    split = split_day(*day, terms)
    assert sum(share.public_value for share in split.shares) + split.unplaced == split.amount
    assert split.unplaced >= 0
    assert bool(split.unplaced) == bool(split.codes)


@steady
@given(days_of_work, st.booleans().flatmap(lambda flag: shares(with_client=flag)))
def test_no_share_is_negative_and_no_cap_is_passed(day, terms):
    split = split_day(*day, terms)
    by_id = {one.id: one for one in terms}
    for share in split.shares:
        one = by_id[share.term_id]
        assert share.public_value >= 0
        assert share.days >= 0
        assert share.amount == (0 if share.nature == Nature.GIVEN else share.public_value)
        assert share.amount == round(share.amount, 2)
        assert share.days == round(share.days, 4)
        assert share.public_value <= share.base
        if one.cap_eur is not None:
            assert share.public_value <= max(one.cap_eur - one.used_eur, 0)
        if one.cap_days is not None:
            assert share.days <= max(one.cap_days - one.used_days, 0)
        if one.cap_per_day is not None:
            assert share.base <= round(one.cap_per_day * split.quantity, 2) + D("0.01")


@steady
@given(days_of_work, shares())
def test_no_day_passes_the_quota_of_an_envelope(day, terms):
    drawn = [one for one in split_day(*day, terms).consumed if one.envelope == ENVELOPE]
    for term in terms:
        if term.envelope_days_left is not None:
            assert sum(one.days for one in drawn) <= term.envelope_days_left
        if term.envelope_eur_left is not None:
            assert sum(one.eur for one in drawn) <= term.envelope_eur_left


@steady
@given(days_of_work, shares(), crowds, st.sampled_from([Key.EQUAL, Key.WEIGHTS, Key.ONE_PAYER]))
def test_a_collective_day_keeps_each_share_whole_and_counts_once(day, terms, crowd, key):
    split = split_day(*day, terms)
    rows = allocate(split, crowd, key)
    assert len(rows) == len(split.shares) * len(crowd)
    for share in split.shares:
        own = [row for row in rows if row.term_id == share.term_id]
        for name in ("amount", "quantity", "days", "base", "public_value", "fraction"):
            assert sum(getattr(row, name) for row in own) == getattr(share, name)
            assert min(getattr(row, name) for row in own) >= 0
    assert sum(row.days for row in rows) == split.quantity


@steady
@given(days_of_work, shares(), euros)
def test_a_new_generation_is_in_cents_and_never_negative(day, terms, rate):
    for share in split_day(*day, terms).shares:
        if share.nature == Nature.BILLED:
            new = regenerate(share, rate)
            assert new.amount >= 0
            assert new.amount == round(new.amount, 2)
            assert new.amount <= share.amount or not share.is_cut or share.is_remainder


@steady
@given(euros, st.sampled_from([("0.5", "0.5"), ("0.25", "0.75"), ("0.75", "0.25")]), shares())
def test_a_split_day_owes_its_billed_part_and_counts_once(rate, halves, terms):
    billed, given_part = halves
    split = split_parts(rate, D(1), parts((billed, "billed"), (given_part, "given")), terms)
    billed_terms = [share for share in split.shares if share.term_id is not None]
    assert sum(share.public_value for share in billed_terms) == split.amount
    assert sum(share.days for share in split.shares) == 1
