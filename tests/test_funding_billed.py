"""Who pays what, end to end: shares with their caps and bases, each payer's invoice, the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Coop, Organisation
from essaim.models import User
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing.assembly import document_of
from invoicing.models import Invoice
from invoicing.printing import invoice_html
from missions import actions
from missions.actions import ShareLine
from missions.models import Agreement, DayShare
from tests.conftest import acting
from tests.given_crm import given_coop, given_organisation
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

TODAY = date(2026, 11, 23)
D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User, chloe: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def commune(basile: User) -> Organisation:
    return given_organisation(
        "Commune de Barr", street="1 place", postcode="67140", city="Barr", by=basile
    )


def _agreed(coop: Coop, basile: User, rate: str, shares: list[ShareLine], **more: Any) -> Agreement:
    return given_agreement(coop, client_of(coop), rate, 30, shares, by=basile, **more)


def _work(agreement: Agreement, ada: User, basile: User, count: int = 1) -> None:
    mission = given_mission(agreement, team=[ada], by=basile)
    for day in range(count):
        given_day(ada, mission, date(2026, 11, 2 + day), by=basile)


def _bill(agreement: Agreement, payer: Organisation, chloe: User) -> Invoice:
    act = acting(chloe, TODAY)
    draft = invoicing.draft_from_days(payer=payer, agreement=agreement, **act)
    return invoicing.issue(invoice=draft, **act)


def _figures(invoice: Invoice) -> tuple[Decimal, Decimal, Decimal]:
    return invoice.net, invoice.vat, invoice.gross


def test_each_payer_of_the_same_days_has_an_invoice_with_its_own_vat(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    """T12: 600.02 + 400.01 net, 720.02 + 480.01 gross, where a single invoice makes 1,200.04."""
    shares = [
        ShareLine(payer=commune, percent=D(60), priority=1),
        ShareLine(payer=coop.organisation, percent=D(40), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "1000.03", shares)
    _work(agreement, ada, basile)
    first = _bill(agreement, commune, chloe)
    second = _bill(agreement, coop.organisation, chloe)
    assert _figures(first) == (D("600.02"), D("120.00"), D("720.02"))
    assert _figures(second) == (D("400.01"), D("80.00"), D("480.01"))
    funding = second.terms_copy["funding"]
    assert (funding["total"], funding["split"], funding["whole"]) == (
        "1000.03", "1200.03", "1200.04",
    )  # fmt: skip
    page = invoice_html(document_of(second, on=TODAY))
    assert "1\u00a0200,03" in page and "1\u00a0200,04" in page


def test_nothing_is_said_of_the_cent_where_there_is_none(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    shares = [
        ShareLine(payer=commune, percent=D(50), priority=1),
        ShareLine(payer=coop.organisation, percent=D(50), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "600", shares)
    _work(agreement, ada, basile)
    assert "split" not in _bill(agreement, commune, chloe).terms_copy["funding"]


def test_a_cap_per_day_makes_the_remainder_of_the_vector(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    """T22: 4 days at 1,200, a cap of 1,000 a day, 50 %: aid 2,000.00, remainder 2,800.00."""
    shares = [
        ShareLine(payer=commune, percent=D(50), cap_per_day=D(1000), priority=1),
        ShareLine(payer=coop.organisation, percent=D(50), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "1200", shares)
    _work(agreement, ada, basile, 4)
    aid, rest = (_bill(agreement, p, chloe) for p in (commune, coop.organisation))
    assert (aid.net, rest.net) == (D("2000.00"), D("2800.00"))
    assert rest.terms_copy["funding"]["total"] == "4800.00"


def test_a_cap_said_gross_is_turned_into_net(
    coop: Coop, commune: Organisation, ada: User, basile: User
) -> None:
    shares = [
        ShareLine(payer=commune, percent=D(50), cap_per_day=D(600), cap_is="gross", priority=1),
        ShareLine(payer=coop.organisation, percent=D(50), priority=2, takes_remainder=True),
    ]
    _work(_agreed(coop, basile, "1200", shares), ada, basile)
    # 600 gross are 500 net at 20 %: the aid is half of that.
    assert DayShare.objects.get(payer=commune).amount == D("250.00")


def test_caps_in_euros_and_days_stop_a_payer_in_the_order_of_validation(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    shares = [
        ShareLine(payer=commune, percent=D(100), cap_eur=D(1000), cap_days=D(3), priority=1),
        ShareLine(payer=coop.organisation, percent=D(0), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "600", shares)
    _work(agreement, ada, basile, 3)
    aid, rest = (_bill(agreement, p, chloe) for p in (commune, coop.organisation))
    assert (aid.net, rest.net) == (D("1000.00"), D("800.00"))


def test_a_price_complement_is_invoiced_with_vat(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    shares = [
        ShareLine(payer=commune, percent=D(30), basis="price_complement", priority=1),
        ShareLine(payer=coop.organisation, percent=D(70), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "600", shares)
    _work(agreement, ada, basile)
    assert _figures(_bill(agreement, commune, chloe)) == (D("180.00"), D("36.00"), D("216.00"))


def test_a_grant_of_an_envelope_makes_no_invoice_and_is_shown_to_the_coop(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    envelope = given_envelope(commune, by=basile)
    shares = [
        ShareLine(payer=commune, percent=D(60), basis="grant", envelope=envelope, priority=1),
        ShareLine(payer=coop.organisation, percent=D(40), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "600", shares)
    _work(agreement, ada, basile)
    with pytest.raises(Refused):
        _bill(agreement, commune, chloe)
    funding = _bill(agreement, coop.organisation, chloe).terms_copy["funding"]
    assert funding["covers"] == [{"payer": str(commune), "amount": "360.00"}]
    assert (funding["total"], funding["remaining"]) == ("600.00", "240.00")


def test_a_client_that_pays_from_its_own_grant_is_billed_in_full(
    coop: Coop, commune: Organisation, ada: User, basile: User, chloe: User
) -> None:
    basis = "client_pays_from_own_grant"
    wrong = [ShareLine(payer=commune, percent=D(100), basis=basis)]
    with pytest.raises(Refused) as excinfo:
        _agreed(coop, basile, "600", wrong)
    assert [m.code for m in excinfo.value.missing] == ["payer"]
    right = [ShareLine(payer=coop.organisation, percent=D(100), basis=basis)]
    agreement = _agreed(coop, basile, "600", right)
    _work(agreement, ada, basile)
    assert _bill(agreement, coop.organisation, chloe).net == D("600.00")


def test_a_grant_earmarked_for_one_mission_warns_at_the_signature(
    coop: Coop, commune: Organisation, basile: User
) -> None:
    shares = [
        ShareLine(payer=commune, percent=D(60), basis="grant", priority=1),
        ShareLine(payer=coop.organisation, percent=D(40), priority=2, takes_remainder=True),
    ]
    agreement = _agreed(coop, basile, "600", shares, signed=False)
    act = acting(basile, TODAY)
    with pytest.raises(Refused) as excinfo:
        actions.sign_agreement(agreement, **act)
    assert [(m.code, m.level) for m in excinfo.value.missing] == [("grant_for_one_mission", "warn")]
    reasons = {"grant_for_one_mission": "Aide au projet de la coop, sans contrepartie."}
    actions.sign_agreement(agreement, reasons=reasons, **act)
    agreement.refresh_from_db()
    assert agreement.state == "signed"


# -- collective days ---------------------------------------------------------------------------
def _session(basile: User, ada: User, key: str, **more: Any) -> tuple[Agreement, list[Coop]]:
    coops = [
        given_coop(name=f"Coop {n}", owner=ada, by=basile) for n in ("Aulne", "Bouleau", "Charme")
    ]
    network = given_organisation("Réseau", street="2 rue", city="Colmar", by=basile)
    agreement = given_agreement(None, network, "700", None, by=basile, collective_key=key, **more)
    mission = given_mission(agreement, team=[ada], by=basile)
    weights = [(coop, D(w)) for coop, w in zip(coops, (1, 2, 4), strict=True)]
    given_day(ada, mission, date(2026, 11, 5), work="collective", beneficiaries=weights, by=basile)
    return agreement, coops


@pytest.mark.parametrize(
    ("key", "more", "amounts"),
    [
        ("equal", {}, ["233.31", "233.31", "233.38"]),
        ("weights", {}, ["100.03", "199.99", "399.98"]),
        ("fixed_fee", {"collective_fee": D(150)}, ["150.00", "150.00", "150.00"]),
    ],
)
def test_a_collective_day_is_billed_to_each_coop_by_its_key(
    ada: User, basile: User, chloe: User, coop: Coop, key: str, more: Any, amounts: list[str]
) -> None:
    agreement, coops = _session(basile, ada, key, **more)
    billed = [_bill(agreement, client_of(one), chloe) for one in coops]
    assert [i.net for i in billed] == [D(a) for a in amounts]
    assert [i.coop for i in billed] == coops


def test_a_collective_day_of_one_payer_is_one_invoice(
    ada: User, basile: User, chloe: User, coop: Coop
) -> None:
    agreement, _coops = _session(basile, ada, "one_payer")
    assert _bill(agreement, agreement.client, chloe).net == D("700.00")
