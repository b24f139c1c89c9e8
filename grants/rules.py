"""Pure sums of grants: the final grant, how late a payment is, what is off in a financing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up, cents, percent_of

ON_TIME: Final = "on_time"
UNSCHEDULED: Final = "unscheduled"
LATE_30: Final = "late_30"
LATE_60: Final = "late_60"
LATE_MORE: Final = "late_more"


def final_grant(base: Decimal, agreed: Decimal, justified: Decimal) -> Decimal:
    """Give the grant left once expenses are justified: agreed x justified / base, euros.

    It never passes what was agreed. Raises ValueError on a base that is not positive or on a
    negative amount.
    """
    if base <= 0 or agreed < 0 or justified < 0:
        raise ValueError("the base is positive, the agreed and justified amounts not negative")
    return min(cents(agreed * justified / base), cents(agreed))


def left_of_grant(granted: Decimal, paid: Decimal, asked_back: Decimal) -> Decimal:
    """Give what is left of a grant of which `asked_back` euros are reclaimed, `paid` being paid.

    What was paid above the grant is given back first and costs the grant nothing.
    """
    overpaid = max(paid - granted, ZERO)
    return max(granted - max(asked_back - overpaid, ZERO), ZERO)


def late_bucket(expected_on: date | None, on: date) -> str:
    """Tell in which list an awaited payment stands on a date."""
    if expected_on is None:
        return UNSCHEDULED
    days = (on - expected_on).days
    if days <= 0:
        return ON_TIME
    if days <= 30:
        return LATE_30
    return LATE_60 if days <= 60 else LATE_MORE


@dataclass(frozen=True, slots=True)
class Row:
    """An awaited payment as the settlement sees it: its key and euros expected."""

    key: int
    expected: Decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What settling changes: new amounts by key, keys to cancel, euros that have no row yet."""

    changed: dict[int, Decimal]
    cancelled: tuple[int, ...]
    to_plan: Decimal
    overpaid: Decimal


def settle_plan(final: Decimal, received: Iterable[Decimal], awaited: Sequence[Row]) -> Adjustment:
    """Fit the awaited payments to the final grant, the last one first.

    `awaited` is in the order of payment. A row cut to nothing is cancelled; what is missing is
    added to the last row, or to be planned when there is none. `overpaid` is what the funder
    will ask back.
    """
    left = final - add_up(received)
    overpaid = max(-left, ZERO)
    left = max(left, ZERO)
    gap = left - add_up(row.expected for row in awaited)
    if gap >= 0:
        if gap == 0 or not awaited:
            return Adjustment({}, (), gap if not awaited else ZERO, overpaid)
        last = awaited[-1]
        return Adjustment({last.key: last.expected + gap}, (), ZERO, overpaid)
    changed: dict[int, Decimal] = {}
    cancelled: list[int] = []
    excess = -gap
    for row in reversed(awaited):
        if excess <= 0:
            break
        if row.expected <= excess:
            cancelled.append(row.key)
            excess -= row.expected
        else:
            changed[row.key] = row.expected - excess
            excess = ZERO
    return Adjustment(changed, tuple(cancelled), ZERO, overpaid)


@dataclass(frozen=True, slots=True)
class Financing:
    """Who pays a project, in euros; percents are the programme's, None when it has none."""

    total_cost: Decimal
    requested: Decimal
    own_share: Decimal = ZERO
    public_others: Decimal = ZERO
    private_others: Decimal = ZERO
    public_aid_cap: Decimal | None = None
    own_share_minimum: Decimal | None = None
    is_public: bool = True


def off_in(financing: Financing) -> dict[str, Decimal]:
    """Tell what is off: codes with the euros they are off by; empty when all is well.

    `gap` is negative when money is missing, positive when there is more than the cost.
    """
    f, found = financing, {}
    resources = f.requested + f.own_share + f.public_others + f.private_others
    if resources != f.total_cost:
        found["gap"] = resources - f.total_cost
    public = f.public_others + (f.requested if f.is_public else ZERO)
    if f.public_aid_cap is not None:
        over = public - percent_of(f.total_cost, f.public_aid_cap)
        if over > 0:
            found["public_aid"] = over
    if f.own_share_minimum is not None:
        short = percent_of(f.total_cost, f.own_share_minimum) - f.own_share
        if short > 0:
            found["own_share"] = short
    return found
