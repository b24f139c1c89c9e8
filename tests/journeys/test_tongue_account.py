"""« Mon compte » in the browser: the two languages, shortcuts, mails, a second factor, sessions."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect

from essaim.models import User
from tests.journeys.conftest import DESK, PHONE

RIGHT = "correct horse battery"


@pytest.fixture(autouse=True)
def no_memory(db: None) -> None:
    cache.clear()


def sign_in(page: Page, user: User) -> None:
    page.goto("/compte/connexion/")
    page.get_by_label("Courriel").fill(user.email)
    page.get_by_label("Mot de passe", exact=True).fill(RIGHT)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url("**/")


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.both_engines
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_a_person_switches_to_english_and_back(
    open_as: Any,
    ada: User,
    javascript: bool,  # noqa: FBT001
) -> None:
    page = open_as(ada, DESK, javascript=javascript)
    page.goto("/journees/")
    page.locator(".rail-end summary").click()
    page.locator(".rail-end").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile("/journees/$"))
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    page.goto("/compte/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    if javascript:
        clean(page)
    page.get_by_role("main").get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    # Signed out, the page keeps the language last chosen on this browser.
    page.get_by_role("main").get_by_role("button", name="English").click()
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_shortcuts_switched_off_are_really_off(open_as: Any, ada: User) -> None:
    page = open_as(ada, DESK)
    page.goto("/compte/")
    page.locator(".rail-end summary").click()
    switch = page.locator(".rail-end [data-toggle-shortcuts] button")
    switch.click()
    expect(switch).to_have_text(re.compile("Raccourcis clavier.:.non"))
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("/compte/$"))
    # Kept by the office, so on another browser too.
    other = open_as(ada, DESK)
    other.goto("/compte/")
    expect(other.locator("body")).to_have_attribute("data-shortcuts", "off")
    other.keyboard.press("j")
    expect(other).to_have_url(re.compile("/compte/$"))
    other.get_by_role("button", name="Activer").click()
    expect(other.locator("body")).to_have_attribute("data-shortcuts", "on")
    other.keyboard.press("j")
    expect(other).to_have_url(re.compile("/journees/noter/"))


def test_mails_are_chosen_on_a_phone(open_as: Any, basile: User) -> None:
    page = open_as(basile, PHONE, dark=True)
    page.goto("/compte/")
    clean(page)
    page.get_by_role("link", name="Choisir (Courriels que je reçois)").click()
    page.locator("#id_tasks").get_by_label("Jamais").check()
    clean(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("2 sortes de courriels reçues, sur 3")).to_be_visible()
    basile.refresh_from_db()
    assert basile.mails["tasks"] == "never"


def test_a_second_factor_is_set_up_and_its_codes_shown(open_as: Any, chloe: User) -> None:
    page = open_as(None, PHONE)
    sign_in(page, chloe)
    page.goto("/compte/securite/recovery-codes/generate/")
    expect(page.get_by_text("Les codes de secours remplacent un second facteur")).to_be_visible()
    page.get_by_role("link", name="L’installer").or_(
        page.locator("a[href$='totp/activate/']")
    ).first.click()
    if page.get_by_label("Mot de passe", exact=True).count():
        page.get_by_label("Mot de passe", exact=True).fill(RIGHT)
        page.get_by_role("button", name="Confirmer").click()
    clean(page)
    secret = re.search(r"\b[A-Z2-7]{16,}\b", page.content())
    assert secret is not None
    code = format_hotp_value(hotp_value(secret.group(), next(yield_hotp_counters_from_time())))
    page.locator("input[name=code]").fill(code)
    page.locator("main form button.primary").click()
    expect(page.locator("ul.codes li")).to_have_count(10)
    clean(page)
    page.goto("/compte/")
    expect(page.get_by_text("Actif, 10 codes de secours restants")).to_be_visible()


def test_one_session_is_ended_from_the_list(open_as: Any, ada: User) -> None:
    page = open_as(None, DESK)
    sign_in(page, ada)
    away = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    away.post("/compte/connexion/", {"login": ada.email, "password": RIGHT})
    assert away.get("/").status_code == 200
    page.goto("/compte/")
    page.get_by_role("link", name="Voir (Sessions ouvertes)").click()
    clean(page)
    page.get_by_role("button", name="La fermer Firefox, Linux").click()
    expect(page.get_by_text("La session est fermée")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("La fermer"))).to_have_count(0)
    assert away.get("/").status_code == 302
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
