"""What an import leaves behind: nothing once undone, no name once erased, no twin when it comes
again."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from crm import actions
from crm.models import Contact, Coop, LegalFormPeriod, Move, Note, Organisation
from essaim.imports import batches
from essaim.models import ImportFile, ImportRow, SearchEntry, SearchGram, User
from missions.models import MissionDay
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_imports import TODAY, faults, said, sent, verdicts, written

pytestmark = pytest.mark.django_db
HEAD = "Raison sociale;Type;SIRET;Code postal;Ville;Référence"
BARR = "Ville de Barr;Collectivité;21670021100016;67140;Barr;A2"
PEOPLE = "Prénom;Nom;Courriel;Structure;Fonction"
ODILE = "Odile;Hartmann;odile@x.test;Ville de Barr;Élue"
COOPS = "Nom;Ville;Parcours;Étape;Depuis;Suivie par;Forme juridique;Forme juridique depuis"
GRENIER = (
    "Le Grenier;Wissembourg;{path};Collectif;15/03/2025;ada@essaim.test;Association;01/02/2024"
)


@pytest.fixture
def grenier(db: None) -> str:
    from crm.models import Path

    return GRENIER.format(path=Path.objects.get(code="supermarket").label)


def test_an_undone_import_is_found_no_more(basile: User, ada: User, grenier: str) -> None:
    batch = written("coops", COOPS, grenier, by=basile)
    assert SearchEntry.objects.filter(title="Le Grenier").exists()
    batches.undo_batch(batch, **acting(basile, TODAY))
    assert not SearchEntry.objects.exists()
    assert not SearchGram.objects.filter(word="grenier").exists()


def test_a_coop_linked_to_an_organisation_leaves_it_as_it_was(
    basile: User, ada: User, grenier: str
) -> None:
    there = given_organisation("Le Grenier", city="Wissembourg")
    batch = written("coops", COOPS, grenier, by=basile)
    assert verdicts(batch) == {2: "link"}
    assert there.legal_forms.count() == 1
    batches.undo_batch(batch, **acting(basile, TODAY))
    assert not LegalFormPeriod.objects.exists()
    form = {"form": "association", "since": date(2023, 1, 1)}
    actions.set_legal_form(there, **form, **acting(basile, TODAY))
    # The form it has is its own, also when the file says the same.
    written("coops", COOPS, grenier, by=basile)
    assert [p.since for p in there.legal_forms.all()] == [date(2023, 1, 1)]


def test_an_erased_person_is_in_no_row_of_a_file(basile: User, farid: User) -> None:
    given_organisation("Ville de Barr")
    written("contacts", PEOPLE, ODILE, by=basile)
    waiting = sent("contacts", PEOPLE, "Odile;Hartmann;;Ville de Barr;Élue", by=basile)
    assert verdicts(waiting) == {2: "doubtful"}
    other = sent("contacts", PEOPLE, "Paul;Weber;;Ville de Barr;Élue", by=basile)
    odile = Contact.objects.get()
    reasons = {"role": "Elle le demande."}
    actions.erase_person(odile, reason="Demande.", reasons=reasons, **acting(farid, TODAY))
    kept = json.dumps(list(ImportRow.objects.values("raw", "plan"))).lower()
    assert "hartmann" not in kept
    assert "odile" not in kept
    assert "weber" in kept
    assert [file.batch for file in ImportFile.objects.all()] == [other]
    page = signed_in(basile).get(waiting.get_absolute_url())
    assert page.status_code == 200


@pytest.mark.parametrize("gone", ["joined", "archived"])
def test_what_left_the_lists_is_not_brought_again(basile: User, gone: str) -> None:
    written("organisations", HEAD, BARR, by=basile)
    barr, act = Organisation.objects.get(), acting(basile, TODAY)
    if gone == "joined":
        actions.join_organisations(barr, into=given_organisation("Mairie de Barr"), **act)
    else:
        actions.archive_organisation(barr, reason="Deux fois.", **act)
    # By its reference; and by its SIRET alone, which nobody else may bear.
    for row in (BARR, BARR.removesuffix("A2")):
        assert verdicts(sent("organisations", HEAD, row, by=basile)) == {2: "same"}
    people = sent("contacts", PEOPLE, ODILE.replace("Ville de Barr", "21670021100016"), by=basile)
    assert verdicts(people) == {2: "create" if gone == "joined" else "fault"}
    assert gone == "joined" or "archivée" in said(people)


def test_a_person_joined_to_another_is_not_brought_again(basile: User) -> None:
    given_organisation("Ville de Barr")
    head, row = f"{PEOPLE};Référence", "Odile;Hartmann;;Ville de Barr;Élue;P1"
    written("contacts", head, row, by=basile)
    act = acting(basile, TODAY)
    kept = actions.create_contact(first_name="Odile", last_name="Hartman", **act)
    actions.join_contacts(Contact.objects.get(last_name="Hartmann"), into=kept, **act)
    assert verdicts(sent("contacts", head, row, by=basile)) == {2: "same"}


def test_another_total_of_a_month_that_was_brought_is_refused(basile: User, ada: User) -> None:
    given_coop("Le Grenier", owner=ada, on=date(2025, 1, 6))
    mapping = {"coop": {"column": "Coop"}, "consultant": {"value": "ada@essaim.test"}}

    def wide(row: str) -> object:
        batch = sent("wide", "Coop;Janvier 2025", row, by=basile)
        return batches.map_columns(batch, mapping, **acting(basile, TODAY))

    batches.write_batch(wide("Le Grenier;1,5"), **acting(basile, TODAY))
    changed = wide("Le Grenier;2")
    assert faults(changed) == [(2, "Janvier 2025")]
    assert "1,5" in said(changed)
    assert sum(MissionDay.objects.values_list("quantity", flat=True)) == Decimal("1.5")


def test_only_a_take_over_may_go_with_a_forged_leave(basile: User, ada: User) -> None:
    coop = given_coop(owner=ada)
    why = {"review_on": date(2027, 1, 4), "why": "Été"}
    actions.pause(coop.current, **why, **acting(basile, TODAY))
    batch = sent("organisations", HEAD, BARR, by=basile)
    move = Move.objects.filter(edge="pause").get()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE essaim_importbatch SET state = 'undone', written_at = at WHERE id = %s",
            [batch.pk],
        )
        cursor.execute(
            "INSERT INTO essaim_importremoval (batch_id, model, object_id)"
            " VALUES (%s, 'crm.Move', %s)",
            [batch.pk, move.pk],
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Move.objects.filter(pk=move.pk)._raw_delete("default")
    assert Move.objects.filter(pk=move.pk).exists()


def test_a_note_of_the_night_is_dated_in_paris(basile: User, ada: User) -> None:
    coop: Coop = given_coop(owner=ada)
    at = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)
    note = {"kind": Note.Kind.CALL, "happened_at": at, "title": "Rappel", "text": ""}
    actions.write_note(coop, **note, **acting(ada, TODAY))
    assert "02/06/2026" in SearchEntry.objects.get(model="crm.Note").detail
