"""The first run on « Aujourd’hui »: the steps still open, then the first things to do."""

from typing import Any

from django import template

from invoicing import start

register = template.Library()


@register.inclusion_tag("invoicing/start/card.html", takes_context=True)
def start_card(context: Any) -> dict[str, Any]:
    """For those who administer; nothing once all is behind or put away."""
    user = context["user"]
    if not user.has_perm("essaim.manage_users"):
        return {}
    marked = start.marks()
    shared = {"csrf_token": context.get("csrf_token"), "sample": start.SAMPLE in marked}
    if start.AWAY in marked:
        return shared
    found = start.steps()
    if any(step.is_open for step in found):
        behind = sum(not step.is_open for step in found)
        return shared | {
            "steps": found,
            "behind": behind,
            "total": len(found),
            "go_on": start.next_url(found),
        }
    if start.BEGUN not in marked:
        return shared
    firsts = start.open_firsts(user)
    return shared | {"firsts": firsts, "done": sum(f.is_done for f in firsts)}
