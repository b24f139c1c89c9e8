"""Settings come from the environment, and production refuses what would be unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAFE = {
    "ESSAIM_PRODUCTION": "1",
    "ESSAIM_SECRET_KEY": "k9#mV2$qL7!xT4@wZ8^bN1&cR6*dF3(gH5)jP0-sY_uE=aXoI7hR4",
    "ESSAIM_HOSTS": "essaim.example",
}


def manage(tmp_path: Path, *command: str, **given: str) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ESSAIM_")}
    # The second is of the journeys, when they were made in the same process before.
    for name in ("DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        kept.pop(name, None)
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=kept | {"ESSAIM_VAR": str(tmp_path)} | given,
        capture_output=True,
        text=True,
        check=False,
    )


def value(tmp_path: Path, name: str, **given: str) -> str:
    code = f"from django.conf import settings; print(settings.{name})"
    done = manage(tmp_path, "shell", "--no-imports", "-c", code, **given)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_production_is_clean_for_djangos_own_deployment_check(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "INFO", **SAFE)
    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"ESSAIM_SECRET_KEY": "development-only-key-never-in-production"},
        {"ESSAIM_SECRET_KEY": ""},
        {"ESSAIM_SECRET_KEY": "short"},
        {"ESSAIM_DEBUG": "1"},
        {"ESSAIM_DEMO": "1"},
        {"ESSAIM_HOSTS": ""},
        {"ESSAIM_HOSTS": "*"},
    ],
)
def test_production_refuses_to_start_unsafe(tmp_path: Path, wrong: dict[str, str]) -> None:
    done = manage(tmp_path, "check", **SAFE | wrong)
    assert done.returncode != 0
    assert "Production needs" in done.stderr


def test_production_without_a_key_does_not_start(tmp_path: Path) -> None:
    given = {k: v for k, v in SAFE.items() if k != "ESSAIM_SECRET_KEY"}
    assert "Production needs" in manage(tmp_path, "check", **given).stderr


def test_with_nothing_set_it_is_an_embedded_database_on_this_machine(tmp_path: Path) -> None:
    assert value(tmp_path, "DATABASES['default']['NAME']") == str(tmp_path / "essaim.sqlite3")
    options = value(tmp_path, "DATABASES['default']['OPTIONS']")
    for word in ("IMMEDIATE", "WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert word in options
    assert "*" not in value(tmp_path, "ALLOWED_HOSTS")
    assert value(tmp_path, "DEMO") == "False"


def test_an_address_of_postgresql_is_followed(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://essaim:secret@db.example:5433/books"}
    assert value(tmp_path, "DATABASES['default']['ENGINE']", **given).endswith("postgresql")
    assert value(tmp_path, "DATABASES['default']['HOST']", **given) == "db.example"


def test_cookies_and_transport_are_closed_in_production(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert value(tmp_path, f"{names[0]}, settings.{names[1]}, settings.{names[2]}", **SAFE) == (
        "True True True"
    )


def test_mail_leaves_by_the_address_given(tmp_path: Path) -> None:
    given = SAFE | {"ESSAIM_EMAIL_URL": "smtp+tls://me:pw@mail.example:587"}
    shown = value(tmp_path, "EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS", **given)
    assert shown == "mail.example 587 True"
