"""The files of an issued document: the Factur-X, its XML, the plain PDF; each made once."""

from io import BytesIO

from invoicing import facturx, printing
from invoicing.document import InvoiceDocument
from invoicing.packing import embedded_xml


def render_invoice(doc: InvoiceDocument) -> bytes:
    """Print the PDF that is kept: with its XML inside, unless the document is no invoice."""
    if not doc.is_electronic:
        return printing.render_invoice(doc)
    return printing.render_facturx(doc, facturx.xml_of(doc))


def xml_within(content: bytes) -> bytes | None:
    """The XML a PDF carries; None where there is none, or where this is no PDF."""
    from pikepdf import PdfError

    try:
        return embedded_xml(BytesIO(content))
    except PdfError:
        return None
