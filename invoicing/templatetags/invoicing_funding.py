"""What each payer covered of a coop, and the way to the proof packs of a funder."""

from typing import Any

from django import template
from django.db.models import Sum
from django.urls import reverse

from essaim.money import cents
from invoicing.queries import billable_expenses
from missions.codes import Nature
from missions.models import DayShare

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


@register.inclusion_tag("invoicing/parts/coverage.html", takes_context=True)
def coverage_panel(context: Any, coop: Any) -> dict[str, Any]:
    """What each payer covered of a coop's validated days (net), to those who read amounts."""
    if not context["user"].has_perm("invoicing.view_invoice"):
        return {"rows": []}
    shares = DayShare.objects.current().filter(
        coop=coop,
        day__state__in=("validated", "billed"),
        nature__in=(Nature.BILLED, Nature.COVERED),
        payer__isnull=False,
    )
    groups = (
        shares.order_by()
        .values("payer_id", "payer__legal_name", "payer__usual_name", "nature", "basis")
        .annotate(quantity=Sum("days"), total=Sum("amount"))
    )
    rows = [
        {
            "payer": g["payer__usual_name"] or g["payer__legal_name"],
            "nature": Nature(g["nature"]).label,
            "days": g["quantity"],
            "amount": cents(g["total"]),
            "is_own": g["payer_id"] == coop.organisation_id,
        }
        for g in groups
    ]
    rows.sort(key=lambda row: (row["is_own"], -row["amount"], row["payer"]))
    return {"rows": rows, "total": sum(row["amount"] for row in rows)}


@register.inclusion_tag("invoicing/parts/draft_expenses.html", takes_context=True)
def waiting_expenses(context: Any, invoice: Any) -> dict[str, Any]:
    """On a draft: the expenses of its agreement that it could take."""
    takes = not invoice.is_issued and invoice.kind == "invoice" and invoice.agreement_id
    if not takes or not context["user"].has_perm("invoicing.draft_invoice"):
        return {"count": 0}
    found = billable_expenses(payer=invoice.client, agreement=invoice.agreement)
    return {"count": found.count(), "invoice": invoice}
