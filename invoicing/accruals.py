"""Closing the books on a day: work done and not invoiced (FAE), income not earned yet (PCA)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.money import ZERO, cents
from invoicing import rules_entries as book
from invoicing.accruals_work import UNBILLED, Accrual, unbilled
from invoicing.chart import Product
from invoicing.entries import Books, Entry
from invoicing.models import AuxiliaryAccount, Invoice, InvoiceLine
from invoicing.rules_entries import Sold

DEFERRED: Final = "PCA"
_PREPAID: Final = {"subscription": Product.SUBSCRIPTION, "pack": Product.PACK}


def deferred(on: date) -> Iterator[Accrual]:
    """The part, by days, of subscriptions and packs invoiced by then for a time to come."""
    lines = (
        InvoiceLine.objects.filter(
            kind__in=list(_PREPAID),
            invoice__state=Invoice.State.ISSUED,
            invoice__issued_on__lte=on,
            invoice__period_to__gt=on,
            invoice__period_from__isnull=False,
        )
        .exclude(invoice__kind__in=(Invoice.Kind.CREDIT_NOTE, Invoice.Kind.TAKEN_OVER))
        .annotate(
            taken=Sum(
                "credited_by__net",
                filter=Q(
                    credited_by__invoice__state=Invoice.State.ISSUED,
                    credited_by__invoice__issued_on__lte=on,
                ),
            )
        )
        .order_by("invoice__issued_on", "invoice_id", "position")
        .select_related("invoice")
    )
    for line in lines.iterator(chunk_size=500):
        invoice = line.invoice
        assert invoice.period_from is not None and invoice.period_to is not None
        whole = (invoice.period_to - invoice.period_from).days + 1
        ahead = (invoice.period_to - max(on, invoice.period_from - date.resolution)).days
        net = cents((line.net - (line.taken or ZERO)) * ahead / whole)
        if net > 0:
            yield Accrual(
                DEFERRED, _PREPAID[line.kind], invoice.client_id,
                invoice.client_copy.get("name", ""), str(invoice.number), line.analytic_code,
                net, ZERO,
            )  # fmt: skip


def entries(on: date, books: Books) -> Iterator[Entry]:
    """The entries that close the books on a day, in the miscellaneous journal."""
    codes = dict(AuxiliaryAccount.objects.values_list("organisation_id", "code"))
    for one in (*unbilled(on), *deferred(on)):
        sold = [Sold(books.chart.of(one.role, one.analytic), one.analytic, one.net)]
        if one.kind == UNBILLED:
            postings = book.unbilled_work(books.chart, sold=sold, vat=one.vat)
        else:
            postings = book.deferred_income(books.chart, sold=sold)
        label = f"{one.kind} {one.words} {one.client}"
        piece = f"{one.kind}{on:%Y%m%d}"
        yield Entry(
            books.misc, on, piece, label, codes.get(one.client_id, ""), one.client, postings
        )


def kind_words(kind: str, on: date) -> str:
    """What an accrual is, in words."""
    if kind == UNBILLED:
        return _("Work done by %(on)s and not invoiced") % {"on": date_fr(on)}
    return _("Invoiced by %(on)s for a time to come") % {"on": date_fr(on)}
