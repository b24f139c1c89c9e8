"""Files kept with expenses and timesheets."""

from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from essaim.models import User
from essaim.uploads import check_upload, shown_name, storage_name
from essaim.writing import refuse
from missions.models import KeptFile

KINDS: Final = ("pdf", "png", "jpeg")


def keep_file(file: "File[Any]", field: str, *, by: User, at: datetime) -> KeptFile:
    """Keep a picture or a PDF under a random name, its type told from its bytes.

    Needs an open transaction: the file is removed when it is rolled back. Raises Refused beside
    `field`.
    """
    original = shown_name(file.name or "")
    try:
        seen = check_upload(file, KINDS)
    except ValidationError as error:
        refuse(field, " ".join(error.messages))
    file.name = storage_name(seen.kind).rsplit("/", 1)[-1]
    row = KeptFile(
        file=file,
        original_name=original,
        content_type=seen.content_type,
        sha256=seen.sha256,
        size=seen.size,
        added_by=by,
        added_at=at,
    )
    row.save()
    return row


def drop_file(kept: KeptFile) -> None:
    """Remove a file that no row needs any more; its file goes once that is certain."""
    name, storage = kept.file.name, kept.file.storage
    kept.delete()
    if name:
        transaction.on_commit(lambda: storage.delete(name))
