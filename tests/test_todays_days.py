"""What a consultant finds on Aujourd’hui: the day to repeat and the days without a note."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from missions.actions import open_internal
from missions.hooks.core import days_that_wait
from tests.conftest import acting
from tests.given_missions import given_day

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


def reasons(user: Any, on: date = MONDAY) -> dict[str, Any]:
    return {r.code: r for r in days_that_wait(user, on=on, limit=20)}


def test_the_last_day_is_repeated_in_two_taps(ada: Any, basile: Any) -> None:
    mission = open_internal(title="Équipe", team=[ada], **acting(basile, date(2026, 11, 2)))
    given_day(ada, mission, on=date(2026, 11, 19), validated=False, today=MONDAY)
    repeat = reasons(ada)["repeat_day"]
    assert "Équipe" in repeat.title
    assert repeat.url == reverse("missions:log") + "?repeat=1"


def test_a_day_already_noted_today_is_not_proposed_again(ada: Any, basile: Any) -> None:
    mission = open_internal(title="Équipe", team=[ada], **acting(basile, date(2026, 11, 2)))
    given_day(ada, mission, on=MONDAY, validated=False, today=MONDAY)
    assert "repeat_day" not in reasons(ada)


def test_working_days_without_a_note_are_named(ada: Any, basile: Any) -> None:
    mission = open_internal(title="Équipe", team=[ada], **acting(basile, date(2026, 11, 2)))
    for day in (9, 10, 12, 13, 16, 17, 18, 20):
        given_day(ada, mission, on=date(2026, 11, day), validated=False, today=MONDAY)
    holes = reasons(ada)["days_without_note"].title
    assert "19/11" in holes
    # 11 November is a holiday, the 14th and 15th a week-end.
    assert not any(day in holes for day in ("11/11", "14/11", "15/11", "18/11"))


def test_somebody_who_never_noted_a_day_is_left_alone(ada: Any) -> None:
    assert reasons(ada) == {}
