"""The way to the proof packs of a funder, and the expenses a draft may take."""

from typing import Any

from django import template
from django.urls import reverse

from invoicing.queries import billable_expenses

register = template.Library()
PROOFS = {"Envelope": "envelope", "GrantApplication": "application", "Programme": "programme"}


@register.inclusion_tag("invoicing/parts/proof_link.html", takes_context=True)
def proof_link(context: Any, of: Any) -> dict[str, Any]:
    """The button that leads to the proof pack, for those who may take it."""
    may = context["user"].has_perm("invoicing.proof_pack")
    name = PROOFS[type(of).__name__]
    bills = name == "envelope" and of.basis == "order"
    return {
        "url": reverse(f"invoicing:proof_{name}", args=(of.pk,)) if may else "",
        "bill_url": reverse("invoicing:prepare_envelope", args=(of.pk,))
        if bills and context["user"].has_perm("invoicing.draft_invoice")
        else "",
    }


@register.inclusion_tag("invoicing/parts/draft_expenses.html", takes_context=True)
def waiting_expenses(context: Any, invoice: Any) -> dict[str, Any]:
    """On a draft: the expenses of its agreement that it could take."""
    takes = not invoice.is_issued and invoice.kind == "invoice" and invoice.agreement_id
    if not takes or not context["user"].has_perm("invoicing.draft_invoice"):
        return {"count": 0}
    found = billable_expenses(payer=invoice.client, agreement=invoice.agreement)
    return {"count": found.count(), "invoice": invoice}
