"""What is issued is a Factur-X: its files are kept, pass the gates, and `verify` watches them."""

from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import FrozenFile, Invoice
from invoicing.rendering import xml_within
from invoicing.verification import verify
from tests.conftest import acting, signed_in
from tests.gates import packaging_failures, pdfa_failures, xml_failures
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.test_verify import undone, without_triggers

pytestmark = pytest.mark.django_db


def file_of(invoice: Invoice, kind: str) -> bytes:
    return bytes(FrozenFile.objects.get(invoice=invoice, kind=kind).content)


def codes(refusal: Any) -> list[str]:
    return [m.code for m in refusal.value.missing]


def given_kinds(chloe: Any, on: date) -> dict[str, Invoice]:
    """Documents issued through the actions, one of each sort of client."""
    given_issuer()
    act = acting(chloe, on)
    clients = {
        "professional": given_client(
            "Coop B", kind="other", siren="552100554", vat_status="liable"
        ),
        "without SIREN": given_client("Coop C", kind="other", email="c@coop.example"),
        "public": given_client(
            "Ville de Barr", kind="authority", siret="20006710600001", chorus="both",
            chorus_service="COMPTA",
        ),
        "abroad": given_client(
            "Bio-Markt", kind="other", country="DE", vat_number="DE136695976", postcode="77694",
            city="Kehl",
        ),
        "outside the Union": given_client(
            "Coop Bâle", kind="other", country="CH", postcode="4001", city="Bâle"
        ),
    }  # fmt: skip
    found = {}
    for name, client in clients.items():
        draft = given_invoice(1000, client, on, issued=False, by=chloe)
        if name == "public":
            draft = actions.edit_draft(
                invoice=draft, title=draft.title, order_number="ENG-118", **act
            )
        found[name] = actions.issue(invoice=draft, **act)
    origin = found["professional"]
    credit = actions.draft_credit(origin=origin, words="Erreur", billable_again=[], **act)
    found["credit note"] = actions.issue(invoice=credit, **act)
    return found


def test_every_document_issued_passes_every_gate(chloe: Any, today: date, tmp_path: Path) -> None:
    issued = given_kinds(chloe, today)
    for name, invoice in issued.items():
        pdf, xml = file_of(invoice, "pdf"), file_of(invoice, "xml")
        assert xml_failures(xml) == [], name
        assert packaging_failures(pdf, xml) == [], name
    pdfs = {name: file_of(invoice, "pdf") for name, invoice in issued.items()}
    assert pdfa_failures(pdfs, tmp_path) == {}


def test_a_foreign_professional_declares_the_vat_itself(chloe: Any, today: date) -> None:
    invoice = given_kinds(chloe, today)["abroad"]
    assert (invoice.net, invoice.vat) == (D(1000), D(0))
    assert [r["category"] for r in invoice.vat_copy] == ["AE"]
    xml = file_of(invoice, "xml").decode()
    assert "Autoliquidation" in xml
    assert ">B2BINT<" in xml
    assert {m["code"] for m in invoice.terms_copy["mentions"]} >= {"reverse_charge"}


def test_a_client_without_siren_is_invoiced_and_reported(chloe: Any, today: date) -> None:
    xml = file_of(given_kinds(chloe, today)["without SIREN"], "xml").decode()
    assert ">B2C<" in xml
    assert 'schemeID="EM">c@coop.example' in xml


def test_the_public_references_are_in_the_xml(chloe: Any, today: date) -> None:
    xml = file_of(given_kinds(chloe, today)["public"], "xml").decode()
    assert "<ram:BuyerReference>COMPTA</ram:BuyerReference>" in xml
    assert "<ram:IssuerAssignedID>ENG-118</ram:IssuerAssignedID>" in xml


@pytest.mark.parametrize(
    ("requirement", "facts", "order", "refused"),
    [
        ("service", {}, "", "chorus_service_missing"),
        ("engagement", {}, "", "chorus_engagement_missing"),
        ("either", {}, "", "chorus_either_missing"),
        ("both", {"chorus_service": "X"}, "", "chorus_engagement_missing"),
        ("engagement", {}, "E" * 51, "chorus_engagement_too_long"),
        ("service", {"chorus_service": "X", "siret": ""}, "", "chorus_siret_missing"),
    ],
)
def test_chorus_refuses_before_a_number_is_taken(
    chloe: Any, today: date, requirement: str, facts: Any, order: str, refused: str
) -> None:
    given_issuer()
    values = {"kind": "authority", "siret": "20006710600001", "chorus": requirement, **facts}
    client = given_client("Ville de Barr", **values)
    draft = given_invoice(100, client, today, issued=False, by=chloe)
    act = acting(chloe, today)
    draft = actions.edit_draft(invoice=draft, title=draft.title, order_number=order, **act)
    with pytest.raises(Refused) as refusal:
        actions.issue(invoice=draft, **act)
    (found,) = (m for m in refusal.value.missing if m.code == refused)
    assert found.url
    assert given_invoice(100, None, today, by=chloe).number == "FA-2026-0001"


def test_a_character_no_font_draws_is_refused_with_its_place(chloe: Any, today: date) -> None:
    given_issuer()
    draft = given_invoice(100, given_client("Coop 漢 du Ried"), today, issued=False, by=chloe)
    with pytest.raises(Refused) as refusal:
        actions.issue(invoice=draft, **acting(chloe, today))
    assert codes(refusal) == ["characters"]
    assert "漢" in refusal.value.missing[0].text
    assert given_invoice(100, None, today, by=chloe).number == "FA-2026-0001"


def test_a_control_character_is_refused_with_its_place(chloe: Any, today: date) -> None:
    given_issuer()
    draft = given_invoice(100, given_client("Coop"), today, issued=False, by=chloe)
    Invoice.objects.filter(pk=draft.pk).update(words="avant\x07après")
    with pytest.raises(Refused) as refusal:
        actions.issue(invoice=draft, **acting(chloe, today))
    assert "U+0007" in refusal.value.missing[0].text


def test_verify_finds_a_swapped_xml_and_a_missing_one(chloe: Any, today: date) -> None:
    invoice = given_invoice(100, None, today, by=chloe)
    later = acting(chloe, today)["at"] + timedelta(days=1)
    assert not [f for f in verify(at=later)[1] if f.is_error]
    xml = FrozenFile.objects.get(invoice=invoice, kind="xml")
    swapped = bytes(xml.content).replace(b"FA-2026-0001", b"FA-2026-0009")
    with undone():
        with without_triggers():
            FrozenFile.objects.filter(pk=xml.pk).update(content=swapped)
        assert {f.words for f in verify(at=later)[1]} == {
            "its stored file (xml) is not the one that was rendered",
            "its stored XML is not the one inside its PDF",
        }
    with undone():
        with without_triggers():
            FrozenFile.objects.filter(pk=xml.pk).delete()
        assert {f.words for f in verify(at=later)[1]} == {
            "its stored XML is not the one inside its PDF"
        }


def test_the_xml_kept_is_the_one_inside(chloe: Any, today: date) -> None:
    invoice = given_invoice(100, None, today, by=chloe)
    assert xml_within(file_of(invoice, "pdf")) == file_of(invoice, "xml")


def test_a_render_that_fails_leaves_both_files_for_later(
    chloe: Any, today: date, monkeypatch: Any
) -> None:
    def broken(_doc: Any) -> bytes:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("invoicing.rendering.facturx.xml_of", broken)
        invoice = given_invoice(100, None, today, by=chloe)
    assert invoice.number == "FA-2026-0001"
    assert not FrozenFile.objects.exists()
    assert actions.render_pending(at=acting(chloe, today)["at"]) == 1
    assert set(invoice.files.values_list("kind", flat=True)) == {"pdf", "xml"}


def test_the_files_are_taken_from_the_page_and_never_rendered(
    chloe: Any, today: date, monkeypatch: Any
) -> None:
    invoice = given_invoice(100, None, today, by=chloe)
    browser = signed_in(chloe)
    address = f"/facturation/factures/{invoice.pk}/"
    page = browser.get(address).content.decode()
    assert f"{address}fichier/xml/" in page
    assert f"{address}pdf-simple/" in page
    assert browser.get(f"{address}fichier/plain/").status_code == 409
    assert browser.post(f"{address}pdf-simple/").status_code == 302
    monkeypatch.setattr("essaim.pdf.render", None)  # nothing is printed from here on
    plain = browser.get(f"{address}fichier/plain/")
    assert plain.content == file_of(invoice, "plain")
    assert xml_within(plain.content) is None
    xml = browser.get(f"{address}fichier/xml/")
    assert xml["Content-Type"].startswith("application/xml")
    assert xml.content == file_of(invoice, "xml")
    assert browser.post(f"{address}pdf-simple/").status_code == 302  # asked twice, made once
    assert FrozenFile.objects.filter(kind="plain").count() == 1
