"""Panels of mails and reminders on an invoice, and of a client's account."""

from typing import Any

from django import template
from django.utils import timezone

from invoicing.models import Invoice, Reminder, Sending
from invoicing.receivables import aged_balance
from invoicing.reminding import coming_reminders, is_on_hold

register = template.Library()


@register.inclusion_tag("invoicing/parts/sendings.html", takes_context=True)
def sendings_panel(context: Any, invoice: Any) -> dict[str, Any]:
    """What was sent of a document, when, to whom, whether it left, and what comes next."""
    if not invoice.is_issued:
        return {"shown": False}
    on = context.get("today") or timezone.localdate()
    user, owed = context["user"], bool(getattr(invoice, "is_owed", False))
    one = Invoice.objects.filter(pk=invoice.pk)
    coming = coming_reminders(on=on, rows=one) if owed else []
    reminders = Reminder.objects.filter(invoice=invoice).defer("content", "body")
    return {
        "shown": True,
        "invoice": invoice,
        "is_owed": owed,
        "today": on,
        "sendings": Sending.objects.filter(invoice=invoice).select_related("message", "by"),
        "reminders": reminders.select_related("level", "message"),
        "hold": is_on_hold(invoice, on=on) if owed else None,
        "coming": coming[0] if coming else None,
        "may_send": user.has_perm("invoicing.send_document"),
        "may_hold": user.has_perm("invoicing.hold_reminder"),
    }


@register.inclusion_tag("invoicing/parts/client_account.html", takes_context=True)
def client_account_panel(context: Any, organisation: Any) -> dict[str, Any]:
    """What a client owes and what it has with us, for those who see amounts."""
    if not context["user"].has_perm("invoicing.view_invoice"):
        return {"shown": False}
    on = context.get("today") or timezone.localdate()
    line = aged_balance(as_of=on, clients=[organisation.pk]).total
    return {"shown": True, "organisation": organisation, "line": line}
