"""The two pictures of a document: our logo, and the code a phone pays from."""

from base64 import b64encode
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Final

from django.core.exceptions import ValidationError

from essaim import identifiers
from invoicing.document import CREDIT_NOTE, InvoiceDocument, Picture
from invoicing.rules import Instalment

_TYPES: Final = {"png": "image/png", "svg": "image/svg+xml"}
_DOTS: Final = 2  # a side of each square: a reader that smooths pictures leaves it sharp
_HIGHEST: Final = Decimal("999999999.99")  # of a SEPA credit transfer (EPC069-12)


def logo_address(logo: Picture | None) -> str:
    """The logo as an address that holds the picture itself: nothing is fetched."""
    if logo is None:
        return ""
    return f"data:{_TYPES[logo.kind]};base64,{b64encode(logo.content).decode('ascii')}"


def _first_payment(doc: InvoiceDocument) -> Decimal:
    """What the payer sends next: the first instalment, or all of it."""
    parts: tuple[Instalment, ...] = doc.instalments
    return parts[0].amount if len(parts) > 1 else doc.due.gross


def payment_qr(doc: InvoiceDocument) -> str:
    """The SEPA code of a document as an address; "" where there is nothing to pay that way.

    The library takes any IBAN, so it is checked first.
    """
    amount = _first_payment(doc)
    asked = doc.number and doc.bank and doc.kind != CREDIT_NOTE and doc.paid_on is None
    if not asked or doc.bank is None or not 0 < amount <= _HIGHEST:
        return ""
    try:
        iban = identifiers.iban(doc.bank.iban)
    except ValidationError:
        return ""
    from segno import helpers

    code = helpers.make_epc_qr(
        name=(doc.bank.holder or doc.seller.name)[:70],
        iban=iban,
        amount=amount,
        text=(doc.reference or doc.number)[:140],
        bic=doc.bank.bic or None,
        encoding="utf-8",
    )
    return _dotted(code.matrix)


def _dotted(rows: Sequence[Sequence[int]]) -> str:
    """The squares as a grey picture: a path of 600 strokes costs ten times more to lay down."""
    from PIL import Image

    side = len(rows)
    drawn = Image.new("L", (side, side))
    drawn.putdata([0 if dark else 255 for row in rows for dark in row])
    kept = BytesIO()
    drawn.resize((side * _DOTS, side * _DOTS), Image.Resampling.NEAREST).save(kept, "PNG")
    return logo_address(Picture("png", kept.getvalue()))
