"""The one door through which every state changes, and the trail it leaves."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from django_fsm import FSMFieldMixin, Transition

from essaim import hooks
from essaim.bulk import snapshot, update_changed
from essaim.models import Event, EventText, User
from essaim.moving import Act, Edge, Missing, MoveData, NotAtomic, Refused, UnknownEdge
from essaim.scope import state_fields
from essaim.search import index
from essaim.stateful import Stateful, door
from essaim.trail import (
    codes_of,
    event_of,
    react,
    record,
    record_many,
    trail_many,
    verb_of,
    words_of,
)

__all__ = [
    "Act",
    "Edge",
    "Missing",
    "MoveData",
    "NotAtomic",
    "Refused",
    "Stateful",
    "UnknownEdge",
    "edges",
    "missing",
    "perform",
    "perform_many",
    "record",
    "record_many",
    "run",
    "verb_of",
]

log = logging.getLogger("essaim.refusals")


def _transitions(
    model: type[models.Model], name: str = ""
) -> list[tuple[FSMFieldMixin, Transition]]:
    return [
        (f, t)
        for f in state_fields(model)
        if isinstance(f, FSMFieldMixin)
        for t in f.get_all_transitions(model)
        if not name or t.name == name
    ]


def _find(obj: models.Model, name: str) -> tuple[FSMFieldMixin, Transition] | None:
    """The transition of this name from the present state; None when the state does not allow it."""
    candidates = _transitions(type(obj), name)
    if not candidates:
        raise UnknownEdge(f"{type(obj).__name__} has no move {name}")
    for f, t in candidates:
        if t.source in ("*", "+", getattr(obj, f.name)):
            return f, t
    return None


def _state_label(obj: models.Model, f: FSMFieldMixin) -> str:
    return str(getattr(obj, f"get_{f.name}_display")())


def _wrong_state(obj: models.Model, name: str) -> Missing:
    f = _transitions(type(obj), name)[0][0]
    return Missing(
        "state", _("Not possible now: the state is “%(state)s”.") % {"state": _state_label(obj, f)}
    )


def _data_for(transition: Transition, data: Mapping[str, Any]) -> Any:
    cls = transition.custom.get("data", MoveData)
    unknown = set(data) - {f.name for f in fields(cls)}
    if unknown:
        raise UnknownEdge(f"{transition.name} does not take {sorted(unknown)}")
    return cls(**data)


def _judge(obj: models.Model, t: Transition, *, by: User, on: date, data: Any) -> list[Missing]:
    guards = (*t.custom.get("guards", ()), *hooks.guards.of((obj._meta.label, t.name)))
    return [m for guard in guards for m in guard(obj, by=by, on=on, data=data)]


def _unanswered(found: Iterable[Missing], data: Any) -> list[Missing]:
    reasons = getattr(data, "reasons", {})
    return [m for m in found if m.level == "bar" or not str(reasons.get(m.code, "")).strip()]


def _may(by: Any, t: Transition, obj: Any) -> bool:
    if callable(t.permission):
        return bool(t.permission(obj, by))
    return not t.permission or by.has_perm(str(t.permission))


def edges(obj: models.Model, user: User) -> list[Edge]:
    """The moves the present state allows, each with its label and whether this user may do it."""
    return [
        Edge(
            t.name, str(t.custom.get("label", t.name)), str(t.permission or ""), _may(user, t, obj)
        )
        for f, t in _transitions(type(obj))
        if t.source in ("*", "+", getattr(obj, f.name))
    ]


def missing(obj: models.Model, name: str, *, by: User, on: date, data: Any = None) -> list[Missing]:
    """What stands in the way of a move, without trying it.

    Raises UnknownEdge when the model has no such move.
    """
    found = _find(obj, name)
    if found is None:
        return [_wrong_state(obj, name)]
    return _judge(obj, found[1], by=by, on=on, data=data if data is not None else _blank(found[1]))


def _blank(t: Transition) -> Any:
    """The move's data with every field empty, for judging before a form is filled."""
    cls = t.custom.get("data", MoveData)
    return cls(**{f.name: None for f in fields(cls) if f.name != "reasons"})


def _assert_atomic(model: type[models.Model]) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotAtomic(f"{model.__name__} moves inside a transaction")


def _admit(
    obj: Any, name: str, *, by: User, on: date, data: Mapping[str, Any]
) -> tuple[FSMFieldMixin, Transition, Any, list[Missing]]:
    """The transition, its data and what its guards saw; every refusal is logged and raised."""
    told = f"move={obj._meta.label}.{name} pk={obj.pk} by={by.pk}"
    found = _find(obj, name)
    if found is None:
        log.info("refused %s why=state", told)
        raise Refused([_wrong_state(obj, name)])
    f, t = found
    moved = _data_for(t, data)
    if not _may(by, t, obj):
        log.info("refused %s why=right", told)
        raise PermissionDenied(f"{name} is not {by.pk}'s to do")
    seen = _judge(obj, t, by=by, on=on, data=moved)
    if bars := _unanswered(seen, moved):
        log.info("refused %s why=%s", told, ",".join(m.code for m in bars))
        raise Refused(bars)
    return f, t, moved, seen


def perform(
    obj: Any, name: str, *, by: User, on: date, at: datetime, reason: str = "", **data: Any
) -> Event:
    """Move `obj` along the edge `name` and return the Event that tells it.

    Needs an open transaction. Raises UnknownEdge, PermissionDenied, or Refused with the list of
    what is missing; nothing is written then.
    """
    _assert_atomic(type(obj))
    locked = type(obj)._base_manager.select_for_update(of=("self",), no_key=True)
    obj.refresh_from_db(from_queryset=locked)
    f, _t, moved, seen = _admit(obj, name, by=by, on=on, data=data)
    source = str(getattr(obj, f.name))
    with door():
        getattr(obj, name)(by=by, on=on, at=at, data=moved)
        obj.save()
    verb = verb_of(obj, name)
    done = react(obj, verb, by=by, on=on, at=at, data=moved)
    codes = {**codes_of(moved), "seen": [m.code for m in seen]}
    told = {"target": str(getattr(obj, f.name)), "codes": codes, "reactions": done}
    event = event_of(obj, verb, source, by=by, on=on, at=at, **told)
    event.save()
    if words := words_of(moved, reason):
        EventText.objects.create(event=event, words=words)
    index.refresh(obj._meta.label, [obj.pk], verb=verb)
    return event


def run(
    obj: Any, name: str, *, by: User, on: date, at: datetime, reason: str = "", **data: Any
) -> Event:
    """`perform` in a transaction of its own."""
    with transaction.atomic():
        return perform(obj, name, by=by, on=on, at=at, reason=reason, **data)


def _judge_all(
    rows: Sequence[Any], t: Transition, *, by: User, on: date, data: Mapping[Any, Any]
) -> list[Missing]:
    """Guards of many rows; a guard with a `bulk` attribute answers for all rows in one call,
    given what their moves carry in common."""
    guards = (*t.custom.get("guards", ()), *hooks.guards.of((rows[0]._meta.label, t.name)))
    found: list[Missing] = []
    for guard in guards:
        bulk = getattr(guard, "bulk", None)
        if bulk is not None:
            found += bulk(rows, by=by, on=on, data=data[rows[0].pk])
        else:
            found += [m for row in rows for m in guard(row, by=by, on=on, data=data[row.pk])]
    return found


def perform_many(
    queryset: models.QuerySet[Any],
    name: str,
    *,
    by: User,
    on: date,
    at: datetime,
    reason: str = "",
    each: Mapping[Any, Mapping[str, Any]] | None = None,
    **data: Any,
) -> list[Any]:
    """Move every row of `queryset` along one edge, all or nothing, and return the rows.

    `data` is what every move carries, `each` what the move of one key carries besides.
    One locking SELECT in key order, one permission check, guards in bulk, one UPDATE, one insert
    of Events. Errors as `perform`.
    """
    model = queryset.model
    _assert_atomic(model)
    keys = list(queryset.values_list("pk", flat=True))
    locked = model._base_manager.select_for_update(of=("self",), no_key=True)
    rows = list(locked.filter(pk__in=keys).order_by("pk"))
    if not rows:
        return []
    f, t = _one_edge(rows, name)
    if not _may(by, t, rows[0]):
        raise PermissionDenied(f"{name} is not {by.pk}'s to do")
    own = each or {}
    moved = {row.pk: _data_for(t, {**data, **own.get(row.pk, {})}) for row in rows}
    seen = _judge_all(rows, t, by=by, on=on, data=moved)
    if bars := _unanswered(seen, moved[rows[0].pk]):
        raise Refused(bars)
    before = snapshot(rows)
    with door():
        for row in rows:
            getattr(row, name)(by=by, on=on, at=at, data=moved[row.pk])
    update_changed(rows, before)
    sources = [str(old[f.attname]) for old in before]
    trail_many(rows, sources, f, name, by=by, on=on, at=at, data=moved, reason=reason)
    return rows


def _one_edge(rows: Sequence[Any], name: str) -> tuple[FSMFieldMixin, Transition]:
    """The edge all these rows take; refused when the state of one does not allow it."""
    candidates = _transitions(type(rows[0]), name)
    if not candidates:
        raise UnknownEdge(f"{type(rows[0]).__name__} has no move {name}")
    taken = candidates[0]
    for row in rows:
        open_now = [c for c in candidates if c[1].source in ("*", "+", getattr(row, c[0].name))]
        if not open_now:
            raise Refused([_wrong_state(row, name)])
        taken = open_now[0]
    return taken
