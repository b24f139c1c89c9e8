"""Every move from every state, allowed or refused, from one table."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from crm import actions
from crm.actions import moves
from crm.models import Accompaniment, Move, Path
from essaim.models import Event, User
from essaim.scope import StateWrite
from essaim.workflow import Refused, UnknownEdge, perform
from tests.conftest import acting
from tests.given_crm import given_accompaniment, kit_done

TODAY = date(2026, 11, 23)
SENTENCE = {"advised": "Le groupe avance plus vite que le kit."}

# state -> the edges it allows; every other edge is refused there.
ALLOWED = {
    "active": {
        "advance",
        "go_back",
        "change_path",
        "pause",
        "abandon",
        "release",
        "merge",
        "finish",
    },
    "paused": {"resume", "abandon", "release", "merge"},
    "abandoned": {"reopen"},
    "released": {"reopen"},
    "merged": set(),
    "closed": {"reopen_closed"},
}
EDGES = (
    "advance",
    "go_back",
    "change_path",
    "place",
    "finish",
    "reopen_closed",
    "pause",
    "resume",
    "abandon",
    "release",
    "merge",
    "reopen",
)


def data_for(edge: str, other: Accompaniment) -> dict[str, Any]:
    """Good data for an edge, so that only the state may refuse."""
    return {
        "advance": {"to": "set_up", "effective_on": TODAY, "reasons": SENTENCE},
        "go_back": {"to": "contact", "effective_on": TODAY, "why": "À reprendre"},
        "change_path": {
            "path": Path.objects.get(code="grocery"),
            "to": "contact",
            "effective_on": TODAY,
            "why": "Plus petit",
        },
        "place": {"to": "set_up", "effective_on": TODAY},
        "finish": {"outcome": "stopped", "effective_on": TODAY, "reasons": SENTENCE},
        "reopen_closed": {"why": "Nouvelle équipe"},
        "pause": {"review_on": TODAY + timedelta(days=30), "why": "Été"},
        "resume": {},
        "abandon": {"reason_code": "no_group", "effective_on": TODAY, "decided_by": "L’AG"},
        "release": {"effective_on": TODAY, "why": "Ils volent de leurs ailes"},
        "merge": {"into": other, "effective_on": TODAY},
        "reopen": {"why": "Nouvelle équipe"},
    }[edge]


def in_state(state: str, by: User, other: Accompaniment) -> Accompaniment:
    """An accompaniment at `collective` in a state, brought there by the actions."""
    row = given_accompaniment("La Musette", owner=by, stage="collective", by=by)
    act = acting(by, TODAY)
    if state == "paused":
        actions.pause(row, review_on=TODAY, why="Été", **act)
    elif state == "abandoned":
        actions.abandon(row, reason_code="no_group", decided_by="L’AG", **act)
    elif state == "released":
        actions.release(row, why="Autonomes", **act)
    elif state == "merged":
        actions.merge(row, into=other, **act)
    elif state == "closed":
        actions.finish(row, outcome="stopped", reasons=SENTENCE, **act)
    row.refresh_from_db()
    assert row.activity == state
    return row


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("edge", EDGES)
def test_a_move_is_allowed_or_refused_as_the_table_says(
    state: str, edge: str, basile: User
) -> None:
    other = given_accompaniment("L’Échalote", owner=basile, stage="collective", by=basile)
    row = in_state(state, basile, other)
    if edge == "advance":
        kit_done_if_live(row, basile)
    before = (row.stage, row.activity, row.moves.count())
    act = acting(basile, TODAY)
    if edge in ALLOWED[state]:
        with transaction.atomic():
            moves.moved(row, edge, **data_for(edge, other), **act)
        row.refresh_from_db()
        assert (row.stage, row.activity) != before[:2]
        told = row.moves.get(edge=edge)
        assert (told.from_stage, told.from_activity) == before[:2]
        assert (told.to_stage, told.to_activity) == (row.stage, row.activity)
        assert told.event.verb == f"crm.Accompaniment.{edge}"
        return
    with pytest.raises(Refused), transaction.atomic():
        moves.moved(row, edge, **data_for(edge, other), **act)
    row.refresh_from_db()
    assert (row.stage, row.activity, row.moves.count()) == before


def kit_done_if_live(row: Accompaniment, by: User) -> None:
    if not row.is_read_only:
        kit_done(row, "collective", by, TODAY)


def test_an_unknown_edge_is_named_as_such(basile: User) -> None:
    row = given_accompaniment(owner=basile)
    with pytest.raises(UnknownEdge), transaction.atomic():
        perform(row, "teleport", **acting(basile, TODAY))
    with pytest.raises(UnknownEdge), transaction.atomic():
        perform(row, "pause", review_on=TODAY, why="x", stage="done", **acting(basile, TODAY))


def test_nobody_else_writes_a_state(basile: User) -> None:
    row = given_accompaniment(owner=basile)
    with pytest.raises(StateWrite):
        Accompaniment.objects.filter(pk=row.pk).update(stage="done")
    row.__dict__["activity"] = "closed"
    with pytest.raises(StateWrite):
        Accompaniment.objects.bulk_update([row], ["activity"])
    row.next_action = "Rappeler"
    row.save()
    with pytest.raises(StateWrite):
        Accompaniment.objects.bulk_create(
            [Accompaniment(coop_id=1, path_id=1, owner=basile, stage="premises")]
        )
    row.refresh_from_db()
    assert (row.stage, row.activity, row.next_action) == ("contact", "active", "Rappeler")


def test_a_move_is_never_edited_nor_deleted(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    for attack in (
        lambda: Move.objects.filter(accompaniment=row).update(to_stage="premises"),
        lambda: Move.objects.filter(accompaniment=row).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert Move.objects.get(accompaniment=row).to_stage == "collective"


def test_closing_writes_stage_and_activity_in_one_event(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="follow_up", by=basile)
    told = Event.objects.filter(model="crm.Accompaniment", object_id=row.pk)
    before = told.count()
    actions.finish(row, outcome="stopped", reasons=SENTENCE, **acting(basile, TODAY))
    assert (row.stage, row.activity, row.outcome) == ("done", "closed", "stopped")
    assert told.count() == before + 1


def test_reopening_comes_back_to_the_stage_left(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="follow_up", by=basile)
    actions.finish(row, outcome="stopped", reasons=SENTENCE, **acting(basile, TODAY))
    actions.reopen(row, why="Le local brûle", **acting(basile, TODAY))
    assert (row.stage, row.activity, row.outcome, row.ended_on) == (
        "follow_up",
        "active",
        "",
        None,
    )


def test_only_the_office_reopens_and_with_a_reason(basile: User, ada: User) -> None:
    row = given_accompaniment(owner=ada, by=basile)
    actions.release(row, why="Autonomes", **acting(basile, TODAY))
    with pytest.raises(PermissionDenied):
        actions.reopen(row, why="Encore", **acting(ada, TODAY))
    with pytest.raises(Refused) as refused:
        actions.reopen(row, why="  ", **acting(basile, TODAY))
    assert [m.code for m in refused.value.missing] == ["why"]


def test_a_coop_with_a_live_accompaniment_does_not_get_a_second_by_reopening(basile: User) -> None:
    row = given_accompaniment(owner=basile)
    actions.release(row, why="Autonomes", **acting(basile, TODAY))
    Accompaniment.objects.create(
        coop=row.coop, path=row.path, owner=basile, started_on=TODAY, stage_since=TODAY
    )
    with pytest.raises(Refused) as refused:
        actions.reopen(row, why="Encore", **acting(basile, TODAY))
    assert refused.value.missing[0].code == "activity"


def test_a_merged_coop_is_read_only_and_final(basile: User) -> None:
    other = given_accompaniment("L’Échalote", owner=basile)
    third = given_accompaniment("Terre à Table", owner=basile)
    row = in_state("merged", basile, other)
    assert row.merged_into == other
    act = acting(basile, TODAY)
    for write in (
        lambda: actions.write_note(row.coop, title="Trop tard", **act),
        lambda: actions.add_task(coop=row.coop, what="Trop tard", **act),
        lambda: actions.plan_next(row, next_action="Trop tard", **act),
        lambda: actions.count_members(
            row.coop, as_of=TODAY, registered=10, source="Trop tard", **act
        ),
        lambda: actions.edit_coop(row.coop, commune="Ailleurs", **act),
        lambda: actions.merge(row, into=third, **act),
        lambda: actions.reopen(row, why="Encore", **act),
    ):
        with pytest.raises(Refused):
            write()


def test_merging_refuses_itself_a_circle_and_an_ended_target(basile: User) -> None:
    first = given_accompaniment("A table", owner=basile)
    second = given_accompaniment("Bocaux", owner=basile)
    third = given_accompaniment("Cagette", owner=basile)
    act = acting(basile, TODAY)
    with pytest.raises(Refused) as refused:
        actions.merge(first, into=first, **act)
    assert refused.value.missing[0].code == "into"
    actions.merge(first, into=second.coop, **act)
    # A chain goes on; a circle can't close, since the source is no longer under way.
    with pytest.raises(Refused):
        actions.merge(second, into=first, **act)
    # Judged as it is now, not as it was when the page was shown.
    seen = Accompaniment.objects.get(pk=second.pk)
    actions.merge(second, into=third, **act)
    assert (first.merged_into, second.merged_into) == (second, third)
    with pytest.raises(Refused):
        actions.merge(third, into=seen, **act)


def test_paused_time_is_no_part_of_the_age(basile: User) -> None:
    row = given_accompaniment(owner=basile, on=date(2026, 9, 1))
    actions.pause(
        row, review_on=date(2026, 10, 1), why="Moissons", **acting(basile, date(2026, 9, 11))
    )
    assert row.age_days(date(2026, 11, 1)) == 10
    actions.resume(row, **acting(basile, date(2026, 10, 11)))
    assert row.age_days(date(2026, 10, 21)) == 20
    assert (row.paused_on, row.review_on) == (None, None)


def test_a_pause_asks_a_review_date_not_past_and_a_reason(basile: User) -> None:
    row = given_accompaniment(owner=basile)
    with pytest.raises(Refused) as refused:
        actions.pause(row, review_on=TODAY - timedelta(days=1), why="", **acting(basile, TODAY))
    assert {m.code for m in refused.value.missing} == {"review_on", "why"}


def test_a_paused_coop_does_not_change_stage(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    actions.pause(row, review_on=TODAY, why="Été", **acting(basile, TODAY))
    with pytest.raises(Refused) as refused:
        actions.go_back(row, to="contact", why="Reprendre", **acting(basile, TODAY))
    assert "activity" in {m.code for m in refused.value.missing}


def test_dates_ahead_or_before_the_beginning_are_refused(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    for day in (TODAY + timedelta(days=1), row.started_on - timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            actions.go_back(
                row, to="contact", why="Oups", effective_on=day, **acting(basile, TODAY)
            )
        assert [m.code for m in refused.value.missing] == ["effective_on"]


@pytest.mark.parametrize("to", ["", "moon", "done", "contact", "collective", "<script>"])
def test_advance_takes_only_a_later_stage_of_the_path(to: str, basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    with pytest.raises(Refused) as refused:
        actions.move_on(row, to=to, reasons=SENTENCE, **acting(basile, TODAY))
    assert "to" in {m.code for m in refused.value.missing}


def test_a_path_ends_where_its_stages_end(basile: User) -> None:
    row = given_accompaniment(owner=basile, path="buying_group", stage="buying_group", by=basile)
    with pytest.raises(Refused):
        actions.move_on(row, to="test_shop", reasons=SENTENCE, **acting(basile, TODAY))
