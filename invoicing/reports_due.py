"""Reports to make soon, and periods outside what a funder pays for."""

from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.workflow import Missing
from grants.models import GrantApplication
from invoicing.models import FunderReport
from missions.models import Envelope

OPEN = ("awarded", "agreed", "running")


def outside_window(report: FunderReport) -> list[Missing]:
    """WARN: a part of the period is outside what the funder pays for."""
    of = report.of
    first = getattr(of, "expenses_from", None) or getattr(of, "starts_on", None)
    last = getattr(of, "expenses_until", None) or getattr(of, "ends_on", None)
    if (first is None or report.first >= first) and (last is None or report.last <= last):
        return []
    words = _(
        "The period goes from %(start)s to %(end)s; what is paid for goes from %(first)s to"
        " %(last)s: the rest may be refused."
    )
    said = words % {
        "start": date_fr(report.first),
        "end": date_fr(report.last),
        "first": date_fr(first),
        "last": date_fr(last),
    }
    return [Missing("window", said, level="warn")]


def envelopes_to_report(until: date) -> Any:
    """Envelopes whose report is due by then and that no standing report is about."""
    told = FunderReport.objects.standing().filter(
        envelope__isnull=False, last__gte=F("envelope__starts_on")
    )
    return (
        Envelope.objects.filter(report_due_on__lte=until, basis=Envelope.Basis.GRANT)
        .exclude(pk__in=told.values("envelope"))
        .select_related("payer")
        .order_by("report_due_on", "pk")
    )


def applications_to_report(until: date) -> Any:
    """Grants whose report is due by then and was not sent."""
    return (
        GrantApplication.objects.filter(
            report_due_on__lte=until, report_sent_on=None, state__in=OPEN
        )
        .select_related("programme__funder", "applicant")
        .order_by("report_due_on", "pk")
    )
