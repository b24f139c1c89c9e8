"""A draft as it would be issued on a day: our profile, the rates and the totals of that day."""

from datetime import date

from django.db.models import prefetch_related_objects

from crm.models import IssuerProfile
from invoicing import rules
from invoicing.copies import line_of, line_vat, vat_copy, vat_for
from invoicing.deducting import deduct_on
from invoicing.models import Invoice


def taxed_on(invoice: Invoice, on: date) -> Invoice:
    """The same draft, in memory, as its issue `on` would tax it; nothing is written.

    A draft written before our regime or a rate changed is read, and confirmed, as it will stand.
    """
    profile = IssuerProfile.objects.at(on)
    if invoice.is_issued or profile is None:
        return invoice
    invoice.issuer = profile
    if invoice.is_credit_note:
        return invoice
    rate, category = vat_for(profile, invoice.client, on)
    prefetch_related_objects([invoice], "lines")
    lines = list(invoice.lines.all())
    for line in lines:
        line.vat_rate, line.vat_category = line_vat(line, rate, category, regime=profile.regime)
    totals = rules.totals([line_of(line) for line in lines], regime=profile.regime)
    invoice.net, invoice.vat, invoice.gross = totals.net, totals.vat, totals.gross
    invoice.vat_copy = vat_copy(totals)
    # What can't be taken off is said by the list of what is missing.
    deduct_on(invoice, totals)
    return invoice
