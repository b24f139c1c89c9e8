"""Verbs on the kit of one coop: an item done with its evidence, waived, taken back."""

from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.actions.documents import add_document
from crm.models import (
    Accompaniment,
    Document,
    DocumentVersion,
    Fulfilment,
    Requirement,
    RequirementVersion,
)
from essaim.models import User
from essaim.workflow import record
from essaim.writing import refuse


def _set(
    accompaniment: Accompaniment,
    requirement: Requirement,
    verb: str,
    values: dict[str, Any],
    *,
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment:
    with transaction.atomic():
        # Held, so that no edit of the kit comes between what was read and what is judged.
        item = Requirement.objects.select_for_update(of=("self",), no_key=True).get(
            pk=requirement.pk
        )
        version = RequirementVersion.objects.get(requirement=item, number=item.version)
        row, _made = Fulfilment.objects.update_or_create(
            accompaniment=accompaniment,
            requirement=item,
            defaults={"by": by, "version": version, "document_version": None, **values},
        )
        codes = {"requirement": item.code, "version": version.number}
        if row.on is not None:
            codes["settled_on"] = row.on.isoformat()
        if row.document_version is not None:
            codes |= {"document": row.document_id, "document_version": row.document_version_id}
        record(accompaniment, verb, by=by, on=on, at=at, codes=codes, text=row.words)
    return row


def _asked(accompaniment: Accompaniment, requirement: Requirement, by: User) -> None:
    own(accompaniment, by)
    writable(accompaniment.coop)
    if not Requirement.objects.asked_of(accompaniment).filter(pk=requirement.pk).exists():
        refuse("requirement", _("This item is not asked of this coop."))


def tick(
    accompaniment: Accompaniment,
    *,
    requirement: Requirement,
    done_on: date | None = None,
    words: str = "",
    document: Document | None = None,
    file: "File[Any] | None" = None,
    file_title: str = "",
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment:
    """Say that an item of the kit is done: a date, words, and as evidence a document of the coop
    (its current version) or a file kept in the same gesture. Raises Refused."""
    _asked(accompaniment, requirement, by)
    if (done_on or on) > on:
        refuse("done_on", _("The date can't be in the future."))
    if document is not None and file is not None:
        refuse("file", _("Choose a document already kept or a new file, not both."))
    if document is not None:
        _evidence(accompaniment, document, by)
    with transaction.atomic():
        values: dict[str, Any] = {
            "status": Fulfilment.Status.DONE,
            "on": done_on or on,
            "words": words.strip()[:500],
            "document": document,
        }
        if file is not None:
            title = file_title or requirement.title
            values["document"] = document = add_document(
                accompaniment.coop, file=file, title=title, by=by, on=on, at=at
            )
        if document is not None:
            values["document_version"] = DocumentVersion.objects.get(
                document=document, number=Document.objects.get(pk=document.pk).version
            )
        return _set(accompaniment, requirement, "tick", values, by=by, on=on, at=at)


def _evidence(accompaniment: Accompaniment, document: Document, by: User) -> None:
    if document.coop_id != accompaniment.coop_id:
        refuse("document", _("This document is another coop's."))
    if not Document.objects.visible_to(by).filter(pk=document.pk, archived_on=None).exists():
        refuse("document", _("This document is archived or out of your reach."))


def waive(
    accompaniment: Accompaniment,
    *,
    requirement: Requirement,
    words: str,
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment:
    """Say that an item is not needed here, and why. Raises Refused."""
    _asked(accompaniment, requirement, by)
    if not words.strip():
        refuse("words", _("Say why this item is not needed."))
    values = {
        "status": Fulfilment.Status.WAIVED,
        "on": on,
        "words": words.strip()[:500],
        "document": None,
    }
    return _set(accompaniment, requirement, "waive", values, by=by, on=on, at=at)


def untick(
    accompaniment: Accompaniment,
    *,
    requirement: Requirement,
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment:
    """Take back a tick or a waiver; the trail keeps both. Raises Refused for an item that is no
    longer asked: what was settled while it was stays."""
    _asked(accompaniment, requirement, by)
    values = {"status": Fulfilment.Status.MISSING, "on": None, "words": "", "document": None}
    return _set(accompaniment, requirement, "untick", values, by=by, on=on, at=at)


def settle_code(
    accompaniment: Accompaniment,
    code: str,
    *,
    settled_on: date,
    words: str = "",
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment | None:
    """Tick an item by its code when a fact proves it (agreement signed, opening dated...).

    For the actions of this room and of those above; None when the office no longer asks for it.
    """
    requirement = Requirement.objects.asked_of(accompaniment).filter(code=code).first()
    if requirement is None:
        return None
    values = {"status": Fulfilment.Status.DONE, "on": settled_on, "words": words}
    return _set(accompaniment, requirement, "tick", values, by=by, on=on, at=at)
