"""Small words of the books' pages."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from invoicing.entries import ALL
from invoicing.vat_statement import basis_words

register = template.Library()
register.filter("basis_words", basis_words)


@register.filter
def export_words(log: Any) -> str:
    """What a line of the log took away, with its scope and profile."""
    names = {
        "sales": _("Sales"),
        "receipts": _("Receipts"),
        "all": _("Sales and receipts"),
        "entries": _("Entries"),
        "documents": _("PDF documents"),
        "vat": _("VAT due"),
        "accruals": _("Closing"),
    }
    formats = {"fec": _("FEC format"), "quadra": "Quadra"}
    parts = [names.get(log.kind, log.kind), formats.get(log.file_format, log.file_format.upper())]
    if log.kind == "entries":
        scope = log.perimeter.get("scope")
        parts.append(_("sales and receipts") if scope == ALL else _("sales only"))
    if profile := log.perimeter.get("profile"):
        parts.append(profile["name"])
    return " · ".join(parts)
