"""Bring an archive back, and prove it: fingerprints before, verify after."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.backends.sqlite3._functions import register as know_djangos_functions  # type: ignore[import-untyped]
from django.db.migrations.loader import MigrationLoader

from essaim import immutability
from essaim.archive import DATABASE, FORMAT, MANIFEST, MEDIA, Broken, digest_of, run_tool, tool


class Command(BaseCommand):
    help = "Restore an archive made by backup, then verify the restored copy."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Archive made by manage.py backup")
        parser.add_argument("--into", default="", metavar="DATABASE_URL", help="Another database")
        parser.add_argument("--media", type=Path, help="Folder of the media files")
        parser.add_argument(
            "--force", action="store_true", help="Replace what the database holds now"
        )

    def handle(
        self, *args: Any, file: Path, into: str, media: Path | None, force: bool, **options: Any
    ) -> None:
        if into:
            sys.exit(_elsewhere(file, into, media, force=force))
        folder = media or Path(settings.MEDIA_ROOT)
        with tempfile.TemporaryDirectory(prefix="essaim-restore-") as place:
            manifest = _unpacked(file, Path(place))
            _refuse_a_wrong_target(manifest, folder, force=force)
            _bring_back(Path(place) / DATABASE)
            count = _bring_media(Path(place) / MEDIA, folder)
        self.stdout.write(f"{file}: database and {count} media files restored")
        _bring_up_to_date()
        if "verify" in get_commands():
            # Ends with 1, and so does this command, when something does not agree.
            call_command("verify", stdout=self.stdout)


def _elsewhere(file: Path, into: str, media: Path | None, *, force: bool) -> int:
    """The same command in a process whose database is the other one."""
    if media is None:
        raise Broken("--into needs --media: the files of this installation stay as they are.")
    command = [sys.executable, "-m", "django", "restore", str(file.resolve())]
    command += ["--media", str(media.resolve()), *(["--force"] if force else [])]
    environment = os.environ | {
        "DATABASE_URL": into,
        "DJANGO_SETTINGS_MODULE": "essaim.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    return subprocess.run(command, env=environment, check=False).returncode


# -- the archive ------------------------------------------------------------------------------


def _unpacked(file: Path, place: Path) -> dict[str, Any]:
    """Unpack into an empty folder, judge every file by the manifest, and return the manifest."""
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                _unpack(archive, member, place)
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_text())
        given = dict(manifest["sha256"])
    except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise Broken(f"{file} is no archive of ours: {error}") from error
    if manifest.get("format") != FORMAT:
        raise Broken(f"{file} has another format: {manifest.get('format')}")
    held = {p.relative_to(place).as_posix(): p for p in place.rglob("*") if p.is_file()}
    held.pop(MANIFEST)
    if set(held) != set(given):
        odd = sorted(set(held) ^ set(given))[0]
        raise Broken(f"{file} does not hold what its manifest says: {odd}")
    for name, path in held.items():
        if digest_of(path) != given[name]:
            raise Broken(f"{file} is damaged: {name} is not what was saved")
    return manifest


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    path = PurePosixPath(member.name)
    known = member.name in (MANIFEST, DATABASE) or path.parts[0] == MEDIA
    if not member.isreg() or path.is_absolute() or ".." in path.parts or not known:
        raise Broken(f"{member.name} has no place in an archive of ours")
    content = archive.extractfile(member)
    target = place / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        with content, target.open("xb") as out:
            shutil.copyfileobj(content, out)


# -- the target -------------------------------------------------------------------------------


def _refuse_a_wrong_target(manifest: dict[str, Any], folder: Path, *, force: bool) -> None:
    if manifest["engine"] != connection.vendor:
        raise Broken(f"The archive is of {manifest['engine']}, the target is {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise Broken(f"The archive comes from a newer version: {unknown[0]} is not known here.")
    if force:
        return
    if connection.introspection.table_names():
        raise Broken("The target database is not empty: give --force to replace what it holds.")
    for name, digest in manifest["sha256"].items():
        path = folder / PurePosixPath(name).relative_to(MEDIA) if name != DATABASE else None
        if path is not None and path.exists() and digest_of(path) != digest:
            raise Broken(f"{path} is another file than the archive's: give --force to replace it.")


def _bring_back(dump: Path) -> None:
    if connection.vendor == "sqlite":
        _bring_sqlite_back(dump)
    else:
        _bring_postgresql_back(dump)
    connection.close()


def _bring_sqlite_back(dump: Path) -> None:
    with closing(sqlite3.connect(dump)) as source:
        # Constraints are checked too, and some call Django's functions.
        know_djangos_functions(source)
        found = source.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise Broken(f"The saved database is damaged: {found}")
        connection.ensure_connection()
        source.backup(connection.connection)


def _bring_postgresql_back(dump: Path) -> None:
    """One transaction: a restore that fails leaves the target as it was."""
    database = connection.settings_dict
    filled = bool(connection.introspection.table_names())
    connection.close()
    script = dump.with_suffix(".sql")
    run_tool([tool("pg_restore"), "--no-owner", "--file", str(script), str(dump)], database)
    empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    command = [tool("psql"), "--no-psqlrc", "--quiet", "--single-transaction"]
    command += ["--set", "ON_ERROR_STOP=1", *(["--command", empty] if filled else [])]
    run_tool([*command, "--file", str(script), "--dbname", str(database["NAME"])], database)


def _bring_media(source: Path, folder: Path) -> int:
    files = [p for p in sorted(source.rglob("*")) if p.is_file()]
    for path in files:
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return len(files)


def _bring_up_to_date() -> None:
    """Migrations younger than the archive, then the triggers as this version writes them."""
    plan = MigrationLoader(connection)
    if set(plan.disk_migrations) - set(plan.applied_migrations):
        call_command("migrate", verbosity=0, interactive=False)
    immutability.drop(connection)
    immutability.install(connection)
