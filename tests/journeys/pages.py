"""Every page of the table of addresses, shown in the browser as its best-placed reader gets it.

The page is answered in this process and given to the browser with its own headers; what it asks
for (style, scripts) is read from the static files. Nothing listens on the network.
"""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route

from tests.conftest import signed_in
from tests.journeys.screens import DESK, NARROW, PHONE
from tests.shown import shows_a_page, views
from tests.url_objects import BUILDERS
from tests.url_table import Objects, Row, people_of_the_table, room_files, rows

HOST = "http://localhost"
# Whoever sees most of a page comes first.
READERS = ("farid", "chloe", "basile", "ada", "dina", "anonymous")
UNSERVED = "!window.htmx && !!document.querySelector('[hx-get], [hx-post]')"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def shown_rows() -> list[Row]:
    """One row for each address that answers a page to somebody."""
    files = {name for name, view in views() if view and not shows_a_page(view)}
    found: dict[str, Row] = {}
    for row in rows():
        if row.method == "get" and row.name not in files and 200 in row.expected().values():
            found.setdefault(f"{row.name} {row.args}", row)
    return list(found.values())


@dataclass
class Shower:
    """One window in which the pages follow one another, and what it complained of."""

    page: Page
    axe: Axe = field(default_factory=Axe)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def show(self, row: Row) -> list[str]:
        """What is wrong with the page of this row, one line each; a file or a fragment is not."""
        address, answer = _answer(row)
        if answer.content.lstrip()[:9].lower() != b"<!doctype":
            return []
        self.errors.clear()
        self._serve(address, answer)
        self._look("light", DESK)
        self.page.goto(HOST + address)
        self.page.evaluate(self.axe.axe_script)
        found = [f"light, desk: {line}" for line in self._violations()]
        self._look("dark", PHONE)
        found += [f"dark, phone: {line}" for line in self._violations()]
        if self.page.evaluate(UNSERVED):
            found.append("asks for parts of itself and brings no htmx")
        self.page.set_viewport_size(NARROW)
        if over := self.page.evaluate(SIDEWAYS):
            found.append(f"scrolls sideways by {over} px at 320 px")
        return found + [f"console: {words}" for words in self.errors]

    def _look(self, scheme: Any, screen: Any) -> None:
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size(screen)

    def _violations(self) -> Iterator[str]:
        # What axe.run() of its package does, without bringing the script once more.
        for rule in self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]:
            for node in rule["nodes"][:3]:
                yield f"{rule['id']}: {node['target']} {node['html'][:160]}"

    def _serve(self, address: str, answer: HttpResponse) -> None:
        def give(route: Route) -> None:
            path = route.request.url.removeprefix(HOST)
            if path == address:
                headers = {k: v for k, v in answer.items() if k != "Content-Length"}
                route.fulfill(status=200, headers=headers, body=answer.content)
                return
            file = finders.find(path.removeprefix("/static/").split("?")[0])
            if file is None:
                route.fulfill(status=204, body="")
                return
            kind = mimetypes.guess_type(str(file))[0] or "text/plain"
            route.fulfill(status=200, content_type=kind, path=str(file))

        self.page.unroute_all()
        self.page.route("**/*", give)


def _answer(row: Row) -> tuple[str, HttpResponse]:
    """The address of a row, and what its best-placed reader is answered there."""
    own = {k: v for m in room_files() for k, v in getattr(m, "OBJECTS", {}).items()}
    objects = Objects(BUILDERS | own, people_of_the_table())
    address = reverse(row.name, args=[objects.value(key) for key in row.args]) + row.query
    who = next(w for w in READERS if row.expected()[w] == 200)
    browser = Client() if who == "anonymous" else signed_in(objects.people[who])
    with transaction.atomic():
        answer = browser.get(address)
        if answer.streaming:
            answer = HttpResponse(b"".join(answer.streaming_content))
        transaction.set_rollback(True)
    return address, answer
