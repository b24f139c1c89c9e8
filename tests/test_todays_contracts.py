"""What expenses, envelopes and quotes say of today: to whom, how often, in how many questions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from essaim.hooks import WorkReason
from essaim.models import User
from missions.actions import ShareLine
from missions.models import Mission
from missions.today import envelopes_near_quota, expenses_to_validate, quotes_about_to_expire
from tests.conftest import signed_in
from tests.given_contracts import given_quote
from tests.given_crm import given_coop
from tests.given_expenses import given_expense
from tests.given_invoicing import client_of, given_client
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

pytestmark = pytest.mark.django_db


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    coop = given_coop(owner=ada, by=basile)
    return given_mission(given_agreement(coop, client_of(coop), by=basile), team=[ada], by=basile)


def codes(found: list[WorkReason]) -> list[tuple[str, str]]:
    return [(r.code, r.tone) for r in found]


def test_expenses_sent_wait_for_a_coordinator(
    mission: Mission, ada: User, basile: User, chloe: User, today: date
) -> None:
    given_expense(ada, mission, state="logged")
    assert expenses_to_validate(basile, on=today, limit=9) == []
    for gross in (30, 40):
        given_expense(ada, mission, gross, state="submitted")
    (reason,) = expenses_to_validate(basile, on=today, limit=9)
    assert reason.title == "2 frais à valider"
    page = signed_in(basile).get(reason.url).content.decode()
    assert page.count("Strasbourg – Colmar") >= 2
    for other in (ada, chloe):
        assert expenses_to_validate(other, on=today, limit=9) == []


def test_an_envelope_calls_at_nine_tenths_and_past_its_quota(
    ada: User, basile: User, chloe: User, today: date
) -> None:
    envelope = given_envelope(given_client("Département"), quota=1, by=basile)
    given_envelope(given_client("Région"), quota=1, by=basile)
    coop = given_coop(owner=ada, by=basile)
    shares = [ShareLine(payer=envelope.payer, percent=Decimal(100), envelope=envelope)]
    agreement = given_agreement(coop, client_of(coop), 600, None, shares, by=basile)
    mission = given_mission(agreement, team=[ada], by=basile)
    given_day(ada, mission, today - timedelta(days=5), quantity="0.75", by=basile)
    assert envelopes_near_quota(basile, on=today, limit=9) == []
    given_day(ada, mission, today - timedelta(days=4), quantity="0.25", by=basile)
    (near,) = envelopes_near_quota(basile, on=today, limit=9)
    assert (near.tone, near.url) == ("warn", envelope.get_absolute_url())
    envelope.quota_days = Decimal("0.5")
    envelope.save()
    assert codes(envelopes_near_quota(basile, on=today, limit=9)) == [("envelope_quota", "bad")]
    assert envelopes_near_quota(chloe, on=today, limit=9) == []
    # Last year's envelope calls nobody.
    assert envelopes_near_quota(basile, on=date(today.year + 1, 1, 1), limit=9) == []


def test_a_quote_calls_in_its_last_week(basile: User, ada: User, today: date) -> None:
    client = given_client("La Musette")
    for days in (0, 7, 8):
        given_quote(
            client, valid_until=today + timedelta(days=days), state="sent", by=basile, on=today
        )
    given_quote(client, valid_until=today, by=basile, on=today)
    found = quotes_about_to_expire(basile, on=today, limit=9)
    assert [r.due_on for r in found] == [today, today + timedelta(days=7)]
    # The day after, it has expired.
    later = quotes_about_to_expire(basile, on=today + timedelta(days=1), limit=9)
    assert [r.due_on for r in later] == [today + timedelta(days=d) for d in (7, 8)]
    assert quotes_about_to_expire(ada, on=today, limit=9) == []
    assert len(quotes_about_to_expire(basile, on=today, limit=1)) == 1


def test_each_asks_the_same_of_few_and_of_many(
    mission: Mission,
    ada: User,
    basile: User,
    today: date,
    django_assert_num_queries: Any,
) -> None:
    for count in (2, 5):
        for rank in range(count):
            client = given_client(f"Client {count} {rank}")
            given_quote(client, valid_until=today, state="sent", by=basile, on=today)
            given_envelope(client, by=basile)
            given_expense(ada, mission, 10 + rank, state="submitted")
        with django_assert_num_queries(1):
            assert expenses_to_validate(basile, on=today, limit=9)
        with django_assert_num_queries(2):
            envelopes_near_quota(basile, on=today, limit=9)
        # The threshold is read from its table as well.
        with django_assert_num_queries(2):
            assert quotes_about_to_expire(basile, on=today, limit=9)


def test_today_shows_them(mission: Mission, ada: User, basile: User) -> None:
    given_expense(ada, mission, state="submitted")
    page = signed_in(basile).get(reverse("today")).content.decode()
    assert "1 frais à valider" in page
