"""Every kind of document that must validate does: schema, schematrons, packaging, PDF/A-3a."""

from pathlib import Path

import pytest
from lxml import etree

from invoicing.document import InvoiceDocument
from invoicing.facturx import xml_of
from invoicing.printing import render_facturx
from tests.facturx_kinds import DUE, KINDS
from tests.gates import packaging_failures, pdfa_failures, xml_failures

pytestmark = pytest.mark.one_engine

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[InvoiceDocument, bytes, bytes]]:
    """The document, the XML and the Factur-X of each kind, printed once."""
    found = {}
    for name, build in KINDS.items():
        doc = build()
        xml = xml_of(doc)
        found[name] = (doc, xml, render_facturx(doc, xml))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_its_xml_passes_the_schema_and_both_schematrons(name, made):
    assert xml_failures(made[name][1]) == []


@pytest.mark.parametrize("name", KINDS)
def test_its_pdf_carries_its_xml_as_readers_look_for_it(name, made):
    _doc, xml, pdf = made[name]
    assert packaging_failures(pdf, xml) == []


def test_every_one_of_them_is_pdf_a_3a(made, tmp_path: Path):
    assert pdfa_failures({name: pdf for name, (_d, _x, pdf) in made.items()}, tmp_path) == {}


@pytest.mark.parametrize("name", KINDS)
def test_its_due_date_is_real(name, made):
    """No public schematron asks for BT-9 any more, and an invoice without one is not lawful."""
    doc, xml, _pdf = made[name]
    dates = [e[0].text for e in etree.fromstring(xml).iter(f"{RAM}DueDateDateTime")]
    if doc.kind == "credit_note":
        assert dates == []
    elif doc.paid_on:
        assert dates == [f"{doc.paid_on:%Y%m%d}"]
    else:
        assert dates == [f"{DUE:%Y%m%d}"]


@pytest.mark.parametrize("name", ["days 20 %", "final after deposit", "raster logo"])
def test_the_same_document_gives_the_same_bytes(name, made):
    doc, xml, pdf = made[name]
    assert xml_of(doc) == xml
    assert render_facturx(doc, xml) == pdf
