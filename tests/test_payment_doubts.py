"""A payment sent twice is not recorded twice unawares; reports await what is owed, days or not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from invoicing import actions
from invoicing.actions import desk, issuing
from invoicing.figures import by_coop, by_payer
from invoicing.models import InvoiceLine, Payment
from missions.actions import ShareLine
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def quick(monkeypatch: Any) -> None:
    """Documents that these tests need not print."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def on() -> date:
    return timezone.localdate()


def page(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def posted(on: date, **more: Any) -> dict[str, Any]:
    facts = {"amount": "100", "received_on": f"{on:%Y-%m-%d}", "method": "transfer"}
    return {**facts, "reference": "VIR 12", **more}


def test_the_same_payment_sent_twice_asks_why(chloe: Any, on: date) -> None:
    invoice = given_invoice(1000, on=on)
    browser = signed_in(chloe)
    address = f"/facturation/reglements/nouveau/?invoice={invoice.pk}"
    assert browser.post(address, posted(on)).status_code == 302
    again = browser.post(address, posted(on))
    assert again.status_code == 409
    assert "déjà enregistré" in page(again)
    assert Payment.objects.count() == 1


def test_a_second_payment_just_like_it_passes_with_a_sentence(chloe: Any, on: date) -> None:
    invoice = given_invoice(1000, on=on)
    browser = signed_in(chloe)
    address = f"/facturation/reglements/nouveau/?invoice={invoice.pk}"
    browser.post(address, posted(on))
    why = "Deux virements le même jour"
    browser.post(address, posted(on, reason_same_payment=why))
    second = Payment.objects.order_by("-pk")[0]
    assert Payment.objects.count() == 2
    assert why in page(browser.get(second.get_absolute_url()))


def test_a_payment_undone_may_be_recorded_again(chloe: Any, on: date) -> None:
    client, act = given_client(), acting(chloe, on)
    facts = {"amount": D(50), "received_on": on, "method": "transfer", "invoices": {}}
    first = desk.encash(client=client, **facts, **act)
    actions.reverse_payment(payment=first, why="Erreur", **act)
    desk.encash(client=client, **facts, **act)
    assert Payment.objects.filter(amount=50).count() == 2


def test_an_undone_payment_is_no_balance_of_the_client(chloe: Any, on: date) -> None:
    client, act = given_client(), acting(chloe, on)
    given = actions.record_payment(
        client=client, amount=D(50), received_on=on, method="transfer", **act
    )
    undo = actions.reverse_payment(payment=given, why="Erreur", **act)
    browser = signed_in(chloe)
    for row in (given, undo):
        shown = page(browser.get(row.get_absolute_url()))
        assert "au solde du client" not in shown
        assert "ce règlement ne compte pas" in shown


def test_reports_await_what_is_owed_by_who_has_no_day_in_the_period(on: date) -> None:
    invoice = given_invoice(1000, on=on)
    coops, payers = by_coop(on, on), by_payer(on, on)
    assert coops.total.awaited == payers.total.awaited == D("1200.00")
    assert [line.label for line in payers.lines] == [str(invoice.client)]


@pytest.mark.parametrize("is_rest", [True, False])
def test_a_line_says_why_its_percent_is_not_its_amount(
    ada: Any, basile: Any, chloe: Any, on: date, *, is_rest: bool
) -> None:
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    town = given_client("Communauté de communes")
    agreement = given_agreement(
        coop,
        client_of(coop),
        rate=580,
        shares=(
            ShareLine(payer=town, percent=D(60), cap_per_day=D(500)),
            ShareLine(payer=client_of(coop), percent=D(40), priority=2, takes_remainder=True),
        ),
        by=basile,
        on=on.replace(day=1),
    )
    mission = given_mission(agreement, team=[ada], by=basile, on=on.replace(day=1))
    given_day(ada, mission, on, today=on)
    payer = client_of(coop) if is_rest else town
    actions.draft_from_days(payer=payer, agreement=agreement, **acting(chloe, on))
    line = InvoiceLine.objects.get()
    detail = line.detail.replace("\u00a0", " ")
    if is_rest:
        assert (line.net, detail) == (D(280), "1 j à 580,00 €, reste après les autres payeurs")
    else:
        words = "1 j à 580,00 €, part de 60 % dans la limite de son plafond"
        assert (line.net, detail) == (D(300), words)


@pytest.mark.parametrize(("name", "typed"), [("payment_days", "9999999"), ("tail_months", "999")])
def test_a_clause_refuses_days_that_no_contract_writes(
    ada: Any, basile: Any, chloe: Any, on: date, name: str, typed: str
) -> None:
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(coop, by=basile, on=on.replace(day=1))
    address = f"/facturation/honoraires/nouvelle/?agreement={agreement.pk}"
    sent = {"base": "paid", "fixed_part_is": "added", name: typed}
    answer = signed_in(chloe).post(address, sent)
    assert answer.status_code == 422
    assert "inférieure ou égale" in page(answer)


def test_an_agreement_refuses_a_payment_term_of_years(basile: Any) -> None:
    typed = {"payment_days": "9999999"}
    answer = signed_in(basile).post("/journees/conventions/nouvelle/", typed)
    assert answer.status_code == 422
    assert "inférieure ou égale à 366" in page(answer)
