"""Words as the search compares them, and how alike two words are."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from essaim.identifiers import search_key

LONGEST: Final = 40  # letters of a word
MOST_WORDS: Final = 1_500  # words kept of one entry
MOST_TERMS: Final = 6  # words read of a question
MOST_TYPED: Final = 120  # letters read of a question

# Too common to tell anything; they never decide of a question that says more.
STOP: Final = frozenset(
    (
        *("d", "l", "n", "c", "s", "de", "du", "des", "la", "le", "les", "un", "une", "et", "ou"),
        *("au", "aux", "en", "pour", "par", "sur", "dans", "que", "qui", "qu", "ne", "se"),
    )
)
_DIGITS: Final = re.compile(r"[0-9]+")


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Words of a text, and whether one is a run of figures written apart ("123 456 789")."""
    run: list[str] = []
    for chunk in text.split():
        parts = search_key(chunk).split()
        if any(map(_DIGITS.search, parts)):
            if all(map(_DIGITS.fullmatch, parts)):
                run += parts
                continue
            yield from _flushed(run)
            run = []
            # FA-2026-0012 is found by its end, and by its beginning in one word.
            yield from (("".join(parts[i:]), True) for i in range(len(parts)))
            continue
        yield from _flushed(run)
        run = []
        yield from ((part, False) for part in parts)
    yield from _flushed(run)


def _flushed(run: list[str]) -> Iterator[tuple[str, bool]]:
    if run:
        yield "".join(run), True
    if len(run) > 1:
        yield from ((part, True) for part in run if len(part) > 2)


def words_of(text: str) -> list[str]:
    """The distinct words of a text, in their order, as an entry is found by them."""
    found = dict.fromkeys(
        word[:LONGEST]
        for word, number in _runs(text)
        if number or (len(word) > 1 and word not in STOP)
    )
    return list(found)[:MOST_WORDS]


def terms_of(question: str) -> list[str]:
    """The words of a question: figures typed apart or with dashes are one."""
    typed: list[str] = []
    run = ""
    for chunk in question[:MOST_TYPED].split():
        joined = "".join(search_key(chunk).split())
        if _DIGITS.fullmatch(joined):
            run += joined
            continue
        typed += [run] if run else []
        run = ""
        parts = [joined] if _DIGITS.search(joined) else search_key(chunk).split()
        typed += parts
    typed += [run] if run else []
    told = [t for t in typed if t not in STOP and (len(t) > 1 or t.isdigit())] or typed
    return [t[:LONGEST] for t in dict.fromkeys(told)][:MOST_TERMS]


def has_grams(word: str) -> bool:
    """Whether a word is one that people misspell: long enough, and no number."""
    return len(word) >= 4 and not _DIGITS.search(word)


def grams_of(word: str) -> list[str]:
    """The distinct 3-grams of a word and of its two edges."""
    padded = f" {word} "
    return list(dict.fromkeys(padded[i : i + 3] for i in range(len(padded) - 2)))


def distances(typed: str, word: str) -> tuple[int, int]:
    """Letters wrong between two words, and between the typed one and the best beginning of the
    other; letters swapped count for one."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        after = [i]
        for j, other in enumerate(word, 1):
            cost = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (letter != other))
            swapped = i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other
            after.append(min(cost, before[j - 2] + 1) if swapped else cost)
        before, row = row, after
    return row[-1], min(row)


def allowed(typed: str) -> int:
    """How many letters may be wrong in a word of this length."""
    return 0 if len(typed) < 4 else 1 if len(typed) < 7 else 2


EXACT, PREFIX, INSIDE, ONE_OFF, TWO_OFF, BEGUN = 100, 80, 60, 55, 40, 35


def likeness(typed: str, word: str) -> int:
    """How well a word answers the typed one, 0 when it does not."""
    if word == typed:
        return EXACT
    if word.startswith(typed):
        return PREFIX
    if len(typed) >= 4 and typed in word:
        return INSIDE
    most = allowed(typed)
    whole, begun = distances(typed, word) if most else (9, 9)
    if whole <= most:
        return ONE_OFF if whole == 1 else TWO_OFF
    return BEGUN if begun <= 1 and len(typed) >= 5 else 0


def best(typed: str, words: Iterable[str], most: int) -> dict[int, list[str]]:
    """The words that answer without beginning as typed, by likeness; at most so many."""
    found = sorted(((likeness(typed, w), w) for w in words), reverse=True)[:most]
    out: dict[int, list[str]] = {}
    for value, word in found:
        if 0 < value < PREFIX:
            out.setdefault(value, []).append(word)
    return out
