"""What missions answer to accompaniments, timelines and « Aujourd'hui »."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.models import Accompaniment, Coop
from essaim import hooks
from essaim.models import User
from essaim.workflow import missing
from missions import actions
from missions.models import Mission, MissionDay
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada)


@pytest.fixture
def accompaniment(coop: Coop) -> Accompaniment:
    return Accompaniment.objects.get(coop=coop)


def bars(accompaniment: Any, by: User, on: date) -> list[Any]:
    found = missing(accompaniment, "finish", by=by, on=on)
    return [m for m in found if m.code == "open_mission"]


def test_an_open_mission_bars_the_end_with_a_link(
    accompaniment: Accompaniment, coop: Coop, basile: User, today: date
) -> None:
    assert not bars(accompaniment, basile, today)
    mission = given_mission(given_agreement(coop))
    found = bars(accompaniment, basile, today)
    assert [m.url for m in found] == [mission.get_absolute_url()]
    actions.end_mission(mission, **acting(basile, today))
    assert not bars(accompaniment, basile, today)


def test_a_waiting_start_up_day_bars_the_end(
    accompaniment: Accompaniment, coop: Coop, ada: User, basile: User, today: date
) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    given_day(ada, start_up, validated=False)
    assert len(bars(accompaniment, basile, today)) == 1


def test_a_mission_out_of_sight_bars_without_its_name(
    accompaniment: Accompaniment, coop: Coop, today: date
) -> None:
    given_mission(given_agreement(coop), "Secret")
    stranger = person("Léo Bach", "consultant")
    (found,) = bars(accompaniment, stranger, today)
    assert "Secret" not in str(found.text)
    assert found.url == ""


def test_an_abandonment_decides_each_open_mission(
    accompaniment: Accompaniment, coop: Coop, basile: User, today: date
) -> None:
    missions = [given_mission(given_agreement(coop), title) for title in ("A", "B", "C")]
    (provider,) = [p for p in hooks.loose_ends.all() if type(p).__name__ == "Missions"]
    ends = provider.find(accompaniment, user=basile)
    assert [e.key for e in ends] == [f"mission-{m.pk}" for m in reversed(missions)]
    for mission, choice in zip(missions, ("close", "cancel", "keep"), strict=True):
        key = f"mission-{mission.pk}"
        assert provider.settle(accompaniment, key, choice, **acting(basile, today))
    assert not provider.settle(accompaniment, "invoice-1", "keep", **acting(basile, today))
    states = [m.state for m in Mission.objects.filter(kind="agreement").order_by("title")]
    assert states == ["done", "cancelled", "open"]


def test_the_timeline_is_read_in_pieces_without_a_hole_or_a_double(
    coop: Coop, ada: User, basile: User, today: date, django_assert_num_queries: Any
) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    for n in range(6):
        for moment in ("morning", "evening"):
            given_day(
                ada, start_up, today - timedelta(days=n), "0.5", moment=moment, validated=False
            )
    (provider,) = hooks.timeline.of("day")
    seen: list[int] = []
    before: Any = None
    while True:
        with django_assert_num_queries(1):
            rows = provider(coop, user=basile, before=before, limit=5)
        if not rows:
            break
        seen += [r.key for r in rows]
        before = (rows[-1].at, "day", rows[-1].key)
    assert len(seen) == len(set(seen)) == 12
    later = (datetime(2026, 11, 23, 12, tzinfo=UTC), "note", 1)
    assert len(provider(coop, user=basile, before=later, limit=50)) == 12
    assert not provider(coop, user=person("Léo", "consultant"), before=None, limit=5)


def reasons(user: User, on: date) -> list[str]:
    found = [
        p(user, on=on, limit=20)
        for p in hooks.work_reasons.all()
        if p.__module__ == "missions.hooks.core"
    ]
    own = {"repeat_day", "days_without_note"}  # told in tests/test_todays_days.py
    return [r.code for rows in found for r in rows if r.code not in own]


def test_today_says_what_waits_for_whom(coop: Coop, ada: User, basile: User, today: date) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    ines = person("Inès Roy", "consultant")
    given_day(ada, start_up, today - timedelta(days=8), validated=False, pair=ines)
    assert reasons(ada, today) == ["week_not_sent"]
    assert reasons(ines, today) == ["day_proposed"]
    assert reasons(basile, today) == []
    actions.submit_days(MissionDay.objects.filter(consultant=ada), **acting(ada, today))
    assert reasons(basile, today) == ["days_to_validate"]
    assert reasons(ada, today) == []
