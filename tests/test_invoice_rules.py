"""Invoices come to the cent: VAT, deposits, credits, instalments, settlement, seals."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import rules
from invoicing.rules import Line, RuleBroken, totals

DAY_1 = date(2026, 11, 22)
DAY_2 = date(2027, 1, 21)


def line(net, rate="20", *, kind="days", key="", quantity="1", price=None, **more):
    price = D(price) if price else D(net) / D(quantity)
    return Line(kind, "Accompagnement", D(quantity), "DAY", price, D(net), D(rate), key=key, **more)


def codes(problems):
    return [problem.code for problem in problems]


def three(found):
    return str(found.net), str(found.vat), str(found.gross)


@pytest.mark.parametrize(
    ("rate", "regime", "expected"),
    [
        ("20", "receipts", ("2427.64", "485.53", "2913.17")),
        ("8.5", "receipts", ("2427.64", "206.35", "2633.99")),
        ("0", "association_exempt", ("2427.64", "0.00", "2427.64")),
        ("0", "franchise", ("2427.64", "0.00", "2427.64")),
        ("0", "out_of_scope", ("2427.64", "0.00", "2427.64")),
    ],
)
def test_days_and_travel_come_to_the_cent_under_each_regime(rate, regime, expected):
    assert three(totals([line("2275.00", rate), line("152.64", rate)], regime=regime)) == expected


def test_vat_is_taken_once_on_the_sum_of_a_rate_and_not_line_by_line():
    assert totals([line("333.33")] * 3, regime="receipts").vat == D("200.00")
    assert totals([line("12.47", "5.5")] * 7, regime="receipts").vat == D("4.80")


def test_half_a_cent_of_vat_goes_up():
    assert totals([line("25.00", "2.1")], regime="debits").vat == D("0.53")
    assert totals([line("3.00", "5.5")], regime="debits").vat == D("0.17")


def test_each_rate_has_its_own_total_highest_rate_first():
    found = totals([line("100.00", "5.5"), line("100.00"), line("50.00", "20.00")], regime="debits")
    assert [(r.category, str(r.rate), str(r.base), str(r.vat)) for r in found.by_rate] == [
        ("S", "20", "150.00", "30.00"),
        ("S", "5.5", "100.00", "5.50"),
    ]


def test_two_payers_compute_their_own_vat_and_the_cent_between_them_shows():
    alone = totals([line("1000.03")], regime="receipts")
    shares = [totals([line(net)], regime="receipts") for net in ("600.02", "400.01")]
    assert [three(share) for share in shares] == [
        ("600.02", "120.00", "720.02"),
        ("400.01", "80.00", "480.01"),
    ]
    assert alone.gross - sum(share.gross for share in shares) == D("0.01")


@pytest.mark.parametrize("regime", ["franchise", "association_exempt", "out_of_scope"])
def test_a_rate_is_refused_where_no_vat_is_charged(regime):
    with pytest.raises(RuleBroken) as refusal:
        totals([line("100.00", "20")], regime=regime)
    assert refusal.value.problem.code == "vat_rate_on_untaxed_regime"


def test_an_untaxed_regime_gives_its_category():
    for regime, category in [
        ("franchise", "E"), ("association_exempt", "E"), ("out_of_scope", "O"), ("receipts", "S"),
    ]:  # fmt: skip
        rate = "20" if category == "S" else "0"
        assert totals([line("10.00", rate)], regime=regime).by_rate[0].category == category


def test_no_vat_on_a_taxed_invoice_wants_its_category():
    with pytest.raises(RuleBroken, match="vat_rate_zero_without_category"):
        totals([line("10.00", "0")], regime="receipts")
    advanced = replace(line("10.00", "0", kind="advanced_cost"), category="O")
    assert totals([line("100.00"), advanced], regime="receipts").gross == D("130.00")


def test_an_unknown_regime_and_a_net_with_a_fraction_of_a_cent_are_refused():
    with pytest.raises(RuleBroken, match="vat_regime_unknown"):
        totals([line("10.00")], regime="micro")
    with pytest.raises(RuleBroken, match="line_net_not_in_cents"):
        totals([line("10.005")], regime="receipts")


def test_a_line_that_does_not_multiply_is_named():
    good = line("166.67", quantity="0.5", price="333.33")
    assert rules.check_line(good, regime="receipts") == ()
    bad = replace(good, net=D("166.66"), label=" ", unit="MONTH", vat_rate=D(-1))
    assert codes(rules.check_line(bad, regime="receipts")) == [
        "line_label_missing", "line_unit_unknown", "line_does_not_multiply", "vat_rate_impossible",
    ]  # fmt: skip


def test_a_line_of_days_counts_days_only_when_they_make_its_sum():
    args = {"label": "Mission", "daily_rate": D("600"), "vat_rate": D(20)}
    whole = rules.day_line(days=D("3.5"), net=D("2100.00"), **args)
    assert (whole.quantity, whole.unit, whole.unit_price) == (D("3.5"), "DAY", D(600))
    share = rules.day_line(days=D("3.5"), net=D("1260.00"), **args)
    assert (share.quantity, share.unit, share.unit_price) == (D(1), "C62", D("1260.00"))
    assert rules.check_line(share, regime="receipts") == ()


def test_the_final_invoice_deducts_the_vat_of_its_deposits_per_rate():
    whole = totals([line("1000.03")], regime="receipts")
    deposit = totals([line("300.01")], regime="receipts")
    assert three(deposit) == ("300.01", "60.00", "360.01")
    assert three(rules.deduct(whole, deposit)) == ("700.02", "140.01", "840.03")
    with pytest.raises(RuleBroken, match="deduction_of_another_rate"):
        rules.deduct(whole, totals([line("10.00", "5.5")], regime="receipts"))


# Credits


def test_a_credit_beyond_what_is_left_of_the_line_is_refused():
    origin = [line("140.00", key="a"), line("500.00", key="b")]
    (problem,) = rules.check_credit(origin, {"a": D("100.00")}, {"a": D("100.00")})
    assert problem.code == "credit_exceeds_line"
    assert problem.values["left"] == D("40.00")
    assert rules.check_credit(origin, {"a": D("100.00")}, {"a": D("40.00")}) == ()


def test_a_credit_of_nothing_or_of_a_foreign_line_or_the_wrong_way_is_refused():
    origin = [line("140.00", key="a")]
    assert codes(rules.check_credit(origin, {}, {"a": D(0)})) == ["credit_of_nothing"]
    assert codes(rules.check_credit(origin, {}, {"z": D(1)})) == ["credit_line_unknown"]
    assert codes(rules.check_credit(origin, {}, {"a": D(-1)})) == ["credit_amount_invalid"]
    assert codes(rules.check_credit(origin, {}, {"a": D("0.001")})) == ["credit_amount_invalid"]


def test_a_full_credit_takes_back_what_is_left_and_keeps_the_whole_lines_as_they_were():
    origin = [line("1200.00", key="a", quantity="2"), line("500.00", key="b")]
    assert rules.full_credit(origin) == tuple(origin)
    kept, part = rules.full_credit(origin, {"b": D("300.00")})
    assert kept.quantity == D(2)
    assert (part.net, part.quantity, part.unit_price) == (D("200.00"), D(1), D("200.00"))
    assert rules.full_credit(origin, {"a": D("1200.00"), "b": D("500.00")}) == ()


def test_a_discount_line_is_taken_back_with_its_sign():
    origin = [line("500.00", key="a"), line("-50.00", key="d", quantity="-1", price="50")]
    assert rules.check_credit(origin, {}, {"a": D("500.00"), "d": D("-50.00")}) == ()
    (_, part) = rules.credit_lines(origin, {"a": D("500.00"), "d": D("-20.00")})
    assert (part.quantity, part.unit_price, part.net) == (D(-1), D(20), D("-20.00"))


def test_credits_in_parts_take_back_the_vat_of_the_origin_to_the_cent():
    origin = totals([line("1000.03")], regime="receipts")
    first = rules.credit_totals([line("300.01")], regime="receipts", origin=origin)
    last = rules.credit_totals([line("700.02")], regime="receipts", origin=origin, credited=[first])
    assert first.vat + last.vat == origin.vat == D("200.01")
    with pytest.raises(RuleBroken, match="credit_exceeds_origin"):
        rules.credit_totals(
            [line("0.01")], regime="receipts", origin=origin, credited=[first, last]
        )
    with pytest.raises(RuleBroken, match="credit_of_another_rate"):
        rules.credit_totals([line("1.00", "5.5")], regime="receipts", origin=origin)


@given(st.lists(st.integers(1, 500_000), min_size=1, max_size=8), st.sampled_from(["20", "5.5"]))
def test_credits_cut_anyhow_never_leave_a_cent(parts, rate):
    origin = totals([line(D(sum(parts)) / 100, rate)], regime="receipts")
    done = []
    for part in parts:
        asked = [line(D(part) / 100, rate)]
        done.append(rules.credit_totals(asked, regime="receipts", origin=origin, credited=done))
    assert sum(credit.gross for credit in done) == origin.gross


# Mentions


def mention_codes(**asked):
    terms = {"penalty_rate": D("12.15"), "recovery_fee": D("40.00")}
    return [m.code for m in rules.mentions(**{"client_kind": "professional", **terms, **asked})]


def test_a_professional_is_told_of_penalties_and_the_40_euros_and_a_consumer_is_not():
    business = ["operation_services", "no_early_discount", "late_penalties", "recovery_fee"]
    assert mention_codes(regime="receipts") == business
    assert mention_codes(regime="receipts", client_kind="public") == business
    assert mention_codes(regime="receipts", client_kind="consumer") == business[:2]


@pytest.mark.parametrize(
    ("regime", "code"),
    [
        ("debits", "vat_on_debits"),
        ("franchise", "vat_franchise"),
        ("association_exempt", "vat_association_exempt"),
        ("out_of_scope", "vat_out_of_scope"),
    ],
)
def test_each_vat_regime_prints_its_own_mention(regime, code):
    assert mention_codes(regime=regime)[0] == code


def test_penalties_quote_the_rate_and_are_demanded():
    found = {m.code: m for m in rules.mentions(
        regime="receipts", client_kind="public", penalty_rate=D("10.15"), recovery_fee=D("40.00"),
    )}  # fmt: skip
    assert found["late_penalties"].value("rate") == D("10.15")
    assert found["recovery_fee"].value("amount") == D("40.00")
    with pytest.raises(RuleBroken, match="penalty_terms_missing"):
        mention_codes(regime="receipts", penalty_rate=None)


def test_a_fee_on_a_grant_says_it_is_not_to_be_charged_to_the_grant():
    assert mention_codes(regime="receipts", line_kinds=["subsidy_share"])[-1] == "fee_not_on_grant"
    assert "fee_not_on_grant" not in mention_codes(regime="receipts", line_kinds=["days"])


def test_a_credit_note_and_a_membership_call_carry_no_payment_terms():
    assert mention_codes(regime="franchise", document="credit_note") == [
        "vat_franchise", "operation_services",
    ]  # fmt: skip
    assert mention_codes(regime="out_of_scope", document="membership_call") == ["vat_out_of_scope"]


# Instalments, settlement, allocations


def test_instalments_sum_to_the_gross_amount_and_the_last_takes_the_remainder():
    parts = rules.instalments(D("100.00"), [DAY_1, DAY_2, date(2027, 2, 21)])
    assert [str(part.amount) for part in parts] == ["33.33", "33.33", "33.34"]
    assert [part.position for part in parts] == [1, 2, 3]
    assert rules.check_instalments(D("100.00"), parts) == ()
    (only,) = rules.instalments(D("99.99"), [DAY_1])
    assert (only.due_on, only.amount) == (DAY_1, D("99.99"))


def test_a_schedule_that_does_not_stand_is_named():
    with pytest.raises(RuleBroken, match="no_due_date"):
        rules.instalments(D(1), [])
    with pytest.raises(RuleBroken, match="due_dates_out_of_order"):
        rules.instalments(D(1), [DAY_2, DAY_1])
    with pytest.raises(RuleBroken, match="weights_do_not_match_dates"):
        rules.instalments(D(1), [DAY_1], weights=[D(1), D(1)])
    bad = [rules.Instalment(1, DAY_2, D(0)), rules.Instalment(2, DAY_1, D("5.00"))]
    assert codes(rules.check_instalments(D("6.00"), bad)) == [
        "instalments_do_not_sum", "due_dates_out_of_order", "instalment_not_positive",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("credited", "allocated", "on", "expected"),
    [
        ("0", "0", DAY_2, ("issued",)),
        ("0", "0", DAY_2 + timedelta(1), ("issued", "late")),
        ("0", "40.00", DAY_2, ("part_paid",)),
        ("0", "40.00", DAY_2 + timedelta(1), ("part_paid", "late")),
        ("0", "120.00", DAY_2 + timedelta(9), ("paid",)),
        ("20.00", "100.00", DAY_2 + timedelta(9), ("paid",)),
        ("120.00", "0", DAY_2 + timedelta(9), ("credited",)),
        ("20.00", "0", DAY_2, ("issued",)),
    ],
)
def test_the_state_shown_follows_from_what_was_paid_and_credited(credited, allocated, on, expected):
    amounts = {"gross": D("120.00"), "credited": D(credited), "allocated": D(allocated)}
    assert rules.settlement(issued=True, due_on=DAY_2, on=on, **amounts) == expected
    assert rules.settlement(issued=False, due_on=DAY_2, on=on, **amounts) == ("draft",)


def test_an_allocation_stays_within_the_payment_and_the_invoice():
    def check(amount):
        return codes(
            rules.check_allocation(
                payment_left=D("50.00"), invoice_left=D("30.00"), amount=D(amount)
            )
        )

    assert check("30.00") == []
    assert check("30.01") == ["allocation_over_invoice"]
    assert check("50.01") == ["allocation_over_payment", "allocation_over_invoice"]
    assert check("0") == check("-1") == check("0.001") == ["allocation_not_positive"]


@pytest.mark.parametrize(
    ("gross", "vat", "receipts", "expected"),
    [
        ("2913.17", "485.53", ["1000.00", "1913.17"], ["166.67", "318.86"]),
        ("1296.00", "216.00", ["500.00", "500.00", "296.00"], ["83.33", "83.34", "49.33"]),
    ],
)
def test_vat_on_receipts_follows_payments_and_the_last_closes_it(gross, vat, receipts, expected):
    found = rules.vat_on_receipts(gross=D(gross), vat=D(vat), receipts=map(D, receipts))
    assert [str(part) for part in found] == expected


def test_vat_on_receipts_refuses_more_than_was_invoiced():
    with pytest.raises(RuleBroken, match="receipts_over_gross"):
        rules.vat_on_receipts(gross=D("12.00"), vat=D("2.00"), receipts=[D("12.01")])


# The seal


def test_the_canonical_form_is_one_whatever_the_order_and_the_zeros():
    one = {"net": D("20"), "on": DAY_1, "lines": [{"q": D("0.5000")}], "ok": True, "none": None}
    two = {"none": None, "ok": True, "lines": ({"q": D("0.5")},), "on": DAY_1, "net": D("20.000")}
    assert rules.canonical(one) == rules.canonical(two)
    assert json.loads(rules.canonical(one)) == {
        "v": 1, "net": "20.00", "on": "2026-11-22", "lines": [{"q": "0.50"}], "ok": True,
        "none": None,
    }  # fmt: skip


def test_the_canonical_form_keeps_every_space_and_every_decimal():
    assert rules.canonical({"a": "é "}) != rules.canonical({"a": "é"})
    assert rules.canonical({"a": D("0.333")}) != rules.canonical({"a": D("0.33")})
    assert rules.canonical({"a": "Épicerie"}) == '{"a":"Épicerie","v":1}'.encode()
    assert b'"0.00"' in rules.canonical({"a": D("-0.000")})
    assert b'"1000000.00"' in rules.canonical({"a": D("1E+6")})


def test_an_instant_is_written_in_utc():
    paris = timezone(timedelta(hours=1))
    at = datetime(2026, 11, 22, 10, 0, tzinfo=paris)
    assert rules.canonical({"at": at}) == rules.canonical({"at": at.astimezone(UTC)})


@pytest.mark.parametrize("value", [1.5, {1}, D("NaN"), datetime(2026, 1, 1), b"x", {1: 2}])  # noqa: DTZ001
def test_what_has_no_single_form_is_refused(value):
    with pytest.raises(TypeError):
        rules.canonical({"a": value})


def test_the_version_key_is_not_for_callers():
    with pytest.raises(ValueError, match="version"):
        rules.canonical({"v": 2})


def test_each_hash_depends_on_the_one_before():
    payload = rules.canonical({"number": "FA-2026-0001"})
    first = rules.chain_hash(rules.GENESIS, payload)
    assert first == ("00d1049615246f8dc14f8948f161cf64cf57ba08228f86909e5d0c921e746450")
    assert rules.chain_hash(first, payload) != first
    assert rules.chain_hash(rules.GENESIS, payload + b" ") != first
    with pytest.raises(ValueError, match="previous"):
        rules.chain_hash("", payload)


def test_a_warning_is_lifted_by_a_reason_and_a_bar_is_not():
    warn, bar = rules.Problem("a", level=rules.WARN), rules.Problem("b")
    assert codes(rules.standing([warn, bar], {"a": "Accord écrit", "b": "Tant pis"})) == ["b"]
    assert codes(rules.standing([warn, bar], {"a": "  "})) == ["a", "b"]
