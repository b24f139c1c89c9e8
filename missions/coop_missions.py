"""The missions of a coop with the days used of each budget, as page and paper show them."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum

from missions.models import DayShare, Mission, MissionDay
from missions.usage import days_used

WAITS: Final = ("logged", "submitted")


@dataclass(frozen=True, slots=True)
class MissionLine:
    """One mission: days worked on it, days its agreement has used, and the budget."""

    mission: Mission
    worked: Decimal
    used: Decimal | None
    budget: Decimal | None

    @property
    def over(self) -> bool:
        return self.budget is not None and self.used is not None and self.used > self.budget


def missions_of(coop: Any, user: Any) -> tuple[list[MissionLine], Decimal]:
    """The missions a person may see, and their days that wait for validation; three queries."""
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
    lines = [
        MissionLine(
            m,
            worked[m.pk],
            used.get(m.agreement_id or 0),
            m.agreement.days_budgeted if m.agreement else None,
        )
        for m in missions
    ]
    return lines, waiting


def natures_of(coop: Any) -> dict[str, tuple[Any, Any]]:
    """Days and amounts of a coop by nature; one query."""
    shares = DayShare.objects.current().filter(coop=coop).order_by().values_list("nature")
    return {n: (d, a) for n, d, a in shares.annotate(d=Sum("days"), a=Sum("amount"))}
