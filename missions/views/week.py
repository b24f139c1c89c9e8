"""« Ma semaine »: what I noted, day by day, and one button to send it."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import is_working_day
from essaim.forms import EARLIEST, LATEST
from essaim.views import Action, FormPage
from missions import actions
from missions.models import MissionDay
from missions.views.tabs import Tabbed


class Week(Tabbed, FormPage):
    tab = "week"
    template_name = "missions/week.html"
    title = gettext_lazy("My week")
    explains = gettext_lazy(
        "Fill the week in one go, cell by cell; nothing counts before you save."
    )
    submit_label = gettext_lazy("Send my week")
    success_message = gettext_lazy("Your week is sent.")

    @cached_property
    def monday(self) -> date:
        given = self.request.GET.get("on", "")
        try:
            day = date.fromisoformat(given) if given else self.today
        except ValueError:
            day = self.today
        # The first and last weeks of the calendar have no neighbour to turn to.
        return actions.week_of(day if EARLIEST <= day <= LATEST else self.today)[0]

    def get_facts(self) -> str:
        sunday = self.monday + timedelta(days=6)
        first, last = date_format(self.monday, "j F"), date_format(sunday, "j F Y")
        return _("From %(first)s to %(last)s") % {"first": first, "last": last}

    def get_primary(self) -> Action:
        return Action(_("Log a day"), reverse("missions:log"), "plus", "missions.log_day", "j")

    def get_context(self, **more: Any) -> dict[str, Any]:
        sunday = self.monday + timedelta(days=6)
        rows = MissionDay.objects.filter(
            consultant=self.request.user, worked_on__range=(self.monday, sunday)
        ).exclude(state=MissionDay.State.DECLINED)
        rows = rows.select_related("mission__coop__organisation", "consultant")
        by_day: dict[date, list[MissionDay]] = {
            self.monday + timedelta(days=n): [] for n in range(7)
        }
        for row in rows.order_by("worked_on", "pk"):
            by_day[row.worked_on].append(row)
        week = [
            (day, found, not found and day < self.today and is_working_day(day))
            for day, found in by_day.items()
            if found or day.weekday() < 5
        ]
        worked = [r for found in by_day.values() for r in found if r.state != "proposed"]
        logged = [r for r in worked if r.state == "logged"]
        return super().get_context(
            week=week,
            total=sum(r.quantity for r in worked),
            to_send=len(logged),
            before=(self.monday - timedelta(days=7)).isoformat(),
            after=(self.monday + timedelta(days=7)).isoformat(),
            is_last=self.monday + timedelta(days=7) > self.today,
            **more,
        )

    def perform(self, form: Any) -> Any:
        return actions.submit_week(self.monday, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:week") + f"?on={self.monday.isoformat()}"
