"""Expenses: noted with a receipt, sent, validated with what they are worth, given back."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from crm.models import Coop
from essaim.models import Event, User
from essaim.workflow import Refused
from missions import actions
from missions.models import Expense, KeptFile, Mission
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_expenses import given_expense, receipt
from tests.given_invoicing import given_issuer
from tests.given_missions import given_agreement, given_mission

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, ada: User, basile: User) -> Mission:
    agreement = given_agreement(coop, by=basile, km_rate=Decimal("0.600"))
    return given_mission(agreement, team=[ada], by=basile)


def refused(excinfo: Any) -> list[str]:
    return [m.code for m in excinfo.value.missing]


def _log(ada: User, mission: Mission, **facts: Any) -> Expense:
    values: dict[str, Any] = {
        "mission": mission,
        "spent_on": TODAY,
        "kind": "train",
        "label": "Train",
        "gross": Decimal("60.00"),
        **facts,
    }
    return actions.log_expense(**values, **acting(ada, TODAY))


def test_an_expense_is_noted_with_its_receipt(ada: User, mission: Mission) -> None:
    expense = _log(ada, mission, receipt=receipt("Billet Ada.pdf"))
    assert expense.receipt is not None
    assert expense.receipt.original_name == "Billet Ada.pdf"
    assert expense.receipt.content_type == "application/pdf"
    assert "Billet" not in expense.receipt.file.name
    assert Event.objects.filter(verb="missions.Expense.log").count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"spent_on": date(2026, 11, 24)}, "spent_on"),
        ({"gross": Decimal(0)}, "gross"),
        ({"gross": Decimal(-5)}, "gross"),
        ({"vat": Decimal("10.01")}, "vat"),
        ({"vat": Decimal(-1)}, "vat"),
        ({"label": "  "}, "label"),
        ({"kind": "km"}, "km"),
        ({"kind": "km", "km": Decimal(10)}, "power"),
        ({"kind": "km", "km": Decimal(10), "power": 9}, "power"),
        ({"kind": "km", "km": Decimal(10), "power": 5, "treatment": "advanced"}, "treatment"),
    ],
)
def test_a_wrong_expense_is_refused_beside_its_field(
    ada: User, mission: Mission, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as excinfo:
        _log(ada, mission, **facts)
    assert field in refused(excinfo)
    assert not Expense.objects.exists()


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_stays(
    ada: User, mission: Mission, settings: Any
) -> None:
    with pytest.raises(Refused) as excinfo:
        _log(ada, mission, receipt=ContentFile(b"MZ executable", "recu.pdf"))
    assert refused(excinfo) == ["receipt"]
    assert not KeptFile.objects.exists()
    assert not [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]


def test_somebody_elses_mission_is_refused(mission: Mission) -> None:
    stranger = person("Jean Loin", "consultant")
    with pytest.raises(Refused) as excinfo:
        _log(stranger, mission)
    assert refused(excinfo) == ["mission"]


def test_nobody_is_billed_for_an_internal_mission(ada: User, basile: User) -> None:
    internal = given_mission(None, "Vie de l’équipe", team=[ada], by=basile)
    with pytest.raises(Refused) as excinfo:
        _log(ada, internal, treatment="rebilled")
    assert refused(excinfo) == ["treatment"]
    assert _log(ada, internal, treatment="kept").treatment == "kept"


def test_an_advanced_cost_is_not_sent_without_its_receipt(ada: User, mission: Mission) -> None:
    expense = _log(ada, mission, treatment="advanced")
    with pytest.raises(Refused) as excinfo:
        actions.submit_expenses([expense], **acting(ada, TODAY))
    assert refused(excinfo) == ["receipt"]
    actions.edit_expense(expense, receipt=receipt(), **acting(ada, TODAY))
    actions.submit_expenses([expense], **acting(ada, TODAY))
    expense.refresh_from_db()
    assert expense.state == "submitted"


def test_kilometres_are_not_sent_where_the_contract_names_no_price(
    coop: Coop, ada: User, basile: User
) -> None:
    mission = given_mission(given_agreement(coop, by=basile), team=[ada], by=basile)
    expense = _log(ada, mission, kind="km", km=Decimal(80), power=5)
    with pytest.raises(Refused) as excinfo:
        actions.submit_expenses([expense], **acting(ada, TODAY))
    assert refused(excinfo) == ["km_rate"]
    # Ada may not open the agreement: her own page is where she mends it, and it says which.
    [missing] = excinfo.value.missing
    assert missing.url == f"/journees/frais/{expense.pk}/modifier/"
    assert str(missing.text).startswith(expense.label)


def test_only_their_person_mends_an_expense_and_only_before_it_is_sent(
    ada: User, basile: User, mission: Mission
) -> None:
    expense = _log(ada, mission)
    with pytest.raises(Refused):
        actions.edit_expense(expense, label="Autre", **acting(basile, TODAY))
    actions.submit_expenses([expense], **acting(ada, TODAY))
    with pytest.raises(Refused) as excinfo:
        actions.edit_expense(expense, label="Autre", **acting(ada, TODAY))
    assert refused(excinfo) == ["state"]
    actions.withdraw_expense(expense, **acting(ada, TODAY))
    actions.edit_expense(expense, label="Autre", **acting(ada, TODAY))
    expense.refresh_from_db()
    assert expense.label == "Autre"


def test_a_new_receipt_takes_the_place_of_the_old_one(ada: User, mission: Mission) -> None:
    expense = _log(ada, mission, receipt=receipt("flou.pdf"))
    actions.edit_expense(expense, receipt=receipt("net.pdf"), **acting(ada, TODAY))
    assert [p.original_name for p in KeptFile.objects.all()] == ["net.pdf"]


def test_an_expense_is_deleted_with_its_receipt(
    ada: User, mission: Mission, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    expense = _log(ada, mission, receipt=receipt())
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_expense(expense, **acting(ada, TODAY))
    assert not KeptFile.objects.exists()
    assert not [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]


def test_a_consultant_validates_no_expense_and_nobody_their_own(
    ada: User, basile: User, mission: Mission
) -> None:
    expense = given_expense(ada, mission, state="submitted")
    with pytest.raises(PermissionDenied):
        actions.validate_expense(expense, **acting(ada, TODAY))
    person("Carla Bis", "coordinator")
    own = given_expense(basile, mission, state="submitted")
    with pytest.raises(Refused) as excinfo:
        actions.validate_expense(own, **acting(basile, TODAY))
    assert refused(excinfo) == ["own"]


def test_a_validation_settles_what_is_billed_and_what_is_given_back(
    ada: User, basile: User, mission: Mission
) -> None:
    expense = given_expense(ada, mission, "120.00", vat=Decimal("20.00"), by=basile)
    assert (expense.billable, expense.reimbursable) == (Decimal("100.00"), Decimal("120.00"))
    card = given_expense(ada, mission, "60.00", paid_by="structure", by=basile)
    assert (card.billable, card.reimbursable) == (Decimal("60.00"), Decimal("0.00"))
    kept = given_expense(ada, mission, "33.33", treatment="kept", by=basile)
    assert (kept.billable, kept.reimbursable) == (Decimal("0.00"), Decimal("33.33"))
    advanced = given_expense(
        ada, mission, "36.00", treatment="advanced", vat=Decimal("6.00"), by=basile
    )
    assert advanced.billable == Decimal("36.00")


def test_without_vat_of_ours_the_whole_amount_is_rebilled(ada: User, basile: User) -> None:
    given_issuer(regime="association_exempt", vat_rate=Decimal(0), vat_number="")
    coop = given_coop(owner=ada, by=basile)
    mission = given_mission(given_agreement(coop, by=basile), by=basile)
    expense = given_expense(ada, mission, "120.00", vat=Decimal("20.00"), by=basile)
    assert expense.billable == Decimal("120.00")


def test_kilometres_of_a_year_are_given_back_by_the_cumulated_scale(
    ada: User, basile: User, mission: Mission
) -> None:
    first = given_expense(ada, mission, on=date(2026, 3, 2), kind="km", km=Decimal(4900), by=basile)
    second = given_expense(ada, mission, on=date(2026, 4, 2), kind="km", km=Decimal(240), by=basile)
    assert (first.reimbursable, second.reimbursable) == (Decimal("3116.40"), Decimal("113.58"))
    assert second.billable == Decimal("144.00")
    assert "4" in second.how and "240" in second.how
    other_year = given_expense(
        ada, mission, on=date(2025, 12, 2), kind="km", km=Decimal(100), by=basile
    )
    other_car = given_expense(ada, mission, kind="km", km=Decimal(100), power=7, by=basile)
    assert other_year.reimbursable == Decimal("63.60")
    assert other_car.reimbursable == Decimal("69.70")


def test_kilometres_sent_back_leave_the_year(ada: User, basile: User, mission: Mission) -> None:
    first = given_expense(ada, mission, kind="km", km=Decimal(4900), by=basile)
    given_expense(ada, mission, kind="km", km=Decimal(240), by=basile)
    actions.reject_expense(first, why="Trajet en double", **acting(basile, TODAY))
    third = given_expense(ada, mission, kind="km", km=Decimal(10), by=basile)
    # 250 km in all at 0.636, of which 113.58 were given.
    assert third.reimbursable == Decimal("45.42")


def test_sending_back_asks_why(ada: User, basile: User, mission: Mission) -> None:
    expense = given_expense(ada, mission, state="submitted")
    with pytest.raises(Refused) as excinfo:
        actions.reject_expense(expense, why=" ", **acting(basile, TODAY))
    assert refused(excinfo) == ["why"]


def test_an_expense_is_given_back_once(ada: User, basile: User, mission: Mission) -> None:
    kept = given_expense(ada, mission, "33.33", treatment="kept", by=basile)
    rebilled = given_expense(ada, mission, "60.00", by=basile)
    assert set(Expense.objects.to_reimburse()) == {kept, rebilled}
    actions.reimburse_expenses([kept, rebilled], **acting(basile, TODAY))
    kept.refresh_from_db()
    rebilled.refresh_from_db()
    assert (kept.state, rebilled.state) == ("settled", "validated")
    assert rebilled.reimbursed_on == TODAY
    with pytest.raises(Refused):
        actions.reimburse_expenses([rebilled], **acting(basile, TODAY))
    with pytest.raises(Refused) as excinfo:
        actions.reject_expense(rebilled, why="Trop tard", **acting(basile, TODAY))
    assert refused(excinfo) == ["state"]


def test_what_the_structure_paid_and_keeps_is_settled_without_money(
    ada: User, basile: User, mission: Mission
) -> None:
    expense = given_expense(ada, mission, treatment="kept", paid_by="structure", by=basile)
    actions.settle_expense(expense, **acting(basile, TODAY))
    expense.refresh_from_db()
    assert expense.state == "settled"
    waiting = given_expense(ada, mission, treatment="kept", by=basile)
    with pytest.raises(Refused):
        actions.settle_expense(waiting, **acting(basile, TODAY))


def test_a_consultant_sees_their_own_expenses_only(
    ada: User, basile: User, chloe: User, dina: User, mission: Mission
) -> None:
    mine = given_expense(ada, mission, state="logged")
    theirs = given_expense(basile, mission, state="logged")
    assert list(Expense.objects.visible_to(ada)) == [mine]
    assert set(Expense.objects.visible_to(basile)) == {mine, theirs}
    assert set(Expense.objects.visible_to(chloe)) == {mine, theirs}
    assert not Expense.objects.visible_to(dina).exists()
