"""Personas and moments shared by all tests."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from unittest import TestCase

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from django.test.utils import setup_databases, teardown_databases

from essaim import immutability
from essaim.models import User
from tests import database

_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self: TransactionTestCase) -> None:
    """Take away what the test wrote: the migrated file copied again, or a flush.

    A flush deletes rows that triggers keep; post_migrate puts triggers and default rows back.
    """
    if database.bring_back():
        return
    for alias in self._databases_names(include_mirrors=False):
        immutability.drop(connections[alias])
    _flush(self)


TransactionTestCase._fixture_teardown = _flush_without_triggers  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Migrating takes half a minute: on SQLite a file already migrated is copied."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with database.locked():
                known = database.bring()
                made = setup_databases(verbosity=0, interactive=False, keepdb=known)
                if not known:
                    database.keep()
        else:
            made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            # The thread of a live server may still hold its session on the base to be dropped.
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _plain_tests(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ANCHORS_LOG = tmp_path / "anchors.log"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    # Each test client would look through every static file, a fifth of the suite's time.
    settings.WHITENOISE_USE_FINDERS = False


READS_THE_BASE = {"db", "transactional_db", "django_db_setup", "live_server"}


# The longest files begin, so that no worker is left alone with one of them at the end.
LONGEST = (
    "test_story",
    "test_facturx_kinds",
    "test_search_index",
    "test_first_five_minutes",
    "test_money_machine",
    "test_backup",
    "test_facturx_documents",
    "test_books_memory",
    "test_posting",
    "test_pages_one",
    "test_pages_two",
    "test_url_table",
    "test_canary",
    "test_house",
    "test_facturx_issued",
    "test_grant_roles",
    "test_roles_states_edges",
    "test_run_killed",
    "test_printers",
    "test_billing_runs",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What reads no database says the same on both engines: it is played on SQLite alone.

    So is what is marked `one_engine`: what judges the bytes of a file, or the words of pages.
    """
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))
    if "sqlite" in django_settings.DATABASES["default"]["ENGINE"]:
        return
    left = {item for item in items if not _reads_the_base(item)}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _reads_the_base(item: Any) -> bool:
    kind = getattr(item, "cls", None)
    if item.get_closest_marker("one_engine"):
        return False
    if kind is not None and issubclass(kind, TestCase):
        return True
    return bool(item.get_closest_marker("django_db") or READS_THE_BASE & set(item.fixturenames))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many journeys were made in the browser."""
    found = {
        word: sum("tests/journeys/" in r.nodeid for r in terminalreporter.stats.get(word, ()))
        for word in ("passed", "failed", "skipped")
    }
    if found["passed"] or found["failed"]:
        terminalreporter.write_line(
            f"journeys: {found['passed']} passed in Chromium, {found['failed']} failed"
        )
    elif found["skipped"]:
        terminalreporter.write_line("journeys: not run (Chromium not found)")


def person(name: str, *roles: str) -> User:
    """A user with these roles."""
    email = f"{name.split()[0].lower().replace('é', 'e')}@essaim.test"
    flags = {f"is_{role}": True for role in roles}
    return User.objects.create_user(email, "correct horse battery", name=name, **flags)


def acting(user: User, on: date) -> dict[str, Any]:
    """Who acts and when, as actions take it."""
    return {"by": user, "on": on, "at": datetime.combine(on, time(9, 0), tzinfo=UTC)}


@pytest.fixture
def ada(db: None) -> User:
    """Consults."""
    return person("Ada Lutz", "consultant")


@pytest.fixture
def basile(db: None) -> User:
    """Coordinates."""
    return person("Basile Roth", "coordinator")


@pytest.fixture
def chloe(db: None) -> User:
    """Keeps the books."""
    return person("Chloé Weiss", "accountant")


@pytest.fixture
def farid(db: None) -> User:
    """Administers."""
    return person("Farid Kern", "administrator")


@pytest.fixture
def dina(db: None) -> User:
    """Has no role."""
    return person("Dina Maurer")


@pytest.fixture
def today() -> date:
    return date(2026, 11, 23)


def signed_in(user: User) -> Client:
    """A browser in which this person has signed in."""
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser
