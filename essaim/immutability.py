"""Triggers that freeze issued and append-only rows, written once for SQLite and PostgreSQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from essaim import hooks

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


def _triggers(connection: BaseDatabaseWrapper) -> list[_Trigger]:
    existing = set(connection.introspection.table_names())
    found = []
    for frozen in hooks.frozen_tables.all():
        model = apps.get_model(frozen.model)
        table = model._meta.db_table
        if table not in existing:
            continue
        update = frozen.update
        if update and frozen.free:
            kept = [f.column for f in model._meta.local_concrete_fields]
            changed = _columns_changed(connection, (c for c in kept if c not in frozen.free))
            update = f"({update}) AND ({changed})"
        parts = {"UPDATE": update, "DELETE": frozen.delete, "INSERT": frozen.insert}
        found += [
            _Trigger(f"{PREFIX}{table}_{event.lower()}", table, event, condition)
            for event, condition in parts.items()
            if condition
        ]
        if frozen.truncate and connection.vendor == "postgresql":
            found.append(_Trigger(f"{PREFIX}{table}_truncate", table, "TRUNCATE", "1=1"))
    return found


def _create_sql(connection: BaseDatabaseWrapper, trigger: _Trigger) -> list[str]:
    words = f"{trigger.table}: this row is kept as it is ({trigger.event.lower()} refused)"
    if connection.vendor == "sqlite":
        return [
            f'CREATE TRIGGER IF NOT EXISTS "{trigger.name}" BEFORE {trigger.event} '
            f'ON "{trigger.table}" FOR EACH ROW WHEN ({trigger.condition}) '
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ]
    scope = "STATEMENT" if trigger.event == "TRUNCATE" else "ROW"
    row = "OLD" if trigger.event in ("DELETE", "TRUNCATE") else "NEW"
    result = "NULL" if trigger.event == "TRUNCATE" else row
    return [
        f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger AS $essaim$ BEGIN '
        f"IF {trigger.condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = '23514'; END IF; "
        f"RETURN {result}; END $essaim$ LANGUAGE plpgsql",
        f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"',
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} ON "{trigger.table}" '
        f'FOR EACH {scope} EXECUTE FUNCTION "{trigger.name}"()',
    ]


def _present(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """The (trigger, table) pairs now in the database, disabled ones left out."""
    if connection.vendor == "sqlite":
        sql = f"SELECT name, tbl_name FROM sqlite_master WHERE type='trigger' AND name LIKE '{PREFIX}%'"
    else:
        sql = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            f"WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE '{PREFIX}%%'"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, None if connection.vendor == "sqlite" else [])
        return {(row[0], row[1]) for row in cursor.fetchall()}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger whose table is there; run again at will."""
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
    """Names of the triggers that should stand and do not; issuing refuses while there is one."""
    present = {name for name, _ in _present(connection)}
    return [t.name for t in _triggers(connection) if t.name not in present]


def check_triggers(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """System check: every trigger of a migrated database is there."""
    return [
        Error(f"Missing trigger {name}.", hint="Run manage.py migrate.", id="essaim.E001")
        for alias in databases or ()
        for name in missing(connections[alias])
    ]
