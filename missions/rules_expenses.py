"""Expenses in figures: what is billed, what is given back, and the yearly scale of one's car."""

from dataclasses import dataclass
from decimal import Decimal

from essaim.money import ZERO, cents

HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class KmScale:
    """The scale of one fiscal power: EUR per km in three bands, the middle one plus a constant.

    `first` and `second` are the last km of the first two bands; `bonus` is the percent added for
    an electric vehicle.
    """

    low: Decimal
    middle: Decimal
    constant: Decimal
    high: Decimal
    first: Decimal
    second: Decimal
    bonus: Decimal = Decimal(0)

    def total(self, km: Decimal) -> Decimal:
        """Give what a year of that many km is worth, to the cent. Raises ValueError below 0."""
        if km < 0:
            raise ValueError("kilometres are not negative")
        if km <= self.first:
            plain = km * self.low
        elif km <= self.second:
            plain = km * self.middle + self.constant
        else:
            plain = km * self.high
        return cents(plain * (1 + self.bonus / HUNDRED))


def allowance(scale: KmScale, before: Decimal, given: Decimal, km: Decimal) -> Decimal:
    """Give what `km` more are worth, after `before` km of the same year worth `given` already.

    The year's sum is always the scale of its km: a band passed is made up for at once. Never
    below zero (the second band begins a little under the first).
    """
    return max(scale.total(before + km) - given, ZERO)


def net_of(gross: Decimal, vat: Decimal, *, recovers_vat: bool) -> Decimal:
    """Give the cost of an expense to us: without its VAT where we recover it."""
    return gross - vat if recovers_vat else gross


def km_price(km: Decimal, rate: Decimal) -> Decimal:
    """Give what kilometres are billed, at the contract's EUR per km."""
    return cents(km * rate)


def vat_passes(gross: Decimal, vat: Decimal, highest: Decimal) -> bool:
    """Tell whether the VAT said is more than the highest rate puts in the amount."""
    return vat > cents(gross * highest / (HUNDRED + highest))
