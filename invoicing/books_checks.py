"""What should be looked at before the books of a period leave."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.money import ZERO, cents
from invoicing.entries import issued_between
from invoicing.models import Invoice, InvoiceLine
from invoicing.vat_statement import unallocated
from invoicing.wording import euros


def checks(first: date, last: date) -> list[tuple[str, str, str]]:
    """(tone, words, url) of what should be looked at before exporting a period."""
    found = []
    drafts = Invoice.objects.filter(state=Invoice.State.DRAFT, period_to__range=(first, last))
    if count := drafts[:100].count():
        url = f"{reverse('invoicing:invoices')}?show=drafts"
        words = _("%(count)s drafts about this period are not issued.") % {"count": count}
        found.append(("warn", words, url))
    issued = Invoice.objects.issued().filter(issued_on__range=(first, last))
    if count := issued.without_pdf()[:100].count():
        found.append(("warn", _("%(count)s PDFs are still to be made.") % {"count": count}, ""))
    found += [("bad", words, "") for words in gaps(first, last)]
    if (rest := unallocated(first, last)) > 0:
        words = _("%(amount)s received settle no invoice yet: allocate them first.")
        found.append(("warn", words % {"amount": euros(rest)}, reverse("invoicing:payments")))
    if not found:
        found.append(("good", _("Numbers follow each other, every document has its PDF."), ""))
    return found


def gaps(first: date, last: date) -> list[str]:
    """Numbers missing in what was issued in a period, per year of a series."""
    rows = (
        Invoice.objects.issued()
        .filter(issued_on__range=(first, last), rank__isnull=False)
        .order_by("series_id_used", "year", "rank")
        .values_list("series_id_used", "year", "rank", "number")
    )
    found: list[str] = []
    before: tuple[Any, ...] | None = None
    for row in rows.iterator():
        if before and row[:2] == before[:2] and row[2] != before[2] + 1:
            numbers = {"before": before[3], "after": row[3]}
            found.append(_("A number is missing between %(before)s and %(after)s.") % numbers)
        before = row
    return found[:20]


def analytic_totals(first: date, last: date) -> list[tuple[str, Decimal]]:
    """What was billed per analytic code in a period, credit notes taken off."""
    rows = (
        InvoiceLine.objects.filter(invoice__in=issued_between(first, last).order_by().values("pk"))
        .order_by("analytic_code")
        .values("analytic_code")
        .annotate(
            billed=Sum("net", filter=~Q(invoice__kind=Invoice.Kind.CREDIT_NOTE)),
            credited=Sum("net", filter=Q(invoice__kind=Invoice.Kind.CREDIT_NOTE)),
        )
    )
    return [
        (row["analytic_code"], cents((row["billed"] or ZERO) - (row["credited"] or ZERO)))
        for row in rows
    ]
