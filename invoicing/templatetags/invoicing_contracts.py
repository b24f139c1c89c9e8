"""Panels of an agreement's page that read what was billed: papers, pieces of the price."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from invoicing.models import BilledPhase, InvoiceLine, SubsidyShareClause
from missions.models import Agreement, FrozenPaper, Phase, Quote

register = template.Library()


@register.inclusion_tag("invoicing/parts/contract_papers.html", takes_context=True)
def contract_papers(context: dict[str, Any], agreement: Agreement) -> dict[str, Any]:
    """Everything on paper about an agreement: quote, agreement, annexes, signed scan."""
    user = context["request"].user
    clauses = SubsidyShareClause.objects.visible_to(user).filter(agreement=agreement)
    papers = list(agreement.papers.filter(kind=FrozenPaper.Kind.AGREEMENT).order_by("pk"))
    earlier = papers if agreement.state == Agreement.State.DRAFT else papers[:-1]
    return {
        "agreement": agreement,
        "is_draft": agreement.state == Agreement.State.DRAFT,
        "frozen": papers[-1] if papers else None,
        "earlier": earlier,
        "quote": Quote.objects.visible_to(user).filter(agreement=agreement).first(),
        "clauses": list(clauses.order_by("pk")),
        "may_change": user.has_perm("missions.change_agreement"),
    }


@register.inclusion_tag("invoicing/parts/price_pieces.html", takes_context=True)
def price_pieces(context: dict[str, Any], agreement: Agreement) -> dict[str, Any]:
    """The pieces of an agreed price: planned, accepted, on which invoices; sum against price."""
    user = context["request"].user
    phases = list(agreement.phases.select_related("evidence"))
    rows = BilledPhase.objects.filter(phase__agreement=agreement).select_related("line__invoice")
    again = set(
        InvoiceLine.objects.filter(
            origin__billed_phase__phase__agreement=agreement,
            billable_again=True,
            invoice__state="issued",
        ).values_list("origin_id", flat=True)
    )
    invoices: dict[int, list[Any]] = {}
    held: set[int] = set()
    for row in rows.order_by("pk"):
        invoices.setdefault(row.phase_id, []).append((row.line.invoice, row.line_id in again))
        if row.line_id not in again:
            held.add(row.phase_id)
    may = user.has_perm("missions.accept_phase") and agreement.is_signed
    made = sum((p.amount for p in phases), Decimal("0.00"))
    return {
        "agreement": agreement,
        "rows": [
            {
                "phase": phase,
                "invoices": invoices.get(phase.pk, []),
                "may_accept": may and phase.kind == Phase.Kind.PHASE and phase.state == "planned",
                "may_take_back": may and phase.state == "accepted" and phase.pk not in held,
            }
            for phase in phases
        ],
        "made": made,
        "differs": bool(agreement.price and agreement.has_fixed_price and made != agreement.price),
        "may_change": user.has_perm("missions.change_agreement") and agreement.state == "draft",
        "sees_invoices": user.has_perm("invoicing.view_invoice"),
        "today": timezone.localdate(),
    }
