"""The board in a real browser: a coop moves by mouse, by its menu on a phone, by keyboard."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm import actions
from crm.models import Coop
from essaim.models import User
from tests.given_crm import given_coop, kit_done
from tests.journeys.conftest import DESK, PHONE

NARROW = {"width": 320, "height": 700}


def card(page: Page, name: str) -> Any:
    return page.locator("[data-card]").filter(has=page.get_by_role("link", name=name, exact=True))


def column(page: Page, name: str) -> Any:
    return page.locator("[data-column]").filter(has=page.get_by_role("heading", name=name))


def stage_of(coop: Coop) -> str:
    return Coop.objects.get(pk=coop.pk).current.stage


def kit_ready(coop: Coop, user: User) -> None:
    """The kit of the stages the journey leaves."""
    for stage in ("contact", "diagnosis", "collective"):
        kit_done(coop.current, stage, user, timezone.localdate())


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.both_engines
def test_a_card_is_dragged_to_another_stage_and_the_counts_follow(
    open_as: Any, basile: User
) -> None:
    coop = given_coop("La Musette", owner=basile, stage="contact")
    kit_ready(coop, basile)
    page = open_as(basile, DESK)
    page.goto("/coops/?detail=emergence")
    clean(page)
    card(page, "La Musette").drag_to(column(page, "Diagnostic partagé"))
    expect(
        column(page, "Diagnostic partagé").get_by_role("link", name="La Musette")
    ).to_be_focused()
    expect(column(page, "Diagnostic partagé").locator(".count")).to_have_text("1")
    expect(column(page, "Prise de contact").locator(".count")).to_have_text("0")
    expect(page.locator("#board-said")).to_contain_text("maintenant à l’étape")
    assert stage_of(coop) == "diagnosis"
    # Dropped on a phase: which of its stages is asked.
    card(page, "La Musette").drag_to(column(page, "Préfiguration"))
    ask = page.get_by_role("dialog")
    expect(ask).to_contain_text("Déplacer La Musette")
    clean(page)
    ask.get_by_role("radio", name="Groupement d’achats").check()
    expect(ask).to_contain_text("Étapes sautées : Collectif.")
    ask.get_by_role("button", name="Déplacer").click()
    expect(column(page, "Préfiguration").get_by_role("link", name="La Musette")).to_be_focused()
    assert stage_of(coop) == "buying_group"


def test_a_refused_drop_says_in_its_place_what_is_missing_and_leads_there(
    open_as: Any, seen: Any, basile: User
) -> None:
    coop = given_coop("La Musette", owner=basile, stage="contact")
    seen.allow("409")
    page = open_as(basile, DESK)
    page.goto("/coops/?detail=emergence")
    card(page, "La Musette").drag_to(column(page, "Diagnostic partagé"))
    told = card(page, "La Musette").get_by_role("alert")
    expect(told).to_contain_text("Reste à « Prise de contact »")
    expect(told.get_by_role("link").first).to_have_attribute("href", re.compile("/kit"))
    expect(column(page, "Prise de contact").get_by_role("link", name="La Musette")).to_be_visible()
    clean(page)
    told.get_by_role("button", name="Fermer").click()
    expect(told).to_have_count(0)
    assert stage_of(coop) == "contact"


def test_a_card_somebody_moved_meanwhile_says_who_and_where(
    open_as: Any, seen: Any, ada: User, basile: User
) -> None:
    coop = given_coop("La Musette", owner=ada, stage="diagnosis")
    kit_ready(coop, basile)
    seen.allow("409")
    page = open_as(basile, DESK)
    page.goto("/coops/?detail=all")
    now = {"by": ada, "on": timezone.localdate(), "at": timezone.now()}
    actions.move_on(coop.current, to="collective", reasons={"advised": "Vu ensemble."}, **now)
    card(page, "La Musette").drag_to(column(page, "Collectif"))
    told = column(page, "Collectif").get_by_role("alert")
    expect(told).to_contain_text("Déplacée entre-temps")
    expect(told).to_contain_text(str(ada))


def test_a_card_moves_from_its_menu_on_a_narrow_phone(open_as: Any, basile: User) -> None:
    coop = given_coop("La Musette", owner=basile, stage="collective")
    kit_ready(coop, basile)
    page = open_as(basile, NARROW, dark=True)
    page.goto("/coops/")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    opener = card(page, "La Musette").locator("summary")
    opener.tap()
    for link in card(page, "La Musette").locator(".menu-list a").all():
        box = link.bounding_box()
        assert box and box["height"] >= 44 and box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
    size = opener.bounding_box()
    assert size and min(size["width"], size["height"]) >= 44
    clean(page)
    # A step back asks why, on the spot.
    card(page, "La Musette").get_by_role("link", name="Diagnostic partagé").tap()
    ask = page.get_by_role("dialog")
    ask.get_by_label("Motif").fill("Le collectif se recompose.")
    ask.get_by_role("button", name="Déplacer").tap()
    expect(page.locator("#board-said")).to_contain_text("Diagnostic partagé")
    assert stage_of(coop) == "diagnosis"


def test_the_keyboard_walks_the_cards_and_moves_one_by_its_letter(
    open_as: Any, basile: User
) -> None:
    first = given_coop("Aneth", owner=basile, stage="contact")
    given_coop("Basilic", owner=basile, stage="diagnosis")
    given_coop("Cerfeuil", owner=basile, stage="collective")
    kit_ready(first, basile)
    page = open_as(basile, DESK)
    page.goto("/coops/")
    page.locator(".board").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.get_by_role("link", name="Aneth").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Basilic")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Cerfeuil")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    page.keyboard.press("m")
    page.keyboard.press("d")
    expect(card(page, "Aneth").get_by_role("link", name="Diagnostic partagé")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Aneth")).to_be_focused()
    # One stop of Tab for all cards, then the menu of the current one.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#board-said")).to_contain_text("Aneth : maintenant à l’étape")
    expect(page.get_by_role("link", name="Aneth")).to_be_focused()
    assert stage_of(first) == "diagnosis"


def test_detail_opens_one_phase_and_moves_are_links_without_javascript(
    open_as: Any, basile: User
) -> None:
    coop = given_coop("La Musette", owner=basile, stage="contact")
    page = open_as(basile, PHONE, javascript=False)
    page.goto("/coops/?show=mine")
    page.get_by_role("link", name="Détailler les étapes de « Émergence »").click()
    expect(column(page, "Prise de contact")).to_be_visible()
    expect(column(page, "Préfiguration")).to_be_visible()
    assert "show=mine" in page.url
    card(page, "La Musette").locator("summary").click()
    card(page, "La Musette").get_by_role("link", name="Diagnostic partagé").click()
    assert page.url.endswith(f"/coops/{coop.pk}/deplacer/advance/?to=diagnosis")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
