"""Verbs on what the office asks: items, their versions, their questions, their template files."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.documents import forget, look
from crm.models import KitFile, KitQuestion, Path, Requirement, RequirementVersion
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, put, refuse

FIELDS = frozenset(
    {
        "stage",
        "milestone",
        "title",
        "why",
        "how",
        "for_coop",
        "level",
        "local_law",
        "general_law",
        "is_shared",
        "position",
        "is_active",
    }
)


def write_requirement(
    requirement: Requirement | None = None,
    *,
    code: str = "",
    paths: Iterable[Path] | None = None,
    questions: Sequence[tuple[str, str]] | None = None,
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Requirement:
    """Add an item to the kit or change one; its code never changes. Raises Refused.

    Another title, level, place, why or how is a new version: what coops settled before keeps the
    version it was judged with. `questions` are (question, answer) pairs in order.
    """
    with transaction.atomic():
        row = _held(requirement, code)
        changed = put(row, fields, FIELDS)
        _judge(row)
        is_new = row.pk is None
        if not is_new and set(changed).intersection(RequirementVersion.FACTS):
            row.version += 1
        row.save()
        if is_new or set(changed).intersection(RequirementVersion.FACTS):
            _version(row, by=by, on=on)
        if paths is not None:
            row.paths.set(paths)
        if questions is not None:
            _ask(row, questions)
        codes = {"code": row.code, "version": row.version, "fields": changed}
        record(row, "write", by=by, on=on, at=at, codes=codes)
    return row


def _held(requirement: Requirement | None, code: str) -> Requirement:
    """The item as it is now, held while it is written."""
    if requirement is None:
        return Requirement(code=code)
    held = Requirement.objects.select_for_update(of=("self",), no_key=True)
    return held.get(pk=requirement.pk)


def _judge(row: Requirement) -> None:
    if bool(row.stage) == bool(row.milestone):
        refuse("stage", _("Choose a stage or a milestone, one of the two."))
    if row.local_law and row.general_law:
        refuse("general_law", _("An item is for one civil law, or for both."))
    judge(row)


def _version(row: Requirement, *, by: User, on: date) -> RequirementVersion:
    facts = {name: getattr(row, name) for name in RequirementVersion.FACTS}
    return RequirementVersion.objects.create(
        requirement=row, number=row.version, since=on, by=by, **facts
    )


def _ask(row: Requirement, questions: Sequence[tuple[str, str]]) -> None:
    row.questions.all().delete()
    new = [
        KitQuestion(requirement=row, position=at, question=q.strip(), answer=a.strip())
        for at, (q, a) in enumerate(questions)
    ]
    for question in new:
        judge(question)
    KitQuestion.objects.bulk_create(new)


def add_kit_file(
    requirement: Requirement,
    *,
    file: "File[Any]",
    title: str = "",
    by: User,
    on: date,
    at: datetime,
) -> KitFile:
    """Keep a template file of an item, its type told from its bytes. Raises Refused."""
    kept = look(file)
    in_use = requirement.files.filter(withdrawn_on=None, sha256=kept.seen.sha256).first()
    if in_use is not None:
        refuse("file", _("This file is already there, as “%(title)s”.") % {"title": in_use})
    row = KitFile(
        requirement=requirement,
        title=title.strip()[:160] or kept.original,
        file=kept.file,
        added_by=by,
        added_at=at,
        **kept.facts(),
    )
    try:
        with transaction.atomic():
            row.save()
            codes = {"requirement": requirement.code, "sha256": row.sha256}
            record(row, "add", by=by, on=on, at=at, codes=codes)
    except BaseException:
        forget(row)
        raise
    return row


def withdraw_kit_file(row: KitFile, *, by: User, on: date, at: datetime) -> KitFile:
    """Take a template file out of the kit; it is kept, and no longer offered."""
    with transaction.atomic():
        row.withdrawn_on = row.withdrawn_on or on
        row.save(update_fields=["withdrawn_on"])
        record(row, "withdraw", by=by, on=on, at=at)
    return row
