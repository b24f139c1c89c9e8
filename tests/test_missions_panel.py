"""The missions of a coop on its page: days for all who see it, amounts for those who may."""

from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from crm.models import Coop
from essaim.models import User
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User) -> Coop:
    found = given_coop(owner=ada)
    given_day(ada, given_mission(given_agreement(found, rate=612)))
    return found


def panel(coop: Coop, user: Any) -> str:
    request = RequestFactory().get("/")
    request.user = user
    page = Template("{% load missions %}{% missions_panel coop %}")
    return page.render(Context({"request": request, "coop": coop}))


def test_the_office_reads_days_and_amounts_and_a_consultant_days_only(
    coop: Coop, ada: User, basile: User
) -> None:
    assert "612,00" in panel(coop, basile)
    assert "612" not in panel(coop, ada)
    assert "Accompagnement" in panel(coop, ada)


def test_the_panel_asks_as_many_queries_for_one_mission_and_for_ten(
    coop: Coop, basile: User
) -> None:
    panel(coop, basile)
    with CaptureQueriesContext(connection) as few:
        panel(coop, basile)
    for n in range(9):
        given_mission(given_agreement(coop), f"M{n}")
    with CaptureQueriesContext(connection) as many:
        panel(coop, basile)
    assert len(many) == len(few) <= 6
