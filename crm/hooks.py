"""What the crm room answers to the ground."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from essaim import hooks
from essaim.hooks import FrozenTable

hooks.frozen_tables.register(FrozenTable("crm.Move", update="1=1", delete="1=1"))


@hooks.reactions.register("crm.Accompaniment.place")
def as_a_beginning(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A coop taken over is owed what a coop that begins is owed, in the same one Event."""
    done: dict[str, Any] = {}
    for reaction in hooks.reactions.of("crm.Accompaniment.begin"):
        done |= reaction(obj, by=by, on=on, at=at, data=data) or {}
    return done or None
