"""The money panel of a coop, and small words of the room."""

from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from invoicing.figures import money_of
from invoicing.standing import word_of, word_of_coop

register = template.Library()


@register.inclusion_tag("invoicing/panel.html", takes_context=True)
def invoicing_panel(context: Any, coop: Any) -> dict[str, Any]:
    """Given, covered, billed, awaited, paid, late; a consultant reads only one word."""
    today = context.get("today") or timezone.localdate()
    if not context["user"].has_perm("invoicing.view_invoice"):
        word, tone = word_of_coop(coop, on=today)
        return {"coop": coop, "word": word, "tone": tone, "money": None}
    money = money_of(coop, on=today)
    word, tone = word_of(is_owed=money.awaited > 0, is_late=money.late > 0)
    return {"coop": coop, "word": word, "tone": tone, "money": money}


@register.filter
def kind_words(kind: str) -> str:
    """The name of an export."""
    names = {
        "ereporting": _("E-reporting"),
        "sales": _("Sales"),
        "receipts": _("Receipts"),
        "all": _("Sales and receipts"),
    }
    return names.get(kind, kind)
