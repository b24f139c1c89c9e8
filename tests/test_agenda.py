"""One's own calendar: proposed once, chosen, left out, noted by the usual verb, forgotten."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from crm import actions as crm
from essaim import hooks
from essaim.models import Event, User
from essaim.people import deactivate
from essaim.workflow import Refused
from missions import actions
from missions.models import CalendarImport, CalendarProposal, Mission, MissionDay
from tests.conftest import acting, person
from tests.given_agenda import event, given_import, titles
from tests.given_crm import given_contact, given_coop
from tests.given_missions import given_agreement, given_day, given_mission

ON = date(2026, 11, 25)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    """Ada's mission for Coop'Épi."""
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=date(2026, 9, 1))
    return given_mission(given_agreement(coop, by=basile), team=[ada], by=basile)


def rows(who: User) -> Any:
    return CalendarProposal.objects.visible_to(who)


def waiting(who: User) -> list[CalendarProposal]:
    return list(rows(who).waiting().order_by("worked_on", "starts_at"))


def confirm(who: User) -> actions.Noted:
    return actions.note_chosen(**acting(who, ON))


POINT = event("p@x", MONDAY, "0900-1200", "Point Coop'Epi")


# -- proposed ----------------------------------------------------------------------------------
def test_an_event_is_guessed_and_counts_nowhere(ada: User, mission: Mission) -> None:
    batch = given_import(ada, ON, POINT, event("q@x", TUESDAY, title="Congrès"))
    assert (batch.found, batch.proposed, batch.known) == (2, 2, 0)
    guessed, unknown = waiting(ada)
    assert (guessed.mission, guessed.guess, guessed.is_chosen) == (mission, "name", True)
    assert (guessed.moment, guessed.quantity, guessed.work) == (
        "morning",
        Decimal("0.50"),
        "on_site",
    )
    assert guessed.subject == "Point Coop'Epi"
    assert (unknown.mission, unknown.is_chosen, unknown.quantity) == (None, False, 1)
    assert not MissionDay.objects.exists()


def test_somebody_invited_and_words_of_the_work_are_understood(
    ada: User, mission: Mission, basile: User
) -> None:
    given_contact(organisation=mission.coop.organisation, email="Emile@epi.test", by=basile)
    came = {"ATTENDEE": "mailto:emile@epi.test", "LOCATION": "https://visio.test/x"}
    given_import(ada, ON, event("q@x", TUESDAY, "1400-1500", "Comptes", **came))
    [row] = waiting(ada)
    assert (row.mission, row.guess, row.work) == (mission, "email", "remote")
    assert (row.moment, row.quantity) == ("afternoon", Decimal("0.25"))


def test_what_was_noted_before_under_this_title_is_learnt(
    ada: User, mission: Mission, basile: User
) -> None:
    other = given_mission(title="Vie de la structure", by=basile)
    given_day(ada, other, MONDAY - timedelta(days=9), 1, subject="Congrès annuel", work="remote")
    given_import(ada, ON, event("q@x", TUESDAY, title="Congrès annuel"))
    [row] = waiting(ada)
    assert (row.mission, row.guess, row.work) == (other, "before", "remote")


def test_a_choice_made_for_a_title_is_learnt_for_the_next(ada: User, mission: Mission) -> None:
    given_import(ada, ON - timedelta(days=7), event("q@x", date(2026, 11, 17), title="Ligne 4"))
    [row] = waiting(ada)
    fields = {"mission": mission, "moment": "morning", "quantity": Decimal("0.5")}
    actions.change_event(row, work="travel", subject="Étude", **fields, **acting(ada, ON))
    confirm(ada)
    given_import(ada, ON, event("r@x", TUESDAY, title="Ligne 4"))
    [row] = waiting(ada)
    assert (row.mission, row.work, row.subject) == (mission, "travel", "Étude")


def test_nobody_else_sees_a_calendar(
    ada: User, basile: User, farid: User, mission: Mission
) -> None:
    given_import(ada, ON, POINT)
    for who in (basile, farid):
        assert not rows(who).exists()
        assert not CalendarImport.objects.visible_to(who).exists()
    [row] = waiting(ada)
    with pytest.raises(Refused):
        actions.leave_out(row, "ever", **acting(farid, ON))
    told = Event.objects.filter(model="missions.CalendarImport").get()
    assert "Point" not in str(told.codes)


def test_what_is_noted_there_on_that_date_is_not_ticked(ada: User, mission: Mission) -> None:
    given_day(ada, mission, MONDAY, "0.5", validated=False, today=ON)
    given_import(ada, ON, POINT)
    assert [row.is_chosen for row in waiting(ada)] == [False]


# -- read again --------------------------------------------------------------------------------
def test_the_same_file_proposes_nothing_twice(ada: User, mission: Mission) -> None:
    weekly = event("w@x", date(2026, 11, 2), "1400-1600", "Epi", RRULE="FREQ=WEEKLY")
    given_import(ada, ON, POINT, weekly)
    confirmed = waiting(ada)[0]
    actions.choose([confirmed.pk], **acting(ada, ON))
    confirm(ada)
    left = waiting(ada)
    actions.leave_out(left[0], "once", **acting(ada, ON))
    before = set(rows(ada).values_list("key", "answer", "day"))
    batch = given_import(ada, ON, POINT, weekly)
    assert (batch.proposed, batch.known) == (0, 5)
    assert set(rows(ada).values_list("key", "answer", "day")) == before


def test_an_event_that_began_to_repeat_is_still_known_on_its_date(
    ada: User, mission: Mission
) -> None:
    first = event("w@x", date(2026, 11, 16), "0900-1200", "Epi")
    given_import(ada, ON, first)
    confirm(ada)
    given_import(ada, ON, event("w@x", date(2026, 11, 16), "0900-1200", "Epi", RRULE="FREQ=WEEKLY"))
    assert [row.worked_on for row in waiting(ada)] == [MONDAY]


def test_an_event_that_waits_follows_its_calendar_but_not_over_a_choice(
    ada: User, mission: Mission
) -> None:
    given_import(ada, ON, POINT, event("q@x", MONDAY, "1400-1600", "Divers"))
    chosen = waiting(ada)[1]
    fields = {"mission": mission, "moment": "evening", "quantity": Decimal("0.25")}
    actions.change_event(chosen, work="remote", subject="Tri", **fields, **acting(ada, ON))
    moved = [event("p@x", TUESDAY, "0900-1700", "Point Epi"), event("q@x", TUESDAY, title="Autre")]
    given_import(ada, ON, *moved)
    found = {row.title: row for row in waiting(ada)}
    assert (found["Point Epi"].worked_on, found["Point Epi"].quantity) == (TUESDAY, 1)
    kept = found["Autre"]
    assert (kept.worked_on, kept.mission, kept.subject) == (TUESDAY, mission, "Tri")


def test_what_was_cancelled_since_is_taken_back(ada: User, mission: Mission) -> None:
    given_import(ada, ON, POINT)
    given_import(ada, ON, event("p@x", MONDAY, "0900-1200", "Point", STATUS="CANCELLED"))
    assert waiting(ada) == []


def test_two_people_each_have_their_own(ada: User, basile: User, mission: Mission) -> None:
    given_import(ada, ON, POINT)
    given_import(basile, ON, POINT)
    assert rows(ada).count() == rows(basile).count() == 1


# -- left out ----------------------------------------------------------------------------------
WEEKLY = event("w@x", date(2026, 11, 9), "1400-1600", "Epi", RRULE="FREQ=WEEKLY")


def test_left_out_once_the_other_dates_are_still_proposed(ada: User, mission: Mission) -> None:
    given_import(ada, ON, WEEKLY)
    actions.leave_out(waiting(ada)[0], "once", **acting(ada, ON))
    given_import(ada, ON, WEEKLY)
    assert [row.worked_on.day for row in waiting(ada)] == [16, 23]


def test_dismissed_stays_dismissed_with_all_its_dates(ada: User, mission: Mission) -> None:
    given_import(ada, ON, WEEKLY)
    actions.leave_out(waiting(ada)[0], "ever", **acting(ada, ON))
    assert waiting(ada) == []
    later = ON + timedelta(days=14)
    batch = given_import(ada, later, WEEKLY)
    assert waiting(ada) == [] and batch.proposed == 0
    assert not MissionDay.objects.exists()


def test_what_was_left_out_may_be_put_back(ada: User, mission: Mission) -> None:
    given_import(ada, ON, WEEKLY)
    for answer, count in (("once", 1), ("ever", 3)):
        row = waiting(ada)[0]
        actions.leave_out(row, answer, **acting(ada, ON))
        assert len(waiting(ada)) == 3 - count
        actions.leave_out(row, "", **acting(ada, ON))
        assert len(waiting(ada)) == 3


# -- confirmed ---------------------------------------------------------------------------------
def test_the_chosen_become_days_by_the_usual_verb(ada: User, mission: Mission) -> None:
    given_import(ada, ON, POINT, event("q@x", TUESDAY, title="Congrès"))
    noted = confirm(ada)
    [day] = noted.days
    assert noted.refused == []
    assert (day.consultant, day.mission, day.worked_on) == (ada, mission, MONDAY)
    assert (day.moment, day.quantity, day.subject) == ("morning", Decimal("0.50"), "Point Coop'Epi")
    told = Event.objects.filter(model="missions.MissionDay", object_id=day.pk)
    assert told.count() == 1
    assert day.beneficiaries.get().coop == mission.coop
    assert titles(waiting(ada)) == ["Congrès"]
    with pytest.raises(Refused):
        confirm(ada)


def test_what_a_date_cannot_hold_is_refused_alone_and_goes_on_waiting(
    ada: User, mission: Mission
) -> None:
    given_day(ada, mission, TUESDAY, 1, validated=False, today=ON)
    given_import(ada, ON, POINT, event("q@x", TUESDAY, title="Epi encore"))
    actions.choose([row.pk for row in waiting(ada)], **acting(ada, ON))
    noted = confirm(ada)
    assert [day.worked_on for day in noted.days] == [MONDAY]
    [(row, missing)] = noted.refused
    assert row.title == "Epi encore" and missing[0].code == "quantity"
    assert titles(waiting(ada)) == ["Epi encore"] and waiting(ada)[0].is_chosen


def test_without_a_mission_it_is_refused_with_its_link(ada: User, mission: Mission) -> None:
    given_import(ada, ON, event("q@x", TUESDAY, title="Congrès"))
    actions.choose([row.pk for row in waiting(ada)], **acting(ada, ON))
    [(row, [missing])] = confirm(ada).refused
    assert (missing.code, missing.url) == ("mission", row.get_absolute_url())


def test_deleting_a_day_frees_its_event(ada: User, mission: Mission) -> None:
    given_import(ada, ON, POINT)
    [day] = confirm(ada).days
    with pytest.raises(Refused):
        actions.leave_out(rows(ada).get(), "ever", **acting(ada, ON))
    actions.delete_day(day, **acting(ada, ON))
    [row] = waiting(ada)
    actions.choose([row.pk], **acting(ada, ON))
    assert len(confirm(ada).days) == 1


def test_ticks_are_kept_and_only_on_what_is_mine_and_waits(
    ada: User, basile: User, mission: Mission
) -> None:
    given_import(ada, ON, POINT, event("q@x", TUESDAY, title="Congrès"))
    given_import(basile, ON, event("z@x", TUESDAY, title="Autre"))
    theirs = waiting(basile)[0]
    mine = waiting(ada)[1]
    assert actions.choose([mine.pk, theirs.pk, 10**6], **acting(ada, ON)) == 1
    assert [row.is_chosen for row in waiting(ada)] == [False, True]
    theirs.refresh_from_db()
    assert not theirs.is_chosen


# -- forgotten ---------------------------------------------------------------------------------
def test_what_nobody_answered_is_forgotten_and_may_be_proposed_again(
    ada: User, mission: Mission
) -> None:
    given_import(ada, ON, POINT, WEEKLY)
    actions.leave_out(waiting(ada)[0], "ever", **acting(ada, ON))
    assert actions.prune_calendars(**_daily(ON + timedelta(days=44))) == {}
    done = actions.prune_calendars(**_daily(ON + timedelta(days=46)))
    assert done == {"calendar_events_forgotten": 1, "calendar_words": 3}
    assert actions.prune_calendars(**_daily(ON + timedelta(days=46))) == {}
    assert waiting(ada) == [] and titles(rows(ada)) == ["Rendez-vous sans titre"] * 3
    batch = given_import(ada, ON + timedelta(days=46), POINT, WEEKLY)
    assert batch.proposed == 1


def test_a_closed_account_keeps_nothing_of_its_calendar(
    ada: User, farid: User, basile: User, mission: Mission
) -> None:
    other = person("Gaston Klein", "consultant")
    given_import(other, ON, POINT)
    given_import(ada, ON, POINT)
    deactivate(user=other, **acting(farid, ON))
    actions.prune_calendars(**_daily(ON))
    assert not rows(other).exists() and len(waiting(ada)) == 1


def _daily(on: date) -> dict[str, Any]:
    act = acting(User(), on)
    return {"on": act["on"], "at": act["at"]}


def test_the_daily_work_knows_of_it() -> None:
    assert actions.prune_calendars in hooks.daily.all()


def test_the_name_of_an_erased_person_leaves_every_calendar(
    ada: User, farid: User, basile: User, mission: Mission
) -> None:
    contact = given_contact("Émile Schmitt", email="emile@epi.test", by=basile)
    given_import(ada, ON, event("q@x", TUESDAY, title="Café avec EMILE Schmitt"), POINT)
    told = crm.export_person(contact, **acting(farid, ON))
    assert "Café" not in str(told)
    crm.erase_person(contact, reason="Demande du 25", **acting(farid, ON))
    assert titles(waiting(ada)) == ["Point Coop'Epi", "Rendez-vous sans titre"]


# -- the card ----------------------------------------------------------------------------------
CARD = Template("{% load missions_agenda %}{% agenda_card user today %}")


@pytest.mark.parametrize("count", [1, 12])
def test_the_card_says_how_many_wait_in_one_query(ada: User, mission: Mission, count: int) -> None:
    days = [MONDAY - timedelta(days=n) for n in range(count)]
    given_import(ada, ON, *(event(f"{n}@x", d, "0900-1100", "X") for n, d in enumerate(days)))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        shown = CARD.render(Context({"user": ada, "today": ON}))
    assert f"{count} rendez-vous" in shown and len(queries) == 1


def test_the_card_is_nothing_when_nothing_waits(ada: User, chloe: User) -> None:
    for who in (ada, chloe):
        assert "href" not in CARD.render(Context({"user": who, "today": ON}))
