"""The trail: who wrote what and when, the words beside it, and the work owed at once."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django.db import models
from django_fsm import FSMFieldMixin

from essaim import hooks
from essaim.bulk import insert_rows
from essaim.models import Event, EventText, User
from essaim.search import index


def event_of(
    obj: models.Model, verb: str, source: str, *, by: User, on: date, at: datetime, **more: Any
) -> Event:
    return Event(
        verb=verb,
        model=obj._meta.label,
        object_id=obj.pk,
        source=source,
        by=by,
        on=on,
        at=at,
        **more,
    )


def codes_of(data: Any) -> dict[str, Any]:
    """Ids, dates and codes of a move; words stay out of the append-only trail."""
    out: dict[str, Any] = {}
    for f in fields(data):
        value = getattr(data, f.name)
        if f.name == "reasons":
            out["warned"] = sorted(value)
        elif isinstance(value, models.Model):
            out[f.name] = value.pk
        elif f.metadata.get("words") or value is None:
            continue
        elif isinstance(value, Mapping):
            out[f.name] = dict(value)
        elif isinstance(value, bool | int):
            out[f.name] = value
        else:
            out[f.name] = str(value)
    return {k: v for k, v in out.items() if v not in ([], "")}


def words_of(data: Any, reason: str) -> dict[str, str]:
    texts = {"reason": reason, **getattr(data, "reasons", {})}
    texts |= {
        f.name: str(getattr(data, f.name) or "") for f in fields(data) if f.metadata.get("words")
    }
    return {code: words for code, words in texts.items() if words.strip()}


def react(obj: models.Model, verb: str, **kwargs: Any) -> list[Any]:
    done = [reaction(obj, **kwargs) for reaction in hooks.reactions.of(verb)]
    return [d for d in done if d]


def verb_of(obj: models.Model, name: str) -> str:
    """The name of a move in the trail and in `hooks.reactions`, as "crm.Accompaniment.pause"."""
    return f"{obj._meta.label}.{name}"


def trail_many(
    rows: Sequence[Any],
    sources: Sequence[str],
    f: FSMFieldMixin,
    name: str,
    *,
    by: User,
    on: date,
    at: datetime,
    data: Mapping[Any, Any],
    reason: str,
) -> None:
    verb = verb_of(rows[0], name)
    events = [
        event_of(
            row,
            verb,
            source,
            by=by,
            on=on,
            at=at,
            target=str(getattr(row, f.name)),
            codes=codes_of(data[row.pk]),
            reactions=react(row, verb, by=by, on=on, at=at, data=data[row.pk]),
        )
        for row, source in zip(rows, sources, strict=True)
    ]
    insert_rows(events)
    texts = [
        EventText(event=event, words=words)
        for row, event in zip(rows, events, strict=True)
        if (words := words_of(data[row.pk], reason))
    ]
    EventText.objects.bulk_create(texts)
    index.refresh(rows[0]._meta.label, [row.pk for row in rows], verb=verb)


def record(
    obj: models.Model,
    verb: str,
    *,
    by: User,
    on: date,
    at: datetime,
    codes: Mapping[str, Any] | None = None,
    text: str = "",
    data: Any = None,
    gone: bool = False,
) -> Event:
    """Write an Event for a write that is no transition, and run its reactions.

    They receive `data`, else the codes. `gone` says that the row is deleted next: it leaves the
    search, which is otherwise told of what was written.
    """
    full = verb_of(obj, verb)
    event = event_of(
        obj,
        full,
        "",
        by=by,
        on=on,
        at=at,
        codes=dict(codes or {}),
        reactions=react(obj, full, by=by, on=on, at=at, data=codes if data is None else data),
    )
    event.save()
    if text:
        EventText.objects.create(event=event, words={"reason": text})
    if gone:
        index.forget(obj._meta.label, [obj.pk])
    else:
        index.refresh(obj._meta.label, [obj.pk], verb=full)
    return event


def record_many(
    objs: Sequence[models.Model], verb: str, *, by: User, on: date, at: datetime
) -> None:
    """`record` the same write of many rows of one model, in one insert."""
    if not objs:
        return
    full = verb_of(objs[0], verb)
    insert_rows(
        [
            event_of(
                obj,
                full,
                "",
                by=by,
                on=on,
                at=at,
                reactions=react(obj, full, by=by, on=on, at=at, data=None),
            )
            for obj in objs
        ]
    )
    index.refresh(objs[0]._meta.label, [obj.pk for obj in objs], verb=full)
