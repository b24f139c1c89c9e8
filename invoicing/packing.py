"""The finisher: a PDF/A-3 that readers of Factur-X recognise, the same bytes for the same input."""

import re
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from invoicing.facturx import CONFORMANCE, FILE_NAME

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SRGB: Final = Path(__file__).parent / "data" / "srgb.icc"  # LittleCMS's sRGB, as version 4.2
FX: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

_PROPERTIES: Final = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)
# PDF/A asks that properties of another schema be described in the file itself.
_EXTENSION: Final = (
    f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:fx="{FX}"'
    ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    '<rdf:Description rdf:about=""><fx:DocumentType>INVOICE</fx:DocumentType>'
    f"<fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName><fx:Version>1.0</fx:Version>"
    f"<fx:ConformanceLevel>{CONFORMANCE}</fx:ConformanceLevel></rdf:Description>"
    '<rdf:Description rdf:about=""><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{FX}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(
        f'<rdf:li pdfaProperty:name="{name}" pdfaProperty:valueType="Text"'
        f' pdfaProperty:category="external" pdfaProperty:description="{words}"/>'
        for name, words in _PROPERTIES
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"
    "</rdf:Description></rdf:RDF>"
)
# WeasyPrint says after each letter that the next one moves by nothing, and gives millionths of a
# pixel; the digits of a name (/A0.5) are left alone.
_UNMOVED: Final = re.compile(rb">0<")
_TOO_FINE: Final = re.compile(rb"(?<![/\w.])(-?\d*\.\d{3})\d+")


def finish(content: bytes) -> bytes:
    """Say in the one RDF what the attachment is, name it once, and smooth no picture."""
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        _pack(pdf.Root.Metadata, _described(pdf.Root.Metadata.read_bytes()))
        pdf.Root.AF = pikepdf.Array([_first(pdf.Root.AF)])
        _pack(pdf.Root.OutputIntents[0].DestOutputProfile, _srgb())
        for page in pdf.pages:
            drawn = _UNMOVED.sub(b"", page.Contents.read_bytes())
            _pack(page.Contents, _TOO_FINE.sub(rb"\1", drawn))
        for found in pdf.objects:
            if isinstance(found, pikepdf.Stream) and found.get("/Interpolate"):
                found.Interpolate = False
            elif isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/StructElem":
                del found["/Type"]  # the tree says it: optional, and there are hundreds
        return saved(pdf)


def _pack(stream: Any, content: bytes) -> None:
    import pikepdf

    stream.write(zlib.compress(content, 9), filter=pikepdf.Name.FlateDecode)


def saved(pdf: Any) -> bytes:
    """The bytes of a PDF, its identifier drawn from its content and not from the clock."""
    from pikepdf import settings

    made = BytesIO()
    settings.set_flate_compression_level(9)
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


@cache
def _srgb() -> bytes:
    """The profile of the colours, a sixth of the usual one: its curves are formulas, not tables."""
    return SRGB.read_bytes()


def _first(files: Any) -> Any:
    """The file annexed; WeasyPrint lists it twice."""
    if len({one.objgen for one in files}) != 1:
        raise ValueError("a Factur-X carries one file, and one only")
    return files[0]


def _described(xmp: bytes) -> bytes:
    """The metadata with ours inside its own RDF: readers look at the first one alone."""
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    # The packet's processing instructions stand around the root.
    start, end = xmp.index(b"<x:xmpmeta"), xmp.index(b"</x:xmpmeta>") + len(b"</x:xmpmeta>")
    root = etree.fromstring(xmp[start:end], parser)
    rdf = root.find(f"{{{RDF}}}RDF")
    rdf.extend(etree.fromstring(_EXTENSION, parser))
    return xmp[:start] + etree.tostring(root, encoding="utf-8") + xmp[end:]


def embedded_xml(content: BinaryIO) -> bytes | None:
    """The XML a PDF carries under the one name, None without."""
    import pikepdf

    with pikepdf.open(content) as pdf:
        found = pdf.attachments.get(FILE_NAME)
        return bytes(found.get_file().read_bytes()) if found is not None else None
