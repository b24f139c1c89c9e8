"""Cheques: received, paid in together on a slip, payments only once the bank credits them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.models import User
from essaim.money import cents
from essaim.workflow import Act, Missing, Refused, record
from invoicing.actions.desk import shared_out
from invoicing.actions.paying import record_payment
from invoicing.models import Cheque, ChequeBatch, Invoice, Payment


@transaction.atomic
def receive_cheque(
    *,
    client: Organisation,
    amount: Decimal,
    number: str,
    received_on: date,
    by: User,
    on: date,
    at: datetime,
    bank: str = "",
) -> Cheque:
    """Note a cheque that arrived; it settles nothing before the bank credits it."""
    found = []
    if received_on > on:
        found.append(Missing("received_on", _("The date can't be in the future.")))
    if amount <= 0 or amount != cents(amount):
        found.append(Missing("amount", _("The amount must be positive, in euros and cents.")))
    # A second click waits here for the first one.
    Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if Cheque.objects.filter(client=client, number=number.strip(), amount=amount).exists():
        found.append(Missing("number", _("This cheque is noted already.")))
    if found:
        raise Refused(found)
    cheque = Cheque.objects.create(
        client=client,
        amount=amount,
        number=number.strip(),
        bank=bank.strip(),
        received_on=received_on,
        recorded_by=by,
        recorded_at=at,
    )
    record(cheque, "receive", by=by, on=on, at=at)
    return cheque


@transaction.atomic
def give_back_cheque(*, cheque: Cheque, by: User, on: date, at: datetime) -> None:
    """Take off a cheque noted by mistake or given back, while it is on no slip."""
    cheque = Cheque.objects.select_for_update(of=("self",)).get(pk=cheque.pk)
    if cheque.batch_id is not None:
        raise Refused([Missing("cheque", _("This cheque is on a slip: undo the slip first."))])
    record(cheque, "give_back", by=by, on=on, at=at)
    cheque.delete()


@transaction.atomic
def make_slip(
    *, cheques: Iterable[Cheque], by: User, on: date, at: datetime, reference: str = ""
) -> ChequeBatch:
    """Put cheques on one slip (remise): the bank will credit them as one amount."""
    keys = [cheque.pk for cheque in cheques]
    rows = list(Cheque.objects.select_for_update(of=("self",)).filter(pk__in=keys))
    if not rows:
        raise Refused([Missing("cheques", _("Tick at least one cheque."))])
    if any(cheque.batch_id is not None for cheque in rows):
        raise Refused([Missing("cheques", _("One of these cheques is on a slip already."))])
    slip = ChequeBatch.objects.create(
        made_on=on, reference=reference.strip(), made_by=by, made_at=at
    )
    Cheque.objects.filter(pk__in=keys).update(batch=slip)
    record(slip, "make", by=by, on=on, at=at, codes={"cheques": sorted(keys)})
    return slip


@transaction.atomic
def undo_slip(*, slip: ChequeBatch, by: User, on: date, at: datetime) -> None:
    """Take a slip apart before the bank credits it; its cheques wait again."""
    slip = _open_slip(slip)
    record(slip, "undo", by=by, on=on, at=at)
    slip.cheques.update(batch=None)
    slip.delete()


def _open_slip(slip: ChequeBatch) -> ChequeBatch:
    slip = ChequeBatch.objects.select_for_update(of=("self",)).get(pk=slip.pk)
    if slip.credited_on is not None:
        raise Refused([Missing("slip", _("The bank credited this slip already."))])
    return slip


@transaction.atomic
def credit_slip(
    *, slip: ChequeBatch, credited_on: date, by: User, on: date, at: datetime
) -> ChequeBatch:
    """Record that the bank credited a slip: a payment per cheque, on the oldest invoices first."""
    act: Act = {"by": by, "on": on, "at": at}
    slip = _open_slip(slip)
    if credited_on > on:
        raise Refused([Missing("credited_on", _("The date can't be in the future."))])
    if credited_on < slip.made_on:
        words = _("The bank can't credit a slip before it was made.")
        raise Refused([Missing("credited_on", words)])
    for cheque in slip.cheques.select_related("client").order_by("pk"):
        owed = Invoice.objects.filter(client=cheque.client).unpaid().order_by("due_on", "pk")
        cheque.payment = record_payment(
            client=cheque.client,
            amount=cheque.amount,
            received_on=credited_on,
            method=Payment.Method.CHEQUE,
            reference=_("Cheque %(number)s") % {"number": cheque.number},
            invoices=shared_out(cheque.amount, owed),
            **act,
        )
        cheque.save(update_fields=["payment"])
    slip.credited_on = credited_on
    slip.save(update_fields=["credited_on"])
    record(slip, "credit", **act)
    return slip
