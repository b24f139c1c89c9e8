"""Pages of the invoicing room read a fixed number of times, whatever the rows."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from invoicing import actions
from invoicing.actions import issuing
from invoicing.models import Invoice, Payment
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import client_of, given_clause, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
FEW, MANY = 10, 200


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    """Two hundred documents need no printing here."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def asked(browser: Any, address: str) -> tuple[int, list[str]]:
    """How many queries a page makes, and which."""
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(address)
        assert answer.status_code == 200, address
    return len(seen), [row["sql"] for row in seen]


def same_for(browser: Any, address: str, more: Callable[[int], None]) -> list[str]:
    """Assert that a page asks as much of few rows as of many; the last queries are given back."""
    more(FEW)
    few, _sql = asked(browser, address)
    more(MANY - FEW)
    many, sql = asked(browser, address)
    assert many == few, f"{address}: {few} queries for {FEW} rows, {many} for {MANY}"
    return sql


def test_the_list_of_invoices(chloe: Any) -> None:
    on = timezone.localdate()
    client = given_client()
    given_issuer()

    def more(count: int) -> None:
        for rank in range(count):
            given_invoice(100, client, on, issued=rank % 2 == 0, by=chloe)

    sql = same_for(signed_in(chloe), "/facturation/factures/", more)
    counts = [s for s in sql if "COUNT(" in s]
    assert counts
    # A count never goes past its cap, and nothing is summed over the whole table.
    assert all("LIMIT 100" in s for s in counts)
    assert not [s for s in sql if s.startswith("SELECT SUM(")]


def test_the_list_shows_one_page_and_leads_to_the_next(chloe: Any) -> None:
    client = given_client()
    for rank in range(45):
        given_invoice(100 + rank, client, timezone.localdate(), issued=False, by=chloe)
    browser = signed_in(chloe)
    first = browser.get("/facturation/factures/")
    assert len(first.context["rows"]) == 40
    second = browser.get("/facturation/factures/", {"after": first.context["next_cursor"]})
    shown = {row.pk for row, _url in first.context["rows"]}
    assert len(second.context["rows"]) == 5
    assert shown.isdisjoint(row.pk for row, _url in second.context["rows"])


def test_the_list_of_payments(chloe: Any) -> None:
    client, on = given_client(), timezone.localdate()

    def more(count: int) -> None:
        Payment.objects.bulk_create(
            Payment(
                client=client,
                received_on=on - timedelta(days=rank % 30),
                amount=Decimal(10),
                recorded_by=chloe,
                recorded_at=timezone.now(),
            )
            for rank in range(count)
        )

    same_for(signed_in(chloe), "/facturation/reglements/", more)


def test_what_waits_to_be_billed(chloe: Any, ada: Any, basile: Any) -> None:
    """More payers, more agreements, more clauses: as many queries."""
    given_issuer()
    on = date(2026, 11, 2)

    def more(count: int) -> None:
        for _rank in range(count):
            made.append(len(made))
            coop = given_coop(f"Coop {len(made)}", owner=ada, by=basile)
            agreement = given_agreement(coop, client_of(coop), by=basile, on=on)
            mission = given_mission(agreement, team=[ada], by=basile, on=on)
            # A person works one day and a half on a date at most.
            given_day(ada, mission, on - timedelta(days=len(made)), by=basile, today=on)
            application = given_application(coop, state="agreed")
            given_disbursement(application, received=True)
            given_clause(agreement, application, by=chloe)

    made: list[int] = []
    browser = signed_in(chloe)
    more(2)
    few, _sql = asked(browser, "/facturation/")
    more(10)
    many, _sql = asked(browser, "/facturation/")
    assert many == few
    assert len(browser.get("/facturation/").context["payers"]) == 12


def test_a_page_of_an_invoice_reads_its_lines_at_once(chloe: Any) -> None:
    on = timezone.localdate()
    small = given_invoice(100, given_client(), on, issued=False, by=chloe)
    browser = signed_in(chloe)
    few, _sql = asked(browser, f"/facturation/factures/{small.pk}/")
    for _rank in range(12):
        actions.add_line(
            invoice=small,
            label="Formation",
            quantity=Decimal(1),
            unit="C62",
            unit_price=Decimal(10),
            **acting(chloe, on),
        )
    many, _sql = asked(browser, f"/facturation/factures/{small.pk}/")
    assert many == few
    assert Invoice.objects.get(pk=small.pk).lines.count() == 13


def test_the_reports_ask_the_same_of_two_coops_and_of_ten(
    chloe: Any, ada: Any, basile: Any
) -> None:
    on = date(2026, 11, 2)
    browser = signed_in(chloe)

    def more(first: int, last: int) -> None:
        for rank in range(first, last):
            coop = given_coop(f"Coop {rank}", owner=ada, by=basile)
            town = given_organisation(f"Ville {rank}", by=basile)
            agreement = given_agreement(coop, town, by=basile, on=on)
            mission = given_mission(agreement, team=[ada], by=basile, on=on)
            given_day(ada, mission, on - timedelta(days=rank), by=basile, today=on)

    address = "/facturation/bilans/?start=2026-01-01&end=2026-12-31"
    more(0, 2)
    few, _sql = asked(browser, address)
    more(2, 10)
    many, _sql = asked(browser, address)
    assert many == few
