"""The acquitted copy: the frozen pages unchanged, and one more that says how they were paid."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim import pdf
from invoicing import wording
from invoicing.models import Allocation, FrozenFile, Invoice
from invoicing.packing import saved

TEMPLATE: Final = "invoicing/print/acquitted.html"
CSS: Final = (pdf.PRINT_CSS, "invoicing/print.css")


@dataclass(frozen=True, slots=True)
class Part:
    """One payment of a document."""

    on: date
    amount: Decimal
    method: str
    reference: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The payments that settled a document; `on` is the day of the last of them."""

    parts: tuple[Part, ...]
    credited: Decimal
    lost: Decimal = Decimal(0)

    @property
    def on(self) -> date:
        """The day it was wholly paid."""
        return max(part.on for part in self.parts)


def settled_by(invoice: Invoice) -> Settled:
    """What payments settled of a document, each with what was undone of it taken off."""
    rows = Allocation.objects.filter(invoice=invoice).select_related("payment__reverses")
    sums: dict[int, Decimal] = {}
    payments: dict[int, Any] = {}
    credited = lost = Decimal(0)
    for row in rows.order_by("pk"):
        if row.payment is None:
            is_loss = row.credit_note_id is None
            credited += Decimal(0) if is_loss else row.amount
            lost += row.amount if is_loss else Decimal(0)
            continue
        payment = row.payment.reverses or row.payment
        payments[payment.pk] = payment
        sums[payment.pk] = sums.get(payment.pk, Decimal(0)) + row.amount
    parts = tuple(
        Part(payments[key].received_on, amount, payments[key].method, payments[key].reference)
        for key, amount in sums.items()
        if amount > 0
    )
    return Settled(parts, credited, lost)


def _method(code: str) -> str:
    known = {
        "transfer": _("by transfer"),
        "cheque": _("by cheque"),
        "mandate": _("by a public treasury order"),
        "helloasso": _("through HelloAsso"),
        "cash": _("in cash"),
    }
    return known.get(code, code)


def sentence(part: Part) -> str:
    """« 1 200,00 € le 12/01/2027 par virement, réf. VIR-118 »."""
    words = {
        "amount": wording.euros(part.amount),
        "day": wording.day(part.on),
        "method": _method(part.method),
    }
    said = _("%(amount)s on %(day)s %(method)s") % words
    return said + (", " + _("ref. %(ref)s") % {"ref": part.reference} if part.reference else "")


def render_acquitted(
    invoice: Invoice,
    original: FrozenFile,
    settled: Settled,
    *,
    signatory: str,
    on: date,
    at: datetime,
) -> bytes:
    """Join the frozen pages and the page of acquittal; the same bytes for the same facts."""
    with override("fr"):
        context = {
            "number": invoice.number,
            "title": wording.title(invoice.kind),
            "issued_on": wording.day(invoice.issued_on) if invoice.issued_on else "",
            "gross": wording.euros(invoice.gross),
            "client": invoice.client_copy.get("name", ""),
            "seller": invoice.issuer_copy.get("name", ""),
            "on": wording.day(settled.on),
            "parts": [sentence(part) for part in settled.parts],
            "credited": wording.euros(settled.credited) if settled.credited else "",
            "signatory": signatory,
            "signed_on": wording.day(on),
            "sha256": original.sha256,
        }
        page = pdf.render(render_to_string(TEMPLATE, context), css=CSS, epoch=int(at.timestamp()))
    return _joined(bytes(original.content), page)


def _joined(original: bytes, page: bytes) -> bytes:
    """The pages of both, without the XML: nobody must take the copy for a second invoice."""
    import pikepdf

    with (
        pikepdf.new() as made,
        pikepdf.open(BytesIO(original)) as first,
        pikepdf.open(BytesIO(page)) as last,
    ):
        made.pages.extend(first.pages)
        made.pages.extend(last.pages)
        made.Root.Lang = pikepdf.String("fr")
        return saved(made)
