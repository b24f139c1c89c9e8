"""Fees tied to a grant: what is due now, drafted as invoices or as credit notes."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.fonts import drawable
from essaim.models import User
from essaim.money import ZERO
from essaim.workflow import Missing, Refused
from grants.models import Disbursement
from invoicing import rules
from invoicing.actions.crediting import credited_per_line, draft_credit
from invoicing.actions.drafting import new_draft, put_line
from invoicing.actions.totals import refresh_totals
from invoicing.copies import vat_for
from invoicing.dues import DueFee, due_fees, terms_of
from invoicing.models import Invoice, InvoiceLine, SubsidyFee, SubsidyShareClause
from invoicing.wording import euros, percent


def _locked(clause: SubsidyShareClause) -> SubsidyShareClause:
    return SubsidyShareClause.objects.select_for_update(of=("self",)).get(pk=clause.pk)


def _pick(clause: SubsidyShareClause, disbursement: Disbursement | None, *, fixed: bool) -> DueFee:
    """The due fee asked for, as it stands under the lock."""
    for fee in due_fees(clause):
        same = (fee.disbursement and fee.disbursement.pk) == (disbursement and disbursement.pk)
        if fee.is_fixed_part == fixed and same:
            return fee
    raise Refused([Missing("fee", _("Nothing is due from this clause now."))])


def _put(fee: DueFee, label: str, *, by: User, on: date, at: datetime) -> Invoice:
    agreement, days = fee.clause.agreement, fee.clause.payment_days
    invoice = new_draft(
        client=agreement.client,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        clause=fee.clause,
        title=label,
        period_from=fee.since,
        period_to=fee.since,
        term_days=agreement.payment_days if days is None else days,
        term_method="net",
    )
    assert invoice.issuer is not None
    rate, category = vat_for(invoice.issuer, agreement.client, on)
    kind = rules.FIXED_PART if fee.is_fixed_part else rules.SUBSIDY_SHARE
    line = rules.Line(kind, label, Decimal(1), rules.PIECE, fee.amount, fee.amount, rate, category)
    stored = put_line(invoice, line, position=1, analytic_code=agreement.analytic_code)
    SubsidyFee.objects.create(
        line=stored,
        clause=fee.clause,
        application=fee.application,
        disbursement=fee.disbursement,
        is_fixed_part=fee.is_fixed_part,
        base=fee.base,
        amount=fee.amount,
    )
    return refresh_totals(invoice, regime=invoice.issuer.regime)


@transaction.atomic
def draft_fee(
    *,
    clause: SubsidyShareClause,
    by: User,
    on: date,
    at: datetime,
    disbursement: Disbursement | None = None,
) -> Invoice:
    """Draft the fee of one reception (base paid) or of the award (base awarded)."""
    clause = _locked(clause)
    fee = _pick(clause, disbursement, fixed=False)
    if fee.is_credit:
        return _credit(fee, by=by, on=on, at=at)
    label = _("Fees tied to the grant: %(rate)s of %(base)s (%(grant)s)") % {
        "rate": percent(terms_of(clause).rate),
        "base": euros(fee.base),
        # A little picture in its title would bar the issue, and its owner is another person.
        "grant": drawable(str(fee.application)),
    }
    return _put(fee, label, by=by, on=on, at=at)


@transaction.atomic
def draft_fixed_part(*, clause: SubsidyShareClause, by: User, on: date, at: datetime) -> Invoice:
    """Draft the fixed part of a clause that adds it, on an invoice of its own."""
    fee = _pick(_locked(clause), None, fixed=True)
    label = _("Fixed part: help with the application file")
    return _put(fee, label, by=by, on=on, at=at)


@transaction.atomic
def draft_reduction(
    *,
    clause: SubsidyShareClause,
    by: User,
    on: date,
    at: datetime,
    disbursement: Disbursement | None = None,
) -> Invoice:
    """Draft the credit note that a reduced or clawed-back grant owes the client."""
    fee = _pick(_locked(clause), disbursement, fixed=False)
    if not fee.is_credit:
        raise Refused([Missing("fee", _("Nothing is to be given back on this clause."))])
    return _credit(fee, by=by, on=on, at=at)


def _source(clause: SubsidyShareClause, amount: Decimal) -> tuple[InvoiceLine, Decimal]:
    """The issued fee line to credit, and how much: the last that holds it all, else the fullest."""
    lines = (
        InvoiceLine.objects.filter(
            fee__clause=clause,
            fee__is_fixed_part=False,
            invoice__state=Invoice.State.ISSUED,
            origin=None,
        )
        .select_related("invoice")
        .order_by("-invoice__issued_on", "-pk")
    )
    fullest, most = None, ZERO
    for line in lines:
        left = line.net - credited_per_line(line.invoice).get(str(line.pk), ZERO)
        if left >= amount:
            return line, amount
        if left > most:
            fullest, most = line, left
    if fullest is None:
        raise Refused([Missing("fee", _("No issued fee invoice has this much left to credit."))])
    return fullest, most


def _credit(fee: DueFee, *, by: User, on: date, at: datetime) -> Invoice:
    """The credit note on one fee invoice; what passes it stays due, for the next credit note."""
    line, amount = _source(fee.clause, -fee.amount)
    credit = draft_credit(
        origin=line.invoice,
        amounts={line.pk: amount},
        by=by,
        on=on,
        at=at,
        words=_("The grant was reduced: %(amount)s of fees are given back.")
        % {"amount": euros(amount)},
    )
    SubsidyFee.objects.filter(line__invoice=credit).update(
        base=fee.base, disbursement=fee.disbursement, is_reduction=True
    )
    return credit
