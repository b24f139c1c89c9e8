"""Every figure of the law's vectors, to the cent, through the rules that screens and files use."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import transaction

from essaim import identifiers, terms
from essaim.legal_figures import Kind
from essaim.models.legal import figure
from invoicing import actions, rules
from invoicing import rules_entries as book
from invoicing.chart import DEFAULTS
from invoicing.entries import Entry
from invoicing.rules import ClauseTerms, Line, RateTotal, Totals
from invoicing.rules_entries import Account, Chart, Part, Posting, Sold
from invoicing.rules_fec import entry_lines
from invoicing.rules_problem import WARN
from invoicing.rules_quadra import line_of as quadra_line
from invoicing.rules_threshold import Franchise, franchise_doubts
from invoicing.rules_transfer import Amounts, Owed, Settling, follow, vat_in
from missions.rules import Basis
from missions.rules_expenses import allowance
from missions.rules_funding import ShareTerm
from missions.rules_shares import split_day
from missions.travel import km_scale
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.test_billing_once import at_once

D = Decimal
VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "law_vectors.json").read_text(encoding="utf-8")
)
RATES: Final = terms.LateRates(ecb=D("2.15"), legal=D("2.62"))


def line(net: str, rate: str = "20", quantity: str = "1", price: str = "") -> Line:
    return Line("other", "x", D(quantity), "C62", D(price or net), D(net), D(rate), key=net)


def said(total: Totals) -> dict[str, str]:
    return {"ht": str(total.net), "tva": str(total.vat), "ttc": str(total.gross)}


def total_of(*nets: str, rate: str = "20", regime: str = "receipts") -> Totals:
    return rules.totals([line(net, rate) for net in nets], regime=regime)


def t01(v: dict[str, Any]) -> None:
    assert said(total_of(*v["lines"])) == v["assujetti20"]
    assert said(total_of(*v["lines"], rate="8.5")) == v["dom85"]
    assert said(total_of(*v["lines"], rate="0", regime="franchise")) == v["exo"]


def t02(v: dict[str, Any]) -> None:
    three = [line("333.33") for _ in range(3)]
    seven = [line("12.47", "5.5") for _ in range(7)]
    assert str(rules.totals(three, regime="receipts").vat) == v["3x333.33@20"]
    assert str(rules.totals(seven, regime="receipts").vat) == v["7x12.47@5.5"]
    per_line = [
        str(sum((rules.totals([x], regime="receipts").vat for x in rows), D(0)))
        for rows in (three, seven)
    ]
    assert per_line == v["wrong_per_line"]


def t03(v: dict[str, Any]) -> None:
    for asked, vat in v.items():
        net, _, rate = asked.partition("@")
        assert str(total_of(net, rate=rate).vat) == vat


def t04(v: list[dict[str, str]]) -> None:
    for row in v:
        issued = date.fromisoformat(row["invoice"])
        found = {
            "j30": terms.due_date(issued, terms.Term(30)),
            "j60": terms.due_date(issued, terms.Term(60)),
            "f45_then_eom": terms.due_date(issued, terms.Term(45, "days_then_eom")),
            "eom_then_45": terms.due_date(issued, terms.Term(45, "eom_then_days")),
            "recap45": terms.cap(issued, "professional", terms.Term(30), recap=True),
        }
        assert {k: f"{on:%Y-%m-%d}" for k, on in found.items()} | {"invoice": row["invoice"]} == row


def t05(v: dict[str, Any]) -> None:
    agreed = v["no_agreement"]
    performed = date.fromisoformat(agreed["performed"])
    assert terms.default_due(performed, performed, terms.Caps()).isoformat() == agreed["due"]
    refused = v["refuse"]
    issued, due = date.fromisoformat(refused["issued"]), date.fromisoformat(refused["due"])
    (problem,) = terms.check_due(issued, due, refused["client"], terms.Term(30))
    assert problem.code == terms.PAST_CAP
    assert problem.ways == terms.WAYS


def t06(v: dict[str, Any]) -> None:
    gross, days = D(v["gross"]), v["days_late"]
    for name in ("12.15%_47j", "7.86%_47j", "public_10.15%_47j"):
        rate = D(name.removeprefix("public_").partition("%")[0])
        assert str(terms.late_interest(gross, rate, days)) == v[name]
    assert terms.late_rate("professional", RATES) == D("12.15")
    assert terms.late_rate("professional", RATES, D(1)) == D("7.86")
    assert terms.late_rate("public", RATES, D(1)) == D("10.15")
    owed = terms.penalties(
        gross, date(2026, 1, 1), date(2026, 2, 17), client_kind="professional", rate=D("12.15")
    )
    assert (str(owed.fee), owed.days_late) == (v["indemnite"], days)


def t07(v: dict[str, Any]) -> None:
    assert str(RATES.floor) == v["floor"]
    assert terms.rate_below_floor(D(v["contract_penalty_rate"]), RATES)
    assert not terms.rate_below_floor(D(v["floor"]), RATES)


def t08(v: dict[str, Any]) -> None:
    deposit = total_of(v["acompte"]["ht"])
    assert said(deposit) == v["acompte"]
    due = rules.deduct(total_of(v["ht"]), deposit)
    assert (str(due.net), str(due.vat)) == (v["solde_ht"], v["solde_tva"])
    assert str(total_of(v["solde_ht"]).vat) == v["wrong"]


def t09(v: dict[str, Any]) -> None:
    asked = {
        "2913.17": (D("485.53"), ["1000.00", "1913.17"]),
        "1296.00": (D("216.00"), ["500.00", "500.00", "296.00"]),
        "12x100+96": (D("216.00"), ["100.00"] * 12 + ["96.00"]),
    }
    for name, (vat, receipts) in asked.items():
        paid = [D(part) for part in receipts]
        found = rules.vat_on_receipts(gross=sum(paid, D(0)), vat=vat, receipts=paid)
        assert [str(part) for part in found] == v[name]
        assert sum(found) == vat


def t10(v: dict[str, Any]) -> None:
    awarded = ClauseTerms(rate=D(v["rate"]), base="awarded")
    assert said(total_of(str(rules.subsidy_due(awarded, [D(v["awarded"])])))) == v["fee"]
    paid = D("15432.10")
    assert said(total_of(str(rules.subsidy_due(awarded, [paid])))) == v["paid_15432.10"]
    tranches = rules.fee_per_payment(ClauseTerms(rate=D(v["rate"])), [D(p) for p in v["payments"]])
    assert [str(t) for t in tranches] == v["tranches"]
    billed = D(v["fee"]["ht"])
    back = rules.next_fee(awarded, [paid], invoiced=billed)
    assert (str(back.to_credit), back.to_invoice) == (v["avoir"]["ht"], 0)
    origin = total_of(v["fee"]["ht"])
    credit = rules.credit_totals([line(v["avoir"]["ht"])], regime="receipts", origin=origin)
    assert said(credit) == v["avoir"]


def t11(v: dict[str, Any]) -> None:
    clause, payments = ClauseTerms(rate=D(v["rate"])), [D(p) for p in v["payments"]]
    found = rules.fee_per_payment(clause, payments)
    assert [str(fee) for fee in found] == v["cumulative"]
    assert str(sum(found)) == v["sum"]
    assert str(sum(rules.subsidy_due(clause, [p]) for p in payments)) == v["wrong_sum"]


def t12(v: dict[str, Any]) -> None:
    shares = split_day(D(v["single"]["ht"]), D(1), [term(1, "60"), term(2, "40", rest=True)])
    for share, name in zip(shares.shares, ("A60", "B40"), strict=True):
        assert said(total_of(str(share.amount))) == v[name]
    assert said(total_of(v["single"]["ht"])) == v["single"]
    split = D(v["A60"]["ttc"]) + D(v["B40"]["ttc"])
    assert D(v["single"]["ttc"]) - split == D("0.01")


def term(key: int, percent: str, *, rest: bool = False, cap: str = "") -> ShareTerm:
    return ShareTerm(
        id=key,
        payer=key,
        percent=D(percent),
        basis=Basis.ORDER,
        priority=key,
        is_remainder=rest,
        cap_per_day=D(cap) if cap else None,
    )


def t14(v: dict[str, str]) -> None:
    origin = [line("100.00")]
    credited = {"100.00": D(100) - D(v["uncredited_left"])}
    (problem,) = rules.check_credit(origin, credited, {"100.00": D(v["credit"])})
    assert problem.code == "credit_exceeds_line"
    assert rules.check_credit(origin, credited, {"100.00": D(v["uncredited_left"])}) == ()


def t16(v: dict[str, str]) -> None:
    fee = rules.subsidy_due(ClauseTerms(rate=D(v["rate"])), [D(v["base"])])
    assert {k: v[k] for k in ("ht", "ttc")} == {
        "ht": str(fee),
        "ttc": str(total_of(str(fee)).gross),
    }


def t17(v: dict[str, str]) -> None:
    assert identifiers.siren(v["siren"]) == v["siren"]
    assert identifiers.siret(v["siret"]) == v["siret"]
    assert identifiers.vat_number(v["vat"]) == v["vat"]


def t20(v: dict[str, str]) -> None:
    for kind in ("donation", "crowdfunding", "tax_credit"):
        draft = rules.ClauseDraft(grants=(rules.CoveredGrant("x", kind=kind),))
        found = {p.code: p.level for p in rules.check_clause(draft)}
        assert found["clause_delicate_grant"] == rules.WARN, kind
        assert any(
            p.code == "clause_delicate_grant" for p in rules.standing(rules.check_clause(draft), {})
        )


def t22(v: dict[str, str]) -> None:
    days = [
        split_day(D(1200), D(1), [term(1, "50", cap="1000"), term(2, "50", rest=True)])
        for _day in range(4)
    ]
    aid = sum(day.shares[0].amount for day in days)
    rest = sum(day.shares[1].amount for day in days)
    assert (str(aid), str(rest)) == (v["aide50"], v["reste"])
    assert str(aid + rest) == v["facture_ht"]
    assert sum(day.shares[0].base for day in days) == D(v["assiette"])


def t15(v: dict[str, str]) -> None:
    for name, worth in v.items():
        power, _, km = name.partition("cv_")
        scale = km_scale(int(power), ON)
        start, added, more = km.partition("_add")
        if added:
            before = D(start.removeprefix("from"))
            assert str(allowance(scale, before, scale.total(before), D(more))) == worth
        else:
            assert str(scale.total(D(km))) == worth


ON: Final = date(2026, 11, 23)
CHART: Final = Chart({d.role: Account(d.number, d.label) for d in DEFAULTS}, {})
DAYS_AND_TRAVEL: Final = (("sale_days", "2275.00"), ("sale_expense", "152.64"))


def booked(postings: Iterable[Posting]) -> list[list[str]]:
    return [[p.account.number, f"{p.debit:.2f}", f"{p.credit:.2f}"] for p in postings]


def sold(*rows: tuple[str, str]) -> list[Sold]:
    return [Sold(CHART.of(role), "", D(net)) for role, net in rows]


def of_sale(
    *rows: tuple[str, str], vat: str, regime: str = "receipts", **deposit: Decimal
) -> tuple[Posting, ...]:
    return book.sale(CHART, regime=regime, sold=sold(*rows), vat=D(vat), **deposit)


def sales_entry() -> Entry:
    """The entry of T18: days and travel sold to a client, VAT on receipts."""
    return Entry(
        journal="VE",
        on=date(2026, 11, 22),
        piece="FA-2026-0007",
        label="FA-2026-0007 Coop Exemple",
        code="C0007",
        client="Coop Exemple",
        postings=of_sale(*DAYS_AND_TRAVEL, vat="485.53"),
        due_on=date(2026, 12, 22),
    )


def t18(v: str) -> None:
    first, *others = entry_lines(sales_entry(), 1, "Ventes")
    assert first == v
    assert len(others) == 3


def t19(v: dict[str, int]) -> None:
    entry = sales_entry()
    for posting in entry.postings:
        line_written = quadra_line(entry, posting)
        assert len(line_written) == v["quadra_M"]
        assert line_written.startswith("M")


def t21(v: dict[str, list[dict[str, str]]]) -> None:
    marks = Franchise(figure(Kind.FRANCHISE_BASE, ON), figure(Kind.FRANCHISE_CEILING, ON))
    results = {
        "franchise_base": "VAT from 1 January next year",
        "franchise_ceiling": "VAT from that day, WARN before issue",
    }
    for case in v["franchise"]:
        (doubt,) = franchise_doubts(D(case["receipts"]), D(case["fee"]), marks)
        assert doubt.level == WARN
        assert results[doubt.code] == case["result"]
        if "total" in case:
            assert str(doubt.values["after"]) == case["total"]


def received(amount: str) -> list[list[str]]:
    """The entry of each receipt in turn, its VAT by the rule that follows receipts."""
    owed = Owed(D("2913.17"), {("S", D(20)): Amounts(D("2427.64"), D("485.53"))})
    parts = [D("1000.00"), D("1913.17")]
    moved = follow(owed, [Settling(part) for part in parts])
    rank = parts.index(D(amount))
    vat = vat_in(moved[rank])
    return booked(book.receipt(CHART, amount=parts[rank], parts=[Part(parts[rank])], vat=vat))


def journals(v: dict[str, list[list[str]]]) -> None:
    final = {"deposit_net": D("1170.00"), "deposit_vat": D("234.00")}
    fee = sold(("sale_subsidy_share", "154.07"))
    found = {
        "facture_encaissements": booked(of_sale(*DAYS_AND_TRAVEL, vat="485.53")),
        "facture_debits": booked(of_sale(*DAYS_AND_TRAVEL, vat="485.53", regime="debits")),
        "facture_exo": booked(of_sale(*DAYS_AND_TRAVEL, vat="0", regime="franchise")),
        "acompte": booked(of_sale(("deposits", "1170.00"), vat="234.00")),
        "facture_solde": booked(of_sale(("sale_days", "3900.00"), vat="780.00", **final)),
        "avoir_fee": booked(book.credit(CHART, regime="receipts", sold=fee, vat=D("30.81"))),
        "reglement_1000": received("1000.00"),
        "reglement_solde": received("1913.17"),
        "indemnite40": booked(
            book.claim(CHART, amount=figure(Kind.RECOVERY_FEE, date(2026, 6, 1)))
        ),
        "subvention_notifiee": booked(book.grant_notified(CHART, amount=D(15000))),
        "FAE_cloture": booked(
            book.unbilled_work(CHART, sold=sold(("sale_days", "2000.00")), vat=D("400.00"))
        ),
        "PCA_cloture": booked(
            book.deferred_income(CHART, sold=sold(("sale_subscription", "1200.00")))
        ),
    }
    assert found == v
    for rows in v.values():
        assert sum(D(debit) - D(credit) for _account, debit, credit in rows) == 0


PROOFS: Final[dict[str, Callable[[Any], None]]] = {
    "T01": t01, "T02": t02, "T03": t03, "T04": t04, "T05": t05, "T06": t06, "T07": t07,
    "T08": t08, "T09": t09, "T10": t10, "T11": t11, "T12": t12, "T14": t14, "T15": t15,
    "T16": t16, "T17": t17, "T18": t18, "T19": t19, "T20": t20, "T21": t21, "T22": t22,
    "journals": journals,
}  # fmt: skip
APART: Final = ("T13",)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PROOFS)
def test_a_vector_of_the_law_holds_to_the_cent(name: str) -> None:
    PROOFS[name](VECTORS[name])


@pytest.mark.django_db(transaction=True)
def test_t13_numbers_follow_each_other_whatever_happens(chloe: Any, monkeypatch: Any) -> None:
    """T13: "two concurrent issues give n and n+1; a rolled-back issue leaves no gap; deleting a
    draft consumes none"."""
    monkeypatch.setattr("invoicing.actions.issuing.render_one", lambda invoice, at: None)
    given_issuer()
    on = ON
    act, client = acting(chloe, on), given_client()
    assert given_invoice(100, client, on, by=chloe).number == "FA-2026-0001"
    undone, thrown, one, two = (
        given_invoice(100, client, on, issued=False, by=chloe) for _rank in range(4)
    )
    with transaction.atomic():
        assert actions.issue(invoice=undone, **act).number == "FA-2026-0002"
        transaction.set_rollback(True)
    actions.delete_draft(invoice=thrown, **act)
    made, refused = at_once([partial(actions.issue, invoice=each, **act) for each in (one, two)])
    assert refused == []
    assert sorted(i.number for i in made) == ["FA-2026-0002", "FA-2026-0003"]
    assert actions.issue(invoice=undone, **act).number == "FA-2026-0004"


def test_every_vector_has_its_proof() -> None:
    assert set(VECTORS) == {*PROOFS, *APART}


def test_a_total_is_more_than_its_parts() -> None:
    """The comparison of `said` can fail: another amount gives other words."""
    assert said(rules.total_of([RateTotal("S", D(20), D(1), D("0.20"))])) != said(total_of("2"))
