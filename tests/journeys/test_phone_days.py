"""A consultant's phone: a day repeated in two taps, a new one in ten seconds, and taken back."""

import re
from datetime import date, timedelta
from time import monotonic
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Note
from essaim.days import working_days_back
from essaim.models import User
from missions.forms.days import recent_days
from missions.models import Expense, Mission, MissionDay
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission
from tests.journeys.conftest import PHONE
from tests.journeys.taps import Taps
from tests.pictures import raster


@pytest.fixture
def now() -> date:
    return timezone.localdate()


@pytest.fixture
def mission(ada: User, basile: User, now: date) -> Mission:
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=now - timedelta(days=60))
    agreement = given_agreement(coop, days=2, by=basile, on=now)
    return given_mission(agreement, team=[ada], by=basile, on=now)


def fits(page: Page) -> bool:
    """Nothing sticks out sideways."""
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return not page.evaluate(wide)


def above_the_bar(page: Page, target: Any) -> bool:
    """Whether the whole of it stands over the bottom bar, on the screen."""
    box, bar = target.bounding_box(), page.locator("nav.bar").bounding_box()
    return bool(box and bar and box["y"] >= 0 and box["y"] + box["height"] <= bar["y"] + 1)


@pytest.mark.both_engines
def test_a_day_is_repeated_in_two_taps_and_taken_back(
    open_as: Any, seen: Any, ada: User, mission: Mission, now: date
) -> None:
    seen.allow("404")
    last = working_days_back(now, 1)
    given_day(ada, mission, last, "0.5", validated=False, today=now, moment="afternoon")
    page = open_as(ada, PHONE)
    page.goto("/")
    taps = Taps(page)
    taps.link(re.compile("Répéter"))
    save = page.get_by_role("button", name=re.compile("Enregistrer"))
    expect(save).to_be_visible()
    assert above_the_bar(page, save)
    # Each row that scrolls shows the chip chosen, whole.
    for name in ("worked_on", "mission", "moment", "work"):
        chosen = page.locator(f".chip:has([name={name}]:checked)").bounding_box()
        assert chosen and chosen["x"] >= 0 and chosen["x"] + chosen["width"] <= 390, name
    taps.on(save)
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert taps.count == 2
    day = MissionDay.objects.get(worked_on=now)
    assert (day.mission, day.moment, str(day.quantity)) == (mission, "afternoon", "0.50")
    # And back, for a moment.
    taps.button("Annuler")
    expect(page.get_by_text("La journée est annulée")).to_be_visible()
    assert not MissionDay.objects.filter(worked_on=now).exists()
    # The way back of the browser shows no day that is no more as if it were there.
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("C’est noté")


def test_a_new_day_takes_six_taps_one_screen_and_ten_seconds(
    open_as: Any, ada: User, mission: Mission, now: date
) -> None:
    given_day(ada, mission, working_days_back(now, 3), "1", validated=False, today=now)
    team = given_mission(title="Vie de la structure", team=[ada], on=now)
    page = open_as(ada, PHONE)
    page.goto("/")
    taps, began = Taps(page), monotonic()
    taps.link("Noter une journée")
    # Every field of a plain day stands on one screen, over the button that saves.
    save = page.get_by_role("button", name=re.compile("Enregistrer"))
    limit = (save.bounding_box() or {"y": 0})["y"]
    for name in ("worked_on", "mission", "moment", "work", "subject", "km"):
        box = page.locator(f"[name={name}]").first.bounding_box()
        assert box and box["y"] + box["height"] <= limit, name
    assert page.evaluate("scrollY") == 0
    assert above_the_bar(page, save)
    yesterday = recent_days(now)[1]
    taps.on(page.locator(f".chip:has([name=worked_on][value='{yesterday}'])"))
    taps.chip("Vie de la structure")
    taps.chip("Matin")
    taps.chip("À distance")
    page.get_by_label(re.compile("Objet")).fill("Réunion d’équipe")
    taps.on(save)
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert taps.count <= 6
    assert monotonic() - began <= 10
    day = MissionDay.objects.get(mission=team)
    assert (day.worked_on, day.moment, day.work) == (yesterday, "morning", "remote")
    assert fits(page)


def test_the_budget_follows_the_mission_and_a_day_too_many_is_kept(
    open_as: Any, ada: User, mission: Mission, now: date
) -> None:
    for back in (1, 2):
        given_day(ada, mission, working_days_back(now, back), validated=False, today=now)
    given_mission(title="Vie de la structure", team=[ada], on=now)
    page = open_as(ada, PHONE)
    page.goto("/journees/noter/")
    expect(page.locator("#budget")).to_contain_text("2 / 2 j utilisés")
    page.locator(".chip", has_text="Vie de la structure").tap()
    expect(page.locator("#budget")).not_to_contain_text("utilisés")
    page.locator(".chip", has_text="Coop’Épi").first.tap()
    expect(page.locator("#budget")).to_contain_text("à arbitrer")
    page.get_by_role("button", name=re.compile("Enregistrer")).tap()
    expect(page.get_by_text("Elle dépasse le budget")).to_be_visible()
    assert MissionDay.objects.get(worked_on=now).arbitration == "pending"


def test_a_hole_leads_to_its_day_and_the_report_goes_with_it(
    open_as: Any, ada: User, mission: Mission, now: date
) -> None:
    hole = working_days_back(now, 4)
    given_day(ada, mission, working_days_back(now, 5), validated=False, today=now)
    page = open_as(ada, PHONE)
    page.goto("/")
    page.locator(f".holes a[href$='{hole.isoformat()}']").tap()
    page.get_by_text("+ compte rendu").tap()
    page.get_by_label("Titre du compte rendu").fill("Visite du local")
    page.get_by_role("textbox", name=re.compile("^Compte rendu")).fill("Dix personnes")
    page.get_by_role("button", name=re.compile("Enregistrer")).tap()
    expect(page.get_by_text("Le compte rendu est sur la page de la coop.")).to_be_visible()
    day = MissionDay.objects.get(worked_on=hole)
    assert day.note == Note.objects.get(title="Visite du local")


def test_a_wrong_day_says_why_and_keeps_what_was_typed(
    open_as: Any, seen: Any, ada: User, mission: Mission, now: date
) -> None:
    seen.allow("422", "409")
    given_day(ada, mission, now, validated=False, today=now)
    page = open_as(ada, PHONE)
    page.goto("/journees/noter/")
    page.get_by_label(re.compile("Objet")).fill("Second atelier")
    page.get_by_role("button", name=re.compile("Enregistrer")).tap()
    expect(page.get_by_text("plus de 1,5").first).to_be_visible()
    # The folded part that holds the field in error is open, and nothing typed is lost.
    expect(page.locator("#other")).to_have_attribute("open", "")
    expect(page.get_by_label(re.compile("Objet"))).to_have_value("Second atelier")
    assert MissionDay.objects.count() == 1


def test_a_day_is_noted_without_javascript(
    open_as: Any, ada: User, mission: Mission, now: date
) -> None:
    page = open_as(ada, PHONE, javascript=False)
    page.goto("/journees/noter/")
    page.locator(".chip", has_text="Coop’Épi").first.click()
    page.locator(".chip", has_text="Matin").click()
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert str(MissionDay.objects.get().quantity) == "0.50"
    page.get_by_role("button", name="Annuler").click()
    assert not MissionDay.objects.exists()


def test_an_expense_is_one_tap_away_and_takes_a_picture(
    open_as: Any, ada: User, mission: Mission, now: date
) -> None:
    page = open_as(ada, PHONE)
    page.goto("/")
    taps = Taps(page)
    taps.link("Noter un frais")
    camera = page.get_by_label("Prendre en photo")
    assert camera.get_attribute("capture") == "environment"
    assert taps.count == 1
    camera.set_input_files({"name": "ticket.png", "mimeType": "image/png", "buffer": raster()})
    page.locator(".chip", has_text="Coop’Épi").first.tap()
    page.get_by_label(re.compile("Pour quoi")).fill("Train")
    page.get_by_label(re.compile("Montant payé")).fill("12,50")
    page.locator(".chip", has_text="Gardé").tap()
    save = page.get_by_role("button", name=re.compile("Enregistrer"))
    assert above_the_bar(page, save)
    save.tap()
    page.wait_for_url(re.compile(r"/journees/frais/\d+/"))
    assert Expense.objects.get().receipt is not None
    # The end of the page stands over the bottom bar.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert above_the_bar(page, page.locator("main > *:last-child"))
