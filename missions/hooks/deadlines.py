"""Dates of what we signed in the agenda: reports on envelopes, ends of agreements."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim import hooks
from essaim.agenda import stamps
from essaim.hooks import DueDate
from missions.models import Agreement, Envelope

MOST = 500


@hooks.due_dates.register
def envelopes_due(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Reports that payers of envelopes await."""
    rows = Envelope.objects.visible_to(user).filter(report_due_on__gte=first)
    rows = rows.filter(report_due_on__lte=last).select_related("payer")
    found = list(rows.order_by("report_due_on", "pk")[:MOST])
    stamped = stamps("missions.Envelope", (row.pk for row in found))
    return [
        DueDate(
            key=f"missions.Envelope:{row.pk}:report",
            kind="envelope",
            what=_("Report on an envelope"),
            day=row.report_due_on,
            title=str(row.reference),
            url=row.get_absolute_url(),
            detail=str(row.payer),
            stamped=stamped.get(row.pk),
        )
        for row in found
        if row.report_due_on is not None
    ]


@hooks.due_dates.register
def agreements_due(user: Any, *, first: date, last: date) -> list[DueDate]:
    """The last day of agreements in force."""
    states = (Agreement.State.SIGNED, Agreement.State.RUNNING)
    rows = Agreement.objects.visible_to(user).filter(state__in=states, ends_on__gte=first)
    rows = rows.filter(ends_on__lte=last).select_related("client", "coop__organisation")
    found = list(rows.order_by("ends_on", "pk")[:MOST])
    stamped = stamps("missions.Agreement", (row.pk for row in found))
    return [
        DueDate(
            key=f"missions.Agreement:{row.pk}:end",
            kind="agreement_end",
            what=_("End of an agreement"),
            day=row.ends_on,
            title=str(row),
            url=row.get_absolute_url(),
            detail=str(row.client),
            coop=(row.coop_id, str(row.coop)) if row.coop_id else None,
            stamped=stamped.get(row.pk),
        )
        for row in found
        if row.ends_on is not None
    ]
