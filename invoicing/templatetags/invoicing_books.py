"""Small words of the books' pages."""

from typing import Any

from django import template
from django.urls import reverse
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
        "proof": _("Proof pack"),
        "report": _("Report to a funder"),
    }
    formats = {"fec": _("FEC format"), "quadra": "Quadra"}
    parts = [names.get(log.kind, log.kind), formats.get(log.file_format, log.file_format.upper())]
    if log.kind == "entries":
        scope = log.perimeter.get("scope")
        parts.append(_("sales and receipts") if scope == ALL else _("sales only"))
    if profile := log.perimeter.get("profile"):
        parts.append(profile["name"])
    return " · ".join(parts)


@register.filter
def export_way(log: Any) -> str:
    """Where the same file is taken again: a proof pack has its own page."""
    if log.kind == "report":
        return reverse("invoicing:report", args=(next(iter(log.perimeter.values())),))
    if log.kind == "proof":
        pages = {
            "missions.Envelope": "invoicing:proof_envelope",
            "grants.GrantApplication": "invoicing:proof_application",
            "grants.Programme": "invoicing:proof_programme",
        }
        for label, key in log.perimeter.items():
            if label in pages:
                return reverse(pages[label], args=(key,))
    return reverse("invoicing:export_again", args=(log.pk,))
