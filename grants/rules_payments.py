"""Pure sums of payments: a schedule to the cent, the State's caps, what was paid in excess."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.days import add_months
from essaim.money import ZERO, add_up, percent_of

ADVANCE: Final = "advance"
BALANCE: Final = "balance"


@dataclass(frozen=True, slots=True)
class Step:
    """One payment of a pattern: percent of the grant, months after the agreement or None."""

    kind: str
    percent: Decimal
    months: int | None = None
    pieces: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One payment proposed, in euros."""

    kind: str
    amount: Decimal
    expected_on: date | None
    pieces: str = ""


def propose(amount: Decimal, steps: Sequence[Step], start: date) -> list[Proposed]:
    """Share `amount` euros among the steps; the last takes what is left, to the cent.

    A step without months is not dated. Steps that come to nothing are left out.
    """
    left, found = amount, []
    for rank, step in enumerate(steps, 1):
        part = left if rank == len(steps) else min(percent_of(amount, step.percent), left)
        left -= part
        day = None if step.months is None else add_months(start, step.months)
        if part > 0:
            found.append(Proposed(step.kind, part, day, step.pieces))
    return found


@dataclass(frozen=True, slots=True)
class StateCaps:
    """Caps of the State's investment aid, in percent of the grant (decree 2018-514 art. 13)."""

    advance: Decimal
    before_balance: Decimal


def above_state_caps(
    granted: Decimal, payments: Iterable[tuple[str, Decimal]], caps: StateCaps
) -> dict[str, Decimal]:
    """Tell by how many euros a plan passes the State's caps: `advance`, `before_balance`."""
    rows = list(payments)
    advance = add_up(amount for kind, amount in rows if kind == ADVANCE)
    before = add_up(amount for kind, amount in rows if kind != BALANCE)
    over = {
        "advance": advance - percent_of(granted, caps.advance),
        "before_balance": before - percent_of(granted, caps.before_balance),
    }
    return {code: amount for code, amount in over.items() if amount > 0}


def overpaid(granted: Decimal | None, received: Decimal, amount: Decimal) -> Decimal:
    """Give the euros above the grant once `amount` more is received; zero within it."""
    if granted is None:
        return ZERO
    return max(received + amount - granted, ZERO)
