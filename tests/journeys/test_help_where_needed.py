"""Help where it is needed: the sheet of keys, a barred button that says why, a word's page."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Coop
from essaim.models import User
from missions.models import Agreement
from tests.given_crm import given_coop
from tests.given_missions import given_agreement
from tests.journeys.conftest import DESK, PHONE


@pytest.fixture
def coop(db: None, basile: User) -> Coop:
    return given_coop("Coop’Épi", owner=basile)


def clean(page: Page) -> None:
    assert Axe().run(page).violations_count == 0


def wide(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_the_sheet_of_keys_opens_over_the_page_and_gives_the_focus_back(
    open_as: Any, basile: User, coop: Coop
) -> None:
    page = open_as(basile, DESK)
    page.goto(coop.get_absolute_url())
    note = page.get_by_role("link", name="Écrire un compte rendu").first
    held = page.get_by_role("main").get_by_role("link", name="Coops", exact=True)
    held.focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Touches du clavier")
    expect(sheet.get_by_text("Noter une journée")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(held).to_be_focused()
    # N writes a note of this very coop; elsewhere it asks of which one.
    expect(note).to_be_attached()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nouveau compte rendu")
    page.goto("/journees/")
    page.keyboard.press("n")
    expect(page.get_by_text("De quelle coop ?")).to_be_visible()
    page.get_by_role("radio", name="Coop’Épi").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nouveau compte rendu")


def test_letters_switched_off_stay_silent(open_as: Any, basile: User, coop: Coop) -> None:
    User.objects.filter(pk=basile.pk).update(shortcuts=False)
    page = open_as(basile, DESK)
    page.goto(coop.get_absolute_url())
    page.keyboard.press("?")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Coop’Épi")
    expect(page.locator("#keys-sheet")).to_be_hidden()


@pytest.mark.both_engines
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_barred_step_says_why_and_its_link_leads_where_it_is_mended(
    open_as: Any, basile: User, coop: Coop, *, javascript: bool
) -> None:
    today = timezone.localdate()
    agreement = given_agreement(coop, signed=False, by=basile, on=today)
    Agreement.objects.filter(pk=agreement.pk).update(daily_rate=0)
    page = open_as(basile, PHONE, javascript=javascript)
    page.goto(agreement.get_absolute_url())
    button = page.locator("details.why").filter(has_text="Enregistrer la signature")
    mend = button.get_by_role("link")
    expect(mend).to_be_hidden()
    button.locator("summary").click()
    expect(mend).to_be_visible()
    assert not wide(page)
    if javascript:
        clean(page)
    mend.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Modifier la convention")
    page.get_by_label("Tarif journalier").fill("600")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("link", name="Enregistrer la signature")).to_be_visible()
    expect(page.locator("details.why")).to_have_count(0)


def test_a_coop_that_cannot_go_on_names_the_items_of_its_kit(
    open_as: Any, basile: User, coop: Coop
) -> None:
    page = open_as(basile, DESK)
    page.goto(coop.get_absolute_url())
    why = page.locator("details.why").first
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    clean(page)
    why.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Pourquoi")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_word_is_read_from_where_it_stands(
    open_as: Any, basile: User, coop: Coop, *, javascript: bool
) -> None:
    page = open_as(basile, PHONE, javascript=javascript)
    page.goto(coop.get_absolute_url())
    page.get_by_role("link", name="Aide : Kit de démarrage").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kit de démarrage")
    page.get_by_role("link", name="Aide", exact=True).first.click()
    page.get_by_role("searchbox").first.fill("indemnite")
    page.get_by_role("button", name="Rechercher").first.click()
    page.get_by_role("link", name="Indemnité de 40").click()
    expect(page.get_by_role("main")).to_contain_text("D. 441-5")
    page.goto("/aide/clavier/")
    expect(page.get_by_role("main")).to_contain_text("Partout")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_help_is_clean_and_fits_the_smallest_phone(
    open_as: Any, basile: User, *, dark: bool
) -> None:
    page = open_as(basile, {"width": 320, "height": 640}, dark=dark)
    for address in ("/aide/", "/aide/?q=zzzz", "/aide/honoraires-lies/", "/aide/clavier/"):
        page.goto(address)
        assert not wide(page), address
        clean(page)
