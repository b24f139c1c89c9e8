"""« Il leur faut neuf mois »: lawful plans that give a client time, and what each brings when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from essaim.days import add_months, month_start, months_between
from essaim.money import ZERO, add_up, cents, percent_of, split
from essaim.terms import PUBLIC, Caps, Problem, Term, cap, check_due, due_date

PHASES: Final = "phases"
DEPOSITS: Final = "instalments"
SUBSCRIPTION: Final = "subscription"
SUBSIDY: Final = "subsidy_share"
THIRD: Final = "third_party"
SCHEDULE: Final = "schedule"

CLIENT: Final = "client"
LONGEST: Final = 36


@dataclass(frozen=True, slots=True)
class Wish:
    """What is sold, to whom, and the months wanted to pay it. Amounts in euros, net."""

    net: Decimal
    months: int
    start: date
    client_kind: str
    term: Term
    caps: Caps = field(default_factory=Caps)
    vat_rate: Decimal = ZERO
    on_receipts: bool = True
    subsidy: Decimal = ZERO
    subsidy_on: date | None = None
    third_percent: Decimal = ZERO

    @property
    def end(self) -> date:
        """The day by which the last euro is wanted."""
        return add_months(self.start, self.months)


@dataclass(frozen=True, slots=True)
class Bill:
    """One invoice of a plan: when it is issued and when it falls due."""

    kind: str
    payer: str
    on: date
    due_on: date
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Month:
    """What a month brings: invoices issued, cash due, VAT due to the State."""

    first: date
    billed: Decimal
    cash: Decimal
    vat: Decimal
    received: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """One lawful way to give time."""

    code: str
    bills: tuple[Bill, ...]
    on_receipts: bool

    @property
    def last_due(self) -> date:
        return max(bill.due_on for bill in self.bills)

    @property
    def gross(self) -> Decimal:
        return add_up(bill.gross for bill in self.bills)

    def reaches(self, wish: Wish) -> bool:
        """Tell whether the client pays until the month wanted."""
        return month_start(self.last_due) >= month_start(wish.end)

    def months(self) -> tuple[Month, ...]:
        """Month by month, from the first invoice to the last due date."""
        found, received = [], ZERO
        for first in months_between(min(b.on for b in self.bills), self.last_due):
            billed = [b for b in self.bills if month_start(b.on) == first]
            due = [b for b in self.bills if month_start(b.due_on) == first]
            cash = add_up(b.gross for b in due)
            received += cash
            taxed = due if self.on_receipts else billed
            vat = add_up(b.vat for b in taxed)
            found.append(Month(first, add_up(b.gross for b in billed), cash, vat, received))
        return tuple(found)


def refusal(wish: Wish) -> Problem | None:
    """Say why one invoice due at the end of the months wanted is refused; None when it may be."""
    found = check_due(wish.start, wish.end, wish.client_kind, wish.term, caps=wish.caps)
    return found[0] if found else None


def lawful_due(wish: Wish, on: date, *, kind: str | None = None) -> date:
    """Give the due date of an invoice issued that day: the agreed term, within the legal cap."""
    agreed = due_date(on, wish.term)
    limit = cap(on, kind or wish.client_kind, wish.term, caps=wish.caps)
    return agreed if limit is None else min(agreed, limit)


def plans(wish: Wish) -> tuple[Plan, ...]:
    """Give every plan that can be computed from the wish, in the order in which they help.

    Raises ValueError on figures that make no wish.
    """
    if wish.net <= 0 or not 0 < wish.months <= LONGEST:
        raise ValueError("a wish has an amount and 1 to 36 months")
    if not (0 <= wish.subsidy < wish.net and 0 <= wish.third_percent < 100):
        raise ValueError("another pays part of it, not all")
    found = [_phases(wish), _deposits(wish), _subscription(wish)]
    if wish.subsidy > 0:
        found.append(_subsidy(wish))
    if wish.third_percent > 0:
        found.append(_third(wish))
    found.append(_schedule(wish))
    return tuple(Plan(code, tuple(bills), wish.on_receipts) for code, bills in found)


def _bill(wish: Wish, kind: str, on: date, net: Decimal, *, payer: str = CLIENT) -> Bill:
    owed_by = PUBLIC if payer == THIRD else None
    due = lawful_due(wish, on, kind=owed_by)
    return Bill(kind, payer, on, due, net, percent_of(net, wish.vat_rate))


def _last_issue(wish: Wish) -> date:
    """The last day of issue whose due date keeps within the months wanted."""
    day = wish.end
    while day > wish.start and lawful_due(wish, day) > wish.end:
        day -= timedelta(days=1)
    return day


def _spread(first: date, last: date, count: int, *, from_first: bool) -> list[date]:
    """`count` days from first to last, the last one included; the first one when asked."""
    span = (last - first).days
    gaps = max(count - 1, 1) if from_first else count
    start = 0 if from_first else 1
    days = [first + timedelta(days=span * (rank + start) // gaps) for rank in range(count)]
    return [min(day, last) for day in days]


def _phase_count(months: int) -> int:
    return max(2, (months + 1) // 2)


def _phases(wish: Wish, net: Decimal | None = None) -> tuple[str, list[Bill]]:
    count = _phase_count(wish.months)
    days = _spread(wish.start, _last_issue(wish), count, from_first=False)
    parts = split(wish.net if net is None else net, [1] * count)
    return PHASES, [_bill(wish, "phase", d, p) for d, p in _joined(days, parts)]


def _joined(days: Sequence[date], parts: Sequence[Decimal]) -> Iterable[tuple[date, Decimal]]:
    """Amounts per day: those of one day are one invoice, and nothing is no invoice."""
    sums: dict[date, Decimal] = {}
    for day, part in zip(days, parts, strict=True):
        sums[day] = sums.get(day, ZERO) + part
    return [(day, amount) for day, amount in sums.items() if amount > 0]


def _deposits(wish: Wish) -> tuple[str, list[Bill]]:
    """Monthly deposits before completion, then the final invoice that takes them off.

    The VAT of the final one is that of the whole less that of the deposits.
    """
    days = _spread(wish.start, _last_issue(wish), max(wish.months, 2), from_first=True)
    bills = [
        _bill(wish, "deposit", d, p) for d, p in _joined(days, split(wish.net, [1] * len(days)))
    ]
    before = add_up(b.vat for b in bills[:-1])
    last = bills[-1]
    vat = percent_of(wish.net, wish.vat_rate) - before
    bills[-1] = Bill("final", CLIENT, last.on, last.due_on, last.net, vat)
    return DEPOSITS, bills


def _subscription(wish: Wish) -> tuple[str, list[Bill]]:
    """One invoice a month, for as many months as the due dates leave."""
    last = _last_issue(wish)
    days = [d for n in range(wish.months) if (d := add_months(wish.start, n)) <= last]
    parts = split(wish.net, [1] * len(days))
    return SUBSCRIPTION, [_bill(wish, "subscription", d, p) for d, p in _joined(days, parts)]


def _subsidy(wish: Wish) -> tuple[str, list[Bill]]:
    """The fixed part in phases, the share when the grant is paid."""
    _code, bills = _phases(wish, wish.net - wish.subsidy)
    trigger = max(wish.subsidy_on or _last_issue(wish), wish.start)
    return SUBSIDY, [*bills, _bill(wish, "subsidy_share", trigger, cents(wish.subsidy))]


def _third(wish: Wish) -> tuple[str, list[Bill]]:
    """A public third party pays its percent of each phase, at its own thirty days."""
    others = percent_of(wish.net, wish.third_percent)
    _code, own = _phases(wish, wish.net - others)
    days = [b.on for b in own] or [wish.start]
    parts = split(others, [1] * len(days))
    theirs = [_bill(wish, "third", d, p, payer=THIRD) for d, p in _joined(days, parts)]
    return THIRD, [*own, *theirs]


def _schedule(wish: Wish) -> tuple[str, list[Bill]]:
    """One invoice today in three instalments, the last at the latest lawful date."""
    latest = cap(wish.start, wish.client_kind, wish.term, caps=wish.caps) or wish.end
    count = 3 if wish.months < 3 or latest < wish.end else wish.months
    days = _spread(wish.start, latest, count, from_first=False)
    nets = split(wish.net, [1] * count)
    vats = split(percent_of(wish.net, wish.vat_rate), [1] * count)
    # Issued once, today: its VAT is cut as its amount is.
    return SCHEDULE, [
        Bill("instalment", CLIENT, wish.start, day, net, vat)
        for day, net, vat in zip(days, nets, vats, strict=True)
        if net > 0
    ]
