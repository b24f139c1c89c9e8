"""Buttons of an invoice's page that depend on its kind."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.views import Action
from essaim.workflow import Missing
from invoicing.before_issue import deposit_is_held
from invoicing.models import Invoice

DRAFT = "invoicing.draft_invoice"


def _url(name: str, invoice: Invoice) -> str:
    return reverse(f"invoicing:{name}", args=(invoice.pk,))


def draft_actions(invoice: Invoice) -> list[Action]:
    """What a draft may be given besides lines."""
    found = []
    if invoice.kind in (Invoice.Kind.INVOICE, Invoice.Kind.CORRECTIVE):
        url = _url("discount_add", invoice)
        found.append(Action(_("Add a discount"), url, "badge-percent", DRAFT))
    return found


def credit_bars(invoice: Any) -> list[Missing]:
    """Why an issued document can't be credited now."""
    if invoice.gross and invoice.credited >= invoice.gross:
        return [Missing("credited", _("It is credited in full already: nothing is left to give."))]
    return deposit_is_held(invoice) if invoice.kind == Invoice.Kind.DEPOSIT else []


def issued_actions(invoice: Any) -> list[Action]:
    """What may be done of an issued document besides a credit note."""
    found = []
    if invoice.kind in (Invoice.Kind.INVOICE, Invoice.Kind.CORRECTIVE) and not invoice.credited:
        label = _("Correct by a corrective invoice")
        url = _url("correction_new", invoice)
        found.append(Action(label, url, "file-pen-line", "invoicing.credit_invoice"))
    return found
