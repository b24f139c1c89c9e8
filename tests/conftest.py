"""Personas and moments shared by all tests."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connections
from django.test import Client, TransactionTestCase

from essaim import immutability
from essaim.models import User

_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self: TransactionTestCase) -> None:
    """A flush deletes rows that triggers keep; post_migrate puts triggers and default rows back."""
    for alias in self._databases_names(include_mirrors=False):
        immutability.drop(connections[alias])
    _flush(self)


TransactionTestCase._fixture_teardown = _flush_without_triggers  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _plain_tests(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ANCHORS_LOG = tmp_path / "anchors.log"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False


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
