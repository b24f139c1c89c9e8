"""Dates of accompaniments and tasks in the agenda: reviews of paused coops, what is to be done."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Note, Task
from crm.stages import Activity
from essaim import hooks
from essaim.agenda import stamps
from essaim.hooks import DueDate

MOST = 500


@hooks.due_dates.register
def tasks_due(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Open tasks; one that came of a note is for those who may read the note."""
    readable = Q(note=None) | Q(note__in=Note.objects.visible_to(user))
    rows = Task.objects.visible_to(user).open().filter(readable)
    rows = rows.filter(due_on__gte=first, due_on__lte=last)
    found = list(
        rows.select_related("coop__organisation", "owner")
        .order_by("due_on", "pk")
        .distinct()[:MOST]
    )
    stamped = stamps("crm.Task", (task.pk for task in found))
    return [
        DueDate(
            key=f"crm.Task:{task.pk}",
            kind="task",
            what=_("Task"),
            day=task.due_on,
            title=task.what,
            url=task.get_absolute_url(),
            detail=str(task.coop) if task.coop else "",
            coop=(task.coop_id, str(task.coop)) if task.coop_id else None,
            person=(task.owner_id, str(task.owner)),
            stamped=stamped.get(task.pk),
        )
        for task in found
        if task.due_on is not None
    ]


@hooks.due_dates.register
def reviews_due(user: Any, *, first: date, last: date) -> list[DueDate]:
    """The day a paused coop is looked at again; why it paused is told nowhere else."""
    rows = Accompaniment.objects.visible_to(user).filter(activity=Activity.PAUSED)
    rows = rows.filter(review_on__gte=first, review_on__lte=last)
    found = list(
        rows.select_related("coop__organisation", "owner").order_by("review_on", "pk")[:MOST]
    )
    stamped = stamps("crm.Accompaniment", (row.pk for row in found))
    return [
        DueDate(
            key=f"crm.Accompaniment:{row.pk}:review",
            kind="review",
            what=_("Review of a pause"),
            day=row.review_on,
            title=str(row.coop),
            url=row.get_absolute_url(),
            coop=(row.coop_id, str(row.coop)),
            person=(row.owner_id, str(row.owner)),
            stamped=stamped.get(row.pk),
        )
        for row in found
        if row.review_on is not None
    ]
