"""The order of a file's dates: each pair, by its moves and by a correction."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from essaim.workflow import Refused
from grants import actions
from grants.guards_file import AFTER, MOVED, NAMES
from grants.models import GrantApplication
from grants.rules_dates import ORDER, out_of_order
from tests.given_grants import (
    AGREED,
    DAY,
    data_of,
    given_applicant,
    given_application,
    given_call,
    given_programme,
    who,
)
from tests.grant_graph import GRAPH

BEFORE, LATER = DAY - timedelta(days=1), DAY + timedelta(days=40)


@pytest.mark.parametrize("pair", ORDER)
def test_a_pair_the_wrong_way_round_is_found_when_one_of_its_dates_moves(
    pair: tuple[str, str],
) -> None:
    earlier, later = pair
    dates = {earlier: DAY, later: BEFORE}
    for moved in ({earlier}, {later}, {earlier, later}):
        assert out_of_order(dates, moved, is_granted=True) == [pair]
    assert out_of_order(dates, {"lapses_elsewhere"}, is_granted=True) == []
    assert out_of_order({earlier: DAY, later: DAY}, {later}, is_granted=True) == []
    assert out_of_order({earlier: DAY, later: None}, {earlier}, is_granted=True) == []


def test_a_refusal_may_come_before_the_committee_announced() -> None:
    dates = {"committee_on": LATER, "decided_on": DAY}
    assert out_of_order(dates, {"decided_on"}, is_granted=False) == []
    assert out_of_order(dates, {"decided_on"}, is_granted=True)


def test_every_dated_move_has_its_place_in_the_order() -> None:
    dated = {edge for edge in GRAPH if "dated" in data_of(edge, amount=AGREED, on=DAY)}
    assert set(MOVED) | set(AFTER) == dated
    assert {name for pair in ORDER for name in pair} <= set(NAMES)


# move -> (the state it leaves, the column whose date it may not precede).
MOVES = {
    "declare_complete": ("submitted", "submitted_on"),
    "declare_incomplete": ("submitted", "submitted_on"),
    "to_committee": ("complete", "submitted_on"),
    "award": ("review", "submitted_on"),
    "refuse": ("review", "submitted_on"),
    "withdraw": ("review", "submitted_on"),
    "rewrite": ("submitted", "submitted_on"),
    "agree": ("awarded", "decided_on"),
    "report": ("running", "agreed_on"),
    "report_sent_back": ("reported", "report_sent_on"),
    "settle": ("reported", "report_sent_on"),
    "renounce": ("agreed", "decided_on"),
    "lapse": ("agreed", "decided_on"),
    "claw_back": ("agreed", "decided_on"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("edge", sorted(MOVES))
def test_a_move_never_comes_before_what_came_before_it(edge: str) -> None:
    state, column = MOVES[edge]
    application = given_application(given_applicant(), state=state)
    assert getattr(application, column) == DAY
    with pytest.raises(Refused) as refused:
        _move(application, edge, BEFORE)
    assert [m.code for m in refused.value.missing if m.level == "bar"] == ["dated"]
    assert "01/03/2026" in str(refused.value) or "02/03/2026" in str(refused.value)
    application.refresh_from_db()
    assert application.state == state
    _move(application, edge, DAY)
    assert application.state == GRAPH[edge][1]


def _move(application: GrantApplication, edge: str, dated: date) -> None:
    codes = ("above_received", "below_received")
    data = data_of(edge, amount=AGREED, on=dated)
    reasons = dict.fromkeys(codes, "C’est ainsi.")
    actions.move(application, edge, reasons=reasons, **data, **who(on=LATER))


@pytest.mark.django_db
def test_a_decision_before_the_deposit_says_both_dates() -> None:
    application = given_application(given_applicant(), state="review")
    with pytest.raises(Refused) as refused:
        actions.award(application, dated=BEFORE, amount=AGREED, **who())
    told = str(refused.value)
    assert "01/03/2026" in told
    assert "02/03/2026" in told
    assert "dépôt" in told


@pytest.mark.django_db
def test_an_award_waits_for_its_committee() -> None:
    application = given_application(given_applicant(), state="complete")
    actions.move(application, "to_committee", dated=LATER, **who())
    with pytest.raises(Refused) as refused:
        actions.award(application, dated=DAY, amount=AGREED, **who(on=LATER))
    assert [m.code for m in refused.value.missing] == ["dated"]
    actions.award(application, dated=LATER, amount=AGREED, **who(on=LATER))


@pytest.mark.django_db
@pytest.mark.parametrize("put_off", ["adjourn", "wait"])
def test_a_file_put_off_goes_to_a_later_committee(put_off: str) -> None:
    application = given_application(given_applicant(), state="committee")
    actions.move(application, put_off, **who())
    with pytest.raises(Refused) as refused:
        actions.move(application, "to_committee", dated=DAY, **who())
    assert [m.code for m in refused.value.missing] == ["dated"]
    actions.move(application, "to_committee", dated=LATER, **who())
    assert (application.state, application.committee_on) == ("committee", LATER)


@pytest.mark.django_db
def test_an_old_deposit_pulls_the_day_it_was_spotted_back() -> None:
    application = given_application(given_applicant(), state="drafting")
    old = DAY - timedelta(days=90)
    actions.move(application, "deposit", dated=old, **who())
    assert application.spotted_on == application.submitted_on == old


@pytest.mark.django_db
def test_a_file_rewritten_starts_its_dates_anew() -> None:
    application = given_application(given_applicant(), state="submitted")
    actions.edit_application(application, acknowledged_on=DAY, **who())
    application.refresh_from_db()
    actions.move(application, "rewrite", dated=DAY, why="Budget revu.", **who())
    assert application.acknowledged_on is None
    actions.move(application, "deposit", dated=LATER, **who(on=LATER))
    assert application.submitted_on == LATER


CORRECTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("submitted", {"acknowledged_on": BEFORE}, "acknowledged_on"),
    ("submitted", {"committee_on": BEFORE}, "committee_on"),
    ("submitted", {"spotted_on": LATER}, "spotted_on"),
    ("awarded", {"committee_on": LATER}, "committee_on"),
    ("awarded", {"notified_on": BEFORE}, "notified_on"),
    ("awarded", {"report_due_on": BEFORE}, "report_due_on"),
    ("awarded", {"lapses_on": BEFORE}, "lapses_on"),
    ("spotted", {"expenses_from": DAY, "expenses_until": BEFORE}, "expenses_until"),
    ("spotted", {"project_from": DAY, "project_until": BEFORE}, "project_until"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "facts", "code"), CORRECTIONS)
def test_a_correction_keeps_the_order(state: str, facts: dict[str, Any], code: str) -> None:
    application = given_application(given_applicant(), state=state)
    with pytest.raises(Refused) as refused:
        actions.edit_application(application, **facts, **who(on=LATER))
    assert [m.code for m in refused.value.missing] == [code]


@pytest.mark.django_db
def test_a_deposit_outside_the_call_asks_a_sentence() -> None:
    programme = given_programme()
    closes = datetime(2026, 3, 1, 11, tzinfo=UTC)
    for facts, code in (
        ({"deadline": closes}, "after_deadline"),
        ({"opens_on": LATER}, "before_opening"),
    ):
        call = given_call(programme, **facts)
        application = given_application(given_applicant(), programme, state="drafting", call=call)
        with pytest.raises(Refused) as refused:
            actions.move(application, "deposit", dated=DAY, **who())
        assert [(m.code, m.level) for m in refused.value.missing] == [(code, "warn")]
        reasons = {code: "Prolongation accordée par courriel."}
        actions.move(application, "deposit", dated=DAY, reasons=reasons, **who())
