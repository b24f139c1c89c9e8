"""Reads that belong to a person, and querysets that never write a state."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import models
from django_fsm import FSMFieldMixin

M = TypeVar("M", bound=models.Model)


def state_fields(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """The fields of a model that only the door may write."""
    return [f for f in model._meta.concrete_fields if isinstance(f, FSMFieldMixin)]


class StateWrite(Exception):
    """A state was about to be written outside the door."""


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows what one person may see and refuses to write states in bulk."""

    def visible_to(self, user: Any) -> "ScopedQuerySet[M]":
        raise NotImplementedError(f"{self.model.__name__} does not say who may see it")

    def _refuse_states(self, names: Iterable[str]) -> None:
        touched = {f.name for f in state_fields(self.model)}.intersection(names)
        if touched:
            raise StateWrite(f"{self.model.__name__}.{sorted(touched)[0]} moves through the door")

    def update(self, **kwargs: Any) -> int:
        self._refuse_states(kwargs)
        return super().update(**kwargs)

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        fields = list(fields)
        self._refuse_states(fields)
        return super().bulk_update(objs, fields, batch_size=batch_size)

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> Sequence[M]:  # type: ignore[override]
        rows = list(objs)
        for field in state_fields(self.model):
            if any(getattr(row, field.attname) != field.get_default() for row in rows):
                raise StateWrite(f"{self.model.__name__} is created in its first state")
        return super().bulk_create(rows, *args, **kwargs)
