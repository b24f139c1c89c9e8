"""Payments of a funder: planned, claimed, received in whole or in part, cancelled, paid back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from essaim import hooks
from essaim.models import Event, EventText
from essaim.workflow import Refused, UnknownEdge, edges, run
from grants import actions
from grants.models import Disbursement
from grants.rules import final_grant
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_disbursement,
    move,
    who,
)

pytestmark = pytest.mark.django_db
D = Decimal

GRAPH: dict[str, tuple[set[str], str]] = {
    "claim": ({"planned"}, "claimed"),
    "receive": ({"planned", "claimed"}, "received"),
    "cancel": ({"planned", "claimed"}, "cancelled"),
}
DATA: dict[str, dict[str, Any]] = {
    "claim": {"dated": DAY},
    "receive": {"dated": DAY, "amount": D("10800.00")},
    "cancel": {"why": "Le financeur a renoncé."},
}
ROADS: dict[str, tuple[str, ...]] = {
    "planned": (),
    "claimed": ("claim",),
    "received": ("receive",),
    "cancelled": ("cancel",),
}


@pytest.mark.parametrize("state", Disbursement.State.values)
def test_every_move_from_every_state(state: str) -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    for edge in ROADS[state]:
        run(row, edge, **DATA[edge], **who())
    by = who()["by"]
    assert {e.name for e in edges(row, by)} == {n for n, (s, _to) in GRAPH.items() if state in s}
    for edge, (sources, target) in GRAPH.items():
        with transaction.atomic():
            if state in sources:
                run(row, edge, **DATA[edge], **who())
                assert Disbursement.objects.get(pk=row.pk).state == target
            else:
                with pytest.raises(Refused) as refused:
                    run(row, edge, **DATA[edge], **who())
                assert [m.code for m in refused.value.missing] == ["state"]
                assert Disbursement.objects.get(pk=row.pk).state == state
            transaction.set_rollback(True)


def test_an_unknown_move_is_no_move() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    with pytest.raises(UnknownEdge):
        run(row, "swallow", **who())


@pytest.mark.parametrize("state", ["spotted", "review", "refused", "renounced"])
def test_nothing_is_planned_before_the_award(state: str) -> None:
    application = given_application(given_applicant(), state=state)
    with pytest.raises(Refused) as refused:
        given_disbursement(application)
    assert [m.code for m in refused.value.missing] == ["application"]
    assert not application.disbursements.exists()


def test_nothing_is_received_before_the_award() -> None:
    application = given_application(given_applicant(), state="submitted")
    row = Disbursement.objects.create(
        application=application, kind="advance", expected_amount=D(100)
    )
    with pytest.raises(Refused) as refused:
        actions.receive_disbursement(row, dated=DAY, amount=D(100), **who())
    assert "application" in [m.code for m in refused.value.missing]


@pytest.mark.parametrize("amount", ["0", "-10"])
def test_a_planned_payment_is_positive(amount: str) -> None:
    application = given_application(given_applicant(), state="agreed")
    with pytest.raises(Refused) as refused:
        given_disbursement(application, amount=D(amount))
    assert [m.code for m in refused.value.missing] == ["expected_amount"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"dated": DAY + timedelta(days=1), "amount": D(10800)}, "dated"),
        ({"dated": DAY, "amount": D("-1")}, "amount"),
        ({"dated": DAY, "amount": D(0)}, "amount"),
    ],
)
def test_a_reception_is_past_and_positive(data: dict[str, Any], code: str) -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    with pytest.raises(Refused) as refused:
        actions.receive_disbursement(row, **data, **who())
    assert [m.code for m in refused.value.missing] == [code]
    row.refresh_from_db()
    assert (row.state, row.received_amount) == ("planned", None)


def test_the_plan_never_passes_the_grant() -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(36000))
    given_disbursement(application, "advance", D(10800), received=True)
    given_disbursement(application, "instalment", D(18000))
    given_disbursement(application, "balance", D(7200))
    reasons = {"beyond_agreed": "Complément promis."}
    with pytest.raises(Refused) as refused:
        given_disbursement(application, "balance", D("0.01"), reasons=reasons)
    assert [(m.code, m.level) for m in refused.value.missing] == [("beyond_agreed", "bar")]
    assert application.disbursements.count() == 3
    actions.change_amount(application, dated=DAY, amount=D("36000.01"), why="Avenant.", **who())
    given_disbursement(application, "balance", D("0.01"))
    told = EventText.objects.get(event__verb="grants.GrantApplication.change_amount")
    assert told.words["reason"] == "Avenant."


def test_a_cancelled_payment_leaves_its_place_in_the_plan() -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(36000))
    row = given_disbursement(application, "balance", D(36000))
    actions.cancel_disbursement(row, why="Deux tranches plutôt qu’une.", **who())
    given_disbursement(application, "advance", D(36000))
    assert application.disbursements.expected().count() == 1


def test_a_cancellation_says_why() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    with pytest.raises(Refused) as refused:
        actions.cancel_disbursement(row, why=" ", **who())
    assert [m.code for m in refused.value.missing] == ["why"]


def test_a_partial_reception_leaves_the_rest_planned() -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(
        application, "instalment", D(18000), expected_on=DAY, pieces="Bilan intermédiaire"
    )
    actions.receive_disbursement(row, dated=DAY, amount=D("12500.50"), **who())
    rest = application.disbursements.expected().get()
    assert rest.expected_amount == D("5499.50")
    assert (rest.kind, rest.state, rest.remainder_of) == ("instalment", "planned", row)
    assert (rest.expected_on, rest.pieces) == (None, "Bilan intermédiaire")
    assert list(Disbursement.objects.unscheduled()) == [rest]
    assert Event.objects.filter(verb="grants.Disbursement.plan", object_id=rest.pk).exists()


def test_the_rest_may_be_dated_at_once() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    later = DAY + timedelta(days=40)
    actions.receive_disbursement(row, dated=DAY, amount=D(800), remainder_on=later, **who())
    assert row.remainders.get().expected_on == later


def test_a_full_reception_leaves_nothing() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"), received=True)
    assert row.received_amount == row.expected_amount
    assert not row.remainders.exists()


def test_more_than_expected_asks_a_sentence() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    with pytest.raises(Refused) as refused:
        actions.receive_disbursement(row, dated=DAY, amount=D("10800.01"), **who())
    assert [(m.code, m.level) for m in refused.value.missing] == [("more_than_expected", "warn")]
    reasons = {"more_than_expected": "Deux tranches en un virement."}
    actions.receive_disbursement(row, dated=DAY, amount=D("10800.01"), reasons=reasons, **who())
    assert not row.remainders.exists()


def test_the_golden_case_ends_on_31680() -> None:
    application = given_application(given_applicant(), state="running", agreed=D(36000))
    given_disbursement(application, "advance", D(10800), received=True)
    given_disbursement(application, "instalment", D(18000), received=True)
    balance = given_disbursement(application, "balance", D(7200))
    actions.report(application, dated=DAY, amount=D(39600), **who())
    final = final_grant(application.eligible_base, application.agreed, application.justified)
    actions.settle(application, dated=DAY, amount=final, **who())
    balance.refresh_from_db()
    assert balance.expected_amount == D("2880.00")
    actions.receive_disbursement(balance, dated=DAY, amount=D("2880.00"), **who())
    rows = application.disbursements.order_by("pk").values_list("received_amount", flat=True)
    assert list(rows) == [D("10800.00"), D("18000.00"), D("2880.00")]
    assert sum(rows) == application.final_amount == D("31680.00")
    move(application, "close_file")


def test_settling_cancels_what_will_never_come() -> None:
    application = given_application(given_applicant(), state="reported", agreed=D(36000))
    given_disbursement(application, "advance", D(28800), received=True)
    balance = given_disbursement(application, "balance", D(7200))
    actions.settle(application, dated=DAY, amount=D(28800), **who())
    balance.refresh_from_db()
    assert balance.state == "cancelled"


def test_settling_below_what_came_asks_a_sentence() -> None:
    application = given_application(given_applicant(), state="reported", agreed=D(36000))
    given_disbursement(application, "advance", D(28800), received=True)
    with pytest.raises(Refused) as refused:
        actions.settle(application, dated=DAY, amount=D(20000), **who())
    assert [m.code for m in refused.value.missing] == ["below_received"]


def test_a_grant_broken_off_is_worth_what_came() -> None:
    application = given_application(given_applicant(), state="running", agreed=D(24000))
    given_disbursement(application, "advance", D(5000), received=True)
    balance = given_disbursement(application, "balance", D(19000))
    actions.claw_back(application, dated=DAY, amount=D(2000), **who())
    assert application.final_amount == D(22000)
    actions.cancel_disbursement(balance, why="Opération abandonnée.", **who())
    assert application.final_amount == D(3000)


def test_paying_the_excess_back_leaves_the_final_grant_whole() -> None:
    application = given_application(given_applicant(), state="reported", agreed=D(36000))
    given_disbursement(application, "advance", D(28800), received=True)
    reasons = {"below_received": "Dépenses moindres."}
    actions.settle(application, dated=DAY, amount=D(20000), reasons=reasons, **who())
    actions.claw_back(application, dated=DAY, amount=D(8800), **who())
    assert application.final_amount == D(20000)


def test_a_repayment_is_a_negative_row_received_in_its_turn() -> None:
    application = given_application(given_applicant(), state="settled", agreed=D(36000))
    for row in application.disbursements.expected():
        actions.receive_disbursement(row, dated=DAY, amount=D(36000), **who())
    actions.claw_back(application, dated=DAY, amount=D(4320), **who())
    row = application.disbursements.get(kind="clawback")
    assert (row.state, row.expected_amount) == ("planned", D("-4320.00"))
    with pytest.raises(Refused):
        actions.receive_disbursement(row, dated=DAY, amount=D(4320), **who())
    actions.receive_disbursement(row, dated=DAY, amount=D("-1000"), **who())
    rest = row.remainders.get()
    assert (rest.kind, rest.expected_amount) == ("clawback", D("-3320.00"))


def test_an_awaited_payment_may_be_changed_and_a_received_one_not() -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application)
    later = DAY + timedelta(days=9)
    actions.edit_disbursement(row, expected_amount=D(9000), expected_on=later, **who())
    row.refresh_from_db()
    assert (row.expected_amount, row.expected_on) == (D(9000), later)
    actions.receive_disbursement(row, dated=DAY, amount=D(9000), **who())
    with pytest.raises(Refused):
        actions.edit_disbursement(row, expected_amount=D(1), **who())


@pytest.mark.parametrize(
    ("persona", "moves"),
    [
        ("ada", set()),
        ("basile", {"claim", "receive", "cancel"}),
        ("chloe", {"claim", "receive", "cancel"}),
        ("farid", {"claim", "cancel"}),
        ("dina", set()),
    ],
)
def test_who_moves_a_payment(persona: str, moves: set[str], request: Any) -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    found = edges(row, request.getfixturevalue(persona))
    assert {e.name for e in found if e.allowed} == moves


def test_the_lists_of_late_payments(basile: Any, ada: Any) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(900000))
    days = {1: "a", 30: "a", 31: "b", 60: "b", 61: "c", 0: "", -3: ""}
    rows = {n: given_disbursement(application, expected_on=DAY - timedelta(days=n)) for n in days}
    late = Disbursement.objects.all()
    assert set(late.late_by(1, 30, on=DAY)) == {rows[1], rows[30]}
    assert set(late.late_by(31, 60, on=DAY)) == {rows[31], rows[60]}
    assert set(late.late_by(61, None, on=DAY)) == {rows[61]}
    assert set(late.late(on=DAY)) == {rows[n] for n, list_ in days.items() if list_}
    assert Disbursement.objects.visible_to(basile).count() == len(days)
    assert not Disbursement.objects.visible_to(ada).exists()


def test_a_reception_tells_invoicing_in_the_same_breath(monkeypatch: Any) -> None:
    heard: list[tuple[Any, ...]] = []

    def hear(obj: Any, *, by: Any, on: Any, at: Any, data: Any) -> dict[str, Any]:
        heard.append((obj.pk, obj.state, obj.received_amount, obj.application_id, data.dated))
        return {"heard": obj.pk}

    verb = "grants.Disbursement.receive"
    monkeypatch.setitem(hooks.reactions.rows, verb, [hear])
    row = given_disbursement(given_application(given_applicant(), state="agreed"), received=True)
    assert heard == [(row.pk, "received", D("10800.00"), row.application_id, DAY)]
    told = Event.objects.get(verb=verb)
    assert told.reactions == [{"heard": row.pk}]
    assert told.codes["amount"] == "10800.00"


@pytest.mark.parametrize("edge", ["award", "settle", "claw_back"])
def test_the_moves_that_money_hangs_on_are_heard(edge: str, monkeypatch: Any) -> None:
    heard: list[tuple[Any, ...]] = []

    def hear(obj: Any, *, by: Any, on: Any, at: Any, data: Any) -> None:
        heard.append((obj.pk, data.amount, data.dated, obj.granted_amount))

    state = {"award": "review", "settle": "reported", "claw_back": "running"}[edge]
    application = given_application(given_applicant(), state=state)
    monkeypatch.setitem(hooks.reactions.rows, f"grants.GrantApplication.{edge}", [hear])
    move(application, edge, amount=D(36000))
    assert heard == [(application.pk, D(36000), DAY, D(36000))]
