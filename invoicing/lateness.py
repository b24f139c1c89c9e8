"""What lateness costs on an invoice as of a day, and what of it was claimed, waived or paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from essaim.legal_figures import Kind
from essaim.models import LegalFigure
from essaim.models.legal import NoFigure, figure, late_rates
from essaim.money import ZERO, add_up, cents
from essaim.terms import CONSUMER
from invoicing.copies import contract_rate
from invoicing.models import Allocation, Invoice, LateClaim, Payment
from invoicing.rules_late import Late, Receipt, late_of
from invoicing.scheduling import schedule_for


@dataclass(frozen=True, slots=True)
class Standing:
    """Late interest and fee of an invoice: computed, already decided on, and still to decide."""

    computed: Late
    interest: Decimal
    fee: Decimal
    rows: tuple[LateClaim, ...]
    owed: Decimal

    @property
    def total(self) -> Decimal:
        """What nobody has claimed or waived yet."""
        return self.interest + self.fee


def receipts_of(invoice: Invoice) -> tuple[Receipt, ...]:
    """What settled an invoice, each sum with the day it counts from.

    A payment counts from the day it was credited; what was undone counts for nothing. A credit
    note of this invoice takes its amount off from the first day: nothing was late that was not
    owed. The balance of another document counts from the day it was set off.
    """
    first = invoice.issued_on
    assert first is not None
    dated: dict[tuple[str, int], tuple[date, Decimal]] = {}
    rows = Allocation.objects.filter(invoice=invoice).select_related("payment", "credit_note")
    for row in rows.order_by("pk"):
        key, on = _source(row, invoice, first)
        day, amount = dated.get(key, (on, ZERO))
        dated[key] = (day, amount + row.amount)
    return tuple(Receipt(on, cents(amount)) for on, amount in dated.values() if amount > 0)


def _source(row: Allocation, invoice: Invoice, first: date) -> tuple[tuple[str, int], date]:
    if row.payment is not None:
        return ("payment", row.payment.pk), row.payment.received_on
    if row.credit_note is None:
        # A loss: what is given up is owed no more from that day.
        return ("loss", row.pk), row.on
    own = row.credit_note.origin_id == invoice.pk
    return ("credit", row.pk), first if own else row.on


def client_kind_of(invoice: Invoice) -> str:
    """The client's kind as the document copied it."""
    return str(invoice.client_copy.get("kind") or invoice.client.client_kind)


def agreed_rate(invoice: Invoice) -> Decimal | None:
    """The penalty rate agreed, as the document copied it; older ones are asked of their terms."""
    if "contract_rate" in invoice.terms_copy:
        found = invoice.terms_copy["contract_rate"]
        return None if found is None else Decimal(found)
    return contract_rate(invoice, invoice.issuer)


def bears_interest(invoice: Invoice) -> bool:
    """Whether late interest is owed at all: not by private persons, not on membership calls."""
    unowed = (Invoice.Kind.MEMBERSHIP_CALL, Invoice.Kind.CREDIT_NOTE)
    return invoice.is_issued and invoice.kind not in unowed and client_kind_of(invoice) != CONSUMER


def late_as_of(invoice: Invoice, on: date) -> Late:
    """Late interest and fee as of a day, from instalments and receipts; nothing is stored.

    Raises NoFigure when the dated table lacks a rate.
    """
    if not bears_interest(invoice):
        return Late(on, (), ZERO)
    return late_of(
        schedule_for(invoice, on),
        receipts_of(invoice),
        client_kind=client_kind_of(invoice),
        contract=agreed_rate(invoice),
        rates=late_rates,
        fee=figure(Kind.RECOVERY_FEE, on),
        on=on,
    )


def standing_of(invoice: Invoice, on: date) -> Standing:
    """What lateness costs as of a day, less what was claimed or waived before."""
    try:
        computed = late_as_of(invoice, on)
    except NoFigure:
        computed = Late(on, (), ZERO)
    rows = tuple(invoice.late_claims.select_related("cancels", "by").order_by("pk"))
    decided = [row for row in rows if row.cancels_id is None]
    return Standing(
        computed=computed,
        interest=max(computed.interest - add_up(r.interest for r in decided), ZERO),
        fee=max(computed.fee - add_up(r.fee for r in decided), ZERO),
        rows=rows,
        owed=add_up(claims_left(rows).values()),
    )


def claims_left(rows: Iterable[LateClaim]) -> dict[int, Decimal]:
    """What is still owed of each claim, by key: not cancelled, less what payments settled."""
    claimed = [row for row in rows if row.kind == LateClaim.Kind.CLAIMED]
    cancelled = set(
        LateClaim.objects.filter(cancels__in=[r.pk for r in claimed]).values_list(
            "cancels_id", flat=True
        )
    )
    sums = (
        LateClaim.objects.filter(pk__in=[r.pk for r in claimed])
        .values("pk")
        .annotate(paid=Sum("settlements__amount"))
    )
    paid = {row["pk"]: cents(row["paid"] or ZERO) for row in sums}
    return {
        r.pk: ZERO if r.pk in cancelled else cents(r.total - paid.get(r.pk, ZERO)) for r in claimed
    }


def open_claims(client_id: int) -> list[tuple[LateClaim, Decimal]]:
    """Claims of a client still owed, oldest first, each with what is left of it."""
    rows = list(
        LateClaim.objects.filter(invoice__client=client_id, kind=LateClaim.Kind.CLAIMED)
        .select_related("invoice")
        .order_by("on", "pk")
    )
    left = claims_left(rows)
    return [(row, left[row.pk]) for row in rows if left[row.pk] > 0]


def claims_used(payment: Payment) -> Decimal:
    """What of a payment settles claims of late interest."""
    used = payment.claim_settlements.aggregate(total=Sum("amount"))["total"]
    return cents(used or ZERO)


def statement_rows(late: Late) -> list[dict[str, Any]]:
    """The lines of a statement of interest, as plain data to freeze."""
    return [
        {
            "position": span.position,
            "first": span.first.isoformat(),
            "last": span.last.isoformat(),
            "days": span.days,
            "owed": str(span.owed),
            "rate": str(span.rate),
            "interest": str(span.interest),
        }
        for span in late.spans
    ]


def aged_rates(on: date) -> Sequence[LegalFigure]:
    """The rates behind penalties that date from an earlier half-year."""
    kinds = {Kind.LEGAL_INTEREST, Kind.ECB_RATE}
    return [row for row in LegalFigure.objects.aged(on) if row.kind in kinds]
