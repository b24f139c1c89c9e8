"""The French default paths and kit, laid down once and never over what the office edited."""

import json
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from crm.models import Path, PathStage, Requirement

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
    Requirement.objects.using(using).bulk_create(
        Requirement(position=10 * place, **row)
        for place, row in enumerate(_read("kit.json"))
        if row["code"] not in known
    )
