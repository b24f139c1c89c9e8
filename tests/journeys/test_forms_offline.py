"""A day logged without network waits in the browser, is sent once, and belongs to one person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from essaim.models import User
from missions.models import Mission, MissionDay
from tests.conftest import person
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_mission
from tests.journeys.conftest import PHONE, carry_session, signed_in

LOG = "/journees/noter/"
WAITS = "1 journée attend le réseau"
CONTROLLED = """async () => {
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
}"""
KEPT = """async () => {
  const kept = () => caches.match('/journees/noter/');
  while (!(await kept())) await new Promise((done) => setTimeout(done, 50));
}"""


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    now = timezone.localdate()
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=now - timedelta(days=60))
    agreement = given_agreement(coop, days=20, by=basile, on=now)
    return given_mission(agreement, team=[ada], by=basile, on=now)


@pytest.fixture
def phone(new_context: Any, live_server: Any) -> BrowserContext:
    context: BrowserContext = new_context(
        base_url=live_server.url,
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        service_workers="allow",
    )
    return context


@pytest.fixture
def page(open_as: Any, seen: Any, phone: BrowserContext, ada: User, mission: Mission) -> Page:
    """Ada's phone, which opened the form once with the network."""
    seen.allow("htmx:", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "422", "409", "401")
    page: Page = open_as(ada, context=phone)
    page.goto(LOG)
    page.evaluate(CONTROLLED)
    page.goto(LOG)
    page.evaluate(KEPT)
    return page


def log_a_day(page: Page, subject: str, moment: str = "Matin") -> None:
    page.goto(LOG)
    page.locator("input[name=mission]").first.check(force=True)
    page.get_by_label(re.compile(moment)).check(force=True)
    page.get_by_label(re.compile("Objet")).fill(subject)
    page.locator("[data-save]").click()


def test_a_day_waits_for_the_network_and_is_sent_once(page: Page, phone: BrowserContext) -> None:
    phone.set_offline(True)
    log_a_day(page, "Sans réseau")
    expect(page.get_by_text(WAITS)).to_be_visible()
    expect(page.locator("#waiting li")).to_contain_text("Sans réseau")
    assert MissionDay.objects.count() == 0
    # The answer to the first sending is lost after the server recorded it.
    lost: list[str] = []

    def lose(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).headers.get("x-recorded", ""))
            route.abort()
        else:
            route.continue_()

    phone.route("**" + LOG, lose)
    phone.set_offline(False)
    # Any page sends what waits, and sending again what was recorded records nothing more.
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
    page.goto("/")
    expect(page.locator("#waiting")).to_be_hidden()
    assert lost == ["yes"]
    assert MissionDay.objects.get().subject == "Sans réseau"


def test_a_refused_day_stays_with_its_reason_and_is_mended(
    page: Page, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    log_a_day(page, "Une journée", "Journée · 1")
    # Two days without network are two days: the second is too much for the same date.
    log_a_day(page, "De trop", "Journée · 1")
    expect(page.get_by_text("2 journées attendent le réseau")).to_be_visible()
    phone.set_offline(False)
    page.goto("/")
    line = page.locator("#waiting li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("De trop")
    expect(line.locator(".late")).to_contain_text("jour")
    assert MissionDay.objects.get().subject == "Une journée"
    # Opened in the form, mended, saved: nothing waits any more.
    line.get_by_role("button", name="Ouvrir dans le formulaire").click()
    expect(page.get_by_label(re.compile("Objet"))).to_have_value("De trop")
    page.get_by_label("Hier").check(force=True)
    page.locator("[data-save]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    page.goto("/")
    expect(page.locator("#waiting")).to_be_hidden()
    assert MissionDay.objects.count() == 2


def test_another_person_on_the_same_phone_sends_and_sees_nothing(
    page: Page, phone: BrowserContext, live_server: Any, ada: User
) -> None:
    phone.set_offline(True)
    log_a_day(page, "À Ada")
    expect(page.get_by_text(WAITS)).to_be_visible()
    phone.route("**" + LOG, lambda route: route.abort())
    phone.set_offline(False)
    # Signing out empties what the phone kept of her pages.
    page.evaluate("document.querySelector('form[action$=\"/deconnexion/\"]').submit()")
    expect(page).to_have_url(re.compile("connexion"))
    assert page.evaluate("caches.match('/journees/noter/').then(Boolean)") is False
    phone.unroute("**" + LOG)
    carry_session(phone, signed_in(person("Lise Roy", "consultant")), live_server.url)
    page.goto(LOG)
    page.wait_for_timeout(500)
    expect(page.locator("#waiting")).to_be_hidden()
    assert MissionDay.objects.count() == 0
    # Ada is back: her day still waits, is told on any page, and leaves from there.
    phone.route("**" + LOG, lambda route: route.abort())
    carry_session(phone, signed_in(ada), live_server.url)
    page.goto("/")
    expect(page.locator("#waiting li")).to_contain_text("Amorçage · À Ada")
    phone.unroute("**" + LOG)
    page.goto("/")
    expect(page.locator("#waiting")).to_be_hidden()
    assert MissionDay.objects.get().subject == "À Ada"


def test_every_door_of_the_account_empties_what_the_phone_kept(page: Page) -> None:
    """A key, an invitation, another language: what was kept may be no longer this person's."""
    page.goto("/compte/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    assert page.evaluate("caches.match('/journees/noter/').then(Boolean)") is False


def test_a_page_without_network_says_so(page: Page, phone: BrowserContext) -> None:
    phone.set_offline(True)
    page.goto("/coops/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    page.get_by_role("link", name="Noter une journée").click()
    expect(page.get_by_text("la journée est gardée ici")).to_be_visible()
