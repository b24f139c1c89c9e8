"""Monthly timesheets: whose days, total time, the PDF, the signed copy and who may read it."""

import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from crm.models import Coop
from essaim.models import User
from essaim.workflow import Refused
from missions import actions
from missions.models import Mission, Timesheet
from missions.sheet_print import render_sheet, sheet_name
from missions.timesheets import month_sheets, sheet_of, signed_of
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_expenses import PDF
from tests.given_invoicing import given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

TODAY = date(2026, 11, 23)
MONTH = date(2026, 11, 1)
D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, ada: User, basile: User) -> Mission:
    return given_mission(given_agreement(coop, days=None, by=basile), team=[ada], by=basile)


@pytest.fixture
def month(ada: User, basile: User, coop: Coop, mission: Mission) -> None:
    """Ada's November: two days for the coop, one internal, half a day as a volunteer."""
    given_day(
        ada, mission, date(2026, 11, 3), subject="Atelier statuts",
        internal_note="Tension avec la mairie", by=basile,
    )  # fmt: skip
    given_day(ada, mission, date(2026, 11, 4), by=basile)
    given_day(ada, mission, date(2026, 11, 6), "0.5", is_volunteer=True, by=basile)
    given_day(ada, mission, date(2026, 10, 30), by=basile)
    internal = given_mission(None, "Vie de l’équipe", team=[ada], by=basile)
    given_day(ada, internal, date(2026, 11, 5), validated=False)


def text_of(content: bytes, tmp_path: Path) -> str:
    source = tmp_path / "sheet.pdf"
    source.write_bytes(content)
    done = subprocess.run(
        ["pdftotext", "-layout", str(source), "-"], capture_output=True, check=True
    )
    return done.stdout.decode()


def test_a_persons_sheet_holds_all_that_they_worked(month: None, ada: User) -> None:
    sheet = sheet_of(MONTH, consultant=ada)
    assert [row.on.day for row in sheet.rows] == [3, 4, 5, 6]
    assert sheet.days == D("3.5")
    (time,) = sheet.people
    # Volunteer time is no time worked for the structure; internal time is.
    assert (time.operation, time.total) == (D(3), D(3))


def test_the_sheet_of_an_operation_tells_it_from_the_total_time(
    month: None, ada: User, coop: Coop
) -> None:
    sheet = sheet_of(MONTH, consultant=ada, coop=coop)
    (time,) = sheet.people
    assert (sheet.days, time.operation, time.total) == (D("2.5"), D(2), D(3))


def test_a_collective_day_counts_its_fraction_for_a_coop(
    ada: User, basile: User, coop: Coop, mission: Mission
) -> None:
    others = [given_coop(name=n, owner=ada, by=basile) for n in ("Coop Aulne", "Coop Bouleau")]
    given_day(ada, mission, date(2026, 11, 9), beneficiaries=[coop, *others], by=basile)
    assert sheet_of(MONTH, coop=coop).days == D("0.3333")
    assert sheet_of(MONTH, consultant=ada).days == D(1)


def test_the_pdf_is_the_same_twice_and_never_holds_the_internal_note(
    month: None, ada: User, coop: Coop, tmp_path: Path
) -> None:
    sheet = sheet_of(MONTH, consultant=ada, coop=coop)
    content = render_sheet(sheet, on=TODAY)
    assert content == render_sheet(sheet, on=TODAY)
    text = text_of(content, tmp_path)
    assert "Atelier statuts" in text and "Ada Lutz" in text and "Signatures" in text
    assert "mairie" not in text
    assert sheet_name(sheet) == "releve-2026-11-ada-lutz-coop-epi.pdf"


def test_a_signed_copy_is_kept_and_the_last_one_counts(month: None, ada: User) -> None:
    act = acting(ada, TODAY)
    for name in ("un.pdf", "deux.pdf"):
        file = ContentFile(PDF, name)
        actions.sign_timesheet(month=TODAY, consultant=ada, file=file, **act)
    signed = signed_of(MONTH, consultant=ada)
    assert signed is not None and signed.document.original_name == "deux.pdf"
    assert signed.days == D("3.5")
    assert Timesheet.objects.count() == 2


def test_a_day_added_after_the_signature_shows(
    month: None, ada: User, basile: User, mission: Mission
) -> None:
    file = ContentFile(PDF, "releve.pdf")
    actions.sign_timesheet(month=MONTH, consultant=ada, file=file, **acting(ada, TODAY))
    (line,) = month_sheets(MONTH, ada)["people"]
    assert line.signed is not None and not line.has_changed
    given_day(ada, mission, date(2026, 11, 12), by=basile)
    (line,) = month_sheets(MONTH, ada)["people"]
    assert line.has_changed
    assert line.signed is not None
    assert line.signed.fingerprint != sheet_of(MONTH, consultant=ada).fingerprint


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"file": ContentFile(b"MZ", "releve.pdf")}, "file"),
        ({"month": date(2026, 12, 1)}, "month"),
        ({"month": date(2026, 8, 1)}, "month"),
    ],
)
def test_a_wrong_signed_copy_is_refused(
    month: None, ada: User, facts: dict[str, Any], code: str
) -> None:
    values = {"month": MONTH, "consultant": ada, "file": ContentFile(PDF, "releve.pdf"), **facts}
    with pytest.raises(Refused) as excinfo:
        actions.sign_timesheet(**values, **acting(ada, TODAY))
    assert [m.code for m in excinfo.value.missing] == [code]


def test_nobody_uploads_a_colleagues_sheet_but_the_office(
    month: None, ada: User, basile: User
) -> None:
    other = person("Louis Ober", "consultant")
    values = {"month": MONTH, "consultant": ada, "file": ContentFile(PDF, "releve.pdf")}
    with pytest.raises(Refused):
        actions.sign_timesheet(**values, **acting(other, TODAY))
    assert actions.sign_timesheet(**values, **acting(basile, TODAY)).uploaded_by == basile


def test_a_consultant_reads_their_own_sheets_alone(
    month: None, ada: User, basile: User, coop: Coop
) -> None:
    mine, theirs = signed_in(ada), signed_in(basile)
    url = "/journees/releves/pdf/?month=2026-11"
    assert mine.get(url).status_code == 200
    assert mine.get(f"{url}&coop={coop.pk}").status_code == 404
    assert mine.get(f"{url}&person={basile.pk}").status_code == 404
    assert mine.get(f"{url}&person={ada.pk}&coop={coop.pk}").status_code == 200
    assert theirs.get(f"{url}&person={ada.pk}").status_code == 200
    assert theirs.get(f"{url}&coop={coop.pk}").status_code == 200


def test_the_screen_keeps_a_signed_copy_and_shows_what_lacks(
    month: None, ada: User, basile: User
) -> None:
    browser = signed_in(ada)
    page = browser.get("/journees/releves/?month=2026-11").content.decode()
    assert "non signé" in page
    url = f"/journees/releves/signer/?month=2026-11&person={ada.pk}"
    assert browser.post(url, {}).status_code == 422
    file = SimpleUploadedFile("releve.pdf", PDF, "application/pdf")
    assert browser.post(url, {"file": file}).status_code == 302
    page = browser.get("/journees/releves/?month=2026-11").content.decode()
    assert ">signé<" in page.replace("</use></svg>", "") or "signé" in page
    sheet = Timesheet.objects.get()
    got = browser.get(f"/journees/releves/{sheet.pk}/signe/")
    assert got.content == PDF and "attachment" in got["Content-Disposition"]
    stranger = signed_in(person("Louis Ober", "consultant"))
    assert stranger.get(f"/journees/releves/{sheet.pk}/signe/").status_code == 404


def test_signed_copies_are_never_changed(month: None, ada: User) -> None:
    file = ContentFile(PDF, "releve.pdf")
    actions.sign_timesheet(month=MONTH, consultant=ada, file=file, **acting(ada, TODAY))
    for sql in ("UPDATE missions_timesheet SET days = 0", "DELETE FROM missions_timesheet"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_the_sheets_of_a_month_cost_as_much_for_many_people(
    ada: User, basile: User, mission: Mission, django_assert_max_num_queries: Any
) -> None:
    for n in range(8):
        colleague = person(f"Col{n} Muller", "consultant")
        given_day(colleague, mission, date(2026, 11, 2), by=basile)
    with django_assert_max_num_queries(5):
        assert len(month_sheets(MONTH, basile)["people"]) == 8


def test_a_shared_day_makes_no_dead_link_to_a_coop_one_does_not_follow(
    ada: User, basile: User, mission: Mission, coop: Coop
) -> None:
    other = given_coop("Ailleurs", owner=basile, by=basile)
    day = given_day(ada, mission, date(2026, 11, 12), validated=False)
    day.beneficiaries.all().delete()
    for one in (coop, other):
        day.beneficiaries.create(coop=one, weight=1, fraction=D("0.5"))
    shown = {line.coop for line in month_sheets(MONTH, ada)["coops"]}
    assert shown == {coop}
    assert {line.coop for line in month_sheets(MONTH, basile)["coops"]} == {coop, other}
