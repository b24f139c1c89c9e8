"""Ticked days, expenses and invoices: a preview that writes nothing, then all or nothing."""

import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from essaim.models import User
from invoicing.actions import issuing
from invoicing.models import ExportLog, FrozenFile, Invoice, Payment
from missions import actions as missions_actions
from missions.models import Mission, MissionDay
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import given_client, given_invoice
from tests.given_missions import given_agreement, given_day, given_mission
from tests.ticked import accepted, confirmed, previewed

pytestmark = pytest.mark.django_db
ENCASH, PDFS = "/facturation/factures/encaisser/", "/facturation/factures/pdf/"
DAYS = "/journees/valider/"


@pytest.fixture
def on() -> date:
    return timezone.localdate()


@pytest.fixture
def _quick(monkeypatch: Any) -> None:
    """Documents without a printed PDF."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " "))


# -- encashed ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_quick")
def test_several_invoices_are_encashed_after_a_look(chloe: User, on: date) -> None:
    first = given_invoice(100, given_client("Les Halles"), on)
    second = given_invoice(50, given_client("La Brouette"), on)
    draft = given_invoice(30, given_client("Coop’Épi"), on, issued=False)
    browser = signed_in(chloe)
    shown = previewed(browser, ENCASH, [first.pk, second.pk, draft.pk])
    assert shown.status_code == 200
    assert not Payment.objects.exists()
    asked = Decimal(first.gross) + Decimal(second.gross)
    assert f"Encaisser 2 factures ({asked:.2f} €)".replace(".", ",") in text(shown)
    assert "Seule une facture émise se règle" in text(shown) or draft.pk in {
        line.row.pk for line in shown.context["left_out"]
    }
    posted = accepted(shown, received_on=str(on), method="transfer")
    assert browser.post(ENCASH, posted).status_code == 302
    assert {p.reference for p in Payment.objects.all()} == {first.number, second.number}
    assert not Invoice.objects.unpaid().exists()
    # A second click finds nothing left of what was read, and writes nothing.
    again = browser.post(ENCASH, posted)
    assert again.status_code == 409
    assert "rien n’a été fait" in text(again)
    assert Payment.objects.count() == 2


@pytest.mark.usefixtures("_quick")
def test_one_payment_settles_all_the_invoices_of_a_client(chloe: User, on: date) -> None:
    client = given_client("Les Halles")
    keys = [given_invoice(net, client, on).pk for net in (100, 50)]
    typed = {"received_on": str(on), "method": "cheque", "by_client": "on"}
    assert confirmed(signed_in(chloe), ENCASH, keys, **typed).status_code == 302
    (payment,) = Payment.objects.all()
    assert payment.allocations.count() == 2
    assert not Invoice.objects.unpaid().exists()


@pytest.mark.usefixtures("_quick")
def test_a_future_date_keeps_what_was_ticked(chloe: User, on: date) -> None:
    invoice = given_invoice(100, given_client("Les Halles"), on)
    typed = {"received_on": str(on + timedelta(days=1)), "method": "transfer"}
    answer = confirmed(signed_in(chloe), ENCASH, [invoice.pk], **typed)
    assert answer.status_code == 422
    assert [line.row for line, _figure in answer.context["ready"]] == [invoice]
    assert not Payment.objects.exists()


@pytest.mark.usefixtures("_quick")
def test_an_invoice_paid_meanwhile_stops_the_whole_gesture(chloe: User, on: date) -> None:
    first = given_invoice(100, given_client("Les Halles"), on)
    second = given_invoice(50, given_client("La Brouette"), on)
    browser = signed_in(chloe)
    posted = accepted(previewed(browser, ENCASH, [first.pk, second.pk]), received_on=str(on))
    confirmed(signed_in(chloe), ENCASH, [first.pk], received_on=str(on), method="transfer")
    answer = browser.post(ENCASH, posted | {"method": "transfer"})
    assert answer.status_code == 409
    assert Payment.objects.count() == 1, "the other invoice waits for a new look"
    assert [line.row for line, _figure in answer.context["ready"]] == [second]


# -- taken away ----------------------------------------------------------------------------------
@pytest.mark.usefixtures("_quick")
def test_pdfs_leave_in_one_zip_that_the_log_remembers(chloe: User, on: date) -> None:
    kept, bare = (given_invoice(100, given_client(name), on) for name in ("Les Halles", "Sans"))
    issuing.freeze_file(kept, FrozenFile.Kind.PDF, b"%PDF-1.7 test", at=timezone.now())
    browser = signed_in(chloe)
    shown = previewed(browser, PDFS, [kept.pk, bare.pk])
    assert [line.row for line in shown.context["left_out"]] == [bare]
    answer = browser.post(PDFS, accepted(shown))
    content = b"".join(answer)
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert len(archive.namelist()) == 2, "the PDF and the manifest"
    log = ExportLog.objects.get()
    assert (log.rows, log.perimeter) == (1, {"keys": [kept.pk]})
    again = browser.post(f"/facturation/exports/{log.pk}/refaire/")
    assert again["X-Same-As-Before"] == "yes"
    assert b"".join(again) == content


# -- validated -----------------------------------------------------------------------------------
@pytest.fixture
def mission(ada: User, on: date) -> Mission:
    coop = given_coop(owner=ada)
    return given_mission(given_agreement(coop, rate=600, days=9, on=on), team=[ada], on=on)


def sent(ada: User, mission: Mission, day: date, today: date) -> MissionDay:
    row = given_day(ada, mission, day, validated=False, today=today)
    missions_actions.submit_days([row], **acting(ada, today))
    return row


def test_the_preview_of_days_says_who_pays_and_writes_nothing(
    ada: User, basile: User, mission: Mission, on: date
) -> None:
    days = [sent(ada, mission, on - timedelta(days=n), on) for n in (1, 2)]
    shown = previewed(signed_in(basile), DAYS, [d.pk for d in days])
    assert str(mission.agreement.client) in text(shown)
    assert "Valider 2 journées (2 j)" in text(shown)
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"submitted"}
    assert not any(day.shares.exists() for day in days)
