"""The panel of a document's files and of its life at the platform."""

from typing import Any

from django import template

from invoicing.bt import TYPES
from invoicing.ereporting import treatment_of_copy
from invoicing.models import FrozenFile, Invoice, LifecycleStatus
from invoicing.notes import treatment_words
from invoicing.rules_efacture import COLLECTED, next_statuses

register = template.Library()


@register.inclusion_tag("invoicing/parts/efacture.html", takes_context=True)
def efacture_panel(context: Any, invoice: Invoice) -> dict[str, Any]:
    """Files to take away, the acquitted copy, statuses; what this person may do."""
    may = context["request"].user.has_perm
    kinds = set(FrozenFile.objects.filter(invoice=invoice).values_list("kind", flat=True))
    statuses = list(LifecycleStatus.objects.filter(invoice=invoice).select_related("by"))
    following = next_statuses(statuses[-1].status if statuses else "")
    left = getattr(invoice, "left", None)
    paid = left is not None and left <= 0 and not invoice.is_credit_note
    return {
        "invoice": invoice,
        "kinds": kinds,
        "is_ours": invoice.kind != Invoice.Kind.TAKEN_OVER,
        "is_electronic": invoice.kind in TYPES,
        "treatment": treatment_words(treatment_of_copy(invoice.issuer_copy, invoice.client_copy)),
        "statuses": statuses,
        "may_note": bool(following) and may("invoicing.note_status"),
        "propose_collected": paid and COLLECTED in following and may("invoicing.note_status"),
        "may_make": may("invoicing.make_plain"),
        "may_acquit": paid and may("invoicing.acquit"),
    }
