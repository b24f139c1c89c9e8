"""One gesture on many invoices: drafts prepared together, money that came in for each."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Act, Missing, Refused
from invoicing.actions.desk import draft_payers, encash
from invoicing.actions.running import refuse_what_changed
from invoicing.models import Invoice, Payment


def in_whole(invoice: Any) -> Decimal:
    """What is left to pay of an invoice `with_left`. Raises Refused when nothing is."""
    if not invoice.is_issued or invoice.is_credit_note:
        words = _("Only an issued invoice is settled.")
        raise Refused([Missing("invoice", words)])
    left = cents(invoice.left)
    if left <= ZERO:
        raise Refused([Missing("paid", _("Nothing is left to pay on it."))])
    return left


@transaction.atomic
def encash_many(
    *,
    invoices: Iterable[Invoice],
    received_on: date,
    method: str,
    by: User,
    on: date,
    at: datetime,
    by_client: bool = False,
) -> list[Payment]:
    """Record that these invoices `with_left` were paid in whole on one day: all or none.

    A payment for each, that bears its number; `by_client`, one for all those of a client.
    """
    act: Act = {"by": by, "on": on, "at": at}
    groups: dict[int, dict[Invoice, Decimal]] = {}
    for invoice in invoices:
        key = invoice.client_id if by_client else invoice.pk
        groups.setdefault(key, {})[invoice] = in_whole(invoice)
    return [
        encash(
            client=next(iter(parts)).client,
            amount=cents(sum(parts.values(), ZERO)),
            received_on=received_on,
            method=method,
            reference=" ".join(str(invoice.number) for invoice in parts)[:80],
            invoices=parts,
            **act,
        )
        for parts in groups.values()
    ]


@transaction.atomic
def draft_many(
    *, payers: Mapping[int, Decimal], until: date, by: User, on: date, at: datetime
) -> list[Invoice]:
    """Draft what these payers owe of work done until a day, for the net amounts previewed.

    All or none. Raises Refused when one owes another amount by now.
    """
    refuse_what_changed(payers, until=until, on=on)
    made = draft_payers(list(payers), until=until, by=by, on=on, at=at)
    return [draft for key in payers for draft in made.get(key, ())]
