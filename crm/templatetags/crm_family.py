"""Panels of a coop: its family, the curve of its members."""

from collections.abc import Sequence
from typing import Any

from django import template

from crm.curves import drawn, target_of
from crm.family import relatives
from crm.models import MemberCount

register = template.Library()


@register.inclusion_tag("crm/_curve.html")
def member_curve(coop: Any, accompaniment: Any, counts: Sequence[MemberCount]) -> dict[str, Any]:
    """The small curve of the coop's page, from two counts on."""
    small = drawn(counts, target_of(coop, accompaniment), width=320, height=130)
    return {"curve": small if len(counts) > 1 else None, "coop": coop}


@register.inclusion_tag("crm/_family_panel.html", takes_context=True)
def family_panel(context: Any, coop: Any) -> dict[str, Any]:
    """Mother, sisters and daughters of a coop; nothing without any."""
    return {"family": relatives(coop, context["user"]), "coop": coop}
