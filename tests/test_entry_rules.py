"""Entries are those of the law, to the cent, and balance whatever they are made of."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing import rules_entries as book
from invoicing.chart import DEFAULTS
from invoicing.rules_entries import Account, Chart, Part, Posting, Sold
from invoicing.rules_problem import RuleBroken
from invoicing.rules_transfer import (
    LOSS,
    REDUCTION,
    Amounts,
    Owed,
    Settling,
    follow,
    less_deposits,
    parts_of,
    vat_in,
)

D = Decimal
CHART = Chart({d.role: Account(d.number, d.label) for d in DEFAULTS}, {})
RATE = ("S", D(20))


def told(postings: tuple[Posting, ...]) -> list[list[str]]:
    return [[p.account.number, f"{p.debit:.2f}", f"{p.credit:.2f}"] for p in postings]


def sold(role: str, net: str) -> Sold:
    return Sold(CHART.of(role), "", D(net))


SERVICE_AND_TRAVEL = [sold("sale_days", "2275.00"), sold("sale_expense", "152.64")]


def test_an_invoice_with_vat_on_receipts_waits_on_44574() -> None:
    made = book.sale(CHART, regime="receipts", sold=SERVICE_AND_TRAVEL, vat=D("485.53"))
    assert told(made) == [
        ["411000", "2913.17", "0.00"],
        ["706000", "0.00", "2275.00"],
        ["708500", "0.00", "152.64"],
        ["445740", "0.00", "485.53"],
    ]


def test_an_invoice_with_vat_on_debits_is_due_at_once() -> None:
    made = book.sale(CHART, regime="debits", sold=SERVICE_AND_TRAVEL, vat=D("485.53"))
    assert told(made)[-1] == ["445710", "0.00", "485.53"]
    assert told(made)[0] == ["411000", "2913.17", "0.00"]


def test_an_exempt_invoice_has_no_vat_line() -> None:
    made = book.sale(CHART, regime="franchise", sold=SERVICE_AND_TRAVEL, vat=D(0))
    assert told(made) == [
        ["411000", "2427.64", "0.00"],
        ["706000", "0.00", "2275.00"],
        ["708500", "0.00", "152.64"],
    ]


def test_a_deposit_is_a_debt_to_the_client_until_the_final_invoice() -> None:
    deposit = book.sale(CHART, regime="receipts", sold=[sold("deposits", "1170")], vat=D(234))
    assert told(deposit) == [
        ["411000", "1404.00", "0.00"],
        ["419100", "0.00", "1170.00"],
        ["445740", "0.00", "234.00"],
    ]
    final = book.sale(
        CHART,
        regime="receipts",
        sold=[sold("sale_days", "3900")],
        vat=D(780),
        deposit_net=D(1170),
        deposit_vat=D(234),
    )
    assert told(final) == [
        ["411000", "3276.00", "0.00"],
        ["419100", "1170.00", "0.00"],
        ["706000", "0.00", "3900.00"],
        ["445740", "0.00", "546.00"],
    ]


def test_a_credit_note_turns_the_sale_round() -> None:
    made = book.credit(
        CHART, regime="receipts", sold=[sold("sale_subsidy_share", "154.07")], vat=D("30.81")
    )
    assert told(made) == [
        ["706000", "154.07", "0.00"],
        ["445740", "30.81", "0.00"],
        ["411000", "0.00", "184.88"],
    ]


def test_receipts_move_the_vat_they_make_due() -> None:
    first = book.receipt(CHART, amount=D(1000), parts=[Part(D(1000))], vat=D("166.67"))
    assert told(first) == [
        ["512000", "1000.00", "0.00"],
        ["411000", "0.00", "1000.00"],
        ["445740", "166.67", "0.00"],
        ["445710", "0.00", "166.67"],
    ]
    rest = book.receipt(CHART, amount=D("1913.17"), parts=[Part(D("1913.17"))], vat=D("318.86"))
    assert told(rest)[2:] == [["445740", "318.86", "0.00"], ["445710", "0.00", "318.86"]]
    undone = book.receipt(CHART, amount=D(-1000), parts=[Part(D(-1000))], vat=D("-166.67"))
    assert told(undone) == [
        ["512000", "0.00", "1000.00"],
        ["411000", "1000.00", "0.00"],
        ["445740", "0.00", "166.67"],
        ["445710", "166.67", "0.00"],
    ]


def test_what_is_paid_too_much_stays_on_the_client() -> None:
    made = book.receipt(CHART, amount=D(150), parts=[Part(D(120), 7)], vat=D(20))
    assert told(made)[:3] == [
        ["512000", "150.00", "0.00"],
        ["411000", "0.00", "120.00"],
        ["411000", "0.00", "30.00"],
    ]
    assert [p.letter for p in made[:3]] == [0, 7, 0]


def test_a_bad_debt_gives_up_the_vat_that_never_came() -> None:
    made = book.write_off(CHART, regime="receipts", amount=D("120.00"), vat=D("20.00"))
    assert told(made) == [
        ["654100", "100.00", "0.00"],
        ["445740", "20.00", "0.00"],
        ["411000", "0.00", "120.00"],
    ]


def test_the_recovery_fee_and_a_grant_of_ours_are_outside_vat() -> None:
    assert told(book.claim(CHART, amount=D(40))) == [
        ["411000", "40.00", "0.00"],
        ["758100", "0.00", "40.00"],
    ]
    assert told(book.grant_notified(CHART, amount=D(15000))) == [
        ["441000", "15000.00", "0.00"],
        ["741000", "0.00", "15000.00"],
    ]


def test_closing_the_books_adds_work_done_and_takes_off_what_is_not_earned() -> None:
    unbilled = book.unbilled_work(CHART, sold=[sold("sale_days", "2000")], vat=D(400))
    assert told(unbilled) == [
        ["418100", "2400.00", "0.00"],
        ["706000", "0.00", "2000.00"],
        ["445870", "0.00", "400.00"],
    ]
    deferred = book.deferred_income(CHART, sold=[sold("sale_subscription", "1200")])
    assert told(deferred) == [["706000", "1200.00", "0.00"], ["487000", "0.00", "1200.00"]]


def test_an_account_that_the_table_lacks_is_named() -> None:
    with pytest.raises(RuleBroken, match="account_missing"):
        Chart({}, {}).of("clients")
    with pytest.raises(RuleBroken, match="entry_unbalanced"):
        book.balanced([Posting(CHART.of("bank"), D(1), D(0))])


def test_an_analytic_code_may_have_an_account_of_its_own() -> None:
    own = Account("706100", "Formations")
    chart = Chart(CHART.by_role, {("sale_days", "FORM"): own})
    assert chart.of("sale_days", "FORM") == own
    assert chart.of("sale_days", "ACC").number == "706000"


# -- VAT on receipts ------------------------------------------------------------------------


def owed(gross: str, vat: str) -> Owed:
    return Owed(D(gross), {RATE: Amounts(D(gross) - D(vat), D(vat))})


def vats(document: Owed, *amounts: str) -> list[Decimal]:
    return [vat_in(s) for s in follow(document, [Settling(D(a)) for a in amounts])]


def test_vat_follows_receipts_by_cumulative_rounding() -> None:
    assert vats(owed("2913.17", "485.53"), "1000", "1913.17") == [D("166.67"), D("318.86")]
    parts = vats(owed("1296.00", "216.00"), "500", "500", "296")
    assert parts == [D("83.33"), D("83.34"), D("49.33")]
    many = vats(owed("1296.00", "216.00"), *["100"] * 12, "96")
    assert many == [D("16.67"), D("16.66"), D("16.67")] * 4 + [D("16.00")]


def test_a_payment_undone_gives_its_vat_back() -> None:
    assert vats(owed("1200.00", "200.00"), "600", "-600", "1200") == [100, -100, 200]


def test_a_credit_note_takes_its_own_vat_and_no_receipt_makes_it_due() -> None:
    document = Owed(D(1300), {RATE: Amounts(D(1000), D(200)), ("E", D(0)): Amounts(D(100), D(0))})
    # The untaxed line is credited: nothing becomes due before money comes.
    taken = Settling(D(100), REDUCTION, {("E", D(0)): Amounts(D(100), D(0))})
    made = follow(document, [taken, Settling(D(600)), Settling(D(600))])
    assert [vat_in(s) for s in made] == [0, 100, 100]


def test_a_loss_gives_up_the_vat_that_is_left() -> None:
    made = follow(owed("1200.00", "200.00"), [Settling(D(700)), Settling(D(500), LOSS)])
    assert [vat_in(s) for s in made] == [D("116.67"), D("83.33")]


def test_deposits_come_off_rate_by_rate() -> None:
    rates = {RATE: Amounts(D("1000.03"), D("200.01"))}
    told_rates = less_deposits(rates, {RATE: Amounts(D("300.01"), D("60.00"))}, D("60.00"))
    assert told_rates[RATE] == Amounts(D("700.02"), D("140.01"))
    untold = less_deposits(rates, {}, D("60.00"))
    assert untold[RATE].vat == D("140.01")


CENTS = st.integers(min_value=1, max_value=5_000_000).map(lambda n: D(n) / 100)


@given(gross=CENTS, cuts=st.lists(st.integers(1, 99), max_size=6), seven=st.booleans())
def test_once_all_is_settled_all_the_vat_is_due(gross: D, cuts: list[int], seven: bool) -> None:  # noqa: FBT001
    vat = (gross / 6).quantize(D("0.01"))
    document = owed(str(gross), str(vat))
    amounts, left = [], gross
    for cut in cuts:
        part = (left * cut / 100).quantize(D("0.01"))
        amounts.append(part)
        left -= part
    settlings = [Settling(a) for a in amounts] + [Settling(left, LOSS if seven else "receipt")]
    made = follow(document, settlings)
    assert sum(vat_in(s) for s in made) == vat
    assert sum(vat_in(s) for s in parts_of(document, [*amounts, left])) == vat


@given(
    nets=st.lists(CENTS, min_size=1, max_size=5),
    discount=CENTS,
    vat=CENTS,
    share=st.integers(0, 100),
)
def test_debits_equal_credits_whatever_is_sold(
    nets: list[D], discount: D, vat: D, share: int
) -> None:
    lines = [sold("sale_days", str(n)) for n in nets] + [sold("sale_discount", str(-discount))]
    if sum(nets) <= discount:
        lines = lines[:-1]
    net = sum(s.net for s in lines)
    deposit = (net * share / 100).quantize(D("0.01"))
    deposit_vat = (vat * share / 100).quantize(D("0.01"))
    for made in (
        book.sale(
            CHART, regime="receipts", sold=lines, vat=vat, deposit_net=deposit,
            deposit_vat=deposit_vat,
        ),
        book.credit(CHART, regime="debits", sold=lines, vat=vat),
        book.receipt(CHART, amount=net, parts=[Part(deposit)], vat=vat),
        book.receipt(CHART, amount=-net, parts=[Part(-deposit)], vat=-vat),
        book.set_off(CHART, amount=net, vat=-vat),
    ):  # fmt: skip
        assert sum(p.debit for p in made) == sum(p.credit for p in made)
        assert all(p.debit >= 0 and p.credit >= 0 for p in made)
