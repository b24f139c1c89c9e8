"""Quotes: their own series, versions, validity, and the agreement they become."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from essaim.models import Series, SeriesYear
from essaim.workflow import Refused
from missions import actions
from missions.actions import PricedLine, ProposedShare
from missions.models import Agreement, FrozenPaper, Quote, QuoteLine
from tests.conftest import acting, signed_in
from tests.given_contracts import days_line, given_quote
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_programme
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db: None) -> Any:
    given_issuer()
    return client_of(given_coop())


def line(kind: str, price: int | str, quantity: int | str = 1, label: str = "Ligne") -> PricedLine:
    return PricedLine(kind=kind, label=label, quantity=D(quantity), unit_price=D(price))


def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def test_a_quote_takes_its_number_when_sent_in_its_own_series(client: Any, chloe: Any) -> None:
    draft = given_quote(client, by=chloe)
    assert (draft.number, draft.net, draft.vat, draft.gross) == ("", D(3000), D(600), D(3600))
    first = given_quote(client, state="sent", by=chloe)
    second = given_quote(client, state="sent", by=chloe)
    assert (first.number, second.number) == ("DE-2026-0001", "DE-2026-0002")
    assert set(Series.objects.values_list("kind", flat=True)) == {"invoice", "quote"}
    invoices = SeriesYear.objects.filter(series__kind="invoice")
    assert not invoices.filter(counter__gt=0).exists()


def test_a_refused_sending_takes_no_number(client: Any, chloe: Any) -> None:
    empty = given_quote(client, lines=[], by=chloe)
    with pytest.raises(Refused) as refused:
        actions.send_quote(empty, **acting(chloe, TODAY))
    assert codes(refused) == ["lines"]
    assert given_quote(client, state="sent", by=chloe).number == "DE-2026-0001"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"lines": [days_line(), line("phase", 500)]}, "lines"),
        ({"lines": [line("pack", 500, 10), line("phase", 500)]}, "lines"),
        ({"lines": [days_line(2, 600), days_line(2, 700)]}, "lines"),
        ({"lines": [line("free", 0)]}, "lines"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"payment_days": 90}, "payment_days"),
    ],
)
def test_what_no_agreement_would_take_is_not_sent(
    client: Any, chloe: Any, fields: Any, code: str
) -> None:
    quote = given_quote(client, by=chloe, **fields)
    with pytest.raises(Refused) as refused:
        actions.send_quote(quote, **acting(chloe, TODAY))
    assert code in codes(refused)


def test_shares_make_100_percent(client: Any, chloe: Any) -> None:
    half = ProposedShare(payer=client, percent=D(50))
    quote = given_quote(client, shares=[half], by=chloe)
    with pytest.raises(Refused) as refused:
        actions.send_quote(quote, **acting(chloe, TODAY))
    assert codes(refused) == ["shares"]


def test_a_sent_quote_is_frozen_in_the_database(client: Any, chloe: Any) -> None:
    quote = given_quote(client, state="sent", by=chloe)
    with pytest.raises(Refused):
        actions.save_quote(quote=quote, title="Autre", lines=[days_line()], **acting(chloe, TODAY))
    paper = FrozenPaper.objects.get(quote=quote)
    for attack in (
        lambda: Quote.objects.filter(pk=quote.pk).update(net=1),
        lambda: Quote.objects.filter(pk=quote.pk).update(number="DE-2026-0009"),
        lambda: QuoteLine.objects.filter(quote=quote).update(unit_price=1),
        lambda: QuoteLine.objects.filter(quote=quote).delete(),
        lambda: FrozenPaper.objects.filter(pk=paper.pk).update(digest="x"),
        lambda: FrozenPaper.objects.filter(pk=paper.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_a_new_version_keeps_the_number_and_replaces_the_earlier(client: Any, chloe: Any) -> None:
    first = given_quote(client, state="sent", by=chloe)
    act = acting(chloe, TODAY)
    later = actions.new_version(first, valid_until=TODAY + timedelta(days=60), **act)
    assert (later.number, later.version, later.lines.count()) == ("", 2, 1)
    first.refresh_from_db()
    assert first.state == "sent"  # until the new one leaves
    with pytest.raises(Refused):
        actions.new_version(first, valid_until=TODAY, **act)
    actions.send_quote(later, **act)
    first.refresh_from_db()
    assert (first.state, later.number, later.reference) == (
        "superseded",
        "DE-2026-0001",
        "DE-2026-0001, version 2",
    )
    with pytest.raises(Refused):
        actions.accept_quote(first, **act)
    assert given_quote(client, state="sent", by=chloe).number == "DE-2026-0002"


def test_past_its_validity_a_quote_is_shown_expired_and_not_accepted(
    client: Any, chloe: Any
) -> None:
    quote = given_quote(client, state="sent", by=chloe, valid_until=TODAY + timedelta(days=5))
    after = TODAY + timedelta(days=6)
    assert list(Quote.objects.expired(on=after)) == [quote]
    assert quote.is_expired(after)
    assert not Quote.objects.expired(on=TODAY).exists()
    with pytest.raises(Refused) as refused:
        actions.accept_quote(quote, **acting(chloe, after))
    assert codes(refused) == ["valid_until"]
    # Signed in time, recorded later: accepted.
    actions.accept_quote(quote, decided_on=TODAY + timedelta(days=5), **acting(chloe, after))
    assert quote.state == "accepted"


def test_by_the_day_it_becomes_an_agreement_with_its_terms(client: Any, chloe: Any) -> None:
    town = given_client("Commune")
    shares = [
        ProposedShare(payer=town, percent=D(40), cap_eur=D(900)),
        ProposedShare(payer=client, percent=D(60), takes_remainder=True),
    ]
    lines = [days_line(3, 600), days_line(2, 600), line("travel", "0.529", 100), line("free", 250)]
    quote = given_quote(client, lines=lines, shares=shares, state="accepted", by=chloe)
    agreement = actions.make_agreement(quote, **acting(chloe, TODAY))
    assert (agreement.kind, agreement.state, agreement.quote) == ("by_day", "draft", quote)
    assert (agreement.days_budgeted, agreement.daily_rate, agreement.km_rate) == (
        D(5),
        D(600),
        D("0.529"),
    )
    assert [(p.title, p.amount) for p in agreement.phases.all()] == [("Ligne", D(250))]
    payers = [(s.payer, s.percent, s.cap_eur) for s in agreement.shares.all()]
    assert payers == [(town, D(40), D(900)), (client, D(60), None)]
    quote.refresh_from_db()
    assert quote.agreement == agreement
    with pytest.raises(Refused) as refused:
        actions.make_agreement(quote, **acting(chloe, TODAY))
    assert codes(refused) == ["agreement"]
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize(
    ("lines", "kind", "price", "days"),
    [
        ([line("phase", 1000), line("phase", 2000)], "phases", 3000, None),
        ([line("pack", 550, 10)], "pack", 5500, 10),
    ],
)
def test_a_price_is_signed_as_it_was_quoted(
    client: Any, chloe: Any, lines: Any, kind: str, price: int, days: int | None
) -> None:
    quote = given_quote(client, lines=lines, state="accepted", by=chloe)
    agreement = actions.make_agreement(quote, **acting(chloe, TODAY))
    assert (agreement.kind, agreement.price) == (kind, D(price))
    assert agreement.days_budgeted == (None if days is None else D(days))
    actions.sign_agreement(agreement, **acting(chloe, TODAY))
    assert agreement.state == "signed"


def test_a_quote_is_written_sent_and_made_an_agreement_on_screen(client: Any, chloe: Any) -> None:
    browser = signed_in(chloe)
    posted = {
        "title": "Étude", "client": client.pk, "form": "agreement", "rhythm": "monthly",
        "valid_until": "2099-01-01", "payment_days": 30, "payment_method": "net",
        "lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 0,
        "lines-0-kind": "days", "lines-0-label": "Visites", "lines-0-quantity": "2,5",
        "lines-0-unit_price": "600", "lines-1-kind": "days",
        "shares-TOTAL_FORMS": 1, "shares-INITIAL_FORMS": 0,
    }  # fmt: skip
    wrong = browser.post(reverse("missions:quote_new"), {**posted, "lines-0-label": ""})
    assert wrong.status_code == 422
    browser.post(reverse("missions:quote_new"), posted)
    quote = Quote.objects.get()
    assert (quote.net, quote.lines.count()) == (D(1500), 1)
    for edge, data in (("send_quote", {}), ("accept_quote", {"decided_on": "2099-01-01"})):
        url = reverse("missions:quote_move", args=(quote.pk, edge))
        answer = browser.post(url, data)
        if edge == "accept_quote":
            assert answer.status_code == 409  # the future
            browser.post(url, {"decided_on": str(Quote.objects.get().sent_on)})
    quote.refresh_from_db()
    assert quote.state == "accepted"
    shown = browser.get(quote.get_absolute_url()).content.decode()
    assert "En faire une convention" in shown
    browser.post(reverse("missions:quote_agreement", args=(quote.pk,)))
    agreement = Agreement.objects.get()
    page = browser.get(agreement.get_absolute_url()).content.decode()
    assert quote.number in page


def test_a_client_abroad_is_quoted_as_it_will_be_billed(client: Any, chloe: Any) -> None:
    abroad = {"DE": "DE136695976", "CH": ""}
    for country, number in abroad.items():
        buyer = given_client(f"Acheteur {country}", country=country, vat_number=number)
        assert given_quote(buyer, by=chloe).vat == 0


def test_a_quote_signed_before_an_acknowledgement_wants_a_sentence(chloe: Any, basile: Any) -> None:
    given_issuer()
    coop = given_coop()
    application = given_application(coop, given_programme("LEADER", no_early_commitment=True))
    quote = given_quote(client_of(coop), coop, state="sent", by=basile)
    page = reverse("missions:quote_move", args=(quote.pk, "accept_quote"))
    answer = {"decided_on": f"{TODAY:%Y-%m-%d}", "decided_by": "Émile Zorn"}
    refused = signed_in(basile).post(page, answer)
    assert refused.status_code == 409
    assert str(application) in refused.content.decode()
    why = {"commitment_before_acknowledgement": "Accord écrit du financeur."}
    actions.accept_quote(quote, reasons=why, **acting(basile, TODAY))
    quote.refresh_from_db()
    assert quote.state == "accepted"
