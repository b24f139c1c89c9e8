"""A colleague leaves: what they hold goes to others in one action, what they did stays theirs."""

from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied

from crm import actions
from crm.models import Task
from essaim import hooks, people
from essaim.handing import hand_over, held_by
from essaim.models import Event, User
from essaim.workflow import Refused
from invoicing.models import Invoice
from missions.models import MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_accompaniment
from tests.given_grants import given_application
from tests.given_invoicing import client_of, given_invoice
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


def act(user: User) -> dict[str, Any]:
    return acting(user, ON)


@pytest.fixture
def leaving(basile: User, chloe: User) -> User:
    """Léa accompanies a coop, helps another, logs days, follows an application, drafts."""
    lea = person("Léa Adam", "consultant", "coordinator", "accountant")
    own = given_accompaniment("La Musette", owner=lea, by=basile)
    other = given_accompaniment("Le Ried", owner=basile, by=basile)
    actions.assign(other, owner=basile, team=[lea], **act(basile))
    actions.add_task(coop=own.coop, what="Rappeler", owner=lea, **act(basile))
    agreement = given_agreement(own.coop, by=basile, on=ON)
    mission = given_mission(agreement, team=[lea], by=basile, on=ON)
    given_day(lea, mission, date(2026, 11, 2), today=ON, by=basile)
    given_day(lea, mission, date(2026, 11, 3), validated=False, today=ON)
    given_application(own.coop, by=lea)
    given_invoice(client=client_of(own.coop), issued=False, by=lea)
    given_invoice(client=client_of(own.coop), by=lea)
    return lea


def test_what_is_held_is_told_kind_by_kind(leaving: User) -> None:
    told = {h.code: h.count for h in held_by(leaving)}
    assert told == {
        "coops": 1,
        "teams": 1,
        "tasks": 1,
        "missions": 1,
        "days": 1,
        "applications": 1,
        "drafts": 1,
    }


def test_an_account_is_not_closed_while_it_holds_something(leaving: User, farid: User) -> None:
    address = f"/reglages/personnes/{leaving.pk}/fermer/"
    browser = signed_in(farid)
    assert "disabled" in browser.get(address).content.decode()
    answer = browser.post(address)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Coops suivies" in shown and f"/reglages/transmettre/{leaving.pk}/" in shown
    leaving.refresh_from_db()
    assert leaving.is_active


def test_one_action_hands_everything_over_and_closes_the_account(
    leaving: User, basile: User, chloe: User
) -> None:
    boss = person("Zoé Admin", "administrator", "coordinator")
    theirs = signed_in(leaving)
    assert theirs.get("/").status_code == 200
    address = f"/reglages/transmettre/{leaving.pk}/"
    browser = signed_in(boss)
    data = {"everything": basile.pk, "to_drafts": chloe.pk, "close": "on"}
    preview = browser.post(address, data)
    assert preview.status_code == 200
    assert "Basile Roth" in preview.content.decode()
    assert held_by(leaving)
    answer = browser.post(address, {**data, "sure": "on"})
    assert answer.status_code == 302
    assert held_by(leaving) == []
    leaving.refresh_from_db()
    assert not leaving.is_active
    assert theirs.get("/").status_code == 302
    keys = [s.get_decoded().get("_auth_user_id") for s in Session.objects.all()]
    assert str(leaving.pk) not in keys
    assert Task.objects.get().owner == basile
    assert Invoice.objects.get(state="draft").created_by == chloe
    assert Invoice.objects.get(state="issued").created_by == leaving
    assert {d.consultant for d in MissionDay.objects.all()} == {leaving}
    assert MissionDay.objects.get(worked_on=date(2026, 11, 3)).state == "submitted"
    told = Event.objects.get(verb="essaim.User.hand_over").codes["given"]
    assert told["coops"] == 1 and told["drafts"] == 1


def test_nothing_is_handed_to_somebody_who_may_not_hold_it(
    leaving: User, basile: User, chloe: User, dina: User, ada: User
) -> None:
    closed = person("Wanda Closed", "coordinator")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    closed.refresh_from_db()
    for to in (chloe, dina, closed, leaving):
        with pytest.raises(Refused):
            hand_over(user=leaving, to={"coops": to, "tasks": to}, **act(basile))
    with pytest.raises(Refused):
        hand_over(user=leaving, to={}, **act(basile))
    with pytest.raises(PermissionDenied):
        hand_over(user=leaving, to={"coops": basile}, **act(ada))
    assert {h.code for h in held_by(leaving)} >= {"coops", "tasks"}


def test_an_administrator_alone_does_not_send_the_days_of_somebody_else(
    leaving: User, basile: User, farid: User
) -> None:
    with pytest.raises(Refused) as refused:
        hand_over(user=leaving, to={"days": basile, "tasks": basile}, **act(farid))
    assert [m.code for m in refused.value.missing] == ["days"]
    assert Task.objects.get().owner == leaving
    with pytest.raises(Refused):
        people.leave(user=leaving, to={"tasks": basile}, close=True, **act(farid))
    leaving.refresh_from_db()
    assert leaving.is_active
    assert Task.objects.get().owner == leaving


def test_every_room_answers_for_what_its_people_hold() -> None:
    rooms = {type(answer).__module__.split(".")[0] for answer in hooks.hand_overs.all()}
    assert rooms == {"crm", "missions", "grants", "invoicing"}
