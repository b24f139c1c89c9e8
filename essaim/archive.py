"""What backup and restore share: names in the archive, fingerprints, PostgreSQL's tools."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

FORMAT = 1
MANIFEST, DATABASE, MEDIA = "manifest.json", "database", "media"


class Broken(CommandError):
    """An archive, a target or a tool is not what it should be."""


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, read by pieces."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def environment_for(database: Mapping[str, Any]) -> dict[str, str]:
    """The environment by which PostgreSQL's tools reach a database; no password in a command."""
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    found = {key: str(database[name]) for key, name in names.items() if database.get(name)}
    options = database.get("OPTIONS", {})
    for key, name in (("PGSSLMODE", "sslmode"), ("PGSSLROOTCERT", "sslrootcert")):
        if name in options:
            found[key] = str(options[name])
    host = options.get("host")
    return found | ({"PGHOST": str(host)} if host else {})


def tool(name: str) -> str:
    """Where one of PostgreSQL's tools is; raises Broken when it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise Broken(f"{name} is not installed: apt-get install postgresql-client")
    return path


def run_tool(command: Sequence[str], database: Mapping[str, Any]) -> None:
    """Run one of PostgreSQL's tools; raises Broken with its last words."""
    environment = os.environ | environment_for(database)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, errors="replace"
    )
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise Broken(f"{Path(command[0]).name} failed: {words[-1] if words else done.returncode}")
