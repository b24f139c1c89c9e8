"""The mail of one's tasks: one digest a person and a day, each task once a kind."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Accompaniment, Move, Task, TaskMailing, TaskReminder
from crm.models.tasks import LATE_AFTER
from crm.rules_tasks import armed_on, kind_on
from crm.stages import Activity
from essaim import outbox
from essaim.formats import called, date_fr
from essaim.mails import TASKS, choices_line, comes, days_ahead
from essaim.models import OutboxMessage, User
from essaim.tongue import speaking_to

# Moves after which a coop that was silent is spoken of again.
TAKEN_UP = ("resume", "reopen", "reopen_closed")
A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Told:
    """One task to tell, of one kind, counted from one day."""

    task: Any
    kind: str
    armed: date


def remind_tasks(*, on: date, at: datetime) -> dict[str, int]:
    """Write a mail for each person whose tasks are due or late and untold; run twice it writes
    nothing more, and a day that was missed is caught up. Returns counts."""
    mails = told = 0
    for owner, found in _untold(on).items():
        try:
            with transaction.atomic():
                _write(owner, found, on=on, at=at)
        except IntegrityError:
            continue  # another run has just told them
        mails, told = mails + 1, told + len(found)
    return {"task_mails": mails, "tasks_told": told}


def _spoken_of(on: date) -> Any:
    """Open tasks that are due, but those of coops that are paused, stopped or ended."""
    mine = Accompaniment.objects.filter(coop=OuterRef("coop"))
    under_way = Q(coop=None) | ~Exists(mine) | Exists(mine.filter(activity=Activity.ACTIVE))
    last = on + timedelta(days=A_WEEK)
    rows = Task.objects.open().filter(under_way, due_on__lt=last, owner__is_active=True)
    return rows.select_related("owner", "coop__organisation").order_by("due_on", "pk")


def _untold(on: date) -> dict[User, list[Told]]:
    """What each person has to be told, those who had their mail of the day left out."""
    tasks = list(_spoken_of(on))
    wishes = {row.user_id: row for row in TaskMailing.objects.all()}
    resumed = _resumed({task.coop_id for task in tasks})
    known = set(
        TaskReminder.objects.filter(task__in=[task.pk for task in tasks]).values_list(
            "task", "owner", "kind", "armed_on"
        )
    )
    today = _mailed(on)
    found: dict[User, list[Told]] = defaultdict(list)
    for task in tasks:
        if task.owner_id in today or not comes(task.owner, TASKS, on=on):
            continue
        wish = wishes.get(task.owner_id)
        armed = armed_on(task.due_on, resumed.get(task.coop_id))
        kind = kind_on(armed, on, wish.late_after if wish is not None else LATE_AFTER)
        if not kind and armed <= on + timedelta(days=days_ahead(task.owner, TASKS)):
            kind = TaskReminder.Kind.DUE.value
        if kind and (task.pk, task.owner_id, kind, armed) not in known:
            found[task.owner].append(Told(task, kind, armed))
    return {owner: rows for owner, rows in found.items() if owner.role_codes}


def _resumed(coops: set[int | None]) -> dict[int | None, date]:
    """The last day each coop was taken up again."""
    rows = Move.objects.filter(accompaniment__coop__in=coops - {None}, edge__in=TAKEN_UP)
    days = rows.order_by().values(coop=F("accompaniment__coop")).annotate(last=Max("effective_on"))
    return {row["coop"]: row["last"] for row in days}


def _key(owner: int, on: date) -> str:
    return f"tasks:{on.isoformat()}:{owner}"


def _mailed(on: date) -> set[int]:
    keys = OutboxMessage.objects.filter(key__startswith=f"tasks:{on.isoformat()}:")
    return {int(key.rsplit(":", 1)[-1]) for key in keys.values_list("key", flat=True)}


def _write(owner: User, found: Sequence[Told], *, on: date, at: datetime) -> None:
    with speaking_to(owner):
        count = len(found)
        words = ngettext("%(count)s task to do", "%(count)s tasks to do", count)
        message = outbox.put(
            key=_key(owner.pk, on),
            to=owner.email,
            subject=words % {"count": count},
            body=digest(owner, found),
            at=at,
        )
    TaskReminder.objects.bulk_create(
        TaskReminder(
            task=one.task,
            owner=owner,
            kind=one.kind,
            armed_on=one.armed,
            told_on=on,
            message=message,
        )
        for one in found
    )


def digest(owner: User, found: Sequence[Told]) -> str:
    """The words of one mail: what is late, then what is due, each with its coop and its date."""
    parts = [_("Hello %(name)s,") % {"name": called(owner.name)}]
    for kind, head in (("late", _("Late:")), ("due", _("To do now:"))):
        lines = [_line(one.task) for one in found if one.kind == kind]
        if lines:
            parts.append("\n".join([head, *lines]))
    parts.append(choices_line())
    return "\n\n".join(parts)


def _line(task: Any) -> str:
    said = {"what": task.what, "day": date_fr(task.due_on), "coop": task.coop or ""}
    text = _("- %(what)s (%(coop)s), for %(day)s") if task.coop else _("- %(what)s, for %(day)s")
    return f"{text % said}\n  {settings.PUBLIC_URL}{reverse('crm:task', args=(task.pk,))}"
