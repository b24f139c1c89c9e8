"""The French default paths and kit, laid down once and never over what the office edited."""

import json
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from crm.models import KitQuestion, Path, PathStage, Requirement, RequirementVersion

DATA = FilePath(__file__).resolve().parent / "data"


@cache
def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


def install_defaults(using: str = DEFAULT_DB_ALIAS) -> None:
    """Add the paths and kit items whose code is not there yet; safe to run again."""
    with transaction.atomic(using=using):
        _paths(using)
        _kit(using)


def _paths(using: str) -> None:
    known = set(Path.objects.using(using).values_list("code", flat=True))
    for place, row in enumerate(_read("paths.json")):
        if row["code"] in known:
            continue
        path = Path.objects.using(using).create(
            code=row["code"],
            label=row["label"],
            members_target=row["members_target"],
            position=place,
        )
        PathStage.objects.using(using).bulk_create(
            PathStage(path=path, position=at, **stage) for at, stage in enumerate(row["stages"])
        )


def _kit(using: str) -> None:
    known = set(Requirement.objects.using(using).values_list("code", flat=True))
    rows = [(place, dict(row)) for place, row in enumerate(_read("kit.json"))]
    new = [
        (place, row, row.pop("questions", ())) for place, row in rows if row["code"] not in known
    ]
    items = Requirement.objects.using(using).bulk_create(
        Requirement(position=10 * place, **row) for place, row, _questions in new
    )
    RequirementVersion.objects.using(using).bulk_create(
        RequirementVersion(
            requirement=item,
            number=1,
            **{name: getattr(item, name) for name in RequirementVersion.FACTS},
        )
        for item in items
    )
    KitQuestion.objects.using(using).bulk_create(
        KitQuestion(requirement=item, position=at, question=question, answer=answer)
        for item, (_place, _row, questions) in zip(items, new, strict=True)
        for at, (question, answer) in enumerate(questions)
    )
