"""A legal form changes in the same legal person, or a second person stands beside it."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from crm import actions
from crm.actions import ParallelEntityDeclared
from crm.models import Organisation, ParallelEntity
from essaim import hooks
from essaim.models import Event, EventText, User
from essaim.workflow import Refused
from tests.conftest import acting, person
from tests.given_crm import given_coop, given_organisation

ON = date(2026, 11, 23)


def test_a_transformation_opens_a_period_the_day_the_last_one_ends(basile: User) -> None:
    own = given_coop(owner=basile).organisation
    act = acting(basile, ON)
    for form, since in (
        ("pre_association", date(2024, 1, 1)),
        ("association", date(2025, 1, 1)),
        ("coop_1947", date(2026, 6, 1)),
    ):
        actions.set_legal_form(own, form=form, since=since, **act)
    periods = list(own.legal_forms.order_by("since"))
    assert [p.until for p in periods] == [date(2025, 1, 1), date(2026, 6, 1), None]
    assert all(a.until == b.since for a, b in pairwise(periods))
    assert Organisation.objects.filter(pk=own.pk).count() == 1


@pytest.mark.parametrize(
    ("form", "since", "code"),
    [
        ("coop_1947", date(2026, 11, 24), "since"),
        ("coop_1947", date(2025, 1, 1), "since"),
        ("coop_1947", date(2024, 12, 31), "since"),
        ("association", date(2026, 1, 1), "form"),
        ("scop", date(2026, 1, 1), "form"),
    ],
)
def test_a_form_that_does_not_follow_the_last_one_is_refused(
    form: str, since: date, code: str, basile: User
) -> None:
    own = given_coop(owner=basile).organisation
    act = acting(basile, ON)
    actions.set_legal_form(own, form="association", since=date(2025, 1, 1), **act)
    with pytest.raises(Refused) as refused:
        actions.set_legal_form(own, form=form, since=since, **act)
    assert [m.code for m in refused.value.missing] == [code]
    assert own.legal_forms.get().until is None


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """What a room above is told when a second entity is declared."""
    told: list[Any] = []

    def listen(obj: Any, *, by: Any, on: date, at: datetime, data: Any) -> dict[str, Any]:
        told.append((obj, data))
        return {"flagged": 2}

    key = "crm.Coop.declare_parallel_entity"
    hooks.reactions.register(key)(listen)
    yield told
    hooks.reactions.rows[key].remove(listen)


def test_a_second_entity_is_made_told_and_kept(heard: list[Any], basile: User) -> None:
    coop = given_coop(owner=basile)
    row = actions.declare_parallel_entity(
        coop,
        since=date(2026, 10, 1),
        why="La SCIC porte le magasin",
        legal_name="Coop’Épi Magasin",
        form="scic_sas",
        **acting(basile, ON),
    )
    assert row.organisation.kind == "coop"
    assert row.organisation.legal_forms.get().form == "scic_sas"
    assert heard == [
        (coop, ParallelEntityDeclared(organisation=row.organisation, since=date(2026, 10, 1)))
    ]
    event = Event.objects.get(verb="crm.Coop.declare_parallel_entity")
    assert event.reactions == [{"flagged": 2}]
    assert event.codes == {"organisation": row.organisation_id, "since": "2026-10-01"}
    assert EventText.objects.get(event=event).words == {"reason": "La SCIC porte le magasin"}


def test_an_existing_organisation_may_stand_beside(basile: User) -> None:
    coop, other = given_coop(owner=basile), given_organisation("SCIC du Piémont", kind="other")
    row = actions.declare_parallel_entity(
        coop, since=ON, why="Le magasin", organisation=other, **acting(basile, ON)
    )
    assert row.organisation == other
    assert list(coop.parallel_entities.all()) == [row]


def test_what_stands_beside_no_coop_is_refused(basile: User) -> None:
    coop, another = given_coop(owner=basile), given_coop("Autre", owner=basile)
    beside = given_organisation("SCIC du Piémont", kind="other")
    act = acting(basile, ON)
    actions.declare_parallel_entity(coop, since=ON, why="Le magasin", organisation=beside, **act)
    for given, code in (
        ({"organisation": coop.organisation}, "organisation"),
        ({"organisation": another.organisation}, "organisation"),
        ({"organisation": beside}, "organisation"),
        ({"organisation": given_organisation("X"), "why": "  "}, "why"),
        ({"organisation": given_organisation("Y"), "since": date(2026, 11, 24)}, "since"),
        ({"legal_name": "Z", "form": "scop"}, "form"),
    ):
        with pytest.raises(Refused) as refused:
            actions.declare_parallel_entity(
                coop, **{"since": ON, "why": "Le magasin"} | given, **act
            )
        assert [m.code for m in refused.value.missing] == [code]
    assert ParallelEntity.objects.count() == 1
    assert not Organisation.objects.filter(legal_name="Z").exists()


def test_it_is_declared_by_who_accompanies(ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    stranger = person("Simon Stoll", "consultant")
    with pytest.raises(PermissionDenied):
        actions.declare_parallel_entity(
            coop, since=ON, why="Le magasin", legal_name="X", **acting(stranger, ON)
        )
    row = actions.declare_parallel_entity(
        coop, since=ON, why="Le magasin", legal_name="X", **acting(ada, ON)
    )
    # It is the consultant's to see, and no stranger's.
    assert Organisation.objects.visible_to(ada).filter(pk=row.organisation_id).exists()
    assert not Organisation.objects.visible_to(stranger).filter(pk=row.organisation_id).exists()


def test_a_coop_that_is_closed_declares_nothing(basile: User) -> None:
    coop, target = given_coop(owner=basile), given_coop("Autre", owner=basile)
    act = acting(basile, ON)
    actions.merge(coop.current, into=target.current, effective_on=ON, **act)
    with pytest.raises(Refused) as refused:
        actions.declare_parallel_entity(coop, since=ON, why="Le magasin", legal_name="X", **act)
    assert [m.code for m in refused.value.missing] == ["activity"]
