"""A backup brings everything back, proves itself, and refuses what it should."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from essaim.archive import Broken, environment_for
from essaim.models import User
from tests.conftest import person
from tests.issued import books, contents

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("pg_dump", "pg_restore", "psql")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not all(map(shutil.which, TOOLS)),
        reason="PostgreSQL's client tools (pg_dump) are not installed",
    ),
]


@pytest.fixture
def media(settings: Any) -> Path:
    folder = Path(settings.MEDIA_ROOT)
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "statuts.pdf").write_bytes(b"%PDF-1.7 statuts")
    return folder


@pytest.fixture
def archive(media: Path, tmp_path: Path) -> Path:
    """A backup of an installation with two people."""
    person("Ada Lutz", "consultant")
    person("Émile Kieffer")
    return backed_up(tmp_path / "essaim.tar.gz")


def backed_up(file: Path) -> Path:
    call_command("backup", file, verbosity=0, stdout=io.StringIO())
    return file


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the same engine."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.sqlite3'}"
        return
    name = f"restored_{os.getpid()}"
    _on_server(f'DROP DATABASE IF EXISTS "{name}"')
    _on_server(f'CREATE DATABASE "{name}"')
    reach = environment_for(connection.settings_dict)
    yield f"postgres://{reach.get('PGUSER', '')}@/{name}?host={reach.get('PGHOST', '')}"
    _on_server(f'DROP DATABASE "{name}"')


def _on_server(sql: str) -> None:
    reach = environment_for(connection.settings_dict)
    with psycopg.connect(
        host=reach.get("PGHOST"), user=reach.get("PGUSER"), dbname="postgres", autocommit=True
    ) as server:
        server.execute(sql.encode())


def restored(file: Path, into: str, media: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "manage.py"), "restore", str(file)]
    return subprocess.run(
        [*command, "--into", into, "--media", str(media), *more],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"ESSAIM_VAR": str(media.parent / "var")},
    )


def asked(into: str, python: str) -> str:
    """What the restored installation answers."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", python],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"DATABASE_URL": into},
    )
    return done.stdout.strip()


PEOPLE = (
    "from essaim.models import User; print(*User.objects.values_list('name', flat=True), sep=',')"
)
TRIGGERS = (
    "from django.db import connection; from essaim import immutability;"
    "print(immutability.missing(connection), len(immutability._present(connection)) > 20)"
)


def test_what_was_saved_comes_back_whole(archive: Path, elsewhere: str, tmp_path: Path) -> None:
    done = restored(archive, elsewhere, tmp_path / "back")
    assert (done.returncode, done.stderr) == (0, "")
    assert asked(elsewhere, PEOPLE) == "Ada Lutz,Émile Kieffer"
    assert (tmp_path / "back" / "documents" / "statuts.pdf").read_bytes() == b"%PDF-1.7 statuts"
    assert asked(elsewhere, TRIGGERS) == "[] True"
    assert "documents verified" in done.stdout


def test_the_manifest_says_what_the_archive_holds(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())
        held = {m.name: tar.extractfile(m).read() for m in tar if m.name != "manifest.json"}
    assert manifest["engine"] == connection.vendor
    assert "essaim.0001_initial" in manifest["migrations"]
    assert manifest["sha256"] == {n: hashlib.sha256(c).hexdigest() for n, c in held.items()}
    assert set(held) == {"database", "media/documents/statuts.pdf"}
    assert archive.stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites_another(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(Broken):
        backed_up(archive)
    assert archive.read_bytes() == before


def test_a_target_that_holds_something_is_refused_unless_forced(
    archive: Path, elsewhere: str, tmp_path: Path
) -> None:
    back = tmp_path / "back"
    assert restored(archive, elsewhere, back).returncode == 0
    User.objects.create_user("new@essaim.test", name="Zoé")
    later = backed_up(tmp_path / "later.tar.gz")
    refused = restored(later, elsewhere, back)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert "Zoé" not in asked(elsewhere, PEOPLE)
    assert restored(later, elsewhere, back, "--force").returncode == 0
    assert "Zoé" in asked(elsewhere, PEOPLE)


def test_another_media_file_is_not_replaced_unless_forced(
    archive: Path, elsewhere: str, tmp_path: Path
) -> None:
    mine = tmp_path / "back" / "documents" / "statuts.pdf"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    refused = restored(archive, elsewhere, tmp_path / "back")
    assert (refused.returncode, mine.read_bytes()) == (1, b"mine")
    assert restored(archive, elsewhere, tmp_path / "back", "--force").returncode == 0
    assert mine.read_bytes() == b"%PDF-1.7 statuts"


def _rewritten(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(archive) as tar:
        held = {m.name: tar.extractfile(m).read() for m in tar}
    change(held)
    out = archive.with_name("changed.tar.gz")
    with tarfile.open(out, "w:gz") as tar:
        for name, content in held.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out


def _manifest(**more: Any) -> Callable[[dict[str, bytes]], None]:
    def change(held: dict[str, bytes]) -> None:
        held["manifest.json"] = json.dumps(json.loads(held["manifest.json"]) | more).encode()

    return change


DAMAGE: dict[str, Callable[[dict[str, bytes]], Any]] = {
    "a file altered": lambda h: h.update({"media/documents/statuts.pdf": b"other"}),
    "a file missing": lambda h: h.pop("media/documents/statuts.pdf"),
    "a file more": lambda h: h.update({"media/x": b"x"}),
    "the database altered": lambda h: h.update({"database": h["database"][:-1] + b"x"}),
    "no manifest": lambda h: h.pop("manifest.json"),
    "a way out": lambda h: h.update({"media/../../escaped": b"x"}),
    "an absolute path": lambda h: h.update({"/tmp/escaped": b"x"}),
    "another format": _manifest(format=2),
    "another engine": _manifest(engine="oracle"),
    "a newer version": _manifest(migrations=["essaim.9999_from_tomorrow"]),
}


def test_a_damaged_or_foreign_archive_is_refused_before_anything_is_written(
    archive: Path, tmp_path: Path, media: Path
) -> None:
    words = {}
    for name, damage in DAMAGE.items():
        with pytest.raises(Broken) as refused:
            call_command("restore", _rewritten(archive, damage), media=tmp_path / "back")
        words[name] = str(refused.value)
    # Each for its own reason, before the target is even looked at.
    assert not {name: said for name, said in words.items() if "not empty" in said}
    assert len(set(words.values())) >= 8
    assert not (tmp_path / "back").exists()
    assert not list(tmp_path.parent.glob("**/escaped"))
    assert not Path("/tmp/escaped").exists()


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(Broken, match="no archive of ours"):
        call_command("restore", tmp_path / "x.tar.gz")


def test_into_another_database_asks_where_the_files_go(archive: Path, elsewhere: str) -> None:
    with pytest.raises(Broken, match="--media"):
        call_command("restore", archive, into=elsewhere)


def test_issued_documents_that_do_not_verify_end_the_restore_with_an_error(
    elsewhere: str, tmp_path: Path
) -> None:
    # Rows by hand carry no true hash: verify must say so, and restore repeat it.
    books(person("Chloé Weiss", "accountant"))
    done = restored(backed_up(tmp_path / "x.tar.gz"), elsewhere, tmp_path / "back")
    assert done.returncode == 1
    assert "FA-2026-0001" in done.stdout


def test_frozen_rows_come_back_byte_for_byte(elsewhere: str, tmp_path: Path) -> None:
    books(person("Chloé Weiss", "accountant"))
    restored(backed_up(tmp_path / "x.tar.gz"), elsewhere, tmp_path / "back")
    assert asked(elsewhere, "from tests.issued import contents; print(contents())") == str(
        contents()
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's copy goes on beside writers")
def test_the_copy_of_sqlite_is_whole_while_somebody_writes(media: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM essaim_legalfigure")
        file = backed_up(tmp_path / "essaim.tar.gz")
        writer.rollback()
    with tarfile.open(file) as tar:
        (tmp_path / "copy").write_bytes(tar.extractfile("database").read())
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM essaim_legalfigure").fetchone()[0] > 0
