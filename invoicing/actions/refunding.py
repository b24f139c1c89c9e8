"""The client's balance: set against several invoices at once, or paid back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.models import User
from essaim.money import cents
from essaim.workflow import Act, Missing, Refused, record
from invoicing.actions.paying import allocate, credit_left, payment_left
from invoicing.locks import closed
from invoicing.models import Allocation, Invoice, Payment, Refund

Source = Payment | Invoice


@transaction.atomic
def spread(
    *,
    sources: Iterable[Source],
    invoices: Mapping[Invoice, Decimal],
    by: User,
    on: date,
    at: datetime,
) -> list[Allocation]:
    """Set balances (payments or credit notes, in their order) against invoices, many to many.

    Refuses when the balances hold less than the amounts typed, and whatever `allocate` refuses.
    """
    act: Act = {"by": by, "on": on, "at": at}
    asked = {invoice: amount for invoice, amount in invoices.items() if amount}
    if not asked:
        raise Refused([Missing("invoices", _("Type an amount beside at least one invoice."))])
    if any(amount < 0 or amount != cents(amount) for amount in asked.values()):
        words = _("The amount must be positive, in euros and cents.")
        raise Refused([Missing("invoices", words)])
    sources = list(sources)
    # Every document first, in one order: two hands that spread at once wait, neither locks out.
    credits = [s.pk for s in sources if isinstance(s, Invoice)]
    locked = Invoice.objects.select_for_update(of=("self",)).order_by("pk")
    list(locked.filter(pk__in=[*credits, *(i.pk for i in asked)]).values_list("pk"))
    done: list[Allocation] = []
    for source in sources:
        left = _left(source)
        of: dict[str, Any] = {_name(source): source}
        for invoice in list(asked):
            part = min(left, asked[invoice])
            if part <= 0:
                continue
            done.append(allocate(invoice=invoice, amount=part, **of, **act))
            left -= part
            asked[invoice] -= part
    if short := cents(sum(asked.values(), Decimal(0))):
        words = _("The balance chosen is short of %(amount)s for these amounts.")
        amount = f"{short:.2f}".replace(".", ",") + "\u00a0€"
        raise Refused([Missing("invoices", words % {"amount": amount})])
    return done


def _name(source: Source) -> str:
    return "payment" if isinstance(source, Payment) else "credit_note"


def _left(source: Source) -> Decimal:
    return payment_left(source) if isinstance(source, Payment) else credit_left(source)


def _refund_problems(
    client: Organisation, source: Source, amount: Decimal, paid_on: date, on: date
) -> list[Missing]:
    found = []
    came = source.received_on if isinstance(source, Payment) else source.issued_on
    if source.client_id != client.pk:
        found.append(Missing("source", _("This balance is another client's.")))
    if isinstance(source, Invoice) and not (source.is_issued and source.is_credit_note):
        found.append(Missing("source", _("Only an issued credit note is paid back.")))
    elif amount > _left(source):
        found.append(Missing("amount", _("More than what is left of this balance.")))
    if paid_on > on:
        found.append(Missing("paid_on", _("The date can't be in the future.")))
    elif came is not None and paid_on < came:
        found.append(Missing("paid_on", _("The date is before the balance came in.")))
    if amount <= 0 or amount != cents(amount):
        found.append(Missing("amount", _("The amount must be positive, in euros and cents.")))
    return found + closed(paid_on, "paid_on")


@transaction.atomic
def refund(
    *,
    client: Organisation,
    source: Source,
    amount: Decimal,
    paid_on: date,
    method: str,
    by: User,
    on: date,
    at: datetime,
    reference: str = "",
) -> Refund:
    """Record money paid back to a client, out of an over-payment or a credit note.

    Refuses a future date, one before the money or the credit note came, and more than is left.
    """
    rows: Any = Payment if isinstance(source, Payment) else Invoice
    source = rows.objects.select_for_update(of=("self",)).get(pk=source.pk)
    if found := _refund_problems(client, source, amount, paid_on, on):
        raise Refused(found)
    row = Refund.objects.create(
        client=client,
        amount=amount,
        paid_on=paid_on,
        method=method,
        reference=reference.strip(),
        by=by,
        at=at,
        **{_name(source): source},
    )
    record(source, "refund", by=by, on=on, at=at, codes={"refund": row.pk})
    return row
