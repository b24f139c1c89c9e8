"""Fees tied to a grant: what is due now, drafted as invoices or as credit notes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Missing, Refused
from grants.models import Disbursement, GrantApplication
from invoicing import rules
from invoicing.actions.crediting import credited_per_line, draft_credit
from invoicing.actions.drafting import new_draft, put_line, refresh_totals
from invoicing.copies import vat_for
from invoicing.models import Invoice, InvoiceLine, SubsidyFee, SubsidyShareClause
from invoicing.wording import euros, percent


@dataclass(frozen=True, slots=True)
class DueFee:
    """One fee to bill (amount > 0) or to credit (amount < 0), net, and what brings it."""

    clause: SubsidyShareClause
    application: GrantApplication | None
    disbursement: Disbursement | None
    is_fixed_part: bool
    base: Decimal
    amount: Decimal
    since: date | None

    @property
    def is_credit(self) -> bool:
        return self.amount < 0


def terms_of(clause: SubsidyShareClause) -> rules.ClauseTerms:
    """The figures of a complete clause as the rules take them."""
    assert clause.rate is not None
    return rules.ClauseTerms(
        rate=clause.rate,
        base=clause.base,
        cap=clause.cap,
        floor=clause.floor or None,
        fixed_part=clause.fixed_part or ZERO,
        fixed_part_mode=clause.fixed_part_is,
    )


def _counted(clause: SubsidyShareClause) -> QuerySet[SubsidyFee, SubsidyFee]:
    """Fees that count as billed: a credit counts when it follows the grant or is billable again."""
    goodwill = Q(line__origin__isnull=False, is_reduction=False, line__billable_again=False)
    return clause.fees.exclude(goodwill)


def _billed(clause: SubsidyShareClause, *, fixed: bool = False) -> Decimal:
    """Net billed so far from a clause, credits taken off, drafts included."""
    rows = _counted(clause).filter(is_fixed_part=fixed)
    return cents(rows.aggregate(total=Sum("amount"))["total"] or ZERO)


def _billed_by_disbursement(clause: SubsidyShareClause) -> dict[int, Decimal]:
    rows = _counted(clause).exclude(disbursement=None).values("disbursement_id")
    sums = rows.annotate(total=Sum("amount")).order_by()
    return {row["disbursement_id"]: cents(row["total"]) for row in sums}


def _paid_fees(clause: SubsidyShareClause) -> list[DueFee]:
    """One fee per reception, cumulatively rounded; a clawback gives a credit."""
    received = list(
        Disbursement.objects.filter(application__clauses=clause, state="received")
        .select_related("application")
        .order_by("received_on", "pk")
    )
    bases = [row.received_amount or ZERO for row in received]
    billed = _billed_by_disbursement(clause)
    found = []
    for row, amount in zip(received, rules.fee_per_payment(terms_of(clause), bases), strict=True):
        left = amount - billed.get(row.pk, ZERO)
        if left:
            found.append(
                DueFee(
                    clause,
                    row.application,
                    row,
                    is_fixed_part=False,
                    base=row.received_amount or ZERO,
                    amount=left,
                    since=row.received_on,
                )
            )
    return found


def _awarded_fees(clause: SubsidyShareClause) -> list[DueFee]:
    """The fee on what is awarded, once notified; a reduction at settlement gives a credit."""
    rows = [a for a in clause.applications.all() if a.awarded is not None]
    bases = [a.retained if a.retained is not None else a.awarded or ZERO for a in rows]
    bases = [b - (a.clawed_back or ZERO) for a, b in zip(rows, bases, strict=True)]
    step = rules.next_fee(terms_of(clause), bases, invoiced=_billed(clause))
    if not rows or not (step.to_invoice or step.to_credit):
        return []
    last = max(rows, key=lambda a: (a.report_accepted_on or a.notified_on or date.min, a.pk))
    return [
        DueFee(
            clause,
            last,
            None,
            is_fixed_part=False,
            base=cents(sum(bases, ZERO)),
            amount=step.to_invoice - step.to_credit,
            since=last.report_accepted_on or last.notified_on or last.decided_on,
        )
    ]


def due_fees(clause: SubsidyShareClause) -> list[DueFee]:
    """What an active clause asks to bill or to credit now."""
    if clause.state != SubsidyShareClause.State.ACTIVE:
        return []
    found = []
    fixed = clause.fixed_part or ZERO
    if clause.fixed_part_is == SubsidyShareClause.FixedPart.ADDED:
        left = cents(fixed - _billed(clause, fixed=True))
        if left > 0:
            found.append(
                DueFee(
                    clause,
                    None,
                    None,
                    is_fixed_part=True,
                    base=fixed,
                    amount=left,
                    since=clause.agreement.signed_on,
                )
            )
    paid = clause.base == SubsidyShareClause.Base.PAID
    return found + (_paid_fees(clause) if paid else _awarded_fees(clause))


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
    agreement = fee.clause.agreement
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
        term_days=fee.clause.payment_days or agreement.payment_days,
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
        "grant": fee.application,
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


def _credit(fee: DueFee, *, by: User, on: date, at: datetime) -> Invoice:
    """The credit note of the last fee invoice that has enough left."""
    amount = -fee.amount
    lines = (
        InvoiceLine.objects.filter(
            fee__clause=fee.clause,
            fee__is_fixed_part=False,
            invoice__state=Invoice.State.ISSUED,
            origin=None,
        )
        .select_related("invoice")
        .order_by("-invoice__issued_on", "-pk")
    )
    for line in lines:
        left = line.net - credited_per_line(line.invoice).get(str(line.pk), ZERO)
        if left >= amount:
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
    raise Refused([Missing("fee", _("No issued fee invoice has this much left to credit."))])
