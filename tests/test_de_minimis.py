"""De minimis aids over three rolling years, and amendments that a second entity makes needed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import actions as crm
from essaim import hooks
from essaim.models import Event, LegalFigure
from essaim.workflow import Refused
from grants import actions
from grants.actions.episodes import need_amendments
from grants.aids import counter
from grants.models import AmendmentNeed, OtherAid
from grants.rules_aid import Aid, count, years_before
from grants.states import ApplicationState
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_disbursement,
    given_organisation,
    given_programme,
    move,
    who,
)

D = Decimal
LATER = DAY + timedelta(days=9)
CEILING = D(300000)


def _counted(*aids: tuple[date, int], on: date = DAY) -> Any:
    return count((Aid(day, D(n), "") for day, n in aids), on=on, ceiling=CEILING)


def test_three_years_roll_and_the_anniversary_still_counts() -> None:
    third = date(2023, 3, 2)
    found = _counted((third, 100), (third - timedelta(days=1), 10), (DAY, 1), (date(2026, 3, 3), 5))
    assert (found.since, found.total, found.left) == (third, D(101), D(299899))
    assert _counted((third, 100), on=date(2026, 3, 3)).total == 0


def test_a_leap_day_falls_back_on_the_28th() -> None:
    assert years_before(date(2028, 2, 29)) == date(2025, 2, 28)
    assert years_before(date(2027, 2, 28)) == date(2024, 2, 28)


def test_what_passes_the_ceiling_is_told() -> None:
    found = _counted((DAY, 300000), (DAY, 1))
    assert (found.left, found.over) == (D(0), D(1))


def _aid(coop: Any, amount: int, **facts: Any) -> Any:
    programme = given_programme(is_de_minimis=True, **facts.pop("programme", {}))
    return given_application(coop, programme, agreed=D(amount), **facts)


@pytest.mark.django_db
def test_grants_count_from_the_day_of_the_right_and_others_do_not() -> None:
    coop = given_applicant()
    _aid(coop, 20000, state="running")
    _aid(coop, 7000, state="review")
    _aid(coop, 9000, state="refused")
    given_application(coop, state="running", agreed=D(50000))
    _aid(given_applicant("Épi Sud"), 4000, state="running")
    found = counter(coop.organisation, on=DAY)
    assert (found.total, found.ceiling) == (D(20000), CEILING)
    assert counter(coop.organisation, on=DAY - timedelta(days=1)).total == 0
    assert counter(coop.organisation, on=date(2029, 3, 2)).total == D(20000)
    assert counter(coop.organisation, on=date(2029, 3, 3)).total == 0


@pytest.mark.django_db
def test_a_grant_given_up_counts_for_what_was_paid_and_a_loan_for_its_equivalent() -> None:
    coop = given_applicant()
    paid = _aid(coop, 20000, state="awarded")
    given_disbursement(paid, amount=D(3000), received=True)
    given_disbursement(paid, "balance", D(17000))
    move(paid, "renounce")
    loan = _aid(coop, 15000, state="running", programme={"kind": "loan"})
    assert counter(coop.organisation, on=DAY).total == D(18000)
    actions.edit_application(loan, grant_equivalent=D(1200), **who())
    assert counter(coop.organisation, on=DAY).total == D(4200)


@pytest.mark.django_db
def test_aids_obtained_elsewhere_are_typed_and_judged() -> None:
    coop = given_applicant()
    aid = actions.add_other_aid(
        coop.organisation, giver="Ville", granted_on=DAY, amount=D(5000), **who()
    )
    assert counter(coop.organisation, on=DAY).total == D(5000)
    for facts, code in (
        ({"amount": D(0)}, "amount"),
        ({"granted_on": DAY + timedelta(days=1)}, "granted_on"),
        ({"giver": " "}, "giver"),
    ):
        with pytest.raises(Refused) as refused:
            actions.edit_other_aid(aid, **facts, **who())
        assert [m.code for m in refused.value.missing] == [code]
    actions.remove_other_aid(aid, **who())
    assert not OtherAid.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("edge", ["deposit", "award"])
def test_a_deposit_and_an_award_warn_past_the_ceiling(edge: str) -> None:
    coop = given_applicant()
    actions.add_other_aid(
        coop.organisation, giver="Ville", granted_on=DAY, amount=D(290000), **who()
    )
    state = {"deposit": "drafting", "award": "drafting"}[edge]
    application = _aid(coop, 10001, state=state)
    reasons = {"de_minimis": "Notifié au financeur."}
    if edge == "award":
        actions.move(application, "deposit", dated=DAY, reasons=reasons, **who())
    data = {"dated": DAY} | ({"amount": D(10001)} if edge == "award" else {})
    with pytest.raises(Refused) as refused:
        actions.move(application, edge, **data, **who())
    assert [(m.code, m.level) for m in refused.value.missing] == [("de_minimis", "warn")]
    assert "1,00\u00a0€" in str(refused.value)
    actions.move(application, edge, reasons=reasons, **data, **who())


@pytest.mark.django_db
def test_the_ceiling_is_the_legal_tables() -> None:
    coop = given_applicant()
    LegalFigure.objects.create(
        kind="de_minimis", value=100, effective_from=DAY, source="Essai", noted_on=DAY
    )
    assert counter(coop.organisation, on=DAY).ceiling == D(100)
    assert counter(coop.organisation, on=DAY - timedelta(days=1)).ceiling == CEILING
    assert counter(coop.organisation, on=date(2022, 5, 1)).ceiling == CEILING


# -- amendments -----------------------------------------------------------------------------


def _declared(coop: Any, organisation: Any) -> Any:
    why = "Porter le magasin."
    row = crm.declare_parallel_entity(coop, organisation=organisation, since=DAY, why=why, **who())
    return row, Event.objects.get(verb="crm.Coop.declare_parallel_entity")


OPEN = {"awarded", "agreed", "running", "reported", "settled"}


@pytest.mark.django_db
def test_a_second_entity_raises_an_amendment_on_each_open_grant_once() -> None:
    coop = given_applicant()
    made = {state: given_application(coop, state=state) for state in ApplicationState.values}
    given_application(given_applicant("Épi Sud"), state="running")
    sas = given_organisation("La Grange SAS", "coop")
    _row, event = _declared(coop, sas)
    needs = AmendmentNeed.objects.all()
    assert {need.application_id for need in needs} == {made[state].pk for state in OPEN}
    assert {(n.organisation, n.since, n.raised_on) for n in needs} == {(sas, DAY, DAY)}
    assert event.reactions == [{"amendments": [n.application_id for n in needs]}]
    assert need_amendments(coop, organisation=sas, since=DAY, on=DAY) == []
    assert AmendmentNeed.objects.count() == len(OPEN)


@pytest.mark.django_db
def test_a_transformation_keeps_the_grants_and_raises_nothing() -> None:
    coop = given_applicant()
    given_application(coop, state="running")
    crm.set_legal_form(coop.organisation, form="association", since=DAY, **who())
    crm.set_legal_form(coop.organisation, form="sas_coop", since=LATER, **who(on=LATER))
    assert coop.organisation.legal_forms.count() == 2
    assert not AmendmentNeed.objects.exists()


@pytest.mark.django_db
def test_an_amendment_is_settled_with_words_and_once(basile: Any) -> None:
    coop = given_applicant()
    given_application(coop, state="running", by=basile, title="Local")
    _declared(coop, given_organisation("La Grange SAS", "coop"))
    need = AmendmentNeed.objects.get()
    provider = next(p for p in hooks.work_reasons.all() if p.__name__ == "amendments_to_ask")
    assert "Local" in provider(basile, on=DAY, limit=5)[0].title
    with pytest.raises(Refused):
        actions.settle_amendment(need, words=" ", **who())
    need = actions.settle_amendment(need, words="Avenant signé le 12.", **who(basile))
    assert (need.settled_on, need.settled_by) == (DAY, basile)
    assert provider(basile, on=DAY, limit=5) == []
    with pytest.raises(Refused):
        actions.settle_amendment(need, words="Encore.", **who())
