"""Entries of the books, read from rows in chunks: sales, receipts, and what is neither."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from heapq import merge
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import QuerySet

from essaim.money import ZERO
from invoicing import rules_entries as book
from invoicing.chart import role_of_line
from invoicing.models import Account, BookSettings, Invoice, InvoiceLine
from invoicing.rules_entries import Chart, Posting, Sold
from invoicing.settling import settlements_of

SALES: Final = "sales"
ALL: Final = "sales_and_receipts"
SCOPES: Final = (SALES, ALL)
CHUNK: Final = 250
T = TypeVar("T")


class Entry(NamedTuple):
    """One entry: where, when, what for, whose, and its balanced postings."""

    journal: str
    on: date
    piece: str
    label: str
    code: str
    client: str
    postings: tuple[Posting, ...]
    due_on: date | None = None
    # The day each letter of the postings was settled.
    letters: Mapping[int, date] = {}
    place: tuple[int, int] = (0, 0)


class Books(NamedTuple):
    """The chart of accounts and the names of the journals, read once per export."""

    chart: Chart
    sales: str
    bank: str
    misc: str

    def journal_names(self) -> dict[str, str]:
        """The label of each journal, as French books name them."""
        return {self.misc: "Opérations diverses", self.bank: "Banque", self.sales: "Ventes"}


def read_books() -> Books:
    """The accounts and journals in use: two queries."""
    by_role: dict[str, book.Account] = {}
    by_code: dict[tuple[str, str], book.Account] = {}
    for role, code, number, label in Account.objects.values_list(
        "role", "analytic_code", "number", "label"
    ):
        account = book.Account(number, label)
        if code:
            by_code[role, code] = account
        else:
            by_role[role] = account
    found = BookSettings.current()
    chart = Chart(by_role, by_code)
    return Books(chart, found.sales_journal, found.bank_journal, found.misc_journal)


def batches(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Rows in lists of `size`, the last one shorter."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def in_order(*streams: Iterable[Entry]) -> Iterator[Entry]:
    """Streams of one journal, each in the order of its dates, as one."""
    return merge(*streams, key=lambda entry: (entry.on, entry.place))


# -- sales ----------------------------------------------------------------------------------

_ISSUED: Final = (
    "pk", "kind", "number", "issued_on", "due_on", "client__auxiliary__code",
    "client__auxiliary__name", "issuer_copy__regime", "vat", "deducted", "deducted_vat",
)  # fmt: skip


def issued_between(first: date, last: date) -> QuerySet[Invoice, Invoice]:
    """Documents of our own series issued in a period, credit notes included, in their order."""
    rows = Invoice.objects.issued().exclude(kind=Invoice.Kind.TAKEN_OVER)
    return rows.filter(issued_on__range=(first, last)).order_by("issued_on", "year", "rank", "pk")


def sold_in(pks: Sequence[int], chart: Chart) -> dict[int, list[Sold]]:
    """What each document sells, line by line, on the account of each."""
    accounts: dict[tuple[str, str], book.Account] = {}
    found: dict[int, list[Sold]] = {}
    rows = InvoiceLine.objects.filter(invoice__in=pks).order_by("invoice_id", "position")
    for pk, kind, analytic, net in rows.values_list("invoice_id", "kind", "analytic_code", "net"):
        key = (kind, analytic)
        account = accounts.get(key)
        if account is None:
            account = accounts[key] = chart.of(role_of_line(kind), analytic)
        found.setdefault(pk, []).append(Sold(account, analytic, net))
    return found


def sales(first: date, last: date, books: Books, *, lettered: bool = False) -> Iterator[Entry]:
    """One entry per document issued in the period; `lettered` as known on its last day."""
    rows = issued_between(first, last).values_list(*_ISSUED).iterator(chunk_size=CHUNK)
    for batch in batches(rows):
        pks = [row[0] for row in batch]
        sold = sold_in(pks, books.chart)
        letters = _letters(pks, last) if lettered else {}
        for row in batch:
            yield _sale(row, sold.get(row[0], []), books, letters.get(row[0]))


def _letters(pks: Sequence[int], last: date) -> dict[int, tuple[int, date]]:
    """Letter and day of each document settled by then: an invoice's own, a credit's origin's."""
    wanted = set(pks)
    whole = dict(
        Invoice.objects.filter(
            pk__in=wanted, kind=Invoice.Kind.CREDIT_NOTE, allocated_to__on__lte=last
        ).values_list("pk", "allocated_to__invoice")
    )
    found = settlements_of(wanted | set(whole.values()))
    out = {}
    for pk in wanted:
        if on := found.settled_on(whole.get(pk, pk), last):
            settled = whole.get(pk, pk)
            alone = pk not in whole or _alone(
                found.rows[settled], pk, found.documents[pk].owed.gross
            )
            if alone:
                out[pk] = (settled, on)
    return out


def _alone(rows: Iterable[Any], credit: int, gross: Decimal) -> bool:
    """Whether a credit note is set against this one invoice in whole, its own."""
    return any(row.credit_id == credit and row.amount == gross for row in rows)


def _sale(
    row: tuple[Any, ...], sold: Sequence[Sold], books: Books, letter: tuple[int, date] | None
) -> Entry:
    pk, kind, number, issued_on, due_on, code, name, regime, vat, deducted, deducted_vat = row
    given = letter[0] if letter else 0
    is_credit = kind == Invoice.Kind.CREDIT_NOTE
    postings = (book.credit if is_credit else book.sale)(
        books.chart,
        regime=regime,
        sold=sold,
        vat=vat,
        deposit_net=deducted - deducted_vat if deducted else ZERO,
        deposit_vat=deducted_vat if deducted else ZERO,
        letter=given,
    )
    return Entry(
        books.sales, issued_on, number, f"{number} {name}", code or "", name or "", postings,
        None if is_credit else due_on, {letter[0]: letter[1]} if letter else {}, (0, pk),
    )  # fmt: skip
