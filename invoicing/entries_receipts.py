"""Entries that are no sale: money received, balances set off, bad debts, grants of our own."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import F, Q

from essaim.money import ZERO
from grants.models import Disbursement, GrantApplication
from invoicing import rules_entries as book
from invoicing.entries import CHUNK, SALES, Books, Entry, batches, in_order, sales
from invoicing.entries_claims import late_claims
from invoicing.models import Allocation, Invoice, LateClaim, Payment, Refund
from invoicing.rules_entries import Part
from invoicing.rules_transfer import vat_in
from invoicing.settling import Settled, Settlements, refund_shares, settlements_of

_PAID: Final = (
    "pk", "received_on", "amount", "reference", "recorded_at", "reverses_id",
    "client__auxiliary__code", "client__auxiliary__name",
)  # fmt: skip


def payments(first: date, last: date, books: Books) -> Iterator[Entry]:
    """One entry per payment credited in the period, with what it settles and the VAT now due."""
    rows = Payment.objects.filter(received_on__range=(first, last)).order_by("received_on", "pk")
    for batch in batches(rows.values_list(*_PAID).iterator(chunk_size=CHUNK)):
        settled = _settled_by(batch)
        for row in batch:
            yield _payment(row, settled, books, last)


def _settled_by(batch: Sequence[tuple[Any, ...]]) -> Settlements:
    """The settlements of every invoice these payments, or what they undo, touch."""
    keys = {row[5] or row[0] for row in batch}
    touched = Allocation.objects.filter(payment__in=keys).values_list("invoice_id", flat=True)
    return settlements_of(set(touched))


def _parts(row: tuple[Any, ...], settled: Settlements) -> list[Settled]:
    """What this very row settles: with the payment, or taken back by what undoes it."""
    pk, reverses = row[0], row[5]
    wanted = reverses or pk
    return [
        one
        for one in settled.by_payment(wanted)
        if one.with_payment and (one.amount < 0) == bool(reverses)
    ]


def _payment(row: tuple[Any, ...], settled: Settlements, books: Books, last: date) -> Entry:
    pk, on, amount, reference, _at, _reverses, code, name = row
    found = _parts(row, settled)
    parts = [Part(one.amount, settled.letter(one.invoice_id, last)) for one in found]
    vat = sum((one.vat for one in found), ZERO)
    numbers = " ".join(settled.documents[one.invoice_id].number for one in found[:3])
    postings = book.receipt(books.chart, amount=amount, parts=parts, vat=vat)
    piece = reference.strip() or f"R{pk}"
    label = f"Règlement {numbers or piece} {name}"
    return Entry(
        books.bank, on, piece, label, code or "", name or "", postings,
        None, _days(parts, settled, last), (0, pk),
    )  # fmt: skip


def _days(parts: Sequence[Part], settled: Settlements, last: date) -> dict[int, date]:
    letters = {part.letter for part in parts if part.letter}
    found = {letter: settled.settled_on(letter, last) for letter in letters}
    return {letter: on for letter, on in found.items() if on}


def refunds(first: date, last: date, books: Books) -> Iterator[Entry]:
    """Balances paid back in the period, with the VAT a credit note takes back."""
    rows = Refund.objects.filter(paid_on__range=(first, last)).order_by("paid_on", "pk")
    fields = (
        "pk", "credit_note_id", "paid_on", "amount", "reference", "client__auxiliary__code",
        "client__auxiliary__name", "credit_note__number",
    )  # fmt: skip
    for batch in batches(rows.values_list(*fields).iterator(chunk_size=CHUNK)):
        taken, _documents = refund_shares([row[:2] for row in batch])
        for pk, _credit, on, amount, reference, code, name, number in batch:
            postings = book.refund(books.chart, amount=amount, vat=vat_in(taken.get(pk, {})))
            piece = reference.strip() or f"RB{pk}"
            label = f"Remboursement {number or piece} {name}"
            yield Entry(
                books.bank, on, piece, label, code or "", name or "", postings, place=(2, pk)
            )


# -- set off, given up ----------------------------------------------------------------------


def _apart() -> Q:
    """Allocations that no payment's own entry tells: balances, credit notes, bad debts."""
    late = Q(payment__isnull=False, amount__gt=0) & ~Q(at=F("payment__recorded_at"))
    return late | Q(credit_note__isnull=False) | Q(write_off__isnull=False)


def set_offs(
    first: date, last: date, books: Books, *, losses: bool, balances: bool
) -> Iterator[Entry]:
    """Bad debts, and balances of clients set against invoices, in the period."""
    rows = Allocation.objects.filter(_apart(), on__range=(first, last)).order_by("on", "pk")
    if not balances:
        rows = rows.filter(write_off__isnull=False)
    if not losses:
        rows = rows.filter(write_off__isnull=True)
    fields = ("pk", "invoice_id", "invoice__client__auxiliary__code",
              "invoice__client__auxiliary__name")  # fmt: skip
    for batch in batches(rows.values_list(*fields).iterator(chunk_size=CHUNK)):
        settled = settlements_of({row[1] for row in batch})
        for pk, invoice, code, name in batch:
            one = next(s for s in settled.rows[invoice] if s.pk == pk)
            entry = _set_off(one, settled, books, last, code or "", name or "")
            if entry.postings:
                yield entry


def _set_off(
    one: Settled, settled: Settlements, books: Books, last: date, code: str, name: str
) -> Entry:
    document = settled.documents[one.invoice_id]
    letter = settled.letter(one.invoice_id, last)
    if one.is_loss:
        words = "Perte sur"
        postings = book.write_off(
            books.chart, regime=document.regime, amount=one.amount, vat=one.vat, letter=letter
        )
    else:
        words = "Lettrage"
        # A credit note used in whole settles by its own line.
        whole = one.credit_id is not None and (
            one.amount == settled.documents[one.credit_id].owed.gross
        )
        amount = ZERO if whole else one.amount
        postings = book.set_off(books.chart, amount=amount, vat=one.vat, letter=letter)
    on = settled.settled_on(one.invoice_id, last)
    return Entry(
        books.misc, one.on, document.number, f"{words} {document.number} {name}", code, name,
        postings, None, {letter: on} if letter and on else {}, (0, one.pk),
    )  # fmt: skip


# -- grants of our own ----------------------------------------------------------------------


def notified_grants(first: date, last: date, books: Books) -> Iterator[Entry]:
    """Grants that funders notified to our own structure in the period."""
    rows = (
        GrantApplication.objects.filter(
            applicant__structure__isnull=False, awarded__gt=0, notified_on__range=(first, last)
        )
        .order_by("notified_on", "pk")
        .values_list("pk", "notified_on", "title", "awarded")
    )
    for pk, on, title, amount in rows.iterator():
        postings = book.grant_notified(books.chart, amount=amount)
        label = f"Subvention notifiée {title}"
        yield Entry(books.misc, on, f"SUB{pk}", label, "", "", postings, place=(1, pk))


def received_grants(first: date, last: date, books: Books) -> Iterator[Entry]:
    """Money of our own grants credited in the period; a clawback is paid back."""
    rows = (
        Disbursement.objects.filter(
            application__applicant__structure__isnull=False,
            state="received",
            received_on__range=(first, last),
        )
        .order_by("received_on", "pk")
        .values_list("pk", "received_on", "application__title", "received_amount", "application_id")
    )
    for pk, on, title, amount, application in rows.iterator():
        if on is None or amount is None:
            continue
        postings = book.grant_received(books.chart, amount=amount)
        label = f"Versement {title}"
        yield Entry(books.bank, on, f"SUB{application}", label, "", "", postings, place=(1, pk))


# -- everything -----------------------------------------------------------------------------


def entries(scope: str, first: date, last: date, books: Books) -> Iterator[Entry]:
    """The entries of a period, journal by journal, each in the order of its dates.

    `sales`: documents issued, bad debts, late interest claimed, grants notified; the firm has
    the bank’s own statement.
    `sales_and_receipts` adds money received, balances set off and the VAT they make due.
    """
    receipts = scope != SALES
    yield from sales(first, last, books, lettered=receipts)
    if receipts:
        yield from in_order(
            payments(first, last, books),
            received_grants(first, last, books),
            refunds(first, last, books),
        )
    yield from in_order(
        set_offs(first, last, books, losses=True, balances=receipts),
        notified_grants(first, last, books),
        late_claims(first, last, books),
    )


def clients_without_code(last: date) -> list[int]:
    """Clients with something in the books and no code yet, in the order they came."""
    bare: Any = {"client__auxiliary": None}
    documents = Invoice.objects.issued().filter(issued_on__lte=last, **bare)
    paid = Payment.objects.filter(received_on__lte=last, **bare)
    claimed = LateClaim.objects.filter(on__lte=last, invoice__client__auxiliary=None)
    first_seen: dict[int, tuple[date, int]] = {}
    for rows in (
        documents.order_by("issued_on", "pk").values_list("client_id", "issued_on", "pk"),
        paid.order_by("received_on", "pk").values_list("client_id", "received_on", "pk"),
        claimed.order_by("on", "pk").values_list("invoice__client_id", "on", "pk"),
    ):
        for client, on, pk in rows.iterator():
            assert on is not None
            first_seen.setdefault(client, (on, pk))
    return sorted(first_seen, key=lambda client: first_seen[client])
