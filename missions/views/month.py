"""« Mon mois »: a calendar of what one person noted, its holes, and what each mission got."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import add_months, month_start
from essaim.formats import days as written_days
from essaim.views import Action, Page
from missions.views.tabs import Tabbed
from missions.views.timesheets import month_of
from missions.weeks import PersonMonth, person_month


class MyMonth(Tabbed, Page):
    tab = "my_month"
    template_name = "missions/my_month.html"
    title = gettext_lazy("My month")
    explains = gettext_lazy(
        "Each square fills as days are noted; a hatched one is a working day with nothing."
    )

    @cached_property
    def month(self) -> date:
        return month_of(self.request.GET.get("month", ""), self.today)

    @cached_property
    def sheet(self) -> PersonMonth:
        return person_month(self.request.user, self.month, on=self.today)

    def get_facts(self) -> str:
        return f"{date_format(self.month, 'F Y')} · {written_days(self.sheet.sum_of('days'))}"

    def get_primary(self) -> Action:
        return Action(_("Log a day"), reverse("missions:log"), "plus", "missions.log_day", "j")

    def get_actions(self) -> list[Action]:
        url = reverse("missions:timesheet_pdf") + f"?month={self.month:%Y-%m}"
        return [Action(_("Timesheet (PDF)"), url, "file-text", "missions.view_timesheet")]

    def get_context(self, **more: Any) -> dict[str, Any]:
        sheet = self.sheet
        return super().get_context(
            month=self.month,
            weeks=[[(s, sheet.by_day.get(s.day, ())) for s in week] for week in sheet.weeks],
            totals=sheet.totals,
            sums={name: sheet.sum_of(name) for name in ("days", "billed", "given", "waiting")},
            holes=sheet.holes,
            holidays=[(q.day, q.holiday) for w in sheet.weeks for q in w if q.holiday],
            before=add_months(self.month, -1),
            after=add_months(self.month, 1) if self.month < month_start(self.today) else None,
            **more,
        )
