"""The table of URL x role x status: its row, and how it is played against the URLconf."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from essaim.models import User
from tests.conftest import person, signed_in

PERSONAS = ("ada", "basile", "chloe", "farid", "dina", "stranger", "anonymous")
TURNED_AWAY = (302, 403, 404)
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Row:
    """One address, and what each persona is answered.

    `args` are keys of `OBJECTS` (tests/url_objects.py, or the `OBJECTS` of the room's own file),
    given to the address in its order; one that begins with ' or = is a plain word. `stranger` is a
    second consultant without access to the object. `data` is posted, `query` asked.
    """

    name: str
    args: tuple[str, ...] = ()
    ada: int
    basile: int
    chloe: int
    farid: int
    dina: int = 403
    stranger: int
    anonymous: int = 302
    method: str = "get"
    data: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""

    def expected(self) -> dict[str, int]:
        return {who: getattr(self, who) for who in PERSONAS}

    def played(self) -> dict[str, int]:
        """Whose answer is asked for: on PostgreSQL only who reaches the page and its queries.

        Who is turned away is turned away before them, as SQLite shows.
        """
        if connection.vendor == "sqlite":
            return self.expected()
        return {who: n for who, n in self.expected().items() if n not in TURNED_AWAY}

    def __str__(self) -> str:
        return " ".join((self.method, self.name, *self.args, self.query)).strip()


Builder = Callable[["Objects"], Any]


@dataclass
class Objects:
    """The objects addresses speak of, each made once when a row first names it."""

    builders: Mapping[str, Builder]
    people: dict[str, User]
    made: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        if key not in self.made:
            self.made[key] = self.builders[key](self)
        return self.made[key]

    def value(self, key: str) -> Any:
        """What stands in the address: a plain word, or the object's key."""
        if key[0] in "'=":
            return key[1:]
        found = self[key]
        return getattr(found, "pk", found)


def people_of_the_table() -> dict[str, User]:
    return {
        "ada": person("Ada Lutz", "consultant"),
        "basile": person("Basile Roth", "coordinator"),
        "chloe": person("Chloé Weiss", "accountant"),
        "farid": person("Farid Kern", "administrator"),
        "dina": person("Dina Maurer"),
        "stranger": person("Simon Stoll", "consultant"),
    }


def room_files() -> list[Any]:
    """tests/urls_*.py, each with its ROWS and, if it wants, its OBJECTS."""
    return [import_module(f"tests.{p.stem}") for p in sorted(HERE.glob("urls_*.py"))]


def rows() -> list[Row]:
    return [row for module in room_files() for row in module.ROWS]


def names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every name of the URLconf, with its namespace."""
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            namespace = f"{part.namespace}:" if part.namespace else ""
            yield from names(part, prefix + namespace)
        elif isinstance(part, URLPattern):
            yield prefix + (part.name or f"without a name: {part.pattern}")


def answered(row: Row, objects: Objects) -> dict[str, int]:
    """What each persona is answered; whatever an answer wrote is undone before the next."""
    address = reverse(row.name, args=[objects.value(key) for key in row.args]) + row.query
    return {who: _answer_to(who, row, address, objects) for who in row.played()}


def _answer_to(who: str, row: Row, address: str, objects: Objects) -> int:
    with transaction.atomic():
        browser = Client() if who == "anonymous" else signed_in(objects.people[who])
        answer = getattr(browser, row.method)(address, row.data)
        # A file is read to its end: that is when a stream would fail.
        for _piece in answer if answer.streaming else ():
            pass
        transaction.set_rollback(True)
    return int(answer.status_code)
