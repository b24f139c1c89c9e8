"""Small formatters of the crm room."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def age_and_limit(row: Any, page: Any) -> dict[str, Any]:
    """The days an accompaniment has spent in its stage, and the usual duration of the stage."""
    age, limit = row.age_days(page.today), page.limit_of(row)
    return {"age": age, "limit": limit, "late": limit is not None and age > limit}


@register.filter
def may(user: Any, permission: str) -> bool:
    """Whether this person holds a permission; it hides links, the page itself decides."""
    return bool(user.has_perm(permission))
