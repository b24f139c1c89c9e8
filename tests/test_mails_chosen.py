"""Mails to colleagues: each chooses which come and when, and reads them in their own language."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from crm import actions
from crm.actions.reminders import remind_tasks
from essaim.mails import KINDS, Pace, comes, kinds_for
from essaim.models import OutboxMessage, User
from essaim.my_account import choose_mails
from essaim.workflow import Refused
from grants import reminders
from invoicing.actions import holding
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_grants import given_applicant, given_application, given_call, given_programme
from tests.given_receivables import DUE, given_late

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
ONE = timedelta(days=1)
CHOICES = "/compte/courriels/"


def instant(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 5, tzinfo=UTC)


def told(on: date) -> int:
    return remind_tasks(on=on, at=instant(on))["tasks_told"]


def reminded(on: date) -> int:
    return reminders.send(on=on, at=instant(on))["deadlines_reminded"]


def choose(user: User, **paces: str) -> None:
    choose_mails(paces=paces, **acting(user, MONDAY))


@pytest.fixture
def coop(ada: User, basile: User) -> Any:
    return given_coop(owner=ada, by=basile)


def test_every_mail_comes_every_day_unless_one_chose_otherwise(ada: User) -> None:
    assert all(comes(ada, kind.code, on=MONDAY + ONE) for kind in KINDS)
    choose(ada, tasks="weekly", deadlines="never")
    days = [MONDAY + n * ONE for n in range(7)]
    assert [comes(ada, "tasks", on=day) for day in days] == [True] + [False] * 6
    assert not any(comes(ada, "deadlines", on=day) for day in days)
    assert all(comes(ada, "coming_reminders", on=day) for day in days)


@pytest.mark.parametrize(
    "paces", [{"tasks": "hourly"}, {"invitation": "never"}, {"coming_reminders": "weekly"}]
)
def test_what_is_not_offered_is_refused(ada: User, paces: dict[str, str]) -> None:
    with pytest.raises(Refused):
        choose(ada, **paces)
    ada.refresh_from_db()
    assert ada.mails == {}


def test_of_a_monday_one_learns_the_tasks_of_the_week_once(coop: Any, ada: User) -> None:
    choose(ada, tasks="weekly")
    for gap in (0, 3, 6, 7):
        what, due = f"Tâche {gap}", MONDAY + gap * ONE
        actions.add_task(coop=coop, what=what, due_on=due, **acting(ada, MONDAY))
    assert told(MONDAY) == 3
    assert [told(MONDAY + n * ONE) for n in range(1, 7)] == [0] * 6
    # The one of that Monday, and those of the week before that are late by now.
    assert told(MONDAY + 7 * ONE) == 3
    first, second = OutboxMessage.objects.filter(to=ada.email).order_by("pk")
    assert "Tâche 6" in first.body and "Tâche 7" not in first.body
    assert "En retard" not in first.body and "En retard" in second.body


def test_of_a_monday_one_learns_the_deadlines_of_the_week(basile: User) -> None:
    choose(basile, deadlines="weekly")
    deadline = datetime(2026, 12, 31, 10, tzinfo=UTC)
    programme = given_programme()
    call = given_call(programme, deadline=deadline)
    given_application(given_applicant(), programme, state="drafting", call=call, owner=basile)
    days = [date(2026, 11, 16) + n * ONE for n in range(50)]
    found = [day for day in days if reminded(day)]
    # 30, 14, 7 and 2 days before fall on 1, 17, 24 and 29 December.
    assert found == [date(2026, 11, 30), date(2026, 12, 14), date(2026, 12, 21), date(2026, 12, 28)]


def test_never_means_never(coop: Any, ada: User) -> None:
    choose(ada, tasks="never")
    actions.add_task(coop=coop, what="Relire", due_on=MONDAY, **acting(ada, MONDAY))
    assert [told(MONDAY + n * ONE) for n in range(10)] == [0] * 10
    choose(ada, tasks="daily")
    assert told(MONDAY + 10 * ONE) == 1


def test_a_mail_leads_to_each_task_and_to_the_choices(coop: Any, ada: User) -> None:
    task = actions.add_task(coop=coop, what="Relire", due_on=MONDAY, **acting(ada, MONDAY))
    told(MONDAY)
    body = OutboxMessage.objects.get(to=ada.email).body
    page = reverse("crm:task", args=(task.pk,))
    for address in (page, CHOICES):
        assert f"{django_settings.PUBLIC_URL}{address}" in body
        assert signed_in(ada).get(address).status_code == 200


def test_a_colleague_is_written_to_in_their_language(coop: Any, ada: User) -> None:
    ada.language = "en"
    ada.save()
    actions.add_task(coop=coop, what="Relire le bail", due_on=MONDAY, **acting(ada, MONDAY))
    told(MONDAY)
    mail = OutboxMessage.objects.get(to=ada.email)
    assert mail.subject == "1 task to do"
    assert "Hello Ada," in mail.body and "Relire le bail" in mail.body
    assert "Bonjour" not in mail.body and "23/11/2026" in mail.body


def test_a_coming_reminder_is_told_to_those_who_want_it(basile: User) -> None:
    second = person("Bruno Haas", "coordinator")
    choose(basile, coming_reminders="never")
    second.language = "en"
    second.save()
    given_late()
    days = [DUE + n * ONE for n in range(20)]
    assert sum(holding.announce(on=day, at=instant(day)) for day in days) > 0
    assert not OutboxMessage.objects.filter(to=basile.email).exists()
    mail = OutboxMessage.objects.filter(to=second.email).first()
    assert mail is not None and mail.subject == "Reminders about to leave"
    assert CHOICES in mail.body


def test_the_page_shows_and_keeps_ones_choices(ada: User, dina: User) -> None:
    browser = signed_in(ada)
    page = browser.get(CHOICES).content.decode()
    assert page.count('type="radio"') == sum(len(kind.choices) for kind in kinds_for(ada))
    wanted = {kind.code: Pace.NEVER.value for kind in kinds_for(ada)}
    assert browser.post(CHOICES, wanted)["Location"] == "/compte/"
    ada.refresh_from_db()
    assert ada.mails == wanted
    shown = browser.get(CHOICES).context["form"]
    assert {name: shown[name].value() for name in wanted} == wanted
    assert browser.post(CHOICES, wanted | {"tasks": "x"}).status_code == 422
    assert 'type="radio"' not in signed_in(dina).get(CHOICES).content.decode()


def test_an_invitation_speaks_the_language_chosen_for_it(farid: User) -> None:
    data = {"email": "eve@essaim.test", "name": "Eve Hall", "roles": ["consultant"]}
    address = reverse("user_invite")
    assert signed_in(farid).post(address, data | {"language": "de"}).status_code == 422
    assert signed_in(farid).post(address, data | {"language": "en"}).status_code == 302
    mail = OutboxMessage.objects.get(to="eve@essaim.test")
    assert mail.subject == "You are invited to Essaim" and "Choose your password" in mail.body
    assert User.objects.get(email="eve@essaim.test").language == "en"
    signed_in(farid).post(address, data | {"email": "luc@essaim.test", "name": "Luc"})
    assert "invité" in OutboxMessage.objects.get(to="luc@essaim.test").subject


def test_a_forgotten_password_is_answered_in_the_language_of_whose_it_is(
    ada: User, basile: User, mailoutbox: Any
) -> None:
    User.objects.filter(pk=ada.pk).update(language="en")
    for user in (ada, basile):
        Client().post(reverse("account_reset_password"), {"email": user.email})
    english, french = (mail.body for mail in mailoutbox)
    assert "password" in english and "mot de passe" not in english
    assert "mot de passe" in french
