"""The words of the trade, explained: data files of `essaim/data/help`, in both languages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import get_language

from essaim.identifiers import search_key

FOLDER = Path(__file__).resolve().parent / "data" / "help"
# What a page is written in when the reader's language has no text of its own.
FALLBACK = "fr"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the trade in one language."""

    slug: str
    name: str
    also: Sequence[str]
    short: str
    text: Sequence[str]
    see: Sequence[str]
    related: Sequence[str]
    law: Sequence[str]

    @property
    def url(self) -> str:
        return reverse("help_word", args=(self.slug,))

    @property
    def letter(self) -> str:
        """Under which letter it stands in the index."""
        return search_key(self.name)[:1].upper()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word is on screen: a page this person may open."""

    title: str
    url: str


@cache
def _known(language: str) -> dict[str, Word]:
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            told: dict[str, Any] = {n: tuple(row.get(n, ())) for n in ("see", "related", "law")}
            found[row["slug"]] = Word(slug=row["slug"], **row[language], **told)
    return dict(sorted(found.items(), key=lambda pair: search_key(pair[1].name)))


def words() -> dict[str, Word]:
    """Every word in the reader's language, in the order of its alphabet."""
    language = (get_language() or FALLBACK)[:2]
    return _known(language if language in {"fr", "en"} else FALLBACK)


def find(question: str) -> list[Word]:
    """The words that hold every part of a question, whatever the accents; names come first."""
    parts = search_key(question).split()[:8]
    if not parts:
        return list(words().values())
    ranked = []
    for word in words().values():
        names = search_key(" ".join((word.name, *word.also)))
        whole = f"{names} {search_key(' '.join((word.short, *word.text)))}"
        if all(part in whole for part in parts):
            first = search_key(word.name).startswith(parts[0])
            ranked.append((not first, not all(part in names for part in parts), word))
    return [word for *_rank, word in sorted(ranked, key=lambda row: row[:2])]


@cache
def _page(name: str) -> tuple[Any, str] | None:
    """The page class of an address by name, and the right it asks."""
    *spaces, last = name.split(":")
    resolver: Any = get_resolver()
    for space in spaces:
        resolver = next((r for r in _all(resolver) if getattr(r, "namespace", "") == space), None)
    for part in _all(resolver) if resolver is not None else ():
        if isinstance(part, URLPattern) and part.name == last:
            callback: Any = part.callback
            return callback.view_class, callback.view_initkwargs.get("permission", "")
    return None


def _all(resolver: URLResolver) -> list[URLPattern | URLResolver]:
    """The parts of a resolver, those of includes without a namespace too."""
    found: list[URLPattern | URLResolver] = []
    for part in resolver.url_patterns:
        nested = isinstance(part, URLResolver) and not part.namespace
        found += _all(part) if nested and isinstance(part, URLResolver) else [part]
    return found


def places(word: Word, user: Any) -> list[Place]:
    """Where the word is on screen, of what this person may open."""
    found = []
    for name in word.see:
        page = _page(name)
        if page is None or not user.has_perm(page[1]):
            continue
        try:
            found.append(Place(str(page[0].title), reverse(name)))
        except NoReverseMatch:
            continue
    return found
