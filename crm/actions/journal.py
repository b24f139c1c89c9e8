"""Verbs on what is written along the way: notes, tasks, documents."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.models import Contact, Coop, Document, Note, NoteParticipant, Task
from essaim.models import User
from essaim.uploads import check_upload, shown_name, storage_name
from essaim.workflow import record
from essaim.writing import judge, put, refuse

NOTE_FIELDS = frozenset({"kind", "minutes", "title", "text", "is_shared"})


def _judge_note(note: Note, at: datetime) -> None:
    if len(note.text) > Note.MAX_LENGTH:
        refuse("text", _("A note holds %(most)s characters at most.") % {"most": Note.MAX_LENGTH})
    if note.at > at:
        refuse("happened_at", _("A note tells what happened: the date can't be in the future."))
    judge(note)


def _take_part(note: Note, people: Iterable[User | Contact]) -> None:
    note.participants.all().delete()
    NoteParticipant.objects.bulk_create(
        NoteParticipant(note=note, user=p)
        if isinstance(p, User)
        else NoteParticipant(note=note, contact=p)
        for p in people
    )


def write_note(
    coop: Coop,
    *,
    title: str,
    text: str = "",
    kind: str = Note.Kind.NOTE,
    happened_at: datetime | None = None,
    minutes: int | None = None,
    is_shared: bool = False,
    participants: Iterable[User | Contact] = (),
    by: User,
    on: date,
    at: datetime,
) -> Note:
    """Write a report of a call, a meeting, a visit; internal unless shared. Raises Refused."""
    own(coop, by)
    writable(coop)
    note = Note(
        coop=coop,
        kind=kind,
        at=happened_at or at,
        minutes=minutes,
        title=title,
        text=text,
        is_shared=is_shared,
        author=by,
        written_at=at,
    )
    _judge_note(note, at)
    with transaction.atomic():
        note.save()
        _take_part(note, participants)
        record(note, "write", by=by, on=on, at=at, codes={"coop": coop.pk, "shared": is_shared})
    return note


def edit_note(
    note: Note,
    *,
    participants: Iterable[User | Contact] | None = None,
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Note:
    """Change a note one may read. Raises Refused."""
    own(note, by)
    writable(note.coop)
    with transaction.atomic():
        row = Note.objects.select_for_update(of=("self",), no_key=True).get(pk=note.pk)
        row.at = fields.pop("happened_at", None) or row.at
        changed = put(row, fields, NOTE_FIELDS)
        _judge_note(row, at)
        row.save()
        if participants is not None:
            _take_part(row, participants)
        record(row, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return row


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
    judge(task)
    with transaction.atomic():
        task.save()
        record(task, "add", by=by, on=on, at=at, codes={"owner": task.owner_id})
    return task


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
    """Change a task. Raises Refused."""
    own(task, by)
    put(
        task,
        {"what": what, "owner": owner, "due_on": due_on},
        frozenset(("what", "owner", "due_on")),
    )
    judge(task)
    with transaction.atomic():
        task.save()
        record(task, "edit", by=by, on=on, at=at)
    return task


def _mark(task: Task, done_on: date | None, verb: str, by: User, on: date, at: datetime) -> Task:
    own(task, by)
    with transaction.atomic():
        task.done_on = done_on
        task.save(update_fields=["done_on"])
        record(task, verb, by=by, on=on, at=at)
    return task


def finish_task(task: Task, *, by: User, on: date, at: datetime) -> Task:
    """Say that a task is done today."""
    return _mark(task, on, "finish", by, on, at)


def reopen_task(task: Task, *, by: User, on: date, at: datetime) -> Task:
    """Say that a task is not done after all."""
    return _mark(task, None, "reopen", by, on, at)


def add_document(
    coop: Coop,
    *,
    file: "File[Any]",
    title: str = "",
    note: Note | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Document:
    """Keep a file under a random name, its type told from its bytes. Raises Refused."""
    own(coop, by)
    writable(coop)
    if note is not None and (note.coop_id != coop.pk or not _reads(note, by)):
        raise PermissionDenied(f"note {note.pk}")
    original = shown_name(file.name or "")
    try:
        seen = check_upload(file)
    except ValidationError as error:
        refuse("file", " ".join(error.messages))
    file.name = storage_name(seen.kind).rsplit("/", 1)[-1]
    row = Document(
        coop=coop,
        note=note,
        title=title.strip()[:160] or original,
        file=file,
        original_name=original,
        content_type=seen.content_type,
        sha256=seen.sha256,
        size=seen.size,
        added_by=by,
        added_at=at,
    )
    _keep(row, by=by, on=on, at=at)
    return row


def _keep(row: Document, *, by: User, on: date, at: datetime) -> None:
    """Save a document; when its row can't be written, the file must not stay alone."""
    try:
        with transaction.atomic():
            row.save()
            codes = {"coop": row.coop_id, "sha256": row.sha256}
            record(row, "add", by=by, on=on, at=at, codes=codes)
    except BaseException:
        if row.file.name and getattr(row.file, "_committed", False):
            row.file.storage.delete(row.file.name)
        raise


def _reads(note: Note, by: User) -> bool:
    return Note.objects.visible_to(by).filter(pk=note.pk).exists()
