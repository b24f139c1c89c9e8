"""What should be looked at before the books of a period leave."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from invoicing.models import Invoice


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
