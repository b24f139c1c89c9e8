"""The week as a sheet: by keyboard, copied, on a phone, without a script; and the month."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from essaim.days import is_working_day, month_start
from essaim.models import User
from missions.actions import cell_name, week_of
from missions.models import Mission, MissionDay
from tests.given_missions import given_day, given_mission
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.taps import Taps


@pytest.fixture
def now() -> date:
    return timezone.localdate()


@pytest.fixture
def monday(now: date) -> date:
    """A whole week that is over."""
    return week_of(now)[0] - timedelta(days=7)


@pytest.fixture
def team(ada: User, now: date) -> Mission:
    return given_mission(title="Vie de la structure", team=[ada], on=now)


def box(page: Page, mission: Mission, day: date) -> Any:
    return page.locator(f"[name={cell_name(mission.pk, day)}]")


def noted() -> dict[date, str]:
    return {d.worked_on: f"{d.quantity.normalize():f}" for d in MissionDay.objects.all()}


@pytest.mark.both_engines
def test_a_week_is_typed_with_the_keyboard_alone(
    open_as: Any, seen: Any, ada: User, team: Mission, monday: date, now: date
) -> None:
    seen.allow("422")
    other = given_mission(title="Formation", team=[ada], on=now)
    given_day(ada, team, monday, validated=False, today=now)
    page = open_as(ada, DESK)
    page.goto(f"/journees/semaine/?on={monday.isoformat()}")
    first = box(page, team, monday)
    first.focus()
    press, write = page.keyboard.press, page.keyboard.type
    write("½")
    press("ArrowRight")
    write("1")
    press("ArrowDown")
    press("ArrowLeft")
    write("0,5")
    expect(page.locator("[data-week-day='0']")).to_have_text("1")
    expect(page.locator("tfoot [data-week-total]")).to_have_text("2")
    press("End")
    expect(box(page, other, monday + timedelta(days=6))).to_be_focused()
    press("ArrowUp")
    expect(box(page, team, monday + timedelta(days=6))).to_be_focused()
    # What is no quantity is told beside its cell, and the rest stays typed.
    write("beaucoup")
    press("Control+Enter")
    expect(page.locator("td.has-error")).to_contain_text("Écrivez 1, ¾, ½, ¼, ou rien.")
    expect(first).to_have_value("½")
    assert Axe().run(page).violations_count == 0
    box(page, team, monday + timedelta(days=6)).fill("")
    press("Enter")
    expect(page.get_by_text("2 journées notées. 1 journée modifiée.")).to_be_visible()
    rows = MissionDay.objects.order_by("worked_on", "pk")
    assert [(r.mission, f"{r.quantity.normalize():f}") for r in rows] == [
        (team, "0.5"),
        (other, "0.5"),
        (team, "1"),
    ]


def test_last_week_is_copied_tinted_and_counts_once_saved(
    open_as: Any, ada: User, team: Mission, monday: date, now: date
) -> None:
    # Not every week has five of them.
    days = [d for n in range(5) if is_working_day(d := monday + timedelta(days=n))][:3]
    for day in days:
        given_day(ada, team, day - timedelta(days=7), "0.5", validated=False, today=now)
    page = open_as(ada, DESK, dark=True)
    page.goto(f"/journees/semaine/?on={monday.isoformat()}")
    page.get_by_role("button", name="Copier la semaine passée").click()
    expect(page.locator("td.proposed")).to_have_count(len(days))
    assert MissionDay.objects.count() == len(days)
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name=re.compile("Envoyer ma semaine")).click()
    expect(page.get_by_text("Votre semaine est envoyée.")).to_be_visible()
    sent = MissionDay.objects.filter(worked_on__gte=monday)
    assert set(sent.values_list("state", flat=True)) == {"submitted"}
    assert sorted(sent.values_list("worked_on", flat=True)) == days
    # What was sent is read, no longer typed.
    expect(box(page, team, days[0])).to_have_count(0)


def test_the_week_is_a_list_by_day_on_a_phone_and_the_month_is_one_tap_away(
    open_as: Any, ada: User, team: Mission, monday: date, now: date
) -> None:
    given_day(ada, team, monday, "0.5", validated=False, today=now, moment="morning")
    given_mission(title="Formation", team=[ada], on=now)
    page = open_as(ada, PHONE)
    page.goto(f"/journees/semaine/?on={monday.isoformat()}")
    assert Axe().run(page).violations_count == 0
    heads = page.locator(".week-grid thead th:not(.week-mission):not(.week-sum)")
    tops = [(heads.nth(n).bounding_box() or {"y": 0})["y"] for n in range(7)]
    assert tops == sorted(tops) and len(set(tops)) == 7
    cell = box(page, team, monday)
    assert tops[0] < (cell.bounding_box() or {"y": 0})["y"] < tops[1]
    assert (cell.bounding_box() or {"height": 0})["height"] >= 44
    cell.fill("1")
    page.get_by_role("button", name=re.compile("Enregistrer")).tap()
    expect(page.get_by_text("1 journée modifiée.")).to_be_visible()
    assert noted() == {monday: "1"}
    taps = Taps(page)
    taps.link("Mon mois")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon mois")
    assert taps.count == 1
    square = page.locator(f"td:has(time[datetime='{monday.isoformat()}'])")
    expect(square.locator("rect.worked")).to_have_count(2)
    sheet = page.get_by_role("link", name="Relevé (PDF)").get_attribute("href") or ""
    assert sheet.endswith(f"month={monday:%Y-%m}")
    # The month before: nothing noted, and a hole leads to its day.
    taps.on(page.locator("[rel=prev]"))
    expect(page.get_by_text("Rien de noté ce mois-ci.")).to_be_visible()
    hole = page.locator("td.hole a").first
    day = hole.locator("time").get_attribute("datetime")
    assert day and date.fromisoformat(day) < month_start(now)
    taps.on(hole)
    expect(page.locator(f"[name=worked_on][value='{day}']")).to_be_checked()


def test_the_week_works_without_javascript(
    open_as: Any, ada: User, team: Mission, monday: date
) -> None:
    page = open_as(ada, PHONE, javascript=False)
    page.goto(f"/journees/semaine/?on={monday.isoformat()}")
    # On a phone an empty cell is behind its day; on a desk it is typed in.
    page.set_viewport_size(DESK)
    box(page, team, monday).fill("1/2")
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("1 journée notée.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Envoyer ma semaine")).click()
    expect(page.get_by_text("Votre semaine est envoyée.")).to_be_visible()
    assert noted() == {monday: "0.5"}
