"""Cost claims: what a person's month costs an operation, a flat rate, and time that adds up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up, cents, cumulative, percent_of, split

MONTHS: Final = 12
NO_DAYS: Final = Decimal(0)
Key = tuple[int, date]  # a person and the first day of a month


def monthly_pay(yearly_cost: Decimal, month: int) -> Decimal:
    """Give the part of a yearly cost (EUR) that falls in a month, 1 to 12.

    By cumulative rounding: the twelve months make the year to the cent.
    """
    if not 1 <= month <= MONTHS:
        raise ValueError(f"no such month: {month}")
    until = cents(yearly_cost * month / MONTHS)
    return until - cents(yearly_cost * (month - 1) / MONTHS)


def cost_of(pay: Decimal, operation: Decimal, total: Decimal) -> Decimal:
    """Give what a month costs the operation: pay x time on it / all time worked, half up.

    Raises ValueError when more time is claimed than was worked, or when a figure is negative.
    """
    if pay < 0 or operation < 0 or total < 0:
        raise ValueError("no negative pay or time")
    if operation > total:
        raise ValueError("more time on the operation than time worked")
    return cents(pay * operation / total) if total else ZERO


@dataclass(frozen=True, slots=True)
class Month:
    """One person's month; `pay` is None while nobody said what it costs."""

    person: int
    month: date
    pay: Decimal | None
    operation: Decimal
    total: Decimal

    @property
    def key(self) -> Key:
        return self.person, self.month

    @property
    def cost(self) -> Decimal:
        """What it costs the operation; 0.00 while the pay is unknown or the time impossible."""
        if self.pay is None or self.operation > self.total:
            return ZERO
        return cost_of(self.pay, self.operation, self.total)


@dataclass(frozen=True, slots=True)
class Priced:
    """A month with its cost and its slice of the flat rate."""

    month: Month
    cost: Decimal
    flat: Decimal

    @property
    def total(self) -> Decimal:
        return self.cost + self.flat


@dataclass(frozen=True, slots=True)
class Claim:
    """A whole claim: its rows make its sums to the cent."""

    rows: tuple[Priced, ...]
    cost: Decimal
    flat: Decimal

    @property
    def total(self) -> Decimal:
        return self.cost + self.flat


def price(months: Sequence[Month], flat_rate: Decimal) -> Claim:
    """Price a claim: the flat rate bears on the sum, each row gets its slice of it.

    Slices are given by cumulative rounding, so that the last row closes the total.
    """
    costs = [month.cost for month in months]
    cost = add_up(costs)
    flat = percent_of(cost, flat_rate)
    slices = cumulative(flat, cost, costs) if cost else (ZERO,) * len(costs)
    rows = tuple(
        Priced(month, own, part) for month, own, part in zip(months, costs, slices, strict=True)
    )
    return Claim(rows, cost, flat)


def by_beneficiary(cost: Decimal, times: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split a month's cost between beneficiaries by their time; the last takes the remainder."""
    if not times:
        return {}
    names = sorted(times)
    if not any(times.values()):
        return dict.fromkeys(names, ZERO)
    return dict(zip(names, split(cost, [times[name] for name in names]), strict=True))


@dataclass(frozen=True, slots=True)
class Difference:
    """A person's month whose timesheet says something else than the claim."""

    key: Key
    claimed: Decimal
    elsewhere: Decimal
    sheet: Decimal

    @property
    def gap(self) -> Decimal:
        """Days of the timesheet that nothing accounts for; negative when too much is claimed."""
        return self.sheet - self.claimed - self.elsewhere


def reconcile(
    claimed: Mapping[Key, Decimal],
    elsewhere: Mapping[Key, Decimal],
    sheets: Mapping[Key, Decimal],
) -> list[Difference]:
    """List, person by month, where claimed time and time paid elsewhere miss the timesheets.

    `elsewhere` is validated time on the operation that somebody else pays or was told.
    """
    keys: Iterable[Key] = sorted({*claimed, *elsewhere, *sheets}, key=lambda k: (k[1], k[0]))
    found = [
        Difference(
            key, claimed.get(key, NO_DAYS), elsewhere.get(key, NO_DAYS), sheets.get(key, NO_DAYS)
        )
        for key in keys
    ]
    return [one for one in found if one.gap != 0]
