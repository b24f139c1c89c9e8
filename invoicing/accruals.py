"""Closing the books on a day: work done and not invoiced (FAE), income not earned yet (PCA)."""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.money import ZERO, add_up, cents, split
from invoicing import rules_entries as book
from invoicing.accruals_work import UNBILLED, Accrual, unbilled
from invoicing.chart import Product
from invoicing.entries import Books, Entry
from invoicing.models import AuxiliaryAccount, Invoice, InvoiceLine
from invoicing.rules_entries import Sold
from missions.models import Agreement, MissionDay

DEFERRED: Final = "PCA"
SUBSCRIPTION: Final = "subscription"
PACK: Final = "pack"


def _invoiced(on: date, kind: str) -> Any:
    """Lines of a kind invoiced by then, each with what credit notes took back of it by then."""
    issued = {"invoice__state": Invoice.State.ISSUED, "invoice__issued_on__lte": on}
    credited = Q(
        credited_by__invoice__state=Invoice.State.ISSUED, credited_by__invoice__issued_on__lte=on
    )
    return (
        InvoiceLine.objects.filter(kind=kind, **issued)
        .exclude(invoice__kind__in=(Invoice.Kind.CREDIT_NOTE, Invoice.Kind.TAKEN_OVER))
        .annotate(taken=Sum("credited_by__net", filter=credited))
        .order_by("invoice__issued_on", "invoice_id", "position")
        .select_related("invoice")
    )


def _accrual(line: InvoiceLine, role: str, net: Decimal) -> Accrual:
    invoice = line.invoice
    name = invoice.client_copy.get("name", "")
    words = str(invoice.number)
    return Accrual(DEFERRED, role, invoice.client_id, name, words, line.analytic_code, net, ZERO)


def deferred(on: date) -> Iterator[Accrual]:
    """What is invoiced and not earned by then: subscriptions to come, days left of packs."""
    yield from _subscriptions(on)
    yield from _packs(on)


def _subscriptions(on: date) -> Iterator[Accrual]:
    """The part, by days, of subscriptions invoiced by then for a time to come."""
    lines = _invoiced(on, SUBSCRIPTION).filter(
        invoice__period_to__gt=on, invoice__period_from__isnull=False
    )
    for line in lines.iterator(chunk_size=500):
        invoice = line.invoice
        assert invoice.period_from is not None and invoice.period_to is not None
        whole = (invoice.period_to - invoice.period_from).days + 1
        ahead = (invoice.period_to - max(on, invoice.period_from - date.resolution)).days
        net = cents((line.net - (line.taken or ZERO)) * ahead / whole)
        if net > 0:
            yield _accrual(line, Product.SUBSCRIPTION, net)


def _packs(on: date) -> Iterator[Accrual]:
    """Of packs of days, what is invoiced by then beyond the days worked by then."""
    held: dict[Agreement, list[tuple[InvoiceLine, Decimal]]] = {}
    lines = _invoiced(on, PACK).filter(invoice__agreement__days_budgeted__gt=0)
    for line in lines.select_related("invoice__agreement").iterator(chunk_size=500):
        if (net := cents(line.net - (line.taken or ZERO))) > 0:
            held.setdefault(line.invoice.agreement, []).append((line, net))
    used = _days_used(held, on)
    for agreement, parts in held.items():
        nets = [net for _line, net in parts]
        invoiced = add_up(nets)
        done = min(used.get(agreement.pk, ZERO) / (agreement.days_budgeted or 1), Decimal(1))
        left = invoiced - cents(max(agreement.price or ZERO, invoiced) * done)
        if left > 0:
            for (line, _net), part in zip(parts, split(left, nets), strict=True):
                yield _accrual(line, Product.PACK, part)


def _days_used(agreements: Collection[Agreement], on: date) -> dict[int, Decimal]:
    """Days that packs hold worked by then and validated, by agreement: one query."""
    works = {agreement.pk: agreement.billable_works for agreement in agreements}
    rows = MissionDay.objects.filter(
        mission__agreement__in=works,
        worked_on__lte=on,
        state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
    ).order_by()
    found: dict[int, Decimal] = {}
    grouped = rows.values_list("mission__agreement_id", "work").annotate(days=Sum("quantity"))
    for key, work, days in grouped:
        if work in works[key]:
            found[key] = cents(found.get(key, ZERO) + days)
    return found


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
