"""How old a debt is, and the months of a forecast (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.days import add_months
from essaim.money import ZERO, cents

NOT_DUE: Final = "not_due"
# Column and the last day of lateness it holds; the last column is open.
AGES: Final = (("d30", 30), ("d60", 60), ("d90", 90))
OVER: Final = "over"
COLUMNS: Final = (NOT_DUE, *(name for name, _days in AGES), OVER)


def column_of(due_on: date, as_of: date) -> str:
    """The column of an amount due on a day: not due on that day itself."""
    late = (as_of - due_on).days
    if late <= 0:
        return NOT_DUE
    return next((name for name, days in AGES if late <= days), OVER)


@dataclass(slots=True)
class Aged:
    """What one client owes by age, and the balance it has with us (never above zero)."""

    key: int
    label: str = ""
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(COLUMNS, ZERO))
    balance: Decimal = ZERO
    oldest: date | None = None

    def add(self, amount: Decimal, due_on: date, as_of: date) -> None:
        """Count what is left of one instalment."""
        column = column_of(due_on, as_of)
        self.amounts[column] = cents(self.amounts[column] + amount)
        self.oldest = min(self.oldest or due_on, due_on)

    @property
    def owed(self) -> Decimal:
        """What is left of its invoices, whatever their age."""
        return cents(sum(self.amounts.values(), ZERO))

    @property
    def late(self) -> Decimal:
        return cents(self.owed - self.amounts[NOT_DUE])

    @property
    def total(self) -> Decimal:
        """What it owes once its balance is taken off."""
        return cents(self.owed + self.balance)


def summed(rows: Iterable[Aged]) -> Aged:
    """The last line of an aged balance."""
    out = Aged(0)
    for row in rows:
        for column, amount in row.amounts.items():
            out.amounts[column] = cents(out.amounts[column] + amount)
        out.balance = cents(out.balance + row.balance)
        if row.oldest is not None:
            out.oldest = min(out.oldest or row.oldest, row.oldest)
    return out


@dataclass(slots=True)
class Month:
    """One month of a forecast: amounts by what brings them."""

    first: date
    certain: dict[str, Decimal] = field(default_factory=dict)
    conditional: dict[str, Decimal] = field(default_factory=dict)

    @property
    def sure(self) -> Decimal:
        return cents(sum(self.certain.values(), ZERO))

    @property
    def maybe(self) -> Decimal:
        return cents(sum(self.conditional.values(), ZERO))


@dataclass(slots=True)
class Forecast:
    """Months from the one that holds `on`; what is past falls in the first, what is far is left."""

    months: list[Month]

    @classmethod
    def of(cls, on: date, count: int = 12) -> "Forecast":
        start = on.replace(day=1)
        return cls([Month(add_months(start, rank)) for rank in range(count)])

    def add(self, source: str, amount: Decimal, day: date, *, certain: bool) -> None:
        """Place an amount in its month."""
        month = self._month(day)
        if month is None or not amount:
            return
        into = month.certain if certain else month.conditional
        into[source] = cents(into.get(source, ZERO) + amount)

    def _month(self, day: date) -> Month | None:
        last = self.months[-1].first
        if (day.year, day.month) > (last.year, last.month):
            return None
        return next((m for m in reversed(self.months) if m.first <= day), self.months[0])

    def total(self, *, certain: bool) -> Decimal:
        return cents(sum((m.sure if certain else m.maybe for m in self.months), ZERO))
