"""The agenda of deadlines: calls for everybody, reports and lapses for those who see files."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Page
from grants.models import Call, Disbursement, GrantApplication
from grants.states import ENDED
from grants.views.tabs import Tabbed

BEFORE, AFTER, MOST = 30, 366, 100


@dataclass(frozen=True, slots=True)
class Deadline:
    """One line of the agenda."""

    day: date
    what: str
    title: str
    url: str
    detail: str = ""


class Calendar(Tabbed, Page):
    tab = "calendar"
    template_name = "grants/calendar.html"
    title = gettext_lazy("Deadlines")
    facts = gettext_lazy("The next twelve months, and the last thirty days")

    def get_context(self, **more: Any) -> dict[str, Any]:
        first = self.today - timedelta(days=BEFORE)
        last = self.today + timedelta(days=AFTER)
        found = self.calls(first, last)
        if self.request.user.has_perm("grants.view_application"):
            found += self.files(first, last) + self.payments(first, last)
        found.sort(key=lambda d: (d.day, d.what, d.title))
        months = [
            (date_format(rows[0].day, "F Y").capitalize(), rows)
            for _month, group in groupby(found, key=lambda d: (d.day.year, d.day.month))
            if (rows := list(group))
        ]
        return super().get_context(months=months, **more)

    def calls(self, first: date, last: date) -> list[Deadline]:
        rows = Call.objects.visible_to(self.request.user).filter(
            deadline__date__gte=first, deadline__date__lte=last
        )
        return [
            Deadline(
                localdate(row.deadline),
                _("Call"),
                row.title,
                row.get_absolute_url(),
                f"{row.programme} · {row.programme.funder}",
            )
            for row in rows.select_related("programme__funder").order_by("deadline", "pk")[:MOST]
        ]

    def files(self, first: date, last: date) -> list[Deadline]:
        rows = GrantApplication.objects.visible_to(self.request.user).exclude(state__in=ENDED)
        rows = rows.select_related("applicant")
        kinds = (
            ("committee_on", _("Committee")),
            ("report_due_on", _("Report")),
            ("lapses_on", _("Lapse")),
        )
        found = []
        for name, what in kinds:
            dated = rows.filter(**{f"{name}__gte": first, f"{name}__lte": last})
            if name == "report_due_on":
                dated = dated.filter(report_sent_on=None)
            found += [
                Deadline(
                    getattr(row, name), what, row.title, row.get_absolute_url(), str(row.applicant)
                )
                for row in dated.order_by(name, "pk")[:MOST]
            ]
        return found

    def payments(self, first: date, last: date) -> list[Deadline]:
        rows = Disbursement.objects.visible_to(self.request.user).expected()
        rows = rows.filter(expected_on__gte=first, expected_on__lte=last)
        return [
            Deadline(
                row.expected_on or first,
                _("Payment of the funder"),
                str(row.application),
                reverse("grants:application", args=(row.application_id,)),
                f"{row.get_kind_display()} · {row.application.applicant}",
            )
            for row in rows.select_related("application__applicant").order_by("expected_on", "pk")[
                :MOST
            ]
        ]
