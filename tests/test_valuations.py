"""What unpaid work is worth: a dated table, never the sale price of volunteer work."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Coop
from essaim.models import User
from essaim.workflow import Refused
from invoicing.figures import by_coop, money_of
from missions import actions
from missions.models import DayShare, Mission, Valuation
from missions.rules import Nature
from missions.rules_parts import Part
from missions.valuing import worth_by
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_day, given_mission

TODAY = date(2026, 11, 23)
D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, ada: User, basile: User) -> Mission:
    return given_mission(given_agreement(coop, rate=600, days=None, by=basile), by=basile)


def _value(by: User, nature: str, value: str, on: date, **more: Any) -> Valuation:
    facts: dict[str, Any] = {
        "nature": nature,
        "unit": "hour" if nature == "volunteer" else "day",
        "value": D(value),
        "effective_from": on,
        "method": "Salaire chargé divisé par les jours",
        "source": "Comptes 2025",
        **more,
    }
    return actions.note_valuation(**facts, **acting(by, TODAY))


def _given(ada: User, mission: Mission, basile: User, on: date) -> None:
    day = given_day(ada, mission, on, validated=False)
    actions.submit_days([day], **acting(ada, TODAY))
    parts = [
        Part(quantity=D("0.5"), nature=Nature.BILLED),
        Part(quantity=D("0.5"), nature=Nature.GIVEN, reason="Coup de main"),
    ]
    actions.validate(day, parts=parts, **acting(basile, TODAY))


def test_given_days_take_the_value_in_force_when_they_were_worked(
    ada: User, basile: User, chloe: User, coop: Coop, mission: Mission
) -> None:
    _value(chloe, "given", "300", date(2026, 1, 1))
    _value(chloe, "given", "400", date(2026, 7, 1))
    for on in (date(2026, 6, 30), date(2026, 7, 1)):
        _given(ada, mission, basile, on)
    worth = money_of(coop, on=TODAY).given
    assert (worth.days, worth.value, worth.unvalued) == (D(1), D("350.00"), D(0))
    assert worth.public == D("600.00")


def test_volunteer_days_are_worth_their_hours_and_never_the_sale_price(
    ada: User, basile: User, chloe: User, coop: Coop, mission: Mission
) -> None:
    given_day(ada, mission, date(2026, 11, 5), is_volunteer=True, by=basile)
    before = money_of(coop, on=TODAY).volunteer
    assert (before.value, before.unvalued, before.public) == (D(0), D(1), D(0))
    _value(chloe, "volunteer", "12.50", date(2026, 1, 1), hours_per_day=D(7))
    assert money_of(coop, on=TODAY).volunteer.value == D("87.50")


def test_reports_carry_the_values_and_their_total(
    ada: User, basile: User, chloe: User, coop: Coop, mission: Mission
) -> None:
    _value(chloe, "given", "300", date(2026, 1, 1))
    _given(ada, mission, basile, date(2026, 11, 5))
    summary = by_coop(date(2026, 1, 1), TODAY)
    assert summary.lines[0].worth == {"given": D("150.00")}
    assert summary.total.worth == {"given": D("150.00")}


@pytest.mark.parametrize(
    ("nature", "more", "code"),
    [
        ("volunteer", {"unit": "day"}, "unit"),
        ("billed", {}, "nature"),
        ("given", {"value": "0"}, "value"),
        ("given", {"method": ""}, "method"),
        ("given", {"hours_per_day": D(25)}, "hours_per_day"),
    ],
)
def test_a_wrong_value_is_refused(
    chloe: User, nature: str, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as excinfo:
        _value(chloe, nature, more.pop("value", "10"), TODAY, **more)
    assert code in [m.code for m in excinfo.value.missing]
    assert not Valuation.objects.exists()


def test_one_value_starts_on_a_day(chloe: User) -> None:
    _value(chloe, "given", "300", TODAY)
    with pytest.raises(Refused) as excinfo:
        _value(chloe, "given", "310", TODAY)
    assert [m.code for m in excinfo.value.missing] == ["effective_from"]


def test_values_cost_two_queries_whatever_the_days(
    ada: User, basile: User, chloe: User, mission: Mission, django_assert_num_queries: Any
) -> None:
    _value(chloe, "given", "300", date(2026, 1, 1))
    for day in range(2, 8):
        _given(ada, mission, basile, date(2026, 11, day))
    with django_assert_num_queries(2):
        assert worth_by(DayShare.objects.all())


def test_the_page_notes_and_mends_a_value(chloe: User) -> None:
    browser = signed_in(chloe)
    sent = {
        "nature": "volunteer",
        "unit": "day",
        "value": "12,50",
        "hours_per_day": "7",
        "effective_from": "2026-01-01",
        "method": "SMIC horaire chargé",
        "source": "Décret",
    }
    answer = browser.post("/journees/valeurs/nouvelle/", sent)
    assert answer.status_code == 422
    assert "montant horaire" in answer.content.decode()
    answer = browser.post("/journees/valeurs/nouvelle/", sent | {"unit": "hour"})
    assert answer.status_code == 302
    row = Valuation.objects.get()
    assert row.per_day == D("87.5")
    changed = sent | {"unit": "hour", "value": "13"}
    assert browser.post(f"/journees/valeurs/{row.pk}/modifier/", changed).status_code == 302
    row.refresh_from_db()
    assert row.value == D(13)
