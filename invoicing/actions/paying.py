"""Payments and what they settle: rows are inserted, an error is undone by a reversing row."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.terms import antifraud_asked
from invoicing.lateness import claims_used
from invoicing.locks import closed
from invoicing.models import Allocation, ClaimSettlement, Invoice, Payment, Refund


def payment_left(payment: Any) -> Decimal:
    """What of a payment is not set against an invoice yet: the client's balance.

    Nothing of one that was undone, nor of the row that undid it.
    """
    if payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        return ZERO
    used = payment.allocations.aggregate(total=Sum("amount"))["total"] or ZERO
    back = payment.refunds.aggregate(total=Sum("amount"))["total"] or ZERO
    return cents(payment.amount - used - back - claims_used(payment))


def credit_left(credit: Any) -> Decimal:
    """What of an issued credit note is not set against an invoice yet."""
    used = Allocation.objects.filter(credit_note=credit).aggregate(total=Sum("amount"))["total"]
    back = credit.refunds.aggregate(total=Sum("amount"))["total"]
    return cents(credit.asked - (used or ZERO) - (back or ZERO))


def _payment_problems(
    client: Organisation, amount: Decimal, received_on: date, on: date
) -> list[Missing]:
    """Why a payment can't be recorded as it is told."""
    found = []
    if received_on > on:
        found.append(Missing("received_on", _("The date can't be in the future.")))
    if amount <= 0 or amount != cents(amount):
        found.append(Missing("amount", _("The amount must be positive, in euros and cents.")))
    found += closed(received_on, "received_on")
    if antifraud_asked(client, on) is not None:
        words = _(
            "We are liable for VAT and this client is a private person: say first what we rely on "
            "for the law on cash registers (CGI art. 286, I 3° bis)."
        )
        found.append(Missing("antifraud", words, reverse("invoicing:antifraud")))
    return found


@transaction.atomic
def record_payment(
    *,
    client: Organisation,
    amount: Decimal,
    received_on: date,
    method: str,
    by: User,
    on: date,
    at: datetime,
    reference: str = "",
    invoices: Mapping[Invoice, Decimal] | None = None,
) -> Payment:
    """Record money credited on our account and set it against invoices.

    What is not allocated stays the client's balance. Refuses a future date, an amount that is
    not positive, and more than what is left of the payment or of an invoice.
    """
    if found := _payment_problems(client, amount, received_on, on):
        raise Refused(found)
    payment = Payment.objects.create(
        client=client,
        amount=amount,
        received_on=received_on,
        method=method,
        reference=reference.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    record(payment, "record", by=by, on=on, at=at)
    for invoice, part in (invoices or {}).items():
        allocate(payment=payment, invoice=invoice, amount=part, by=by, on=on, at=at)
    return payment


def _settled(invoice: Invoice, on: date) -> Invoice:
    """The invoice to settle, locked; refused in a closed period, or unless it is issued."""
    if found := closed(on):
        raise Refused(found)
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if not locked.is_issued or locked.is_credit_note:
        raise Refused([Missing("invoice", _("Only an issued invoice is settled."))])
    return locked


@transaction.atomic
def allocate(
    *,
    invoice: Invoice,
    amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    payment: Payment | None = None,
    credit_note: Invoice | None = None,
) -> Allocation:
    """Set part of a payment, or of a credit note, against an issued invoice of the same client."""
    locked = _settled(invoice, on)
    if payment is not None:
        payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        client_id, left = payment.client_id, payment_left(payment)
    else:
        assert credit_note is not None
        credit_note = Invoice.objects.select_for_update(of=("self",)).get(pk=credit_note.pk)
        if not credit_note.is_issued or not credit_note.is_credit_note:
            raise Refused([Missing("credit_note", _("Only an issued credit note is set off."))])
        client_id, left = credit_note.client_id, credit_left(credit_note)
    if client_id != locked.client_id:
        raise Refused([Missing("invoice", _("This invoice is another client's."))])
    owed = Invoice.objects.with_left().get(pk=locked.pk).left
    words = {
        "allocation_not_positive": _("The amount must be positive, in euros and cents."),
        "allocation_over_payment": _("More than what is left of the payment."),
        "allocation_over_invoice": _("More than what is left to pay on %(number)s.")
        % {"number": locked.number},
    }
    problems = rules.check_allocation(payment_left=left, invoice_left=owed, amount=amount)
    if problems:
        raise Refused(Missing("amount", words[p.code]) for p in problems)
    row = Allocation.objects.create(
        invoice=locked, payment=payment, credit_note=credit_note, amount=amount, on=on, by=by, at=at
    )
    record(locked, "allocate", by=by, on=on, at=at, codes={"allocation": row.pk})
    return row


@transaction.atomic
def reverse_payment(*, payment: Payment, by: User, on: date, at: datetime, why: str) -> Payment:
    """Undo a payment recorded by mistake: a reversing row, and its allocations taken back."""
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        raise Refused([Missing("payment", _("This payment was undone already."))])
    if not why.strip():
        raise Refused([Missing("why", _("Say why in a sentence."))])
    if found := closed(on):
        raise Refused(found)
    if Refund.objects.filter(payment=payment).exists():
        words = _("Part of this payment was paid back to the client: it stands.")
        raise Refused([Missing("payment", words)])
    undo = Payment.objects.create(
        client=payment.client,
        amount=-payment.amount,
        received_on=on,
        method=payment.method,
        reference=payment.reference,
        reverses=payment,
        recorded_by=by,
        recorded_at=at,
    )
    _take_back(payment, by=by, on=on, at=at)
    record(payment, "reverse", by=by, on=on, at=at, codes={"by": undo.pk}, text=why)
    return undo


def _take_back(payment: Payment, *, by: User, on: date, at: datetime) -> None:
    """Opposite rows of all that a payment settled, invoices and claims."""
    for row in payment.allocations.values("invoice").annotate(total=Sum("amount")):
        if back := cents(row["total"]):
            Allocation.objects.create(
                invoice_id=row["invoice"],
                payment=payment,
                amount=-back,
                on=on,
                by=by,
                at=at,
            )
    for claim in payment.claim_settlements.values("claim").annotate(total=Sum("amount")):
        if back := cents(claim["total"]):
            ClaimSettlement.objects.create(
                claim_id=claim["claim"], payment=payment, amount=-back, on=on, by=by, at=at
            )
