"""Chloé's month in a real browser: validate, bill by a run, issue, encash, export."""

from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Organisation
from essaim.models import User
from invoicing.models import ExportLog, Invoice, Payment
from missions import actions as missions
from missions.models import MissionDay
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.journeys.conftest import DESK, PHONE

NARROW = {"width": 320, "height": 700}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    """Documents are not printed where nobody reads them."""
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")


def worked(rank: int, *, validated: bool = False) -> Organisation:
    """A payer with one day of today, sent and not validated yet (600,00 a day)."""
    today = timezone.localdate()
    who = person(f"C{rank} Lutz", "consultant")
    coop = given_coop(f"Coop {rank:03d}", owner=who)
    agreement = given_agreement(coop, client_of(coop), on=today)
    mission = given_mission(agreement, team=[who], on=today)
    day = given_day(who, mission, on=today, validated=validated, today=today)
    if not validated:
        missions.submit_days([day], **acting(who, today))
    return agreement.client


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def told(page: Page) -> str:
    return (
        str(page.locator("[data-ticked]").inner_text()).replace("\u202f", " ").replace("\xa0", " ")
    )


@pytest.mark.both_engines
def test_the_month_is_billed_with_the_keyboard_alone(
    open_as: Any, basile: User, chloe: User
) -> None:
    given_issuer()
    for rank in (1, 2, 3):
        worked(rank)
    desk = open_as(basile, DESK)
    desk.goto(reverse("missions:validation"))
    keys = desk.keyboard
    keys.press("ArrowDown")
    expect(desk.locator("tbody .row-link").first).to_be_focused()
    keys.press("Space")
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowDown")
    assert told(desk) == "3 lignes cochées · 3 j"
    keys.press("Shift+ArrowUp")
    assert told(desk) == "2 lignes cochées · 2 j"
    clean(desk)
    keys.press("Shift+ArrowDown")
    desk.get_by_role("button", name="Valider les journées choisies").press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Valider ces journées ?")
    assert MissionDay.objects.filter(state="submitted").count() == 3, "nothing is written yet"
    clean(desk)
    keys.press("Control+Enter")
    expect(desk.get_by_text("3 journées sont validées.")).to_be_visible()

    page = open_as(chloe, DESK)
    page.goto("/facturation/")
    keys = page.keyboard
    keys.press("l")
    page.get_by_role("link", name="Tout ce qui attend").press("Enter")
    expect(page.locator("tbody .tick input:checked")).to_have_count(3)
    keys.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aperçu de la facturation")
    assert not Invoice.objects.exists()
    keys.press("Control+Enter")
    expect(page.get_by_text("Tout est fait.")).to_be_visible(timeout=15000)
    clean(page)
    page.reload()
    expect(page.get_by_text("Tout est fait.")).to_be_visible()
    assert sorted(Invoice.objects.values_list("rank", flat=True)) == [1, 2, 3]

    page.get_by_role("link", name="Voir ce qui est à encaisser").press("Enter")
    page.wait_for_url("**/factures/?show=owed")
    keys.press("ArrowDown")
    keys.press("End")
    keys.press("e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enregistrer un règlement")
    keys.press("Control+Enter")
    expect(page.locator("main .badge", has_text="Réglée").first).to_be_visible()
    assert Payment.objects.get().amount == Decimal("720.00")

    page.goto("/facturation/exports/")
    page.get_by_role("link", name="Ce mois").press("Enter")
    with page.expect_download() as taken:
        page.get_by_role("button", name="XLSX Ventes", exact=True).press("Enter")
    assert taken.value.suggested_filename.endswith(".xlsx")
    assert ExportLog.objects.count() == 1


def test_the_same_essentials_from_a_phone(open_as: Any, chloe: User) -> None:
    given_issuer()
    today = timezone.localdate()
    worked(1, validated=True)
    for name, net in (("Les Halles du Ried", 100), ("La Brouette", 50)):
        given_invoice(net, given_client(name), today, by=chloe)
    page = open_as(chloe, PHONE)
    page.goto("/facturation/lancer/?show=all")
    page.get_by_role("button", name="Voir l’aperçu").tap()
    page.get_by_role("button", name="Émettre 1 facture").tap()
    expect(page.get_by_text("Tout est fait.")).to_be_visible(timeout=15000)
    page.get_by_role("link", name="Voir ce qui est à encaisser").tap()
    page.get_by_label("Tout cocher sur cette page").last.check()
    assert told(page) == "3 lignes cochées · 900,00 €"
    bar = page.locator(".bulk-bar")
    expect(bar).to_be_in_viewport()
    clean(page)
    bar.get_by_role("button", name="Encaisser").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Encaisser ces factures ?")
    clean(page)
    page.emulate_media(color_scheme="dark")
    clean(page)
    page.set_viewport_size(NARROW)
    assert page.evaluate(SIDEWAYS) == 0
    page.get_by_role("button", name="Encaisser 3 factures").tap()
    expect(page.get_by_text("3 règlements enregistrés.")).to_be_visible()
    assert page.evaluate(SIDEWAYS) == 0
    assert not Invoice.objects.unpaid().exists()


def test_issue_and_encash_without_javascript(open_as: Any, chloe: User) -> None:
    today = timezone.localdate()
    given_issuer()
    draft = given_invoice(100, given_client("Les Halles du Ried"), today, issued=False)
    owed = given_invoice(50, given_client("La Brouette"), today, by=chloe)
    page = open_as(chloe, DESK, javascript=False)
    page.goto("/facturation/factures/?show=drafts")
    page.get_by_role("link", name="Émettre").click()
    page.get_by_role("button", name="Émettre").click()
    draft.refresh_from_db()
    assert draft.is_issued
    page.goto("/facturation/factures/?show=owed")
    for row in (draft, owed):
        page.get_by_label(f"Choisir {row.number}").check()
    page.locator(".bulk-bar").get_by_role("button", name="Encaisser").click()
    page.get_by_role("button", name="Encaisser 2 factures").click()
    expect(page.get_by_text("2 règlements enregistrés.")).to_be_visible()
    # Back to the preview: one clear state, and nothing that could be done twice.
    page.go_back()
    expect(page.get_by_text("2 lignes sont laissées de côté")).to_be_visible()
    expect(page.get_by_role("button", name="Encaisser")).to_have_count(0)
    assert Payment.objects.count() == 2
