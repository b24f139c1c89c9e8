"""What a year brings, against the thresholds of our VAT regime (CGI 293 B, 261-7-1° b)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from essaim.legal_figures import Kind
from essaim.models.legal import figure
from essaim.money import ZERO, cents
from essaim.workflow import Missing
from invoicing import rules, rules_threshold
from invoicing.known import Known
from invoicing.models import Allocation, Invoice, Payment
from invoicing.wording import euros


def _sum(rows: Any, column: str) -> Decimal:
    return cents(rows.aggregate(total=Sum(column))["total"] or ZERO)


def received_in(year: int) -> Decimal:
    """Payments credited in a year, without memberships, which are no price of a service."""
    span = (date(year, 1, 1), date(year, 12, 31))
    dues = Allocation.objects.filter(
        invoice__kind=Invoice.Kind.MEMBERSHIP_CALL, payment__received_on__range=span
    )
    whole = _sum(Payment.objects.filter(received_on__range=span), "amount")
    return whole - _sum(dues, "amount")


def turnover(year: int) -> Decimal:
    """Receipts of a year, and what issued documents still ask: it will come in too."""
    owed: Any = Invoice.objects.unpaid().exclude(kind=Invoice.Kind.MEMBERSHIP_CALL)
    return received_in(year) + _sum(owed, "left")


def _before(known: Known, amount: Decimal) -> Decimal:
    """What the year made before this invoice: those judged before it in the same run count."""
    if known.turnover is None:
        known.turnover = turnover(known.on.year)
    before = known.turnover
    known.turnover += amount
    return before


def threshold_doubts(invoice: Invoice, *, regime: str, known: Known) -> list[Missing]:
    """WARN before an invoice that takes the year past a threshold, or near it."""
    on = known.on
    if invoice.is_credit_note or invoice.kind == Invoice.Kind.MEMBERSHIP_CALL:
        return []
    amount = Decimal(invoice.asked)
    if regime == rules.FRANCHISE:
        marks = rules_threshold.Franchise(
            figure(Kind.FRANCHISE_BASE, on), figure(Kind.FRANCHISE_CEILING, on)
        )
        problems = rules_threshold.franchise_doubts(
            _before(known, amount), amount, marks, last_year=received_in(on.year - 1)
        )
    elif regime == rules.ASSOCIATION_EXEMPT:
        mark = figure(Kind.ASSOCIATION_RECEIPTS, on)
        problems = rules_threshold.association_doubts(_before(known, amount), amount, mark)
    else:
        return []
    return [Missing(p.code, _words(p, on), level="warn") for p in problems]


def _words(problem: rules.Problem, on: date) -> str:
    words = {
        "franchise_ceiling": _(
            "This invoice takes the receipts of %(year)s from %(before)s to %(after)s, past the"
            " raised threshold of %(mark)s (CGI 293 B): VAT is due from this very day. Have our"
            " details changed to a VAT regime first, or say why not."
        ),
        "franchise_base": _(
            "This invoice takes the receipts of %(year)s from %(before)s to %(after)s, past the"
            " threshold of %(mark)s (CGI 293 B): VAT will be due from 1 January %(next)s."
        ),
        "franchise_lost": _(
            "Last year brought %(last_year)s, past the threshold of %(mark)s (CGI 293 B): VAT is"
            " due since 1 January %(year)s. Have our details changed first, or say why not."
        ),
        "franchise_near": _(
            "This invoice takes the receipts of %(year)s to %(after)s, past 80 %% of the threshold"
            " of %(mark)s (CGI 293 B): the VAT exemption is near its end."
        ),
        "association_mark": _(
            "This invoice takes the accessory receipts of %(year)s from %(before)s to %(after)s,"
            " past %(mark)s (CGI 206-1 bis): the exemption and the freedom from business taxes end;"
            " ask the accountant."
        ),
        "association_near": _(
            "This invoice takes the accessory receipts of %(year)s to %(after)s, past 80 %% of the"
            " threshold of %(mark)s (CGI 206-1 bis)."
        ),
    }
    values: dict[str, Any] = {k: euros(Decimal(str(v))) for k, v in problem.values.items()}
    values |= {"year": on.year, "next": on.year + 1}
    return words[problem.code] % values
