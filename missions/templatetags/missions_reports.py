"""What the pages of days, missions and envelopes show of attendance and of what lies ahead."""

from typing import Any

from django import template
from django.urls import reverse

from missions.models import Envelope, MissionDay
from missions.outlooks import outlooks_of

register = template.Library()


@register.inclusion_tag("missions/_attendance.html", takes_context=True)
def attendance_panel(context: Any, day: MissionDay) -> dict[str, Any]:
    """On a session's page: the sheet to print, who came, the sheet that was signed."""
    user = context["user"]
    held = day.beneficiaries.count() > 1 or day.work == "collective"
    rows = list(day.attendances.select_related("document", "by")) if held else []
    may = user.has_perm("missions.log_day")
    return {
        "shown": held,
        "day": day,
        "last": rows[0] if rows else None,
        "signed": next((row for row in rows if row.document_id), None),
        "pdf_url": reverse("missions:attendance_pdf", args=(day.pk,)),
        "record_url": reverse("missions:attendance_record", args=(day.pk,)) if may else "",
    }


@register.inclusion_tag("missions/_outlook.html", takes_context=True)
def envelope_outlook(context: Any, envelope: Envelope) -> dict[str, Any]:
    """Where an envelope is heading, and what is left to promise."""
    (found,) = outlooks_of([envelope], on=context["today"])
    return {"found": found, "outlook": found.outlook, "envelope": envelope}
