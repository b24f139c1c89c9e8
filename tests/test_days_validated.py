"""Validation keeps who pays what of a day, to the cent, under the caps, once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from crm.models import Coop, Organisation, Structure
from essaim.models import User
from essaim.workflow import Refused
from missions import actions
from missions.actions import Part, ShareLine
from missions.models import DayShare, Mission, MissionDay
from missions.rules import Nature
from tests.conftest import acting, person
from tests.given_crm import given_coop, given_organisation, given_structure
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop(owner=ada)


@pytest.fixture
def city(basile: User) -> Organisation:
    return given_organisation("Ville de Sélestat")


@pytest.fixture
def mission(coop: Coop) -> Mission:
    return given_mission(given_agreement(coop, rate="333.33"))


def shares_of(day: MissionDay) -> list[tuple[str, Any, Decimal]]:
    return [(s.nature, s.payer_id, s.amount) for s in day.shares.all()]


def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def two_payers(coop: Coop, city: Organisation, **caps: Any) -> list[ShareLine]:
    return [
        ShareLine(payer=city, percent=D(60), priority=1, **caps),
        ShareLine(payer=coop.organisation, percent=D(40), priority=2, takes_remainder=True),
    ]


def test_a_half_day_costs_its_half_rounded_up(ada: User, coop: Coop, mission: Mission) -> None:
    day = given_day(ada, mission, quantity="0.5")
    assert shares_of(day) == [("billed", coop.organisation_id, D("166.67"))]
    assert (day.state, day.rate, day.shares.get().rules_version) == ("validated", D("333.33"), "1")


def test_two_payers_share_a_day_and_the_sum_is_the_day(
    ada: User, coop: Coop, city: Organisation
) -> None:
    mission = given_mission(given_agreement(coop, rate="333.33", shares=two_payers(coop, city)))
    day = given_day(ada, mission)
    assert shares_of(day) == [
        ("billed", city.pk, D("200.00")),
        ("billed", coop.organisation_id, D("133.33")),
    ]
    assert sum(s.days for s in day.shares.all()) == 1


def test_a_cap_is_consumed_in_order_and_given_back_by_a_rejection(
    ada: User, basile: User, coop: Coop, city: Organisation, today: date
) -> None:
    lines = two_payers(coop, city, cap_eur=D(500))
    mission = given_mission(given_agreement(coop, rate=600, shares=lines))
    days = [given_day(ada, mission, today - timedelta(days=n)) for n in (3, 2, 1)]
    assert [d.shares.filter(payer=city).values_list("amount", flat=True).first() for d in days] == [
        D(360),
        D(140),
        None,
    ]
    actions.reject(days[0], why="Mauvaise date", **acting(basile, today))
    assert not days[0].shares.exists()
    assert days[0].state == "logged"
    later = given_day(ada, mission, today)
    assert later.shares.get(payer=city).amount == 360


def test_used_up_caps_without_a_remainder_ask_who_pays(
    ada: User, coop: Coop, city: Organisation, today: date
) -> None:
    lines = [ShareLine(payer=city, percent=D(100), cap_eur=D(900))]
    mission = given_mission(given_agreement(coop, rate=600, shares=lines))
    given_day(ada, mission, today - timedelta(days=1))
    day = given_day(ada, mission, today, validated=False)
    actions.submit_days([day], **acting(ada, today))
    with pytest.raises(Refused) as refused:
        actions.validate(day, **acting(person("Rémi Klein", "coordinator"), today))
    assert codes(refused) == ["who_pays_the_rest"]
    day.refresh_from_db()
    assert (day.state, day.shares.count()) == ("submitted", 0)


def test_the_cap_per_day_of_t22(ada: User, coop: Coop, city: Organisation, today: date) -> None:
    lines = [
        ShareLine(payer=city, percent=D(50), cap_per_day=D(1000), priority=1),
        ShareLine(payer=coop.organisation, percent=D(50), priority=2, takes_remainder=True),
    ]
    mission = given_mission(given_agreement(coop, rate=1200, shares=lines))
    for n in range(4):
        given_day(ada, mission, today - timedelta(days=n))
    sums = DayShare.objects.values_list("payer").annotate(sum=Sum("amount"))
    assert dict(sums) == {city.pk: D("2000.00"), coop.organisation_id: D("2800.00")}


def test_start_up_help_is_given(ada: User, coop: Coop) -> None:
    day = given_day(ada, Mission.objects.get(coop=coop, kind="start_up"))
    assert shares_of(day) == [("given", None, D(0))]
    assert day.shares.get().coop == coop


def test_internal_days_are_given_for_no_coop(ada: User) -> None:
    share = given_day(ada, given_mission()).shares.get()
    assert (share.nature, share.coop, share.days) == ("given", None, 1)


def test_travel_and_volunteer_days_owe_nothing(ada: User, mission: Mission, today: date) -> None:
    travel = given_day(ada, mission, today, "0.5", work="travel")
    volunteer = given_day(ada, mission, today - timedelta(days=1), is_volunteer=True)
    assert travel.shares.get().nature == "given"
    assert (volunteer.shares.get().nature, volunteer.shares.get().amount) == ("volunteer", 0)


def test_an_envelope_covers_its_quota_then_asks_who_pays(
    ada: User, coop: Coop, today: date
) -> None:
    region = given_organisation("Région Grand Est", kind="funder")
    envelope = given_envelope(region, quota="1.5", value=600)
    lines = [ShareLine(payer=region, percent=D(100), basis="grant", envelope=envelope)]
    mission = given_mission(given_agreement(coop, rate=600, shares=lines))
    day = given_day(ada, mission, today - timedelta(days=1))
    assert shares_of(day) == [("covered", region.pk, D(600))]
    with pytest.raises(Refused) as refused:
        given_day(ada, mission, today)
    assert codes(refused) == ["who_pays_the_rest"]
    given_day(ada, mission, today - timedelta(days=2), "0.5")


def test_an_envelope_pays_no_work_nor_place_it_does_not_know(
    ada: User, coop: Coop, today: date
) -> None:
    region = given_organisation("Région", kind="funder")
    envelope = given_envelope(region, works=["on_site"], cap_days_per_coop=D(1))
    lines = [
        ShareLine(payer=region, percent=D(100), basis="grant", envelope=envelope, priority=1),
        ShareLine(payer=coop.organisation, percent=D(0), priority=2, takes_remainder=True),
    ]
    mission = given_mission(given_agreement(coop, rate=600, shares=lines))
    remote = given_day(ada, mission, today - timedelta(days=2), work="remote")
    first = given_day(ada, mission, today - timedelta(days=1))
    second = given_day(ada, mission, today)
    assert [s.nature for d in (remote, first, second) for s in d.shares.all()] == [
        "billed",
        "covered",
        "billed",
    ]


def test_a_workshop_for_five_coops_is_shared_equally_and_counts_once(
    ada: User, coop: Coop, today: date
) -> None:
    coops = [coop, *(given_coop(f"Coop {n}", owner=ada) for n in "ABCD")]
    mission = given_mission(given_agreement(None, client=coop.organisation, collective_key="equal"))
    day = given_day(ada, mission, beneficiaries=coops, work="collective", participants=30)
    assert [s.amount for s in day.shares.all()] == [D(120)] * 5
    assert {s.payer_id for s in day.shares.all()} == {c.organisation_id for c in coops}
    assert sum(s.days for s in day.shares.all()) == 1


def test_the_second_of_a_pair_is_given_unless_the_agreement_counts_it(
    ada: User, mission: Mission, today: date
) -> None:
    ines = person("Inès Roy", "consultant")
    given_day(ada, mission, pair=ines)
    second = MissionDay.objects.get(consultant=ines)
    actions.confirm_day(second, **acting(ines, today))
    actions.submit_days([second], **acting(ines, today))
    actions.validate(second, **acting(person("Rémi Klein", "coordinator"), today))
    assert (second.shares.get().nature, second.shares.get().why) == ("given", "second_of_pair")


# -- splitting -------------------------------------------------------------------------------
def sent(ada: User, mission: Mission, today: date, **fields: Any) -> MissionDay:
    day = given_day(ada, mission, today, validated=False, **fields)
    actions.submit_days([day], **acting(ada, today))
    day.refresh_from_db()
    return day


def test_a_day_is_split_half_billed_half_given_with_a_reason(
    ada: User, basile: User, mission: Mission, coop: Coop, today: date
) -> None:
    day = sent(ada, mission, today)
    parts = [
        Part(quantity=D("0.5"), nature=Nature.BILLED),
        Part(quantity=D("0.5"), nature=Nature.GIVEN, reason="Coup de main"),
    ]
    actions.validate(day, parts=parts, **acting(basile, today))
    assert shares_of(day) == [
        ("billed", coop.organisation_id, D("166.67")),
        ("given", None, D(0)),
    ]
    day.refresh_from_db()
    assert (day.quantity, day.consultant) == (1, ada)


@pytest.mark.parametrize(
    "parts",
    [
        [("0.5", Nature.BILLED, "")],
        [("0.5", Nature.BILLED, ""), ("0.5", Nature.GIVEN, "")],
        [("0.5", Nature.BILLED, ""), ("0.5", Nature.BILLED, "")],
        [("0.5", Nature.BILLED, ""), ("0.5", Nature.COVERED, "x")],
    ],
)
def test_a_split_that_is_not_the_day_or_has_no_reason_is_refused(
    ada: User, basile: User, mission: Mission, today: date, parts: Any
) -> None:
    day = sent(ada, mission, today)
    cut = [Part(quantity=D(q), nature=n, reason=r) for q, n, r in parts]
    with pytest.raises(Refused):
        actions.validate(day, parts=cut, **acting(basile, today))
    assert not day.parts.exists()


def test_a_part_billed_elsewhere_owes_nothing_here(
    ada: User, basile: User, mission: Mission, today: date
) -> None:
    day = sent(ada, mission, today)
    part = Part(quantity=D(1), nature=Nature.ELSEWHERE, reason="Facture de 2025")
    actions.validate(day, parts=[part], **acting(basile, today))
    assert [(s.nature, s.amount) for s in day.shares.all()] == [("elsewhere", D(0))]


# -- who -------------------------------------------------------------------------------------
def test_nobody_validates_their_own_day_while_there_is_another_coordinator(
    basile: User, mission: Mission, today: date
) -> None:
    day = sent(basile, mission, today)
    other = person("Rémi Klein", "coordinator")
    with pytest.raises(Refused) as refused:
        actions.validate(day, **acting(basile, today))
    assert codes(refused) == ["own"]
    actions.validate(day, **acting(other, today))


def test_the_only_coordinator_validates_their_own(basile: User, ada: User, today: date) -> None:
    day = sent(basile, given_mission(by=basile), today)
    actions.validate(day, **acting(basile, today))
    assert day.state == "validated"


def test_a_consultant_an_accountant_and_an_administrator_validate_nothing(
    ada: User, chloe: User, farid: User, mission: Mission, today: date
) -> None:
    day = sent(ada, mission, today)
    for person_ in (ada, chloe, farid):
        with pytest.raises(PermissionDenied):
            actions.validate(day, **acting(person_, today))
    assert not DayShare.objects.exists()


def test_where_nobody_validates_a_day_is_valid_once_sent(
    ada: User, mission: Mission, today: date
) -> None:
    given_structure()
    Structure.objects.update(day_validation="none")
    day = sent(ada, mission, today)
    assert (day.state, day.validated_by) == ("validated", ada)


def test_where_nobody_validates_a_day_over_budget_still_waits(
    ada: User, coop: Coop, today: date
) -> None:
    given_structure()
    Structure.objects.update(day_validation="none")
    day = sent(ada, given_mission(given_agreement(coop, days="0.5")), today)
    assert (day.state, day.arbitration) == ("submitted", "pending")


# -- in bulk ---------------------------------------------------------------------------------
def test_validating_many_shares_the_caps_in_the_order_of_the_days(
    ada: User, basile: User, coop: Coop, city: Organisation, today: date
) -> None:
    lines = two_payers(coop, city, cap_days=D("1.2"))
    mission = given_mission(given_agreement(coop, rate=600, shares=lines))
    days = [sent(ada, mission, today - timedelta(days=n)) for n in (0, 2, 1)]
    actions.validate_many(days, **acting(basile, today))
    by_day = MissionDay.objects.order_by("worked_on")
    taken = [d.shares.filter(payer=city).aggregate(s=Sum("amount"))["s"] for d in by_day]
    assert taken == [D(360), D(360), None]


def test_validating_many_is_all_or_nothing(
    ada: User, basile: User, coop: Coop, today: date
) -> None:
    mission = given_mission(given_agreement(coop, days=1))
    days = [sent(ada, mission, today - timedelta(days=n)) for n in (1, 0)]
    with pytest.raises(Refused) as refused:
        actions.validate_many(days, **acting(basile, today))
    assert codes(refused) == ["arbitration"]
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"submitted"}
    assert not DayShare.objects.exists()


def test_validating_many_asks_the_same_queries_for_two_days_and_for_twelve(
    ada: User, basile: User, coop: Coop, today: date, django_assert_max_num_queries: Any
) -> None:
    mission = given_mission(given_agreement(coop, days=None))
    days = [sent(ada, mission, today - timedelta(days=n)) for n in range(12)]
    with django_assert_max_num_queries(40):
        actions.validate_many(days, **acting(basile, today))


# -- arbitration -----------------------------------------------------------------------------
@pytest.fixture
def over(ada: User, coop: Coop, today: date) -> MissionDay:
    mission = given_mission(given_agreement(coop, rate=600, days=1))
    given_day(ada, mission, today - timedelta(days=1))
    return sent(ada, mission, today)


def test_a_waiting_day_is_not_validated(over: MissionDay, basile: User, today: date) -> None:
    with pytest.raises(Refused) as refused:
        actions.validate(over, **acting(basile, today))
    assert codes(refused) == ["arbitration"]


def test_an_offered_day_is_given(over: MissionDay, basile: User, today: date) -> None:
    actions.arbitrate(over, "offered", why="Geste", **acting(basile, today))
    actions.validate(over, **acting(basile, today))
    assert shares_of(over) == [("given", None, D(0))]


def test_another_payer_pays_the_whole_day(
    over: MissionDay, basile: User, city: Organisation, today: date
) -> None:
    with pytest.raises(Refused):
        actions.arbitrate(over, "other_payer", why="Accord", **acting(basile, today))
    actions.arbitrate(over, "other_payer", why="Accord", payer=city, **acting(basile, today))
    actions.validate(over, **acting(basile, today))
    assert shares_of(over) == [("billed", city.pk, D(600))]
    assert over.shares.get().funding_share is None


def test_accepted_as_it_is_needs_a_sentence_and_bills_the_client(
    over: MissionDay, basile: User, coop: Coop, today: date
) -> None:
    with pytest.raises(Refused) as refused:
        actions.arbitrate(over, "accepted", **acting(basile, today))
    assert codes(refused) == ["why"]
    actions.arbitrate(over, "accepted", why="Convenu au téléphone", **acting(basile, today))
    actions.validate(over, **acting(basile, today))
    assert shares_of(over) == [("billed", coop.organisation_id, D(600))]


def test_an_amendment_decides_the_waiting_days_it_holds(
    over: MissionDay, basile: User, today: date
) -> None:
    agreement = over.mission.agreement
    assert agreement is not None
    act = acting(basile, today)
    with pytest.raises(Refused):
        actions.arbitrate(over, "amendment", **act)
    amendment = actions.create_amendment(
        agreement, effective_on=today, why="Deux jours de plus", days_budgeted=D(3), **act
    )
    actions.sign_amendment(amendment, **act)
    over.refresh_from_db()
    agreement.refresh_from_db()
    assert (over.arbitration, agreement.days_budgeted) == ("amendment", 3)
    assert amendment.old_terms["days_budgeted"] == "1.00"
    actions.validate(over, **act)


def test_an_ordinary_or_validated_day_is_not_arbitrated(
    ada: User, basile: User, mission: Mission, today: date
) -> None:
    day = given_day(ada, mission)
    with pytest.raises(Refused):
        actions.arbitrate(day, "offered", why="x", **acting(basile, today))


# -- re-rating, generations -------------------------------------------------------------------
def test_re_rating_shows_then_changes_the_unbilled_days_only(
    ada: User, basile: User, chloe: User, coop: Coop, today: date
) -> None:
    agreement = given_agreement(coop, rate=600)
    mission = given_mission(agreement)
    billed = given_day(ada, mission, today - timedelta(days=1))
    free = given_day(ada, mission, today)
    actions.mark_billed([billed], **acting(chloe, today))
    act = acting(basile, today)
    amendment = actions.create_amendment(
        agreement, effective_on=date(2026, 1, 1), why="Tarif", daily_rate=D(650), **act
    )
    actions.sign_amendment(amendment, **act)
    agreement.refresh_from_db()
    preview = actions.preview_rerate(agreement, on=today)
    assert [(r.day, r.old, r.new) for r in preview] == [(free, D(600), D(650))]
    assert free.shares.get().amount == 600
    actions.rerate(agreement, **act)
    free.refresh_from_db()
    assert (free.rate, free.shares.get().amount, billed.shares.get().amount) == (650, 650, 600)


def test_days_before_an_amendment_keep_the_old_rate(
    ada: User, basile: User, coop: Coop, today: date
) -> None:
    agreement = given_agreement(coop, rate=600)
    act = acting(basile, today)
    amendment = actions.create_amendment(
        agreement, effective_on=today, why="Tarif", daily_rate=D(650), **act
    )
    actions.sign_amendment(amendment, **act)
    agreement.refresh_from_db()
    mission = given_mission(agreement)
    before = given_day(ada, mission, today - timedelta(days=1))
    after = given_day(ada, mission, today)
    assert (before.rate, after.rate) == (600, 650)


def test_a_credited_share_is_billed_again_as_a_new_generation_once(
    ada: User, chloe: User, mission: Mission, today: date
) -> None:
    day = given_day(ada, mission)
    actions.mark_billed([day], **acting(chloe, today))
    share = day.shares.get()
    again = actions.new_generation(share, D(300), **acting(chloe, today))
    assert (again.generation, again.replaces, again.amount) == (2, share, D(300))
    assert list(DayShare.objects.current()) == [again]
    with pytest.raises(Refused):
        actions.new_generation(share, **acting(chloe, today))
    actions.mark_free([day], **acting(chloe, today))
    with pytest.raises(Refused) as refused:
        actions.reject(day, why="x", **acting(person("Rémi Klein", "coordinator"), today))
    assert codes(refused) == ["shares"]


def test_moving_start_up_days_under_a_later_agreement_is_previewed_and_barred_before_it(
    ada: User, basile: User, coop: Coop, today: date
) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    early = given_day(ada, start_up, today - timedelta(days=9))
    late = given_day(ada, start_up, today)
    mission = given_mission(given_agreement(coop, rate=600, starts_on=today - timedelta(days=2)))
    preview = actions.preview_move_days([early, late], mission)
    assert [[m.code for m in row.missing] for row in preview] == [["before_agreement"], []]
    with pytest.raises(Refused):
        actions.move_days([early, late], mission, **acting(basile, today))
    assert start_up.days.count() == 2
    actions.move_days([late], mission, **acting(basile, today))
    late.refresh_from_db()
    assert (late.mission, late.rate) == (mission, 600)
    assert shares_of(late) == [("billed", coop.organisation_id, D(600))]


# -- what the database refuses ----------------------------------------------------------------
def attack(sql: str, *values: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_billed_day_locks_every_field(
    ada: User, chloe: User, mission: Mission, today: date
) -> None:
    day = given_day(ada, mission)
    actions.mark_billed([day], **acting(chloe, today))
    kept = MissionDay.objects.values().get(pk=day.pk)
    for column in ("subject", "internal_note", "quantity", "worked_on", "km", "rate", "mission_id"):
        value = {"quantity": "0.5", "worked_on": "2026-01-01"}.get(column, "7")
        attack(f"UPDATE missions_missionday SET {column} = %s WHERE id = %s", value, day.pk)
    attack("DELETE FROM missions_dayshare WHERE day_id = %s", day.pk)
    attack("DELETE FROM missions_daybeneficiary WHERE day_id = %s", day.pk)
    attack("DELETE FROM missions_missionday WHERE id = %s", day.pk)
    assert MissionDay.objects.values().get(pk=day.pk) == kept
    with pytest.raises(Refused) as refused:
        actions.edit_day(day, subject="Autre", **acting(ada, today))
    assert codes(refused) == ["state"]


def test_the_amount_of_a_share_never_changes(ada: User, mission: Mission) -> None:
    share = given_day(ada, mission).shares.get()
    for column in ("amount", "quantity", "nature", "rate"):
        attack(f"UPDATE missions_dayshare SET {column} = %s WHERE id = %s", "3", share.pk)


def test_no_day_is_born_validated(ada: User, mission: Mission) -> None:
    day = given_day(ada, mission)
    attack(
        "INSERT INTO missions_missionday (consultant_id, mission_id, worked_on, moment, quantity,"
        " work, subject, internal_note, is_volunteer, is_over_budget, is_late, arbitration,"
        " rules_version, logged_at, state) SELECT consultant_id, mission_id, worked_on, moment,"
        " quantity, work, subject, internal_note, is_volunteer, is_over_budget, is_late,"
        " arbitration, rules_version, logged_at, 'submitted' FROM missions_missionday WHERE id=%s",
        day.pk,
    )
