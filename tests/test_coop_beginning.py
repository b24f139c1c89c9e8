"""How coops come to us: welcomed at the first stage, or taken over at theirs."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from crm import actions
from crm.actions import moves
from crm.models import (
    Accompaniment,
    Coop,
    Fulfilment,
    IssuerProfile,
    Move,
    Organisation,
    Path,
    Requirement,
)
from essaim.models import Event, User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import given_coop, given_structure


def test_a_nascent_coop_begins_at_the_first_contact(ada: User, today: date) -> None:
    coop = actions.create_coop(
        path=Path.objects.get(code="supermarket"),
        legal_name="Les Gourmandignes",
        postcode="67700",
        city="Saverne",
        **acting(ada, today),
    )
    begun = coop.current
    assert (begun.stage, begun.activity, begun.owner) == ("contact", "active", ada)
    assert (coop.commune, coop.department) == ("Saverne", "67")
    assert coop.organisation.kind == Organisation.Kind.COOP
    assert Event.objects.filter(verb="crm.Accompaniment.begin", object_id=begun.pk).count() == 1


def test_an_organisation_is_not_made_a_coop_twice(basile: User, today: date) -> None:
    coop = given_coop(owner=basile)
    with pytest.raises(Refused) as refused:
        actions.create_coop(
            path=Path.objects.first(), organisation=coop.organisation, **acting(basile, today)
        )
    assert refused.value.missing[0].code == "organisation"
    assert Coop.objects.count() == 1


def test_a_coop_has_one_live_accompaniment(basile: User) -> None:
    coop = given_coop(owner=basile)
    with pytest.raises(IntegrityError), transaction.atomic():
        Accompaniment.objects.create(
            coop=coop,
            path=Path.objects.first(),
            owner=basile,
            started_on=date(2026, 1, 1),
            stage_since=date(2026, 1, 1),
        )


def test_somebody_who_accompanies_nobody_cant_own_a_coop(chloe: User, basile: User) -> None:
    with pytest.raises(Refused) as refused:
        given_coop(owner=chloe, by=basile)
    assert refused.value.missing[0].code == "owner"


def test_a_coop_taken_over_stands_at_its_stage_with_one_event(basile: User, ada: User) -> None:
    coop = given_coop(owner=ada, stage="set_up", by=basile, on=date(2026, 5, 4))
    placed = coop.current
    assert (placed.stage, placed.stage_since) == ("set_up", date(2026, 5, 4))
    assert placed.taken_over_on == date(2026, 5, 4)
    events = Event.objects.filter(model="crm.Accompaniment", object_id=placed.pk)
    assert [e.verb for e in events] == ["crm.Accompaniment.place"]
    assert Move.objects.get(accompaniment=placed).to_stage == "set_up"
    before = placed.fulfilments.filter(status=Fulfilment.Status.BEFORE)
    earlier = Requirement.objects.asked_of(placed).filter(
        stage__in=("contact", "diagnosis", "collective", "buying_group", "test_shop")
    )
    assert set(before.values_list("requirement", flat=True)) == set(
        earlier.values_list("pk", flat=True)
    )


def test_a_take_over_is_not_dated_ahead_nor_done_by_a_consultant(ada: User, basile: User) -> None:
    fields = {
        "path": Path.objects.get(code="supermarket"),
        "stage": "set_up",
        "legal_name": "La Musette",
    }
    with pytest.raises(Refused):
        actions.take_over(
            effective_on=date(2026, 12, 1), **fields, **acting(basile, date(2026, 11, 23))
        )
    with pytest.raises(PermissionDenied):
        actions.take_over(
            effective_on=date(2026, 11, 1), **fields, **acting(ada, date(2026, 11, 23))
        )
    assert not Coop.objects.exists()


def test_a_coop_that_began_here_is_never_placed(basile: User, today: date) -> None:
    begun = given_coop(owner=basile).current
    with pytest.raises(Refused), transaction.atomic():
        moves.moved(begun, "place", to="premises", effective_on=today, **acting(basile, today))
    begun.refresh_from_db()
    assert begun.stage == "contact"


def test_an_offered_accompaniment_ticks_the_agreement(basile: User, today: date) -> None:
    coop = given_coop(owner=basile, is_offered=True)
    ticked = coop.current.fulfilments.get(requirement__code="agreement")
    assert ticked.status == Fulfilment.Status.DONE


def test_our_structure_is_one_row_with_a_dated_profile(chloe: User) -> None:
    first = given_structure(chloe)
    again = actions.set_structure(month_lock_day=12, **acting(chloe, date(2026, 2, 1)))
    assert first.pk == again.pk
    assert again.month_lock_day == 12
    assert IssuerProfile.objects.at(date(2026, 6, 1)).siren == "552100554"
    assert IssuerProfile.objects.at(date(2025, 6, 1)) is None
