"""Membership calls: their own series, no VAT, no penalties, paid in crm when settled."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import actions as crm
from crm.models import Membership
from essaim.series import open_series
from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import Invoice
from invoicing.verification import verify
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.test_invoicing_flow import text_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    open_series("membership", pattern="CO-{year}-{number:04d}")
    return acting(chloe, today)


def called(client: Any, act: dict[str, Any], amount: str = "150") -> Invoice:
    draft = actions.draft_membership_call(client=client, year=2026, amount=D(amount), **act)
    return actions.issue(invoice=draft, **act)


def test_a_call_stands_in_its_own_series_outside_vat(act: dict[str, Any]) -> None:
    given_invoice(100)
    call = called(given_client(), act)
    assert (call.number, call.net, call.vat, call.gross) == ("CO-2026-0001", 150, 0, 150)
    assert call.vat_copy[0]["category"] == "O"
    assert call.due_on == date(2026, 12, 23)
    assert call.previous == "0" * 64
    assert given_invoice(100).number == "FA-2026-0002"
    assert [m["code"] for m in call.terms_copy["mentions"]] == ["membership_outside_vat"]
    text = text_of(call)
    assert "CO-2026-0001" in text
    assert "enalt" not in text
    assert verify(at=act["at"]) == (3, [])


def test_its_credit_note_follows_in_the_same_series(act: dict[str, Any]) -> None:
    call = called(given_client(), act)
    credit = actions.issue(
        invoice=actions.draft_credit(origin=call, words="Démission", **act), **act
    )
    assert (credit.number, credit.previous) == ("CO-2026-0002", call.digest)
    # Given back, the membership may be called again.
    assert called(call.client, act, "100").number == "CO-2026-0003"


def test_a_membership_is_called_once(act: dict[str, Any]) -> None:
    client = given_client()
    called(client, act)
    with pytest.raises(Refused):
        actions.draft_membership_call(client=client, year=2026, amount=D(150), **act)
    assert actions.draft_membership_call(client=client, year=2027, amount=D(150), **act)


def test_it_is_paid_in_crm_when_settled_and_not_any_more_when_undone(act: dict[str, Any]) -> None:
    call = called(given_client(), act)
    row = Membership.objects.get()
    assert (row.year, row.amount, row.paid_on) == (2026, 150, None)
    for amount in (100, 50):
        assert Membership.objects.get().paid_on is None
        payment = actions.record_payment(
            client=call.client,
            amount=D(amount),
            received_on=date(2026, 11, 20),
            method="transfer",
            invoices={call: D(amount)},
            **act,
        )
    assert Membership.objects.get().paid_on == date(2026, 11, 20)
    actions.reverse_payment(payment=payment, why="Chèque rejeté", **act)
    assert Membership.objects.get().paid_on is None


def test_many_are_called_at_once_and_the_second_time_nobody(act: dict[str, Any]) -> None:
    clients = [given_client(f"Coop {n}") for n in range(3)]
    paid = given_client("Coop à jour")
    crm.set_membership(paid, year=2026, amount=D(150), paid_on=date(2026, 2, 1), **act)
    facts = {"clients": [*clients, paid], "year": 2026, "amount": D(150)}
    assert len(actions.draft_membership_calls(**facts, **act)) == 3
    with pytest.raises(Refused):
        actions.draft_membership_calls(**facts, **act)


def test_a_call_that_buys_a_service_wants_a_sentence(act: dict[str, Any]) -> None:
    draft = actions.draft_membership_call(client=given_client(), year=2026, amount=D(150), **act)
    actions.add_line(
        invoice=draft, label="Formation", quantity=D(1), unit="C62", unit_price=D(300), **act
    )
    with pytest.raises(Refused) as error:
        actions.issue(invoice=draft, **act)
    assert [m.code for m in error.value.missing] == ["membership_buys_a_service"]
    why = {"membership_buys_a_service": "Inclus dans la cotisation de base."}
    assert actions.issue(invoice=draft, reasons=why, **act).number == "CO-2026-0001"


def test_without_a_series_the_call_is_refused_in_words(chloe: Any, today: date) -> None:
    given_issuer()
    act = acting(chloe, today)
    draft = actions.draft_membership_call(client=given_client(), year=2026, amount=D(150), **act)
    with pytest.raises(Refused):
        actions.issue(invoice=draft, **act)


def test_a_call_has_its_own_term_and_no_cap(act: dict[str, Any]) -> None:
    draft = actions.draft_membership_call(
        client=given_client(), year=2026, amount=D(150), term_days=90, **act
    )
    # Counted from the call, not from the end of the year, and past what bears on a sale.
    call = actions.issue(invoice=draft, **act)
    assert call.due_on == act["on"] + timedelta(days=90)
