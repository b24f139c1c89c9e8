"""The small « ? » beside a word of the trade, which leads to its page."""

from typing import Any

from django import template

from essaim.words import words

register = template.Library()


@register.inclusion_tag("essaim/components/word.html")
def word(slug: str) -> dict[str, Any]:
    """A « ? » that leads to the page of a word; an unknown word is a mistake of ours."""
    return {"word": words()[slug]}
