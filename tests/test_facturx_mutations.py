"""The gates refuse: every mutation of a good file is caught, by the rule that should."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from invoicing.facturx import xml_of
from invoicing.printing import render_facturx
from tests.facturx_kinds import KINDS
from tests.gates import packaging_failures, pdfa_failures, xml_failures

pytestmark = pytest.mark.one_engine


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    """XML that passes, by kind."""
    return {name: xml_of(build()) for name, build in KINDS.items()}


def swap(old: str, new: str) -> Callable[[str], str]:
    """Replace a text that must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def drop(tag: str, *, holding: str = "") -> Callable[[str], str]:
    """Take away the first element of a name (that holds a text)."""

    def change(text: str) -> str:
        for found in re.finditer(rf"\s*<ram:{tag}[ >].*?</ram:{tag}>", text, re.DOTALL):
            if holding in found[0]:
                return text.replace(found[0], "", 1)
        raise AssertionError(f"no {tag} with {holding!r}")

    return change


def twice(tag: str, *, holding: str) -> Callable[[str], str]:
    """Write the element of a name that holds a text once more."""

    def change(text: str) -> str:
        for found in re.finditer(rf"\s*<ram:{tag}[ >].*?</ram:{tag}>", text, re.DOTALL):
            if holding in found[0]:
                return text.replace(found[0], found[0] * 2, 1)
        raise AssertionError(f"no {tag} with {holding!r}")

    return change


def reorder(text: str) -> str:
    """The number of the invoice after its type."""
    found = re.search(
        r"(<ram:ID>FA-2026-0101</ram:ID>)(\s*)(<ram:TypeCode>380</ram:TypeCode>)", text
    )
    assert found
    return text.replace(found[0], found[3] + found[2] + found[1])


# what is done, to which kind, the rule that must say so
MUTATIONS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "wrong total with VAT": (
        "days 20 %", swap("GrandTotalAmount>2913.17", "GrandTotalAmount>2913.18"), "BR-CO-15",
    ),
    "wrong total without VAT": (
        "days 20 %", swap("TaxBasisTotalAmount>2427.64", "TaxBasisTotalAmount>2427.65"), "BR-",
    ),
    "wrong amount due": (
        "days 20 %", swap("DuePayableAmount>2913.17", "DuePayableAmount>2900.00"), "BR-CO-16",
    ),
    "wrong VAT of a rate": (
        "days 20 %", swap("CalculatedAmount>485.53", "CalculatedAmount>485.00"), "BR-",
    ),
    "wrong base of a rate": (
        "days 20 %", swap("BasisAmount>2427.64", "BasisAmount>2400.00"), "BR-S-08",
    ),
    "wrong sum of lines": (
        "days 20 %", swap("LineTotalAmount>2427.64", "LineTotalAmount>2427.00"), "BR-CO-10",
    ),
    "deposit forgotten in the amount due": (
        "final after deposit", drop("TotalPrepaidAmount"), "BR-CO-16",
    ),
    "allowance not taken off": (
        "document allowance", drop("AllowanceTotalAmount"), "BR-CO-1",
    ),
    "credit note without its origin": (
        "credit note", drop("InvoiceReferencedDocument"), "BR-FR-CO-05",
    ),
    "corrective without its origin": (
        "corrective", drop("InvoiceReferencedDocument"), "BR-FR-CO-04",
    ),
    "corrective with two origins": (
        "corrective", twice("InvoiceReferencedDocument", holding="FA-"), "BR-FR-CO-04",
    ),
    "type out of the list": ("days 20 %", swap("TypeCode>380", "TypeCode>325"), "BR-FR-04"),
    "unit out of the list": ("days 20 %", swap('unitCode="DAY"', 'unitCode="JOUR"'), "unitCode"),
    "category out of the list": ("days 20 %", swap("CategoryCode>S", "CategoryCode>L"), "BR-"),
    "currency out of the list": (
        "days 20 %", swap("InvoiceCurrencyCode>EUR", "InvoiceCurrencyCode>EUX"), "BR-FR-CO-12",
    ),
    "country out of the list": ("days 20 %", swap("CountryID>FR", "CountryID>XF"), "CountryID"),
    "rate no French table holds": (
        "days 20 %", swap("RateApplicablePercent>20", "RateApplicablePercent>19"), "BR-FR-16",
    ),
    "frame out of the list": ("days 20 %", swap("<ram:ID>S1<", "<ram:ID>X1<"), "BR-FR-08"),
    "two notes PMT": ("days 20 %", twice("IncludedNote", holding="PMT"), "BR-FR-06"),
    "two notes PMD": ("days 20 %", twice("IncludedNote", holding="PMD"), "BR-FR-06"),
    "two notes AAB": ("days 20 %", twice("IncludedNote", holding="AAB"), "BR-FR-06"),
    "no note PMT": ("days 20 %", drop("IncludedNote", holding="PMT"), "BR-FR-05"),
    "no note PMD": ("days 20 %", drop("IncludedNote", holding="PMD"), "BR-FR-05"),
    "no note AAB": ("days 20 %", drop("IncludedNote", holding="AAB"), "BR-FR-05"),
    "unknown treatment": ("days 20 %", swap("Content>B2B<", "Content>B2G<"), "BR-FR-20"),
    "buyer without SIREN sent as B2B": (
        "buyer without SIREN", swap("Content>B2C<", "Content>B2B<"), "BR-FR-11",
    ),
    "buyer without an electronic address": (
        "buyer without SIREN", drop("URIUniversalCommunication", holding="ormeaux"), "BR-FR-12",
    ),
    "seller without SIREN": ("days 20 %", drop("SpecifiedLegalOrganization"), "BR-FR-10"),
    "SIREN of eight digits": ("days 20 %", swap(">732829320<", ">73282932<"), "BR-FR-"),
    "SIRET of another SIREN": ("days 20 %", swap("73282932000074", "55210055400013"), "BR-FR-09"),
    "number with a space": ("days 20 %", swap("FA-2026-0101", "FA 2026 0101"), "BR-FR-02"),
    "number too long": ("days 20 %", swap("FA-2026-0101", "FA-" + "1" * 33), "BR-FR-01"),
    "due before it is issued": ("days 20 %", swap(">20270121<", ">20261101<"), "BR-FR-CO-07"),
    "paid invoice that asks for money": (
        "already paid", swap("DuePayableAmount>0.00", "DuePayableAmount>600.00"), "BR-",
    ),
    "exemption without its reason": (
        "franchise with a VAT number",
        lambda text: drop("ExemptionReasonCode")(drop("ExemptionReason")(text)), "BR-E-10",
    ),
    "reverse charge without the buyer's VAT number": (
        "reverse charge", swap("DE136695976", ""), "BR-",
    ),
    "out of scope with a rate": (
        "out of scope",
        swap("<ram:CategoryCode>O</ram:CategoryCode>",
             "<ram:CategoryCode>O</ram:CategoryCode>"
             "<ram:RateApplicablePercent>0</ram:RateApplicablePercent>"),
        "BR-O-05",
    ),
    "wrong order of elements": ("days 20 %", reorder, "XSD"),
    "element nobody knows": (
        "days 20 %", swap("<ram:TypeCode>380", "<ram:Colour>green</ram:Colour><ram:TypeCode>380"),
        "XSD",
    ),
    "no number": ("days 20 %", swap("<ram:ID>FA-2026-0101</ram:ID>", ""), "XSD"),
    "three decimals": (
        "days 20 %", swap("GrandTotalAmount>2913.17", "GrandTotalAmount>2913.170"), "BR-",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutated_xml_is_refused_by_its_rule(name, good):
    kind, change, rule = MUTATIONS[name]
    mutated = change(good[kind].decode("utf-8")).encode("utf-8")
    assert mutated != good[kind]
    failures = xml_failures(mutated)
    assert any(rule in failure for failure in failures), failures


# -- the PDF around it -------------------------------------------------------------------------
@pytest.fixture(scope="module")
def facturx() -> tuple[bytes, bytes]:
    doc = KINDS["days 20 %"]()
    xml = xml_of(doc)
    return render_facturx(doc, xml), xml


def altered(content: bytes, change: Callable[[Any], None]) -> bytes:
    """The same PDF with something changed."""
    with pikepdf.open(BytesIO(content)) as pdf:
        change(pdf)
        made = BytesIO()
        pdf.save(made, deterministic_id=True)
        return made.getvalue()


def _no_intent(pdf: Any) -> None:
    del pdf.Root.OutputIntents


def _no_file(pdf: Any) -> None:
    del pdf.Root.AF
    del pdf.Root.Names


def _listed_twice(pdf: Any) -> None:
    pdf.Root.AF.append(pdf.Root.AF[0])


def _another_relationship(pdf: Any) -> None:
    pdf.Root.AF[0].AFRelationship = pikepdf.Name.Unspecified


def _another_name(pdf: Any) -> None:
    kept = pdf.attachments["factur-x.xml"].get_file().read_bytes()
    del pdf.attachments["factur-x.xml"]
    pdf.attachments["facture.xml"] = kept


def _another_xml(pdf: Any) -> None:
    pdf.Root.AF[0].EF.F.write(b"<other/>")


def _metadata(old: bytes, new: bytes) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        xmp = pdf.Root.Metadata.read_bytes()
        assert old in xmp
        pdf.Root.Metadata.write(xmp.replace(old, new))

    return change


def _two_graphs(pdf: Any) -> None:
    xmp = pdf.Root.Metadata.read_bytes()
    empty = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
    pdf.Root.Metadata.write(xmp.replace(b"</x:xmpmeta>", empty))


PACKAGING: dict[str, tuple[Callable[[Any], None], str]] = {
    "missing output intent": (_no_intent, "output intent"),
    "missing embedded file": (_no_file, "/AF"),
    "file listed twice": (_listed_twice, "/AF"),
    "another relationship": (_another_relationship, "alternative"),
    "another name": (_another_name, "attachments"),
    "another XML": (_another_xml, "XML inside"),
    "no conformance level": (_metadata(b"EN 16931", b"BASIC"), "ConformanceLevel"),
    "another file name": (_metadata(b">factur-x.xml<", b">zugferd.xml<"), "DocumentFileName"),
    "two rdf:RDF": (_two_graphs, "rdf:RDF"),
}


@pytest.mark.parametrize("name", PACKAGING)
def test_a_wrong_packaging_is_refused(name, facturx):
    pdf, xml = facturx
    change, words = PACKAGING[name]
    assert packaging_failures(pdf, xml) == []
    failures = packaging_failures(altered(pdf, change), xml)
    assert any(words in failure for failure in failures), failures


def _smoothed(pdf: Any) -> None:
    image = pikepdf.Stream(pdf, b"\x00" * 3)
    image.update({"/Type": "/XObject", "/Subtype": "/Image", "/Width": 1, "/Height": 1})
    for name, value in (("Type", "/XObject"), ("Subtype", "/Image")):
        image[f"/{name}"] = pikepdf.Name(value)
    image["/Width"] = image["/Height"] = 1
    image["/ColorSpace"], image["/BitsPerComponent"] = pikepdf.Name.DeviceRGB, 8
    image["/Interpolate"] = True
    page = pdf.pages[0]
    page.Resources["/XObject"] = pikepdf.Dictionary(Im0=pdf.make_indirect(image))
    page.contents_add(b"q 10 0 0 10 0 0 cm /Im0 Do Q")


def _cmyk(pdf: Any) -> None:
    pdf.pages[0].contents_add(b"0.1 0.2 0.3 0.4 k 0 0 10 10 re f")


def _untitled(pdf: Any) -> None:
    pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b'part="3"', b'part="1"'))


def _undescribed(pdf: Any) -> None:
    xmp = pdf.Root.Metadata.read_bytes()
    start, end = xmp.index(b"<pdfaExtension:schemas"), xmp.index(b"</pdfaExtension:schemas>")
    pdf.Root.Metadata.write(xmp[:start] + xmp[end + len(b"</pdfaExtension:schemas>") :])


def _encrypted(content: bytes) -> bytes:
    with pikepdf.open(BytesIO(content)) as pdf:
        made = BytesIO()
        pdf.save(made, encryption=pikepdf.Encryption(owner="x", user=""))
        return made.getvalue()


def test_what_is_no_pdf_a_is_refused(facturx, tmp_path: Path):
    pdf, _xml = facturx
    changes = {
        "missing output intent": _no_intent,
        "smoothed picture": _smoothed,
        "CMYK colour": _cmyk,
        "says it is another part": _untitled,
        "schema not described": _undescribed,
        "no relationship": lambda p: p.Root.AF[0].__delitem__("/AFRelationship"),
    }
    files = {name: altered(pdf, change) for name, change in changes.items()}
    files["encrypted"] = _encrypted(pdf)
    assert set(pdfa_failures({"good": pdf, **files}, tmp_path)) == set(files)
