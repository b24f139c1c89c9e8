"""Cheques are noted, paid in on a slip, and become payments once the bank credits them."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from essaim.workflow import Refused
from invoicing.actions import banking, cheques, issuing
from invoicing.actions.issuing import amount_left
from invoicing.models import BankLine, Cheque, ChequeBatch, Invoice, Payment
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice

pytestmark = pytest.mark.django_db
D = Decimal
HOME = "/facturation/cheques/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def on() -> date:
    return timezone.localdate()


@pytest.fixture
def owed(on: date) -> Invoice:
    return given_invoice(1000, on=on)


def noted(invoice: Invoice, on: date, by: Any, amount: str = "1200", number: str = "77") -> Cheque:
    return cheques.receive_cheque(
        client=invoice.client, amount=D(amount), number=number, received_on=on, **acting(by, on)
    )


def test_a_cheque_in_hand_settles_nothing(chloe: Any, on: date, owed: Invoice) -> None:
    noted(owed, on, chloe)
    assert amount_left(owed) == 1200
    assert not Payment.objects.exists()


def test_a_slip_credited_makes_a_payment_of_each_cheque(
    chloe: Any, on: date, owed: Invoice
) -> None:
    other = given_invoice(100, given_client("Autre"), on)
    rows = [noted(owed, on, chloe), noted(other, on, chloe, "150", "78")]
    act = acting(chloe, on)
    slip = cheques.make_slip(cheques=rows, **act)
    cheques.credit_slip(slip=slip, credited_on=on, **act)
    assert [p.method for p in Payment.objects.all()] == ["cheque", "cheque"]
    assert (amount_left(owed), amount_left(other)) == (0, 0)
    assert cheques.Cheque.objects.get(number="78").payment is not None
    with pytest.raises(Refused):
        cheques.credit_slip(slip=slip, credited_on=on, **act)
    with pytest.raises(Refused):
        cheques.undo_slip(slip=slip, **act)
    assert Payment.objects.count() == 2


def test_one_line_of_the_bank_credits_a_slip(chloe: Any, on: date, owed: Invoice) -> None:
    act = acting(chloe, on)
    slip = cheques.make_slip(cheques=[noted(owed, on, chloe)], **act)
    content = f"Date;Libellé;Montant\n{on:%d/%m/%Y};REMISE CHQ;1200,00\n".encode()
    line = banking.import_statement(content=content, name="b.csv", **act).lines.get()
    browser = signed_in(chloe)
    assert f"/lignes/{line.pk}/slip/{slip.pk}/" in (
        browser.get(f"/facturation/banque/{line.statement_id}/").content.decode()
    )
    browser.post(f"/facturation/banque/lignes/{line.pk}/slip/{slip.pk}/", {})
    line.refresh_from_db()
    assert (line.fate, line.cheques) == (BankLine.Fate.BOOKED, slip)
    assert amount_left(owed) == 0


def test_a_line_of_another_amount_is_no_credit_of_the_slip(
    chloe: Any, on: date, owed: Invoice
) -> None:
    act = acting(chloe, on)
    slip = cheques.make_slip(cheques=[noted(owed, on, chloe)], **act)
    content = f"Date;Libellé;Montant\n{on:%d/%m/%Y};REMISE CHQ;1199,00\n".encode()
    line = banking.import_statement(content=content, name="b.csv", **act).lines.get()
    with pytest.raises(Refused):
        banking.book_slip(line=line, slip=slip, **act)
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"amount": D("0")}, "amount"),
        ({"amount": D("1.005")}, "amount"),
        ({"received_on": timedelta(days=1)}, "received_on"),
    ],
)
def test_a_wrong_cheque_is_refused(
    chloe: Any, on: date, owed: Invoice, facts: dict[str, Any], code: str
) -> None:
    values: dict[str, Any] = {"amount": D(10), "received_on": on, **facts}
    if isinstance(values["received_on"], timedelta):
        values["received_on"] = on + values["received_on"]
    with pytest.raises(Refused) as refused:
        cheques.receive_cheque(client=owed.client, number="1", **values, **acting(chloe, on))
    assert [m.code for m in refused.value.missing] == [code]


def test_a_cheque_is_noted_once_and_stands_on_one_slip(chloe: Any, on: date, owed: Invoice) -> None:
    cheque, act = noted(owed, on, chloe), acting(chloe, on)
    with pytest.raises(Refused):
        noted(owed, on, chloe)
    slip = cheques.make_slip(cheques=[cheque], **act)
    with pytest.raises(Refused):
        cheques.make_slip(cheques=[cheque], **act)
    with pytest.raises(Refused):
        cheques.give_back_cheque(cheque=cheque, **act)
    cheques.undo_slip(slip=slip, **act)
    cheque.refresh_from_db()
    cheques.give_back_cheque(cheque=cheque, **act)
    assert not Cheque.objects.exists()


def test_a_slip_is_never_credited_before_it_was_made(chloe: Any, on: date, owed: Invoice) -> None:
    slip = cheques.make_slip(cheques=[noted(owed, on, chloe)], **acting(chloe, on))
    with pytest.raises(Refused):
        cheques.credit_slip(slip=slip, credited_on=on - timedelta(days=1), **acting(chloe, on))


def test_the_pages_lead_from_the_cheque_to_the_payment(chloe: Any, on: date, owed: Invoice) -> None:
    browser = signed_in(chloe)
    answer = browser.post(
        f"{HOME}nouveau/",
        {
            "client": owed.client_id,
            "amount": "1200",
            "number": "901",
            "received_on": f"{on:%Y-%m-%d}",
        },
    )
    assert answer.status_code == 302
    cheque = Cheque.objects.get()
    answer = browser.post(f"{HOME}remises/nouvelle/", {"cheques": [cheque.pk], "reference": "R1"})
    slip = ChequeBatch.objects.get()
    assert answer["Location"] == slip.get_absolute_url()
    content = browser.get(f"{HOME}remises/{slip.pk}/pdf/").getvalue()
    printed = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "901" in printed
    assert "1 200,00" in printed.replace("\u00a0", " ")
    day = {"credited_on": f"{on:%Y-%m-%d}"}
    assert browser.post(f"{HOME}remises/{slip.pk}/creditee/", day).status_code == 302
    assert amount_left(owed) == 0
