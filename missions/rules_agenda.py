"""From an event or from calls to a day: how much it is worth, and what it was probably for."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from missions.rules import Moment, Work

# Of calls: each hour and a half is a quarter; what is under it is not counted.
CALL_STEP: Final = 90
QUARTER: Final = Decimal("0.25")
# Of an event: a journey, a preparation come with it; up to so many minutes it is so much.
EVENT_STEPS: Final = (
    (149, Decimal("0.25")),
    (269, Decimal("0.5")),
    (329, Decimal("0.75")),
)
SAME_TITLE: Final = 0.6
HALF_OF_A_NAME: Final = 0.5


def quantity_of_calls(minutes: int) -> Decimal:
    """1 h 30 of calls is a quarter of a day, 3 h a half...: never more than a day, 0 below."""
    return min(max(minutes, 0) // CALL_STEP * QUARTER, Decimal(1))


def quantity_of_event(minutes: int | None) -> Decimal:
    """Days an event is worth by its length; without hours it is a whole day."""
    if minutes is None:
        return Decimal(1)
    return next((worth for most, worth in EVENT_STEPS if minutes <= most), Decimal(1))


def moment_of(start: datetime | None, quantity: Decimal) -> Moment:
    """When in the day: by the local hour it begins, a whole day past a half."""
    if start is None or quantity > Decimal("0.5"):
        return Moment.FULL_DAY
    if start.hour < 12:
        return Moment.MORNING
    return Moment.AFTERNOON if start.hour < 18 else Moment.EVENING


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mission an event may be for, by its words and its people; a lower rank is likelier."""

    mission: int
    words: frozenset[str]
    emails: frozenset[str] = frozenset()
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What this person once noted under these words."""

    words: frozenset[str]
    mission: int
    work: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Guessed:
    """What an event was probably for, and how that was told."""

    mission: int | None = None
    by: str = ""
    work: str = ""
    subject: str = ""


def words_of(text: str, stop: Collection[str] = ()) -> frozenset[str]:
    """The words that say something in a text already folded to plain letters."""
    cut = "".join(c if c.isalnum() else " " for c in text)
    return frozenset(w for w in cut.split() if w not in stop and (len(w) > 1 or w.isdigit()))


def guess(
    words: frozenset[str],
    people: Collection[str],
    candidates: Sequence[Candidate],
    learnt: Iterable[Learnt] = (),
) -> Guessed:
    """What an event was for: as its like was noted before, else by who came, else by its words.

    `learnt` tells the newest first. A mission that is no candidate is never answered.
    """
    known = {c.mission for c in candidates}
    before = like(words, [one for one in learnt if one.mission in known])
    if before is not None:
        return Guessed(before.mission, "before", before.work, before.subject)
    came = [c for c in candidates if not c.emails.isdisjoint(people)]
    if came:
        return Guessed(min(came, key=lambda c: c.rank).mission, "email")
    named = by_name(words, candidates)
    return Guessed(named, "name") if named is not None else Guessed()


def like(words: frozenset[str], learnt: Iterable[Learnt]) -> Learnt | None:
    """The nearest title known: at least six words in ten are the same."""
    best, found = SAME_TITLE, None
    for one in learnt:
        both = len(words & one.words)
        share = both / len(words | one.words) if both else 0.0
        if share > best or (share == best and found is None):
            best, found = share, one
    return found


def by_name(words: frozenset[str], candidates: Sequence[Candidate]) -> int | None:
    """The mission whose name is told by half at least; rare words weigh more."""
    names = {c.words for c in candidates}
    shared = Counter(word for name in names for word in name)
    best: tuple[float, float, int] | None = None
    found = None
    for one in candidates:
        whole = sum(1 / shared[w] for w in one.words)
        told = sum(1 / shared[w] for w in one.words & words)
        if not told or told / whole < HALF_OF_A_NAME:
            continue
        score = (told / whole, told, -one.rank)
        if best is None or score > best:
            best, found = score, one.mission
    return found


def work_of(words: Collection[str], table: Mapping[str, Collection[str]]) -> str:
    """The kind of work its words tell, in the order of the table; on site when none does."""
    told = (work for work, clues in table.items() if not set(clues).isdisjoint(words))
    return next(told, Work.ON_SITE.value)
