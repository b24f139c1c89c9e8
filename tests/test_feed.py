"""The private agenda: behind its token, what its person may see at that moment, in a sound file."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from crm import actions as crm
from essaim import people
from essaim.feeds import close_feed, open_feed
from essaim.models import FeedToken, User
from essaim.workflow import Refused
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_grants import (
    given_applicant,
    given_application,
    given_call,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db


def act(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def url_of(user: User, **more: Any) -> str:
    return f"/agenda/{open_feed(**act(user), **more)[1]}.ics"


def events(url: str) -> list[Any]:
    answer = Client().get(url)
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")


def soon(days: int = 20) -> date:
    return timezone.localdate() + timedelta(days=days)


def test_a_calendar_reads_it_without_a_session(basile: User) -> None:
    deadline = datetime(soon().year, soon().month, soon().day, 11, 30, tzinfo=UTC)
    programme = given_programme()
    call = given_call(programme, deadline=deadline)
    file = given_application(
        given_applicant(), programme, state="drafting", call=call, owner=basile
    )
    report = given_application(
        given_applicant("La Ruche"), state="running", owner=basile, report_due_on=soon()
    )
    url = url_of(basile)
    answer = Client().get(url)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"].startswith("private")
    assert "Set-Cookie" not in answer
    calendar = Calendar.from_ical(answer.content)
    assert calendar["PRODID"] == "-//Essaim//Agenda//FR"
    found = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
    assert set(found) == {
        f"grants.GrantApplication:{file.pk}:deposit@essaim",
        f"grants.GrantApplication:{report.pk}:report@essaim",
    }
    timed = found[f"grants.GrantApplication:{file.pk}:deposit@essaim"]
    whole = found[f"grants.GrantApplication:{report.pk}:report@essaim"]
    assert timed["DTSTART"].dt == deadline
    assert whole["DTSTART"].dt == soon()
    assert whole["DTSTART"].params["VALUE"] == "DATE"
    assert str(whole["STATUS"]) == "CONFIRMED"
    # Stamped by the trail, so that two readings are one file.
    assert whole["DTSTAMP"].dt == who()["at"]
    assert not calendar.walk("VALARM")
    assert Client().get(url).content == answer.content


def test_the_same_file_is_not_sent_twice(basile: User) -> None:
    given_application(given_applicant(), state="running", owner=basile, report_due_on=soon())
    url = url_of(basile)
    first = Client().get(url)
    again = Client().get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    since = Client().get(url, headers={"if-modified-since": first["Last-Modified"]})
    assert since.status_code in (200, 304)


@pytest.mark.parametrize("way", ["revoked", "renewed", "left", "no_role", "unknown"])
def test_a_token_that_is_over_answers_nothing(basile: User, way: str) -> None:
    url = url_of(basile)
    assert Client().get(url).status_code == 200
    if way == "revoked":
        close_feed(**act(basile))
    elif way == "renewed":
        assert Client().get(url_of(basile)).status_code == 200
    elif way == "left":
        basile.is_active = False
    elif way == "no_role":
        basile.is_coordinator = False
    basile.save()
    assert Client().get("/agenda/nope.ics" if way == "unknown" else url).status_code == 404


def test_an_account_opened_again_does_not_open_its_old_agenda(basile: User, farid: User) -> None:
    person("Odile Keller", "coordinator")
    url = url_of(basile)
    people.deactivate(user=basile, **act(farid))
    people.reactivate(user=basile, **act(farid))
    assert Client().get(url).status_code == 404


def test_only_the_fingerprint_of_a_token_is_kept(basile: User) -> None:
    row, token = open_feed(**act(basile))
    assert len(token) >= 40
    assert token not in str(FeedToken.objects.values_list())
    assert row.digest != token
    with pytest.raises(Refused):
        close_feed(**act(basile))
        close_feed(**act(basile))


def test_it_shows_what_the_person_may_see_now(ada: User, basile: User) -> None:
    given_call(given_programme(), deadline=timezone.now() + timedelta(days=9), title="Appel FDVA")
    given_application(
        given_applicant(), state="running", title="Secret", owner=ada, report_due_on=soon()
    )
    url = url_of(ada)
    assert [str(e["SUMMARY"]) for e in events(url)] == ["Dépôt du dossier\xa0: Appel FDVA"]
    ada.is_coordinator = True
    ada.save()
    assert len(events(url)) == 2


def test_no_word_of_an_internal_note_leaves(ada: User, chloe: User) -> None:
    coop = given_coop(owner=ada)
    canary = "CANARI-INTERNE"
    on = timezone.localdate()
    note = crm.write_note(coop, title=canary, text=canary, **acting(ada, on))
    crm.add_task(coop=coop, what=canary, due_on=soon(), note=note, **acting(ada, on))
    crm.pause(coop.current, review_on=soon(), why=canary, **acting(ada, on))
    assert canary not in Client().get(url_of(chloe)).text
    kinds = [str(e["UID"]).split(":")[0] for e in events(url_of(ada))]
    assert sorted(kinds) == ["crm.Accompaniment", "crm.Task"]


def test_only_mine_leaves_others_out(basile: User, farid: User) -> None:
    given_application(given_applicant(), state="running", owner=farid, report_due_on=soon())
    assert len(events(url_of(basile))) == 1
    assert events(url_of(basile, only_mine=True)) == []


def test_as_many_questions_for_many_deadlines(basile: User, django_assert_num_queries: Any) -> None:
    def given_some(count: int) -> None:
        for rank in range(count):
            given_application(
                given_applicant(f"Coop {rank}"),
                given_programme(f"Fonds {rank} {count}"),
                state="running",
                owner=basile,
                report_due_on=soon(),
            )

    given_some(2)
    url = url_of(basile)
    Client().get(url)
    with django_assert_num_queries(9):
        assert len(events(url)) == 2
    given_some(12)
    with django_assert_num_queries(9):
        assert len(events(url)) == 14


def test_the_address_is_told_once_renewed_and_revoked(ada: User) -> None:
    browser = signed_in(ada)
    page = "/reglages/mon-agenda/"
    assert "/agenda/" not in browser.get(page).text
    made = browser.post(page, {"only_mine": "on"})
    assert made.status_code == 200
    assert made["Cache-Control"] == "no-store"
    address = made.text.split('value="http://testserver')[1].split('"')[0]
    assert Client().get(address).status_code == 200
    assert address not in browser.get(page).text
    assert browser.post(f"{page}revoquer/").status_code == 302
    assert Client().get(address).status_code == 404
    assert browser.post(f"{page}revoquer/").status_code == 409
