"""Closing the books on a day: work done and not invoiced (FAE), income not earned yet (PCA)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim.formats import date_fr
from essaim.money import ZERO, cents, percent_of
from invoicing import rules_entries as book
from invoicing.chart import Product
from invoicing.copies import vat_for
from invoicing.entries import Books, Entry
from invoicing.models import AuxiliaryAccount, Invoice, InvoiceLine
from invoicing.rules_entries import Sold
from missions.models import DayShare, MissionDay

UNBILLED: Final = "FAE"
DEFERRED: Final = "PCA"
_PREPAID: Final = {"subscription": Product.SUBSCRIPTION, "pack": Product.PACK}


class Accrual(NamedTuple):
    """One thing to add to, or to take off, the income of the period that is closed."""

    kind: str
    role: str
    client_id: int
    client: str
    words: str
    analytic: str
    net: Decimal
    vat: Decimal
    key: int

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def unbilled(on: date) -> Iterator[Accrual]:
    """Days worked by then, validated, to bill, and on no document issued by then."""
    issued = Q(billed__line__invoice__state=Invoice.State.ISSUED)
    rows = (
        DayShare.objects.filter(
            nature="billed",
            amount__gt=0,
            replaced_by=None,
            payer__isnull=False,
            day__worked_on__lte=on,
            day__state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
        )
        .exclude(issued & Q(billed__line__invoice__issued_on__lte=on))
        .order_by("payer__sort_key", "payer_id", "day__mission__agreement_id")
        .values(
            "payer_id", "day__mission__agreement_id", "day__mission__agreement__title",
            "day__mission__agreement__analytic_code",
        )
        .annotate(net=Sum("amount"))
    )  # fmt: skip
    profile = IssuerProfile.objects.at(on)
    found = list(rows)
    payers = Organisation.objects.in_bulk([row["payer_id"] for row in found])
    for row in found:
        payer, net = payers[row["payer_id"]], cents(row["net"])
        rate = vat_for(profile, payer, on)[0] if profile else ZERO
        yield Accrual(
            UNBILLED, Product.DAYS, payer.pk, payer.legal_name,
            row["day__mission__agreement__title"] or "",
            row["day__mission__agreement__analytic_code"] or "",
            net, percent_of(net, rate), row["day__mission__agreement_id"] or 0,
        )  # fmt: skip


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
                net, ZERO, line.pk,
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
