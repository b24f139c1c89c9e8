"""« État de TVA exigible »: per month and rate, what receipts or documents make due."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import Case, DateField, F, Q, Sum, When
from django.utils.translation import gettext as _

from essaim.days import month_start
from essaim.money import ZERO, cents
from invoicing.entries import CHUNK, batches, issued_between
from invoicing.models import Allocation, ClaimSettlement, Invoice, Payment, Refund
from invoicing.rules_totals import DEBITS, RECEIPTS
from invoicing.rules_transfer import Amounts, Rate
from invoicing.settling import (
    Settled,
    Settlements,
    documents,
    refund_shares,
    settlements_of,
)


class Due(NamedTuple):
    """One line: what a receipt, or a document, makes due at one rate."""

    on: date
    basis: str
    number: str
    client: str
    reference: str
    received: Decimal | None
    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal

    @property
    def month(self) -> date:
        return month_start(self.on)


class Total(NamedTuple):
    """What one month owes at one rate."""

    month: date
    basis: str
    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal


_WITH_PAYMENT: Final = Q(payment__isnull=False, amount__gt=0, at=F("payment__recorded_at"))
_ROW: Final = (
    "pk", "invoice_id", "effective", "invoice__client_copy__name", "payment__reference",
    "payment_id",
)  # fmt: skip


def _on_receipts(first: date, last: date) -> Iterator[Due]:
    """What money received in the period makes due, payment by payment."""
    effective = Case(
        When(_WITH_PAYMENT, then=F("payment__received_on")),
        default=F("on"),
        output_field=DateField(),
    )
    rows = (
        Allocation.objects.filter(write_off=None)
        .annotate(effective=effective)
        .filter(effective__range=(first, last))
        .order_by("effective", "pk")
        .values_list(*_ROW)
    )
    for batch in batches(rows.iterator(chunk_size=CHUNK)):
        settled = settlements_of({row[1] for row in batch})
        found = {one.pk: one for several in settled.rows.values() for one in several}
        for pk, _invoice, on, client, reference, payment in batch:
            words = reference or (f"R{payment}" if payment else _("set off"))
            yield from _moved(found[pk], settled, on, client or "", words)


def _moved(
    one: Settled, settled: Settlements, on: date, client: str, reference: str
) -> Iterator[Due]:
    document = settled.documents[one.invoice_id]
    received = one.amount
    for rate, amounts in sorted(one.slices.items(), key=_rate_order):
        if amounts.base or amounts.vat:
            yield _due(on, document.number, client, reference, received, rate, amounts)
    if one.back and one.credit_id is not None:
        number = settled.documents[one.credit_id].number
        for rate, amounts in sorted(one.back.items(), key=_rate_order):
            turned = Amounts(-amounts.base, -amounts.vat)
            yield _due(on, number, client, reference, -received, rate, turned)


def _paid_back(first: date, last: date) -> Iterator[Due]:
    """What credit notes paid back in the period take off."""
    rows = Refund.objects.filter(credit_note__isnull=False, paid_on__range=(first, last))
    fields = ("pk", "credit_note_id", "paid_on", "reference", "amount")
    ordered = rows.order_by("paid_on", "pk").values_list(*fields)
    for batch in batches(ordered.iterator(chunk_size=CHUNK)):
        taken, found = refund_shares([row[:2] for row in batch])
        clients = dict(Invoice.objects.filter(pk__in=found).values_list("pk", "client_copy__name"))
        for pk, credit, on, reference, amount in batch:
            words = reference or f"RB{pk}"
            number = found[credit].number
            for rate, a in sorted(taken.get(pk, {}).items(), key=_rate_order):
                turned = Amounts(-a.base, -a.vat)
                yield _due(on, number, clients[credit] or "", words, -amount, rate, turned)


def _due(
    on: date,
    number: str,
    client: str,
    reference: str,
    received: Decimal | None,
    rate: Rate,
    amounts: Amounts,
    basis: str = RECEIPTS,
) -> Due:
    return Due(on, basis, number, client, reference, received, *rate, *amounts)


def _rate_order(item: tuple[Rate, Any]) -> tuple[Decimal, str]:
    (category, rate), _amounts = item
    return -rate, category


def _on_debits(first: date, last: date) -> Iterator[Due]:
    """What documents issued in the period make due at once."""
    rows = issued_between(first, last).filter(issuer_copy__regime=DEBITS)
    fields = ("pk", "issued_on", "number", "kind", "client_copy__name")
    for batch in batches(rows.values_list(*fields).iterator(chunk_size=CHUNK)):
        found = documents([row[0] for row in batch])
        for pk, on, number, kind, client in batch:
            sign = -1 if kind == Invoice.Kind.CREDIT_NOTE else 1
            for rate, a in sorted(found[pk].owed.rates.items(), key=_rate_order):
                amounts = Amounts(sign * a.base, sign * a.vat)
                yield _due(on, number, client or "", "", None, rate, amounts, DEBITS)


def lines(first: date, last: date) -> Iterator[Due]:
    """Everything due in a period: receipts, what was paid back, documents on debits."""
    yield from _on_receipts(first, last)
    yield from _paid_back(first, last)
    yield from _on_debits(first, last)


def totals(rows: Iterable[Due]) -> list[Total]:
    """What each month owes at each rate, the earliest month and the highest rate first."""
    found: dict[tuple[date, str, str, Decimal], tuple[Decimal, Decimal]] = {}
    for row in rows:
        key = (row.month, row.basis, row.category, row.rate)
        base, vat = found.get(key, (ZERO, ZERO))
        found[key] = (base + row.base, vat + row.vat)
    out = [Total(*key, *amounts) for key, amounts in found.items()]
    return sorted(out, key=lambda t: (t.month, t.basis, -t.rate, t.category))


def unallocated(first: date, last: date) -> Decimal:
    """Money received in a period that settles no invoice yet: its VAT is in no statement."""
    rows = Payment.objects.filter(received_on__range=(first, last), reverses=None, reversed_by=None)
    whole = rows.aggregate(total=Sum("amount"))["total"] or ZERO
    used = [
        parts.filter(payment__in=rows).aggregate(total=Sum("amount"))["total"]
        for parts in (Allocation.objects, ClaimSettlement.objects, Refund.objects)
    ]
    return cents(Decimal(whole) - sum((Decimal(u or ZERO) for u in used), ZERO))


def basis_words(basis: str) -> str:
    """On receipts or on debits, in words."""
    return _("on receipts") if basis == RECEIPTS else _("on debits")


def table(
    first: date, last: date
) -> tuple[Sequence[str], Iterable[Sequence[object]], set[int], str]:
    """Header, rows, the columns that are amounts, and the title of the file."""
    head = [
        _("Month"), _("Date"), _("Basis"), _("Document"), _("Client"), _("Reference"),
        _("Received"), _("Category"), _("Rate (%)"), _("Taxed base"), _("VAT due"),
    ]  # fmt: skip
    rows = (
        (
            f"{row.on:%Y-%m}", row.on, basis_words(row.basis), row.number, row.client,
            row.reference, row.received, row.category, row.rate, row.base, row.vat,
        )
        for row in lines(first, last)
    )  # fmt: skip
    return head, rows, {6, 9, 10}, _("VAT due")
