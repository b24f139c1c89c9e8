"""The client's balance: spread over several invoices, paid back, never spent twice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import issuing, refunding
from invoicing.actions.paying import credit_left, payment_left
from invoicing.models import Allocation, Invoice, Refund
from invoicing.verification import verify
from tests.conftest import acting
from tests.given_invoicing import TODAY, given_client, given_invoice
from tests.given_receivables import given_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def left(invoice: Invoice) -> D:
    return issuing.amount_left(invoice)


def credit_of(invoice: Invoice, amount: str, chloe: Any) -> Invoice:
    """A credit note for part of an invoice that was paid: it is the client's balance."""
    draft = actions.draft_credit(
        origin=invoice,
        words="Trop facturé.",
        amounts={invoice.lines.get().pk: D(amount)},
        **acting(chloe, TODAY),
    )
    return actions.issue(invoice=draft, **acting(chloe, TODAY))


def refund(source: Any, amount: str, chloe: Any, on: date = TODAY, **more: Any) -> Refund:
    values = {"paid_on": on, "method": "transfer", "client": source.client} | more
    act = acting(chloe, TODAY)
    return refunding.refund(source=source, amount=D(amount), **values, **act)


def test_an_over_payment_and_a_credit_note_settle_several_invoices_at_once(chloe: Any) -> None:
    client = given_client()
    old = given_invoice(500, client)
    over = given_payment(client, "750", TODAY, to={old: "600"})
    credit = credit_of(old, "100", chloe)
    assert (payment_left(over), credit_left(credit)) == (D("150.00"), D("120.00"))
    first, second = given_invoice(100, client), given_invoice(200, client)
    done = refunding.spread(
        sources=[over, credit],
        invoices={first: D("120.00"), second: D("150.00")},
        **acting(chloe, TODAY),
    )
    assert [(a.invoice, a.payment, a.amount) for a in done] == [
        (first, over, D("120.00")),
        (second, over, D("30.00")),
        (second, None, D("120.00")),
    ]
    assert (left(first), left(second)) == (D("0.00"), D("90.00"))
    assert (payment_left(over), credit_left(credit)) == (D("0.00"), D("0.00"))


def test_more_than_the_balance_or_than_an_invoice_is_refused_whole(chloe: Any) -> None:
    client = given_client()
    over = given_payment(client, "100", TODAY)
    first, second = given_invoice(50, client), given_invoice(200, client)
    act = acting(chloe, TODAY)
    for invoices in (
        {first: D("60.00"), second: D("50.00")},
        {first: D("61.00")},
        {first: D("-1.00")},
        {first: D("0.00")},
        {first: D("0.005")},
    ):
        with pytest.raises(Refused):
            refunding.spread(sources=[over], invoices=invoices, **act)
    assert not Allocation.objects.exists()
    other = given_invoice(50, given_client("Autre"))
    with pytest.raises(Refused):
        refunding.spread(sources=[over], invoices={other: D("10.00")}, **act)


def test_money_paid_back_is_no_balance_any_more(chloe: Any) -> None:
    client = given_client()
    over = given_payment(client, "100", TODAY)
    row = refund(over, "60", chloe)
    assert payment_left(over) == D("40.00")
    with pytest.raises(Refused):
        refund(over, "40.01", chloe)
    invoice = given_invoice(100, client)
    with pytest.raises(Refused):
        actions.allocate(invoice=invoice, payment=over, amount=D("41"), **acting(chloe, TODAY))
    with pytest.raises(Refused) as refused:
        actions.reverse_payment(payment=over, why="Erreur.", **acting(chloe, TODAY))
    assert refused.value.missing[0].code == "payment"
    rows = Refund.objects.filter(pk=row.pk)
    for attack in (lambda: rows.update(amount=D("1")), rows.delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            attack()


def test_a_credit_note_is_paid_back_in_parts(chloe: Any) -> None:
    invoice = given_invoice(500)
    given_payment(invoice.client, "600", TODAY, to={invoice: "600"})
    credit = credit_of(invoice, "100", chloe)
    refund(credit, "50", chloe)
    refund(credit, "70", chloe)
    assert credit_left(credit) == D("0.00")
    with pytest.raises(Refused):
        refund(credit, "0.01", chloe)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"on": TODAY + timedelta(days=1)}, "paid_on"),
        ({"on": TODAY - timedelta(days=1)}, "paid_on"),
        ({"amount": "0"}, "amount"),
        ({"amount": "10.001"}, "amount"),
        ({"client": "other"}, "source"),
    ],
)
def test_a_wrong_refund_says_why(chloe: Any, more: dict[str, Any], code: str) -> None:
    over = given_payment(given_client(), "100", TODAY)
    if "client" in more:
        more = {"client": given_client("Autre")}
    amount = more.pop("amount", "10")
    with pytest.raises(Refused) as refused:
        refund(over, amount, chloe, **more)
    assert {m.code for m in refused.value.missing} == {code}
    assert not Refund.objects.exists()


def test_an_invoice_is_not_paid_back(chloe: Any) -> None:
    invoice = given_invoice(500)
    with pytest.raises(Refused) as refused:
        refund(invoice, "10", chloe)
    assert {m.code for m in refused.value.missing} == {"source"}


def test_verify_finds_a_balance_spent_twice(chloe: Any) -> None:
    over = given_payment(given_client(), "100", TODAY)
    refund(over, "60", chloe)
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert [f.words for f in verify(at=at)[1]] == []
    Refund.objects.create(
        client=over.client, payment=over, amount=D("60"), paid_on=TODAY, by=chloe, at=at
    )
    assert [f.words for f in verify(at=at)[1]] == ["more of it was spent"]
