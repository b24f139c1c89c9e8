"""Which series numbers a document: membership calls have their own, and their credit notes too."""

from typing import Final

from invoicing.models import Invoice

INVOICES: Final = "invoice"
MEMBERSHIPS: Final = "membership"
# Kinds of series, in the order the numbering page shows them, with the pattern proposed.
PATTERNS: Final = {INVOICES: "FA-{year}-{number:04d}", MEMBERSHIPS: "CO-{year}-{number:04d}"}


def series_of(invoice: Invoice) -> str:
    """The kind of series a draft takes its number from; a credit note follows its origin."""
    if invoice.is_credit_note and invoice.origin is not None:
        return series_of(invoice.origin)
    return MEMBERSHIPS if invoice.kind == Invoice.Kind.MEMBERSHIP_CALL else INVOICES
