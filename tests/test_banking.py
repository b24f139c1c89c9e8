"""A statement is imported, looked at and recorded line by line; nothing books itself."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from essaim.workflow import Refused
from invoicing.actions import banking, desk, issuing
from invoicing.actions.issuing import amount_left
from invoicing.actions.paying import reverse_payment
from invoicing.models import BankLine, BankStatement, Invoice, Payment
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice

pytestmark = pytest.mark.django_db
D = Decimal
HOME = "/facturation/banque/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def on() -> date:
    return timezone.localdate()


@pytest.fixture
def owed(on: date) -> Invoice:
    return given_invoice(1000, on=on)  # 1,200.00 with VAT


def file_of(*rows: tuple[date, str, str]) -> bytes:
    lines = [f"{day:%d/%m/%Y};{label};{amount}" for day, label, amount in rows]
    return "\n".join(["Date;Libellé;Montant", *lines]).encode()


def imported(by: Any, on: date, *rows: tuple[date, str, str]) -> BankStatement:
    return banking.import_statement(content=file_of(*rows), name="b.csv", **acting(by, on))


def page(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_importing_records_no_payment(chloe: Any, on: date, owed: Invoice) -> None:
    statement = imported(chloe, on, (on, f"VIR {owed.number}", "1200,00"))
    assert statement.lines.get().fate == BankLine.Fate.NEW
    assert not Payment.objects.exists()
    assert amount_left(owed) == 1200


def test_a_sure_line_is_recorded_on_a_click_with_the_banks_date(
    chloe: Any, on: date, owed: Invoice
) -> None:
    day = on - timedelta(days=1)
    statement = imported(chloe, on, (day, f"VIR {owed.number}", "1200,00"))
    browser, line = signed_in(chloe), statement.lines.get()
    assert str(owed.number) in page(browser.get(f"{HOME}{statement.pk}/"))
    answer = browser.post(f"{HOME}{statement.pk}/enregistrer/", {"line": line.pk}, follow=True)
    assert "1 règlement enregistré" in page(answer)
    payment = Payment.objects.get()
    assert (payment.amount, payment.received_on) == (D("1200.00"), day)
    assert amount_left(owed) == 0
    # A second click finds nothing left to record.
    browser.post(f"{HOME}{statement.pk}/enregistrer/", {"line": line.pk})
    assert Payment.objects.count() == 1


def test_only_certain_lines_are_recorded_together(chloe: Any, on: date, owed: Invoice) -> None:
    statement = imported(chloe, on, (on, "virement", "1200,00"))
    keys = [line.pk for line in statement.lines.all()]
    booked, told = banking.book_sure(statement=statement, lines=keys, **acting(chloe, on))
    assert (booked, len(told)) == ([], 1)
    assert not Payment.objects.exists()


def test_two_lines_for_one_invoice_settle_it_once(chloe: Any, on: date, owed: Invoice) -> None:
    rows = [(on, f"{owed.number}", "1200,00"), (on, f"bis {owed.number}", "1200,00")]
    statement = imported(chloe, on, *rows)
    keys = [line.pk for line in statement.lines.all()]
    booked, told = banking.book_sure(statement=statement, lines=keys, **acting(chloe, on))
    assert (len(booked), len(told)) == (1, 1)
    assert amount_left(owed) == 0


def test_a_line_is_recorded_for_a_client_chosen_by_hand(
    chloe: Any, on: date, owed: Invoice
) -> None:
    statement = imported(chloe, on, (on, "VIR 88", "700,00"))
    line, browser = statement.lines.get(), signed_in(chloe)
    address = f"{HOME}lignes/{line.pk}/"
    first = browser.post(address, {"client": owed.client_id})
    assert first.status_code == 302
    assert first["Location"].endswith(f"?client={owed.client_id}")
    done = browser.post(first["Location"], {f"part_{owed.pk}": "500,00"})
    assert done.status_code == 302
    assert amount_left(owed) == 700
    assert Payment.objects.get().amount == 700
    assert browser.get(address).status_code == 409


def test_too_much_on_an_invoice_is_refused_and_nothing_half_booked(
    chloe: Any, on: date, owed: Invoice
) -> None:
    statement = imported(chloe, on, (on, "VIR", "1500,00"))
    line, browser = statement.lines.get(), signed_in(chloe)
    address = f"{HOME}lignes/{line.pk}/?client={owed.client_id}"
    answer = browser.post(address, {f"part_{owed.pk}": "1500,00"})
    assert answer.status_code == 409
    assert not Payment.objects.exists()
    line.refresh_from_db()
    assert line.fate == BankLine.Fate.NEW


def test_a_line_may_be_a_payment_recorded_before(chloe: Any, on: date, owed: Invoice) -> None:
    payment = desk.encash(
        client=owed.client,
        amount=D(1200),
        received_on=on,
        method="transfer",
        invoices={owed: D(1200)},
        **acting(chloe, on),
    )
    statement = imported(chloe, on, (on, "VIR", "1200,00"))
    line, browser = statement.lines.get(), signed_in(chloe)
    assert "Déjà enregistré" in page(browser.get(f"{HOME}{statement.pk}/"))
    browser.post(f"{HOME}lignes/{line.pk}/payment/{payment.pk}/", {})
    line.refresh_from_db()
    assert (line.fate, line.payment) == (BankLine.Fate.BOOKED, payment)
    assert Payment.objects.count() == 1


def test_the_same_file_and_the_same_lines_are_imported_once(chloe: Any, on: date) -> None:
    rows = [(on, "VIR A", "10,00"), (on, "VIR B", "20,00")]
    imported(chloe, on, *rows)
    with pytest.raises(Refused, match="déjà"):
        imported(chloe, on, *rows)
    again = imported(chloe, on, *rows, (on, "VIR C", "30,00"))
    assert [line.label for line in again.lines.all()] == ["VIR C"]
    assert [r["why"] for r in again.refused] == ["Cette ligne a déjà été importée."] * 2


def test_money_that_left_settles_nothing(chloe: Any, on: date, owed: Invoice) -> None:
    line = imported(chloe, on, (on, f"{owed.number}", "-1200,00")).lines.get()
    with pytest.raises(Refused):
        banking.book_line(
            line=line, client=owed.client, invoices={owed: D(1200)}, **acting(chloe, on)
        )


def test_a_line_comes_back_once_its_payment_is_undone(chloe: Any, on: date, owed: Invoice) -> None:
    line = imported(chloe, on, (on, f"{owed.number}", "1200,00")).lines.get()
    act = acting(chloe, on)
    payment = banking.book_line(line=line, client=owed.client, invoices={owed: D(1200)}, **act)
    with pytest.raises(Refused):
        banking.look_again(line=line, **act)
    reverse_payment(payment=payment, why="mauvais client", **act)
    assert banking.look_again(line=line, **act).fate == BankLine.Fate.NEW


def test_a_line_is_put_aside_and_looked_at_again(chloe: Any, on: date) -> None:
    statement = imported(chloe, on, (on, "VIR INTERNE", "1000,00"))
    line, browser = statement.lines.get(), signed_in(chloe)
    browser.post(f"{HOME}lignes/{line.pk}/ecarter/", {"why": "compte courant"})
    assert "compte courant" in page(browser.get(f"{HOME}{statement.pk}/?show=aside"))
    browser.post(f"{HOME}lignes/{line.pk}/reprendre/", {})
    line.refresh_from_db()
    assert line.fate == BankLine.Fate.NEW


def test_an_import_is_thrown_away_while_nothing_is_recorded(
    chloe: Any, on: date, owed: Invoice
) -> None:
    statement = imported(chloe, on, (on, f"{owed.number}", "1200,00"))
    act = acting(chloe, on)
    line = statement.lines.get()
    payment = banking.book_line(line=line, client=owed.client, invoices={owed: D(1200)}, **act)
    with pytest.raises(Refused):
        banking.forget_statement(statement=statement, **act)
    reverse_payment(payment=payment, why="essai", **act)
    banking.look_again(line=line, **act)
    banking.forget_statement(statement=statement, **act)
    assert not BankStatement.objects.exists()


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"a;b\n1;2\n", 409), (b"\x89PNG\r\n\x1a\n\x00", 409)],
)
def test_a_wrong_file_is_answered_beside_its_field(chloe: Any, content: bytes, status: int) -> None:
    file = SimpleUploadedFile("x.csv", content)
    answer = signed_in(chloe).post(f"{HOME}importer/", {"file": file})
    assert answer.status_code == status
    assert not BankStatement.objects.exists()


def test_a_statement_is_imported_from_its_page(chloe: Any, on: date, owed: Invoice) -> None:
    content = file_of((on, f"VIR {owed.number}", "1200,00"), (on, "x", "abc"))
    answer = signed_in(chloe).post(
        f"{HOME}importer/", {"file": SimpleUploadedFile("nov.csv", content)}, follow=True
    )
    told = page(answer)
    assert "1 ligne lue" in told
    assert "Lignes refusées" in told
    assert "certain" in told


@pytest.mark.parametrize("count", [3, 40])
def test_the_lines_of_a_statement_take_the_same_queries(
    chloe: Any, on: date, owed: Invoice, count: int
) -> None:
    for index in range(count - 1):
        given_invoice(10 + index, given_client(f"Client {index}"), on)
    statement = imported(
        chloe,
        on,
        *((on, f"VIR {index} {owed.number}", f"{index + 1},00") for index in range(count)),
    )
    browser = signed_in(chloe)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(f"{HOME}{statement.pk}/").status_code == 200
    assert len(seen) == 9, [q["sql"][:90] for q in seen]
