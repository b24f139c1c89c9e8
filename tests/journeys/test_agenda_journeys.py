"""Ada's own calendar in three steps on a phone, and her calls of the week in two taps."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from essaim.models import User
from missions.models import CalendarProposal, Mission, MissionDay
from tests.given_agenda import calendar, event, given_call
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_mission
from tests.journeys.conftest import PHONE

NARROW = {"width": 320, "height": 700}


def ago(days: int) -> Any:
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=ago(60))
    return given_mission(given_agreement(coop, by=basile, on=ago(40)), team=[ada], by=basile)


def choose_file(page: Page, content: bytes, name: str = "agenda.ics") -> None:
    file = {"name": name, "mimeType": "text/calendar", "buffer": content}
    page.get_by_label("Fichier de calendrier").set_input_files(file)
    page.get_by_role("button", name="Lire le fichier").click()


def is_sound(page: Page) -> None:
    """No barrier for anybody, and nothing to scroll sideways."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0


CALENDAR = calendar(
    event("1@x", ago(3), "0900-1200", "Point Coop’Épi"),
    event("2@x", ago(2), "1400-1530", "Dentiste"),
    event("3@x", ago(1), title="Séminaire"),
)


@pytest.mark.both_engines
def test_a_calendar_becomes_days_in_three_steps_on_a_phone(
    open_as: Any, ada: User, mission: Mission, seen: Any
) -> None:
    seen.allow("422")
    page = open_as(ada, PHONE, dark=True)
    page.goto("/journees/agenda/")
    is_sound(page)
    choose_file(page, b"<html>", "agenda.ics")
    expect(page.get_by_role("alert")).to_contain_text("page web")
    is_sound(page)
    # First step: the file. What it holds is proposed and counts nowhere.
    choose_file(page, CALENDAR)
    expect(page.get_by_text("3 rendez-vous sont proposés.")).to_be_visible()
    expect(page.get_by_text("d’après ses mots")).to_be_visible()
    is_sound(page)
    assert not MissionDay.objects.exists()
    # Second step: one is changed, one never comes back, a tick is kept when the page is left.
    page.get_by_role("button", name="Ne plus proposer : Dentiste").click()
    expect(page.get_by_text("ne sera plus proposé")).to_be_visible()
    page.get_by_role("button", name="Modifier : Séminaire").click()
    is_sound(page)
    page.get_by_label("Coop’Épi", exact=True).check()
    page.get_by_label("Collectif", exact=True).check()
    page.get_by_role("button", name="Garder ce choix").click()
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Point Coop’Épi").first.uncheck()
    page.goto("/journees/agenda/")
    expect(page.get_by_label("Point Coop’Épi").first).not_to_be_checked()
    expect(page.get_by_label("Séminaire").first).to_be_checked()
    page.get_by_label("Point Coop’Épi").first.check()
    page.get_by_role("button", name="Vérifier les cochés").click()
    # Third step: what will be noted, then it is.
    expect(page.get_by_text("2 rendez-vous, 1,5 j")).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="Noter 2 journées").click()
    expect(page.get_by_text("2 journées sont notées.")).to_be_visible()
    found = MissionDay.objects.order_by("worked_on").values_list("quantity", "work", "subject")
    assert list(found) == [
        (Decimal("0.50"), "on_site", "Point Coop’Épi"),
        (Decimal("1.00"), "collective", "Séminaire"),
    ]
    # The same file once more proposes nothing.
    page.goto("/journees/agenda/fichier/")
    choose_file(page, CALENDAR)
    expect(page.get_by_text("Rien de nouveau dans ce calendrier.")).to_be_visible()
    expect(page.get_by_role("button", name="Vérifier les cochés")).to_have_count(0)


def test_the_three_steps_work_without_javascript(open_as: Any, ada: User, mission: Mission) -> None:
    page = open_as(ada, NARROW, javascript=False)
    page.goto("/journees/agenda/")
    choose_file(page, CALENDAR)
    page.get_by_label("Séminaire").first.check()
    page.get_by_role("button", name="Pas cette fois : Dentiste").click()
    expect(page.get_by_label("Séminaire").first).to_be_checked()
    page.get_by_role("button", name="Vérifier les cochés").click()
    page.get_by_role("button", name="Noter 2 journées").click()
    # One has no mission: it is told, and goes on waiting.
    expect(page.get_by_text("1 journée est notée.")).to_be_visible()
    expect(page.get_by_text("Dites pour quelle mission.")).to_be_visible()
    assert CalendarProposal.objects.waiting().get().title == "Séminaire"


def test_calls_of_the_week_are_a_quarter_of_a_day_in_two_taps(
    open_as: Any, ada: User, mission: Mission
) -> None:
    assert mission.coop is not None
    given_call(mission.coop, ada, ago(7), 60)
    given_call(mission.coop, ada, ago(7), 45, hour=16)
    page = open_as(ada, NARROW)
    page.goto("/")
    page.get_by_role("link", name="d’appels : noter ¼ j ?").click()
    expect(page.get_by_label("¼")).to_be_checked()
    is_sound(page)
    page.get_by_role("button", name="Noter les appels").click()
    expect(page.get_by_text("Les appels sont notés")).to_be_visible()
    day = MissionDay.objects.get()
    assert (day.quantity, day.work, day.worked_on) == (Decimal("0.25"), "remote", ago(7))
    page.goto("/")
    expect(page.get_by_text("d’appels : noter")).to_have_count(0)
    page.goto("/journees/appels/")
    expect(page.get_by_text("Aucun appel à noter")).to_be_visible()
    is_sound(page)
