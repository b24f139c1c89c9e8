"""A form sent twice is recorded once, and answered as the first time."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Coop
from essaim.form_keys import KEPT
from essaim.form_tokens import SPACE
from essaim.models import FormKey, User
from missions import actions
from missions.models import Mission, MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
LOG = "/journees/noter/"
KEY = re.compile(r'name="form_key" value="([^"]+)"')


@pytest.fixture
def now() -> date:
    return timezone.localdate()


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada, on=date(2026, 1, 5))


@pytest.fixture
def mission(coop: Coop, ada: User, now: date) -> Mission:
    return given_mission(given_agreement(coop, days=20, on=now), team=[ada], on=now)


def keys_in(answer: Any) -> list[str]:
    return KEY.findall(answer.content.decode())


def main_key(browser: Client, address: str) -> str:
    """The key of the form the page is about: the last of the page, after those of menus."""
    page = browser.get(address).content.decode()
    start = page.index("<main")
    found = KEY.search(page, page.index("data-once", start))
    assert found
    return found[1]


def typed(mission: Mission, on: date, **more: Any) -> dict[str, Any]:
    day = {"worked_on": on.isoformat(), "mission": mission.pk, "moment": "morning"}
    return {**day, "work": "on_site", **more}


# -- once -------------------------------------------------------------------------------------


def test_a_double_click_records_one_day_and_gives_the_same_answer(
    ada: User, mission: Mission, now: date
) -> None:
    browser = signed_in(ada)
    data = typed(mission, now, form_key=main_key(browser, LOG))
    first, second = browser.post(LOG, data), browser.post(LOG, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert MissionDay.objects.count() == 1
    assert "déjà enregistré" in browser.get(second["Location"]).content.decode()


def test_two_forms_record_two_days(ada: User, mission: Mission, now: date) -> None:
    browser = signed_in(ada)
    for _time in range(2):
        key = main_key(browser, LOG)
        assert browser.post(LOG, typed(mission, now, form_key=key)).status_code == 302
    assert MissionDay.objects.count() == 2


def test_a_form_without_a_key_goes_on_working(ada: User, mission: Mission, now: date) -> None:
    browser = signed_in(ada)
    browser.post(LOG, typed(mission, now))
    browser.post(LOG, typed(mission, now))
    assert (MissionDay.objects.count(), FormKey.objects.count()) == (2, 0)


def test_a_forged_key_is_no_key(ada: User, mission: Mission, now: date) -> None:
    browser = signed_in(ada)
    key = main_key(browser, LOG)[:-2] + "xx"
    assert browser.post(LOG, typed(mission, now, form_key=key)).status_code == 302
    assert FormKey.objects.count() == 0


def test_what_was_deleted_by_the_first_click_leads_on_at_the_second(
    ada: User, mission: Mission, now: date
) -> None:
    browser = signed_in(ada)
    address = reverse(
        "missions:day_delete", args=(given_day(ada, mission, now, validated=False, today=now).pk,)
    )
    key = main_key(browser, address)
    answers = [browser.post(address, {"form_key": key}) for _time in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_the_chosen_rows_of_a_list_are_moved_once_and_others_may_follow(
    ada: User, basile: User, mission: Mission, now: date
) -> None:
    rows = [given_day(ada, mission, now, "0.5", validated=False, today=now) for _time in "ab"]
    actions.submit_days(rows, **acting(ada, now))
    browser, address = signed_in(basile), reverse("missions:validate")
    key = main_key(browser, f"{address}?pk={rows[0].pk}")
    for row in rows:
        page = browser.get(f"{address}?pk={row.pk}").content.decode()
        seen = re.findall(r'name="seen" value="([^"]+)"', page)
        data = {"pk": row.pk, "seen": seen, "confirm": "1", "form_key": key}
        assert [browser.post(address, data).status_code for _time in range(2)] == [302, 302]
    assert MissionDay.objects.filter(state="validated").count() == 2


# -- after the back button --------------------------------------------------------------------


def test_another_content_under_the_same_key_asks_first(
    ada: User, mission: Mission, now: date
) -> None:
    browser = signed_in(ada)
    key = main_key(browser, LOG)
    led_to = browser.post(LOG, typed(mission, now, form_key=key, subject="Bail"))["Location"]
    answer = browser.post(LOG, typed(mission, now, form_key=key, subject="Budget"))
    page = answer.content.decode()
    at = timezone.localtime(FormKey.objects.get().sent_at)
    assert answer.status_code == 409
    assert f"déjà été envoyée à {at:%H:%M}" in page
    assert f'href="{led_to}"' in page
    assert 'value="Budget"' in page
    assert MissionDay.objects.count() == 1
    # One more click, under the new key of that page, records it on purpose.
    new = keys_in(answer)[-1]
    assert new != key
    again = browser.post(LOG, typed(mission, now, form_key=new, subject="Budget"))
    assert again.status_code == 302
    assert set(MissionDay.objects.values_list("subject", flat=True)) == {"Bail", "Budget"}


def test_a_refused_form_uses_no_key_and_keeps_it(ada: User, mission: Mission, now: date) -> None:
    browser = signed_in(ada)
    key = main_key(browser, LOG)
    answer = browser.post(LOG, typed(mission, now, form_key=key, work=""))
    assert answer.status_code == 422
    assert key in keys_in(answer)
    assert FormKey.objects.count() == 0
    assert browser.post(LOG, typed(mission, now, form_key=key)).status_code == 302
    assert FormKey.objects.get().user == ada


def test_a_form_opened_by_another_person_is_not_sent(
    ada: User, mission: Mission, now: date
) -> None:
    key = main_key(signed_in(ada), LOG)
    ines = person("Inès Roy", "consultant")
    answer = signed_in(ines).post(LOG, typed(mission, now, form_key=key))
    assert answer.status_code == 409
    assert "une autre personne" in answer.content.decode()
    assert MissionDay.objects.count() == 0


def test_old_keys_are_forgotten_by_the_work_of_the_day(ada: User) -> None:
    now = timezone.now()
    for age in (KEPT + timedelta(days=1), KEPT - timedelta(days=1)):
        FormKey.objects.create(
            uuid=SPACE if age > KEPT else KEY_KEPT, user=ada, path="/", sent_at=now - age, digest=""
        )
    told = StringIO()
    call_command("daily", stdout=told)
    assert "form_keys: 1\n" in told.getvalue()
    assert [row.uuid for row in FormKey.objects.all()] == [KEY_KEPT]


KEY_KEPT = SPACE.__class__(int=SPACE.int + 1)


# -- at once ----------------------------------------------------------------------------------


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_instant_record_one_day(
    ada: User, mission: Mission, now: date, closing: None
) -> None:
    browsers = [signed_in(ada) for _time in range(4)]
    data = typed(mission, now, form_key=main_key(browsers[0], LOG))
    ready = Barrier(len(browsers))

    def click(browser: Client) -> tuple[int, str]:
        try:
            ready.wait(timeout=30)
            answer = browser.post(LOG, data)
            return answer.status_code, answer.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(browsers)) as hands:
        answers = set(hands.map(click, browsers))
    assert len(answers) == 1
    assert answers.pop()[0] == 302
    assert (MissionDay.objects.count(), FormKey.objects.count()) == (1, 1)
