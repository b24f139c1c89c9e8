"""A day is kept as it really was; only the future and more than 1.5 day a date are refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import Coop
from essaim.models import User
from essaim.workflow import Refused
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
def start_up(coop: Coop) -> Mission:
    return Mission.objects.get(coop=coop, kind="start_up")


def log(by: User, mission: Mission, on: date, **fields: Any) -> MissionDay:
    today = fields.pop("today", on)
    return actions.log_day(mission=mission, worked_on=on, **fields, **acting(by, today))


def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def test_each_accompaniment_begins_with_its_start_up_mission(coop: Coop) -> None:
    missions = Mission.objects.filter(coop=coop)
    assert [m.kind for m in missions] == ["start_up"]


def test_a_coop_taken_over_has_its_start_up_mission_too(ada: User) -> None:
    taken = given_coop("La Musette", owner=ada, stage="collective")
    assert Mission.objects.filter(coop=taken, kind="start_up").count() == 1


def test_the_moment_proposes_the_quantity(ada: User, start_up: Mission, today: date) -> None:
    assert log(ada, start_up, today, moment="evening").quantity == Decimal("0.5")
    assert log(ada, start_up, today, moment="full_day").quantity == 1


def test_a_third_half_day_in_the_evening_is_kept(ada: User, start_up: Mission, today: date) -> None:
    for moment in ("morning", "afternoon", "evening"):
        log(ada, start_up, today, moment=moment)
    assert MissionDay.objects.count() == 3


def test_more_than_one_and_a_half_day_on_a_date_is_refused(
    ada: User, start_up: Mission, today: date
) -> None:
    log(ada, start_up, today)
    with pytest.raises(Refused) as refused:
        log(ada, start_up, today, quantity=Decimal("0.75"))
    assert codes(refused) == ["quantity"]
    assert MissionDay.objects.count() == 1


@pytest.mark.parametrize("quantity", ["1.75", "0.3", "0", "-1"])
def test_a_quantity_that_is_no_quarter_is_refused(
    ada: User, start_up: Mission, today: date, quantity: str
) -> None:
    with pytest.raises(Refused) as refused:
        log(ada, start_up, today, quantity=Decimal(quantity))
    assert "quantity" in codes(refused)
    assert not MissionDay.objects.exists()


def test_tomorrow_is_refused(ada: User, start_up: Mission, today: date) -> None:
    with pytest.raises(Refused) as refused:
        log(ada, start_up, today + timedelta(days=1), today=today)
    assert codes(refused) == ["worked_on"]


def test_the_mission_of_a_coop_i_do_not_accompany_is_refused(
    start_up: Mission, today: date
) -> None:
    stranger = person("Léo Bach", "consultant")
    with pytest.raises(Refused) as refused:
        log(stranger, start_up, today)
    assert codes(refused) == ["mission"]


def test_a_day_over_budget_is_kept_and_waits_for_a_decision(
    ada: User, basile: User, coop: Coop, today: date
) -> None:
    mission = given_mission(given_agreement(coop, days=1), by=basile)
    first = given_day(ada, mission, today - timedelta(days=1), validated=False)
    second = given_day(ada, mission, today, "0.5", validated=False)
    assert (first.is_over_budget, first.arbitration) == (False, "")
    assert (second.is_over_budget, second.arbitration) == (True, "pending")


def test_travel_uses_no_budget(ada: User, basile: User, coop: Coop, today: date) -> None:
    mission = given_mission(given_agreement(coop, days=1))
    given_day(ada, mission, today - timedelta(days=1), work="travel", validated=False)
    assert not given_day(ada, mission, today, validated=False).is_over_budget


def test_a_day_of_a_locked_month_is_kept_as_late(
    ada: User, basile: User, start_up: Mission, today: date
) -> None:
    actions.lock_month(date(2026, 10, 1), **acting(basile, today))
    day = log(ada, start_up, date(2026, 10, 14), today=today)
    assert (day.is_late, day.arbitration) == (True, "pending")


def test_the_present_month_is_not_locked_and_a_locked_one_opens_again(
    basile: User, ada: User, start_up: Mission, today: date
) -> None:
    with pytest.raises(Refused):
        actions.lock_month(today, **acting(basile, today))
    actions.lock_month(date(2026, 10, 5), **acting(basile, today))
    with pytest.raises(Refused):
        actions.lock_month(date(2026, 10, 1), **acting(basile, today))
    actions.unlock_month(date(2026, 10, 1), **acting(basile, today))
    assert not log(ada, start_up, date(2026, 10, 14), today=today).is_late


def test_a_day_on_a_mission_that_ended_is_kept_as_late(
    ada: User, basile: User, coop: Coop, today: date
) -> None:
    mission = given_mission(given_agreement(coop))
    actions.end_mission(mission, **acting(basile, today))
    assert given_day(ada, mission, today, validated=False).arbitration == "pending"


def test_a_day_is_for_the_coop_of_its_mission(
    ada: User, start_up: Mission, coop: Coop, today: date
) -> None:
    day = log(ada, start_up, today)
    assert [(b.coop, b.fraction) for b in day.beneficiaries.all()] == [(coop, 1)]


def test_a_collective_day_is_shared_by_weights_to_four_decimals(
    ada: User, start_up: Mission, coop: Coop, today: date
) -> None:
    others = [given_coop(f"Coop {n}", owner=ada) for n in "AB"]
    day = log(ada, start_up, today, beneficiaries=[coop, *others], participants=14)
    fractions = [b.fraction for b in day.beneficiaries.all()]
    assert fractions == [Decimal("0.3333"), Decimal("0.3333"), Decimal("0.3334")]


def test_a_coop_named_twice_is_refused(
    ada: User, start_up: Mission, coop: Coop, today: date
) -> None:
    with pytest.raises(Refused) as refused:
        log(ada, start_up, today, beneficiaries=[coop, coop])
    assert codes(refused) == ["beneficiaries"]
    assert not MissionDay.objects.exists()


# -- pairs -----------------------------------------------------------------------------------
def test_a_pair_is_proposed_and_the_colleague_confirms(
    ada: User, start_up: Mission, today: date
) -> None:
    ines = person("Inès Roy", "consultant")
    first = log(ada, start_up, today, pair=ines, subject="Atelier")
    second = MissionDay.objects.get(consultant=ines)
    assert (second.state, second.pair_of, second.subject) == ("proposed", first, "Atelier")
    with pytest.raises(Refused):
        actions.confirm_day(second, **acting(ada, today))
    actions.confirm_day(second, **acting(ines, today))
    assert second.state == "logged"


def test_a_colleague_who_was_not_there_declines(ada: User, start_up: Mission, today: date) -> None:
    ines = person("Inès Roy", "consultant")
    log(ada, start_up, today, pair=ines)
    second = MissionDay.objects.get(consultant=ines)
    actions.decline_day(second, **acting(ines, today))
    assert second.state == "declined"
    assert list(MissionDay.objects.real().values_list("consultant", flat=True)) == [ada.pk]


def test_a_proposal_uses_no_time_until_it_is_confirmed(
    ada: User, start_up: Mission, today: date
) -> None:
    ines = person("Inès Roy", "consultant")
    team = given_mission()
    log(ada, start_up, today, pair=ines)
    log(ines, team, today)
    second = MissionDay.objects.get(consultant=ines, pair_of__isnull=False)
    with pytest.raises(Refused):
        actions.confirm_day(second, **acting(ines, today))
    second.refresh_from_db()
    assert second.state == "proposed"


def test_a_pair_is_a_colleague_who_accompanies(
    ada: User, chloe: User, start_up: Mission, today: date
) -> None:
    for nobody in (ada, chloe):
        with pytest.raises(Refused):
            log(ada, start_up, today, pair=nobody)


# -- mending ---------------------------------------------------------------------------------
def test_i_mend_and_delete_my_day_until_it_is_sent(
    ada: User, start_up: Mission, today: date
) -> None:
    day = log(ada, start_up, today)
    actions.edit_day(day, quantity=Decimal("0.5"), subject="Bail", **acting(ada, today))
    day.refresh_from_db()
    assert (day.quantity, day.subject) == (Decimal("0.5"), "Bail")
    actions.delete_day(day, **acting(ada, today))
    assert not MissionDay.objects.exists()


def test_nobody_else_mends_my_day(ada: User, basile: User, start_up: Mission, today: date) -> None:
    day = log(ada, start_up, today)
    for change in (
        lambda: actions.edit_day(day, subject="Autre", **acting(basile, today)),
        lambda: actions.delete_day(day, **acting(basile, today)),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert codes(refused) == ["consultant"]


def test_a_day_that_was_sent_is_taken_back_before_it_is_mended(
    ada: User, start_up: Mission, today: date
) -> None:
    day = log(ada, start_up, today)
    actions.submit_days([day], **acting(ada, today))
    with pytest.raises(Refused) as refused:
        actions.delete_day(day, **acting(ada, today))
    assert codes(refused) == ["state"]
    actions.withdraw_day(day, **acting(ada, today))
    actions.delete_day(day, **acting(ada, today))


def test_mending_a_day_judges_its_date_again(
    ada: User, basile: User, start_up: Mission, today: date
) -> None:
    log(ada, start_up, today)
    other = log(ada, start_up, today - timedelta(days=1), today=today)
    with pytest.raises(Refused):
        actions.edit_day(other, worked_on=today, **acting(ada, today))
    actions.lock_month(date(2026, 10, 1), **acting(basile, today))
    other.refresh_from_db()
    actions.edit_day(other, worked_on=date(2026, 10, 2), **acting(ada, today))
    assert other.arbitration == "pending"


def test_deleting_the_first_day_of_a_pair_keeps_the_other(
    ada: User, start_up: Mission, today: date
) -> None:
    ines = person("Inès Roy", "consultant")
    first = log(ada, start_up, today, pair=ines)
    actions.delete_day(first, **acting(ada, today))
    assert MissionDay.objects.get().pair_of is None


# -- sending ---------------------------------------------------------------------------------
def test_one_button_sends_my_week_and_only_mine(
    ada: User, basile: User, start_up: Mission, today: date
) -> None:
    friday = date(2026, 11, 20)
    mine = [log(ada, start_up, friday - timedelta(days=n), today=today) for n in (0, 1)]
    last_week = log(ada, start_up, friday - timedelta(days=7), today=today)
    theirs = log(basile, start_up, friday, today=today)
    actions.submit_week(friday, **acting(ada, today))
    states = dict(MissionDay.objects.values_list("pk", "state"))
    assert [states[d.pk] for d in mine] == ["submitted", "submitted"]
    assert (states[last_week.pk], states[theirs.pk]) == ("logged", "logged")


def test_an_empty_week_says_so(ada: User, today: date) -> None:
    with pytest.raises(Refused) as refused:
        actions.submit_week(today, **acting(ada, today))
    assert codes(refused) == ["week"]


def test_only_the_person_or_a_coordinator_sends_a_day(
    ada: User, basile: User, farid: User, chloe: User, start_up: Mission, today: date
) -> None:
    day = log(ada, start_up, today)
    with pytest.raises(Refused):
        actions.submit_days([day], **acting(farid, today))
    with pytest.raises(PermissionDenied):
        actions.submit_days([day], **acting(chloe, today))
    actions.submit_days([day], **acting(basile, today))
    assert MissionDay.objects.get().state == "submitted"


def test_a_consultant_sees_only_their_own_days(
    ada: User, basile: User, chloe: User, dina: User, start_up: Mission, today: date
) -> None:
    own = log(ada, start_up, today)
    log(basile, start_up, today)
    assert list(MissionDay.objects.visible_to(ada)) == [own]
    assert MissionDay.objects.visible_to(chloe).count() == 2
    assert not MissionDay.objects.visible_to(dina).exists()
