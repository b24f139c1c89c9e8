"""The token against forgery that every form writes, and beside it the key of the form."""

from datetime import datetime
from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from essaim.form_tokens import FIELD, SHOWN, new_key

register = template.Library()
HIDDEN = '<input type="hidden" name="{}" value="{}">'


class KeyedNode(CsrfTokenNode):
    """Django's own field, then ours: one place, so that no form can be without it."""

    def __init__(self, *, is_main: bool) -> None:
        self.is_main = is_main

    def render(self, context: Any) -> SafeString:
        written = super().render(context)
        request = getattr(context, "request", None) or context.get("request")
        if request is None:
            return written
        kept = context.get("kept_key") if self.is_main else ""
        key = kept or new_key(request, at=timezone.now())
        if not key:
            return written
        shown = context.get("form_shown") if self.is_main else ""
        pairs = [(FIELD, key), *([(SHOWN, shown)] if shown else [])]
        return SafeString(written + format_html_join("", HIDDEN, pairs))


@register.tag
def csrf_token(parser: Any, token: Any) -> KeyedNode:
    """`{% csrf_token %}`; `{% csrf_token "page" %}` in the form the page is about."""
    return KeyedNode(is_main=len(token.split_contents()) > 1)


@register.filter
def spoken_time(at: datetime) -> str:
    """« 14:02 », after its day when that is not today."""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%d/%m/%Y %H:%M}"
