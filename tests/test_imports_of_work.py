"""Moving in with work done before: agreements with days used, past days, wide sheets, invoices."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum

from crm.models import Coop
from essaim.imports import batches
from essaim.models import User
from essaim.workflow import Refused
from invoicing.models import Invoice
from missions.actions import lock_month, log_day
from missions.imports.wide import period, periods
from missions.models import Agreement, DayShare, FrozenPaper, Mission, MissionDay, PaperFile
from missions.usage import days_used
from tests.conftest import acting
from tests.given_crm import given_coop, given_organisation, given_structure
from tests.given_imports import TODAY, csv_bytes, faults, said, sent, verdicts, written

DAYS = "Consultant;Date;Coop;Jours;Objet;Nature;km"
AGREEMENTS = "Titre;Référence;Client;Coop;Signée le;Début;Fin;Jours prévus;Jours consommés;TJM"
INVOICES = "N°;Client;Date;Échéance;HT;TVA;TTC;Réglé;Coop"
WIDE = "Coop;Janvier 2025;févr. 2025;03/2025;Total"


def act(by: User) -> dict[str, Any]:
    return acting(by, TODAY)


@pytest.fixture
def coop(basile: User, ada: User) -> Coop:
    return given_coop("Le Grenier", owner=ada, on=date(2025, 1, 6))


# --- Past days ---------------------------------------------------------------------------------


def test_past_days_are_kept_validated_and_never_billable(
    basile: User, ada: User, coop: Coop
) -> None:
    written(
        "days",
        DAYS,
        "ada@essaim.test;17/03/2025;Le Grenier;1;Statuts;;42",
        "Ada Lutz;18/03/2025;Le Grenier;1/2;Charte;offert;",
        "ada@essaim.test;19/03/2025;Le Grenier;0,25;;bénévole;",
        by=basile,
    )
    days = list(MissionDay.objects.order_by("worked_on"))
    assert [(d.state, d.quantity, d.km) for d in days] == [
        ("validated", Decimal(1), 42),
        ("validated", Decimal("0.5"), None),
        ("validated", Decimal("0.25"), None),
    ]
    shares = DayShare.objects.order_by("day__worked_on")
    assert [(s.nature, s.amount, s.coop) for s in shares] == [
        ("elsewhere", 0, coop),
        ("given", 0, coop),
        ("volunteer", 0, coop),
    ]
    assert {d.mission.kind for d in days} == {Mission.Kind.START_UP}


def test_past_days_brought_twice_are_there_already(basile: User, ada: User, coop: Coop) -> None:
    row = "ada@essaim.test;17/03/2025;Le Grenier;1;Statuts;;"
    written("days", DAYS, row, by=basile)
    assert verdicts(sent("days", DAYS, row, by=basile)) == {2: "same"}


def test_past_days_with_faults_are_named(basile: User, ada: User, coop: Coop) -> None:
    lock_month(date(2025, 4, 1), **act(basile))
    batch = sent(
        "days",
        DAYS,
        "qui@essaim.test;17/03/2025;Le Grenier;1;;;",
        "ada@essaim.test;17/03/2030;Le Grenier;1;;;",
        "ada@essaim.test;17/03/2025;Inconnue;1;;;",
        "ada@essaim.test;17/03/2025;Le Grenier;0,3;;;",
        "ada@essaim.test;18/03/2025;Le Grenier;1;a;;",
        "ada@essaim.test;18/03/2025;Le Grenier;1;b;;",
        "ada@essaim.test;18/04/2025;Le Grenier;1;;;",
        "ada@essaim.test;18/03/2025;Le Grenier;NaN;;;",
        "ada@essaim.test;18/03/2025;;1;;facturé ici;",
        by=basile,
    )
    assert set(faults(batch)) == {
        (2, "Consultant"),
        (3, "Date"),
        (4, "Coop"),
        (5, "Jours"),
        (7, "Jours"),
        (8, "Date"),
        (9, "Jours"),
        (10, "Coop"),
        (10, "Nature"),
    }
    assert not MissionDay.objects.exists()


def test_days_already_there_count_in_the_total_of_a_date(
    basile: User, ada: User, coop: Coop
) -> None:
    log_day(mission=Mission.objects.get(), worked_on=date(2025, 3, 17), **act(ada))
    batch = sent("days", DAYS, "ada@essaim.test;17/03/2025;Le Grenier;1;autre;;", by=basile)
    assert faults(batch) == [(2, "Jours")]


def test_undoing_past_days_removes_their_shares(basile: User, ada: User, coop: Coop) -> None:
    batch = written("days", DAYS, "ada@essaim.test;17/03/2025;Le Grenier;1;;;", by=basile)
    batches.undo_batch(batch, **act(basile))
    assert not MissionDay.objects.exists()
    assert not DayShare.objects.exists()
    assert Mission.objects.exists()


def test_a_thousand_past_days_are_written_at_once(basile: User, ada: User, coop: Coop) -> None:
    first = date(2017, 1, 2).toordinal()
    rows = [
        f"ada@essaim.test;{date.fromordinal(first + n).isoformat()};Le Grenier;0,5;n° {n};;"
        for n in range(1_000)
    ]
    content = csv_bytes(DAYS, *rows, encoding="cp1252")
    batch = batches.open_batch("days", name="t.csv", content=content, **act(basile))
    batches.write_batch(batch, **act(basile))
    assert MissionDay.objects.filter(state="validated", quantity="0.5").count() == 1_000


# --- The wide sheet ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Janvier 2025", (date(2025, 1, 1), True)),
        ("févr. 25", (date(2025, 2, 1), True)),
        ("MARS", (date(2024, 3, 1), True)),
        ("03/2025", (date(2025, 3, 1), True)),
        ("2025-03", (date(2025, 3, 1), True)),
        ("15/03/2025", (date(2025, 3, 15), False)),
        ("15/03", (date(2024, 3, 15), False)),
    ],
)
def test_titles_of_a_wide_sheet_are_months_or_days(title: str, expected: Any) -> None:
    found = period(title, 2024)
    assert found is not None
    assert (found.day, found.is_month) == expected


def test_other_titles_are_no_period_and_firsts_of_months_are_months() -> None:
    assert [period(t, 2024) for t in ("Total", "Remarques", "31/02/2025", "mars mai")] == [None] * 4
    assert period("mars", None) is None
    found = periods(["2025-01-01", "2025-02-01"], None)
    assert {p.is_month for p in found.values()} == {True}
    assert not periods(["2025-01-01", "2025-02-03"], None)["2025-01-01"].is_month


def wide(by: User, *rows: str) -> Any:
    batch = sent("wide", WIDE, *rows, by=by)
    mapping = {"coop": {"column": "Coop"}, "consultant": {"value": "ada@essaim.test"}}
    return batches.map_columns(batch, mapping, **act(by))


def test_months_of_a_wide_sheet_are_spread_over_working_days(
    basile: User, ada: User, coop: Coop
) -> None:
    batch = wide(basile, "Le Grenier;2,5;;1/2;3")
    assert "derniers jours ouvrés" in batch.rows.get().plan["detail"]
    batches.write_batch(batch, **act(basile))
    found = MissionDay.objects.order_by("worked_on").values_list("worked_on", "quantity", "subject")
    january = "Janvier 2025 (relevé mensuel)"
    assert list(found) == [
        (date(2025, 1, 29), Decimal("0.5"), january),
        (date(2025, 1, 30), Decimal(1), january),
        (date(2025, 1, 31), Decimal(1), january),
        (date(2025, 3, 31), Decimal("0.5"), "Mars 2025 (relevé mensuel)"),
    ]
    again = wide(basile, "Le Grenier;2,5;;1/2;3")
    assert verdicts(again) == {2: "same"}


def test_two_coops_share_the_working_days_of_a_month(basile: User, ada: User, coop: Coop) -> None:
    given_coop("La Ruche", owner=ada, on=date(2025, 1, 6))
    batches.write_batch(wide(basile, "Le Grenier;12;;;", "La Ruche;10;;;"), **act(basile))
    by_date = MissionDay.objects.values("worked_on").annotate(total=Sum("quantity"))
    assert max(row["total"] for row in by_date) == 1
    assert MissionDay.objects.aggregate(total=Sum("quantity"))["total"] == 22


def test_cells_of_a_wide_sheet_that_are_no_days_are_named(
    basile: User, ada: User, coop: Coop
) -> None:
    batch = wide(basile, "Le Grenier;beaucoup;0,3;40;", "Autre;1;;;")
    assert set(faults(batch)) == {
        (2, "Janvier 2025"),
        (2, "févr. 2025"),
        (2, "03/2025"),
        (3, "Coop"),
    }


# --- Running agreements ------------------------------------------------------------------------


def agreement_row(**more: str) -> str:
    cells = {
        "title": "Accompagnement",
        "ref": "C-12",
        "client": "Ville de Barr",
        "coop": "Le Grenier",
        "signed": "10/01/2025",
        "starts": "15/01/2025",
        "ends": "31/12/2027",
        "days": "20",
        "used": "6,5",
        "rate": "600",
    } | more
    return ";".join(cells.values())


def test_running_agreements_go_on_from_the_days_used(basile: User, ada: User, coop: Coop) -> None:
    given_structure()
    given_organisation("Ville de Barr")
    written("agreements", AGREEMENTS, agreement_row(), by=basile)
    agreement = Agreement.objects.get()
    assert (agreement.state, agreement.signed_on) == ("running", date(2025, 1, 10))
    assert days_used([agreement])[agreement.pk] == Decimal("6.5")
    mission = Mission.objects.get(agreement=agreement)
    for n in range(13):
        day = date(2026, 9, 1 + n)
        assert not log_day(mission=mission, worked_on=day, **act(ada)).is_over_budget
    assert log_day(mission=mission, worked_on=date(2026, 9, 20), **act(ada)).is_over_budget
    assert verdicts(sent("agreements", AGREEMENTS, agreement_row(), by=basile)) == {2: "same"}


def test_undoing_agreements_takes_their_printed_papers_along(
    basile: User, ada: User, coop: Coop
) -> None:
    given_structure()
    given_organisation("Ville de Barr")
    batch = written("agreements", AGREEMENTS, agreement_row(), by=basile)
    paper = FrozenPaper.objects.get()
    # Printing comes after the commit, as the pages do it.
    facts = {"content": b"%PDF-", "sha256": "0" * 64, "size": 5, "rendered_at": paper.frozen_at}
    PaperFile.objects.get_or_create(paper=paper, defaults=facts)
    with pytest.raises(DatabaseError), transaction.atomic():
        FrozenPaper._base_manager.filter(pk=paper.pk)._raw_delete("default")
    batches.undo_batch(batch, **act(basile))
    assert not Agreement.objects.exists()
    assert not PaperFile.objects.exists()
    assert Coop.objects.filter(pk=coop.pk).exists()


def test_agreements_with_faults_are_named(basile: User, ada: User, coop: Coop) -> None:
    given_structure()
    given_organisation("Ville de Barr")
    batch = sent(
        "agreements",
        AGREEMENTS,
        agreement_row(client="Qui"),
        agreement_row(ref="2", ends="01/01/2025"),
        agreement_row(ref="3", signed="10/01/2030"),
        agreement_row(ref="4", used="beaucoup"),
        by=basile,
    )
    assert {row for row, _column in faults(batch)} == {2, 3, 4, 5}
    assert {(2, "Client"), (3, "Fin"), (4, "Signée le"), (5, "Jours consommés")} <= set(
        faults(batch)
    )
    assert not Agreement.objects.exists()


# --- Open invoices -----------------------------------------------------------------------------


def test_open_invoices_are_taken_over_under_their_numbers(chloe: User, coop: Coop) -> None:
    given_structure()
    given_organisation("Ville de Barr")
    batch = sent(
        "invoices",
        INVOICES,
        "2025-041;Ville de Barr;30/09/2025;30/10/2025;1000,00;200,00;1 200,00;200;Le Grenier",
        "2025-042;Ville de Barr;30/09/2025;30/10/2025;500;;500;;",
        by=chloe,
    )
    assert said(batch) == ""
    batches.write_batch(batch, **act(chloe))
    first, second = Invoice.objects.order_by("number")
    assert (first.number, first.state, first.kind) == ("2025-041", "issued", "taken_over")
    assert (first.gross, first.coop) == (Decimal("1000.00"), coop)
    assert (second.gross, second.vat) == (Decimal("500.00"), 0)
    # Frozen like any invoice: said before, and refused after.
    with pytest.raises(Refused) as refused:
        batches.undo_batch(batch, **act(chloe))
    assert refused.value.missing[0].code == "final"
    assert Invoice.objects.count() == 2


def test_open_invoices_with_faults_are_named(chloe: User) -> None:
    given_structure()
    given_organisation("Ville de Barr")
    batch = sent(
        "invoices",
        INVOICES,
        "1;Qui;30/09/2025;30/10/2025;;;100;;",
        "2;Ville de Barr;30/09/2030;30/10/2025;;;100;;",
        "3;Ville de Barr;30/09/2025;30/10/2025;100;20;130;;",
        "4;Ville de Barr;30/09/2025;30/10/2025;100;20;120;120;",
        "5;Ville de Barr;30/09/2025;01/09/2025;100;20;120;;",
        "6;Ville de Barr;30/09/2025;30/10/2025;100;17;117;;",
        "7;Ville de Barr;30/09/2025;30/10/2025;100;20;1e400;;",
        by=chloe,
    )
    assert {row for row, _column in faults(batch)} == {2, 3, 4, 5, 6, 7, 8}
    assert not Invoice.objects.exists()
