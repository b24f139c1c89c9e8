"""In whatever order days are validated and sent back, shares make the day under the caps."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from essaim.models import User
from essaim.money import cents
from essaim.workflow import Refused
from missions import actions
from missions.actions import ShareLine
from missions.models import DayShare, MissionDay
from tests.conftest import acting, person
from tests.given_crm import given_coop, given_organisation
from tests.given_missions import TODAY, given_agreement, given_envelope, given_mission

D = Decimal
QUANTITIES = st.sampled_from([D("1"), D("0.75"), D("0.5"), D("0.25")])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["log", "validate", "validate", "reject"]), QUANTITIES, st.integers(0, 30)
    ),
    min_size=4,
    max_size=10,
)


class SharesAlwaysMakeTheDay(TestCase):
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        steps=STEPS,
        rate=st.decimals("1", "1500", places=2),
        percent=st.sampled_from([D("33.33"), D("50"), D("60"), D("99.99")]),
        cap=st.decimals("0", "2000", places=2),
        quota=st.sampled_from([D("0.25"), D("1"), D("2.5")]),
    )
    def test_sums_and_caps_hold_in_any_order(
        self, steps: Any, rate: Decimal, percent: Decimal, cap: Decimal, quota: Decimal
    ) -> None:
        ada, basile = person("Ada", "consultant"), person("Basile", "coordinator")
        coop = given_coop(owner=ada, by=basile)
        city = given_organisation("Ville", by=basile)
        region = given_organisation("Région", by=basile)
        envelope = given_envelope(region, quota, rate, by=basile)
        rest = D(100) - percent
        lines = [
            ShareLine(payer=city, percent=percent, cap_eur=cap, priority=1),
            ShareLine(payer=region, percent=rest, basis="grant", envelope=envelope, priority=2),
            ShareLine(payer=coop.organisation, percent=D(0), takes_remainder=True, priority=3),
        ]
        agreement = given_agreement(coop, rate=rate, days=None, shares=lines, by=basile)
        mission = given_mission(agreement, team=[ada], by=basile)
        played: list[MissionDay] = []
        for step, quantity, pick in steps:
            play(step, quantity, pick, played, mission, ada, basile)
            check(agreement, rate, cap, quota, city, envelope)


def play(
    step: str,
    quantity: Decimal,
    pick: int,
    played: list[MissionDay],
    mission: Any,
    ada: User,
    basile: User,
) -> None:
    own, office = acting(ada, TODAY), acting(basile, TODAY)
    if step == "log":
        on: date = TODAY - timedelta(days=len(played))
        played.append(actions.log_day(mission=mission, worked_on=on, quantity=quantity, **own))
        return
    if not played:
        return
    day = MissionDay.objects.get(pk=played[pick % len(played)].pk)
    if step == "reject":
        if day.state == "validated":
            actions.reject(day, why="x", **office)
        else:
            with pytest.raises(Refused):
                actions.validate(day, **office)
        return
    if day.state == "logged":
        actions.submit_days([day], **own)
    if day.state != "validated":
        actions.validate(day, **office)


def check(
    agreement: Any, rate: Decimal, cap: Decimal, quota: Decimal, city: Any, envelope: Any
) -> None:
    for day in MissionDay.objects.filter(mission__agreement=agreement):
        shares = list(day.shares.all())
        if day.state != "validated":
            assert not shares
            continue
        assert sum(s.amount for s in shares) == cents(rate * day.quantity)
        assert sum(s.days for s in shares) == day.quantity
        assert len({s.funding_share_id for s in shares}) == len(shares)
    taken = DayShare.objects.filter(payer=city).aggregate(s=Sum("amount"))["s"] or D(0)
    assert cents(taken) <= cap
    drawn = DayShare.objects.filter(envelope=envelope).aggregate(s=Sum("days"))["s"] or D(0)
    assert D(drawn).quantize(D("0.0001")) <= quota
