"""« Tableau de bord »: the funnel with its ages, what blocks, the dates of a month, the days."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.standing import StageStanding, blocks, standings
from essaim.formats import NBSP, date_fr, plain_number
from essaim.views import Action, Page
from essaim.waiting import tallies, waiting_for
from invoicing import dashboard


def funnel_bars(rows: Sequence[StageStanding]) -> list[tuple[str, int, str, str]]:
    """One bar a stage: how many are there, and the median of their ages."""
    most = max((row.active + row.paused for row in rows), default=0) or 1
    found = []
    for row in rows:
        count = row.active + row.paused
        words = str(count)
        if row.median_age is not None:
            age = plain_number(round(row.median_age))
            words = _("%(n)s · %(age)s d") % {"n": count, "age": age}
        tone = "warn" if row.late * 2 > row.active > 0 else ""
        found.append((row.label, count * 100 // most, words.replace(" ", NBSP), tone))
    return found


class Dashboard(Page):
    """A fixed number of queries; what waits for the person comes by itself in the page."""

    template_name = "invoicing/dashboard.html"
    title = gettext_lazy("Dashboard")
    explains = gettext_lazy("The house at a glance: each figure leads to the rows behind it.")

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Today"), reverse("today"), "sun"),
            Action(_("Analysis"), reverse("crm:analytics"), "chart-column", "crm.view_analytics"),
        ]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partial = "dates" if request.GET.get("part") == "dates" else "waiting"

    def fragment(self) -> dict[str, Any]:
        """What comes by itself once the page is there: own reasons, or the dates of a month."""
        user, on = self.request.user, self.today
        if self.partial == "dates":
            return {"dates": dashboard.deadlines(user, on=on)}
        return {"tallies": tallies(waiting_for(user, on=on))}

    def get_context(self, **more: Any) -> dict[str, Any]:
        user, on = self.request.user, self.today
        if self.request.htmx and not self.request.htmx.boosted:
            return super().get_context(**self.fragment(), **more)
        stages, blocked = standings(user, on=on), blocks(user)
        months = dashboard.months_of_days(on=on)
        live = sum(row.active + row.paused for row in stages)
        words = ngettext("%(n)s coop under way", "%(n)s coops under way", live)
        self.facts = words % {"n": live} + f" · {date_fr(on)}"
        most = max((block.count for block in blocked), default=1)
        return super().get_context(
            stages=stages,
            live=live,
            funnel=funnel_bars(stages),
            blocked=blocked,
            block_bars=[(b.words, b.count * 100 // most, str(b.count), "bad") for b in blocked],
            months=months,
            drawn=dashboard.drawn(months),
            has_days=any(month.total for month in months),
            width=dashboard.MONTHS * (dashboard.WIDTH + dashboard.GAP),
            **more,
        )
