"""Every move of an application from every state: allowed, or refused and nothing written."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from essaim.models import Event, EventText, LegalFigure, User
from essaim.workflow import Refused, UnknownEdge, edges, missing
from grants import actions
from grants.models import GrantApplication
from tests.given_grants import (
    DAY,
    ROAD_TO,
    data_of,
    given_applicant,
    given_application,
    given_disbursement,
    given_programme,
    move,
    who,
)
from tests.grant_graph import GRAPH

State = GrantApplication.State
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_each_state_allows_its_moves_and_no_other(state: str) -> None:
    application = given_application(given_applicant(), state=state)
    by = who()["by"]
    allowed = {edge.name for edge in edges(application, by)}
    assert allowed == {name for name, (sources, _to) in GRAPH.items() if state in sources}


@pytest.mark.parametrize("state", State.values)
def test_every_move_from_every_state(state: str) -> None:
    application = given_application(given_applicant(), state=state)
    for row in application.disbursements.expected():
        actions.cancel_disbursement(row, why="Pour le test.", **who())
    for edge, (sources, target) in GRAPH.items():
        with transaction.atomic():
            if state in sources:
                _is_allowed(application, edge, state, target)
            else:
                _is_refused(application, edge, state)
            transaction.set_rollback(True)


def _is_allowed(application: GrantApplication, edge: str, state: str, target: str) -> None:
    move(application, edge)
    assert GrantApplication.objects.get(pk=application.pk).state == target
    told = Event.objects.filter(verb=f"grants.GrantApplication.{edge}").latest("pk")
    assert (told.source, told.target) == (state, target)


def _is_refused(application: GrantApplication, edge: str, state: str) -> None:
    events = Event.objects.count()
    with pytest.raises(Refused) as refused:
        move(application, edge)
    assert [m.code for m in refused.value.missing] == ["state"]
    assert GrantApplication.objects.get(pk=application.pk).state == state
    assert Event.objects.count() == events


def test_every_state_is_reached_by_the_roads_and_the_graph_is_whole() -> None:
    assert set(ROAD_TO) == set(State.values)
    assert {target for _sources, target in GRAPH.values()} == set(State.values) - {"spotted"}


def test_an_unknown_move_is_no_move() -> None:
    with pytest.raises(UnknownEdge):
        actions.move(given_application(given_applicant()), "become_rich", **who())


DATED = [
    "deposit",
    "declare_incomplete",
    "declare_complete",
    "award",
    "refuse",
    "withdraw",
    "agree",
    "report",
    "report_sent_back",
    "rewrite",
    "settle",
    "renounce",
    "lapse",
    "claw_back",
]


@pytest.mark.parametrize("edge", DATED)
def test_no_paper_of_the_funder_is_dated_in_the_future(edge: str) -> None:
    source = sorted(GRAPH[edge][0] - {"no_answer", "closed"})[0]
    application = given_application(given_applicant(), state=source)
    data = data_of(edge, amount=None, on=DAY + timedelta(days=1))
    with pytest.raises(Refused) as refused:
        actions.move(application, edge, **data, **who())
    assert "dated" in [m.code for m in refused.value.missing]


def test_a_committee_may_be_announced_for_a_later_day() -> None:
    application = given_application(given_applicant(), state="complete")
    actions.move(application, "to_committee", dated=DAY + timedelta(days=30), **who())
    assert application.committee_on == DAY + timedelta(days=30)


@pytest.mark.parametrize(
    ("edge", "amount"),
    [("award", "-1"), ("award", "0"), ("agree", "0"), ("claw_back", "-5"), ("report", "-0.01")],
)
def test_it_refuses_amounts_that_make_no_sense(edge: str, amount: str) -> None:
    state = {"award": "review", "agree": "awarded", "report": "running"}.get(edge, "settled")
    with pytest.raises(Refused) as refused:
        move(given_application(given_applicant(), state=state), edge, amount=Decimal(amount))
    assert [m.code for m in refused.value.missing] == ["amount"]


@pytest.mark.parametrize("edge", ["rewrite", "withdraw", "report_sent_back", "renounce"])
def test_going_back_and_giving_up_ask_why(edge: str) -> None:
    state = sorted(GRAPH[edge][0])[0]
    with pytest.raises(Refused) as refused:
        actions.move(
            given_application(given_applicant(), state=state), edge, dated=DAY, why="  ", **who()
        )
    assert [m.code for m in refused.value.missing] == ["why"]


def test_nothing_is_deposited_without_the_amount_asked() -> None:
    application = given_application(given_applicant(), state="drafting")
    actions.edit_application(application, requested=None, **who())
    with pytest.raises(Refused) as refused:
        actions.move(application, "deposit", dated=DAY, **who())
    assert [m.code for m in refused.value.missing] == ["requested"]


def test_asking_past_the_caps_needs_a_sentence_for_each() -> None:
    programme = given_programme(amount_cap=Decimal(30000), rate_cap=Decimal(70))
    application = given_application(given_applicant(), programme, state="drafting")
    with pytest.raises(Refused) as refused:
        actions.move(application, "deposit", dated=DAY, **who())
    assert {(m.code, m.level) for m in refused.value.missing} == {
        ("amount_cap", "warn"),
        ("rate_cap", "warn"),
    }
    reasons = {"amount_cap": "Accord du financeur.", "rate_cap": "Zone rurale."}
    actions.move(application, "deposit", dated=DAY, reasons=reasons, **who())
    told = EventText.objects.get(event__verb="grants.GrantApplication.deposit")
    assert told.words["amount_cap"] == "Accord du financeur."


def test_a_large_grant_does_not_run_on_its_notification_alone() -> None:
    application = given_application(given_applicant(), state="awarded", awarded=Decimal("23000.01"))
    with pytest.raises(Refused) as refused:
        actions.move(application, "start", **who())
    assert [m.code for m in refused.value.missing] == ["agreement"]
    small = given_application(given_applicant(), state="awarded", awarded=Decimal(23000))
    actions.move(small, "start", **who())
    assert (small.state, small.agreed) == ("running", Decimal(23000))


def test_the_amount_above_which_an_agreement_is_needed_is_the_legal_tables() -> None:
    on = who()["on"]
    LegalFigure.objects.create(
        kind="grant_agreement", value=100, effective_from=on, source="Décret d’essai", noted_on=on
    )
    application = given_application(given_applicant(), state="awarded", awarded=Decimal(101))
    found = missing(application, "start", by=who()["by"], on=on)
    assert [m.code for m in found] == ["agreement"]


def test_the_moves_keep_what_the_funder_wrote() -> None:
    application = given_application(
        given_applicant(),
        state="settled",
        agreed=Decimal(36000),
        justified=Decimal(39600),
        retained=Decimal(31680),
    )
    application.refresh_from_db()
    assert application.decided_on == application.notified_on == application.agreed_on == DAY
    assert application.report_sent_on == application.report_accepted_on == DAY
    assert (application.awarded, application.agreed) == (Decimal(36000), Decimal(36000))
    assert (application.justified, application.retained) == (Decimal(39600), Decimal(31680))
    assert application.granted_amount == application.final_amount == Decimal(31680)


def test_two_claims_for_repayment_add_up() -> None:
    application = given_application(given_applicant(), state="settled", agreed=Decimal(36000))
    move(application, "claw_back", amount=Decimal(3000))
    actions.cancel_disbursement(
        application.disbursements.get(kind="clawback"), why="Remis.", **who()
    )
    for row in application.disbursements.expected():
        actions.cancel_disbursement(row, why="Jamais versé.", **who())
    move(application, "close_file")
    move(application, "claw_back", amount=Decimal(1000))
    assert application.clawed_back == Decimal(4000)
    assert application.final_amount == Decimal(32000)


def test_a_file_is_not_closed_while_a_payment_is_awaited() -> None:
    application = given_application(given_applicant(), state="settled")
    with pytest.raises(Refused) as refused:
        move(application, "close_file")
    assert [m.code for m in refused.value.missing] == ["awaited"]


@pytest.mark.parametrize("edge", ["renounce", "lapse"])
def test_a_grant_given_up_awaits_nothing_more(edge: str) -> None:
    application = given_application(given_applicant(), state="running")
    paid = given_disbursement(application, received=True)
    awaited = given_disbursement(application, "balance", Decimal(7200))
    move(application, edge)
    awaited.refresh_from_db()
    paid.refresh_from_db()
    assert (awaited.state, paid.state) == ("cancelled", "received")


@pytest.mark.parametrize(
    ("persona", "allowed"),
    [("ada", False), ("basile", True), ("chloe", False), ("farid", True), ("dina", False)],
)
def test_who_moves_an_application(persona: str, *, allowed: bool, request: Any) -> None:
    person: User = request.getfixturevalue(persona)
    application = given_application(given_applicant())
    found = {edge.name: edge.allowed for edge in edges(application, person)}
    assert found["draft"] is allowed


def test_a_stale_browser_gets_the_state_and_no_second_event() -> None:
    application = given_application(given_applicant(), state="review")
    twin = GrantApplication.objects.get(pk=application.pk)
    move(application, "award")
    with pytest.raises(Refused):
        move(twin, "award")
    assert Event.objects.filter(verb="grants.GrantApplication.award").count() == 1


def test_the_award_tells_what_invoicing_needs() -> None:
    application = given_application(
        given_applicant(), state="awarded", awarded=Decimal(36000), on=date(2026, 4, 1)
    )
    told = Event.objects.get(verb="grants.GrantApplication.award")
    assert told.object_id == application.pk
    assert told.codes["amount"] == "36000"
    assert told.codes["dated"] == "2026-04-01"


def test_an_award_above_what_was_asked_takes_a_sentence() -> None:
    application = given_application(given_applicant(), state="review")
    assert application.requested
    data = data_of("award", amount=application.requested + 1, on=DAY)
    with pytest.raises(Refused) as refused:
        actions.move(application, "award", **data, **who())
    assert [(m.code, m.level) for m in refused.value.missing] == [("above_request", "warn")]
    reasons = {"above_request": "Le financeur a arrondi."}
    assert actions.move(application, "award", **data, reasons=reasons, **who()).state == "awarded"
