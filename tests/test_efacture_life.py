"""What platforms answered is noted once for good; the acquitted copy says how it was paid."""

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction
from pypdf import PdfReader

from essaim.models import Event
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import books, efacture
from invoicing.models import FrozenFile, Invoice, LifecycleStatus
from invoicing.rules_efacture import check_status, next_statuses, treatment
from invoicing.standing import paid_of, states_of, with_standing
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    return acting(chloe, today)


@pytest.fixture
def invoice(chloe: Any, today: date) -> Invoice:
    return given_invoice(1000, None, today, by=chloe)


def pay(invoice: Invoice, act: dict[str, Any], amount: str = "1200.00", ref: str = "VIR-1") -> Any:
    return actions.record_payment(
        client=invoice.client, amount=D(amount), received_on=act["on"], method="transfer",
        reference=ref, invoices={invoice: D(amount)}, **act,
    )  # fmt: skip


def codes(refusal: Any) -> list[str]:
    return [m.code for m in refusal.value.missing]


# -- the rules ---------------------------------------------------------------------------------
TREATMENTS = [
    ("receipts", "professional", "FR", "552100554", "liable", "B2B"),
    ("franchise", "professional", "FR", "552100554", "liable", "B2B"),
    ("receipts", "public", "FR", "200067106", "not_liable", "B2B"),
    ("receipts", "professional", "FR", "552100554", "not_liable", "B2C"),
    ("receipts", "professional", "FR", "", "liable", "B2C"),
    ("receipts", "consumer", "BE", "", "", "B2C"),
    ("receipts", "professional", "BE", "", "liable", "B2BINT"),
    ("receipts", "professional", "CH", "", "", "B2BINT"),
    ("association_exempt", "professional", "FR", "552100554", "liable", "OUTOFSCOPE"),
    ("out_of_scope", "consumer", "FR", "", "", "OUTOFSCOPE"),
]


@pytest.mark.parametrize(("regime", "kind", "country", "siren", "status", "said"), TREATMENTS)
def test_each_client_has_its_treatment(regime, kind, country, siren, status, said):
    found = treatment(
        regime=regime, client_kind=kind, country=country, siren=siren, vat_status=status
    )
    assert found == said


@pytest.mark.parametrize("current", ["", "deposited", "rejected", "refused", "collected"])
@pytest.mark.parametrize("wanted", ["deposited", "rejected", "refused", "collected"])
def test_only_what_follows_may_be_noted(current, wanted):
    allowed = {
        ("", "deposited"), ("deposited", "rejected"), ("deposited", "refused"),
        ("deposited", "collected"), ("rejected", "deposited"),
    }  # fmt: skip
    found = check_status(current, wanted, reason_code="AUTRE", reason="Motif", is_paid=True)
    assert (not found) == ((current, wanted) in allowed)
    assert (wanted in next_statuses(current)) == ((current, wanted) in allowed)


# -- statuses ----------------------------------------------------------------------------------
def test_a_rejection_without_its_reason_is_refused(invoice, act):
    note = {"invoice": invoice, "dated": act["on"], **act}
    efacture.note_status(status="deposited", **note)
    for status in ("rejected", "refused"):
        for given in ({}, {"reason_code": "AUTRE"}, {"reason": "Montant faux"}):
            with pytest.raises(Refused) as refusal:
                efacture.note_status(status=status, **given, **note)
            assert codes(refusal) == ["status_without_reason"]
    efacture.note_status(status="rejected", reason_code="SIRET_ERR", reason="SIRET fermé", **note)
    assert LifecycleStatus.current_of(invoice).reason_code == "SIRET_ERR"
    efacture.note_status(status="deposited", **note)
    assert [s.status for s in invoice.statuses.all()] == ["deposited", "rejected", "deposited"]


def test_it_is_not_collected_before_it_is_paid(invoice, act):
    note = {"invoice": invoice, "dated": act["on"], **act}
    efacture.note_status(status="deposited", **note)
    pay(invoice, act, "1000.00")
    with pytest.raises(Refused) as refusal:
        efacture.note_status(status="collected", **note)
    assert codes(refusal) == ["status_collected_unpaid"]
    pay(invoice, act, "200.00", "VIR-2")
    efacture.note_status(status="collected", **note)
    with pytest.raises(Refused):
        efacture.note_status(status="refused", reason_code="AUTRE", reason="Non", **note)


def test_a_status_is_neither_of_tomorrow_nor_before_the_last(invoice, act):
    note = {"invoice": invoice, **act}
    for dated in (act["on"] + timedelta(days=1), act["on"] - timedelta(days=1)):
        with pytest.raises(Refused) as refusal:
            efacture.note_status(status="deposited", dated=dated, **note)
        assert codes(refusal) == ["dated"]


def test_a_draft_has_no_status(chloe, today, act):
    draft = given_invoice(10, None, today, issued=False, by=chloe)
    with pytest.raises(Refused):
        efacture.note_status(invoice=draft, status="deposited", dated=today, **act)


ATTACKS = {
    "changed": lambda row: LifecycleStatus.objects.filter(pk=row.pk).update(status="collected"),
    "removed": lambda row: LifecycleStatus.objects.filter(pk=row.pk).delete(),
    "reason taken away": lambda row: LifecycleStatus.objects.filter(pk=row.pk).update(reason=""),
    "of a draft": lambda row: LifecycleStatus.objects.create(
        invoice=given_invoice(5, None, row.on, issued=False, by=row.by), status="deposited",
        on=row.on, by=row.by, at=row.at,
    ),
    "without its reason": lambda row: LifecycleStatus.objects.create(
        invoice=row.invoice, status="refused", on=row.on, by=row.by, at=row.at
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_keeps_a_status_as_it_was_noted(name, invoice, act):
    row = efacture.note_status(invoice=invoice, status="deposited", dated=act["on"], **act)
    before = list(LifecycleStatus.objects.values_list())
    with pytest.raises(DatabaseError), transaction.atomic():
        ATTACKS[name](row)
    connection.check_constraints()
    assert list(LifecycleStatus.objects.values_list()) == before


def test_the_page_proposes_what_follows_and_shows_badges(chloe, invoice, act):
    browser, address = signed_in(chloe), f"/facturation/factures/{invoice.pk}/"
    assert "Pas encore déposée" in browser.get(address).content.decode()
    form = browser.get(f"{address}statut/").content.decode()
    assert 'value="deposited"' in form
    assert 'value="refused"' not in form
    today = f"{act['on']:%Y-%m-%d}"
    efacture.note_status(invoice=invoice, status="deposited", dated=act["on"], **act)
    posted = {"status": "refused", "dated": today}
    assert browser.post(f"{address}statut/", posted).status_code == 409
    pay(invoice, act)
    page = browser.get(address).content.decode()
    assert "Déposée" in page
    assert "notez-la comme encaissée" in page
    assert 'value="collected"' in browser.get(f"{address}statut/").content.decode()


# -- the acquitted copy ------------------------------------------------------------------------
def test_an_unpaid_invoice_is_not_acquitted(invoice, act):
    with pytest.raises(Refused) as refusal:
        efacture.acquit(invoice=invoice, **act)
    assert codes(refusal) == ["unpaid"]
    pay(invoice, act, "1199.99")
    with pytest.raises(Refused) as refusal:
        efacture.acquit(invoice=invoice, **act)
    assert "0,01" in refusal.value.missing[0].text


def test_an_invoice_settled_by_a_credit_note_is_not_acquitted(invoice, act):
    credit = actions.draft_credit(origin=invoice, words="Erreur", billable_again=[], **act)
    actions.issue(invoice=credit, **act)
    with pytest.raises(Refused) as refusal:
        efacture.acquit(invoice=invoice, **act)
    assert codes(refusal) == ["unpaid"]
    with pytest.raises(Refused):
        efacture.acquit(invoice=credit, **act)


def test_a_bad_debt_is_neither_acquitted_nor_collected_nor_shown_paid(chloe, invoice, act):
    pay(invoice, act, "600.00")
    efacture.note_status(invoice=invoice, status="deposited", dated=act["on"], **act)
    books.write_off(invoice=invoice, reason="Liquidation judiciaire", **act)
    with pytest.raises(Refused) as refusal:
        efacture.acquit(invoice=invoice, **act)
    assert codes(refusal) == ["unpaid"]
    assert "600,00" in refusal.value.missing[0].text
    with pytest.raises(Refused) as refusal:
        efacture.note_status(invoice=invoice, status="collected", dated=act["on"], **act)
    assert codes(refusal) == ["status_collected_unpaid"]
    row = with_standing(Invoice.objects.all()).get(pk=invoice.pk)
    assert (paid_of(row), row.lost, row.left) == (D("600.00"), D("600.00"), 0)
    assert states_of(row, on=act["on"]) == ("written_off",)
    page = signed_in(chloe).get(invoice.get_absolute_url()).content.decode()
    assert "Passée en perte" in page


def streams(content: bytes) -> list[bytes]:
    with pikepdf.open(BytesIO(content)) as pdf:
        return [page.Contents.read_bytes() for page in pdf.pages]


def test_the_acquitted_copy_is_the_frozen_pages_and_one_more(chloe, invoice, act):
    pay(invoice, act, "700.00", "CHQ 12")
    pay(invoice, act, "500.00", "VIR-118")
    original = FrozenFile.objects.get(invoice=invoice, kind="pdf")
    file = efacture.acquit(invoice=invoice, **act)
    pages, before = streams(bytes(file.content)), streams(bytes(original.content))
    assert pages[:-1] == before
    said = " ".join(PdfReader(BytesIO(bytes(file.content))).pages[-1].extract_text().split())
    for words in (
        f"Facture {invoice.number}", "acquittée le 23/11/2026", "700,00 € le 23/11/2026",
        "réf. CHQ 12", "réf. VIR-118", "par virement", str(chloe), original.sha256,
    ):  # fmt: skip
        assert words in said.replace("\u00a0", " "), words
    assert PdfReader(BytesIO(bytes(file.content))).attachments == {}
    assert efacture.acquit(invoice=invoice, **act).pk == file.pk
    event = Event.objects.get(verb="invoicing.Invoice.acquit")
    assert event.codes["original"] == original.sha256
    again = FrozenFile.objects.get(invoice=invoice, kind="pdf")
    assert bytes(again.content) == bytes(original.content)


def test_the_copy_is_no_longer_given_once_a_payment_is_undone(chloe, invoice, act):
    payment = pay(invoice, act)
    browser, address = signed_in(chloe), f"/facturation/factures/{invoice.pk}/"
    assert "Établir l’exemplaire acquitté" in browser.get(address).content.decode()
    assert browser.post(f"{address}acquitter/").status_code == 302
    assert browser.get(f"{address}fichier/acquitted/").content.startswith(b"%PDF")
    actions.reverse_payment(payment=payment, why="Rejet de la banque", **act)
    assert browser.get(f"{address}fichier/acquitted/").status_code == 409
    assert browser.get(f"{address}acquitter/").status_code == 409
