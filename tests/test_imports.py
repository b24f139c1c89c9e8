"""Moving in: tried dry, written whole when confirmed, undone while nothing stands on it."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from crm import actions
from crm.models import Contact, ContactRole, Coop, Fulfilment, LegalFormPeriod, Move, Organisation
from essaim.imports import batches, removal
from essaim.models import (
    Event,
    ImportBatch,
    ImportFile,
    ImportRemoval,
    ImportRow,
    SearchEntry,
    User,
)
from essaim.workflow import Refused
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_imports import TODAY, csv_bytes, faults, said, sent, verdicts, workbook, written

HEAD = "Raison sociale;Type;SIRET;Code postal;Ville;Référence"
REGION = "Région Grand Est;Financeur;;67000;Strasbourg;A1"
BARR = "Ville de Barr;Collectivité;21670021100016;67140;Barr;A2"
PEOPLE = "Prénom;Nom;Courriel;Structure;Fonction;Depuis;Organisation 2;Rôle 2"
COOPS = "Nom;Ville;Code postal;Parcours;Étape;Depuis;Suivie par;Membres;Référence"


def act(by: User) -> dict[str, Any]:
    return acting(by, TODAY)


# --- Nothing before it is confirmed ------------------------------------------------------------


def test_nothing_is_written_before_it_is_confirmed(basile: User) -> None:
    batch = sent("organisations", HEAD, REGION, BARR, by=basile)
    assert batch.counts["create"] == 2
    assert not Organisation.objects.exists()
    batches.write_batch(batch, **act(basile))
    assert [o.legal_name for o in Organisation.objects.order_by("pk")] == [
        "Région Grand Est",
        "Ville de Barr",
    ]
    barr = Organisation.objects.get(city="Barr")
    assert (barr.kind, barr.siren, barr.client_kind) == ("authority", "216700211", "public")
    assert barr.search_key
    assert Event.objects.filter(verb="crm.Organisation.create", by=basile).count() == 2
    assert not ImportFile.objects.exists()


def test_a_fault_names_its_row_and_its_column_and_stops_all(basile: User) -> None:
    batch = sent("organisations", HEAD, REGION, "Ville de Barr;Machin;123;;Barr;A2", by=basile)
    assert faults(batch) == [(3, "Type"), (3, "SIRET")]
    with pytest.raises(Refused) as refused:
        batches.write_batch(batch, **act(basile))
    text = refused.value.missing[0].text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Ligne 3, colonne « Type »" in text
    assert not Organisation.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "checked"


def test_good_rows_are_written_when_faulty_ones_are_left_out(basile: User) -> None:
    batch = sent("organisations", HEAD, REGION, "Barr;Machin;;;Barr;", by=basile)
    batches.write_batch(batch, leave_out=True, **act(basile))
    assert Organisation.objects.count() == 1
    assert verdicts(batch) == {2: "create", 3: "fault"}


def test_two_people_who_confirm_the_same_file_write_it_once(basile: User, farid: User) -> None:
    batch = sent("organisations", HEAD, REGION, by=basile)
    again = ImportBatch.objects.get(pk=batch.pk)
    batches.write_batch(batch, **act(basile))
    with pytest.raises(Refused) as refused:
        batches.write_batch(again, **act(farid))
    assert refused.value.missing[0].code == "state"
    assert Organisation.objects.count() == 1


def test_the_same_file_twice_is_said_and_leaves_all_as_it_is(basile: User) -> None:
    first = written("organisations", HEAD, REGION, BARR, by=basile)
    second = sent("organisations", HEAD, REGION, BARR, by=basile)
    assert batches.earlier(second.sha256, second.pk) == first
    assert set(verdicts(second).values()) == {"same"}
    with pytest.raises(Refused) as refused:
        batches.write_batch(second, **act(basile))
    assert refused.value.missing[0].code == "nothing"


def test_a_row_is_known_by_its_reference_when_its_name_has_changed(basile: User) -> None:
    written("organisations", HEAD, REGION, by=basile)
    again = sent(
        "organisations", HEAD, REGION.replace("Région Grand", "Conseil rég. Grand"), by=basile
    )
    assert verdicts(again) == {2: "same"}


def test_the_same_thing_twice_in_a_file_is_named(basile: User) -> None:
    batch = sent("organisations", HEAD, BARR, BARR.replace("A2", "A3"), by=basile)
    assert faults(batch) == [(3, "SIRET")]
    assert "ligne 2" in said(batch)


def test_likely_duplicates_wait_for_a_choice(basile: User) -> None:
    there = given_organisation("Ville de Barr", city="")
    batch = sent("organisations", HEAD, "VILLE DE BARR;;;67140;Barr;B7", REGION, by=basile)
    assert verdicts(batch) == {2: "doubtful", 3: "create"}
    row = batch.rows.get(number=2)
    assert row.plan["candidates"][0][0] == f"org:{there.pk}"
    batches.choose_rows(batch, {2: f"org:{there.pk}"}, **act(basile))
    assert verdicts(batch)[2] == "link"
    batches.write_batch(batch, **act(basile))
    assert Organisation.objects.filter(city="Barr").count() == 0
    # Its reference in the earlier tool is known from now on.
    assert verdicts(sent("organisations", HEAD, "Barr;;;;;B7", by=basile)) == {2: "same"}


def test_a_doubtful_row_may_be_new_or_left_out(basile: User) -> None:
    given_organisation("Ville de Barr", city="")
    batch = sent("organisations", HEAD, "Ville de Barr;;;67140;Barr;", REGION, by=basile)
    batches.choose_rows(batch, {2: "create"}, **act(basile))
    assert verdicts(batch)[2] == "create"
    batches.choose_rows(batch, {2: "skip"}, **act(basile))
    batches.write_batch(batch, **act(basile))
    assert Organisation.objects.filter(city="Barr").count() == 0
    # A choice that was never offered is no choice.
    other = sent("organisations", HEAD, "Ville de Barr;;;67140;Barr;", by=basile)
    batches.choose_rows(other, {2: "org:999999"}, **act(basile))
    assert verdicts(other) == {2: "doubtful"}


def test_columns_are_matched_by_hand_and_one_value_stands_for_all_rows(basile: User) -> None:
    batch = sent("organisations", "Qui;Où", "Le Grenier;Toul", by=basile)
    assert [c.code for c in batches.lacking(batch)] == ["legal_name"]
    assert not batch.rows.exists()
    mapping = {
        "legal_name": {"column": "Qui"},
        "city": {"column": "Où"},
        "kind": {"value": "Partenaire"},
    }
    batch = batches.map_columns(batch, mapping, **act(basile))
    batches.write_batch(batch, **act(basile))
    made = Organisation.objects.get()
    assert (made.legal_name, made.city, made.kind) == ("Le Grenier", "Toul", "partner")


def test_formulas_and_merged_cells_stop_only_the_columns_in_use(basile: User) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Ville", "Total"])
        sheet.write_row(1, 0, ["A", "Metz"])
        sheet.write_formula(1, 2, "=1+1")
        sheet.write_formula(2, 0, '="B"')
        sheet.write(2, 1, "Toul")
        sheet.merge_range(3, 1, 4, 1, "Nancy")
        sheet.write(3, 0, "C")

    batch = batches.open_batch(
        "organisations", name="t.xlsx", content=workbook(fill), **act(basile)
    )
    assert faults(batch) == [(3, "Nom"), (4, "Ville")]


def test_sheets_are_chosen(basile: User) -> None:
    def fill(book: Any) -> None:
        for name in ("Vide", "Coops"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Nom", name])
            sheet.write_row(1, 0, [f"De {name}", "x"])

    batch = batches.open_batch(
        "organisations", name="t.xlsx", content=workbook(fill), **act(basile)
    )
    assert (batch.sheet, batch.sheets) == ("Vide", ["Vide", "Coops"])
    batch = batches.choose_sheet(batch, sheet="Coops", **act(basile))
    assert [r.plan["title"] for r in batch.rows.all()] == ["De Coops"]


# --- People ------------------------------------------------------------------------------------


def test_people_come_with_their_roles_in_several_organisations(basile: User) -> None:
    given_organisation("Ville de Barr")
    given_organisation("Les Amis du Grenier", kind="partner", city="Toul")
    written(
        "contacts",
        PEOPLE,
        "Odile;Hartmann;odile@x.test;Ville de Barr;Élue;01/02/2024;Les Amis du Grenier;Présidente",
        "Marc;Muller;;Ville de Barr;Salarié;;;",
        "ODILE;Hartmann;odile@x.test;Les Amis du Grenier;Fondatrice;;;",
        by=basile,
    )
    odile = Contact.objects.get(email="odile@x.test")
    roles = {(r.organisation.legal_name, r.role, r.since) for r in odile.roles.all()}
    assert roles == {
        ("Ville de Barr", "elected", date(2024, 2, 1)),
        ("Les Amis du Grenier", "president", None),
        ("Les Amis du Grenier", "founder", None),
    }
    assert Contact.objects.count() == 2


def test_people_brought_twice_get_only_what_is_new(basile: User) -> None:
    given_organisation("Ville de Barr")
    row = "Odile;Hartmann;odile@x.test;Ville de Barr;Élue;;;"
    written("contacts", PEOPLE, row, by=basile)
    assert verdicts(sent("contacts", PEOPLE, row, by=basile)) == {2: "same"}
    more = written("contacts", PEOPLE, row.replace("Élue", "Référente"), by=basile)
    assert verdicts(more) == {2: "link"}
    assert Contact.objects.count() == 1
    assert ContactRole.objects.count() == 2


def test_people_with_faults_are_named(basile: User) -> None:
    batch = sent(
        "contacts",
        PEOPLE,
        "Odile;;odile@;Inconnue;Reine;31/02/2024;;",
        "Marc;Muller;m@x.test;;Salarié;;;",
        by=basile,
    )
    columns = ("Nom", "Courriel", "Fonction", "Depuis", "Structure")
    assert set(faults(batch)) == {*((2, c) for c in columns), (3, "Structure")}


# --- Coops at their stage ----------------------------------------------------------------------


def coop_row(name: str = "Le Grenier", **more: str) -> str:
    cells = {
        "city": "Toul",
        "postcode": "54200",
        "path": "Supermarché coopératif",
        "stage": "Collectif",
        "since": "15/03/2025",
        "owner": "ada@essaim.test",
        "members": "120",
        "ref": "C1",
    } | more
    return ";".join((name, *cells.values()))


@pytest.fixture
def path_label(db: None) -> str:
    from crm.models import Path

    return str(Path.objects.get(code="supermarket").label)


def test_coops_are_taken_over_at_their_stage(basile: User, ada: User, path_label: str) -> None:
    batch = written("coops", COOPS, coop_row(path=path_label), by=basile)
    coop = Coop.objects.get()
    begun = coop.current
    assert (begun.stage, begun.owner, begun.stage_since) == ("collective", ada, date(2025, 3, 15))
    assert coop.member_counts.get().registered == 120
    assert Fulfilment.objects.filter(accompaniment=begun, status="before").exists()
    row = batch.rows.get()
    assert (row.model, row.object_id) == ("crm.Coop", coop.pk)


def test_a_dry_run_of_coops_takes_everything_back(basile: User, ada: User, path_label: str) -> None:
    before = Event.objects.count()
    batch = sent("coops", COOPS, coop_row(path=path_label), by=basile)
    assert batch.counts["create"] == 1
    assert not Organisation.objects.exists()
    assert not Move.objects.exists()
    assert Event.objects.count() == before + 1  # the sending of the file


def test_coops_with_faults_are_named(basile: User, ada: User, path_label: str) -> None:
    batch = sent(
        "coops",
        COOPS,
        coop_row("A", path=path_label, owner="qui@essaim.test"),
        coop_row("B", path="Autoroute", stage="Lune"),
        coop_row("C", path=path_label, since="01/01/2030"),
        coop_row("D", path="Groupement d’achats ou vrac", stage="Local et travaux"),
        coop_row("E", path=path_label),
        coop_row("E", path=path_label),
        by=basile,
    )
    found = set(faults(batch))
    assert {(2, "Suivie par"), (3, "Parcours"), (3, "Étape"), (4, "Depuis"), (7, "Nom")} <= found
    assert {number for number, _column in found} == {2, 3, 4, 5, 7}
    assert not Coop.objects.exists()


def test_a_stage_outside_the_path_is_refused_in_the_words_of_the_move(
    basile: User, ada: User
) -> None:
    from crm.models import Path

    path = str(Path.objects.get(code="buying_group").label)
    batch = sent("coops", COOPS, coop_row(path=path, stage="Local et travaux"), by=basile)
    assert faults(batch) == [(2, "Étape")]
    assert path in said(batch)


def test_a_coop_of_a_known_organisation_is_linked_to_it(
    basile: User, ada: User, path_label: str
) -> None:
    there = given_organisation("Le Grenier", kind="coop", city="Toul", postcode="54200")
    batch = written("coops", COOPS, coop_row(path=path_label), by=basile)
    assert verdicts(batch) == {2: "link"}
    assert Coop.objects.get().organisation == there
    assert verdicts(sent("coops", COOPS, coop_row(path=path_label), by=basile)) == {2: "same"}


# --- Undoing -----------------------------------------------------------------------------------


def everything() -> dict[str, int]:
    """How many rows each table of the rooms holds, the import's own and the trail left out."""
    from django.apps import apps

    return {
        m._meta.label: m._base_manager.count()
        for m in apps.get_models(include_auto_created=True)
        if m._meta.app_label in ("crm", "missions", "grants", "invoicing")
    }


def test_undoing_removes_exactly_what_was_made(basile: User, ada: User, path_label: str) -> None:
    given_coop("Autre coop")
    before = everything()
    batch = written(
        "coops",
        COOPS,
        coop_row(path=path_label),
        coop_row("B", ref="C2", path=path_label),
        by=basile,
    )
    assert everything() != before
    events = Event.objects.count()
    found = SearchEntry.objects.filter(model="crm.Coop")
    assert found.count() == 3
    batches.undo_batch(batch, **act(basile))
    assert everything() == before
    assert found.count() == 1
    assert Event.objects.count() == events + 1
    batch.refresh_from_db()
    assert batch.state == "undone"
    # The same rows can come again.
    again = written("coops", COOPS, coop_row(path=path_label), by=basile)
    assert verdicts(again) == {2: "create"}


def test_undoing_is_refused_once_something_was_built(
    basile: User, ada: User, path_label: str
) -> None:
    batch = written("coops", COOPS, coop_row(path=path_label), by=basile)
    coop = Coop.objects.get()
    actions.add_task(coop=coop, what="Rappeler la mairie", due_on=TODAY, **act(ada))
    with pytest.raises(Refused) as refused:
        batches.undo_batch(batch, **act(basile))
    assert any("Rappeler la mairie" in m.text for m in refused.value.missing)
    batch.refresh_from_db()
    assert batch.state == "written"
    assert Coop.objects.filter(pk=coop.pk).exists()


def test_undoing_is_refused_once_a_row_was_changed(basile: User) -> None:
    batch = written("organisations", HEAD, REGION, BARR, by=basile)
    barr = Organisation.objects.get(city="Barr")
    actions.edit_organisation(barr, phone="0388000000", **act(basile))
    found = batches.stands_on(batch)
    assert [m.code for m in found] == ["changed"]
    assert "Ville de Barr" in found[0].text


def test_undoing_contacts_keeps_the_people_who_were_there(basile: User) -> None:
    given_organisation("Ville de Barr")
    row = "Odile;Hartmann;odile@x.test;Ville de Barr;Élue;;;"
    written("contacts", PEOPLE, row, by=basile)
    more = written("contacts", PEOPLE, row.replace("Élue", "Référente"), by=basile)
    batches.undo_batch(more, **act(basile))
    assert Contact.objects.count() == 1
    assert [r.role for r in ContactRole.objects.all()] == ["elected"]


def test_undoing_twice_is_refused(basile: User) -> None:
    batch = written("organisations", HEAD, REGION, by=basile)
    batches.undo_batch(batch, **act(basile))
    with pytest.raises(Refused):
        batches.undo_batch(batch, **act(basile))


def test_a_move_goes_only_with_an_import_that_is_undone(
    basile: User, ada: User, path_label: str
) -> None:
    batch = written("coops", COOPS, coop_row(path=path_label), by=basile)
    move = Move.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ImportRemoval.objects.create(batch=batch, model="crm.Move", object_id=move.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Move.objects.all()._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE essaim_importbatch SET made = '{}'")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM essaim_importbatch")


def test_an_import_given_up_keeps_neither_file_nor_rows(basile: User) -> None:
    batch = sent("organisations", HEAD, REGION, by=basile)
    batches.drop_batch(batch, **act(basile))
    assert not ImportRow.objects.exists()
    assert not ImportFile.objects.exists()
    with pytest.raises(Refused):
        batches.write_batch(batch, **act(basile))


# --- Ten thousand ------------------------------------------------------------------------------


def test_ten_thousand_rows_are_judged_and_written_in_a_fixed_number_of_statements(
    basile: User, django_assert_max_num_queries: Any
) -> None:
    rows = [f"Partenaire {n} été;Partenaire;;67000;Strasbourg;R{n}" for n in range(10_000)]
    content = csv_bytes(HEAD, *rows, encoding="cp1252")
    with django_assert_max_num_queries(20):
        batch = batches.open_batch("organisations", name="t.csv", content=content, **act(basile))
    assert batch.counts["create"] == 10_000
    with django_assert_max_num_queries(400):
        batches.write_batch(batch, **act(basile))
    assert Organisation.objects.filter(legal_name__endswith="été").count() == 10_000
    assert not LegalFormPeriod.objects.exists()
    batches.undo_batch(batch, **act(basile))
    assert not Organisation.objects.exists()


def test_ten_thousand_rows_with_a_fault_each_are_all_named(basile: User) -> None:
    rows = [f"Partenaire {n};Machin;;;;" for n in range(10_000)]
    batch = batches.open_batch(
        "organisations",
        name="t.csv",
        content=csv_bytes(HEAD, *rows, encoding="utf-8-sig"),
        **act(basile),
    )
    assert batch.counts["fault"] == 10_000
    assert faults(batch)[-1] == (10_001, "Type")
    assert not Organisation.objects.exists()


def test_relations_are_found_from_the_models_tables_of_many_to_many_included() -> None:
    from crm.models import Accompaniment

    tables = {model._meta.label for model, _column in removal.pointing_at(Accompaniment)}
    assert {"crm.Accompaniment_team", "crm.Move", "missions.Mission"} <= tables


def test_a_model_to_fill_speaks_french(basile: User) -> None:
    answer = signed_in(basile).get("/reglages/reprise/contacts/modele.csv")
    words = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()
    assert "# exemple : Odile" in words.replace("\xa0", " ")
    assert "Rôle 2" in words
    assert "role 2" not in words
    assert "modele" in answer["Content-Disposition"].replace("è", "e").lower()
