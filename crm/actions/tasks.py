"""Verbs on tasks: written, changed, given to another, done, done again."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.models import Coop, Note, Task, TaskMailing
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, put, refuse

FIELDS = frozenset(("what", "owner", "due_on"))


def add_task(
    *,
    what: str,
    owner: User | None = None,
    coop: Coop | None = None,
    note: Note | None = None,
    due_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Task:
    """Write down something to do, for whom and for when. Raises Refused."""
    coop = note.coop if note is not None else coop
    if coop is not None:
        own(coop, by)
        writable(coop)
    task = Task(coop=coop, note=note, what=what.strip(), owner=owner or by, due_on=due_on)
    _held_by(task.owner)
    judge(task)
    with transaction.atomic():
        task.save()
        record(task, "add", by=by, on=on, at=at, codes={"owner": task.owner_id})
    return task


def _held_by(owner: User) -> None:
    """A task is somebody's who can still do it."""
    if not owner.role_codes:
        text = _("%(name)s no longer works here: give the task to somebody else.")
        refuse("owner", text % {"name": owner})


def edit_task(
    task: Task,
    *,
    what: str,
    owner: User,
    due_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Task:
    """Change a task, or give it to somebody else. Raises Refused."""
    values: dict[str, Any] = {"what": what.strip(), "owner": owner, "due_on": due_on}
    with transaction.atomic():
        row = _locked(task, by)
        before = row.owner_id
        changed = put(row, values, FIELDS)
        if "owner" in changed:
            _held_by(owner)
        judge(row)
        row.save()
        codes: dict[str, Any] = {"fields": changed}
        if row.owner_id != before:
            codes |= {"from": before, "to": row.owner_id}
        record(row, "edit", by=by, on=on, at=at, codes=codes)
    return row


def _locked(task: Task, by: User) -> Task:
    own(task, by)
    return Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)


def _mark(task: Task, done_on: date | None, verb: str, by: User, on: date, at: datetime) -> Task:
    with transaction.atomic():
        row = _locked(task, by)
        if (row.done_on is None) != (done_on is None):
            row.done_on = done_on
            row.save(update_fields=["done_on"])
            record(row, verb, by=by, on=on, at=at)
    return row


def finish_task(task: Task, *, by: User, on: date, at: datetime) -> Task:
    """Say that a task is done today; said twice, it is done once."""
    return _mark(task, on, "finish", by, on, at)


def reopen_task(task: Task, *, by: User, on: date, at: datetime) -> Task:
    """Say that a task is not done after all."""
    return _mark(task, None, "reopen", by, on, at)


def set_task_mailing(*, late_after: int, by: User, on: date, at: datetime) -> TaskMailing:
    """Choose when a late task of one's own comes back by mail."""
    with transaction.atomic():
        row = TaskMailing.objects.filter(user=by).first() or TaskMailing(user=by)
        row.late_after = late_after
        judge(row)
        row.save()
        record(row, "choose", by=by, on=on, at=at, codes={"days": late_after})
    return row
