"""Payments in full: schedules proposed, amounts within the grant, overpayments, pieces, answers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import actions as crm
from essaim.models import Event, OutboxMessage, User
from essaim.workflow import Refused
from grants import actions, questions
from grants.actions.schedules import Planned, left_to_plan, proposed_schedule
from grants.models import AidQuestion, Disbursement
from grants.rules_payments import Step
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_disbursement,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db
D = Decimal
PATTERN = [
    Step("advance", D(30), 1, "RIB\nAttestation de démarrage"),
    Step("instalment", D(50), 7),
    Step("balance", D(20)),
]


def codes(refused: Any) -> list[tuple[str, str]]:
    return [(m.code, m.level) for m in refused.value.missing]


def confirmed(application: Any) -> list[Planned]:
    return [
        Planned(p.kind, p.amount, p.expected_on, None, p.pieces)
        for p in proposed_schedule(application)
    ]


# -- the schedule -----------------------------------------------------------------------------
def test_the_programme_s_pattern_becomes_the_plan_to_the_cent() -> None:
    programme = given_programme()
    actions.set_terms(programme, steps=PATTERN, **who())
    application = given_application(
        given_applicant(), programme, state="agreed", agreed=D("10000.01")
    )
    actions.plan_schedule(application, rows=confirmed(application), **who())
    rows = list(application.disbursements.order_by("pk"))
    assert [r.expected_amount for r in rows] == [D("3000.00"), D("5000.01"), D("2000.00")]
    assert [r.expected_on for r in rows] == [date(2026, 4, 2), date(2026, 10, 2), None]
    assert [p.label for p in rows[0].claim_pieces.all()] == ["RIB", "Attestation de démarrage"]
    assert left_to_plan(application) == 0
    assert proposed_schedule(application) == []


def test_without_a_pattern_what_is_left_is_one_balance() -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(900))
    given_disbursement(application, "advance", D(300))
    assert [(p.kind, p.amount, p.expected_on) for p in proposed_schedule(application)] == [
        ("balance", D(600), None)
    ]


@pytest.mark.parametrize("amounts", [("300", "599.99"), ("300", "600.01"), ()])
def test_a_schedule_that_is_not_the_grant_is_refused(amounts: tuple[str, ...]) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(900))
    rows = [Planned("instalment", D(amount)) for amount in amounts]
    with pytest.raises(Refused) as refused:
        actions.plan_schedule(application, rows=rows, **who())
    assert codes(refused) == [("total", "bar")]
    assert not application.disbursements.exists()


@pytest.mark.parametrize(
    "steps", [[Step("advance", D(40)), Step("balance", D(50))], [Step("advance", D(0))]]
)
def test_a_pattern_adds_up_to_a_hundred(steps: list[Step]) -> None:
    with pytest.raises(Refused):
        actions.set_terms(given_programme(), steps=steps, **who())


def test_the_state_s_caps_ask_a_sentence_only_where_they_hold() -> None:
    rows = [Planned("advance", D(400)), Planned("balance", D(600))]
    for is_state in (False, True):
        programme = given_programme(f"Fonds {is_state}")
        actions.set_terms(programme, steps=PATTERN, is_state_investment=is_state, **who())
        application = given_application(
            given_applicant(), programme, state="agreed", agreed=D(1000)
        )
        if is_state:
            with pytest.raises(Refused) as refused:
                actions.plan_schedule(application, rows=rows, **who())
            assert codes(refused) == [("state_advance", "warn")]
            assert not application.disbursements.exists()
        reasons = {"state_advance": "Dérogation du préfet."}
        actions.plan_schedule(application, rows=rows, reasons=reasons, **who())
        assert application.disbursements.count() == 2


# -- within the grant -------------------------------------------------------------------------
def test_a_reception_that_passes_the_grant_is_refused() -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    given_disbursement(application, "advance", D(600), received=True)
    row = given_disbursement(application, "balance", D(400))
    reasons = {"more_than_expected": "Ainsi viré."}
    with pytest.raises(Refused) as refused:
        actions.receive_disbursement(row, dated=DAY, amount=D("400.01"), reasons=reasons, **who())
    assert codes(refused) == [("above_grant", "bar")]
    row.refresh_from_db()
    assert (row.state, row.received_amount) == ("planned", None)


def test_an_overpayment_said_to_be_one_is_to_be_given_back() -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    row = given_disbursement(application, "advance", D(1000))
    reasons = {"more_than_expected": "Versé deux fois."}
    actions.receive_disbursement(
        row, dated=DAY, amount=D(1600), is_overpayment=True, reasons=reasons, **who()
    )
    row.refresh_from_db()
    assert (row.received_amount, row.overpaid, row.kept) == (D(1600), D(600), D(1000))
    back = application.disbursements.get(kind="clawback")
    assert (back.expected_amount, back.returns, back.state) == (D(-600), row, "planned")
    assert application.paid_in() == D(1000)
    actions.receive_disbursement(back, dated=DAY, amount=D(-250), **who())
    back.refresh_from_db()
    assert back.kept == 0
    rest = back.remainders.get()
    assert (rest.expected_amount, rest.returns) == (D(-350), row)
    application.refresh_from_db()
    assert application.final_amount is None


def test_no_overpayment_within_the_grant() -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    with pytest.raises(Refused) as refused:
        actions.receive_disbursement(row, dated=DAY, amount=D(10800), is_overpayment=True, **who())
    assert codes(refused) == [("is_overpayment", "bar")]


@pytest.mark.parametrize("move", ["claim", "receive"])
def test_nothing_is_dated_before_the_award(move: str) -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    early = DAY - timedelta(days=1)
    act = {"claim": actions.claim_disbursement, "receive": actions.receive_disbursement}[move]
    data: dict[str, Any] = {} if move == "claim" else {"amount": D(10800)}
    with pytest.raises(Refused) as refused:
        act(row, dated=early, **data, **who())
    assert codes(refused) == [("dated", "bar")]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"dated": DAY + timedelta(days=1)}, "dated"),
        ({"dated": DAY - timedelta(days=1)}, "dated"),
        ({"amount": D(0)}, "amount"),
        ({"amount": D(500)}, "amount"),
        ({"why": " "}, "why"),
    ],
)
def test_an_amendment_is_past_positive_and_holds_what_is_planned(
    facts: dict[str, Any], code: str
) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    given_disbursement(application, "advance", D(600))
    data = {"dated": DAY, "amount": D(1200), "why": "Avenant n° 1", **facts}
    with pytest.raises(Refused) as refused:
        actions.change_amount(application, **data, **who())
    assert codes(refused) == [(code, "bar")]
    application.refresh_from_db()
    assert application.agreed == D(1000)


# -- pieces of a claim ------------------------------------------------------------------------
def test_a_claim_without_its_pieces_asks_a_sentence() -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application, pieces="RIB\n- Attestation\n\nRIB")
    labels = [piece.label for piece in row.claim_pieces.all()]
    assert labels == ["RIB", "Attestation"]
    for piece in row.claim_pieces.all()[:1]:
        actions.set_piece(piece, done_on=DAY, words="courriel du 2 mars", **who())
    with pytest.raises(Refused) as refused:
        actions.claim_disbursement(row, dated=DAY, **who())
    assert codes(refused) == [("claim_pieces", "warn")]
    assert "Attestation" in str(refused.value.missing[0].text)
    assert "RIB" not in str(refused.value.missing[0].text)
    for piece in row.claim_pieces.filter(done_on=None):
        actions.set_piece(piece, done_on=DAY, **who())
    actions.claim_disbursement(row, dated=DAY, **who())
    assert Disbursement.objects.get(pk=row.pk).state == "claimed"


def test_editing_the_words_keeps_pieces_at_hand_and_the_rest_takes_them_along() -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application, pieces="RIB\nFactures")
    actions.set_piece(row.claim_pieces.get(label="RIB"), done_on=DAY, **who())
    actions.edit_disbursement(row, expected_amount=D(10800), pieces="Bilan", **who())
    assert {p.label for p in row.claim_pieces.all()} == {"RIB", "Bilan"}
    actions.receive_disbursement(row, dated=DAY, amount=D(800), **who())
    rest = row.remainders.get()
    at_hand = dict(rest.claim_pieces.values_list("label", "done_on"))
    assert at_hand == {"RIB": DAY, "Bilan": None}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"done_on": DAY + timedelta(days=1)}, "done_on"),
        ({"done_on": None, "words": "tiroir"}, "done_on"),
    ],
)
def test_a_piece_is_at_hand_since_a_past_day(facts: dict[str, Any], code: str) -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application, pieces="RIB")
    with pytest.raises(Refused) as refused:
        actions.set_piece(row.claim_pieces.get(), **facts, **who())
    assert codes(refused) == [(code, "bar")]


# -- has the aid arrived? ---------------------------------------------------------------------
@pytest.fixture
def asked(basile: User) -> Disbursement:
    """A payment expected that day, of a coop whose treasurer has an address."""
    coop = given_coop(by=basile, on=date(2026, 1, 5))
    treasurer = crm.create_contact(
        first_name="Odile", last_name="Caisse", email="odile@epi.test", **acting(basile, DAY)
    )
    crm.give_role(
        treasurer, organisation=coop.organisation, role="treasurer", **acting(basile, DAY)
    )
    application = given_application(coop, state="agreed", owner=basile)
    return given_disbursement(application, expected_on=DAY + timedelta(days=10))


def the_day(row: Disbursement) -> dict[str, Any]:
    on = row.expected_on
    assert on is not None
    return {"on": on, "at": who(on=on)["at"]}


def test_the_treasurer_is_asked_once_on_the_day(asked: Disbursement) -> None:
    act = the_day(asked)
    before = {**act, "on": act["on"] - timedelta(days=1)}
    assert questions.ask(**before) == {"treasurers_asked": 0}
    assert questions.ask(**act) == {"treasurers_asked": 1}
    assert questions.ask(**act) == {"treasurers_asked": 0}
    mail = OutboxMessage.objects.get()
    assert mail.to == "odile@epi.test"
    assert mail.reply_to == "basile@essaim.test"
    assert "10\u00a0800,00\u00a0€" in mail.body


def test_nobody_is_asked_when_the_office_does_not_want_it(asked: Disbursement) -> None:
    actions.ask_treasurers(asks=False, **who())
    assert questions.ask(**the_day(asked)) == {"treasurers_asked": 0}
    assert not OutboxMessage.objects.exists()


def test_nobody_is_asked_while_the_coop_is_paused(asked: Disbursement, basile: User) -> None:
    coop = asked.application.coop
    assert coop is not None
    far = DAY + timedelta(days=200)
    crm.pause(coop.current, review_on=far, why="Été", **acting(basile, DAY))
    assert questions.ask(**the_day(asked)) == {"treasurers_asked": 0}


def test_not_yet_moves_the_day_and_asks_again_then(asked: Disbursement, basile: User) -> None:
    act = the_day(asked)
    questions.ask(**act)
    later = act["on"] + timedelta(days=20)
    actions.answer_question(asked, answer="not_yet", expected_on=later, by=basile, **act)
    asked.refresh_from_db()
    assert (asked.expected_on, asked.state) == (later, "planned")
    assert not AidQuestion.objects.exists()
    assert questions.ask(on=later, at=act["at"] + timedelta(days=20)) == {"treasurers_asked": 1}
    with pytest.raises(Refused):
        actions.answer_question(asked, answer="not_yet", expected_on=DAY, by=basile, **act)


def test_received_and_partly_are_receptions(asked: Disbursement, basile: User) -> None:
    act = {"by": basile, **the_day(asked)}
    with pytest.raises(Refused) as refused:
        actions.answer_question(asked, answer="partly", dated=act["on"], amount=D(10800), **act)
    assert codes(refused) == [("amount", "bar")]
    later = act["on"] + timedelta(days=30)
    actions.answer_question(
        asked, answer="partly", dated=act["on"], amount=D(800), expected_on=later, **act
    )
    rest = asked.remainders.get()
    assert (rest.expected_amount, rest.expected_on) == (D(10000), later)
    actions.answer_question(rest, answer="received", dated=act["on"], **act)
    rest.refresh_from_db()
    assert (rest.state, rest.received_amount) == ("received", D(10000))
    assert Event.objects.filter(verb="grants.Disbursement.receive").count() == 2
