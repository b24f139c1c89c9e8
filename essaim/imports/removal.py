"""What stands on the rows of an import, found from the models themselves, and their removal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.apps import apps
from django.db import models

from essaim import hooks
from essaim.models import ImportBatch, ImportRemoval

Keys = dict[str, set[int]]
BLOCK: Final = 5_000
# They tell of the import itself.
_ASIDE: Final = frozenset({"essaim.ImportRow", "essaim.ImportFile", "essaim.ImportRemoval"})


def pointing_at(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every model with a column that points at this one, tables of many-to-many included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.one_to_many or relation.one_to_one) or relation.concrete:
            continue
        other: Any = getattr(relation, "related_model", None)
        column = getattr(relation, "field", None)
        if other is None or column is None or not other._meta.managed or other._meta.proxy:
            continue
        if other._meta.label not in _ASIDE:
            yield other, column.name


def _blocks(keys: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), BLOCK):
        yield ordered[start : start + BLOCK]


def closure(start: Mapping[str, Iterable[int]]) -> Keys:
    """These rows and every row that stands on them, step by step, whatever its table."""
    found: Keys = defaultdict(set)
    waiting: Keys = {label: set(keys) for label, keys in start.items()}
    while waiting:
        label, keys = waiting.popitem()
        new = keys - found[label]
        found[label] |= new
        for block in _blocks(new):
            for other, column in pointing_at(apps.get_model(label)):
                rows = other._base_manager.filter(**{f"{column}__in": block})
                more = set(rows.values_list("pk", flat=True)) - found[other._meta.label]
                if more:
                    waiting.setdefault(other._meta.label, set()).update(more)
    return {label: keys for label, keys in found.items() if keys}


def kept(keys: Keys) -> dict[str, list[int]]:
    """In a form that JSON holds."""
    return {label: sorted(values) for label, values in sorted(keys.items())}


def built_on(batch: ImportBatch) -> list[models.Model]:
    """Rows that came since and stand on what the batch made; at most twenty of each table."""
    now = closure(batch.made)
    found: list[models.Model] = []
    for label, keys in sorted(now.items()):
        since = keys - set(batch.made.get(label, ()))
        model = apps.get_model(label)
        if _goes_along(model):
            continue
        found += model._base_manager.filter(pk__in=sorted(since)[:20])
    return found


def _goes_along(model: type[models.Model]) -> bool:
    """Rows worked out of the ones they stand on, like the print of a paper."""
    return getattr(model, "goes_with_its_row", False)


def _own(batch: ImportBatch) -> Keys:
    """What the batch made, and what was printed of it since."""
    own: Keys = {label: set(keys) for label, keys in batch.made.items()}
    for label, keys in closure(batch.made).items():
        if _goes_along(apps.get_model(label)):
            own[label] = keys
    return own


def remove(batch: ImportBatch) -> None:
    """Delete exactly what the batch made: one statement a table, keys checked at the end.

    Frozen tables that know of `essaim_importremoval` let these rows go, and no other.
    """
    own = _own(batch)
    known = hooks.frozen_tables.all()
    frozen = {table.model for table in known if hooks.IMPORT_REMOVALS in table.needs}
    ImportRemoval.objects.bulk_create(
        ImportRemoval(batch=batch, model=label, object_id=key)
        for label, keys in own.items()
        if label in frozen
        for key in keys
    )
    delete(own)


def delete(own: Mapping[str, Iterable[int]]) -> None:
    """Delete exactly these rows, one statement a table; keys are checked at the end.

    What the database keeps raises DatabaseError.
    """
    for label in _in_order(list(own)):
        model = apps.get_model(label)
        for block in _blocks(own[label]):
            rows = model._base_manager.filter(pk__in=block)
            rows._raw_delete(rows.db)


def _in_order(labels: Sequence[str]) -> list[str]:
    """Tables that point at others come before them; a circle is left to the end's check."""
    models_ = {label: apps.get_model(label) for label in labels}
    needs = {
        label: {other._meta.label for other, _column in pointing_at(model)} & set(labels) - {label}
        for label, model in models_.items()
    }
    done: list[str] = []
    while needs:
        free = [label for label, others in needs.items() if not others - set(done)]
        taken = free or list(needs)[:1]
        done += taken
        for label in taken:
            del needs[label]
    return done
