"""The agenda of deadlines of every room: a month as a grid, or the coming year as a list."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from essaim.agenda import gather, narrowed, weeks_of
from essaim.days import add_months, month_start
from essaim.hooks import DueDate
from essaim.views import Action, Page
from grants.views.tabs import Tabbed

BEFORE, AFTER, MOST = 30, 366, 500
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 1)
FILTERS = ("kind", "coop", "person")


@dataclass(frozen=True, slots=True)
class Day:
    """One square of the grid."""

    day: date
    entries: list[DueDate]
    is_in: bool
    is_today: bool


class Calendar(Tabbed, Page):
    tab = "calendar"
    template_name = "grants/calendar.html"
    title = gettext_lazy("Deadlines")
    explains = gettext_lazy("What must be sent, and by when, over all files.")

    @cached_property
    def is_list(self) -> bool:
        return bool(self.request.GET.get("view") == "list")

    @cached_property
    def month(self) -> date:
        """The month asked for, this one when the address names none that exists."""
        year, _dash, number = self.request.GET.get("month", "").partition("-")
        try:
            asked = date(int(year), int(number), 1)
        except ValueError:
            return month_start(self.today)
        return asked if FIRST <= asked <= LAST else month_start(self.today)

    @cached_property
    def chosen(self) -> dict[str, str]:
        return {name: self.request.GET.get(name, "")[:40] for name in FILTERS}

    def window(self) -> tuple[date, date]:
        if self.is_list:
            return self.today - timedelta(days=BEFORE), self.today + timedelta(days=AFTER)
        weeks = weeks_of(self.month)
        return weeks[0][0], weeks[-1][-1]

    def get_facts(self) -> Any:
        if self.is_list:
            return _("The next twelve months, and the last thirty days")
        return capfirst(date_format(self.month, "F Y"))

    def get_actions(self) -> list[Action]:
        feed, days = reverse("my_feed"), reverse("grants:deadline_reminders")
        return [
            Action(_("In my calendar"), feed, "calendar-sync", "essaim.own_feed"),
            Action(pgettext("deadline", "Reminders"), days, "bell", "grants.change_programme"),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        first, last = self.window()
        found = gather(self.request.user, first=first, last=last)
        shown = narrowed(found, self.chosen)
        more |= {
            "is_list": self.is_list,
            "weeks": [] if self.is_list else self.weeks(shown),
            "months": by_month(shown[:MOST], self.month, is_list=self.is_list),
            "weekdays": [date_format(day, "l") for day in weeks_of(self.month)[0]],
            "before": f"{add_months(self.month, -1):%Y-%m}",
            "after": f"{add_months(self.month, 1):%Y-%m}",
            "pickers": self.pickers(found),
            "is_narrowed": any(self.chosen.values()),
            "month_name": capfirst(date_format(self.month, "F Y")),
        }
        return super().get_context(**more)

    def weeks(self, shown: list[DueDate]) -> list[list[Day]]:
        days: dict[date, list[DueDate]] = {}
        for due in shown:
            days.setdefault(due.day, []).append(due)
        return [
            [
                Day(day, days.get(day, []), day.month == self.month.month, day == self.today)
                for day in week
            ]
            for week in weeks_of(self.month)
        ]

    def pickers(self, found: list[DueDate]) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
        """(name, label, chosen, options) of each filter: what is there in this window."""
        options: dict[str, dict[str, str]] = {name: {} for name in FILTERS}
        for due in found:
            options["kind"][due.kind] = due.what
            for name, pair in (("coop", due.coop), ("person", due.person)):
                if pair is not None:
                    options[name][str(pair[0])] = pair[1]
        labels = {"kind": _("Kind"), "coop": _("Coop"), "person": _("Person")}
        return [
            (name, labels[name], self.chosen[name], sorted(rows.items(), key=lambda o: o[1]))
            for name, rows in options.items()
            if len(rows) > 1 or self.chosen[name]
        ]


def by_month(
    found: list[DueDate], month: date, *, is_list: bool
) -> list[tuple[str, list[DueDate]]]:
    """The deadlines under the name of their month; of the month shown alone on its grid."""
    if not is_list:
        found = [due for due in found if (due.day.year, due.day.month) == (month.year, month.month)]
    return [
        (capfirst(date_format(rows[0].day, "F Y")), rows)
        for _month, group in groupby(found, key=lambda d: (d.day.year, d.day.month))
        if (rows := list(group))
    ]
