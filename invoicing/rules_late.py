"""Late interest and the recovery fee of one invoice as of a day, from its instalments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from essaim.days import half_year_start
from essaim.money import ZERO, add_up, cents
from essaim.terms import CONSUMER, LateRates, late_interest, late_rate
from invoicing.rules_due import Instalment

RatesOf = Callable[[date], LateRates]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that settled part of the invoice, from its day on (credits from the first day)."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, over which one sum was late at one yearly rate (in percent)."""

    position: int
    first: date
    last: date
    owed: Decimal
    rate: Decimal

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def interest(self) -> Decimal:
        """Simple interest over 365 days, to the cent: the lines of a statement add up."""
        return late_interest(self.owed, self.rate, self.days)


@dataclass(frozen=True, slots=True)
class Late:
    """What lateness costs as of a day."""

    until: date
    spans: tuple[Span, ...]
    fee: Decimal

    @property
    def interest(self) -> Decimal:
        return add_up(span.interest for span in self.spans)

    @property
    def total(self) -> Decimal:
        return self.interest + self.fee


def late_of(
    parts: Sequence[Instalment],
    receipts: Sequence[Receipt],
    *,
    client_kind: str,
    contract: Decimal | None,
    rates: RatesOf,
    fee: Decimal,
    on: date,
) -> Late:
    """Compute late interest and the recovery fee as of a day (C. com. L441-10 II, D441-5).

    Receipts fill instalments in order. Interest runs from the day after a due date to the day
    of payment, both included, or to `on`; each half-year has its own rate. `rates` gives the
    figures of the half-year of a day. The fee is owed once per invoice that was ever late.
    Nothing is owed by private persons.
    """
    if client_kind == CONSUMER:
        return Late(on, (), ZERO)
    spans: list[Span] = []
    for part, filled in _filled(parts, receipts, on=on):
        for first, last, owed in _late_spells(part, filled, on=on):
            for start, end in _half_years(first, last):
                rate = late_rate(client_kind, rates(start), contract)
                spans.append(Span(part.position, start, end, owed, rate))
    return Late(on, tuple(spans), cents(fee) if spans else ZERO)


def _filled(
    parts: Sequence[Instalment], receipts: Sequence[Receipt], *, on: date
) -> Iterator[tuple[Instalment, list[Receipt]]]:
    """Each instalment with the receipts, or their parts, that settle it."""
    waiting = sorted((r for r in receipts if r.on <= on), key=lambda r: r.on)
    for part in parts:
        left, took = part.amount, []
        while waiting and left > 0:
            first = waiting.pop(0)
            used = min(left, first.amount)
            took.append(Receipt(first.on, used))
            left -= used
            if first.amount > used:
                waiting.insert(0, Receipt(first.on, first.amount - used))
        yield part, took


def _late_spells(
    part: Instalment, took: Sequence[Receipt], *, on: date
) -> Iterator[tuple[date, date, Decimal]]:
    """(first day, last day, sum owed) from the day after the due date until it is settled."""
    owed, first = part.amount, part.due_on + ONE_DAY
    for receipt in took:
        if receipt.on >= first:
            yield first, receipt.on, owed
            first = receipt.on + ONE_DAY
        owed -= receipt.amount
    if owed > 0 and first <= on:
        yield first, on, owed


def _half_years(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut days at 1 January and 1 July."""
    while first <= last:
        start = half_year_start(first)
        following = half_year_start(start + timedelta(days=190))
        end = min(last, following - ONE_DAY)
        yield first, end
        first = end + ONE_DAY
