"""De minimis aid: what counts on a date, and what is left below the ceiling (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up

YEARS: Final = 3


@dataclass(frozen=True, slots=True)
class Aid:
    """One aid: the day its right was given, its euros, and what it is."""

    on: date
    amount: Decimal
    what: str
    url: str = ""
    key: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """What counts on a date, newest first, with the total and what is left of the ceiling."""

    on: date
    since: date
    ceiling: Decimal
    counted: tuple[Aid, ...]

    @property
    def total(self) -> Decimal:
        return add_up(aid.amount for aid in self.counted)

    @property
    def left(self) -> Decimal:
        return max(self.ceiling - self.total, ZERO)

    @property
    def over(self) -> Decimal:
        return max(self.total - self.ceiling, ZERO)


def years_before(on: date, years: int = YEARS) -> date:
    """The same day some years earlier; 29 February falls back on the 28th."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)


def count(aids: Iterable[Aid], *, on: date, ceiling: Decimal) -> Counter:
    """The aids of the three years that end on a date.

    The day of the right is not counted in the period (regulation 1182/71, art. 3), so an aid
    still counts on its third anniversary.
    """
    since = years_before(on)
    counted = sorted(
        (aid for aid in aids if since <= aid.on <= on), key=lambda a: (a.on, a.key), reverse=True
    )
    return Counter(on=on, since=since, ceiling=ceiling, counted=tuple(counted))
