"""A grant from its first sighting to the invoice of our fee, by Basile's hands then Chloé's."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from essaim.models import User
from grants.models import GrantApplication
from invoicing.models import Invoice
from tests.given_crm import given_coop
from tests.given_grants import given_programme
from tests.given_invoicing import client_of, given_clause, given_issuer
from tests.given_missions import given_agreement
from tests.journeys.conftest import DESK


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")


def follow(page: Page, address: str) -> None:
    """Click the link to an address, out of its menu when it lies in one."""
    link = page.locator(f'main a[href*="{address}"]').first
    if not link.is_visible():
        page.locator("details.menu", has=page.locator(f'a[href*="{address}"]')).first.locator(
            "summary"
        ).click()
    link.click()


def save(page: Page, **fields: str) -> None:
    """Fill a form and send it, with a sentence for each doubt it is asked about."""
    for name, value in fields.items():
        page.locator(f'main [name="{name}"]').first.fill(value)
    page.locator("main [data-save]").click()
    if page.locator('main [name^="reason_"]').count():
        for doubt in page.locator('main [name^="reason_"]').all():
            doubt.fill("Vu avec le financeur.")
        page.locator("main [data-save]").click()


def step(page: Page, edge: str, **fields: str) -> None:
    follow(page, f"/etape/{edge}/")
    save(page, **fields)


def test_a_grant_goes_from_its_sighting_to_the_invoice_of_our_fee(
    open_as: Any, basile: User, chloe: User
) -> None:
    today = timezone.localdate()
    given_issuer()
    coop = given_coop("La Musette", owner=basile)
    agreement = given_agreement(coop, client_of(coop), on=today)
    programme = given_programme("PNA", by=basile, on=today)

    page = open_as(basile, DESK)
    page.goto(f"{reverse('grants:application_new')}?coop={coop.pk}&programme={programme.pk}")
    save(page, title="Ouvrir l’épicerie", eligible_base="45000", requested="36000")
    application = GrantApplication.objects.get()
    step(page, "draft")
    step(page, "deposit")
    step(page, "award", amount="36000")
    step(page, "agree", amount="36000")
    step(page, "start")
    # The whole grant in the one payment that is proposed.
    follow(page, "/echeancier/")
    page.locator('main [name$="expected_amount"]').first.fill("36000")
    page.locator('main [name$="expected_on"]').first.fill(str(today))
    save(page)
    expect(page.get_by_text("Les versements sont prévus.")).to_be_visible()
    application.refresh_from_db()
    assert (application.state, application.disbursements.count()) == ("running", 1)
    given_clause(agreement, application, by=chloe, on=today, fixed_part=Decimal(0))

    books = open_as(chloe, DESK)
    books.goto(reverse("grants:disbursements"))
    row = application.disbursements.get()
    follow(books, f"/versements/{row.pk}/arrivee/")
    save(books)
    books.goto("/facturation/")
    expect(books.get_by_text("1 800,00 €").first).to_be_visible()
    books.locator("tr", has_text="Ouvrir l’épicerie").get_by_role("button").first.click()
    expect(books.get_by_role("heading", level=1)).to_contain_text("Brouillon")
    books.get_by_role("link", name="Émettre (numéro définitif)").click()
    books.locator("main [data-save]").click()
    invoice = Invoice.objects.get()
    expect(books.get_by_role("heading", level=1)).to_contain_text(str(invoice.number))
    assert (invoice.net, invoice.is_issued) == (Decimal("1800.00"), True)
