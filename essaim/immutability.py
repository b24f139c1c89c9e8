"""Triggers that freeze issued and append-only rows, written once for SQLite and PostgreSQL."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, UniqueConstraint

from essaim import hooks
from essaim.hooks import FrozenTable

PREFIX = "essaim_keep_"


@dataclass(frozen=True, slots=True)
class _Trigger:
    name: str
    table: str
    event: str
    condition: str


def _columns_changed(connection: BaseDatabaseWrapper, columns: Iterable[str]) -> str:
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in columns)


def _column(model: type[Model], name: str) -> str:
    return str(next(f.column for f in model._meta.local_concrete_fields if f.name == name))


def _unique_columns(model: type[Model]) -> Iterator[list[str]]:
    """The sets of columns by which a row can clash with another."""
    for field in model._meta.local_concrete_fields:
        if field.unique:
            yield [str(field.column)]
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            yield [_column(model, name) for name in constraint.fields]


def _clash(model: type[Model], delete: str) -> str:
    """SQL: the new row would take the place of a kept one (SQLite's OR REPLACE).

    The delete triggers see such a removal only while recursive_triggers is on, and any other
    program may open the file without it.
    """
    same = " OR ".join(
        "(" + " AND ".join(f'kept."{c}" = NEW."{c}"' for c in columns) + ")"
        for columns in _unique_columns(model)
    )
    held = delete.replace("OLD.", "kept.")
    return f'SELECT 1 FROM "{model._meta.db_table}" kept WHERE ({same}) AND ({held})'


def _strayed(connection: BaseDatabaseWrapper, follows: Mapping[str, str]) -> Iterator[str]:
    """SQL: a column that may only follow a duplicate to what it duplicates went elsewhere."""
    for column, found in follows.items():
        moved = _columns_changed(connection, (column,))
        yield f"(({moved}) AND NOT EXISTS ({found.format(c=column)}))"


def _conditions(
    connection: BaseDatabaseWrapper, model: type[Model], frozen: FrozenTable
) -> Iterator[tuple[str, str]]:
    pk = model._meta.pk.column
    columns = [str(f.column) for f in model._meta.local_concrete_fields]
    update = frozen.update
    if update and (frozen.free or frozen.follows):
        kept = [c for c in columns if c not in frozen.free and c not in frozen.follows]
        changed = " OR ".join(
            [_columns_changed(connection, kept), *_strayed(connection, frozen.follows)]
        )
        update = f"({update}) AND ({changed})"
    yield from (("UPDATE", update), ("DELETE", frozen.delete), ("INSERT", frozen.insert))
    if frozen.delete:
        # A key never changes: what hangs on it would follow.
        yield "UPDATE", f'OLD."{pk}" <> NEW."{pk}"'
    if frozen.delete and connection.vendor == "sqlite":
        clash = _clash(model, frozen.delete)
        yield "INSERT", f"EXISTS ({clash})"
        yield "UPDATE", f'EXISTS ({clash} AND kept."{pk}" <> OLD."{pk}")'
    if frozen.truncate and connection.vendor == "postgresql":
        yield "TRUNCATE", "1=1"


def _triggers(connection: BaseDatabaseWrapper) -> list[_Trigger]:
    existing = set(connection.introspection.table_names())
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for frozen in hooks.frozen_tables.all():
        model = apps.get_model(frozen.model)
        table = model._meta.db_table
        # A room not migrated yet holds nothing to keep.
        if not {table, *frozen.needs} <= existing:
            continue
        for event, condition in _conditions(connection, model, frozen):
            if condition and condition not in parts[table, event]:
                parts[table, event].append(condition)
    return [
        _Trigger(f"{PREFIX}{table}_{event.lower()}", table, event, _any_of(conditions))
        for (table, event), conditions in parts.items()
        if conditions
    ]


def _any_of(conditions: Sequence[str]) -> str:
    return "1=1" if "1=1" in conditions else " OR ".join(f"({c})" for c in conditions)


def _words(trigger: _Trigger) -> str:
    return f"{trigger.table}: this row is kept as it is ({trigger.event.lower()} refused)"


def _sqlite_sql(trigger: _Trigger) -> str:
    return (
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} '
        f'ON "{trigger.table}" FOR EACH ROW WHEN ({trigger.condition}) '
        f"BEGIN SELECT RAISE(ABORT, '{_words(trigger)}'); END"
    )


def _postgresql_body(trigger: _Trigger) -> str:
    row = "OLD" if trigger.event == "DELETE" else "NEW"
    result = "NULL" if trigger.event == "TRUNCATE" else row
    return (
        f" BEGIN IF {trigger.condition} THEN RAISE EXCEPTION '{_words(trigger)}' "
        f"USING ERRCODE = '23514'; END IF; RETURN {result}; END "
    )


def _body(connection: BaseDatabaseWrapper, trigger: _Trigger) -> str:
    """The text by which the database's own copy of a trigger is recognised."""
    return _sqlite_sql(trigger) if connection.vendor == "sqlite" else _postgresql_body(trigger)


def _create_sql(connection: BaseDatabaseWrapper, trigger: _Trigger) -> list[str]:
    if connection.vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{trigger.name}"', _sqlite_sql(trigger)]
    scope = "STATEMENT" if trigger.event == "TRUNCATE" else "ROW"
    return [
        f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger '
        f"AS $essaim${_postgresql_body(trigger)}$essaim$ LANGUAGE plpgsql",
        f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"',
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} ON "{trigger.table}" '
        f'FOR EACH {scope} EXECUTE FUNCTION "{trigger.name}"()',
        # A session that plays replica skips ordinary triggers.
        f'ALTER TABLE "{trigger.table}" ENABLE ALWAYS TRIGGER "{trigger.name}"',
    ]


def _present(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    """(trigger, table) -> body of those now in the database, disabled ones left out."""
    if connection.vendor == "sqlite":
        sql = (
            "SELECT name, tbl_name, sql FROM sqlite_master "
            f"WHERE type='trigger' AND name LIKE '{PREFIX}%'"
        )
    else:
        sql = (
            "SELECT t.tgname, c.relname, p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled = 'A' "
            f"AND c.relnamespace = current_schema()::regnamespace AND t.tgname LIKE '{PREFIX}%'"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {(name, table): body for name, table, body in cursor.fetchall()}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger whose table is there, as it should be; run again at will."""
    with connection.cursor() as cursor:
        for trigger in _triggers(connection):
            for sql in _create_sql(connection, trigger):
                cursor.execute(sql)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger of ours: before a table remake or a test flush, never in service."""
    with connection.cursor() as cursor:
        for name, table in sorted(_present(connection)):
            on = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that should stand and do not, or say something else.

    Issuing refuses while there is one.
    """
    present = _present(connection)
    return [
        t.name
        for t in _triggers(connection)
        if present.get((t.name, t.table)) != _body(connection, t)
    ]


def check_triggers(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """System check: every trigger of a migrated database is there."""
    return [
        Error(f"Missing trigger {name}.", hint="Run manage.py migrate.", id="essaim.E001")
        for alias in databases or ()
        for name in missing(connections[alias])
    ]
