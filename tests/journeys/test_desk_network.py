"""A billing run on a bad day: no network, two tabs, a double click; and lists under the mouse."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from essaim.models import User
from invoicing.actions.running import start_run
from invoicing.billing import proposals
from invoicing.models import BillingRun, Invoice
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_desk_month import clean, told, worked


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")


def launched(chloe: User, payers: int) -> BillingRun:
    today = timezone.localdate()
    given_issuer()
    keys = [worked(rank, validated=True).pk for rank in range(1, payers + 1)]
    owed = {p.key: p.amount for p in proposals(until=today, on=today, keys=keys)}
    return start_run(key="a" * 32, payers=owed, until=today, **acting(chloe, today))


def test_a_run_that_loses_the_network_says_so_and_goes_on_by_itself(
    open_as: Any, seen: Any, chloe: User
) -> None:
    seen.allow("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    run = launched(chloe, 3)
    page: Page = open_as(chloe, PHONE)
    page.goto(run.get_absolute_url())
    page.context.set_offline(True)
    lost = page.get_by_role("alert").filter(has_text="Le réseau est coupé.")
    expect(lost).to_be_visible()
    expect(page.get_by_text("Nouvel essai dans")).to_be_visible()
    expect(page.get_by_role("button", name="Continuer : il reste 3 payeurs")).to_be_visible()
    clean(page)
    # A try that fails again waits longer, and nothing was done meanwhile.
    page.get_by_role("button", name="Réessayer maintenant").tap()
    expect(lost).to_be_visible()
    assert not Invoice.objects.exists()
    page.context.set_offline(False)
    expect(page.get_by_text("Tout est fait.")).to_be_visible(timeout=15000)
    expect(lost).to_be_hidden()
    assert sorted(Invoice.objects.values_list("rank", flat=True)) == [1, 2, 3]


def test_two_tabs_and_a_double_click_issue_each_invoice_once(open_as: Any, chloe: User) -> None:
    given_issuer()
    for rank in (1, 2):
        worked(rank, validated=True)
    page: Page = open_as(chloe, DESK)
    page.goto("/facturation/lancer/?show=all")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Émettre 2 factures").dblclick()
    page.wait_for_url("**/facturation/lots/*/")
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        expect(tab.get_by_text("Tout est fait.")).to_be_visible(timeout=15000)
    assert BillingRun.objects.count() == 1
    assert sorted(Invoice.objects.values_list("rank", flat=True)) == [1, 2]


def test_a_range_is_ticked_read_and_sent_and_the_keys_never_steal_what_is_typed(
    open_as: Any, chloe: User
) -> None:
    today = timezone.localdate()
    for rank in range(4):
        given_invoice(100, given_client(f"Coop {rank}", email=f"c{rank}@essaim.test"), today)
    page: Page = open_as(chloe, DESK)
    page.goto("/facturation/factures/?show=owed")
    boxes = page.locator("tbody .tick input")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert told(page) == "3 lignes cochées · 360,00 €"
    page.locator("thead [data-tick-all] input").check()
    assert told(page) == "4 lignes cochées · 480,00 €"
    page.get_by_role("searchbox").focus()
    page.keyboard.type("e")
    expect(page.get_by_role("searchbox")).to_have_value("e")
    page.locator(".bulk-bar").get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Envoyer ces documents ?")
    page.reload()
    clean(page)
    page.get_by_role("button", name="Envoyer 4 courriels").dblclick()
    expect(page.get_by_text("4 courriels sont en route.")).to_be_visible()
    # With shortcuts off a letter does nothing, and arrows leave the page alone.
    page.goto("/facturation/factures/?show=owed")
    page.evaluate("document.body.dataset.shortcuts = 'off'")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tbody .row-link").first).not_to_be_focused()
    page.locator("tbody .row-link").first.focus()
    page.keyboard.press("e")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tbody .row-link").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/facturation/factures/*/")
