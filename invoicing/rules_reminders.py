"""Which reminder an instalment is due, and what is left of each instalment (pure)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from essaim.money import ZERO, cents


@dataclass(frozen=True, slots=True)
class Level:
    """A level in use: its rank and its day, counted from the due date (before it: < 0)."""

    rank: int
    days: int

    def falls_on(self, due_on: date) -> date:
        """The first day on which this level may be sent."""
        return due_on + timedelta(days=self.days)

    def is_open(self, due_on: date, on: date) -> bool:
        """From its day on; what announces a due date has no sense after it."""
        return self.falls_on(due_on) <= on and (self.days > 0 or on <= due_on)


@dataclass(frozen=True, slots=True)
class Due:
    """The one level to send today, and the earlier ones it makes useless."""

    rank: int
    skips: tuple[int, ...]


def due_level(
    levels: Sequence[Level], *, due_on: date, on: date, done: Collection[int]
) -> Due | None:
    """The highest level that is due and above all that were sent or skipped; None for nothing.

    Whatever was missed is caught up by this one alone: never two levels on one day.
    """
    reached = max(done, default=-1)
    ranks = [x.rank for x in levels if x.rank > reached and x.is_open(due_on, on)]
    if not ranks:
        return None
    rank = max(ranks)
    behind = (x for x in levels if x.rank < rank and x.falls_on(due_on) <= on)
    skipped = sorted(x.rank for x in behind if x.rank not in done)
    return Due(rank, tuple(skipped))


def next_level(
    levels: Sequence[Level], *, due_on: date, on: date, done: Collection[int]
) -> tuple[int, date] | None:
    """The next level to come after today, and its day; None when the last one is behind."""
    reached = max(done, default=-1)
    coming = [
        (x.falls_on(due_on), x.rank) for x in levels if x.rank > reached and x.falls_on(due_on) > on
    ]
    if not coming:
        return None
    day, rank = min(coming)
    return rank, day


def left_of_parts(amounts: Sequence[Decimal], settled: Decimal) -> tuple[Decimal, ...]:
    """What is left of each part, in the order they fall due: what came settles the oldest first."""
    rest, out = cents(settled), []
    for amount in amounts:
        taken = min(amount, max(rest, ZERO))
        rest -= taken
        out.append(cents(amount - taken))
    return tuple(out)
