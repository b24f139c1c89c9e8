"""What clients owe on any day: the aged balance, and the statement of one client's account."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import Case, DateField, DecimalField, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.money import ZERO, cents, sql_cents
from invoicing.models import (
    Allocation,
    ClaimSettlement,
    Instalment,
    Invoice,
    LateClaim,
    Payment,
    Refund,
)
from invoicing.rules_receivables import Aged, summed
from invoicing.rules_reminders import left_of_parts

_MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(slots=True)
class AgedBalance:
    """Clients who owe or are owed something on a day, the most owing first, and their sum."""

    as_of: date
    lines: list[Aged]
    total: Aged


def counted(as_of: date) -> Any:
    """Allocations that count on a day.

    One made when the payment was recorded counts from the day the money was credited (or the
    invoice issued); a later one, a reversal, a credit note or a loss from the day it was made.
    """
    at_once = Q(amount__gt=0, payment__isnull=False, at=F("payment__recorded_at"))
    since = Greatest("payment__received_on", "invoice__issued_on", output_field=DateField())
    day = Case(When(at_once, then=since), default=F("on"), output_field=DateField())
    return Allocation.objects.annotate(counts_on=day).filter(counts_on__lte=as_of)


# -- the aged balance -------------------------------------------------------------------------
def aged_balance(*, as_of: date, clients: Iterable[int] | None = None) -> AgedBalance:
    """What each client owed at the end of a day, by age, each instalment by its own due date.

    Credit notes and money not set against an invoice yet are the client's balance. Replays
    what was recorded up to that day; a fixed number of queries.
    """
    only = None if clients is None else list(clients)
    found: dict[int, Aged] = {}
    for client, parts, settled in _open_schedules(as_of, only):
        line = found.setdefault(client, Aged(client))
        left = left_of_parts([amount for _due, amount in parts], settled)
        for (due_on, _amount), rest in zip(parts, left, strict=True):
            if rest:
                line.add(rest, due_on, as_of)
    for claim, owed in claims_owed(as_of, only):
        client = claim.invoice.client_id
        found.setdefault(client, Aged(client)).add(owed, claim.on, as_of)
    for client, amount in balances(as_of=as_of, clients=only).items():
        found.setdefault(client, Aged(client)).balance = cents(-amount)
    lines = [line for line in found.values() if line.owed or line.balance]
    names = Organisation.objects.in_bulk([line.key for line in lines])
    for line in lines:
        line.label = str(names[line.key])
    lines.sort(key=lambda x: (-x.late, -x.total, names[x.key].sort_key))
    return AgedBalance(as_of, lines, summed(lines))


def _open_schedules(
    as_of: date, clients: list[int] | None
) -> Iterable[tuple[int, list[tuple[date, Decimal]], Decimal]]:
    """(client, [(due, amount)], settled) of each document with something left on a day."""
    settled = (
        counted(as_of)
        .filter(invoice=OuterRef("invoice_id"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    rows = (
        Instalment.objects.filter(
            invoice__state=Invoice.State.ISSUED, invoice__issued_on__lte=as_of
        )
        .exclude(invoice__kind=Invoice.Kind.CREDIT_NOTE)
        .annotate(settled=sql_cents(Coalesce(Subquery(settled, output_field=_MONEY), ZERO)))
        .annotate(left=sql_cents(F("invoice__gross") - F("invoice__deducted") - F("settled")))
        .filter(left__gt=0)
    )
    if clients is not None:
        rows = rows.filter(invoice__client__in=clients)
    values = rows.order_by("invoice_id", "due_on", "position").values_list(
        "invoice_id", "invoice__client_id", "settled", "due_on", "amount"
    )
    for _invoice, group in groupby(values.iterator(), key=lambda row: row[0]):
        parts = list(group)
        yield parts[0][1], [(due, amount) for *_, due, amount in parts], parts[0][2]


def claims_owed(as_of: date, clients: list[int] | None = None) -> Iterable[tuple[Any, Decimal]]:
    """Late interest and fees claimed and not paid on a day, each due from the day it was asked."""
    paid = (
        ClaimSettlement.objects.filter(claim=OuterRef("pk"), on__lte=as_of)
        .order_by()
        .values("claim")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    rows = (
        LateClaim.objects.filter(kind=LateClaim.Kind.CLAIMED, on__lte=as_of)
        .exclude(cancelled_by__on__lte=as_of)
        .annotate(paid=sql_cents(Coalesce(Subquery(paid, output_field=_MONEY), ZERO)))
        .annotate(left=sql_cents(F("interest") + F("fee") - F("paid")))
        .filter(left__gt=0)
        .select_related("invoice")
    )
    if clients is not None:
        rows = rows.filter(invoice__client__in=clients)
    for row in rows.order_by("pk"):
        yield row, cents(row.left)


def balances(*, as_of: date, clients: Iterable[int] | None = None) -> dict[int, Decimal]:
    """What each client has with us on a day: money and credit notes not set against an invoice."""
    only = Q() if clients is None else Q(client__in=list(clients))
    of_payment = Q() if clients is None else Q(payment__client__in=list(clients))
    of_credit = Q() if clients is None else Q(credit_note__client__in=list(clients))
    used = counted(as_of)
    settled = ClaimSettlement.objects.filter(on__lte=as_of)
    credits = Invoice.objects.issued().filter(
        only, kind=Invoice.Kind.CREDIT_NOTE, issued_on__lte=as_of
    )
    sums = (
        (1, Payment.objects.filter(only, received_on__lte=as_of), "client", "amount"),
        (1, credits, "client", F("gross") - F("deducted")),
        (-1, used.filter(of_payment, payment__isnull=False), "payment__client", "amount"),
        (-1, used.filter(of_credit, credit_note__isnull=False), "credit_note__client", "amount"),
        (-1, settled.filter(of_payment), "payment__client", "amount"),
        (-1, Refund.objects.filter(only, paid_on__lte=as_of), "client", "amount"),
    )
    found: dict[int, Decimal] = {}
    for sign, rows, client, amount in sums:
        for key, total in rows.order_by().values_list(client).annotate(total=Sum(amount)):
            found[key] = cents(found.get(key, ZERO) + sign * total)
    return {key: amount for key, amount in found.items() if amount}


# -- one client's statement -------------------------------------------------------------------
@dataclass(slots=True)
class Move:
    """One line of a statement; what the client owes goes up by debits and down by credits."""

    on: date
    label: str
    url: str = ""
    due_on: date | None = None
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    balance: Decimal = ZERO


@dataclass(slots=True)
class Statement:
    """A client's account between two days."""

    client: Organisation
    first: date
    last: date
    opening: Decimal = ZERO
    lines: list[Move] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        return self.lines[-1].balance if self.lines else self.opening

    @property
    def debit(self) -> Decimal:
        return cents(sum((line.debit for line in self.lines), ZERO))

    @property
    def credit(self) -> Decimal:
        return cents(sum((line.credit for line in self.lines), ZERO))


def statement_of(client: Organisation, *, first: date, last: date) -> Statement:
    """Opening balance, documents, payments and running balance of a client; five queries."""
    moves = [*_documents(client, last), *_payments(client, last), *_others(client, last)]
    moves.sort(key=lambda move: move.on)
    found = Statement(client, first, last)
    running = ZERO
    for move in moves:
        running = cents(running + move.debit - move.credit)
        move.balance = running
        if move.on < first:
            found.opening = running
        else:
            found.lines.append(move)
    return found


def _documents(client: Organisation, last: date) -> Iterable[Move]:
    rows = Invoice.objects.issued().filter(client=client, issued_on__lte=last)
    for row in rows.order_by("issued_on", "issued_at", "pk"):
        assert row.issued_on is not None
        label = f"{row.get_kind_display()} {row.number}"
        if row.title and not row.is_credit_note:
            label += f" – {row.title}"
        if row.is_credit_note:
            yield Move(row.issued_on, label, row.get_absolute_url(), credit=row.asked)
        else:
            url, due = row.get_absolute_url(), row.due_on
            yield Move(row.issued_on, label, url, due, debit=row.asked)


def _payments(client: Organisation, last: date) -> Iterable[Move]:
    rows = Payment.objects.filter(client=client, received_on__lte=last)
    for row in rows.order_by("received_on", "pk"):
        words = _("Payment, %(method)s") if row.amount > 0 else _("Payment undone, %(method)s")
        label = words % {"method": str(row.get_method_display()).lower()}
        label += f" {row.reference}" if row.reference else ""
        move = Move(row.received_on, label, row.get_absolute_url())
        move.credit, move.debit = max(row.amount, ZERO), max(-row.amount, ZERO)
        yield move


def _others(client: Organisation, last: date) -> Iterable[Move]:
    """Money paid back, late interest claimed or given up, and losses."""
    claims = LateClaim.objects.filter(invoice__client=client, on__lte=last)
    for row in claims.select_related("invoice").order_by("pk"):
        if row.kind == LateClaim.Kind.CLAIMED:
            label = _("Late penalties on %(number)s") % {"number": row.invoice.number}
            yield Move(row.on, label, row.get_absolute_url(), row.on, debit=row.total)
        elif row.cancels_id:
            label = _("Late penalties on %(number)s given up") % {"number": row.invoice.number}
            yield Move(row.on, label, row.get_absolute_url(), credit=row.total)
    back = Refund.objects.filter(client=client, paid_on__lte=last)
    for money in back.order_by("paid_on", "pk"):
        yield Move(money.paid_on, _("Paid back to you"), debit=money.amount)
    lost = Allocation.objects.filter(
        invoice__client=client, payment=None, credit_note=None, on__lte=last
    )
    for part in lost.select_related("invoice").order_by("on", "pk"):
        words = _("%(number)s settled without payment") % {"number": part.invoice.number}
        yield Move(part.on, words, part.invoice.get_absolute_url(), credit=part.amount)
