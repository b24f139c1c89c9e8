"""The printed slip of a batch of cheques (bordereau de remise)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim import pdf
from invoicing import wording
from invoicing.models import Cheque, ChequeBatch
from invoicing.printing import CSS, LANGUAGE

TEMPLATE: Final = "invoicing/print/cheque_slip.html"


def slip_pdf(
    slip: ChequeBatch, cheques: Sequence[Cheque], *, profile: IssuerProfile | None, epoch: int
) -> bytes:
    """Print a slip: who drew each cheque, its bank, number and amount, and the total in euros."""
    total = sum((cheque.amount for cheque in cheques), Decimal(0))
    context: dict[str, Any] = {
        "slip": slip,
        "holder": profile.legal_name if profile else "",
        "iban": wording.iban(profile.iban) if profile and profile.iban else "",
        "made_on": wording.day(slip.made_on),
        "rows": [
            {
                "client": str(cheque.client),
                "bank": cheque.bank,
                "number": cheque.number,
                "amount": wording.euros(cheque.amount),
            }
            for cheque in cheques
        ],
        "count": len(cheques),
        "total": wording.euros(total),
    }
    with override(LANGUAGE):
        html = render_to_string(TEMPLATE, context)
    return pdf.render(html, css=CSS, epoch=epoch)
