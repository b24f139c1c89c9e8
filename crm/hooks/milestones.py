"""Milestones in a coop's timeline: each date as it was noted, corrections included."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.hooks.core import earlier
from crm.models import Accompaniment, Coop, Milestone
from essaim import hooks
from essaim.formats import date_fr
from essaim.hooks import TimelineEntry
from essaim.models import Event


@hooks.timeline.register("milestone")
def milestones(
    coop: Coop, *, user: Any, before: tuple[datetime, str, int] | None, limit: int
) -> list[TimelineEntry]:
    seen = Accompaniment.objects.visible_to(user).filter(coop=coop).values("pk")
    rows = Event.objects.filter(
        earlier("at", "milestone", before),
        model="crm.Accompaniment",
        verb="crm.Accompaniment.date_milestone",
        object_id__in=seen,
    ).select_related("by")
    return [
        TimelineEntry(row.at, "milestone", row.pk, _told(row), "", str(row.by), "good")
        for row in rows.order_by("-at", "-pk")[:limit]
    ]


def _told(row: Event) -> str:
    said = {
        "milestone": Milestone.Kind(row.codes["kind"]).label,
        "date": date_fr(date.fromisoformat(row.codes["happened_on"])),
    }
    return _("%(milestone)s: dated %(date)s") % said
