"""What the verbs of every room share: refusals in words, fields put, rows judged."""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models

from essaim.workflow import Missing, Refused


def refuse(code: str, text: str, url: str = "") -> NoReturn:
    """Raise Refused for one thing."""
    raise Refused([Missing(code, text, url)])


def judge(row: models.Model) -> None:
    """Judge a row before it is saved; raise Refused with one entry per field."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused(
            Missing("form" if name == "__all__" else name, " ".join(map(str, messages)))
            for name, messages in error.message_dict.items()
        ) from error


def put(row: models.Model, values: Mapping[str, Any], allowed: Iterable[str]) -> list[str]:
    """Set the fields that a person may write and return those that changed.

    Raises TypeError for another name: that is a mistake of the caller.
    """
    if stray := set(values) - set(allowed):
        raise TypeError(f"{row._meta.label} does not take {sorted(stray)}")
    changed = []
    for name, value in values.items():
        if row._state.adding or getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return sorted(changed)
