"""Panels of the missions room, placed by the pages of other rooms."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import Sum

from missions.codes import Nature
from missions.models import DayShare, Envelope, Mission, MissionDay
from missions.usage import Drawn, days_used

register = template.Library()
TONES = {"billed": "good", "covered": "info", "priced": "good", "given": "accent"}
WAITS = ("logged", "submitted")


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


def _line(mission: Mission, worked: Decimal, used: Decimal | None) -> dict[str, Any]:
    budget = mission.agreement.days_budgeted if mission.agreement else None
    over = budget is not None and used is not None and used > budget
    return {"mission": mission, "worked": worked, "used": used, "budget": budget, "over": over}


@register.inclusion_tag("missions/_panel.html", takes_context=True)
def missions_panel(context: dict[str, Any], coop: Any) -> dict[str, Any]:
    """The missions of a coop: days used of each budget, and what was given, covered, billed.

    Five queries whatever the rows; amounts only for those who may read agreements.
    """
    user = context["request"].user
    missions = list(
        Mission.objects.visible_to(user)
        .filter(coop=coop)
        .select_related("agreement", "coop__organisation")
        .order_by("-state", "-opened_on", "-pk")
    )
    used = days_used({m.agreement for m in missions if m.agreement})
    worked: defaultdict[int, Decimal] = defaultdict(Decimal)
    waiting = Decimal(0)
    rows = MissionDay.objects.real().filter(mission__in=missions)
    for mission, state, days in rows.values_list("mission", "state").annotate(d=Sum("quantity")):
        worked[mission] += Decimal(days).quantize(Decimal("0.01"))
        waiting += Decimal(days).quantize(Decimal("0.01")) if state in WAITS else Decimal(0)
    shares = DayShare.objects.current().filter(coop=coop).values_list("nature")
    sums = {n: (d, a) for n, d, a in shares.annotate(d=Sum("days"), a=Sum("amount"))}
    amounts = user.has_perm("missions.view_agreement")
    return {
        "missions": [_line(m, worked[m.pk], used.get(m.agreement_id or 0)) for m in missions],
        "rows": _rows(sums, amounts=amounts),
        "shows_amounts": amounts,
        "waiting": waiting,
        "coop": coop,
        "may_log": user.has_perm("missions.log_day"),
        "may_agree": user.has_perm("missions.change_agreement"),
        "user": user,
        "request": context["request"],
    }
