"""Where an envelope is heading: what is used, noted, promised, and what is left to promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.days import half_up_quantity

NEAR: Final = Decimal("0.9")
NO_DAYS: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one running funding share may still draw, as its caps say; caps in days or net EUR."""

    percent: Decimal
    used_days: Decimal = NO_DAYS
    used_eur: Decimal = NO_DAYS
    cap_days: Decimal | None = None
    cap_eur: Decimal | None = None
    budget_days: Decimal | None = None


def promised(promise: Promise, value_per_day: Decimal) -> Decimal | None:
    """Give the days a share may still draw: the tightest of its caps and of its part of the budget.

    None when nothing limits it: such a share promises all that is left.
    """
    rooms = []
    if promise.cap_days is not None:
        rooms.append(promise.cap_days - promise.used_days)
    if promise.cap_eur is not None and value_per_day > 0:
        rooms.append((promise.cap_eur - promise.used_eur) / value_per_day)
    if promise.budget_days is not None:
        rooms.append(promise.budget_days * promise.percent / 100 - promise.used_days)
    if not rooms:
        return None
    return half_up_quantity(max(min(rooms), NO_DAYS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """An envelope today; days but for `unlimited`, the running shares that nothing limits."""

    quota: Decimal
    used: Decimal
    noted: Decimal
    rhythm: Decimal
    forecast: Decimal
    promised: Decimal
    unlimited: int

    @property
    def to_promise(self) -> Decimal:
        """What no one was promised; 0 when more was promised than is left."""
        return max(self.quota - self.used - self.promised, NO_DAYS)

    @property
    def over_promised(self) -> Decimal:
        return max(self.used + self.promised - self.quota, NO_DAYS)

    @property
    def unused(self) -> Decimal:
        """What would be left at the end, at this pace."""
        return max(self.quota - self.forecast, NO_DAYS)

    @property
    def level(self) -> str:
        """ "past", "near", "heading_past", "slow" or ""."""
        if self.used >= self.quota:
            return "past"
        if self.used >= NEAR * self.quota:
            return "near"
        if self.forecast > self.quota:
            return "heading_past"
        return "slow" if self.forecast < self.quota / 2 else ""


def months_of(first: date, last: date) -> Decimal:
    """Give the months from a day to another, both included, a year being twelve."""
    if last < first:
        return NO_DAYS
    return Decimal((last - first).days + 1) * 12 / 365


def look_ahead(
    *,
    quota: Decimal,
    used: Decimal,
    noted: Decimal,
    starts_on: date,
    ends_on: date,
    on: date,
    promises: Sequence[Decimal | None] = (),
) -> Outlook:
    """Say where an envelope is heading, on a line: days a month so far, for the months left.

    `noted` are days worked and not validated yet. Before its start and after its end no month is
    left to count.
    """
    done = used + noted
    elapsed = months_of(starts_on, min(on, ends_on))
    left = months_of(max(on, starts_on), ends_on) - (months_of(on, on) if elapsed else NO_DAYS)
    rhythm = done / elapsed if elapsed else NO_DAYS
    known = [days for days in promises if days is not None]
    return Outlook(
        quota=quota,
        used=used,
        noted=noted,
        rhythm=half_up_quantity(rhythm, 2),
        forecast=half_up_quantity(done + rhythm * max(left, NO_DAYS), 2),
        promised=sum(known, NO_DAYS),
        unlimited=len(promises) - len(known),
    )
