"""Instalments of one invoice: what was planned, what it becomes at issue, what payments cover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from essaim.money import ZERO, add_up, cents, percent_of
from invoicing.rules_due import Instalment
from invoicing.rules_problem import Problem

Share: TypeAlias = Literal["amount", "percent", "remainder"]

AMOUNT: Final[Share] = "amount"
PERCENT: Final[Share] = "percent"
REMAINDER: Final[Share] = "remainder"
MOST_PARTS: Final = 24


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """One planned instalment: a date or days after issue; an amount, a percent or what is left."""

    share: Share
    value: Decimal = ZERO
    due_on: date | None = None
    days: int | None = None

    def falls_on(self, issued: date) -> date:
        """Give its due date for an invoice issued that day."""
        return self.due_on or issued + timedelta(days=self.days or 0)


@dataclass(frozen=True, slots=True)
class Covered:
    """An instalment and how much of it is settled."""

    position: int
    due_on: date
    amount: Decimal
    covered: Decimal

    @property
    def left(self) -> Decimal:
        """What of it is still to pay."""
        return self.amount - self.covered

    @property
    def is_settled(self) -> bool:
        return self.left <= 0

    def is_late(self, on: date) -> bool:
        """Tell whether it is past due and not wholly covered; its own day is not late."""
        return not self.is_settled and self.due_on < on


def materialise(
    asked: Decimal, issued: date, planned: Sequence[PlannedPart]
) -> tuple[Instalment, ...]:
    """Give the instalments of an invoice issued that day; amounts as the plan says them.

    Percents are of what is asked, to the cent; the remainder takes exactly what the others
    leave, even below zero: `check_plan` says what is wrong.
    """
    fixed = [_amount(part, asked) for part in planned]
    rest = cents(asked - add_up(amount for amount in fixed if amount is not None))
    return tuple(
        Instalment(position, part.falls_on(issued), rest if amount is None else amount)
        for position, (part, amount) in enumerate(zip(planned, fixed, strict=True), start=1)
    )


def _amount(part: PlannedPart, asked: Decimal) -> Decimal | None:
    if part.share == REMAINDER:
        return None
    return percent_of(asked, part.value) if part.share == PERCENT else cents(part.value)


def check_plan(asked: Decimal, issued: date, planned: Sequence[PlannedPart]) -> tuple[Problem, ...]:
    """Say why a plan cannot stand: each problem names the instalment, when it is one's."""
    if not planned:
        return ()
    if len(planned) > MOST_PARTS:
        return (Problem("schedule_too_long", {"most": MOST_PARTS}),)
    found = [
        Problem("remainder_not_last", {"position": position})
        for position, part in enumerate(planned[:-1], start=1)
        if part.share == REMAINDER
    ]
    if found:
        return tuple(found)
    parts = materialise(asked, issued, planned)
    found += [
        Problem("instalment_not_positive", {"position": p.position}) for p in parts if p.amount <= 0
    ]
    found += [
        Problem("instalment_out_of_order", {"position": after.position})
        for before, after in pairwise(parts)
        if after.due_on <= before.due_on
    ]
    if issued > parts[0].due_on:
        found.append(Problem("instalment_before_issue", {"position": 1}))
    total = add_up(part.amount for part in parts)
    if total != asked:
        found.append(Problem("schedule_does_not_sum", {"sum": total, "asked": asked}))
    return tuple(found)


def cover(parts: Iterable[Instalment], settled: Decimal) -> tuple[Covered, ...]:
    """Set what is settled against instalments in their order."""
    left, found = max(settled, ZERO), []
    for part in parts:
        covered = min(part.amount, left)
        left -= covered
        found.append(Covered(part.position, part.due_on, part.amount, covered))
    return tuple(found)


def next_due(parts: Iterable[Instalment], settled: Decimal) -> date | None:
    """Give the due date of the first instalment that is not wholly covered."""
    return next((c.due_on for c in cover(parts, settled) if not c.is_settled), None)


def late_part(parts: Iterable[Instalment], settled: Decimal, *, on: date) -> Decimal:
    """Add up what is past due and not covered."""
    return add_up(c.left for c in cover(parts, settled) if c.is_late(on))


def even_plan(
    issued: date, latest: date | None, count: int, *, every: int = 30
) -> tuple[PlannedPart, ...]:
    """Propose `count` equal instalments, the last at the latest lawful date (or every 30 days)."""
    span = (latest - issued).days if latest is not None else every * count
    share = cents(Decimal(100) / count)
    steps = [span * rank // count for rank in range(1, count + 1)]
    return tuple(
        PlannedPart(REMAINDER if rank == count else PERCENT, share, days=days)
        for rank, days in enumerate(steps, start=1)
    )
