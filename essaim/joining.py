"""Joining two rows that are one: every row that points to the one follows to the other.

The relations are read from the models, so a table added later follows like the others. A row that
would break a unique constraint there is first given to `hooks.reattach`; one that still clashes
stays with the source, readable and counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, UniqueConstraint

from essaim import hooks

# What says that a row is a duplicate, and of which one.
POINTER = "duplicate_of"


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key to the joined model, or one side of a many-to-many table."""

    model: type[models.Model]
    field: "models.ForeignKey[Any, Any]"

    @property
    def label(self) -> str:
        return str(self.model._meta.label)

    @property
    def is_unique(self) -> bool:
        return any(True for _ in _unique_sets(self))

    def rows(self, row: models.Model) -> "models.QuerySet[Any]":
        return self.model._base_manager.filter(**{self.field.name: row})


@dataclass(frozen=True, slots=True)
class Following:
    """How many rows of one kind follow, and how many would clash and stay."""

    label: str
    name: str
    count: int
    stays: int


def relations_to(model: type[models.Model]) -> list[Relation]:
    """Every foreign key of the project to this model, hidden ones and many-to-many included."""
    every: list[Any] = list(model._meta.get_fields(include_hidden=True))
    found = [
        Relation(r.related_model, r.field)
        for r in every
        if r.auto_created and not r.concrete and (r.one_to_many or r.one_to_one)
    ]
    return sorted(
        (r for r in found if not (r.model is model and r.field.name == POINTER)),
        key=lambda r: (r.label, r.field.name),
    )


def _unique_sets(relation: Relation) -> Iterator[tuple[tuple[str, ...], Q]]:
    """The other columns with which the foreign key is unique, and where."""
    meta, name = relation.model._meta, relation.field.name
    if relation.field.unique:
        yield (), Q()
    sets = [(tuple(fields), Q()) for fields in meta.unique_together]
    sets += [
        (tuple(c.fields), c.condition or Q())
        for c in meta.constraints
        if isinstance(c, UniqueConstraint)
    ]
    for fields, condition in sets:
        if name in fields:
            yield tuple(f for f in fields if f != name), condition


def clashing(relation: Relation, source: models.Model, target: models.Model) -> Any:
    """Rows of the source that stay with it: the target has its own, or what they say is sealed."""
    rows = relation.rows(source)
    kept = hooks.anchored.get((relation.label, relation.field.name))
    tests = [kept] if kept is not None else []
    for others, condition in _unique_sets(relation):
        same = relation.rows(target).filter(condition, **{f: OuterRef(f) for f in others})
        tests.append(Q(Exists(same)) & _within(relation, condition))
    return rows.filter(reduce(or_, tests)) if tests else rows.none()


def _within(relation: Relation, condition: Q) -> Q:
    """Rows the constraint speaks of, as a condition that can be joined to others."""
    if not condition:
        return Q()
    return Q(pk__in=relation.model._base_manager.filter(condition).values("pk"))


def _relations(source: models.Model, leave: Sequence[str]) -> list[Relation]:
    return [r for r in relations_to(type(source)) if r.label not in leave]


def count(
    source: models.Model, target: models.Model, *, leave: Sequence[str] = ()
) -> list[Following]:
    """What would follow, kind by kind; kinds of which there is nothing are left out."""
    found: dict[str, Following] = {}
    for relation in _relations(source, leave):
        stays = clashing(relation, source, target).count()
        moves = relation.rows(source).count() - stays
        if not (moves or stays):
            continue
        before = found.get(relation.label, Following(relation.label, "", 0, 0))
        name = str(hooks.row_names.get(relation.label, relation.model._meta.verbose_name_plural))
        found[relation.label] = Following(
            relation.label, name, before.count + moves, before.stays + stays
        )
    return list(found.values())


def reattach(
    source: models.Model,
    target: models.Model,
    *,
    by: Any,
    on: date,
    at: datetime,
    leave: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Make every row of `source` follow to `target`; answers how many of each model.

    In the caller's transaction, both rows locked. `leave` names models that are another's matter.
    """
    moved: dict[str, int] = {}
    stayed: dict[str, int] = {}
    settled = []
    for relation in _relations(source, leave):
        for settle in hooks.reattach.of(relation.label):
            if done := settle(source, target, by=by, on=on, at=at):
                settled.append(dict(done))
        stuck = list(clashing(relation, source, target).values_list("pk", flat=True))
        rows = relation.rows(source).exclude(pk__in=stuck)
        number = rows.update(**{relation.field.name: target})
        if number:
            moved[relation.label] = moved.get(relation.label, 0) + number
        if stuck:
            stayed[relation.label] = stayed.get(relation.label, 0) + len(stuck)
    return {"moved": moved, "stayed": stayed, "settled": settled}
