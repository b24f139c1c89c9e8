"""Dashboard, page of a coop and paper, in a real browser."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from essaim.models import User
from invoicing.actions import issuing
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_invoice
from tests.given_missions import given_agreement, given_day, given_mission
from tests.journeys.conftest import DESK, PHONE


@pytest.fixture
def office(ada: User, basile: User, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A coop with a day of work, and an invoice that is late."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    on = timezone.localdate()
    coop = given_coop("La Musette", owner=ada, by=basile, on=on - timedelta(days=80))
    agreement = given_agreement(coop, client_of(coop), by=basile, on=on - timedelta(days=70))
    mission = given_mission(agreement, team=[ada], by=basile, on=on - timedelta(days=70))
    given_day(ada, mission, on - timedelta(days=40), by=basile, today=on)
    given_invoice(1000, None, on - timedelta(days=90))
    return coop


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("screen", "dark"), [(DESK, 0), (PHONE, 1)], ids=["desk", "phone"])
def test_four_charts_come_with_their_tables_and_letters_one_can_read(
    open_as: Any, basile: User, office: Any, screen: Any, dark: int
) -> None:
    page = open_as(basile, screen, dark=bool(dark))
    page.goto("/facturation/tableau-de-bord/")
    for name in ("Où en sont les coops", "Jours par mois", "Encours par ancienneté"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("#coming svg[role=img]")).to_be_visible()
    expect(page.locator("#aging .bars")).to_be_visible()
    expect(page.locator("#dates[hx-get], #reasons[hx-get]")).to_have_count(0)
    sizes = page.eval_on_selector_all(
        ".chart text, .bars dt, .bars b",
        "nodes => nodes.filter((n) => n.getClientRects().length).map("
        "(n) => parseFloat(getComputedStyle(n).fontSize) * (n.getScreenCTM?.()?.d ?? 1))",
    )
    assert sizes and min(sizes) >= 11
    assert page.evaluate("document.documentElement.scrollWidth") == screen["width"]
    table = page.locator("#coming").get_by_role("table", name="Prévision de trésorerie")
    expect(table).to_be_hidden()
    page.locator("#coming summary").click()
    expect(table).to_be_visible()
    clean(page)


def test_without_javascript_the_money_is_one_link_away(
    open_as: Any, basile: User, office: Any
) -> None:
    page = open_as(basile, PHONE, javascript=False)
    page.goto("/facturation/tableau-de-bord/")
    page.locator("#aging").get_by_role("link", name="L’afficher ici").click()
    expect(page.locator("#aging .bars")).to_be_visible()
    expect(page.locator("#coming svg[role=img]")).to_be_visible()


def test_the_page_of_a_coop_says_what_is_next_and_cuts_no_stage_on_a_phone(
    open_as: Any, basile: User, office: Any
) -> None:
    page = open_as(basile, PHONE)
    page.goto(office.get_absolute_url())
    for step in page.locator(".stepper li").all():
        box = step.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    expect(page.locator("#next-title")).to_be_in_viewport()
    page.get_by_role("link", name="Jours", exact=True).click()
    expect(page).to_have_url(re.compile("kind=day"))
    clean(page)


def test_on_paper_the_board_is_stacked_and_the_furniture_is_gone(
    open_as: Any, basile: User, office: Any
) -> None:
    page = open_as(basile, DESK)
    page.goto("/coops/")
    page.emulate_media(media="print")
    for gone in (".rail", ".page-actions", ".board .menu", ".bar"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.get_by_text("Imprimé le")).to_be_visible()
    columns = [c.bounding_box() for c in page.locator("[data-column]").all()]
    assert all(a and b and a["x"] == b["x"] for a, b in pairwise(columns))
    page.goto("/facturation/factures/")
    head = page.locator(".table thead").first
    assert head.evaluate("n => getComputedStyle(n).display") == "table-header-group"
    assert (
        page.locator(".table a").first.evaluate("n => getComputedStyle(n).textDecorationLine")
        == "none"
    )
    assert page.pdf().startswith(b"%PDF")


def test_on_paper_a_list_with_boxes_to_tick_keeps_its_lines_in_a_table(
    open_as: Any, chloe: User, office: Any
) -> None:
    page = open_as(chloe, {"width": 700, "height": 900})
    page.goto("/facturation/factures/")
    page.emulate_media(media="print")
    line = page.locator("#bulk .table tbody tr").first
    expect(line).to_be_visible()
    assert line.evaluate("n => getComputedStyle(n).display") == "table-row"
    expect(page.locator(".bulk-bar")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 700
