"""The panel of an invoice's page for what its kind brings: deposits, pair, membership."""

from typing import Any

from django import template

from invoicing.before_issue import pair_of
from invoicing.deducting import free_deposits
from invoicing.models import DepositUse, FrozenFile, Invoice, MembershipCall, RecurringDraft

register = template.Library()


@register.inclusion_tag("invoicing/parts/documents.html", takes_context=True)
def documents_panel(context: Any, invoice: Any) -> dict[str, Any]:
    """Deposits taken off or waiting, the other half of a correction, membership."""
    may = context["user"].has_perm
    shown: dict[str, Any] = {"invoice": invoice, "may_draft": may("invoicing.draft_invoice")}
    shown["pair"] = pair_of(invoice)
    if invoice.kind == Invoice.Kind.DEPOSIT:
        uses = DepositUse.objects.filter(deposit=invoice, release=None)
        shown["use"] = uses.select_related("invoice").first()
    if invoice.kind == Invoice.Kind.MEMBERSHIP_CALL:
        calls = MembershipCall.objects.filter(invoice=invoice)
        shown["call"] = calls.select_related("membership").first()
    if not invoice.is_issued and invoice.kind == Invoice.Kind.INVOICE:
        shown["waiting"] = _left_out(invoice, context["user"])
        drafts = RecurringDraft.objects.filter(invoice=invoice)
        shown["recurring"] = drafts.select_related("recurring__client").first()
    if invoice.kind == Invoice.Kind.TAKEN_OVER:
        kept = FrozenFile.objects.filter(invoice=invoice, kind=FrozenFile.Kind.COPY)
        shown["has_copy"] = kept.exists()
    return shown


@register.inclusion_tag("invoicing/parts/deposits_waiting.html", takes_context=True)
def deposits_waiting(context: Any, invoice: Any) -> dict[str, Any]:
    """Deposits that a draft leaves out, told on the page that issues it."""
    return {"invoice": invoice, "waiting": _left_out(invoice, context["user"])}


def _left_out(invoice: Any, user: Any) -> list[Invoice]:
    """Deposits of the client that a draft does not take off, to those who may draft."""
    is_whole = invoice.kind == Invoice.Kind.INVOICE and not invoice.is_issued
    if not is_whole or not user.has_perm("invoicing.draft_invoice"):
        return []
    held = set(invoice.deposit_uses.values_list("deposit_id", flat=True))
    return [d for d in free_deposits(invoice) if d.pk not in held]
