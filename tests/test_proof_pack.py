"""The proof pack of a funder: what it holds, what it says is missing, the same bytes twice."""

import csv
import io
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile

from crm.models import Coop, Organisation
from essaim.models import Event, User
from invoicing import actions as invoicing
from invoicing.actions.proving import take_proof
from invoicing.models import ExportLog, FrozenFile, FundingLink, Invoice
from missions import actions
from missions.actions import ShareLine
from missions.models import Agreement, Envelope, Mission
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_expenses import PDF
from tests.given_grants import given_application, given_programme
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

TODAY = date(2026, 11, 23)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 23)
D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def region(basile: User, chloe: User) -> Organisation:
    given_issuer()
    return given_organisation("Région", street="1 place", city="Strasbourg", by=basile)


@pytest.fixture
def envelope(region: Organisation, basile: User) -> Envelope:
    return given_envelope(region, basis="grant", reference="Région 2026", by=basile)


@pytest.fixture
def coop(envelope: Envelope, ada: User, basile: User) -> Coop:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def agreement(coop: Coop, envelope: Envelope, basile: User) -> Agreement:
    """The envelope covers 80 % as a grant, the coop pays the rest."""
    shares = [
        ShareLine(
            payer=envelope.payer, percent=D(80), basis="grant", envelope=envelope, priority=1
        ),
        ShareLine(payer=coop.organisation, percent=D(20), priority=2, takes_remainder=True),
    ]
    return given_agreement(coop, client_of(coop), 600, None, shares, by=basile, reference="CONV-7")


@pytest.fixture
def mission(agreement: Agreement, ada: User, basile: User) -> Mission:
    mission = given_mission(agreement, team=[ada], by=basile)
    given_day(
        ada, mission, date(2026, 11, 3), subject="Atelier", internal_note="Confidentiel", by=basile
    )
    given_day(ada, mission, date(2026, 10, 3), by=basile)
    return mission


@pytest.fixture
def invoice(mission: Mission, agreement: Agreement, chloe: User) -> Invoice:
    act = acting(chloe, TODAY)
    draft = invoicing.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    issued = invoicing.issue(invoice=draft, **act)
    invoicing.record_payment(
        client=issued.client,
        amount=D(100),
        received_on=TODAY,
        method="transfer",
        reference="VIR 12",
        invoices={issued: D(100)},
        **act,
    )
    return issued


def _take(of: Any, by: User) -> tuple[dict[str, bytes], bytes]:
    _name, content, _proof = take_proof(of, first=FIRST, last=LAST, **acting(by, TODAY))
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}, content


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_pack_holds_days_invoices_and_payments_of_the_period(
    envelope: Envelope, invoice: Invoice, basile: User
) -> None:
    files, _content = _take(envelope, basile)
    header, *days = _rows(files["journees.csv"])
    assert len(days) == 1 and len(header) == 12
    assert days[0][:2] == ["03/11/2026", "Coop’Épi"] and days[0][5] == "Atelier"
    assert days[0][9] == "480,00" and days[0][10] == "CONV-7"
    assert files["journees.xlsx"].startswith(b"PK")
    frozen = FrozenFile.objects.get(invoice=invoice, kind=FrozenFile.Kind.PDF)
    assert files[f"factures/{invoice.number}.pdf"] == bytes(frozen.content)
    assert [row[0] for row in _rows(files["factures.csv"])[1:]] == [invoice.number]
    (payment,) = _rows(files["reglements.csv"])[1:]
    assert payment[0] == "23/11/2026" and payment[3] == "100,00" and payment[5] == "VIR 12"
    assert not any(b"Confidentiel" in content for content in files.values())


def test_the_pack_says_plainly_what_is_missing(
    envelope: Envelope, invoice: Invoice, basile: User
) -> None:
    files, _content = _take(envelope, basile)
    text = files["LISEZ-MOI.txt"].decode("utf-8-sig")
    assert "11/2026" in text and "Ada Lutz" in text and "non signé" in text
    assert "CONV-7" in text


def test_the_signed_timesheet_and_the_scan_are_joined_when_they_exist(
    envelope: Envelope, invoice: Invoice, agreement: Agreement, ada: User, basile: User
) -> None:
    sheet, scan = PDF + b"% releve", PDF + b"% convention"
    actions.sign_timesheet(
        month=FIRST, consultant=ada, file=ContentFile(sheet, "r.pdf"), **acting(ada, TODAY)
    )
    actions.attach_scan(agreement, file=ContentFile(scan, "c.pdf"), **acting(basile, TODAY))
    files, _content = _take(envelope, basile)
    assert files["releves/2026-11-Ada-Lutz.pdf"] == sheet
    assert scan in files.values()
    assert "Rien ne manque" in files["LISEZ-MOI.txt"].decode("utf-8-sig")


def test_the_manifest_names_each_file_with_its_hash(
    envelope: Envelope, invoice: Invoice, basile: User
) -> None:
    files, _content = _take(envelope, basile)
    told = {row[0]: row[1] for row in _rows(files.pop("manifest.csv"))[1:]}
    assert told == {name: sha256(content).hexdigest() for name, content in files.items()}


def test_the_same_pack_again_is_the_same_bytes_and_each_is_logged(
    envelope: Envelope, invoice: Invoice, basile: User, chloe: User
) -> None:
    _files, first = _take(envelope, basile)
    _files, second = _take(envelope, chloe)
    assert first == second
    logs = list(ExportLog.objects.filter(kind="proof").order_by("pk"))
    assert [log.by for log in logs] == [basile, chloe]
    assert {log.fingerprint for log in logs} == {sha256(first).hexdigest()}
    assert logs[0].perimeter == {"missions.Envelope": envelope.pk}
    assert Event.objects.filter(verb="invoicing.ExportLog.export").count() == 2


def test_an_application_and_its_programme_find_days_through_their_links(
    envelope: Envelope, invoice: Invoice, agreement: Agreement, coop: Coop, basile: User
) -> None:
    programme = given_programme()
    application = given_application(coop, programme)
    empty, _content = _take(application, basile)
    assert "Aucune journée validée" in empty["LISEZ-MOI.txt"].decode("utf-8-sig")
    FundingLink.objects.create(agreement=agreement, application=application)
    for of in (application, programme):
        files, _content = _take(of, basile)
        # Both shares of the day: the application pays the whole agreement.
        assert len(_rows(files["journees.csv"])) == 3


def test_the_screen_shows_what_lacks_and_gives_the_zip(
    envelope: Envelope, invoice: Invoice, basile: User, farid: User, ada: User
) -> None:
    url = f"/facturation/justificatifs/enveloppes/{envelope.pk}/"
    browser = signed_in(basile)
    assert url in browser.get(f"/journees/enveloppes/{envelope.pk}/").content.decode()
    page = browser.get(url).content.decode()
    assert "non signé" in page
    answer = browser.post(url, {"since": "2026-11-01", "until": "2026-11-23"})
    assert answer.status_code == 200 and answer["Content-Type"] == "application/zip"
    assert ZipFile(io.BytesIO(answer.content)).testzip() is None
    wrong = browser.post(url, {"since": "2026-11-23", "until": "2026-11-01"})
    assert wrong.status_code == 422
    assert signed_in(farid).post(url, {}).status_code == 403
    assert signed_in(ada).get(url).status_code == 404


def test_what_each_payer_covered_is_on_the_page_of_the_coop(
    envelope: Envelope, invoice: Invoice, coop: Coop, ada: User, basile: User
) -> None:
    page = signed_in(basile).get(coop.get_absolute_url()).content.decode()
    assert "Qui a payé ses journées" in page and "960,00" in page
    assert (
        "Qui a payé ses journées"
        not in signed_in(ada).get(coop.get_absolute_url()).content.decode()
    )
