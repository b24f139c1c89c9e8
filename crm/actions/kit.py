"""Verbs on the kit: what a coop has of it, and what the office asks for."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.models import Accompaniment, Document, Fulfilment, Path, Requirement
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, put, refuse

FIELDS = frozenset(
    {
        "stage",
        "milestone",
        "title",
        "help",
        "level",
        "local_law",
        "general_law",
        "is_shared",
        "position",
        "is_active",
    }
)


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
        row, _made = Fulfilment.objects.update_or_create(
            accompaniment=accompaniment,
            requirement=requirement,
            defaults={"by": by, **values},
        )
        codes = {"requirement": requirement.code}
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
    by: User,
    on: date,
    at: datetime,
) -> Fulfilment:
    """Say that an item of the kit is done: a date, words, a document if there is one."""
    _asked(accompaniment, requirement, by)
    if (done_on or on) > on:
        refuse("done_on", _("The date can't be in the future."))
    if document is not None and document.coop_id != accompaniment.coop_id:
        refuse("document", _("This document is another coop's."))
    values = {
        "status": Fulfilment.Status.DONE,
        "on": done_on or on,
        "words": words.strip()[:500],
        "document": document,
    }
    return _set(accompaniment, requirement, "tick", values, by=by, on=on, at=at)


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
    """Take back a tick or a waiver; the trail keeps both."""
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


def write_requirement(
    requirement: Requirement | None = None,
    *,
    code: str = "",
    paths: Iterable[Path] | None = None,
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Requirement:
    """Add an item to the kit or change one; its code never changes. Raises Refused."""
    row = requirement or Requirement(code=code)
    put(row, fields, FIELDS)
    if bool(row.stage) == bool(row.milestone):
        refuse("stage", _("Choose a stage or a milestone, one of the two."))
    if row.local_law and row.general_law:
        refuse("general_law", _("An item is for one civil law, or for both."))
    judge(row)
    with transaction.atomic():
        row.save()
        if paths is not None:
            row.paths.set(paths)
        record(row, "write", by=by, on=on, at=at, codes={"code": row.code})
    return row
