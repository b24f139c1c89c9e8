"""A list of calls: tried by row and column, nothing before confirmation, twice is once."""

import io
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Organisation
from essaim.imports.reader import Fault
from essaim.models import Event, User
from essaim.workflow import Refused
from grants import actions
from grants.actions.call_imports import confirm_call_list, rehearse_call_list
from grants.call_lists import COLUMNS, code_of
from grants.models import Call, CallImport, Programme
from tests.conftest import signed_in
from tests.given_grants import given_organisation, given_programme

pytestmark = pytest.mark.django_db
NEW, MODEL = "/financements/appels/import/", "/financements/appels/import/modele."
HEADER = "Numéro;Financeur;Dispositif;Appel à projets;OUVERTURE;Date limite;Territoire;Etapes"
ROW = "A1;Région Grand Est;Emploi ESS;Printemps;15/01/2027;31/03/2027 12:00;Grand Est;Labo"


@pytest.fixture
def known() -> Programme:
    return given_programme("Emploi ESS", funder=given_organisation("Région Grand Est"))


def _csv(*rows: str, header: str = HEADER, encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode(encoding)


def _sent(user: User, content: bytes, name: str = "appels.csv", **more: str) -> Any:
    data = {
        "file": SimpleUploadedFile(name, content),
        "source": "Aides-territoires",
        "licence": "Licence Ouverte 2.0",
        "checked_on": "2026-01-05",
        **more,
    }
    return signed_in(user).post(NEW, data)


def _read(user: User, content: bytes, **more: str) -> CallImport:
    answer = _sent(user, content, **more)
    assert answer.status_code == 302, answer.text
    return CallImport.objects.latest("pk")


def _page(made: CallImport) -> str:
    return f"{NEW}{made.pk}/"


def test_nothing_is_written_until_it_is_confirmed(basile: User, known: Programme) -> None:
    made = _read(basile, _csv(ROW))
    events = Event.objects.count()
    shown = signed_in(basile).get(_page(made))
    assert "1 nouveau" in shown.text
    assert not Call.objects.exists()
    assert Event.objects.count() == events
    assert signed_in(basile).post(_page(made)).status_code == 302
    call = Call.objects.get()
    assert (call.programme, call.title, call.territory) == (known, "Printemps", "Grand Est")
    assert call.deadline == datetime(2027, 3, 31, 10, tzinfo=UTC)
    assert (call.opens_on, call.stages) == (date(2027, 1, 15), ["test_shop"])
    assert (call.source, call.source_id) == ("Aides-territoires", "A1")
    assert (call.licence, call.checked_on) == ("Licence Ouverte 2.0", date(2026, 1, 5))


def test_a_second_import_changes_nothing_and_a_double_confirmation_is_refused(
    basile: User, known: Programme
) -> None:
    first = _read(basile, _csv(ROW))
    browser = signed_in(basile)
    assert browser.post(_page(first)).status_code == 302
    assert browser.post(_page(first)).status_code == 409
    second = _read(basile, _csv(ROW))
    assert "1 inchangé" in browser.get(_page(second)).text
    told = Event.objects.filter(verb__startswith="grants.Call.").count()
    assert browser.post(_page(second)).status_code == 302
    second.refresh_from_db()
    assert (second.created, second.updated, second.unchanged) == (0, 0, 1)
    assert Call.objects.count() == 1
    assert Event.objects.filter(verb__startswith="grants.Call.").count() == told


def test_a_changed_row_changes_its_call_and_a_later_list_its_last_check(
    basile: User, known: Programme
) -> None:
    signed_in(basile).post(_page(_read(basile, _csv(ROW, ROW.replace("A1", "A2")))))
    later = _read(basile, _csv(ROW.replace("Printemps", "Été"), ROW.replace("A1", "A2")),
                  checked_on="2026-02-01")  # fmt: skip
    page = signed_in(basile).get(_page(later))
    assert "1 modifié" in page.text
    signed_in(basile).post(_page(later))
    calls = Call.objects.order_by("source_id")
    assert [c.title for c in calls] == ["Été", "Printemps"]
    assert {c.checked_on for c in calls} == {date(2026, 2, 1)}


def _fault(row: int, column: str) -> str:
    """How a fault of this cell begins on screen."""
    return str(Fault(row, column, ""))


FAULTS = [
    (ROW.replace("31/03/2027 12:00", "31/02/2027"), 2, "Date limite"),
    (ROW.replace("15/01/2027", "bientôt"), 2, "Ouverture"),
    (ROW.replace("15/01/2027", "15/05/2027"), 2, "opens_on"),
    (ROW.replace("Labo", "Lune"), 2, "Étapes"),
    (ROW.replace("Printemps", ""), 2, "Appel à projets"),
    (ROW.replace("A1", ""), 2, "Numéro"),
]


@pytest.mark.parametrize(("row", "line", "column"), FAULTS)
def test_each_fault_names_its_row_and_its_column(
    basile: User, known: Programme, row: str, line: int, column: str
) -> None:
    made = _read(basile, _csv(row, ROW.replace("A1", "B2")))
    page = signed_in(basile).get(_page(made))
    title = "Ouverture" if column == "opens_on" else column
    assert _fault(line, title) in page.text
    assert signed_in(basile).post(_page(made)).status_code == 409
    assert not Call.objects.exists()


def test_a_number_that_stands_twice_is_a_fault_of_its_second_row(
    basile: User, known: Programme
) -> None:
    made = _read(basile, _csv(ROW, ROW))
    text = signed_in(basile).get(_page(made)).text
    assert _fault(3, "Numéro") in text


def test_unknown_names_are_created_only_when_ticked(basile: User) -> None:
    made = _read(basile, _csv(ROW, "B2;Ville de Metz;Coup de pouce;Appel;;;;"))
    browser = signed_in(basile)
    page = browser.get(_page(made)).text
    assert 'value="Région Grand Est"' in page
    assert 'value="Ville de Metz|Coup de pouce"' in page
    ticked = ["Région Grand Est", "Région Grand Est|Emploi ESS"]
    assert browser.post(_page(made), {"create": ticked}).status_code == 302
    assert Organisation.objects.get(legal_name="Région Grand Est").kind == "funder"
    assert [p.name for p in Programme.objects.all()] == ["Emploi ESS"]
    assert [c.source_id for c in Call.objects.all()] == ["A1"]
    assert not Organisation.objects.filter(legal_name="Ville de Metz").exists()


def test_a_name_is_known_accents_and_case_aside(basile: User, known: Programme) -> None:
    row = ROW.replace("Région Grand Est", "REGION GRAND EST").replace("Emploi ESS", "emploi ess")
    made = _read(basile, _csv(row))
    seen = rehearse_call_list(made, by=basile, on=date(2026, 1, 5), at=datetime.now(UTC))
    assert (seen.funders, seen.programmes, seen.count("new")) == ([], [], 1)


def test_a_number_stays_with_its_programme(basile: User, known: Programme) -> None:
    signed_in(basile).post(_page(_read(basile, _csv(ROW))))
    given_programme("Autre", funder=known.funder)
    made = _read(basile, _csv(ROW.replace("Emploi ESS", "Autre")))
    assert _fault(2, "Dispositif") in signed_in(basile).get(_page(made)).text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (_csv("x", header="Truc;Machin"), "appels.csv", "Colonnes manquantes"),
        (_csv(), "appels.csv", "aucune ligne"),
        (b"MZ\x90\x00\x03", "appels.csv", ""),
        (b"%PDF-1.7\n", "appels.xlsx", ""),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(
    basile: User, content: bytes, name: str, words: str
) -> None:
    answer = _sent(basile, content, name)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert not CallImport.objects.exists()


def test_a_list_of_the_future_is_refused(basile: User, known: Programme) -> None:
    assert _sent(basile, _csv(ROW), checked_on="2999-01-01").status_code == 409


def test_old_encodings_and_workbooks_are_read(basile: User, known: Programme) -> None:
    assert _read(basile, _csv(ROW, encoding="cp1252"))
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER.split(";"))
    cells: list[Any] = ROW.split(";")
    cells[4], cells[5] = date(2027, 1, 15), datetime(2027, 3, 31, 12)  # noqa: DTZ001
    sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    answer = _sent(basile, target.getvalue(), "appels.xlsx")
    assert answer.status_code == 302
    made = CallImport.objects.latest("pk")
    signed_in(basile).post(_page(made))
    assert Call.objects.get().deadline == datetime(2027, 3, 31, 10, tzinfo=UTC)


def test_a_formula_is_a_fault_of_its_cell(basile: User, known: Programme) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(";"))
    cells = ROW.split(";")
    cells[3] = "=1+1"
    book.active.append(cells)
    target = io.BytesIO()
    book.save(target)
    answer = _sent(basile, target.getvalue(), "appels.xlsx")
    assert answer.status_code == 409
    assert "Appel" in answer.text


def test_the_model_comes_back_through_its_own_reader(basile: User) -> None:
    browser = signed_in(basile)
    for kind in ("csv", "xlsx"):
        answer = browser.get(f"{MODEL}{kind}")
        content = b"".join(answer) if answer.streaming else answer.content
        made = CallImport.objects.count()
        assert _sent(basile, content, f"modele.{kind}").status_code == 302
        assert CallImport.objects.count() == made + 1
    assert {code_of(str(c.title)) for c in COLUMNS} == {c.code for c in COLUMNS}


def test_a_preview_is_only_of_who_made_it(basile: User, farid: User, known: Programme) -> None:
    made = _read(basile, _csv(ROW))
    assert signed_in(farid).get(_page(made)).status_code == 404


def test_2000_rows_at_most_and_the_dry_run_costs_no_query_per_known_name(
    basile: User, known: Programme
) -> None:
    rows = [ROW.replace("A1", f"N{n}") for n in range(2001)]
    assert _sent(basile, _csv(*rows)).status_code == 409
    with pytest.raises(Refused):
        made = _read(basile, _csv(ROW))
        confirm_call_list(made, by=basile, on=date(2026, 1, 5), at=datetime.now(UTC))
        confirm_call_list(made, by=basile, on=date(2026, 1, 5), at=datetime.now(UTC))


def test_a_call_that_opens_after_its_deadline_is_refused_on_its_own_clock(
    known: Programme, basile: User
) -> None:
    # 23:30 in Paris on 31 January is still 31 January, though not in universal time.
    deadline = datetime(2027, 1, 31, 22, 59, tzinfo=UTC)
    who = {"by": basile, "on": date(2026, 1, 5), "at": datetime.now(UTC)}
    facts = {"programme": known, "title": "Appel", "deadline": deadline}
    actions.create_call(opens_on=date(2027, 1, 31), **facts, **who)
    for zone, opens in (("Europe/Paris", date(2027, 2, 1)), ("America/Cayenne", date(2027, 2, 1))):
        with pytest.raises(Refused) as refused:
            actions.create_call(opens_on=opens, zone=zone, **facts, **who)
        assert [m.code for m in refused.value.missing] == ["opens_on"]
    actions.create_call(opens_on=date(2027, 2, 1), zone="Pacific/Noumea", **facts, **who)


def test_the_first_look_tells_what_the_ticked_names_would_bring(basile: User) -> None:
    made = _read(basile, _csv(ROW, "A2;Inconnu;Nouveau;Tard;;31/02/2027;;"))
    page = signed_in(basile).get(_page(made)).text
    assert "1 nouveau" in page
    assert "31/02/2027" in page
    assert not Programme.objects.exists()
    assert not Organisation.objects.filter(legal_name="Inconnu").exists()


def test_a_name_too_long_is_a_fault_of_its_row(basile: User, known: Programme) -> None:
    made = _read(basile, _csv(f"A1;Région Grand Est;{'x' * 900};Printemps;;;;"))
    page = signed_in(basile).get(_page(made)).text
    assert "Ligne 2, colonne « Dispositif »" in page.replace("\xa0", " ")
    answer = signed_in(basile).post(_page(made), {"create": f"Région Grand Est|{'x' * 900}"})
    assert answer.status_code == 409
