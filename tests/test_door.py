"""The one door: what it checks, what it writes, what it refuses."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import Organisation
from essaim import hooks
from essaim.models import Event, User
from essaim.scope import StateWrite
from essaim.workflow import (
    Missing,
    NotAtomic,
    Refused,
    UnknownEdge,
    edges,
    missing,
    perform,
    perform_many,
    run,
)
from missions.models import Agreement, Mission
from tests.conftest import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(basile: User, today: Any) -> Agreement:
    client = Organisation.objects.create(legal_name="Coop'Épi")
    return Agreement.objects.create(
        title="Convention", client=client, starts_on=today, kind="offered", days_budgeted=5
    )


@pytest.fixture
def mission(today: Any) -> Mission:
    return Mission.objects.create(kind="internal", title="Équipe", opened_on=today)


def test_a_move_writes_the_state_and_one_event(agreement: Any, basile: Any, today: Any) -> None:
    event = run(agreement, "send", **acting(basile, today), reason="par courrier")
    agreement.refresh_from_db()
    assert agreement.state == "sent"
    assert (event.source, event.target, event.by) == ("draft", "sent", basile)
    assert event.verb == "missions.Agreement.send"
    assert event.text.words["reason"] == "par courrier"
    assert "par courrier" not in str(event.codes)


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_move_outside_a_transaction(agreement: Any, basile: Any, today: Any) -> None:
    with pytest.raises(NotAtomic):
        perform(agreement, "send", **acting(basile, today))


def test_a_person_without_the_right_is_refused_and_nothing_is_written(
    agreement: Any, ada: Any, today: Any
) -> None:
    with pytest.raises(PermissionDenied):
        run(agreement, "send", **acting(ada, today))
    assert Agreement.objects.get().state == "draft"
    assert not Event.objects.exists()


def test_a_move_the_state_does_not_allow_is_refused(
    agreement: Any, basile: Any, today: Any
) -> None:
    with pytest.raises(Refused) as refused:
        run(agreement, "complete", **acting(basile, today))
    assert refused.value.missing[0].code == "state"


def test_an_unknown_move_and_unknown_data_are_told_apart(
    agreement: Any, basile: Any, today: Any
) -> None:
    with pytest.raises(UnknownEdge):
        run(agreement, "fly", **acting(basile, today))
    with pytest.raises(UnknownEdge):
        run(agreement, "send", **acting(basile, today), state="signed")


def test_a_guard_lists_what_is_missing(basile: Any, today: Any, agreement: Any) -> None:
    Agreement.objects.filter(pk=agreement.pk).update(kind="by_day", daily_rate=0)
    codes = {m.code for m in missing(Agreement.objects.get(), "sign", by=basile, on=today)}
    assert codes >= {"daily_rate", "shares"}


def test_a_warning_passes_only_with_a_sentence(
    mission: Any, basile: Any, today: Any, monkeypatch: Any
) -> None:
    def warns(obj: Any, **_: Any) -> list[Missing]:
        return [Missing("advice", "Réfléchir", level="warn")]

    monkeypatch.setitem(hooks.guards.rows, ("missions.Mission", "close"), [warns])
    with pytest.raises(Refused):
        run(mission, "close", **acting(basile, today))
    with pytest.raises(Refused):
        run(mission, "close", **acting(basile, today), reasons={"advice": "  "})
    event = run(mission, "close", **acting(basile, today), reasons={"advice": "c'est vu"})
    assert event.codes["warned"] == ["advice"]
    assert event.codes["seen"] == ["advice"]
    assert event.text.words == {"advice": "c'est vu"}


def test_a_reaction_works_in_the_same_transaction(
    mission: Any, basile: Any, today: Any, monkeypatch: Any
) -> None:
    def fails(obj: Any, **_: Any) -> None:
        raise RuntimeError("downstream")

    monkeypatch.setitem(hooks.reactions.rows, "missions.Mission.close", [fails])
    with pytest.raises(RuntimeError):
        run(mission, "close", **acting(basile, today))
    assert Mission.objects.get(pk=mission.pk).state == "open"


def test_what_a_reaction_did_is_kept_on_the_event(
    mission: Any, basile: Any, today: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(
        hooks.reactions.rows, "missions.Mission.close", [lambda obj, **_: {"told": obj.pk}]
    )
    assert run(mission, "close", **acting(basile, today)).reactions == [{"told": mission.pk}]


def test_many_move_all_or_nothing(basile: Any, today: Any) -> None:
    client = Organisation.objects.create(legal_name="X")
    rows = [
        Agreement.objects.create(title=str(i), client=client, starts_on=today, kind="offered")
        for i in range(3)
    ]
    run(rows[0], "send", **acting(basile, today))
    with pytest.raises(Refused), transaction.atomic():
        perform_many(Agreement.objects.all(), "send", **acting(basile, today))
    assert Agreement.objects.filter(state="sent").count() == 1
    with transaction.atomic():
        done = perform_many(
            Agreement.objects.filter(state="draft"), "send", **acting(basile, today)
        )
    assert len(done) == 2
    assert Event.objects.filter(verb="missions.Agreement.send", target="sent").count() == 3


def test_many_moves_take_the_same_queries_for_two_and_for_twenty(basile: Any, today: Any) -> None:
    client = Organisation.objects.create(legal_name="X")
    counts = []
    for n in (2, 20):
        for i in range(n):
            Agreement.objects.create(title=f"{n}-{i}", client=client, starts_on=today)
        chosen = Agreement.objects.filter(title__startswith=f"{n}-")
        with transaction.atomic():
            # What leaves is kept on paper, one print each; taking it back moves the state alone.
            perform_many(chosen, "send", **acting(basile, today))
        with CaptureQueriesContext(connection) as seen, transaction.atomic():
            perform_many(chosen, "take_back", **acting(basile, today))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_no_other_way_writes_a_state(agreement: Any) -> None:
    with pytest.raises(AttributeError):
        agreement.state = "signed"
    with pytest.raises(StateWrite):
        Agreement.objects.update(state="signed")
    with pytest.raises(StateWrite):
        Agreement.objects.bulk_update([agreement], ["state"])
    born = Agreement(
        title="x", client=agreement.client, starts_on=agreement.starts_on, state="signed"
    )
    with pytest.raises(StateWrite):
        born.save()
    with pytest.raises(StateWrite):
        Agreement.objects.bulk_create([born])


def test_a_stale_object_does_not_write_its_old_state_back(
    agreement: Any, basile: Any, today: Any
) -> None:
    stale = Agreement.objects.get(pk=agreement.pk)
    run(agreement, "send", **acting(basile, today))
    stale.title = "Autre"
    stale.save()
    agreement.refresh_from_db()
    assert (agreement.state, agreement.title) == ("sent", "Autre")


def test_a_refresh_that_fails_keeps_the_state_and_its_protection(agreement: Any) -> None:
    agreement.refresh_from_db()
    gone = Agreement.objects.get(pk=agreement.pk)
    agreement.delete()
    with pytest.raises(Agreement.DoesNotExist):
        gone.refresh_from_db()
    assert gone.state == "draft"
    with pytest.raises(AttributeError):
        gone.state = "signed"


def test_edges_say_who_may(agreement: Any, basile: Any, ada: Any) -> None:
    assert {e.name for e in edges(agreement, basile) if e.allowed} == {"send", "sign"}
    assert not [e for e in edges(agreement, ada) if e.allowed]
