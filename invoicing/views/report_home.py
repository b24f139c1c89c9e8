"""« Bilans »: what is to be reported soon, envelopes, and our own structure's funding."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, Page
from invoicing.models import FunderReport
from invoicing.own_funding import own_funding
from invoicing.reports_due import applications_to_report, envelopes_to_report
from invoicing.views.report_tabs import report_tabs
from missions.models import Envelope
from missions.outlooks import outlooks_of

AHEAD = 90
SHOWN = 12


def _pays_costs(application: Any) -> bool:
    return bool(application.programme.pays == "salary")


class ReportHome(Page):
    """Reports to make with their dates, drafts, what was sent, and where envelopes stand."""

    template_name = "invoicing/reports/home.html"
    title = gettext_lazy("Reports")
    explains = gettext_lazy("What is owed to funders in words, and where their envelopes stand.")
    about = "bilan"

    def get_primary(self) -> Action | None:
        user = self.request.user
        if user.has_perm("invoicing.make_report"):
            return Action(_("New report"), reverse("invoicing:report_new"), "plus")
        if user.has_perm("missions.change_cost_rate"):
            url = f"{reverse('invoicing:report_new')}?kind=costs"
            return Action(_("New cost claim"), url, "plus")
        return None

    def due(self) -> list[dict[str, Any]]:
        """Envelopes and grants whose report is due, the nearest first."""
        until, new = self.today + timedelta(days=AHEAD), reverse("invoicing:report_new")
        rows = [
            {"of": e, "who": e.payer, "on": e.report_due_on, "url": f"{new}?envelope={e.pk}"}
            for e in envelopes_to_report(until)[:SHOWN]
        ]
        rows += [
            {
                "of": a,
                "who": a.programme.funder,
                "on": a.report_due_on,
                "url": f"{new}?application={a.pk}" + ("&kind=costs" if _pays_costs(a) else ""),
            }
            for a in applications_to_report(until)[:SHOWN]
        ]
        return sorted(rows, key=lambda row: (row["on"], str(row["of"])))[:SHOWN]

    def get_context(self, **more: Any) -> dict[str, Any]:
        held = FunderReport.objects.visible_to(self.request.user).select_related("funder")
        running = Envelope.objects.filter(
            starts_on__lte=self.today, ends_on__gte=self.today - timedelta(days=AHEAD)
        ).select_related("payer")
        found = outlooks_of(list(running.order_by("ends_on", "pk")[:SHOWN]), on=self.today)
        user = self.request.user
        more |= {
            "tabs": report_tabs(self, "home"),
            "due": self.due(),
            "may_make": user.has_perm("invoicing.make_report"),
            "drafts": held.filter(state="draft").order_by("due_on", "-pk")[:SHOWN],
            "sent": held.exclude(state__in=("draft", "cancelled")).order_by("-sent_on", "-pk")[
                :SHOWN
            ],
            "outlooks": found,
        }
        return super().get_context(**more)


class OwnFunding(Page):
    """Our own structure as applicant: its grants, its reports, its claims, what it awaits."""

    template_name = "invoicing/reports/own.html"
    title = gettext_lazy("Our own funding")
    explains = gettext_lazy("Grants our structure asks for itself: no fee is tied to them.")

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = own_funding(self.request.user, on=self.today)
        more |= {"tabs": report_tabs(self, "own"), "rows": rows}
        return super().get_context(**more)
