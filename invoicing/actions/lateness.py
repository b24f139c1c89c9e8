"""Late interest and the recovery fee: claimed with frozen amounts, given up with a reason, paid."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import cents
from essaim.workflow import Missing, Refused, record
from invoicing.actions.paying import payment_left
from invoicing.lateness import Standing, claims_left, standing_of, statement_rows
from invoicing.models import ClaimSettlement, Invoice, LateClaim, Payment


def _standing(invoice: Invoice, on: date) -> tuple[Invoice, Standing]:
    """The invoice under lock and what lateness still asks; refused when it asks nothing."""
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if not locked.is_issued:
        raise Refused([Missing("invoice", _("Only an issued invoice can be late."))])
    found = standing_of(locked, on)
    if found.total <= 0:
        words = _("Nothing is late here, or all of it was claimed or waived already.")
        raise Refused([Missing("interest", words)])
    return locked, found


def _insert(
    invoice: Invoice, kind: str, interest: Decimal, fee: Decimal, found: Standing, **more: object
) -> LateClaim:
    return LateClaim.objects.create(
        invoice=invoice,
        rank=len(found.rows) + 1,
        kind=kind,
        until=found.computed.until,
        interest=interest,
        fee=fee,
        statement={
            "spans": statement_rows(found.computed),
            "interest": str(found.computed.interest),
            "fee": str(found.computed.fee),
        },
        **more,
    )


@transaction.atomic
def claim_interest(
    *,
    invoice: Invoice,
    by: User,
    on: date,
    at: datetime,
    with_interest: bool = True,
    with_fee: bool = True,
) -> LateClaim:
    """Claim late interest, the recovery fee or both, as computed today and not decided yet.

    The amounts are frozen with the lines of their statement; the invoice stays as it is.
    """
    invoice, found = _standing(invoice, on)
    interest = found.interest if with_interest else Decimal(0)
    fee = found.fee if with_fee else Decimal(0)
    if interest + fee <= 0:
        raise Refused([Missing("interest", _("Choose the interest, the fee, or both."))])
    row = _insert(invoice, LateClaim.Kind.CLAIMED, interest, fee, found, on=on, by=by, at=at)
    codes = {"claim": row.pk, "interest": str(interest), "fee": str(fee)}
    record(invoice, "claim_interest", by=by, on=on, at=at, codes=codes)
    return row


@transaction.atomic
def waive_interest(
    *,
    invoice: Invoice,
    why: str,
    by: User,
    on: date,
    at: datetime,
    with_interest: bool = True,
    with_fee: bool = True,
) -> LateClaim:
    """Give up what lateness asks today, with the reason; what runs later is decided later."""
    invoice, found = _standing(invoice, on)
    if not why.strip():
        raise Refused([Missing("why", _("Say why in a sentence."))])
    interest = found.interest if with_interest else Decimal(0)
    fee = found.fee if with_fee else Decimal(0)
    if interest + fee <= 0:
        raise Refused([Missing("interest", _("Choose the interest, the fee, or both."))])
    facts = {"on": on, "by": by, "at": at, "why": why.strip()}
    row = _insert(invoice, LateClaim.Kind.WAIVED, interest, fee, found, **facts)
    codes = {"claim": row.pk, "interest": str(interest), "fee": str(fee)}
    record(invoice, "waive_interest", by=by, on=on, at=at, codes=codes, text=why)
    return row


@transaction.atomic
def cancel_claim(*, claim: LateClaim, why: str, by: User, on: date, at: datetime) -> LateClaim:
    """Give up what is left of a claim already made; refused once part of it was paid."""
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=claim.invoice_id)
    if not why.strip():
        raise Refused([Missing("why", _("Say why in a sentence."))])
    left = claims_left([claim]).get(claim.pk, Decimal(0))
    if left != claim.total:
        words = _("Part of this claim is paid or cancelled already: it stands.")
        raise Refused([Missing("why", words)])
    row = LateClaim.objects.create(
        invoice=invoice,
        rank=invoice.late_claims.count() + 1,
        kind=LateClaim.Kind.WAIVED,
        cancels=claim,
        until=claim.until,
        interest=claim.interest,
        fee=claim.fee,
        why=why.strip(),
        on=on,
        by=by,
        at=at,
    )
    record(invoice, "waive_interest", by=by, on=on, at=at, codes={"claim": claim.pk}, text=why)
    return row


@transaction.atomic
def settle_claim(
    *, claim: LateClaim, payment: Payment, amount: Decimal, by: User, on: date, at: datetime
) -> ClaimSettlement:
    """Set part of a client's payment against a claim of late interest."""
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=claim.invoice_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    found = []
    if payment.client_id != invoice.client_id:
        found.append(Missing("payment", _("This payment is another client's.")))
    if amount <= 0 or amount != cents(amount):
        found.append(Missing("amount", _("The amount must be positive, in euros and cents.")))
    elif amount > payment_left(payment):
        found.append(Missing("amount", _("More than what is left of the payment.")))
    elif amount > claims_left([claim]).get(claim.pk, Decimal(0)):
        found.append(Missing("amount", _("More than what is left of the claim.")))
    if found:
        raise Refused(found)
    row = ClaimSettlement.objects.create(
        claim=claim, payment=payment, amount=amount, on=on, by=by, at=at
    )
    record(invoice, "settle_claim", by=by, on=on, at=at, codes={"settlement": row.pk})
    return row
