"""Many rows in one statement: written from one JSON parameter, so that no size changes the count.

Django's own bulk_create and bulk_update cut into batches by the number of variables (999 on
SQLite), and the number of statements then grows with the rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | str | None):
        return value
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def _stored(field: "models.Field[Any, Any]", value: Any, connection: BaseDatabaseWrapper) -> Any:
    """A value as the column takes it, in a form JSON can carry."""
    if isinstance(field, models.JSONField) and connection.vendor == "postgresql":
        return value
    return _plain(field.get_db_prep_save(value, connection))


def _connection(model: type[models.Model]) -> BaseDatabaseWrapper:
    return connections[router.db_for_write(model)]


def _source(connection: BaseDatabaseWrapper, fields: "Sequence[models.Field[Any, Any]]") -> str:
    """SQL: the rows of the JSON parameter, as `v` with columns c0, c1...; `n` is their order."""
    if connection.vendor == "postgresql":
        typed = ", ".join(f"c{i} {f.rel_db_type(connection)}" for i, f in enumerate(fields))
        return f"jsonb_to_recordset(%s::jsonb) AS v(n integer, {typed})"
    picked = ", ".join(f"json_extract(value, '$.c{i}') AS c{i}" for i in range(len(fields)))
    return f"(SELECT json_extract(value, '$.n') AS n, {picked} FROM json_each(%s)) AS v"


def _payload(rows: Iterable[Sequence[Any]]) -> str:
    found = [
        {"n": n, **{f"c{i}": value for i, value in enumerate(row)}} for n, row in enumerate(rows)
    ]
    return json.dumps(found, ensure_ascii=False)


def update_rows(model: type[models.Model], rows: Sequence[Any], names: Iterable[str]) -> int:
    """Write the fields `names` of every row in ONE statement; returns how many rows it changed."""
    fields = [model._meta.get_field(name) for name in names]
    if not rows or not fields:
        return 0
    connection = _connection(model)
    pk = model._meta.pk
    columns: list[Any] = [pk, *fields]
    sets = ", ".join(f'"{f.column}" = v.c{i}' for i, f in enumerate(columns) if i)
    sql = (
        f'UPDATE "{model._meta.db_table}" SET {sets} FROM {_source(connection, columns)}'
        f' WHERE "{model._meta.db_table}"."{pk.column}" = v.c0'
    )
    payload = _payload(
        [_stored(f, getattr(row, f.attname), connection) for f in columns] for row in rows
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [payload])
        return int(cursor.rowcount)


def snapshot(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """What rows hold now, for `update_changed`."""
    return [dict(row.__dict__) for row in rows]


def update_changed(rows: Sequence[Any], before: Sequence[Mapping[str, Any]]) -> None:
    """Write in ONE statement the fields that differ from their snapshot in one row or more."""
    if not rows:
        return
    changed = [
        c.name
        for c in rows[0]._meta.concrete_fields
        if any(
            row.__dict__.get(c.attname) != old.get(c.attname)
            for row, old in zip(rows, before, strict=True)
        )
    ]
    update_rows(type(rows[0]), rows, changed)


def _insertion(rows: Sequence[Any], ending: str) -> tuple[str, str]:
    """SQL that inserts rows in their order, and its one parameter."""
    model = type(rows[0])
    connection = _connection(model)
    columns: list[Any] = [f for f in model._meta.local_concrete_fields if not f.primary_key]
    names = ", ".join(f'"{f.column}"' for f in columns)
    values = ", ".join(f"c{i}" for i in range(len(columns)))
    # SQLite reads ON CONFLICT after a WHERE only.
    sql = (
        f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values}'
        f" FROM {_source(connection, columns)} WHERE true ORDER BY v.n {ending}"
    )
    payload = _payload(
        [_stored(f, f.pre_save(row, True), connection) for f in columns]  # noqa: FBT003
        for row in rows
    )
    return sql, payload


def insert_rows(rows: Sequence[Any]) -> None:
    """Insert rows of one model in ONE statement, in their order, and give them their keys."""
    if not rows:
        return
    connection = _connection(type(rows[0]))
    sql, payload = _insertion(rows, f'RETURNING "{rows[0]._meta.pk.column}"')
    with connection.cursor() as cursor:
        cursor.execute(sql, [payload])
        keys = sorted(key for (key,) in cursor.fetchall())
    for row, key in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias


def insert_missing(rows: Sequence[Any], known_by: str) -> list[Any]:
    """`insert_rows`, but those that clash with a row already there; returns the rows put, told
    apart by the column `known_by`."""
    if not rows:
        return []
    connection = _connection(type(rows[0]))
    column = rows[0]._meta.get_field(known_by).column
    ending = f'ON CONFLICT DO NOTHING RETURNING "{column}", "{rows[0]._meta.pk.column}"'
    sql, payload = _insertion(rows, ending)
    with connection.cursor() as cursor:
        cursor.execute(sql, [payload])
        keys = dict(cursor.fetchall())
    put = [row for row in rows if getattr(row, known_by) in keys]
    for row in put:
        row.pk, row._state.adding = keys[getattr(row, known_by)], False
        row._state.db = connection.alias
    return put
