"""The test database on SQLite: migrated once for a given set of migrations, then copied."""

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")
# What the migrations, and the rows written after them, are made from.
SOURCES = ("migrations/*.py", "data/*.json", "defaults.py", "legal_figures.py", "apps.py")
FOLDER = Path(settings.VAR_DIR) / "test"


@cache
def template() -> Path:
    """The migrated file; its name changes with any migration, default row or locked package."""
    root = Path(settings.BASE_DIR)
    found = [root / "requirements.txt"]
    found += [file for room in ROOMS for glob in SOURCES for file in (root / room).glob(glob)]
    digest = hashlib.sha256()
    for file in sorted(found):
        digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return FOLDER / f"template-{digest.hexdigest()[:16]}.sqlite3"


@contextmanager
def locked() -> Iterator[None]:
    with (FOLDER / "template.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def bring() -> bool:
    """Copy the migrated file to where the tests look for theirs; False when there is none."""
    if not template().exists():
        return False
    for rest in ("", "-wal", "-shm"):
        Path(f"{_name()}{rest}").unlink(missing_ok=True)
    shutil.copyfile(template(), _name())
    return True


def bring_back() -> bool:
    """The migrated file again, for the next test; False on another engine."""
    if connection.vendor != "sqlite" or not template().exists():
        return False
    connections.close_all()
    return bring()


def keep() -> None:
    """Keep what was just migrated for the next tests, and nothing older."""
    made = template().with_suffix(".new")
    made.unlink(missing_ok=True)
    with closing(sqlite3.connect(_name())) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
    for old in FOLDER.glob("template-*.sqlite3"):
        old.unlink()
    made.rename(template())


def _name() -> str:
    return str(connection.creation._get_test_db_name())
