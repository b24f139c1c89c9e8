"""What the verbs of the room share: refusals in words, rows judged before they are kept."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models

from essaim.workflow import Missing, Refused
from missions.models import Agreement, Envelope
from missions.rules import Code
from missions.words import missing_of


def refuse(code: str, text: str, url: str = "") -> NoReturn:
    """Raise Refused for one thing."""
    raise Refused([Missing(code, text, url)])


def refuse_codes(codes: Iterable[Code], url: str = "") -> None:
    """Raise Refused in words when the rules found something."""
    if found := missing_of(codes, url):
        raise Refused(found)


def keep(row: models.Model) -> None:
    """Judge a row and save it; raise Refused with one entry per field."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused(
            Missing("form" if name == "__all__" else name, " ".join(map(str, messages)))
            for name, messages in error.message_dict.items()
        ) from error
    row.save()


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


def lock_agreements(keys: Iterable[Any]) -> dict[int, Agreement]:
    """Lock agreements, then the envelopes they draw on, in one order for everybody."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    locked = Agreement._base_manager.select_for_update(of=("self",), no_key=True)
    found = {a.pk: a for a in locked.filter(pk__in=wanted).order_by("pk")}
    envelopes = Envelope._base_manager.filter(funding_shares__agreement__in=wanted).values("pk")
    rows = Envelope._base_manager.select_for_update(of=("self",), no_key=True)
    list(rows.filter(pk__in=envelopes).order_by("pk"))
    return found


def as_decimal(value: Any) -> Decimal:
    """A sum read from the database, where none is zero and SQLite counts in floats."""
    return Decimal(0) if value is None else Decimal(value).quantize(Decimal("0.0001"))
