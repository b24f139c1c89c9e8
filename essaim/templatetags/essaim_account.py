"""Words for the pages of one's own account."""

from django import template
from django.utils.translation import gettext as _

from essaim.models import User

register = template.Library()

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def browser_name(agent: str) -> str:
    """« Firefox, Linux » from what a browser says of itself; what it says when unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    known = ", ".join(part for part in (browser, system) if part)
    return known or agent[:60] or str(_("Unknown browser"))


@register.simple_tag
def nobody_yet() -> bool:
    """Whether no account exists: the sign-in page says how the first one is made."""
    return not User.objects.exists()
