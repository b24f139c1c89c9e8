"""Sales and receipts journals, from issued rows and payments, read without building objects."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from essaim.money import ZERO, cents
from invoicing.entries import issued_between
from invoicing.models import Allocation, Invoice, InvoiceLine, Payment, Refund

SALES: Final = "sales"
RECEIPTS: Final = "receipts"
BOTH: Final = "all"
KINDS: Final = (SALES, RECEIPTS, BOTH)
# Journal codes that every accounting tool in France knows.
SALES_JOURNAL: Final = "VE"
BANK_JOURNAL: Final = "BQ"
_MONEY: Final = DecimalField(max_digits=14, decimal_places=2)

Row = tuple[object, ...]


# -- sales ----------------------------------------------------------------------------------


def rates_between(first: date, last: date) -> list[tuple[str, str]]:
    """(category, rate) found in a period, the highest rate first."""
    found = set()
    for copy in issued_between(first, last).values_list("vat_copy", flat=True).iterator():
        found |= {(r["category"], str(Decimal(r["rate"]).normalize())) for r in copy}
    return sorted(found, key=lambda r: (-Decimal(r[1]), r[0]))


def _rate_words(rate: str) -> str:
    return f"{Decimal(rate):f}".replace(".", ",") + "\u00a0%"


def sales_header(rates: Sequence[tuple[str, str]]) -> list[str]:
    """Headings of the sales journal; a pair of columns for each rate of the period."""
    named: list[str] = []
    several = len({rate for _category, rate in rates}) < len(rates)
    for category, rate in rates:
        words = _rate_words(rate) + (f" ({category})" if several and category else "")
        named += [_("Net at %(rate)s") % {"rate": words}, _("VAT at %(rate)s") % {"rate": words}]
    return [
        _("Date"), _("Journal"), _("Number"), _("Type"), _("Client"), _("SIREN"), _("Coop"),
        _("Agreement"), _("Analytic code"), *named, _("Total net"), _("Total VAT"),
        _("Total gross"), _("Deposits deducted, net"), _("VAT of deposits deducted"),
        _("Due date"), _("Encashed"), _("Left to pay"),
    ]  # fmt: skip


def _settled_by(last: date, *, of: str) -> Subquery:
    """What payments, or anything, settled up to a day; a reversal counts from its own day."""
    known = Q(amount__lt=0, on__lte=last) | Q(
        amount__gt=0, payment__isnull=False, payment__received_on__lte=last
    )
    if of == "invoice":
        known |= Q(payment=None, on__lte=last)
        rows = Allocation.objects.filter(invoice=OuterRef("pk"))
    elif of == "credit_note":
        known = Q(on__lte=last)
        rows = Allocation.objects.filter(credit_note=OuterRef("pk"))
    else:
        rows = Allocation.objects.filter(invoice=OuterRef("pk"), payment__isnull=False)
    field = "credit_note" if of == "credit_note" else "invoice"
    totals = rows.filter(known).order_by().values(field).annotate(total=Sum("amount"))
    return Subquery(totals.values("total"), output_field=_MONEY)


def _paid_back(last: date) -> Subquery:
    """What of a credit note went back to its client up to a day."""
    rows = Refund.objects.filter(credit_note=OuterRef("pk"), paid_on__lte=last).order_by()
    totals = rows.values("credit_note").annotate(total=Sum("amount"))
    return Subquery(totals.values("total"), output_field=_MONEY)


_SOLD: Final = (
    "issued_on", "number", "kind", "client_copy", "terms_copy", "vat_copy", "net", "vat", "gross",
    "deducted", "deducted_vat", "due_on", "analytic", "received", "settled", "used", "back",
)  # fmt: skip


def sales_rows(
    first: date, last: date, rates: Sequence[tuple[str, str]] | None = None
) -> Iterator[Row]:
    """One row per document issued in the period, credit notes negative; paid and left on `last`."""
    wanted = rates_between(first, last) if rates is None else rates
    code = InvoiceLine.objects.filter(invoice=OuterRef("pk")).order_by("position")
    rows = issued_between(first, last).annotate(
        analytic=Subquery(code.values("analytic_code")[:1]),
        received=_settled_by(last, of="payment"),
        settled=_settled_by(last, of="invoice"),
        used=_settled_by(last, of="credit_note"),
        back=_paid_back(last),
    )
    for values in rows.values_list(*_SOLD).iterator(chunk_size=2000):
        yield _sale(dict(zip(_SOLD, values, strict=True)), wanted)


def _signed(amount: Decimal, *, credit: bool) -> Decimal:
    """Negative on a credit note; nothing is never written "-0,00"."""
    return ZERO - amount if credit else amount


def _sale(row: dict[str, Any], rates: Sequence[tuple[str, str]]) -> Row:
    credit = row["kind"] == Invoice.Kind.CREDIT_NOTE
    agreement = row["terms_copy"].get("agreement") or {}
    used = (row["used"] or ZERO) + (row["back"] or ZERO)
    left = row["gross"] - row["deducted"] - (used if credit else row["settled"] or ZERO)
    # Sold once already, on the deposits: what the columns before sum to is more by that.
    deposits = row["deducted"] - row["deducted_vat"], row["deducted_vat"]
    return (
        row["issued_on"],
        SALES_JOURNAL,
        row["number"],
        str(Invoice.Kind(row["kind"]).label),
        row["client_copy"].get("name", ""),
        row["client_copy"].get("siren", ""),
        row["terms_copy"].get("beneficiary", ""),
        agreement.get("number") or agreement.get("title") or "",
        row["analytic"] or "",
        *_per_rate(row["vat_copy"], rates, credit=credit),
        _signed(row["net"], credit=credit),
        _signed(row["vat"], credit=credit),
        _signed(row["gross"], credit=credit),
        *(_signed(amount, credit=not credit) if amount else None for amount in deposits),
        None if credit else row["due_on"],
        None if credit else cents(row["received"] or ZERO),
        _signed(cents(left), credit=credit),
    )


def _per_rate(
    copy: Sequence[dict[str, str]], rates: Sequence[tuple[str, str]], *, credit: bool
) -> Iterator[object]:
    found = {(r["category"], str(Decimal(r["rate"]).normalize())): r for r in copy}
    for rate in rates:
        row = found.get(rate)
        yield _signed(Decimal(row["base"]), credit=credit) if row else None
        yield _signed(Decimal(row["vat"]), credit=credit) if row else None


# -- receipts -------------------------------------------------------------------------------


def receipts_header() -> list[str]:
    """Headings of the receipts journal."""
    return [
        _("Date"), _("Journal"), _("Method"), _("Reference"), _("Client"), _("SIREN"),
        _("Amount"), _("Invoices settled"),
    ]  # fmt: skip


_RECEIVED: Final = (
    "pk", "received_on", "method", "reference", "client__legal_name", "client__siren", "amount",
)  # fmt: skip


def receipts_rows(first: date, last: date) -> Iterator[Row]:
    """One row per payment credited in the period; a reversal is negative."""
    rows = Payment.objects.filter(received_on__range=(first, last)).order_by("received_on", "pk")
    batch: list[tuple[Any, ...]] = []
    for values in rows.values_list(*_RECEIVED).iterator(chunk_size=500):
        batch.append(values)
        if len(batch) == 500:
            yield from _receipts(batch, last)
            batch = []
    yield from _receipts(batch, last)


def _receipts(batch: Sequence[tuple[Any, ...]], last: date) -> Iterator[Row]:
    numbers: dict[int, list[str]] = {}
    settled = (
        Allocation.objects.filter(payment__in=[values[0] for values in batch], amount__gt=0)
        .order_by("invoice__number")
        .values_list("payment_id", "invoice__number")
        .distinct()
    )
    for payment, number in settled:
        numbers.setdefault(payment, []).append(str(number))
    for pk, received_on, method, reference, client, siren, amount in batch:
        label = str(Payment.Method(method).label)
        invoices = " ".join(numbers.get(pk, []))
        yield (received_on, BANK_JOURNAL, label, reference, client, siren, amount, invoices)


# -- files ----------------------------------------------------------------------------------


def both_header(rates: Sequence[tuple[str, str]]) -> list[str]:
    """Sales first; receipts add how and by what reference they came, and what they settle."""
    return [*sales_header(rates), _("Method"), _("Reference"), _("Invoices settled")]


def both_rows(first: date, last: date, rates: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """Sales, then receipts, in the columns of `both_header`."""
    empty = (None,) * (2 * len(rates))
    for row in sales_rows(first, last, rates):
        yield (*row, None, None, None)
    for on, journal, method, reference, client, siren, amount, invoices in receipts_rows(
        first, last
    ):
        yield (
            on, journal, None, _("Payment"), client, siren, None, None, None, *empty,
            None, None, None, None, None, None, amount, None, method, reference, invoices,
        )  # fmt: skip


def table(kind: str, first: date, last: date) -> tuple[list[str], Iterator[Row], set[int]]:
    """Header, rows and the indexes of the columns that are amounts."""
    if kind == RECEIPTS:
        return receipts_header(), receipts_rows(first, last), {6}
    rates = rates_between(first, last)
    amounts = {*range(9, 14 + 2 * len(rates)), 15 + 2 * len(rates), 16 + 2 * len(rates)}
    if kind == SALES:
        return sales_header(rates), sales_rows(first, last, rates), amounts
    return both_header(rates), both_rows(first, last, rates), amounts


def titles() -> dict[str, str]:
    """What each journal is called."""
    return {SALES: _("Sales"), RECEIPTS: _("Receipts"), BOTH: _("Sales and receipts")}
