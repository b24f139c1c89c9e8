"""Every move of an agreement, an amendment, a mission and a day, from every state."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import Coop, Fulfilment
from essaim.models import User
from essaim.stateful import door
from essaim.workflow import Refused, missing, run
from missions import actions
from missions.actions import ShareLine
from missions.models import Agreement, Amendment, DayShare, Mission, MissionDay
from tests.conftest import acting
from tests.given_crm import given_coop, given_organisation
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

pytestmark = pytest.mark.django_db
D = Decimal

MOVES: dict[type[Any], dict[str, dict[str, str]]] = {
    Agreement: {
        "send": {"draft": "sent"},
        "take_back": {"sent": "draft"},
        "sign": {"draft": "signed", "sent": "signed"},
        "start": {"signed": "running"},
        "complete": {"signed": "completed", "running": "completed"},
        "terminate": dict.fromkeys(("sent", "signed", "running"), "terminated"),
    },
    Amendment: {
        "send_amendment": {"draft": "sent"},
        "sign_amendment": {"draft": "signed", "sent": "signed"},
    },
    Mission: {
        "close": {"open": "done"},
        "cancel": {"open": "cancelled"},
        "open_again": {"done": "open", "cancelled": "open"},
    },
    MissionDay: {
        "propose": {"logged": "proposed"},
        "confirm": {"proposed": "logged"},
        "decline": {"proposed": "declined"},
        "submit": {"logged": "submitted"},
        "withdraw": {"submitted": "logged"},
        "validate": {"submitted": "validated"},
        "reject": {"submitted": "logged", "validated": "logged"},
        "bill": {"validated": "billed"},
        "free": {"billed": "validated"},
    },
}
CASES = [
    (model, edge, state)
    for model, edges in MOVES.items()
    for edge in edges
    for state in model.State.values
]


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada)


def placed(obj: Any, state: str) -> Any:
    """The object in a state of the table, its columns as that state asks."""
    with door():
        obj.__dict__["state"] = state
        obj.save()
    return obj


def subject(model: type[Any], state: str, coop: Coop, everybody: User, today: date) -> Any:
    agreement = given_agreement(coop, signed=model is not Agreement)
    if model is Agreement:
        agreement.signed_on = today
        return placed(agreement, state)
    if model is Amendment:
        amendment = actions.create_amendment(
            agreement, effective_on=today, why="x", days_budgeted=D(20), **acting(everybody, today)
        )
        return placed(amendment, state)
    mission = given_mission(agreement)
    if model is Mission:
        return placed(mission, state)
    day = given_day(everybody, mission, validated=False)
    day.rate, day.validated_at, day.validated_by = D(600), day.logged_at, everybody
    day.save()
    DayShare.objects.create(
        day=day,
        payer=coop.organisation,
        nature="billed",
        quantity=1,
        rate=600,
        amount=600,
        rules_version="1",
    )
    return placed(day, state)


@pytest.fixture
def everybody(basile: User) -> User:
    """The one person of a small structure, who holds all roles."""
    for role in ("consultant", "accountant", "administrator"):
        setattr(basile, f"is_{role}", True)
    basile.save()
    return User.objects.get_queryset().get(pk=basile.pk)


@pytest.mark.parametrize(("model", "edge", "state"), CASES)
def test_a_move_is_taken_from_its_states_and_refused_from_all_others(
    model: type[Any], edge: str, state: str, coop: Coop, everybody: User, today: date
) -> None:
    User.objects.get_queryset().exclude(pk=everybody.pk).update(is_coordinator=False)
    obj = subject(model, state, coop, everybody, today)
    data = {"why": "Parce que"} if edge == "reject" else {}
    target = MOVES[model][edge].get(state)
    if target is None:
        with pytest.raises(Refused) as refused:
            run(obj, edge, **acting(everybody, today), **data)
        assert refused.value.missing[0].code == "state"
        target = state
    else:
        run(obj, edge, **acting(everybody, today), **data)
    assert model._base_manager.values_list("state", flat=True).get(pk=obj.pk) == target


def test_the_table_names_every_move() -> None:
    for model, edges in MOVES.items():
        known = {t.name for t in model._meta.get_field("state").get_all_transitions(model)}
        assert known == set(edges)


# -- agreements ------------------------------------------------------------------------------
def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def test_a_penalty_rate_below_the_floor_is_refused_at_signature(coop: Coop, basile: User) -> None:
    on = date(2026, 3, 1)
    agreement = given_agreement(coop, penalty_rate=D("7.00"), signed=False, on=on)
    with pytest.raises(Refused) as refused:
        actions.sign_agreement(agreement, **acting(basile, on))
    assert codes(refused) == ["penalty_rate"]
    assert "7,86" in str(refused.value.missing[0].text)
    actions.edit_agreement(agreement, penalty_rate=D("7.86"), **acting(basile, on))
    actions.sign_agreement(agreement, **acting(basile, on))


@pytest.mark.parametrize(
    ("kind", "days", "method", "refused"),
    [
        ("professional", 60, "net", False),
        ("professional", 90, "net", True),
        ("professional", 45, "days_then_eom", False),
        ("professional", 60, "days_then_eom", True),
        ("public", 45, "net", True),
        ("consumer", 90, "net", False),
    ],
)
def test_a_payment_term_past_the_cap_is_refused_at_signature(
    coop: Coop, basile: User, kind: str, days: int, method: str, *, refused: bool
) -> None:
    terms = {"payment_days": days, "payment_method": method}
    agreement = given_agreement(coop, signed=False, **terms)
    type(agreement.client).objects.filter(pk=agreement.client_id).update(client_kind=kind)
    agreement = Agreement.objects.get(pk=agreement.pk)
    found = missing(agreement, "sign", by=basile, on=date(2026, 11, 23))
    assert ("payment_days" in [m.code for m in found]) is refused


def test_signing_ticks_the_kit(coop: Coop) -> None:
    given_agreement(coop)
    item = Fulfilment.objects.get(requirement__code="agreement", accompaniment__coop=coop)
    assert item.status == "done"


def test_an_agreement_without_a_rate_is_not_signed(coop: Coop) -> None:
    with pytest.raises(Refused) as refused:
        given_agreement(coop, rate=0)
    assert codes(refused) == ["daily_rate"]
    given_agreement(coop, rate=0, kind="offered")


def test_a_signature_in_the_future_is_refused(coop: Coop, basile: User, today: date) -> None:
    agreement = given_agreement(coop, signed=False)
    with pytest.raises(Refused) as refused:
        actions.sign_agreement(agreement, signed_on=date(2027, 1, 1), **acting(basile, today))
    assert codes(refused) == ["signed_on"]


def test_signed_terms_are_frozen_and_the_rest_is_not(coop: Coop, basile: User, today: date) -> None:
    agreement = given_agreement(coop)
    act = acting(basile, today)
    for change in ({"daily_rate": D(650)}, {"days_budgeted": D(20)}, {"ends_on": today}):
        with pytest.raises(Refused) as refused:
            actions.edit_agreement(agreement, **change, **act)
        assert codes(refused) == ["terms"]
    with pytest.raises(Refused):
        actions.set_shares(agreement, [ShareLine(payer=coop.organisation, percent=D(100))], **act)
    actions.edit_agreement(agreement, order_number="BC-7", **act)
    agreement.refresh_from_db()
    assert (agreement.order_number, agreement.daily_rate) == ("BC-7", 600)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "no_share"),
        ([("60", {})], "percents_not_100"),
        ([("60", {}), ("41", {})], "percents_not_100"),
        ([("120", {}), ("-20", {})], "negative"),
        ([("100", {"cap_eur": D(-1)})], "negative"),
        ([("50", {"takes_remainder": True}), ("50", {"takes_remainder": True})], "several_rem"),
        ([("100", {"takes_remainder": True, "cap_days": D(3)})], "remainder_has_cap"),
    ],
)
def test_payers_that_do_not_add_up_are_refused_in_words(
    coop: Coop, basile: User, today: date, rows: Any, code: str
) -> None:
    agreement = given_agreement(coop, signed=False)
    lines = [ShareLine(payer=coop.organisation, percent=D(p), **more) for p, more in rows]
    with pytest.raises(Refused) as refused:
        actions.set_shares(agreement, lines, **acting(basile, today))
    assert any(c.startswith(code) for c in codes(refused))
    assert agreement.shares.get().percent == 100


def test_an_envelope_is_drawn_on_by_its_own_payer(coop: Coop, basile: User, today: date) -> None:
    envelope = given_envelope(given_organisation("Région", kind="funder"))
    agreement = given_agreement(coop, signed=False)
    line = ShareLine(payer=coop.organisation, percent=D(100), basis="grant", envelope=envelope)
    with pytest.raises(Refused) as refused:
        actions.set_shares(agreement, [line], **acting(basile, today))
    assert codes(refused) == ["envelope"]


def test_a_negative_amount_is_refused(coop: Coop) -> None:
    with pytest.raises(Refused):
        given_agreement(coop, rate="-1")
    with pytest.raises(Refused):
        given_envelope(coop.organisation, quota="-3")
    assert not Agreement.objects.exists()


def test_an_agreement_is_not_completed_while_a_mission_is_open(
    coop: Coop, basile: User, today: date
) -> None:
    agreement = given_agreement(coop)
    mission = given_mission(agreement)
    with pytest.raises(Refused) as refused:
        actions.complete_agreement(agreement, **acting(basile, today))
    assert codes(refused) == ["missions"]
    actions.end_mission(mission, **acting(basile, today))
    actions.complete_agreement(agreement, **acting(basile, today))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"days_budgeted": D("0.5")},
        {"days_budgeted": D(20), "effective_on": date(2025, 1, 1)},
        {"days_budgeted": D(20), "ends_on": date(2026, 11, 1)},
    ],
)
def test_an_amendment_that_changes_nothing_or_cuts_into_the_used_days_is_refused(
    coop: Coop, ada: User, basile: User, today: date, change: Any
) -> None:
    agreement = given_agreement(coop)
    given_day(ada, given_mission(agreement))
    terms = {"effective_on": today, "why": "x"} | change
    with pytest.raises(Refused):
        actions.create_amendment(agreement, **terms, **acting(basile, today))
    assert not Amendment.objects.exists()


def test_a_draft_agreement_is_not_amended(coop: Coop, basile: User, today: date) -> None:
    agreement = given_agreement(coop, signed=False)
    with pytest.raises(Refused):
        actions.create_amendment(
            agreement, effective_on=today, why="x", days_budgeted=D(20), **acting(basile, today)
        )


def test_a_consultant_signs_nothing_and_closes_nothing(coop: Coop, ada: User, today: date) -> None:
    agreement = given_agreement(coop, signed=False)
    mission = given_mission(agreement)
    with pytest.raises(PermissionDenied):
        actions.sign_agreement(agreement, **acting(ada, today))
    with pytest.raises(PermissionDenied):
        actions.end_mission(mission, **acting(ada, today))
    assert not Agreement.objects.visible_to(ada).exists()
    assert not DayShare.objects.visible_to(ada).exists()
