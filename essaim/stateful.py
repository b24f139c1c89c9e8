"""The base of models with a protected state."""

import contextvars
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models

from essaim.scope import StateWrite, state_fields

_in_door: contextvars.ContextVar[bool] = contextvars.ContextVar("in_door", default=False)


@contextmanager
def door() -> Iterator[None]:
    token = _in_door.set(True)
    try:
        yield
    finally:
        _in_door.reset(token)


class Stateful(models.Model):
    """Base of models with a protected state: reads refresh it, only the door writes it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not _in_door.get():
            protected = {f.name: f for f in state_fields(type(self))}
            if self._state.adding:
                for f in protected.values():
                    if getattr(self, f.attname) != f.get_default():
                        raise StateWrite(f"{type(self).__name__} is created in its first state")
            else:
                # A stale object must not write an old state back.
                wanted = kwargs.get("update_fields")
                names = wanted or [f.name for f in self._meta.concrete_fields if not f.primary_key]
                kwargs["update_fields"] = [n for n in names if n not in protected]
        super().save(*args, **kwargs)

    def refresh_from_db(
        self, using: Any = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        kept = {
            f.attname: self.__dict__.pop(f.attname)
            for f in state_fields(type(self))
            if f.attname in self.__dict__ and (fields is None or f.name in fields)
        }
        try:
            super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(kept)
            raise

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        # Cleaning assigns every field; a protected one refuses it and needs no cleaning.
        protected = {f.name for f in state_fields(type(self))}
        super().clean_fields(exclude={*(exclude or ()), *protected})

    def set_other_state(self, name: str, value: str) -> None:
        """Write a second state field from within a transition of the first."""
        if not _in_door.get():
            raise StateWrite(f"{type(self).__name__}.{name} moves through the door")
        self.__dict__[name] = str(value)
