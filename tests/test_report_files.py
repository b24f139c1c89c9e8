"""The files of a report: the same rows in every format, numbers that stay numbers, paper."""

import csv
import io
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.urls import reverse
from odf.opendocument import load
from odf.table import TableCell, TableRow
from odf.teletype import extractText
from openpyxl import load_workbook
from pypdf import PdfReader

from crm import actions as crm
from crm.models import Coop
from essaim.models import User
from invoicing import actions as invoicing
from invoicing import report_files
from invoicing.models import ExportLog, FunderReport
from missions.models import Envelope, Mission
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import given_issuer
from tests.given_missions import given_day, given_envelope
from tests.given_reports import (
    TODAY,
    given_cost,
    given_cost_programme,
    given_covered,
    given_offered,
    given_region,
    given_report,
    sent,
)

D = Decimal
pytestmark = pytest.mark.django_db
COLUMNS = [
    {"code": "beneficiary", "label": "=Structure"},
    {"code": "days", "label": ""},
    {"code": "part", "label": "Part Région"},
    {"code": "legal_form", "label": ""},
    {"code": "qpv", "label": ""},
]


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def envelope(basile: User) -> Envelope:
    return given_envelope(given_region(basile), by=basile)


@pytest.fixture
def mission(coop: Coop, envelope: Envelope, ada: User, basile: User) -> Mission:
    mission = given_covered(coop, envelope, by=basile, team=[ada])
    given_day(ada, mission, date(2026, 3, 3), internal_note="Confidentiel", by=basile)
    return mission


@pytest.fixture
def report(mission: Mission, envelope: Envelope, basile: User) -> FunderReport:
    report = given_report(envelope, by=basile)
    return invoicing.lay_out(report, columns=COLUMNS, layout="coop", **acting(basile, TODAY))


def _text(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    words = " ".join(page.extract_text() for page in pages)
    return " ".join(words.replace("\xa0", " ").replace("\u202f", " ").split())


def test_csv_holds_the_columns_in_order_under_the_funders_names(report: FunderReport) -> None:
    content = report_files.write(report, "csv", on=TODAY).decode("utf-8-sig")
    header, row, total, *_more = csv.reader(io.StringIO(content), delimiter=";")
    assert header == ["'=Structure", "Jours", "Part Région", "Forme juridique",
                      "Quartier prioritaire (QPV)"]  # fmt: skip
    assert row[:3] == ["Coop’Épi", "0,80", "480,00"] and row[4] == "non"
    assert total[:3] == ["Total", "0,80", "480,00"]


def test_a_report_taken_away_is_noted_among_the_exports(
    report: FunderReport, basile: User, chloe: User
) -> None:
    address = reverse("invoicing:report_file", args=(report.pk, "csv"))
    content = signed_in(basile).get(address).content
    log = ExportLog.objects.get()
    assert (log.kind, log.file_format, log.by, log.rows) == ("report", "csv", basile, 1)
    assert log.fingerprint == sha256(content).hexdigest()
    page = signed_in(chloe).get("/facturation/exports/").content.decode()
    assert "Bilan pour un financeur" in page and report.get_absolute_url() in page


def test_xlsx_and_ods_hold_numbers_and_no_formula(report: FunderReport) -> None:
    sheet: Any = load_workbook(io.BytesIO(report_files.write(report, "xlsx", on=TODAY))).active
    assert sheet["A1"].value == "=Structure" and sheet["A1"].data_type != "f"
    assert sheet["C2"].value == 480 and sheet["C2"].data_type == "n"
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    book = load(io.BytesIO(report_files.write(report, "ods", on=TODAY)))
    rows = book.spreadsheet.getElementsByType(TableRow)
    cells = rows[1].getElementsByType(TableCell)
    assert extractText(cells[0]) == "Coop’Épi"
    assert cells[2].getAttribute("valuetype") == "float"
    assert cells[2].getAttribute("value") == "480.00"


def test_paper_says_who_what_and_where_to_sign_and_a_draft_says_so(
    report: FunderReport, basile: User
) -> None:
    draft = _text(report_files.write(report, "pdf", on=TODAY))
    assert "BROUILLON" in draft and "Bilan d’activité" in draft
    assert "Part Région" in draft and "480,00 €" in draft and "Signatures" in draft
    assert "Confidentiel" not in draft
    sent(report, by=basile)
    report.refresh_from_db()
    content = report_files.write(report, "pdf", on=TODAY)
    paper = _text(content)
    assert "BROUILLON" not in paper and report.digest in paper
    page = PdfReader(io.BytesIO(content)).pages[0]
    assert page.mediabox.width > page.mediabox.height
    assert content == report_files.write(report, "pdf", on=date(2027, 5, 1))


def test_the_files_of_a_sent_report_do_not_move(
    report: FunderReport, coop: Coop, basile: User
) -> None:
    sent(report, by=basile)
    report.refresh_from_db()
    before = {f: report_files.write(report, f, on=TODAY) for f in ("csv", "xlsx", "ods")}
    crm.edit_organisation(coop.organisation, usual_name="Rebaptisée", **acting(basile, TODAY))
    again = FunderReport.objects.get(pk=report.pk)
    for suffix, content in before.items():
        assert report_files.write(again, suffix, on=date(2027, 5, 1)) == content


def test_a_claim_lists_months_then_the_times_of_each_beneficiary(
    coop: Coop, ada: User, basile: User
) -> None:
    programme = given_cost_programme(basile)
    _agreement, mission = given_offered(coop, programme, by=basile, team=[ada])
    given_day(ada, mission, date(2026, 3, 3), by=basile)
    given_cost(ada, "42000", by=basile)
    report = given_report(programme, by=basile, kind="costs")
    content = report_files.write(report, "csv", on=TODAY).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert rows[1] == ["03/2026", "Ada Lutz", "3500,00", "1,00", "1,00", "100,00", "3500,00",
                       "1400,00", "4900,00"]  # fmt: skip
    assert rows[5] == ["03/2026", "Ada Lutz", "Coop’Épi", "1,00", "3500,00"]
    paper = _text(report_files.write(report, "pdf", on=TODAY))
    assert "Demande au coût réel" in paper and "4 900,00 €" in paper
    assert report_files.name_of(report, "pdf").startswith("demande-de-couts-FSE")


def test_given_time_and_attendance_are_on_paper_and_in_the_sheet(
    mission: Mission, envelope: Envelope, coop: Coop, ada: User, basile: User
) -> None:
    given_day(ada, mission, date(2026, 4, 3), work="collective", participants=9, by=basile)
    start_up = Mission.objects.get(kind="start_up", coop=coop)
    given_day(ada, start_up, date(2026, 2, 3), by=basile)
    report = given_report(envelope, by=basile, with_given=True)
    paper = _text(report_files.write(report, "pdf", on=TODAY))
    assert "Temps offert, à part" in paper and "Feuilles de présence" in paper
    assert "manquante" in paper
    content = report_files.write(report, "csv", on=TODAY).decode("utf-8-sig")
    assert "Temps offert, à part" in content


def test_two_people_of_one_name_lose_no_cost() -> None:
    from types import SimpleNamespace

    from invoicing.reporting import Told
    from invoicing.rules_claims import Month, price
    from invoicing.rules_report import CoopFacts, DayLine

    march = date(2026, 3, 1)
    claim = price([Month(n, march, D(3000), D(5), D(20)) for n in (1, 2)], D(40))
    kept: Any = [SimpleNamespace(person=SimpleNamespace(name="Anne Muller")) for _ in range(2)]
    nothing = dict.fromkeys(("total", "part", "others", "remainder", "offered"), D(0))
    lines = [
        DayLine(
            day=n,
            coop=1,
            worked_on=march,
            person="Anne Muller",
            work="on_site",
            theme="",
            subject="",
            is_collective=False,
            participants=None,
            days=D(5),
            all_days=D(5),
            **nothing,
        )
        for n in (1, 2)
    ]
    told = Told(lines, {1: CoopFacts(coop=1, name="Coop’Épi")})
    (row,) = report_files.times_table(told, claim, kept).rows
    assert row[-1] == claim.cost == D("1500.00")
