"""Whatever people type, the Factur-X stays valid, fetches nothing and annexes its XML alone."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import etree

from invoicing.document import InvoiceDocument, Picture
from invoicing.facturx import NotValid, check_schema, xml_of
from invoicing.pictures import payment_qr
from invoicing.printing import render_facturx
from tests.facturx_kinds import BUYER, KINDS
from tests.gates import packaging_failures, pdfa_failures, xml_failures
from tests.test_pdf_engine import listener  # noqa: F401

pytestmark = pytest.mark.one_engine


def trap(address: str, secret: Path) -> str:
    """Forty lines that would load or annex something, were they read as HTML."""
    tries = (
        f'<img src="{address}/a.png">',
        f'<link rel=stylesheet href="{address}/a.css">',
        f'<link rel=attachment href="{secret.as_uri()}">',
        f'<a rel="attachment" href="{secret.as_uri()}">x</a>',
        f'<object data="{secret.as_uri()}"></object>',
        f"<style>@import url({address}/b.css); p {{ background: url({address}/c.png) }}</style>",
        "<script>alert(1)</script> &amp; ]]> <!-- <?xml version='1.0'?> <!DOCTYPE a>",
        f'<svg><image href="{address}/d.png"/></svg> {secret.as_uri()} {address}/e',
    )
    return "\n".join(tries * 5)


def hostile(text: str) -> InvoiceDocument:
    """The text in every field that a person writes."""
    base = KINDS["days 20 %"]()
    short = text[:200]
    return replace(
        base,
        note=text,
        reason=text,
        buyer=replace(BUYER, name=short, address=(short, short, short, short, "67600 Sélestat")),
        seller=replace(base.seller, name=short, registration=short, standing=short),
        lines=tuple(replace(line, label=short, detail=text) for line in base.lines),
        beneficiary=short,
        order_number="BC 118",
    )


def test_a_note_of_forty_lines_of_html_changes_nothing(
    tmp_path: Path,
    listener: Any,  # noqa: F811
) -> None:
    address, seen = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("le secret", "utf-8")
    doc = hostile(trap(address, secret))
    xml = xml_of(doc)
    pdf = render_facturx(doc, xml)
    assert seen == []
    assert packaging_failures(pdf, xml) == []
    assert xml_failures(xml) == []
    assert b"le secret" not in pdf
    with pikepdf.open(BytesIO(pdf)) as read:
        assert list(read.attachments) == ["factur-x.xml"]
    assert pdfa_failures({"hostile": pdf}, tmp_path) == {}
    notes = [e.text for e in etree.fromstring(xml).iter("{*}Content")]
    assert doc.note in notes


def test_a_drawing_that_was_never_made_safe_still_fetches_nothing(
    tmp_path: Path,
    listener: Any,  # noqa: F811
) -> None:
    address, seen = listener
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/>'
        f'<image href="{address}/x.png" width="9" height="9"/></svg>'
    ).encode()
    doc = replace(KINDS["days 20 %"](), logo=Picture("svg", drawing))
    render_facturx(doc, xml_of(doc))
    assert seen == []


def test_a_wrong_iban_gives_no_code_to_pay_from() -> None:
    doc = KINDS["days 20 %"]()
    assert doc.bank is not None
    assert payment_qr(doc).startswith("data:image/png;base64,")
    wrong = replace(doc, bank=replace(doc.bank, iban="FR7630006000011234567890188"))
    assert payment_qr(wrong) == ""


@pytest.mark.parametrize("name", ["credit note", "already paid"])
def test_what_asks_for_no_transfer_has_no_code(name: str) -> None:
    assert payment_qr(KINDS[name]()) == ""


def test_the_code_asks_for_the_first_instalment() -> None:
    doc = KINDS["schedule of three dates"]()
    whole = replace(doc, instalments=doc.instalments[:1])
    assert payment_qr(doc) != payment_qr(whole)


def test_our_own_check_refuses_what_the_schema_refuses() -> None:
    xml = xml_of(KINDS["days 20 %"]())
    check_schema(xml)
    with pytest.raises(NotValid):
        check_schema(xml.replace(b"<ram:TypeCode>380</ram:TypeCode>", b""))
