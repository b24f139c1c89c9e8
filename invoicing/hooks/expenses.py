"""What invoices answer about expenses: a draft that holds one bars its sending back."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim import hooks
from essaim.workflow import Missing
from invoicing.models import BilledExpense


@hooks.guards.register(("missions.Expense", "reject"))
def on_no_draft(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An expense on a draft is taken out of it first."""
    held = BilledExpense.objects.filter(expense=obj, generation=obj.generation)
    row = held.select_related("line__invoice").first()
    if row is None:
        return []
    seen = by.has_perm("invoicing.view_invoice")
    url = row.line.invoice.get_absolute_url() if seen else ""
    words = _("A draft invoice holds this expense: take it out of the draft first.")
    return [Missing("draft", words, url)]
