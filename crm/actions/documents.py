"""Verbs on documents: kept, given a further version, renamed, put away; never deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import models, transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.models import Coop, Document, DocumentPin, DocumentVersion, Fulfilment, Note
from essaim.models import User
from essaim.uploads import Upload, check_upload, shown_name, storage_name
from essaim.workflow import record
from essaim.writing import refuse

# They name the version themselves.
OWN = (DocumentVersion, Fulfilment)


@dataclass(frozen=True, slots=True)
class Looked:
    """A file whose bytes were looked at, under the random name it is kept under."""

    file: "File[Any]"
    original: str
    seen: Upload

    def facts(self) -> dict[str, Any]:
        return {
            "original_name": self.original,
            "content_type": self.seen.content_type,
            "sha256": self.seen.sha256,
            "size": self.seen.size,
        }


def look(file: "File[Any]") -> Looked:
    """Tell a file from its bytes; Refused when it is not what its name says."""
    original = shown_name(file.name or "")
    try:
        seen = check_upload(file)
    except ValidationError as error:
        refuse("file", " ".join(error.messages))
    file.name = storage_name(seen.kind).rsplit("/", 1)[-1]
    return Looked(file, original, seen)


def forget(row: Any) -> None:
    """When its row can't be written, a file must not stay alone on the disk."""
    if row.file.name and getattr(row.file, "_committed", False):
        row.file.storage.delete(row.file.name)


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
    kept = look(file)
    row = Document(
        coop=coop,
        note=note,
        title=title.strip()[:160] or kept.original,
        file=kept.file,
        added_by=by,
        added_at=at,
        **kept.facts(),
    )
    try:
        with transaction.atomic():
            row.save()
            _version(row, kept.facts(), by=by, at=at).save()
            codes = {"coop": row.coop_id, "sha256": row.sha256}
            record(row, "add", by=by, on=on, at=at, codes=codes)
    except BaseException:
        forget(row)
        raise
    return row


def _version(
    document: Document, facts: dict[str, Any], *, by: User, at: datetime
) -> DocumentVersion:
    """The row of the state a document is in."""
    return DocumentVersion(
        document=document,
        number=document.version,
        file=document.file.name,
        added_by=by,
        added_at=at,
        **facts,
    )


def _reads(note: Note, by: User) -> bool:
    return Note.objects.visible_to(by).filter(pk=note.pk).exists()


def revise_document(
    document: Document, *, file: "File[Any]", by: User, on: date, at: datetime
) -> Document:
    """Keep a new version; former ones stay, and what was judged on one stays judged on it.

    Raises Refused.
    """
    own(document, by)
    writable(document.coop)
    kept = look(file)
    new = DocumentVersion(document=document, file=kept.file, added_by=by, added_at=at)
    try:
        with transaction.atomic():
            row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
            if row.archived_on is not None:
                refuse("file", _("This document is archived: take it out of the archive first."))
            if row.sha256 == kept.seen.sha256:
                text = _("This is already the file of version %(number)s.")
                refuse("file", text % {"number": row.version})
            _pin(row)
            row.version = new.number = row.version + 1
            for name, value in kept.facts().items():
                setattr(new, name, value)
                setattr(row, name, value)
            new.save()
            row.file = new.file.name
            row.save(update_fields=["file", "version", *DocumentVersion.FACTS])
            codes = {"number": row.version, "sha256": row.sha256}
            record(row, "revise", by=by, on=on, at=at, codes=codes)
    except BaseException:
        forget(new)
        raise
    return row


def _uses(document: Document) -> Iterator[tuple[type[models.Model], str, int]]:
    """The rows of every room that name this document: model, field, key."""
    for link in Document._meta.get_fields(include_hidden=True):
        if not isinstance(link, models.ManyToOneRel) or link.related_model in OWN:
            continue
        model, name = link.related_model, link.field.name
        found = model._base_manager.filter(**{name: document}).values_list("pk", flat=True)
        for key in found:
            yield model, name, key


def _pin(document: Document) -> None:
    """Before a later version comes: what names the document was judged on this one."""
    pins = DocumentPin.objects.filter(version__document=document)
    known = set(pins.values_list("model", "field", "object_id"))
    version = DocumentVersion.objects.get(document=document, number=document.version)
    uses = ((model._meta.label, name, key) for model, name, key in _uses(document))
    DocumentPin.objects.bulk_create(
        DocumentPin(version=version, model=label, field=name, object_id=key)
        for label, name, key in uses
        if (label, name, key) not in known
    )


def _held(document: Document, by: User) -> Document:
    own(document, by)
    writable(document.coop)
    return Document.objects.select_for_update(of=("self",), no_key=True).get(pk=document.pk)


def rename_document(
    document: Document, *, title: str, by: User, on: date, at: datetime
) -> Document:
    """Give a document another title. Raises Refused."""
    if not title.strip():
        refuse("title", _("Give the document a title."))
    with transaction.atomic():
        row = _held(document, by)
        row.title = title.strip()[:160]
        row.save(update_fields=["title"])
        record(row, "rename", by=by, on=on, at=at)
    return row


def archive_document(document: Document, *, by: User, on: date, at: datetime) -> Document:
    """Put a document away: it leaves the lists, and stays readable where it was used."""
    with transaction.atomic():
        row = _held(document, by)
        row.archived_on = row.archived_on or on
        row.save(update_fields=["archived_on"])
        record(row, "archive", by=by, on=on, at=at)
    return row


def unarchive_document(document: Document, *, by: User, on: date, at: datetime) -> Document:
    """Take a document back from the archive."""
    with transaction.atomic():
        row = _held(document, by)
        row.archived_on = None
        row.save(update_fields=["archived_on"])
        record(row, "unarchive", by=by, on=on, at=at)
    return row
