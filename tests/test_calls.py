"""Calls of a week: counted once in a day by the usual verb, or dismissed for good."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Coop, Note
from essaim.models import User
from essaim.workflow import Refused
from missions import actions
from missions.calls import calls_of, missions_for, monday_of
from missions.models import CountedCall, Mission, MissionDay
from tests.conftest import acting, signed_in
from tests.given_agenda import given_call
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

ON = date(2026, 11, 25)
MONDAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop("Coop’Épi", owner=ada, by=basile, on=date(2026, 9, 1))


@pytest.fixture
def mission(coop: Coop, ada: User, basile: User) -> Mission:
    return given_mission(given_agreement(coop, by=basile), team=[ada], by=basile)


def found(who: User, on: date = ON) -> list[tuple[str, date, int, Decimal]]:
    return [(str(c.coop), c.monday, c.minutes, c.quantity) for c in calls_of(who, on=on)]


def note(who: User, mission: Mission, week: date = MONDAY, **more: Any) -> MissionDay:
    assert mission.coop is not None
    day = {"worked_on": ON, "moment": "morning", "quantity": Decimal("0.25"), **more}
    return actions.note_calls(mission.coop, week, mission=mission, **day, **acting(who, ON))


def test_calls_of_a_week_with_one_coop_add_up(ada: User, coop: Coop) -> None:
    given_call(coop, ada, MONDAY, 60)
    given_call(coop, ada, ON, 45)
    assert found(ada) == [("Coop’Épi", MONDAY, 105, Decimal("0.25"))]


def test_each_week_and_each_coop_apart(ada: User, basile: User, coop: Coop) -> None:
    other = given_coop("La Halle", owner=ada, by=basile, on=date(2026, 9, 1))
    last = MONDAY - timedelta(days=7)
    given_call(coop, ada, last + timedelta(days=6), 180)
    given_call(coop, ada, MONDAY, 90)
    given_call(other, ada, MONDAY, 89)
    assert found(ada) == [
        ("Coop’Épi", MONDAY, 90, Decimal("0.25")),
        ("Coop’Épi", last, 180, Decimal("0.5")),
    ]


def test_only_calls_one_wrote_with_their_minutes_count(
    ada: User, basile: User, coop: Coop, mission: Mission
) -> None:
    given_call(coop, basile, MONDAY, 120)
    given_call(coop, ada, MONDAY, 120, kind="visit")
    given_call(coop, ada, MONDAY, 0)
    in_a_day = given_call(coop, ada, MONDAY, 120)
    day = given_day(ada, mission, MONDAY, "0.25", validated=False, today=ON)
    actions.attach_note(day, in_a_day, **acting(ada, ON))
    assert found(ada) == []
    assert found(basile) == [("Coop’Épi", MONDAY, 120, Decimal("0.25"))]


def test_four_weeks_are_looked_at(ada: User, coop: Coop) -> None:
    given_call(coop, ada, MONDAY - timedelta(weeks=3), 90)
    given_call(coop, ada, MONDAY - timedelta(weeks=3, days=1), 90)
    assert [week for _coop, week, *_rest in found(ada)] == [MONDAY - timedelta(weeks=3)]


def test_a_call_counts_once(ada: User, coop: Coop, mission: Mission) -> None:
    given_call(coop, ada, MONDAY, 105)
    day = note(ada, mission)
    assert (day.quantity, day.mission, day.consultant) == (Decimal("0.25"), mission, ada)
    assert found(ada) == []
    with pytest.raises(Refused):
        note(ada, mission)
    assert MissionDay.objects.count() == 1
    # A later call of the same week begins a new count.
    given_call(coop, ada, ON, 95)
    assert found(ada) == [("Coop’Épi", MONDAY, 95, Decimal("0.25"))]


def test_a_day_that_is_refused_counts_no_call(ada: User, coop: Coop, mission: Mission) -> None:
    given_call(coop, ada, MONDAY, 105)
    with pytest.raises(Refused):
        note(ada, mission, worked_on=ON + timedelta(days=1))
    assert not CountedCall.objects.exists() and len(found(ada)) == 1


def test_deleting_the_day_frees_its_calls(ada: User, coop: Coop, mission: Mission) -> None:
    given_call(coop, ada, MONDAY, 105)
    actions.delete_day(note(ada, mission), **acting(ada, ON))
    assert len(found(ada)) == 1


def test_dismissed_stays_dismissed(ada: User, coop: Coop) -> None:
    given_call(coop, ada, MONDAY, 105)
    assert actions.dismiss_calls(coop, MONDAY, **acting(ada, ON)) == 1
    assert found(ada) == []
    with pytest.raises(Refused):
        actions.dismiss_calls(coop, MONDAY, **acting(ada, ON))


def test_the_mission_last_worked_is_proposed(
    ada: User, basile: User, coop: Coop, mission: Mission
) -> None:
    start_up = Mission.objects.get(kind="start_up", coop=coop)
    assert missions_for(ada, coop)[0] == mission
    given_day(ada, start_up, MONDAY, "0.25", validated=False, today=ON)
    assert missions_for(ada, coop)[0] == start_up


# -- the pages ---------------------------------------------------------------------------------
def test_one_opens_the_form_filled_in_and_one_tap_notes_it(
    ada: User, coop: Coop, mission: Mission
) -> None:
    on = timezone.localdate() - timedelta(days=7)
    week = monday_of(on)
    given_call(coop, ada, on, 105, hour=16)
    browser = signed_in(ada)
    address = reverse("missions:calls_note", args=(coop.pk, week.isoformat()))
    assert address in browser.get(reverse("missions:calls")).content.decode()
    form = browser.get(address).context["form"]
    filled = {name: form[name].value() for name in form.fields} | {"mission": mission.pk}
    assert (filled["moment"], filled["quantity"], filled["work"]) == ("afternoon", "0.25", "remote")
    assert str(filled["worked_on"]) == on.isoformat() and filled["subject"] == "Appel téléphonique"
    answer = browser.post(address, filled)
    assert answer.status_code == 302
    day = MissionDay.objects.get()
    assert (day.worked_on, day.quantity, day.mission) == (on, Decimal("0.25"), mission)
    # Once more, from a page left open: refused in words, nothing is noted.
    again = browser.post(address, filled)
    assert again.status_code == 409 and "déjà notés" in again.content.decode()
    assert MissionDay.objects.count() == 1
    assert browser.get(address).status_code == 404


def test_they_are_dismissed_from_the_page(ada: User, coop: Coop) -> None:
    on = timezone.localdate() - timedelta(days=7)
    given_call(coop, ada, on, 105)
    browser = signed_in(ada)
    address = reverse("missions:calls_dismiss", args=(coop.pk, monday_of(on).isoformat()))
    assert browser.post(address).status_code == 302
    assert "Aucun appel à noter" in browser.get(reverse("missions:calls")).content.decode()


@pytest.mark.parametrize("week", ["soon", "2026-11-24", "2026-11-30"])
def test_another_week_does_not_exist(ada: User, coop: Coop, week: str) -> None:
    given_call(coop, ada, timezone.localdate() - timedelta(days=7), 105)
    address = reverse("missions:calls_note", args=(coop.pk, week))
    assert signed_in(ada).get(address).status_code == 404


def test_minutes_are_one_tap_on_the_form_of_a_note(ada: User, coop: Coop) -> None:
    browser = signed_in(ada)
    address = reverse("crm:note_new", args=(coop.pk,))
    page = browser.get(address).content.decode()
    assert all(f'name="minutes" value="{n}"' in page for n in (10, 15, 30, 45, 60))
    data = {"kind": "call", "title": "Appel", "next-TOTAL_FORMS": 0, "next-INITIAL_FORMS": 0}
    for chip, other, kept in (("45", "", 45), ("45", "50", 50), ("", "", None), ("", "20", 20)):
        browser.post(address, {**data, "minutes": chip, "minutes_other": other})
        written = Note.objects.order_by("-pk")[0]
        assert written.minutes == kept
    edit = browser.get(reverse("crm:note_edit", args=(written.pk,))).content.decode()
    assert 'name="minutes_other" value="20"' in edit
    wrong = browser.post(address, {**data, "minutes_other": "2000"})
    assert wrong.status_code == 422 and 'value="2000"' in wrong.content.decode()


# -- the card ----------------------------------------------------------------------------------
CARD = Template("{% load missions_agenda %}{% calls_card user today %}")


@pytest.mark.parametrize("count", [1, 9])
def test_the_card_asks_one_query_whatever_the_calls(ada: User, basile: User, count: int) -> None:
    for n in range(count):
        coop = given_coop(f"Coop {n}", owner=ada, by=basile, on=date(2026, 9, 1))
        given_call(coop, ada, MONDAY, 60)
        given_call(coop, ada, ON, 45)
    with CaptureQueriesContext(connection) as queries:
        shown = CARD.render(Context({"user": ada, "today": ON}))
    assert len(queries) == 1
    assert shown.count("1\u00a0h\u00a045 d’appels") == min(count, 3)
    assert ("Tous les appels" in shown) == (count > 3)


def test_the_card_is_nothing_for_who_logs_no_day(chloe: User, ada: User) -> None:
    for who in (chloe, ada):
        assert "href" not in CARD.render(Context({"user": who, "today": ON}))
