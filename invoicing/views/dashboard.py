"""« Tableau de bord »: the funnel with its ages, the days, what is owed, what should come in."""

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
from invoicing.forecast import forecast
from invoicing.receivables import aged_balance
from invoicing.views.receivables import KEYS, age_bars, column_words, drawn


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
        if row.late:
            # Colour is never alone.
            words += " · " + ngettext("%(n)s late", "%(n)s late", row.late) % {"n": row.late}
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

    # What comes by itself once the page is there, in one answer.
    partial = "rest"

    @property
    def sees_money(self) -> bool:
        return self.request.user.has_perm("invoicing.view_invoice")

    def rest(self) -> dict[str, Any]:
        """What comes by itself once the page is there: own reasons, dates of a month, money."""
        user, on = self.request.user, self.today
        found = {
            "tallies": tallies(waiting_for(user, on=on)),
            "dates": dashboard.deadlines(user, on=on),
        }
        return found | (self.money() if self.sees_money else {})

    def money(self) -> dict[str, Any]:
        on = self.today
        aged, awaited = aged_balance(as_of=on), forecast(on=on)
        return {
            "aged": aged,
            "aged_bars": age_bars(aged),
            "age_words": column_words(),
            "coming": awaited.months,
            "coming_chart": drawn(awaited),
            "coming_keys": KEYS,
            "sure": awaited.total(certain=True),
            "maybe": awaited.total(certain=False),
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        user, on = self.request.user, self.today
        more |= {"sees_money": self.sees_money}
        if self.request.htmx and not self.request.htmx.boosted:
            return super().get_context(**self.rest(), **more)
        if "whole" in self.request.GET:
            # Without JavaScript the rest is asked for with the page.
            more |= self.rest()
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
            chart=dashboard.drawn(months),
            has_days=any(month.total for month in months),
            chart_keys=[
                ("full", _("Billed")),
                ("hatched", _("Covered by a funder")),
                ("dotted", _("Given")),
                ("empty", _("The rest (agreed price, billed elsewhere, volunteers)")),
            ],
            **more,
        )
