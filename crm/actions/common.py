"""What every verb of the room asks first: whose it is, and whether it takes anything more."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop
from essaim.models import User
from essaim.workflow import Missing, Refused


def refuse(code: str, text: str, url: str = "") -> None:
    """Raise Refused for one thing."""
    raise Refused([Missing(code, text, url)])


def own(thing: Any, by: User) -> None:
    """Raise PermissionDenied when this coop, accompaniment... is out of the person's scope."""
    if not type(thing).objects.visible_to(by).filter(pk=thing.pk).exists():
        raise PermissionDenied(f"{thing._meta.label} {thing.pk} is out of reach of {by.pk}")


def writable(coop: Coop) -> None:
    """A merged or closed accompaniment keeps its coop readable and refuses any write."""
    found = Accompaniment.objects.filter(coop=coop).order_by("-pk")
    current = found.live().first() or found.first()
    if current is not None and current.is_read_only:
        text = _("“%(coop)s” is %(state)s: it can be read, no longer changed.")
        said = {"coop": coop, "state": current.get_activity_display().lower()}
        refuse("activity", text % said, coop.get_absolute_url())


def clean(row: models.Model) -> None:
    """Judge a row before it is saved; raise Refused with one entry per field."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused(
            Missing("" if name == "__all__" else name, " ".join(map(str, messages)))
            for name, messages in error.message_dict.items()
        ) from error


def put(row: models.Model, values: Mapping[str, Any], allowed: frozenset[str]) -> list[str]:
    """Set the fields a person may write; return the names that changed.

    Raises TypeError for any other name: that is a mistake of the caller.
    """
    if stray := set(values) - allowed:
        raise TypeError(f"{row._meta.label} does not take {sorted(stray)}")
    changed = []
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return sorted(changed)
