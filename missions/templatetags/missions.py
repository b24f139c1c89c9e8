"""Panels of the missions room, placed by the pages of other rooms."""

from collections.abc import Mapping
from typing import Any

from django import template

from missions.codes import Nature
from missions.coop_missions import missions_of, natures_of
from missions.models import Envelope
from missions.usage import Drawn

register = template.Library()
TONES = {"billed": "good", "covered": "info", "priced": "good", "given": "accent"}


def _rows(sums: Mapping[str, tuple[Any, Any]], *, amounts: bool) -> list[dict[str, Any]]:
    return [
        {
            "label": nature.label,
            "days": sums[nature.value][0],
            "amount": sums[nature.value][1] if amounts else None,
            "tone": TONES.get(nature.value, ""),
        }
        for nature in Nature
        if nature.value in sums and sums[nature.value][0]
    ]


@register.inclusion_tag("missions/_summary.html")
def days_summary(sums: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Days per nature, with their amounts: billed, covered, given."""
    return {"rows": _rows(sums, amounts=True), "shows_amounts": True}


@register.inclusion_tag("missions/_envelope_bar.html")
def envelope_bar(envelope: Envelope, drawn: Drawn) -> dict[str, Any]:
    """« Région 2026 : 38,5 / 60 j · 9 / 12 coops »."""
    over = drawn.total >= envelope.quota_days
    return {"envelope": envelope, "drawn": drawn, "over": over, "coops": len(drawn.coops)}


@register.inclusion_tag("missions/_panel.html", takes_context=True)
def missions_panel(context: dict[str, Any], coop: Any) -> dict[str, Any]:
    """The missions of a coop: days used of each budget, and what was given, covered, billed.

    Three queries whatever the rows; amounts only for those who may read agreements.
    """
    user = context["request"].user
    lines, waiting = missions_of(coop, user)
    sums = natures_of(coop)
    amounts = user.has_perm("missions.view_agreement")
    return {
        "missions": lines,
        "rows": _rows(sums, amounts=amounts),
        "shows_amounts": amounts,
        "waiting": waiting,
        "coop": coop,
        "may_log": user.has_perm("missions.log_day"),
        "may_agree": user.has_perm("missions.change_agreement"),
        "user": user,
        "request": context["request"],
    }
