"""Put the database and the media in one archive that says what it holds."""

import io
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from essaim.archive import (
    DATABASE,
    FORMAT,
    MANIFEST,
    MEDIA,
    Broken,
    digest_of,
    run_tool,
    tool,
)


class Command(BaseCommand):
    help = "Write the database and the media files in one archive (tar.gz)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Archive to write, as essaim.tar.gz")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if file.exists():
            raise Broken(f"{file} is already there: a backup never overwrites another.")
        part = file.with_name(file.name + ".part")
        try:
            with tempfile.TemporaryDirectory(prefix="essaim-backup-") as folder:
                dump = Path(folder) / DATABASE
                _dump(dump)
                count = _write(part, dump)
            # A name appears only on a whole archive.
            part.rename(file)
        finally:
            part.unlink(missing_ok=True)
        self.stdout.write(f"{file}: database and {count} media files, {file.stat().st_size} bytes")


def _dump(dump: Path) -> None:
    if connection.vendor == "postgresql":
        database = connection.settings_dict
        command = [tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
        run_tool([*command, "--file", str(dump), str(database["NAME"])], database)
        return
    connection.ensure_connection()
    # A copy page by page that waits for no writer and is whole whatever they do meanwhile.
    with closing(sqlite3.connect(dump)) as target:
        connection.connection.backup(target)
        # One file, without the journal beside it.
        target.execute("PRAGMA journal_mode=DELETE")


def _media() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    return (p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink())


def _manifest(files: dict[str, str]) -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "engine": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in applied),
        "sha256": files,
    }


def _write(target: Path, dump: Path) -> int:
    """Write the archive, the manifest last: it tells what really went in."""
    root = Path(settings.MEDIA_ROOT)
    # Only its owner may read what holds everything.
    target.touch(mode=0o600)
    files = {}
    with tarfile.open(target, "w:gz") as archive:
        # The database first: a file that came later is one too many, never one too few.
        media = ((p, f"{MEDIA}/{p.relative_to(root).as_posix()}") for p in _media())
        for path, name in [(dump, DATABASE), *media]:
            files[name] = digest_of(path)
            archive.add(path, name, recursive=False)
        content = json.dumps(_manifest(files), indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(content), 0o600
        archive.addfile(info, io.BytesIO(content))
    return len(files) - 1
