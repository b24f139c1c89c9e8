"""Questions several screens and actions ask of the room's rows."""

from typing import Any

from django.db.models import QuerySet

from missions.models import DayShare, MissionDay


def billable_shares() -> QuerySet[DayShare, Any]:
    """Shares that wait for an invoice: validated, billed in nature, last generation, on no line."""
    return DayShare.objects.filter(
        nature="billed",
        amount__gt=0,
        billed=None,
        replaced_by=None,
        day__state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
    )
