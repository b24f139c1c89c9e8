"""What the kit asks before a stage is left, and who may move how far."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from crm import actions
from crm.defaults import install_defaults
from crm.models import Fulfilment, Path, PathStage, Requirement
from essaim import hooks
from essaim.models import EventText, User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import given_accompaniment, given_structure, kit_done

TODAY = date(2026, 11, 23)
SENTENCE = {"advised": "Le groupe est prêt."}


def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def test_required_items_bar_the_move_with_the_list(ada: User, basile: User) -> None:
    row = given_accompaniment(owner=ada, by=basile)
    with pytest.raises(Refused) as refused:
        actions.move_on(row, to="collective", reasons=SENTENCE, **acting(ada, TODAY))
    assert codes(refused) == ["kit:consent", "kit:agreement"]
    assert all("/kit/" in m.url for m in refused.value.missing if m.level == "bar")
    row.refresh_from_db()
    assert row.stage == "contact"


def test_advised_items_ask_one_sentence_which_is_kept(ada: User, basile: User) -> None:
    row = given_accompaniment(owner=ada, by=basile)
    consent = Requirement.objects.get(code="consent")
    actions.tick(row, requirement=consent, words="Au téléphone", **acting(ada, TODAY))
    with pytest.raises(Refused) as refused:
        actions.move_on(row, to="diagnosis", **acting(ada, TODAY))
    assert [(m.code, m.level) for m in refused.value.missing] == [("advised", "warn")]
    actions.move_on(row, to="diagnosis", reasons=SENTENCE, **acting(ada, TODAY))
    assert row.stage == "diagnosis"
    kept = EventText.objects.get(event=row.moves.get().event)
    assert kept.words["advised"] == SENTENCE["advised"]
    assert "Le groupe" not in str(kept.event.codes)


def test_an_optional_stage_that_is_skipped_asks_nothing(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="collective", by=basile)
    kit_done(row, "collective", basile, TODAY)
    # buying_group and test_shop stand between and are optional.
    actions.move_on(row, to="set_up", **acting(basile, TODAY))
    assert row.stage == "set_up"


def test_a_waived_item_no_longer_bars_and_says_why(ada: User, basile: User) -> None:
    row = given_accompaniment(owner=ada, by=basile)
    consent = Requirement.objects.get(code="consent")
    with pytest.raises(Refused):
        actions.waive(row, requirement=consent, words=" ", **acting(ada, TODAY))
    actions.waive(row, requirement=consent, words="Personne morale", **acting(ada, TODAY))
    actions.move_on(row, to="diagnosis", reasons=SENTENCE, **acting(ada, TODAY))
    actions.untick(row, requirement=consent, **acting(ada, TODAY))
    assert row.fulfilments.get(requirement=consent).status == Fulfilment.Status.MISSING


def test_a_consultant_moves_own_coops_up_to_the_limit_of_the_office(
    ada: User, basile: User
) -> None:
    given_structure()
    row = given_accompaniment(owner=ada, stage="collective", by=basile)
    kit_done(row, "collective", ada, TODAY)
    with pytest.raises(Refused) as refused:
        actions.move_on(row, to="set_up", **acting(ada, TODAY))
    assert codes(refused) == ["to"]
    actions.move_on(row, to="test_shop", **acting(ada, TODAY))
    actions.set_structure(consultant_stage_limit="premises", **acting(basile, TODAY))
    kit_done(row, "test_shop", ada, TODAY)
    actions.move_on(row, to="set_up", **acting(ada, TODAY))
    assert row.stage == "set_up"


def test_a_consultant_moves_nobody_elses_coop(ada: User, basile: User, chloe: User) -> None:
    row = given_accompaniment(owner=basile)
    for somebody in (ada, chloe):
        with pytest.raises(PermissionDenied):
            actions.move_on(row, to="diagnosis", reasons=SENTENCE, **acting(somebody, TODAY))
    actions.assign(row, owner=basile, team=[ada], **acting(basile, TODAY))
    actions.pause(row, review_on=TODAY, why="Été", **acting(ada, TODAY))
    assert row.activity == "paused"


def test_alsace_moselle_has_its_own_items_and_never_loi_1901(basile: User) -> None:
    here = given_accompaniment("Coop’Épi", owner=basile, postcode="67600")
    there = given_accompaniment("La Brouette", owner=basile, postcode="10000")
    local = {"registration-local", "seven-founders", "local-code"}
    general = {"registration-1901", "official-journal"}
    asked_here = set(Requirement.objects.asked_of(here).values_list("code", flat=True))
    asked_there = set(Requirement.objects.asked_of(there).values_list("code", flat=True))
    assert local <= asked_here and not general & asked_here
    assert general <= asked_there and not local & asked_there
    titles = " ".join(Requirement.objects.asked_of(here).values_list("title", flat=True))
    assert "1901" not in titles


def test_an_item_of_the_other_law_cant_be_ticked(basile: User) -> None:
    here = given_accompaniment(owner=basile, postcode="57000")
    item = Requirement.objects.get(code="registration-1901")
    with pytest.raises(Refused):
        actions.tick(here, requirement=item, **acting(basile, TODAY))


def test_the_end_asks_the_outcome_and_at_the_goal_the_opening(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="follow_up", by=basile)
    with pytest.raises(Refused) as refused:
        actions.finish(row, outcome="", reasons=SENTENCE, **acting(basile, TODAY))
    assert "outcome" in codes(refused)
    with pytest.raises(Refused) as refused:
        actions.finish(row, outcome="reached", reasons=SENTENCE, **acting(basile, TODAY))
    assert codes(refused) == ["kit:opening-dated"]
    actions.date_milestone(
        row, kind="opening", happened_on=date(2026, 11, 1), **acting(basile, TODAY)
    )
    actions.finish(row, outcome="reached", reasons=SENTENCE, **acting(basile, TODAY))
    assert row.activity == "closed"


def test_a_member_count_is_asked_again_after_a_month(basile: User) -> None:
    row = given_accompaniment(owner=basile, stage="follow_up", by=basile)
    actions.count_members(
        row.coop,
        as_of=date(2026, 9, 15),
        registered=324,
        active=120,
        source="Registre",
        **acting(basile, TODAY),
    )
    for item in Requirement.objects.asked_of(row).filter(stage__in=("follow_up", "done")):
        if item.code != "recent-members":
            actions.tick(row, requirement=item, **acting(basile, TODAY))
    with pytest.raises(Refused) as refused:
        actions.finish(row, outcome="reached", **acting(basile, TODAY))
    assert codes(refused) == ["advised"]


def test_milestones_come_in_any_order_from_montage_on(basile: User) -> None:
    early = given_accompaniment(owner=basile)
    with pytest.raises(Refused):
        actions.date_milestone(early, kind="company", happened_on=TODAY, **acting(basile, TODAY))
    row = given_accompaniment("Ormeaux", owner=basile, stage="premises", by=basile)
    for kind in ("opening", "company"):
        actions.date_milestone(row, kind=kind, happened_on=TODAY, **acting(basile, TODAY))
    assert row.milestones.count() == 2


def test_an_abandonment_asks_a_decision_for_each_loose_end(
    basile: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[tuple[str, str]] = []

    class OneMission:
        def find(self, accompaniment: Any, *, user: Any) -> list[hooks.LooseEnd]:
            choices = (("cancel", "Annuler"), ("finish", "Terminer"))
            return [hooks.LooseEnd("test:7", "Mission ouverte", choices, "/m/7/")]

        def settle(self, accompaniment: Any, key: str, choice: str, **_: Any) -> bool:
            if key != "test:7":
                return False
            settled.append((key, choice))
            return True

    monkeypatch.setattr(hooks.loose_ends, "rows", [OneMission()])
    row = given_accompaniment(owner=basile)
    ask = {"reason_code": "no_group", "decided_by": "L’assemblée", **acting(basile, TODAY)}
    with pytest.raises(Refused) as refused:
        actions.abandon(row, **ask)
    assert codes(refused) == ["decision:test:7"]
    with pytest.raises(Refused):
        actions.abandon(row, decisions={"test:7": "burn"}, **ask)
    with pytest.raises(Refused):
        actions.abandon(row, decisions={"test:7": "cancel", "made-up": "x"}, **ask)
    row.refresh_from_db()
    assert row.activity == "active"
    settled.clear()
    actions.abandon(row, decisions={"test:7": "cancel"}, **ask)
    assert (row.activity, settled) == ("abandoned", [("test:7", "cancel")])


def test_an_abandonment_says_why_and_who_decided(basile: User) -> None:
    row = given_accompaniment(owner=basile)
    with pytest.raises(Refused) as refused:
        actions.abandon(row, reason_code="because", decided_by="AG", **acting(basile, TODAY))
    assert codes(refused) == ["reason_code"]
    with pytest.raises(Refused) as refused:
        actions.abandon(row, reason_code="no_group", decided_by=" ", **acting(basile, TODAY))
    assert codes(refused) == ["decided_by"]


def test_the_default_kit_is_laid_once_and_never_over_an_edit(db: None, basile: User) -> None:
    item = Requirement.objects.get(code="consent")
    actions.write_requirement(item, title="Accord écrit", **acting(basile, TODAY))
    Requirement.objects.filter(code="charter").update(code="old-charter")
    count = Requirement.objects.count()
    install_defaults()
    install_defaults()
    assert Requirement.objects.get(code="consent").title == "Accord écrit"
    assert Requirement.objects.count() == count + 1


def test_the_default_paths_have_the_stages_of_the_domain(db: None) -> None:
    found = {
        path.code: [s.stage for s in path.stages.order_by("position")]
        for path in Path.objects.all()
    }
    assert found["grocery"] == ["contact", "diagnosis", "collective", "premises", "follow_up"]
    assert found["buying_group"][-1] == "buying_group"
    optional = PathStage.objects.filter(path__code="supermarket", is_optional=True)
    assert set(optional.values_list("stage", flat=True)) == {"buying_group", "test_shop"}
    assert not Requirement.objects.filter(Q(why="") | Q(how="")).exists()


def test_a_stage_where_a_coop_stands_is_not_taken_from_its_path(basile: User) -> None:
    given_accompaniment(owner=basile, stage="diagnosis", by=basile)
    path = Path.objects.get(code="supermarket")
    with pytest.raises(Refused) as refused:
        actions.write_path(
            path,
            label="Court",
            members_target=20,
            stages=[{"stage": "contact"}, {"stage": "premises", "limit_days": 90}],
            **acting(basile, TODAY),
        )
    assert codes(refused) == ["stages"]
    assert path.stages.count() == 8
