"""What a draft comes to: its lines taxed and added up, one draft or many."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.bulk import update_rows
from essaim.models.legal import FiguresRead
from essaim.workflow import Missing, Refused
from invoicing import rules
from invoicing.copies import line_of, line_vat, regime_of, totals_of, vat_copy, vat_for
from invoicing.deducting import credits_of, deduct_on
from invoicing.models import Invoice, InvoiceLine
from invoicing.wording import euros, percent

RULES_VERSION = "2"


def add_up(invoice: Invoice, *, regime: str, lines: Sequence[InvoiceLine] | None = None) -> None:
    """Put on a draft what its lines (or those given) come to, and the deposits it takes off.

    Nothing is stored. Refused when a discount passes what it comes off, a credit note what is
    left of its origin, or deposits what is billed at their rate.
    """
    rows = [line_of(line) for line in (invoice.lines.all() if lines is None else lines)]
    try:
        if invoice.is_credit_note:
            totals = _credit_totals(invoice, rows, regime)
        else:
            totals = rules.totals(rows, regime=regime)
    except rules.RuleBroken as broken:
        raise Refused([_broken(broken.problem)]) from broken
    if any(rate.base < 0 for rate in totals.by_rate):
        words = _("The discount is more than what it comes off: remove the discount first.")
        raise Refused([Missing("lines", words)])
    invoice.net, invoice.vat, invoice.gross = totals.net, totals.vat, totals.gross
    invoice.vat_copy, invoice.rules_version = vat_copy(totals), RULES_VERSION
    if found := deduct_on(invoice, totals):
        raise Refused(found)


def _broken(problem: rules.Problem) -> Missing:
    """Why lines can't be added up, in words where a person can mend it."""
    values: dict[str, Any] = dict(problem.values)
    if problem.code == "credit_exceeds_origin":
        words = _(
            "%(asked)s is more than the %(left)s left to credit at this rate, discounts taken off:"
            " credit the discount too, or less of the line."
        )
        told = {name: euros(values[name]) for name in ("asked", "left")}
        return Missing("amounts", words % told)
    if problem.code == "credit_of_another_rate":
        words = _("Nothing is left to credit at %(rate)s on this invoice.")
        return Missing("amounts", words % {"rate": percent(values["rate"])})
    words = _("These lines can't be added up (%(code)s).")
    return Missing("lines", words % {"code": problem.code})


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
    origin = invoice.origin
    assert origin is not None
    return rules.credit_totals(
        lines, regime=regime, origin=totals_of(origin), credited=credits_of(origin)
    )
