"""E-reporting: sales to clients outside the exchange of invoices, and what they paid (CGI 290).

Per day, treatment, category and rate for the sales; per day and rate for the receipts, since the
VAT on services falls due as they are paid.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.exports import CSV_TYPE, csv_stream
from essaim.models import User
from essaim.money import ZERO, cents, split
from invoicing.actions.desk import log_export
from invoicing.bt import TYPES
from invoicing.entries import CHUNK, batches
from invoicing.models import Allocation, Invoice
from invoicing.rules_efacture import B2B_ABROAD, REPORTED, treatment
from invoicing.rules_totals import DEBITS
from invoicing.rules_transfer import Amounts, Rate
from invoicing.settling import documents

KIND: Final = "ereporting"
JSON_TYPE: Final = "application/json; charset=utf-8"
FORMATS: Final = ("csv", "json")


@dataclass(frozen=True, slots=True)
class Sale:
    """One document, or its part at one rate; amounts of a credit note are negative."""

    issued_on: date
    number: str
    type_code: str
    treatment: str
    client: str
    country: str
    client_vat: str
    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was received of a document on a day, split by its rates."""

    received_on: date
    number: str
    treatment: str
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """The sales and the receipts of a period."""

    first: date
    last: date
    siren: str
    sales: tuple[Sale, ...]
    receipts: tuple[Receipt, ...]
    days: tuple[dict[str, Any], ...] = field(default=())

    @property
    def base(self) -> Decimal:
        """Sales before tax."""
        return cents(sum((sale.base for sale in self.sales), ZERO))

    @property
    def vat(self) -> Decimal:
        """Their VAT."""
        return cents(sum((sale.vat for sale in self.sales), ZERO))

    @property
    def received(self) -> Decimal:
        """What was received."""
        return cents(sum((receipt.amount for receipt in self.receipts), ZERO))


def treatment_of_copy(issuer: dict[str, Any], client: dict[str, Any]) -> str:
    """How the reform treats a document, from its frozen copies."""
    return treatment(
        regime=issuer.get("regime", ""),
        client_kind=client.get("kind", ""),
        country=client.get("country", "FR"),
        siren=client.get("siren", "") or client.get("siret", "")[:9],
        vat_status=client.get("vat_status", ""),
    )


def _reported(row: Any) -> str:
    found = treatment_of_copy(row.issuer_copy, row.client_copy)
    return found if found in REPORTED else ""


def _sales(first: date, last: date) -> Iterator[Sale]:
    """Each document at each of its rates; a final one without the deposits it takes off."""
    rows = Invoice.objects.issued().filter(kind__in=list(TYPES), issued_on__range=(first, last))
    columns = ("issued_on", "number", "kind", "issuer_copy", "client_copy")
    ordered = rows.only(*columns).order_by("issued_on", "year", "rank", "pk")
    for batch in batches(ordered.iterator(chunk_size=CHUNK)):
        reported = [(row, how) for row in batch if (how := _reported(row))]
        found = documents([row.pk for row, _how in reported])
        for row, how in reported:
            yield from _at_each_rate(row, how, found[row.pk].owed.rates)


def _at_each_rate(row: Any, how: str, rates: Mapping[Rate, Amounts]) -> Iterator[Sale]:
    sign = -1 if row.is_credit_note else 1
    client = row.client_copy
    for (category, rate), amounts in rates.items():
        if not amounts.base and not amounts.vat:
            continue
        yield Sale(
            issued_on=row.issued_on,
            number=row.number or "",
            type_code=TYPES[row.kind],
            treatment=how,
            # A private person is counted, not named.
            client=client["name"] if how == B2B_ABROAD else "",
            country=client.get("country", "FR"),
            client_vat=client.get("vat_number", "") if how == B2B_ABROAD else "",
            category=category,
            rate=cents(rate),
            base=sign * amounts.base,
            vat=sign * amounts.vat,
        )


def _parts(rates: Mapping[Rate, Amounts], amount: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """Split what was received over the rates of what a document asks, the last taking the rest."""
    owed = [(rate, one.base + one.vat) for (_category, rate), one in rates.items()]
    owed = [(rate, gross) for rate, gross in owed if gross]
    parts = split(amount, [gross for _rate, gross in owed]) if owed else ()
    for (rate, _gross), part in zip(owed, parts, strict=True):
        yield cents(rate), part


def _receipts(first: date, last: date) -> Iterator[Receipt]:
    # A payment counts on the day it was credited, one undone on the day it was.
    days = (first, last)
    within = Q(amount__lt=0, on__range=days) | Q(amount__gt=0, payment__received_on__range=days)
    rows = Allocation.objects.filter(
        within, payment__isnull=False, invoice__kind__in=list(TYPES)
    ).exclude(invoice__issuer_copy__regime=DEBITS)  # on debits the tax fell due with the invoice
    ordered = rows.select_related("invoice", "payment").order_by("pk")
    for batch in batches(ordered.iterator(chunk_size=CHUNK)):
        found = documents({row.invoice_id for row in batch})
        for row in batch:
            how = _reported(row.invoice)
            if not how or row.payment is None:
                continue
            on = row.on if row.amount < 0 else row.payment.received_on
            for rate, amount in _parts(found[row.invoice_id].owed.rates, row.amount):
                yield Receipt(on, row.invoice.number or "", how, rate, amount)


def report(first: date, last: date) -> Report:
    """What is to be reported of a period."""
    profile = IssuerProfile.objects.at(last)
    sales = tuple(_sales(first, last))
    return Report(
        first=first,
        last=last,
        siren=(profile.siren or profile.siret[:9]) if profile else "",
        sales=sales,
        receipts=tuple(_receipts(first, last)),
        days=tuple(_by_day(sales)),
    )


def _by_day(sales: tuple[Sale, ...]) -> Iterator[dict[str, Any]]:
    """Sales to private persons and the like are reported as totals of a day."""
    sums: dict[tuple[Any, ...], list[Decimal]] = {}
    counts: dict[tuple[Any, ...], set[str]] = {}
    for sale in sales:
        if sale.treatment == B2B_ABROAD:
            continue
        key = (sale.issued_on, sale.category, sale.rate)
        base, vat = sums.get(key, [ZERO, ZERO])
        sums[key] = [base + sale.base, vat + sale.vat]
        counts.setdefault(key, set()).add(sale.number)
    for key in sorted(sums):
        on, category, rate = key
        base, vat = sums[key]
        yield {
            "issued_on": on, "category": category, "rate": rate, "base": base, "vat": vat,
            "documents": len(counts[key]),
        }  # fmt: skip


# -- files -------------------------------------------------------------------------------------
_HEADER: Final = (
    "Type", "Date", "Document", "Type UNTDID 1001", "Traitement", "Client", "Pays", "TVA du client",
    "Catégorie", "Taux", "Base", "TVA", "Reçu",
)  # fmt: skip


def _csv_rows(found: Report) -> Iterator[tuple[object, ...]]:
    for s in found.sales:
        yield (
            "vente", s.issued_on, s.number, s.type_code, s.treatment, s.client, s.country,
            s.client_vat, s.category, s.rate, s.base, s.vat, "",
        )  # fmt: skip
    for r in found.receipts:
        yield (
            "encaissement", r.received_on, r.number, "", r.treatment, "", "", "", "", r.rate, "",
            "", r.amount,
        )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value


def _json(found: Report) -> bytes:
    """Amounts are texts with two decimals: no reader rounds them."""

    def rows(items: Any) -> list[dict[str, Any]]:
        return [{name: _plain(value) for name, value in dict(item).items()} for item in items]

    content = {
        "siren": found.siren,
        "period": {"first": found.first.isoformat(), "last": found.last.isoformat()},
        "international": rows(asdict(s) for s in found.sales if s.treatment == B2B_ABROAD),
        "daily": rows(found.days),
        "sales": rows(asdict(s) for s in found.sales),
        "receipts": rows(asdict(r) for r in found.receipts),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")


def report_file(
    file_format: str, first: date, last: date, *, by: User, on: date, at: datetime
) -> tuple[str, bytes, str]:
    """(name, bytes, type) of the report; logged with its fingerprint."""
    found = report(first, last)
    if file_format == "json":
        content, kind = _json(found), JSON_TYPE
    else:
        content, kind = b"".join(csv_stream(_HEADER, _csv_rows(found))), CSV_TYPE
    name = f"ereporting-{first:%Y%m%d}-{last:%Y%m%d}.{file_format}"
    log_export(
        kind=KIND,
        file_format=file_format,
        first=first,
        last=last,
        rows=len(found.sales) + len(found.receipts),
        fingerprint=sha256(content).hexdigest(),
        name=name,
        by=by,
        on=on,
        at=at,
    )
    return name, content, kind


def title() -> str:
    """The name of this export in the log."""
    return _("E-reporting")
