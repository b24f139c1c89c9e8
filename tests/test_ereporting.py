"""What is reported to the tax office: sales outside the exchange, and what they brought in."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal as D
from hashlib import sha256
from typing import Any

import pytest

from invoicing import actions
from invoicing.ereporting import report, report_file
from invoicing.models import ExportLog
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    return acting(chloe, today)


@pytest.fixture
def sold(chloe: Any, today: date, act: dict[str, Any]) -> dict[str, Any]:
    """Two sales to report, one abroad, one exchanged, a credit note, a payment."""
    given_issuer()
    found = {
        "association": given_invoice(1000, given_client("Asso"), today, by=chloe),
        "other": given_invoice(500, given_client("Autre"), today, by=chloe),
        "abroad": given_invoice(
            800, given_client("Bio-Markt", country="DE", vat_number="DE136695976"), today, by=chloe
        ),
        "exchanged": given_invoice(
            900, given_client("SARL", siren="552100554", vat_status="liable"), today, by=chloe
        ),
    }
    credit = actions.draft_credit(origin=found["other"], words="Erreur", billable_again=[], **act)
    found["credit"] = actions.issue(invoice=credit, **act)
    actions.record_payment(
        client=found["association"].client, amount=D("600.00"), received_on=today,
        method="transfer", reference="V", invoices={found["association"]: D("600.00")}, **act,
    )  # fmt: skip
    return found


def test_only_what_is_not_exchanged_is_reported(sold, today):
    found = report(today, today)
    assert [(s.number, s.treatment, s.base, s.vat) for s in found.sales] == [
        ("FA-2026-0001", "B2C", D("1000.00"), D("200.00")),
        ("FA-2026-0002", "B2C", D("500.00"), D("100.00")),
        ("FA-2026-0003", "B2BINT", D("800.00"), D("0.00")),
        ("FA-2026-0005", "B2C", D("-500.00"), D("-100.00")),
    ]
    assert (found.base, found.vat, found.received) == (D("1800.00"), D("200.00"), D("600.00"))


def test_a_client_at_home_is_counted_and_not_named(sold, today):
    assert [s.client for s in report(today, today).sales] == ["", "", "Bio-Markt", ""]


def test_days_are_summed_by_rate(sold, today):
    (day,) = report(today, today).days
    assert (day["base"], day["vat"], day["documents"]) == (D("1000.00"), D("200.00"), 3)


def test_another_period_reports_nothing(sold, today):
    before = today - timedelta(days=30)
    found = report(before, before)
    assert (found.sales, found.receipts) == ((), ())


def test_on_debits_receipts_are_not_reported(chloe, today, act):
    given_issuer(regime="debits")
    invoice = given_invoice(100, None, today, by=chloe)
    actions.record_payment(
        client=invoice.client, amount=D("120.00"), received_on=today, method="transfer",
        invoices={invoice: D("120.00")}, **act,
    )  # fmt: skip
    assert report(today, today).receipts == ()


def test_a_final_invoice_is_reported_without_the_deposits_it_takes_off(chloe, today, act):
    given_issuer()
    client = given_client("Asso")
    draft = actions.draft_deposit(client=client, title="Étude", amount=D("300.01"), **act)
    deposit = actions.issue(invoice=draft, **act)
    final = given_invoice("1000.03", client, today, issued=False, by=chloe)
    actions.deduct_deposits(invoice=final, deposits=[deposit], **act)
    final = actions.issue(invoice=final, **act)
    for invoice in (deposit, final):
        actions.record_payment(
            client=client, amount=invoice.asked, received_on=today, method="transfer",
            invoices={invoice: invoice.asked}, **act,
        )  # fmt: skip
    found = report(today, today)
    assert [(s.base, s.vat) for s in found.sales] == [
        (D("300.01"), D("60.00")), (D("700.02"), D("140.01")),
    ]  # fmt: skip
    assert (found.base, found.vat) == (D("1000.03"), D("200.01"))
    assert found.received == D("1200.04")
    actions.issue(invoice=actions.draft_credit(origin=final, words="Annulée", **act), **act)
    assert report(today, today).base == D("300.01")


def test_both_files_say_the_same_and_are_logged(sold, today, act):
    _name, content, _type = report_file("json", today, today, **act)
    told = json.loads(content)
    assert told["siren"] == "732829320"
    assert [s["base"] for s in told["international"]] == ["800.00"]
    assert told["receipts"][0]["amount"] == "600.00"
    _name, rows, _type = report_file("csv", today, today, **act)
    read = list(csv.reader(io.StringIO(rows.decode("utf-8-sig")), delimiter=";"))
    assert len(read) == 1 + len(told["sales"]) + len(told["receipts"])
    logged = ExportLog.objects.filter(kind="ereporting").order_by("pk")
    assert [row.fingerprint for row in logged] == [
        sha256(content).hexdigest(), sha256(rows).hexdigest(),
    ]  # fmt: skip
    assert report_file("json", today, today, **act)[1] == content


def test_the_page_shows_the_period_and_gives_the_file(chloe, sold, today):
    browser = signed_in(chloe)
    period = {"start": f"{today:%Y-%m-%d}", "end": f"{today:%Y-%m-%d}"}
    page = browser.get("/facturation/e-reporting/", period).content.decode()
    assert "FA-2026-0003" in page
    assert "FA-2026-0004" not in page
    answer = browser.post("/facturation/e-reporting/json/", period)
    assert answer["Content-Type"].startswith("application/json")
    empty = browser.get("/facturation/e-reporting/", {"start": "2020-01-01", "end": "2020-01-31"})
    assert "Rien à déclarer" in empty.content.decode()
