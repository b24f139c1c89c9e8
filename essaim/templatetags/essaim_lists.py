"""What a list gives its script: the figure of each line that may be ticked."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def ticked_figure(context: Any, row: Any) -> str:
    """What a ticked line adds to the sum shown in the bar; "" when the list adds nothing up."""
    page = context.get("page")
    found = page.ticked_figure(row) if hasattr(page, "ticked_figure") else None
    return "" if found is None else str(found)
