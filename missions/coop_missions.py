"""The missions of a coop with the days used of each budget, as page and paper show them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import OuterRef, Subquery, Sum

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
    """The missions a person may see, and their days that wait for validation; two queries."""
    days = MissionDay.objects.real().filter(mission=OuterRef("pk")).order_by()
    rows: Any = Mission.objects.visible_to(user).filter(coop=coop)
    rows = rows.annotate(worked=_sum_of(days), waiting=_sum_of(days.filter(state__in=WAITS)))
    rows = rows.select_related("agreement", "coop__organisation")
    missions = list(rows.order_by("-state", "-opened_on", "-pk"))
    used = days_used({m.agreement for m in missions if m.agreement})
    lines = [
        MissionLine(
            m,
            _days(m.worked),
            used.get(m.agreement_id or 0),
            m.agreement.days_budgeted if m.agreement else None,
        )
        for m in missions
    ]
    return lines, sum((_days(m.waiting) for m in missions), Decimal(0))


def _sum_of(days: Any) -> Subquery:
    return Subquery(days.values("mission").annotate(d=Sum("quantity")).values("d"))


def _days(found: Any) -> Decimal:
    return Decimal(found or 0).quantize(Decimal("0.01"))


def natures_of(coop: Any) -> dict[str, tuple[Any, Any]]:
    """Days and amounts of a coop by nature; one query."""
    shares = DayShare.objects.current().filter(coop=coop).order_by().values_list("nature")
    return {n: (d, a) for n, d, a in shares.annotate(d=Sum("days"), a=Sum("amount"))}
