"""A move asked by a card: the same door, answered with the board or with why it stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.models import Coop, Move
from essaim.models import User
from tests.conftest import signed_in
from tests.given_crm import BEGAN, given_coop, kit_done

HTMX = {"HX-Request": "true"}


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def ask(user: User, coop: Coop, edge: str = "advance", **data: str) -> Any:
    values = {"effective_on": timezone.localdate().isoformat(), "seen": "contact", "why": ""}
    url = reverse("crm:move", args=(coop.pk, edge))
    return signed_in(user).post(url, values | data, headers=HTMX, follow=True)


def stage_of(coop: Coop) -> str:
    return Coop.objects.get(pk=coop.pk).current.stage


@pytest.mark.django_db
def test_a_move_answers_with_the_board_under_the_same_filters(basile: User) -> None:
    coop = given_coop("La Musette", owner=basile)
    kit_done(coop.current, "contact", basile, timezone.localdate())
    answer = ask(basile, coop, to="diagnosis", board="show=mine&detail=emergence&next=//x.test")
    assert answer.redirect_chain == [("/coops/?show=mine&detail=emergence", 302)]
    page = answer.content.decode()
    assert "<html" not in page and 'data-column="diagnosis"' in page
    assert "La Musette\xa0: maintenant à l’étape" in page
    assert stage_of(coop) == "diagnosis"


@pytest.mark.django_db
def test_what_is_missing_is_told_with_its_links_and_nothing_moves(basile: User) -> None:
    coop = given_coop("La Musette", owner=basile)
    answer = ask(basile, coop, to="diagnosis")
    page = answer.content.decode()
    assert answer.status_code == 409 and "<html" not in page
    assert f"/coops/{coop.pk}/#kit" in page and "Reste à «\xa0Prise de contact\xa0»" in page
    assert f"/coops/{coop.pk}/deplacer/advance/?to=diagnosis" in page
    assert stage_of(coop) == "contact"


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["diagnosis", "collective"])
def test_a_coop_moved_meanwhile_is_left_where_it_is(ada: User, basile: User, to: str) -> None:
    coop = given_coop("La Musette", owner=ada)
    kit_done(coop.current, "contact", basile, timezone.localdate())
    actions.move_on(coop.current, to="diagnosis", **now_by(ada))
    moves = Move.objects.count()
    answer = ask(basile, coop, to=to)
    page = answer.content.decode()
    assert answer.status_code == 409 and "data-moved" in page and str(ada) in page
    assert stage_of(coop) == "diagnosis" and Move.objects.count() == moves


@pytest.mark.django_db
def test_a_consultant_past_the_limit_reads_the_rule_itself(ada: User, basile: User) -> None:
    coop = given_coop("La Musette", owner=ada, by=basile)
    answer = ask(ada, coop, to="premises")
    page = answer.content.decode()
    assert answer.status_code == 422 and "c’est la coordination" in page
    assert stage_of(coop) == "contact"


@pytest.mark.django_db
def test_a_step_back_without_a_reason_says_which_field(basile: User) -> None:
    coop = given_coop("La Musette", owner=basile, stage="diagnosis")
    answer = ask(basile, coop, "go_back", to="contact", seen="diagnosis")
    assert answer.status_code == 422 and "en une phrase" in answer.content.decode()
    assert stage_of(coop) == "diagnosis"


@pytest.mark.django_db
def test_a_card_of_a_coop_out_of_reach_does_not_move(ada: User, basile: User, chloe: User) -> None:
    coop = given_coop("La Musette", owner=basile, by=basile)
    assert ask(ada, coop, to="diagnosis").status_code == 404
    assert ask(chloe, coop, to="diagnosis").status_code == 403
    assert stage_of(coop) == "contact"


@pytest.mark.django_db
def test_one_phase_opens_in_its_stages_and_the_others_stay(basile: User) -> None:
    given_coop("La Musette", owner=basile)
    page = signed_in(basile).get("/coops/?detail=setting_up&show=mine").content.decode()
    for key in ("emergence", "prefiguration", "set_up", "premises", "follow_up"):
        assert f'data-column="{key}"' in page
    assert 'data-column="setting_up"' not in page
    assert 'href="?detail=emergence&amp;show=mine"' in page and 'href="?show=mine"' in page


@pytest.mark.django_db
def test_the_table_keeps_its_filters_and_is_read_by_age(basile: User) -> None:
    given_coop("Aneth", owner=basile, on=BEGAN)
    given_coop("Basilic", owner=basile, on=BEGAN - timedelta(days=30))
    browser = signed_in(basile)
    by_name = browser.get("/coops/tableau/?show=mine").content.decode()
    by_age = browser.get("/coops/tableau/?show=mine&sort=age").content.decode()
    assert by_name.index("Aneth") < by_name.index("Basilic")
    assert by_age.index("Basilic") < by_age.index("Aneth")
    assert "?show=mine&amp;sort=age&amp;activity=all" in by_age and "/coops/?show=mine" in by_age
    assert "/coops/tableau/?show=mine" in browser.get("/coops/?show=mine").content.decode()
