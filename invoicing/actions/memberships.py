"""Membership calls (cotisations): one per organisation and year, in their own series."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm import actions as crm
from crm.models import Membership, Organisation
from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Act, Missing, Refused
from invoicing import rules
from invoicing.actions.drafting import new_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.models import Invoice, InvoiceLine, MembershipCall


def alive_call(organisation: Organisation, year: int) -> MembershipCall | None:
    """The call of a year that stands: a draft, or issued and not wholly given back."""
    calls = MembershipCall.objects.filter(
        membership__organisation=organisation, membership__year=year
    )
    for call in calls.select_related("invoice").order_by("-attempt"):
        if not call.invoice.is_issued or not _given_back(call.invoice):
            return call
    return None


def _given_back(invoice: Invoice) -> bool:
    credits = invoice.credit_notes.filter(state=Invoice.State.ISSUED)
    return cents(sum((c.gross for c in credits), ZERO)) >= invoice.gross


def _refuse_call(client: Organisation, year: int, amount: Decimal) -> None:
    """A call has an amount, and stands once a year for who has not paid yet."""
    if amount <= 0 or amount != cents(amount):
        raise Refused([Missing("amount", _("The amount must be positive, in euros and cents."))])
    if (call := alive_call(client, year)) is not None:
        lack = _("%(client)s was already called for %(year)s.") % {"client": client, "year": year}
        raise Refused([Missing("client", lack, call.invoice.get_absolute_url())])
    paid = Membership.objects.filter(organisation=client, year=year, paid_on__isnull=False)
    if paid.exists():
        lack = _("%(client)s has paid its membership of %(year)s already.")
        raise Refused([Missing("client", lack % {"client": client, "year": year})])


def _line(year: int, amount: Decimal) -> rules.Line:
    label = _("Membership of the year %(year)s") % {"year": year}
    kind = InvoiceLine.Kind.MEMBERSHIP
    return rules.Line(kind, label, Decimal(1), rules.PIECE, amount, amount, Decimal(0), "O")


@transaction.atomic
def draft_membership_call(
    *,
    client: Organisation,
    year: int,
    amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    words: str = "",
    term_days: int = 30,
) -> Invoice:
    """Draft the call of an organisation's membership for a year, outside VAT, without penalties.

    Notes the membership in crm, paid when the call is settled. Refused when a call of that year
    stands already, or for an amount that is not positive.
    """
    client = Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    _refuse_call(client, year, amount)
    act: Act = {"by": by, "on": on, "at": at}
    membership = crm.set_membership(client, year=year, amount=amount, **act)
    invoice = new_draft(
        client=client,
        kind=Invoice.Kind.MEMBERSHIP_CALL,
        title=_("Membership %(year)s") % {"year": year},
        period_from=date(year, 1, 1),
        period_to=date(year, 12, 31),
        words=words.strip(),
        term_days=term_days,
        **act,
    )
    put_line(invoice, _line(year, amount), position=1)
    attempt = MembershipCall.objects.filter(membership=membership).count()
    MembershipCall.objects.create(invoice=invoice, membership=membership, attempt=attempt)
    return apply_vat(invoice, profile_on(on), on)


@transaction.atomic
def draft_membership_calls(
    *,
    clients: Iterable[Organisation],
    year: int,
    amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    words: str = "",
    term_days: int = 30,
) -> list[Invoice]:
    """Draft the calls of a year for many; whoever was called, or has paid, is left out."""
    called = MembershipCall.objects.filter(membership__year=year)
    members = Membership.objects.filter(year=year, paid_on__isnull=False)
    done = set(members.values_list("organisation_id", flat=True))
    done |= {
        call.membership.organisation_id
        for call in called.select_related("membership", "invoice")
        if not call.invoice.is_issued or not _given_back(call.invoice)
    }
    kept = [client for client in clients if client.pk not in done]
    if not kept:
        raise Refused([Missing("clients", _("Everybody chosen was called for that year."))])
    facts = {"year": year, "amount": amount, "words": words, "term_days": term_days}
    return [
        draft_membership_call(client=client, by=by, on=on, at=at, **facts)  # type: ignore[arg-type]
        for client in sorted(kept, key=lambda c: c.pk)
    ]


def note_paid(invoice: Invoice, *, by: User, on: date, at: datetime) -> bool:
    """Say in crm whether the membership a call asks for is paid, and since when."""
    call = MembershipCall.objects.filter(invoice=invoice).select_related("membership").first()
    if call is None:
        return False
    row = Invoice.objects.with_left().get(pk=invoice.pk)
    last = invoice.allocations.filter(payment__isnull=False).order_by("-payment__received_on")
    paid = last.select_related("payment").first() if row.left <= 0 else None
    paid_on = paid.payment.received_on if paid is not None and paid.payment else None
    membership = call.membership
    if membership.paid_on == paid_on:
        return False
    crm.set_membership(
        membership.organisation,
        year=membership.year,
        amount=membership.amount,
        paid_on=paid_on,
        by=by,
        on=on,
        at=at,
    )
    return True
