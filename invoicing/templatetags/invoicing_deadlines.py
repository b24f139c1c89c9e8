"""On the page of a grant: fees its payments bring, and our invoices that its claim would miss."""

from typing import Any

from django import template
from django.urls import reverse

from invoicing.claim_dates import late_for_claim
from invoicing.dues import due_fees_of
from invoicing.waiting import active_clauses

register = template.Library()


@register.inclusion_tag("invoicing/parts/grant_fees.html", takes_context=True)
def grant_fees_card(context: Any, application: Any) -> dict[str, Any]:
    """What the clauses over a grant ask to bill or to give back now, to those who read fees."""
    user = context["user"]
    if not user.has_perm("invoicing.view_clause"):
        return {"fees": []}
    clauses = list(active_clauses().filter(applications=application))
    fees = [fee for fee in due_fees_of(clauses) if not fee.is_fixed_part] if clauses else []
    return {
        "fees": [fee for fee in fees if fee.application == application],
        "may_draft": user.has_perm("invoicing.draft_invoice"),
        "url": reverse("invoicing:to_bill"),
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("invoicing/parts/claim_dates.html", takes_context=True)
def claim_dates_card(context: Any, application: Any) -> dict[str, Any]:
    """Our unpaid invoices that fall due after the claim of a funder of paid expenses."""
    if not context["user"].has_perm("invoicing.view_invoice"):
        return {"invoices": []}
    day, invoices = late_for_claim(application)
    return {"day": day, "invoices": invoices}
