"""Pages of one's own calendar: three steps, ticks kept, errors in words, pinned queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from essaim.models import User
from missions.models import CalendarProposal, Mission, MissionDay
from tests.conftest import signed_in
from tests.given_agenda import calendar, event, given_import
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
AGENDA, FILE = "missions:agenda", "missions:agenda_import"
CONFIRM = "missions:agenda_confirm"


def ago(days: int) -> Any:
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=ago(60))
    return given_mission(given_agreement(coop, by=basile), team=[ada], by=basile)


@pytest.fixture
def mine(ada: User) -> Client:
    return signed_in(ada)


def send(mine: Client, content: bytes, name: str = "agenda.ics") -> Any:
    file = SimpleUploadedFile(name, content, "text/calendar")
    return mine.post(reverse(FILE), {"file": file})


def said(mine: Client, name: str = AGENDA) -> str:
    return mine.get(reverse(name)).content.decode()


def rows() -> list[CalendarProposal]:
    return list(CalendarProposal.objects.order_by("worked_on", "starts_at"))


EPI = event("1@x", ago(3), "0900-1200", "Point Epi")


def test_three_steps_from_a_file_to_days(mine: Client, mission: Mission) -> None:
    other = event("2@x", ago(2), "1400-1600", "Divers", STATUS="CANCELLED")
    answer = send(mine, calendar(EPI, event("3@x", ago(1), title="Séminaire"), other))
    assert answer.headers["Location"] == reverse(AGENDA)
    page = said(mine)
    assert "Point Epi" in page and "d’après ses mots" in page and "annulés\u00a0: 1" in page
    assert "Pour quelle mission" in page and not MissionDay.objects.exists()
    epi, seminar = rows()
    data = {"shown": "1", "pk": [epi.pk], "do": f"ever:{seminar.pk}"}
    assert mine.post(reverse(AGENDA), data).status_code == 302
    page = said(mine)
    assert "Ne plus proposer" in page and page.count("Séminaire") >= 1
    mine.post(reverse(AGENDA), {"shown": "1", "pk": [epi.pk], "do": "check"})
    check = said(mine, CONFIRM)
    assert "Noter 1 journée" in check and "0,5" in check
    done = mine.post(reverse(CONFIRM))
    assert reverse("missions:week") in done.headers["Location"]
    [day] = MissionDay.objects.all()
    assert (day.worked_on, day.mission, day.subject) == (ago(3), mission, "Point Epi")
    # Once more: nothing is noted twice.
    assert mine.post(reverse(CONFIRM)).status_code == 409
    send(mine, calendar(EPI))
    assert "Rien de nouveau" in said(mine) and MissionDay.objects.count() == 1


def test_ticks_are_kept_whatever_the_button_and_in_the_background(
    mine: Client, ada: User, mission: Mission
) -> None:
    given_import(ada, ago(0), EPI, event("3@x", ago(1), "0900-1000", "Autre"))
    epi, other = rows()
    mine.post(reverse(AGENDA), {"shown": "1", "pk": [other.pk], "do": f"change:{epi.pk}"})
    assert [row.is_chosen for row in rows()] == [False, True]
    quiet = mine.post(reverse(AGENDA), {"shown": "1", "pk": [epi.pk]}, HTTP_HX_REQUEST="true")
    assert quiet.status_code == 204
    assert [row.is_chosen for row in rows()] == [True, False]
    # A form of the same page that shows no tick changes none.
    mine.post(reverse(AGENDA), {"do": f"once:{other.pk}"})
    assert [row.is_chosen for row in rows()] == [True, False]


def test_what_is_noted_already_stands_beside(mine: Client, ada: User, mission: Mission) -> None:
    given_day(ada, mission, ago(3), "0.5", validated=False, today=ago(0))
    given_import(ada, ago(0), EPI)
    assert "Déjà noté" in said(mine)
    CalendarProposal.objects.update(is_chosen=True)
    assert "Déjà noté" in said(mine, CONFIRM)


def test_an_event_is_changed_and_the_choice_is_kept(
    mine: Client, ada: User, mission: Mission
) -> None:
    given_import(ada, ago(0), event("3@x", ago(1), title="Séminaire"))
    [row] = rows()
    data = {"mission": mission.pk, "moment": "morning", "quantity": "0.5", "work": "collective"}
    wrong = mine.post(row.get_absolute_url(), data | {"quantity": "0.3"})
    assert wrong.status_code == 422
    done = mine.post(row.get_absolute_url(), data | {"subject": "Atelier"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.mission, row.moment, row.work, row.is_chosen) == (
        mission,
        "morning",
        "collective",
        True,
    )
    assert "Coop’Épi" in said(mine)


def test_a_line_that_is_refused_says_why_and_goes_on_waiting(
    mine: Client, ada: User, mission: Mission
) -> None:
    given_day(ada, mission, ago(1), 1, validated=False, today=ago(0))
    given_import(ada, ago(0), EPI, event("3@x", ago(1), title="Epi"))
    CalendarProposal.objects.update(is_chosen=True)
    done = mine.post(reverse(CONFIRM), follow=True).content.decode()
    assert "1 journée est notée" in done and "Pas noté\u00a0: Epi" in done
    assert MissionDay.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"PK\x03\x04", "takeout.zip", "archive zip"),
        (b"<html>", "agenda.ics", "page web"),
        (b"Bonjour", "agenda.ics", "BEGIN:VCALENDAR"),
    ],
)
def test_what_is_no_calendar_is_said_beside_the_field(
    mine: Client, content: bytes, name: str, words: str
) -> None:
    answer = send(mine, content, name)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert mine.post(reverse(FILE)).status_code == 422


def test_an_empty_calendar_says_so(mine: Client) -> None:
    send(mine, calendar())
    assert "ne contient aucun rendez-vous" in said(mine)


def test_a_key_of_somebody_else_does_not_exist(
    mine: Client, basile: User, mission: Mission
) -> None:
    given_import(basile, ago(0), EPI)
    [row] = rows()
    for do in (f"ever:{row.pk}", "once:x", f"back:{10**30}", "change:"):
        assert mine.post(reverse(AGENDA), {"do": do}).status_code == 404
    assert mine.get(row.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("count", [2, 30])
def test_the_page_asks_the_same_queries_whatever_the_events(
    mine: Client, ada: User, mission: Mission, count: int
) -> None:
    days = [(n, ago(n + 1)) for n in range(count)]
    given_import(ada, ago(0), *(event(f"{n}@x", d, "0900-1100", "Epi") for n, d in days))
    for name, most in ((AGENDA, 9), (CONFIRM, 7)):
        mine.get(reverse(name))
        with CaptureQueriesContext(connection) as queries:
            mine.get(reverse(name))
        assert len(queries) <= most, [q["sql"][:90] for q in queries]
