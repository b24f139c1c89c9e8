"""Cards of the agenda: events of one's own calendar that wait, calls of the week to note."""

from datetime import date
from typing import Any

from django import template

from missions.calls import calls_of
from missions.models import CalendarProposal
from missions.words import length_of

register = template.Library()
MOST_CALLS = 3


@register.filter
def duration(minutes: Any) -> str:
    """« 1 h 45 », « 45 min »."""
    return length_of(int(minutes or 0))


@register.inclusion_tag("missions/_agenda_card.html")
def agenda_card(user: Any, today: date) -> dict[str, Any]:
    """How many events of this person's calendar wait; one query, nothing when there is none."""
    if not user.has_perm("missions.log_day"):
        return {"count": 0}
    rows = CalendarProposal.objects.visible_to(user).waiting().filter(worked_on__lte=today)
    return {"count": rows.order_by()[:100].count()}


@register.inclusion_tag("missions/_calls_card.html")
def calls_card(user: Any, today: date) -> dict[str, Any]:
    """« 1 h 45 d'appels avec Coop'Épi : noter ¼ j ? »; one query, nothing when there is none."""
    if not user.has_perm("missions.log_day"):
        return {"calls": []}
    found = calls_of(user, on=today)
    return {"calls": found[:MOST_CALLS], "more": len(found) > MOST_CALLS}
