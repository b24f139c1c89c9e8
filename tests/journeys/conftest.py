"""A real Chromium for the journeys: who signs in, on which screen, and what must never happen.

Without Chromium on the machine the journeys are skipped and the summary says so.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from essaim.models import User
from tests.conftest import signed_in
from tests.journeys.pages import Shower
from tests.journeys.screens import DESK, PHONE

__all__ = ["DESK", "PHONE", "carry_session"]

# Playwright's loop runs in this thread: the ORM would take it for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys are made on SQLite; those marked `both_engines` on PostgreSQL as well."""
    ours = [item for item in items if "/journeys/" in str(item.path)]
    for item in ours:
        item.add_marker(pytest.mark.journey)
        if CHROMIUM is None and os.environ.get("ESSAIM_JOURNEYS") != "required":
            item.add_marker(pytest.mark.skip(reason="Chromium is not on this machine"))
    if "sqlite" in django_settings.DATABASES["default"]["ENGINE"]:
        return
    left = {item for item in ours if not item.get_closest_marker("both_engines")}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
        ],
    }


@dataclass
class Seen:
    """What the browser complained of: errors on its console, refusals of the content policy."""

    errors: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def allow(self, *words: str) -> None:
        """A journey that provokes an error names it: « 409 », « ERR_INTERNET_DISCONNECTED »."""
        self.allowed += words

    @property
    def wrong(self) -> list[str]:
        return [e for e in self.errors if not any(word in e for word in self.allowed)]


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Fails the journey on any console error or content-policy refusal it did not allow."""
    found = Seen()
    yield found
    assert found.wrong == []


@pytest.fixture(scope="module")
def shower(browser: Browser) -> Iterator[Shower]:
    """One window for many pages, without a server behind it."""
    context = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", service_workers="block"
    )
    yield Shower(context.new_page())
    context.close()


Opener = Callable[..., Page]


@pytest.fixture
def open_as(new_context: Any, live_server: Any, seen: Seen) -> Opener:
    """`open_as(user, PHONE, dark=True, javascript=False)`: a page signed in as this person."""

    def opened(
        user: User | None = None,
        screen: dict[str, int] | None = None,
        *,
        dark: bool = False,
        javascript: bool = True,
        context: BrowserContext | None = None,
    ) -> Page:
        screen = screen or DESK
        context = context or new_context(
            base_url=live_server.url,
            viewport=screen,
            has_touch=screen["width"] < 600,
            is_mobile=screen["width"] < 600,
            color_scheme="dark" if dark else "light",
            locale="fr-FR",
            timezone_id="Europe/Paris",
            java_script_enabled=javascript,
            # The worker would go on asking after the page: journeys that want it say so.
            service_workers="block",
        )
        context.set_default_timeout(8000)
        if user is not None:
            carry_session(context, signed_in(user), live_server.url)
        page = context.new_page()
        seen.watch(page)
        return page

    return opened


def carry_session(context: BrowserContext, client: Client, url: str) -> None:
    """The session of a signed-in test client, given to the browser."""
    assert SESSION_KEY in client.session
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
