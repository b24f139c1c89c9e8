"""Every figure of the law's vectors, to the cent, through the rules that screens and files use."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from essaim import identifiers, terms
from invoicing import rules
from invoicing.rules import ClauseTerms, Line, RateTotal, Totals
from missions.rules import Basis
from missions.rules_funding import ShareTerm
from missions.rules_shares import split_day

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


PROOFS: Final[dict[str, Callable[[Any], None]]] = {
    "T01": t01, "T02": t02, "T03": t03, "T04": t04, "T05": t05, "T06": t06, "T07": t07,
    "T08": t08, "T09": t09, "T10": t10, "T11": t11, "T12": t12, "T14": t14, "T16": t16,
    "T17": t17, "T20": t20, "T22": t22,
}  # fmt: skip


@pytest.mark.parametrize("name", PROOFS)
def test_a_vector_of_the_law_holds_to_the_cent(name: str) -> None:
    PROOFS[name](VECTORS[name])


def test_a_total_is_more_than_its_parts() -> None:
    """The comparison of `said` can fail: another amount gives other words."""
    assert said(rules.total_of([RateTotal("S", D(20), D(1), D("0.20"))])) != said(total_of("2"))
