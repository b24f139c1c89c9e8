"""Attendance: a sheet to sign before, who came and what they signed after."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from crm.models import Coop
from essaim.models import User
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing import reporting
from missions import actions
from missions.models import Attendance, Envelope, MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_expenses import PDF
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission
from tests.given_reports import TODAY, given_covered, given_region, given_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def envelope(basile: User) -> Envelope:
    return given_envelope(given_region(basile), by=basile)


@pytest.fixture
def session(coop: Coop, envelope: Envelope, ada: User, basile: User) -> MissionDay:
    mission = given_covered(coop, envelope, by=basile, team=[ada])
    return given_day(
        ada, mission, date(2026, 3, 3), work="collective", subject="Atelier",
        internal_note="Canari", by=basile,
    )  # fmt: skip


def _record(day: MissionDay, by: User, people: int = 14, **more: Any) -> Attendance:
    return actions.record_attendance(day, participants=people, **more, **acting(by, TODAY))


def _text(content: bytes) -> str:
    return " ".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)


def test_a_blank_sheet_is_printed_before_the_session(ada: User, session: MissionDay) -> None:
    url = reverse("missions:attendance_blank", args=(session.mission_id,))
    browser = signed_in(ada)
    assert browser.get(url).status_code == 200
    data = {"day": "2026-12-04", "subject": "Gouvernance", "place": "Mairie", "lines": "30"}
    answer = browser.post(url, data)
    assert answer["Content-Type"] == "application/pdf"
    words = _text(answer.content)
    assert "Gouvernance" in words and "Mairie" in words and "4 décembre 2026" in words.lower()
    assert "\n30" in words or " 30" in words
    for wrong in ({**data, "lines": "0"}, {**data, "lines": "500"}, {**data, "day": "x"}, {}):
        assert browser.post(url, wrong).status_code == 422


def test_the_sheet_of_a_noted_day_never_prints_the_internal_note(
    ada: User, session: MissionDay
) -> None:
    answer = signed_in(ada).get(reverse("missions:attendance_pdf", args=(session.pk,)))
    words = _text(answer.content)
    assert "Atelier" in words and "Ada Lutz" in words and "Canari" not in words


def test_who_came_and_the_signed_sheet_reach_the_reports_proofs(
    session: MissionDay, envelope: Envelope, ada: User, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    assert reporting.tell(report).proofs[0]["is_signed"] is False
    _record(session, ada, 14, file=ContentFile(PDF, "presences.pdf"))
    _record(session, basile, 15)
    told = reporting.tell(report)
    # The last count wins, the sheet that was signed goes on counting.
    assert told.proofs[0]["participants"] == 15 and told.proofs[0]["is_signed"] is True
    assert told.lines[0].participants == 15


def test_attendance_is_recorded_on_a_day_that_an_invoice_locked(
    coop: Coop, ada: User, basile: User, chloe: User
) -> None:
    agreement = given_agreement(coop, client_of(coop), 600, None, by=basile)
    mission = given_mission(agreement, by=basile)
    day = given_day(ada, mission, date(2026, 3, 3), work="collective", by=basile)
    act = acting(chloe, TODAY)
    draft = invoicing.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    invoicing.issue(invoice=draft, **act)
    day.refresh_from_db()
    assert day.state == "billed"
    assert _record(day, ada, 8).participants == 8


@pytest.mark.parametrize("people", [0, -1, 2001])
def test_nobody_or_a_crowd_is_refused(people: int, session: MissionDay, ada: User) -> None:
    with pytest.raises(Refused):
        _record(session, ada, people)


def test_another_consultants_day_and_a_misleading_file_are_refused(
    session: MissionDay, ada: User
) -> None:
    with pytest.raises(Refused):
        _record(session, person("Simon Stoll", "consultant"))
    with pytest.raises(Refused):
        _record(session, ada, 3, file=ContentFile(b"MZ not a pdf", "feuille.pdf"))
    assert not Attendance.objects.exists()


def test_the_page_records_and_serves_the_sheet(session: MissionDay, ada: User) -> None:
    browser = signed_in(ada)
    url = reverse("missions:attendance_record", args=(session.pk,))
    sheet = SimpleUploadedFile("presences.pdf", PDF, "application/pdf")
    assert browser.post(url, {"participants": "", "file": sheet}).status_code == 422
    sheet = SimpleUploadedFile("presences.pdf", PDF, "application/pdf")
    assert browser.post(url, {"participants": "11", "file": sheet}).status_code == 302
    row = Attendance.objects.get()
    page = browser.get(session.get_absolute_url()).content.decode()
    assert reverse("missions:attendance_file", args=(row.pk,)) in page
    answer = browser.get(reverse("missions:attendance_file", args=(row.pk,)))
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_recorded_attendance_is_kept_by_the_database(session: MissionDay, ada: User) -> None:
    row = _record(session, ada)
    for sql in (
        "UPDATE missions_attendance SET participants = 99 WHERE id = %s",
        "DELETE FROM missions_attendance WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [row.pk])
    row.refresh_from_db()
    assert row.participants == 14
