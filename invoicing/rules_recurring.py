"""Periods of a subscription and the price of one, by tiers of members."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from essaim.days import add_months
from invoicing.rules_problem import Problem

MONTHS: Final = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """One period, both days included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Tier:
    """The price up to so many members; `up_to` None is the open one."""

    up_to: int | None
    price: Decimal


def periods(starts_on: date, step: str, *, until: date) -> Iterator[Period]:
    """Periods that begin up to a day, counted from the first so that no day drifts."""
    index = 0
    while True:
        first = add_months(starts_on, index * MONTHS[step])
        if first > until:
            return
        index += 1
        yield Period(first, add_months(starts_on, index * MONTHS[step]) - timedelta(days=1))


def due_periods(
    starts_on: date, step: str, *, on: date, ends_on: date | None = None, at_end: bool = False
) -> tuple[Period, ...]:
    """Periods to bill by a day: those begun, or ended when billed at the end."""
    until = on if ends_on is None else min(on, ends_on)
    found = tuple(periods(starts_on, step, until=until))
    return tuple(p for p in found if p.last <= on) if at_end else found


def next_period(
    starts_on: date, step: str, *, after: date, ends_on: date | None = None
) -> Period | None:
    """The first period that begins after a day; None past the end."""
    horizon = add_months(max(after, starts_on), MONTHS[step])
    for period in periods(starts_on, step, until=horizon):
        if period.first > after:
            return None if ends_on is not None and period.first > ends_on else period
    return None


def ordered(tiers: Sequence[Tier]) -> list[Tier]:
    """Smallest first, the open one last."""
    return sorted(tiers, key=lambda tier: (tier.up_to is None, tier.up_to or 0))


def check_tiers(tiers: Sequence[Tier]) -> tuple[Problem, ...]:
    """Say why a scale can't price every size: none, twice the same, no open end."""
    if not tiers:
        return (Problem("tiers_missing"),)
    found = []
    sizes = [tier.up_to for tier in tiers]
    if len(set(sizes)) < len(sizes):
        found.append(Problem("tier_twice"))
    if None not in sizes:
        found.append(Problem("open_tier_missing"))
    if any(tier.price < 0 for tier in tiers) or not any(tier.price > 0 for tier in tiers):
        found.append(Problem("tier_price_impossible"))
    return tuple(found)


def tier_for(tiers: Sequence[Tier], count: int) -> Tier:
    """The first tier that holds so many members; raises LookupError when none does."""
    for tier in ordered(tiers):
        if tier.up_to is None or count <= tier.up_to:
            return tier
    raise LookupError(count)
