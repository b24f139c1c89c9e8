"""What lines of the bank may settle: open invoices and names read once for a whole page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim.money import cents
from invoicing import rules_matching as matching
from invoicing.models import BankLine, ChequeBatch, Invoice, Payment

NEAR = timedelta(days=10)
WHY = {
    matching.NUMBER: gettext_lazy("invoice number"),
    matching.AMOUNT: gettext_lazy("exact amount"),
    matching.SUM: gettext_lazy("the sum of several invoices"),
    matching.NAME: gettext_lazy("client’s name"),
}
STRENGTHS = {
    matching.SURE: (gettext_lazy("certain"), "good"),
    matching.LIKELY: (gettext_lazy("likely"), "info"),
    matching.WEAK: (gettext_lazy("to check"), "warn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with the rows it speaks of."""

    client: Organisation
    parts: tuple[tuple[Invoice, Decimal], ...]
    left: Decimal
    why: str
    strength: str

    @property
    def badge(self) -> tuple[Any, str]:
        return STRENGTHS[self.strength]

    @property
    def is_sure(self) -> bool:
        return self.strength == matching.SURE


@dataclass(slots=True)
class Matcher:
    """Everything owed, and by whom, as it stands now: three queries whatever the lines."""

    user: Any
    owed: list[matching.Owed] = field(default_factory=list)
    payers: list[matching.Payer] = field(default_factory=list)
    invoices: dict[int, Invoice] = field(default_factory=dict)
    clients: dict[int, Organisation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows: Any = Invoice.objects.visible_to(self.user).unpaid().order_by("due_on", "pk")
        for row in rows:
            self.invoices[row.pk] = row
            left = cents(row.left)
            self.owed.append(matching.Owed(row.pk, row.client_id, row.number, left))
        keys = {row.client_id for row in self.invoices.values()}
        self.clients = Organisation.objects.in_bulk(keys)
        self.payers = [
            matching.Payer(pk, tuple(n for n in (o.legal_name, o.usual_name, o.billing_name) if n))
            for pk, o in self.clients.items()
        ]

    def of(self, line: BankLine) -> list[Shown]:
        """The proposals of one line, best first."""
        found = matching.proposals(line.amount, line.words, self.owed, self.payers)
        return [self._shown(line, one) for one in found]

    def _shown(self, line: BankLine, one: matching.Proposal) -> Shown:
        parts = tuple((self.invoices[pk], part) for pk, part in one.parts)
        left = cents(line.amount - sum((part for _row, part in parts), Decimal(0)))
        why = ", ".join(str(WHY[code]) for code in one.why)
        return Shown(self.clients[one.client], parts, left, why, one.strength)


def payments_like(lines: Sequence[BankLine]) -> dict[int, list[Payment]]:
    """Payments recorded by hand that a line may be: same amount, near day, tied to no line."""
    credits = [line for line in lines if line.is_credit]
    if not credits:
        return {}
    days = [line.booked_on for line in credits]
    rows = Payment.objects.filter(
        amount__in={line.amount for line in credits},
        received_on__range=(min(days) - NEAR, max(days) + NEAR),
        bank_line=None,
        reverses=None,
        reversed_by=None,
    ).select_related("client")
    found: dict[int, list[Payment]] = {}
    for payment in rows.order_by("received_on", "pk"):
        for line in credits:
            near = abs(payment.received_on - line.booked_on) <= NEAR
            if payment.amount == line.amount and near:
                found.setdefault(line.pk, []).append(payment)
    return found


def slips_like(line: BankLine, slips: Iterable[ChequeBatch]) -> list[ChequeBatch]:
    """Slips not credited yet whose cheques add up to a line."""
    return [slip for slip in slips if slip_total(slip) == line.amount]


def slip_total(slip: ChequeBatch) -> Decimal:
    """What the cheques of a slip add up to, in euros."""
    return cents(sum((cheque.amount for cheque in slip.cheques.all()), Decimal(0)))


def open_slips() -> list[ChequeBatch]:
    """Slips the bank has not credited, oldest first, with their cheques."""
    rows = ChequeBatch.objects.filter(credited_on=None).prefetch_related("cheques")
    return list(rows.order_by("made_on", "pk"))
