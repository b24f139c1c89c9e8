"""A corrective invoice takes back all its origin held: days, expenses, phases, deposits."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.issuing import amount_left
from invoicing.actions.phases import draft_phases
from invoicing.models import BilledExpense, BilledPhase, Correction, Invoice
from invoicing.pieces import pieces
from invoicing.queries import billable_expenses, billable_shares
from invoicing.verification import verify
from missions import actions as missions
from missions.models import Expense
from tests.conftest import acting
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_expenses import given_expense
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.test_deposits import deposit_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date, monkeypatch: Any) -> dict[str, Any]:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    given_issuer()
    return acting(chloe, today)


def errors(act: dict[str, Any]) -> list[Any]:
    """What `verify` finds wrong; the PDFs are not printed here."""
    return [found for found in verify(at=act["at"])[1] if found.is_error]


@pytest.fixture
def worked(act: dict[str, Any], ada: Any, basile: Any) -> Any:
    """An agreement with two days, a train ticket and a journey by car that wait for an invoice."""
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(coop, client_of(coop), by=basile, km_rate=D("0.60"))
    mission = given_mission(agreement, team=[ada], by=basile)
    for day in (5, 6):
        given_day(ada, mission, date(2026, 11, day), by=basile)
    given_expense(ada, mission, "60.00", by=basile)
    given_expense(ada, mission, kind="km", km=D(100), by=basile, label="Colmar")
    return agreement


def billed(agreement: Any, act: dict[str, Any]) -> Invoice:
    draft = actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    actions.take_expenses(invoice=draft, **act)
    return actions.issue(invoice=draft, **act)


def corrected(origin: Invoice, act: dict[str, Any], without: str = "") -> Correction:
    pair = actions.draft_correction(origin=origin, words="Mauvaise adresse", **act)
    for line in pair.corrective.lines.filter(kind=without):
        actions.remove_line(line=line, **act)
    return actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)


def test_expenses_stay_billed_under_their_new_generation(worked: Any, act: dict[str, Any]) -> None:
    origin = billed(worked, act)
    pair = corrected(origin, act)
    assert pair.corrective.gross == origin.gross == D("1584.00")
    held = BilledExpense.objects.filter(line__invoice=pair.corrective)
    assert [h.generation for h in held.order_by("pk")] == [2, 2]
    assert set(Expense.objects.values_list("state", flat=True)) == {"billed"}
    assert not billable_expenses().exists()
    assert not billable_shares().exists()
    assert errors(act) == []


def test_a_corrective_invoice_is_corrected_again(worked: Any, act: dict[str, Any]) -> None:
    pair = corrected(corrected(billed(worked, act), act).corrective, act)
    held = BilledExpense.objects.filter(line__invoice=pair.corrective)
    assert {h.generation for h in held} == {3}
    assert not billable_expenses().exists()
    assert errors(act) == []


def test_an_expense_taken_off_waits_for_another_invoice(worked: Any, act: dict[str, Any]) -> None:
    pair = corrected(billed(worked, act), act, without="expense")
    assert pair.corrective.net == D("1200.00")
    assert billable_expenses().count() == 2
    again = actions.draft_from_expenses(payer=worked.client, agreement=worked, **act)
    assert actions.issue(invoice=again, **act).net == D("120.00")
    assert errors(act) == []


def test_an_expense_that_changed_meanwhile_is_not_taken_back(
    worked: Any, act: dict[str, Any]
) -> None:
    origin = billed(worked, act)
    pair = actions.draft_correction(origin=origin, words="Erreur", **act)
    line = pair.corrective.lines.filter(kind="expense").first()
    line.net -= 1
    line.save()
    with pytest.raises(Refused) as refused:
        actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    assert "lines" in {m.code for m in refused.value.missing}
    assert set(Expense.objects.values_list("state", "generation")) == {("billed", 1)}


def test_phases_stay_billed_and_one_taken_off_is_due_again(act: dict[str, Any]) -> None:
    coop = given_coop()
    agreement = given_phases(coop, client_of(coop), (1000, 2000))
    for phase in agreement.phases.all():
        missions.accept_phase(phase, accepted_by="Émile Zorn", **act)
    draft = draft_phases(payer=agreement.client, agreement=agreement, **act)
    origin = actions.issue(invoice=draft, **act)
    pair = corrected(origin, act)
    held = BilledPhase.objects.filter(line__invoice=pair.corrective)
    assert [h.generation for h in held.order_by("pk")] == [2, 2]
    assert pieces(on=act["on"]) == []
    again = actions.draft_correction(origin=pair.corrective, words="Encore", **act)
    actions.remove_line(line=again.corrective.lines.order_by("position").last(), **act)
    pair = actions.issue_correction(pair=Correction.objects.get(pk=again.pk), **act)
    assert pair.corrective.net == D("1000.00")
    assert [(p.amount, p.generation) for p in pieces(on=act["on"])] == [(D("2000.00"), 3)]
    assert errors(act) == []


def test_a_final_invoice_given_back_frees_its_days_expenses_and_deposit(
    worked: Any, act: dict[str, Any]
) -> None:
    deposit = deposit_of(worked.client, "300", act)

    def final() -> Invoice:
        draft = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
        actions.take_expenses(invoice=draft, **act)
        actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
        return actions.issue(invoice=draft, **act)

    first = final()
    lines = list(first.lines.values_list("pk", flat=True))
    credit = actions.draft_credit(origin=first, words="Erreur", billable_again=lines, **act)
    credit = actions.issue(invoice=credit, **act)
    assert (credit.gross, credit.asked) == (D("1584.00"), D("1224.00"))
    assert amount_left(first) == 0
    assert billable_shares().count() == billable_expenses().count() == 2
    again = final()
    assert (again.gross, again.asked) == (D("1584.00"), D("1224.00"))
    assert not billable_shares().exists()
    assert not billable_expenses().exists()
    assert errors(act) == []


def test_a_deposit_given_back_is_not_taken_off_any_more(worked: Any, act: dict[str, Any]) -> None:
    deposit = deposit_of(worked.client, "300", act, agreement=worked)
    line = deposit.lines.get()
    credit = actions.draft_credit(origin=deposit, words="Erreur", billable_again=[line.pk], **act)
    assert actions.issue(invoice=credit, **act).gross == D("360.00")
    draft = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    with pytest.raises(Refused):
        actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    assert actions.issue(invoice=draft, **act).asked == D("1440.00")
    assert errors(act) == []
