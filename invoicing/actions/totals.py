"""What a draft comes to: its lines taxed and added up, one draft or many."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.bulk import update_rows
from essaim.models.legal import FiguresRead
from essaim.workflow import Missing, Refused
from invoicing import rules
from invoicing.copies import line_of, line_vat, regime_of, vat_copy, vat_for
from invoicing.models import Invoice, InvoiceLine

RULES_VERSION = "2"


def add_up(invoice: Invoice, *, regime: str, lines: Sequence[InvoiceLine] | None = None) -> None:
    """Put on a draft what its lines (or those given) come to; nothing is stored."""
    rows = [line_of(line) for line in (invoice.lines.all() if lines is None else lines)]
    try:
        if invoice.is_credit_note:
            totals = _credit_totals(invoice, rows, regime)
        else:
            totals = rules.totals(rows, regime=regime)
    except rules.RuleBroken as broken:
        raise Refused(
            [
                Missing(
                    "lines",
                    _("These lines can't be added up (%(code)s).") % {"code": broken.problem.code},
                )
            ]
        ) from broken
    invoice.net, invoice.vat, invoice.gross = totals.net, totals.vat, totals.gross
    invoice.vat_copy, invoice.rules_version = vat_copy(totals), RULES_VERSION


def refresh_totals(invoice: Invoice, *, regime: str) -> Invoice:
    """Add a draft up again from its lines and store the totals."""
    add_up(invoice, regime=regime)
    invoice.save()
    return invoice


def put_vat(
    invoice: Invoice, profile: IssuerProfile, on: date, *, read: FiguresRead | None = None
) -> list[InvoiceLine]:
    """Give a draft the profile and rates of a day, and return the lines that changed, not stored;
    a credit note keeps its origin's rates."""
    invoice.issuer = profile
    if invoice.is_credit_note:
        return []
    rate, category = vat_for(profile, invoice.client, on, read=read)
    changed = []
    for line in invoice.lines.all():
        of_line = line_vat(line, rate, category, regime=profile.regime)
        if of_line != (line.vat_rate, line.vat_category):
            line.vat_rate, line.vat_category = of_line
            changed.append(line)
    return changed


def apply_vat(invoice: Invoice, profile: IssuerProfile, on: date) -> Invoice:
    """Give a draft the profile and rates of a day, and store it added up again."""
    update_rows(InvoiceLine, put_vat(invoice, profile, on), ["vat_rate", "vat_category"])
    return refresh_totals(invoice, regime=regime_of(invoice, profile))


def _credit_totals(invoice: Invoice, lines: Sequence[rules.Line], regime: str) -> rules.Totals:
    from_origin = invoice.origin
    assert from_origin is not None
    earlier = [c for c in from_origin.credit_notes.all() if c.is_issued]
    whole = _stored(from_origin)
    return rules.credit_totals(lines, regime=regime, origin=whole, credited=map(_stored, earlier))


def _stored(invoice: Invoice) -> rules.Totals:
    rates = (
        rules.RateTotal(r["category"], Decimal(r["rate"]), Decimal(r["base"]), Decimal(r["vat"]))
        for r in invoice.vat_copy
    )
    return rules.total_of(rates)
