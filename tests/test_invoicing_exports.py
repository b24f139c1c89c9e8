"""The sales and receipts journals: what they hold, to the cent, and byte for byte again."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from openpyxl import load_workbook

from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.refunding import refund
from invoicing.exports import write_exports
from invoicing.files import Wanted, build
from invoicing.journals import sales_rows
from invoicing.models import ExportLog
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
D = Decimal
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def books(chloe: Any, today: date) -> dict[str, Any]:
    """Two invoices, the second half credited, the first part-paid."""
    given_issuer()
    client = given_client(siren="552100554")
    first = given_invoice("1000.00", client, today, by=chloe)
    second = given_invoice("333.33", client, today, by=chloe)
    act = acting(chloe, today)
    line = second.lines.get()
    credit = actions.draft_credit(
        origin=second, words="Trop facturé.", amounts={line.pk: D("100.00")}, **act
    )
    credit = actions.issue(invoice=credit, **act)
    payment = actions.record_payment(
        client=client,
        amount=D("500.00"),
        received_on=today,
        method="transfer",
        reference="=VIR 12",
        invoices={first: D("500.00")},
        **act,
    )
    return {"first": first, "second": second, "credit": credit, "payment": payment}


def content(kind: str, file_format: str, *, first: date = YEAR[0], last: date = YEAR[1]) -> bytes:
    return b"".join(build(Wanted(kind, file_format, first, last)).chunks())


def table(kind: str) -> list[dict[str, str]]:
    text = content(kind, "csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_sales_name_each_document_with_its_amounts_per_rate(books: Any, today: date) -> None:
    rows = table("sales")
    assert [row["Numéro"] for row in rows] == [
        books[name].number for name in ("first", "second", "credit")
    ]
    one = rows[0]
    assert (one["Journal"], one["Date"], one["SIREN"]) == ("VE", "23/11/2026", "552100554")
    rate = "20\u00a0%"
    amounts = (one[f"HT à {rate}"], one[f"TVA à {rate}"], one["Total TTC"])
    assert amounts == ("1000,00", "200,00", "1200,00")
    assert (one["Encaissé"], one["Reste à payer"]) == ("500,00", "700,00")
    assert one["Échéance"] == f"{today + timedelta(days=30):%d/%m/%Y}"


def test_a_credit_note_is_negative_and_has_no_due_date(books: Any) -> None:
    row = table("sales")[-1]
    assert (row["Type"], row["Total HT"], row["Total TTC"]) == ("Avoir", "-100,00", "-120,00")
    # Set against its invoice in whole: nothing is left of it.
    assert (row["Échéance"], row["Reste à payer"]) == ("", "0,00")


def test_the_journal_adds_up_to_what_was_issued(books: Any) -> None:
    expected = books["first"].gross + books["second"].gross - books["credit"].gross
    rows = list(sales_rows(*YEAR))
    assert sum(row[11] for row in rows) == D("1233.33")
    assert sum(row[13] for row in rows) == expected


def test_a_final_invoice_shows_the_deposits_it_takes_off(chloe: Any, today: date) -> None:
    given_issuer()
    act, client = acting(chloe, today), given_client()
    draft = actions.draft_deposit(client=client, title="Étude", amount=D("300.01"), **act)
    deposit = actions.issue(invoice=draft, **act)
    draft = given_invoice("1000.03", client, today, issued=False, by=chloe)
    actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    final = actions.issue(invoice=draft, **act)
    credit = actions.draft_credit(origin=final, words="Annulée", **act)
    actions.issue(invoice=credit, **act)
    found = [
        (row["Total HT"], row["Acomptes déduits HT"], row["TVA des acomptes déduits"])
        for row in table("sales")
    ]
    assert found == [
        ("300,01", "", ""),
        ("1000,03", "-300,01", "-60,00"),
        ("-1000,03", "300,01", "60,00"),
    ]


def test_the_credit_note_paid_back_leaves_nothing(books: Any, chloe: Any, today: date) -> None:
    client, act = books["first"].client, acting(chloe, today)
    for invoice, amount in ((books["first"], "700.00"), (books["second"], "280.00")):
        actions.record_payment(
            client=client, amount=D(amount), received_on=today, method="transfer",
            invoices={invoice: D(amount)}, **act,
        )  # fmt: skip
    line = books["first"].lines.get()
    draft = actions.draft_credit(
        origin=books["first"], words="Geste", amounts={line.pk: D("50.00")}, **act
    )
    credit = actions.issue(invoice=draft, **act)
    assert table("sales")[-1]["Reste à payer"] == "-60,00"
    back = {"client": client, "amount": D("60.00"), "paid_on": today, "method": "transfer"}
    refund(source=credit, **back, **act)
    assert table("sales")[-1]["Reste à payer"] == "0,00"


def test_what_is_paid_after_the_period_is_not_in_it(books: Any, chloe: Any, today: date) -> None:
    later = today + timedelta(days=10)
    actions.record_payment(
        client=books["first"].client,
        amount=D("700.00"),
        received_on=later,
        method="cheque",
        invoices={books["first"]: D("700.00")},
        **acting(chloe, later),
    )
    before = next(iter(sales_rows(YEAR[0], today)))
    after = next(iter(sales_rows(YEAR[0], later)))
    assert (before[-2], before[-1]) == (D("500.00"), D("700.00"))
    assert (after[-2], after[-1]) == (D("1200.00"), D("0.00"))


def test_receipts_say_how_money_came_and_what_it_settled(books: Any) -> None:
    (row,) = table("receipts")
    assert (row["Journal"], row["Mode de règlement"]) == ("BQ", "Virement")
    assert (row["Montant"], row["Factures réglées"]) == ("500,00", books["first"].number)
    # Text that a spreadsheet would run stays text.
    assert row["Référence"] == "'=VIR 12"


def test_a_payment_undone_is_there_twice_and_comes_to_nothing(
    books: Any, chloe: Any, today: date
) -> None:
    actions.reverse_payment(payment=books["payment"], why="Doublon.", **acting(chloe, today))
    amounts = [row["Montant"] for row in table("receipts")]
    assert amounts == ["500,00", "-500,00"]
    assert table("sales")[0]["Encaissé"] == "0,00"


def test_both_journals_in_one_file_keep_their_columns(books: Any) -> None:
    rows = table("all")
    assert [row["Journal"] for row in rows] == ["VE", "VE", "VE", "BQ"]
    assert rows[-1]["Encaissé"] == "500,00"
    assert rows[-1]["Factures réglées"] == books["first"].number
    assert rows[-1]["Total TTC"] == ""


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_same_export_again_is_the_same_bytes(books: Any, file_format: str) -> None:
    assert content("sales", file_format) == content("sales", file_format)


def test_the_workbook_holds_numbers_and_no_formula(books: Any) -> None:
    sheet = load_workbook(io.BytesIO(content("receipts", "xlsx"))).active
    assert sheet is not None
    row = [cell.value for cell in sheet[2]]
    assert row[6] == 500
    assert "=VIR 12" in row
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)


def test_an_export_is_logged_with_its_fingerprint(books: Any, chloe: Any) -> None:
    browser = signed_in(chloe)
    period = {"start": "2026-01-01", "end": "2026-12-31"}
    answer = browser.post("/facturation/exports/sales.csv", period)
    sent = b"".join(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="sales_20260101_20261231.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    log = ExportLog.objects.get()
    assert (log.kind, log.file_format, log.rows, log.by) == ("sales", "csv", 3, chloe)
    assert log.fingerprint == sha256(sent).hexdigest()
    again = b"".join(browser.get("/facturation/exports/sales.csv", period))
    assert again == sent
    shown = browser.get("/facturation/exports/").content.decode()
    assert log.fingerprint[:16] in shown


def test_a_period_that_ends_before_it_begins_exports_nothing(chloe: Any) -> None:
    browser = signed_in(chloe)
    wrong = {"start": "2026-12-31", "end": "2026-01-01"}
    assert browser.get("/facturation/exports/sales.csv", wrong).status_code == 400
    answer = browser.get("/facturation/exports/", wrong)
    assert answer.status_code == 422
    assert "La fin précède le début." in answer.content.decode()
    assert not ExportLog.objects.exists()


def test_the_checks_tell_of_drafts_and_missing_files(books: Any, chloe: Any, today: date) -> None:
    given_invoice("50.00", books["first"].client, today, issued=False, by=chloe)
    period = {"start": f"{today:%Y-%m-%d}", "end": f"{today:%Y-%m-%d}"}
    words = signed_in(chloe).get("/facturation/exports/", period).content.decode()
    assert "Brouillons de cette période encore à émettre" in words
    assert "PDF encore à produire" in words


def test_reading_a_journal_asks_few_questions_whatever_the_rows(
    books: Any, chloe: Any, today: date, django_assert_num_queries: Any
) -> None:
    for rank in range(8):
        given_invoice(10 + rank, books["first"].client, today, by=chloe)
    with django_assert_num_queries(2):
        assert len(list(sales_rows(*YEAR))) == 11


def test_lines_of_days_give_their_agreement_and_analytic_code(
    chloe: Any, ada: Any, basile: Any, today: date
) -> None:
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(
        coop, client_of(coop), by=basile, on=today, reference="C-12", analytic_code="ACC67"
    )
    mission = given_mission(agreement, team=[ada], by=basile, on=today)
    given_day(ada, mission, today, by=basile, today=today)
    act = acting(chloe, today)
    draft = actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    actions.issue(invoice=draft, **act)
    (row,) = table("sales")
    assert (row["Convention"], row["Code analytique"], row["Coop"]) == ("C-12", "ACC67", str(coop))


def test_the_demonstration_finds_its_files(
    books: Any, chloe: Any, today: date, tmp_path: Any
) -> None:
    made = write_exports(tmp_path / "exports", first=YEAR[0], last=YEAR[1], **acting(chloe, today))
    assert sorted(path.name for path in made) == [
        "732829320FEC20261231.txt", "invoices.zip", "quadra.txt", "receipts.csv",
        "receipts.xlsx", "sales.csv", "sales.xlsx",
    ]  # fmt: skip
    assert all(path.stat().st_size > 100 for path in made)
    assert ExportLog.objects.count() == 7
