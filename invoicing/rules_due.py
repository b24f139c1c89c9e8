"""What is owed and what is settled: instalments, states, allocations, VAT on receipts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up, cents, cumulative, split
from invoicing.rules_problem import Problem, RuleBroken

DRAFT: Final = "draft"
ISSUED: Final = "issued"
PART_PAID: Final = "part_paid"
PAID: Final = "paid"
LATE: Final = "late"
CREDITED: Final = "credited"
WRITTEN_OFF: Final = "written_off"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of a gross amount and the day it falls due."""

    position: int
    due_on: date
    amount: Decimal


def instalments(
    gross: Decimal, due_dates: Sequence[date], *, weights: Sequence[Decimal] | None = None
) -> tuple[Instalment, ...]:
    """Cut a gross amount into instalments that sum to it exactly; the last takes the remainder."""
    if not due_dates:
        raise RuleBroken("no_due_date")
    if list(due_dates) != sorted(set(due_dates)):
        raise RuleBroken("due_dates_out_of_order")
    if weights is not None and len(weights) != len(due_dates):
        raise RuleBroken("weights_do_not_match_dates")
    parts = split(gross, weights or [1] * len(due_dates))
    return tuple(
        Instalment(position, due_on, part)
        for position, (due_on, part) in enumerate(zip(due_dates, parts, strict=True), start=1)
    )


def check_instalments(gross: Decimal, parts: Sequence[Instalment]) -> tuple[Problem, ...]:
    """Say why a schedule cannot stand: wrong sum, dates out of order, an empty part."""
    found = []
    total = add_up(part.amount for part in parts)
    if total != gross:
        found.append(Problem("instalments_do_not_sum", {"sum": total, "gross": gross}))
    if [part.due_on for part in parts] != sorted({part.due_on for part in parts}):
        found.append(Problem("due_dates_out_of_order"))
    if any(part.amount <= 0 for part in parts):
        found.append(Problem("instalment_not_positive"))
    return tuple(found)


def left_to_pay(*, gross: Decimal, credited: Decimal, allocated: Decimal) -> Decimal:
    """Give what the client still owes; below zero is the client's balance."""
    return cents(gross - credited - allocated)


def settlement(
    *,
    issued: bool,
    gross: Decimal,
    credited: Decimal,
    allocated: Decimal,
    due_on: date | None,
    on: date,
    lost: Decimal = ZERO,
) -> tuple[str, ...]:
    """Derive the states to show: draft, issued, part_paid, paid, credited or written_off, and
    maybe late; `lost` is what was given up as a bad debt."""
    if not issued:
        return (DRAFT,)
    if gross > 0 and credited >= gross:
        return (CREDITED,)
    if left_to_pay(gross=gross, credited=credited, allocated=allocated + lost) <= 0:
        return (WRITTEN_OFF,) if lost > 0 else (PAID,)
    state = PART_PAID if allocated > 0 else ISSUED
    return (state, LATE) if due_on is not None and due_on < on else (state,)


def check_allocation(
    *, payment_left: Decimal, invoice_left: Decimal, amount: Decimal
) -> tuple[Problem, ...]:
    """Say why `amount` of a payment cannot go to an invoice."""
    if amount <= 0 or amount != cents(amount):
        return (Problem("allocation_not_positive", {"amount": amount}),)
    found = []
    if amount > payment_left:
        found.append(Problem("allocation_over_payment", {"left": payment_left, "amount": amount}))
    if amount > invoice_left:
        found.append(Problem("allocation_over_invoice", {"left": invoice_left, "amount": amount}))
    return tuple(found)


def vat_on_receipts(
    *, gross: Decimal, vat: Decimal, receipts: Iterable[Decimal]
) -> tuple[Decimal, ...]:
    """Give the VAT each receipt makes payable; the one that closes the invoice closes the VAT."""
    received = tuple(receipts)
    if gross <= 0:
        raise RuleBroken("nothing_to_receive", gross=gross)
    if add_up(received) > gross:
        raise RuleBroken("receipts_over_gross", gross=gross, received=add_up(received))
    return cumulative(vat, gross, received) if received else ()


def days_late(*, due_on: date, on: date) -> int:
    """Count the days past the due date, none on the day itself."""
    return max((on - due_on).days, 0)
