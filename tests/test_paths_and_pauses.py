"""Changing path, dates that follow one another, pauses that keep quiet, histories of a merger."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from crm import actions
from crm.models import Coop, Path
from essaim import hooks
from essaim.models import User
from essaim.workflow import Refused
from tests.conftest import acting, signed_in
from tests.given_crm import given_accompaniment, kit_done

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def path(code: str) -> Path:
    return Path.objects.get(code=code)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [m.code for m in refused.value.missing]


# -- another path ----------------------------------------------------------------------------


def test_a_coop_takes_another_path_at_its_stage_and_keeps_its_kit(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    actions.settle_code(row, "consent", settled_on=TODAY, words="oui", **acting(basile, TODAY))
    done, since = row.fulfilments.count(), row.stage_since
    actions.take_path(row, path=path("grocery"), why="Une épicerie suffit", **acting(basile, TODAY))
    row.refresh_from_db()
    assert (row.path.code, row.stage, row.stage_since) == ("grocery", "collective", since)
    assert row.fulfilments.count() == done
    move = row.moves.get(edge="change_path")
    assert (move.from_path, move.to_path) == (path("supermarket"), path("grocery"))
    assert (move.from_stage, move.to_stage) == ("collective", "collective")
    told = next(e for e in _timeline(row.coop, basile) if e.key == move.pk)
    assert "→" in told.title
    assert "Une épicerie suffit" in told.detail


def _timeline(coop: Coop, user: User) -> list[hooks.TimelineEntry]:
    return hooks.timeline.of("move")[0](coop, user=user, before=None, limit=20)


def test_a_stage_the_new_path_does_not_have_asks_another(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="buying_group", by=basile)
    with pytest.raises(Refused) as refused:
        actions.take_path(row, path=path("grocery"), why="x", **acting(basile, TODAY))
    assert codes(refused) == ["to"]
    assert "Collectif" in refused.value.missing[0].text
    actions.take_path(row, path=path("grocery"), to="collective", why="x", **acting(basile, TODAY))
    assert (row.stage, row.left_stage, row.stage_since) == ("collective", "buying_group", TODAY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "supermarket"}, "path"),
        ({"why": "  "}, "why"),
        ({"effective_on": TODAY + timedelta(days=1)}, "effective_on"),
        ({"to": "moon"}, "to"),
        ({"to": "done"}, "to"),
    ],
)
def test_a_change_of_path_is_judged(change: dict[str, object], code: str, basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    given = {"path": "grocery", "why": "Une épicerie suffit", **change}
    given["path"] = path(str(given["path"]))
    with pytest.raises(Refused) as refused:
        actions.take_path(row, **acting(basile, TODAY), **given)  # type: ignore[arg-type]
    assert codes(refused) == [code]
    assert not row.moves.filter(edge="change_path").exists()


def test_only_the_office_changes_a_path_and_not_of_a_paused_coop(ada: User, basile: User) -> None:
    row = given_accompaniment(owner=ada, stage="collective", by=basile)
    with pytest.raises(PermissionDenied):
        actions.take_path(row, path=path("grocery"), why="x", **acting(ada, TODAY))
    actions.pause(row, review_on=TODAY, why="Été", **acting(basile, TODAY))
    with pytest.raises(Refused) as refused:
        actions.take_path(row, path=path("grocery"), why="x", **acting(basile, TODAY))
    assert codes(refused) == ["activity"]


def test_the_page_of_the_move_changes_the_path(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="buying_group", by=basile)
    address = f"/coops/{row.coop_id}/deplacer/change_path/"
    browser: Client = signed_in(basile)
    assert address in browser.get(f"/coops/{row.coop_id}/").content.decode()
    asked = {"path": path("grocery").pk, "to": "", "effective_on": "2026-11-23", "why": "Moins"}
    refused = browser.post(address, asked)
    assert refused.status_code == 409
    assert "n’est pas sur le parcours" in refused.content.decode()
    assert browser.post(address, {**asked, "to": "collective"}).status_code == 302
    row.refresh_from_db()
    assert (row.path.code, row.stage) == ("grocery", "collective")


# -- dates -----------------------------------------------------------------------------------


def test_moves_follow_one_another_and_a_step_back_corrects(basile: User) -> None:
    row = given_accompaniment(owner=basile, on=date(2026, 9, 1))
    late, true = date(2026, 11, 10), date(2026, 10, 1)
    said = {"reasons": {"advised": "Vite"}}
    kit_done(row, "contact", basile, TODAY)
    actions.move_on(row, to="diagnosis", effective_on=late, **said, **acting(basile, TODAY))
    kit_done(row, "diagnosis", basile, TODAY)
    with pytest.raises(Refused) as refused:
        actions.move_on(row, to="collective", effective_on=true, **said, **acting(basile, TODAY))
    assert codes(refused) == ["effective_on"]
    # The date of the first move was wrong: a step back, then the move again at its true date.
    actions.go_back(
        row, to="contact", effective_on=true, why="Date corrigée", **acting(basile, TODAY)
    )
    actions.move_on(row, to="diagnosis", effective_on=true, **said, **acting(basile, TODAY))
    assert (row.stage, row.stage_since) == ("diagnosis", true)
    assert row.moves.count() == 3


def test_even_a_step_back_is_not_dated_before_a_pause(basile: User) -> None:
    row = given_accompaniment(owner=basile, on=date(2026, 3, 1), stage="collective", by=basile)
    actions.pause(row, review_on=date(2026, 10, 1), why="Été", **acting(basile, date(2026, 9, 1)))
    actions.resume(row, **acting(basile, date(2026, 10, 1)))
    with pytest.raises(Refused) as refused:
        actions.go_back(
            row,
            to="contact",
            why="x",
            effective_on=date(2026, 9, 15),
            **acting(basile, TODAY),
        )
    assert codes(refused) == ["effective_on"]
    with pytest.raises(Refused) as refused:
        actions.abandon(
            row,
            reason_code="no_group",
            decided_by="L’AG",
            effective_on=date(2026, 9, 15),
            **acting(basile, TODAY),
        )
    assert codes(refused) == ["effective_on"]


# -- pauses ----------------------------------------------------------------------------------


def reasons_of(user: User, on: date) -> set[str]:
    found = [r for ask in hooks.work_reasons.all() for r in ask(user, on=on, limit=50)]
    return {r.code for r in found if r.code in ("task", "next", "blocked", "review", "stuck")}


def test_a_paused_coop_keeps_quiet_until_its_review_and_speaks_again_once_resumed(
    basile: User,
) -> None:
    row = given_accompaniment(owner=basile, on=date(2026, 9, 1))
    day, review, back = date(2026, 9, 10), date(2026, 10, 1), date(2026, 10, 20)
    act = acting(basile, day)
    actions.add_task(coop=row.coop, what="Rappeler la mairie", due_on=day, **act)
    actions.plan_next(row, next_action="Visite", next_action_on=day, **act)
    actions.block(row, reason="Pas de local", **act)
    assert reasons_of(basile, day) == {"task", "next"}
    actions.pause(row, review_on=review, why="Moissons", **act)
    assert reasons_of(basile, review - timedelta(days=1)) == set()
    assert reasons_of(basile, review) == {"review"}
    actions.resume(row, **acting(basile, back))
    assert row.resumed_on == back
    assert reasons_of(basile, back) == {"task", "next"}


# -- mergers ---------------------------------------------------------------------------------


def test_both_histories_of_a_merger_stay_readable(basile: User, ada: User) -> None:
    target = given_accompaniment("Les Ormeaux", owner=ada, by=basile)
    source = given_accompaniment("Graines des Vosges", owner=ada, by=basile)
    note = actions.write_note(source.coop, title="Avant la fusion", **acting(ada, TODAY))
    actions.merge(source, into=target, why="Un seul groupe", **acting(basile, TODAY))
    for reader in (ada, basile):
        browser = signed_in(reader)
        old = browser.get(f"/coops/{source.coop_id}/").content.decode()
        assert target.coop.get_absolute_url() in old
        assert note.title in old
        new = browser.get(f"/coops/{target.coop_id}/").content.decode()
        assert source.coop.get_absolute_url() in new
        assert "Graines des Vosges" in new
