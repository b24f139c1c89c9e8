"""Corrective invoices: drafted with the full credit note of what they replace, issued at once."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import ZERO, add_up, cents
from essaim.workflow import Missing, Refused, record
from invoicing.actions.crediting import draft_credit
from invoicing.actions.drafting import locked_draft, new_draft, profile_on, put_line
from invoicing.actions.issuing import post, render_one
from invoicing.actions.totals import apply_vat
from invoicing.copies import line_of
from invoicing.models import (
    BilledExpense,
    BilledPhase,
    BilledShare,
    Correction,
    DepositUse,
    Invoice,
    InvoiceLine,
    SubsidyFee,
)
from missions.models import DayShare, Expense

SAME = ("coop", "clause", "envelope", "period_from", "period_to", "order_number")
CORRECTED = (Invoice.Kind.INVOICE, Invoice.Kind.CORRECTIVE)


def correction_bars(origin: Invoice) -> list[Missing]:
    """Why an invoice can't be replaced by a corrective one."""
    if not origin.is_issued or origin.kind not in CORRECTED:
        words = _(
            "Only an issued invoice is corrected this way: for a deposit, a call or a taken-over"
            " invoice, make a credit note and a new document."
        )
        return [Missing("origin", words)]
    if credit := origin.credit_notes.filter(kind=Invoice.Kind.CREDIT_NOTE).first():
        words = _("A credit note on this invoice exists already: go on with credit notes.")
        return [Missing("origin", words, credit.get_absolute_url())]
    return []


@transaction.atomic
def draft_correction(
    *, origin: Invoice, words: str, by: User, on: date, at: datetime
) -> Correction:
    """Draft the full credit note of an invoice and the corrective invoice that replaces it.

    The corrective one starts as a copy; its lines take the new generation of their days,
    expenses and phases when both are issued (issue_correction). Refused when anything was
    credited already.
    """
    origin = Invoice.objects.select_for_update(of=("self",)).get(pk=origin.pk)
    if bars := correction_bars(origin):
        raise Refused(bars)
    lines = list(origin.lines.all())
    again = _given_back(origin)
    credit = draft_credit(origin=origin, words=words, billable_again=again, by=by, on=on, at=at)
    corrective = new_draft(
        client=origin.client,
        kind=Invoice.Kind.CORRECTIVE,
        agreement=origin.agreement,
        by=by,
        on=on,
        at=at,
        origin=origin,
        title=origin.title,
        term_days=origin.term_days,
        term_method=origin.term_method,
        **{name: getattr(origin, name) for name in SAME},
    )
    pair = Correction.objects.create(credit_note=credit, corrective=corrective)
    for line in lines:
        _copy_line(corrective, line)
    apply_vat(corrective, profile_on(on), on)
    record(corrective, "correct", by=by, on=on, at=at, codes={"credit": credit.pk}, text=words)
    return pair


def _given_back(origin: Invoice) -> list[int]:
    """Lines whose work its credit note frees: days, expenses, phases of a price."""
    holds = Q(billed_expenses__isnull=False) | Q(billed_phase__isnull=False)
    found = origin.lines.filter(Q(kind=InvoiceLine.Kind.DAYS) | holds).distinct()
    return list(found.values_list("pk", flat=True))


def _copy_line(corrective: Invoice, line: InvoiceLine) -> None:
    stored = put_line(
        corrective,
        line_of(line),
        position=line.position,
        origin=line,
        days=line.days,
        chosen_rate=line.chosen_rate,
        analytic_code=line.analytic_code,
    )
    fee = SubsidyFee.objects.filter(line=line).first()
    if fee is not None:
        SubsidyFee.objects.create(
            line=stored,
            clause=fee.clause,
            application=fee.application,
            disbursement=fee.disbursement,
            is_fixed_part=fee.is_fixed_part,
            base=fee.base,
            amount=fee.amount,
        )


def _take_new_shares(corrective: Invoice) -> None:
    """Tie the days still on the corrective invoice to the generation their credit just made."""
    for line in corrective.lines.filter(kind=InvoiceLine.Kind.DAYS).select_related("origin"):
        old = DayShare.objects.filter(billed__line=line.origin)
        born = list(DayShare.objects.filter(replaces__in=old, billed=None).order_by("pk"))
        if cents(sum(share.amount for share in born)) != line.net:
            words = _("The days of “%(line)s” are not worth what the line says any more.")
            raise Refused([Missing("lines", words % {"line": line.label})])
        BilledShare.objects.bulk_create(BilledShare(line=line, share=share) for share in born)


def _take_new_expenses(corrective: Invoice) -> None:
    """Tie the expenses still on the corrective invoice to the generation just opened."""
    lines = corrective.lines.filter(origin__billed_expenses__isnull=False).distinct()
    for line in lines.select_related("origin"):
        held = BilledExpense.objects.filter(line=line.origin).values("expense_id")
        freed = list(Expense._base_manager.filter(pk__in=held).order_by("pk"))
        if add_up(e.billable or ZERO for e in freed) != line.net:
            words = _("The expenses of “%(line)s” are not worth what the line says any more.")
            raise Refused([Missing("lines", words % {"line": line.label})])
        BilledExpense.objects.bulk_create(
            BilledExpense(line=line, expense=e, generation=e.generation) for e in freed
        )


def _take_new_phases(corrective: Invoice) -> None:
    """Tie the phases still on the corrective invoice to their next generation."""
    for line in corrective.lines.filter(origin__billed_phase__isnull=False):
        old = BilledPhase.objects.get(line=line.origin_id)
        BilledPhase.objects.create(
            line=line, phase=old.phase, share=old.share, generation=old.generation + 1
        )


def _take_deposits_again(corrective: Invoice) -> None:
    """The corrective invoice takes off the deposits its origin did, now free again."""
    uses = DepositUse.objects.filter(invoice=corrective.origin_id, release__isnull=False)
    for use in uses.select_related("release").order_by("pk"):
        DepositUse.objects.create(invoice=corrective, deposit_id=use.deposit_id, after=use.release)


@transaction.atomic
def _issue_both(
    pair: Correction, *, by: User, on: date, at: datetime, reasons: Mapping[str, str]
) -> Correction:
    origin = pair.corrective.origin
    assert origin is not None
    Invoice.objects.select_for_update(of=("self",)).get(pk=origin.pk)
    locked_draft(pair.corrective)
    (pair.credit_note,) = post(
        [pair.credit_note], by=by, on=on, at=at, reasons=reasons, paired=True
    )
    corrective = locked_draft(pair.corrective)
    _take_new_shares(corrective)
    _take_new_expenses(corrective)
    _take_new_phases(corrective)
    _take_deposits_again(corrective)
    (pair.corrective,) = post([corrective], by=by, on=on, at=at, reasons=reasons, paired=True)
    return pair


def issue_correction(
    *,
    pair: Correction,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> Correction:
    """Issue the credit note, then the corrective invoice, in one transaction, numbered in order.

    Raises Refused with what either lacks; nothing is numbered then.
    """
    pair = _issue_both(pair, by=by, on=on, at=at, reasons=reasons or {})
    for document in (pair.credit_note, pair.corrective):
        render_one(document, at=at)
    return pair
