"""What a consultant finds at the top of « Aujourd'hui »: the day to repeat, the holes, the ways."""

from datetime import date
from typing import Any

from django import template

from essaim.reasons import settings_of
from missions.weeks import holes_of, last_day

register = template.Library()


@register.inclusion_tag("missions/_day_cards.html")
def day_cards(user: Any, today: date) -> dict[str, Any]:
    """The cards of somebody who logs days; nothing for the others. Four queries at most."""
    if not user.has_perm("missions.log_day"):
        return {"shows": False}
    wanted = settings_of()
    repeat = last_day(user) if wanted["repeat_day"].is_on else None
    looked = wanted["days_without_note"]
    return {
        "shows": True,
        "user": user,
        "today": today,
        "repeat": repeat if repeat is not None and repeat.worked_on < today else None,
        "holes": holes_of(user, on=today, back=looked.days) if looked.is_on else [],
        "may_expense": user.has_perm("missions.log_expense"),
    }
