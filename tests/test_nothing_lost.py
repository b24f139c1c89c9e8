"""Deleting users and organisations, each in turn, keeps every business row."""

from contextlib import suppress

import pytest
from django.apps import apps
from django.core.exceptions import MultipleObjectsReturned
from django.db import DatabaseError, models, transaction
from django.db.models import PROTECT, ProtectedError, RestrictedError

from crm.models import Contact, Coop, Organisation
from essaim.joining import relations_to
from essaim.models import User
from essaim.workflow import Refused
from tests.rows import ROOMS, counted
from tests.url_objects import BUILDERS
from tests.url_table import Objects, people_of_the_table, room_files


@pytest.fixture
def rich(db: None) -> Objects:
    """One of everything that addresses speak of, every room's own objects included."""
    own = {k: v for m in room_files() for k, v in getattr(m, "OBJECTS", {}).items()}
    objects = Objects(BUILDERS | own, people_of_the_table())
    # Of those that shut one another out (a day, a date of issue), the fuller ones come first.
    for key in ("validated", "payment", *objects.builders):
        with suppress(Refused, MultipleObjectsReturned), transaction.atomic():
            objects[key]
    return objects


def _points_to(row: models.Model) -> bool:
    """Whether a business row holds the key of this one."""
    return any(r.rows(row).exists() for r in relations_to(type(row)))


@pytest.mark.parametrize("model", [User, Organisation, Contact, Coop])
def test_deleting_each_in_turn_keeps_every_business_row(
    rich: Objects, model: type[models.Model]
) -> None:
    before = counted()
    refused = 0
    for row in model._base_manager.order_by("pk"):
        held = _points_to(row)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    row.delete()
            except (ProtectedError, RestrictedError, DatabaseError):
                refused += 1
                assert counted() == before, row
            else:
                # It was alone: nothing else left with it.
                assert not held, row
                assert {k: before[k] - n for k, n in counted().items() if n != before[k]} == {
                    model._meta.label: 1
                }
            transaction.set_rollback(True)
    assert refused
    assert counted() == before


# One's own calendar, what is proposed from it, and the keys of forms: no business is written there.
OF_ONE_PERSON = {"missions.CalendarImport", "missions.CalendarProposal", "essaim.FormKey"}


def test_every_key_of_a_business_table_to_them_is_protected() -> None:
    """A cascade or a set-null to a person, an organisation or a coop would lose or blind a row."""
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in ROOMS and model._meta.label not in OF_ONE_PERSON
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model in (User, Organisation, Contact, Coop)
        and field.remote_field.on_delete is not PROTECT
    ]
    assert loose == []


def test_the_base_is_rich(rich: Objects) -> None:
    """Each key to a person, an organisation or a coop that tests can fill stands in a row."""
    filled = {label for label, count in counted().items() if count}
    for label in (
        "crm.ContactRole",
        "crm.Note",
        "crm.Task",
        "missions.MissionDay",
        "missions.DayShare",
        "missions.Quote",
        "grants.GrantApplication",
        "invoicing.Invoice",
        "invoicing.Payment",
    ):
        assert label in filled
