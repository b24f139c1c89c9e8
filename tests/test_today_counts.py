"""Aujourd'hui counts things everywhere: its first tab says what its sections say together."""

import re
from datetime import date

import pytest
from django.utils import timezone

from crm.actions import add_task
from essaim.models import User
from missions import actions
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_missions import given_day, given_mission

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> date:
    return timezone.localdate()


def test_the_first_tab_and_the_sections_count_the_same_things(
    ada: User, basile: User, now: date
) -> None:
    team = given_mission(title="Équipe", team=[ada], by=basile, on=now)
    quarters = [
        given_day(ada, team, now, "0.25", validated=False, today=now, by=basile) for _n in range(3)
    ]
    actions.submit_days(quarters, **acting(ada, now))
    coop = given_coop(owner=basile, by=basile, on=now)
    add_task(coop=coop, what="Rappeler", due_on=now, **acting(basile, now))
    answer = signed_in(basile).get("/")
    _label, _url, is_current, total = answer.context["tabs"][0]
    sections = [int(re.sub(r"\D", "", part.count)) for part in answer.context["parts"]]
    lines = sum(len(part.lines) for part in answer.context["parts"])
    assert is_current
    # Three days to validate are one line and three things.
    assert sum(sections) == int(total) == lines + 2


def test_what_the_cards_tell_is_told_once(ada: User, now: date) -> None:
    team = given_mission(title="Équipe", team=[ada], on=now)
    page = signed_in(ada).get("/").content.decode()
    assert "Répéter" not in page
    given_day(ada, team, date(now.year - 1, 12, 1), validated=False, today=now)
    page = signed_in(ada).get("/").content.decode()
    assert page.count("Répéter") == 1
    assert page.count("sans rien de noté") == 1
    assert "Rien noté" not in page
