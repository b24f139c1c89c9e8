"""What was set against invoices, read for many at once: effective days, VAT due, letters."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from essaim.money import ZERO
from invoicing.models import Allocation, Invoice, Refund
from invoicing.rules_totals import RECEIPTS
from invoicing.rules_transfer import (
    LOSS,
    RECEIPT,
    REDUCTION,
    Amounts,
    Owed,
    Rate,
    Settling,
    Slices,
    follow,
    less_deposits,
    parts_of,
    vat_in,
)


class Document(NamedTuple):
    """An issued document as settlements see it."""

    pk: int
    number: str
    regime: str
    origin_id: int | None
    owed: Owed


class Settled(NamedTuple):
    """One allocation: what, when it counts from, and the VAT it makes due per rate."""

    pk: int
    invoice_id: int
    payment_id: int | None
    credit_id: int | None
    amount: Decimal
    on: date
    with_payment: bool
    slices: Slices
    # VAT taken back of a credit note that is set against another invoice than its origin.
    back: Slices

    @property
    def is_loss(self) -> bool:
        return self.payment_id is None and self.credit_id is None

    @property
    def vat(self) -> Decimal:
        """The VAT that becomes due (or, for a loss, that is given up)."""
        return vat_in(self.slices) - vat_in(self.back)


class Settlements:
    """What some invoices were settled by, each allocation with the VAT it moves."""

    def __init__(
        self, documents: Mapping[int, Document], rows: Mapping[int, list[Settled]]
    ) -> None:
        self.documents, self.rows = documents, rows
        self._by_payment: dict[int, list[Settled]] = {}
        for several in rows.values():
            for row in several:
                if row.payment_id is not None:
                    self._by_payment.setdefault(row.payment_id, []).append(row)

    def by_payment(self, payment_id: int) -> list[Settled]:
        """What one payment was set against, in the order it was recorded."""
        return sorted(self._by_payment.get(payment_id, ()), key=lambda row: row.pk)

    def settled_on(self, invoice_id: int, by: date) -> date | None:
        """The day an invoice was settled in full, as known at the end of `by`."""
        known = [row for row in self.rows.get(invoice_id, ()) if row.on <= by]
        total = sum((row.amount for row in known), ZERO)
        asked = self.documents[invoice_id].owed.gross
        return max(row.on for row in known) if known and total == asked else None

    def letter(self, invoice_id: int, by: date) -> int:
        """The letter of an invoice settled by then, 0 before."""
        return invoice_id if self.settled_on(invoice_id, by) else 0


_DOCUMENT = (
    "pk", "number", "issuer_copy__regime", "origin_id", "gross", "deducted", "deducted_vat",
    "vat_copy", "deposits_copy",
)  # fmt: skip
_ALLOCATION = (
    "pk", "invoice_id", "payment_id", "credit_note_id", "write_off_id", "amount", "on", "at",
    "payment__received_on", "payment__recorded_at",
)  # fmt: skip


def _rates(copy: Iterable[Mapping[str, Any]]) -> dict[Rate, Amounts]:
    return {
        (r["category"], Decimal(r["rate"]).normalize()): Amounts(
            Decimal(r["base"]), Decimal(r["vat"])
        )
        for r in copy
    }


def _deposits(copy: Iterable[Mapping[str, Any]]) -> dict[Rate, Amounts]:
    """Base and VAT per rate of the deposits a final invoice deducts."""
    found: dict[Rate, Amounts] = {}
    for deposit in copy:
        rows = deposit.get("by_rate") or deposit.get("vat_copy") or deposit.get("rates") or []
        for rate, one in _rates(rows).items():
            before = found.get(rate, Amounts(ZERO, ZERO))
            found[rate] = Amounts(before.base + one.base, before.vat + one.vat)
    return found


def documents(pks: Collection[int]) -> dict[int, Document]:
    """The documents of these keys, in one query."""
    found = {}
    for row in Invoice.objects.filter(pk__in=pks).values_list(*_DOCUMENT):
        pk, number, regime, origin, gross, deducted, deducted_vat, vat, deposits = row
        rates = _rates(vat)
        if deducted:
            rates = less_deposits(rates, _deposits(deposits), deducted_vat)
        owed = Owed(gross - deducted, rates)
        found[pk] = Document(pk, number, regime or "", origin, owed)
    return found


def _allocations(**chosen: Collection[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Allocations by the key they were asked by, in the order they were recorded."""
    (name,) = chosen
    at = 1 if name.startswith("invoice") else 3
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in Allocation.objects.filter(**chosen).order_by("pk").values_list(*_ALLOCATION):
        found.setdefault(row[at], []).append(row)
    return found


def settlements_of(invoices: Collection[int]) -> Settlements:
    """Every allocation of these invoices with the VAT it moves: four queries, whatever the rows."""
    rows = _allocations(invoice__in=invoices)
    credits = {row[3] for several in rows.values() for row in several if row[3]}
    found = documents({*invoices, *credits})
    shares, _refunded = credit_shares(credits, found)
    return Settlements(
        found, {pk: _followed(found[pk], several, found, shares) for pk, several in rows.items()}
    )


def credit_shares(
    credits: Collection[int], found: Mapping[int, Document]
) -> tuple[dict[int, Slices], dict[int, Slices]]:
    """What each use of these credit notes takes of their VAT: per allocation, per refund.

    Uses follow each other in the order they were recorded, so that the last closes the VAT.
    """
    shares: dict[int, Slices] = {}
    refunded: dict[int, Slices] = {}
    if not credits:
        return shares, refunded
    uses: dict[int, list[tuple[Any, ...]]] = {}
    for rows, kind in (
        (Allocation.objects.filter(credit_note__in=credits), shares),
        (Refund.objects.filter(credit_note__in=credits), refunded),
    ):
        for credit, at, pk, amount in rows.values_list("credit_note_id", "at", "pk", "amount"):
            uses.setdefault(credit, []).append((at, kind is refunded, pk, amount, kind))
    for credit, several in uses.items():
        ordered = sorted(several, key=lambda use: use[:3])
        parts = parts_of(found[credit].owed, [use[3] for use in ordered])
        for (_at, _refund, pk, _amount, kind), part in zip(ordered, parts, strict=True):
            kind[pk] = part
    return shares, refunded


def refund_shares(refunds: Iterable[tuple[int, int | None]]) -> tuple[dict[int, Slices], Any]:
    """The VAT that money paid back takes back, per refund (key, credit note), and the documents."""
    credits = {credit for _pk, credit in refunds if credit is not None}
    found = documents(credits)
    _shares, refunded = credit_shares(credits, found)
    taxed = {pk for pk, credit in refunds if credit and found[credit].regime == RECEIPTS}
    return {pk: part for pk, part in refunded.items() if pk in taxed}, found


def _followed(
    document: Document,
    rows: Sequence[tuple[Any, ...]],
    found: Mapping[int, Document],
    shares: Mapping[int, Slices],
) -> list[Settled]:
    settlings = [_settling(document, row, found, shares) for row in rows]
    moved: Sequence[Slices] = [{} for _row in rows]
    if document.regime == RECEIPTS:
        moved = follow(document.owed, settlings)
    elif any(s.kind == LOSS for s in settlings):
        # VAT was due at once; what a loss gives up is the same.
        moved = [
            one if s.kind == LOSS else {}
            for one, s in zip(follow(document.owed, settlings), settlings, strict=True)
        ]
    out = []
    for row, settling, slices in zip(rows, settlings, moved, strict=True):
        foreign = row[3] is not None and settling.kind == RECEIPT
        taxed = foreign and found[row[3]].regime == RECEIPTS
        out.append(_settled(row, slices, shares[row[0]] if taxed else {}))
    return out


def _settling(
    document: Document,
    row: tuple[Any, ...],
    found: Mapping[int, Document],
    shares: Mapping[int, Slices],
) -> Settling:
    if row[4] is not None:
        return Settling(row[5], LOSS)
    if row[3] is not None and found[row[3]].origin_id == document.pk:
        return Settling(row[5], REDUCTION, shares[row[0]])
    return Settling(row[5], RECEIPT)


def _settled(row: tuple[Any, ...], slices: Slices, back: Slices) -> Settled:
    pk, invoice, payment, credit, _loss, amount, on, at, received_on, recorded_at = row
    # Money counts from the day it was credited when it was set against the invoice at once.
    with_payment = payment is not None and (amount < 0 or at == recorded_at)
    effective = received_on if with_payment and amount > 0 else on
    return Settled(pk, invoice, payment, credit, amount, effective, with_payment, slices, back)
