"""The one adapter of the library that writes Factur-X XML: business terms in, checked bytes out."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from invoicing.bt import terms
from invoicing.document import InvoiceDocument

LEVEL: Final = "en16931"
FILE_NAME: Final = "factur-x.xml"  # the one name a reader looks for
CONFORMANCE: Final = "EN 16931"
_XSD: Final = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"


class NotValid(ValueError):
    """The XML does not follow its schema: a mistake of ours, and the document waits."""


def xml_of(doc: InvoiceDocument) -> bytes:
    """Write the XML of an issued document and check it against the schema.

    Raises NotExchangeable for what the standard can't hold, NotValid for a mistake of ours.
    """
    from facturx.generate_xml import generate_xml  # seconds to load

    # The library's own check asks a server of this machine and only logs that none answers.
    made: bytes = generate_xml(
        terms(doc), flavor="factur-x", level=LEVEL, check_xsd=False, check_schematron=False
    )
    check_schema(made)
    return made


@cache
def _schema() -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    return etree.XMLSchema(file=str(files("facturx").joinpath(_XSD)))


def check_schema(xml: bytes) -> None:
    """Raise NotValid with the first thing the schema refuses."""
    from lxml import etree  # type: ignore[import-untyped]

    schema, parser = _schema(), etree.XMLParser(resolve_entities=False, no_network=True)
    if not schema.validate(etree.fromstring(xml, parser)):
        raise NotValid(str(schema.error_log.last_error))
