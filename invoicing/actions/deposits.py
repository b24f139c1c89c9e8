"""Deposit invoices, and the final invoice that takes them off once."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop, Organisation
from essaim.models import User
from essaim.money import cents, percent_of
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.catalogue import check_rate
from invoicing.actions.drafting import LARGEST_LINE, locked_draft, new_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.copies import vat_for
from invoicing.deducting import alive_uses, deductible
from invoicing.models import DepositRelease, DepositUse, Invoice, InvoiceLine
from invoicing.wording import euros, percent
from missions.models import Agreement


def _amount_of(
    amount: Decimal | None, share: Decimal | None, whole: Decimal | None
) -> tuple[Decimal, str]:
    """The net of a deposit and what its line says; refused without one clear figure."""
    if (amount is None) == (share is None):
        raise Refused([Missing("amount", _("Give an amount or a percentage, one of the two."))])
    if amount is not None:
        net, words = cents(amount), ""
    else:
        assert share is not None
        if whole is None or whole <= 0:
            lack = _("Say what the percentage is taken of: the net total agreed.")
            raise Refused([Missing("whole", lack)])
        net = percent_of(whole, share)
        words = _("%(share)s of %(whole)s net") % {"share": percent(share), "whole": euros(whole)}
    if not 0 < net < LARGEST_LINE:
        raise Refused([Missing("amount", _("The amount must be positive, in euros and cents."))])
    if whole is not None and net > whole:
        lack = _("A deposit is not more than what was agreed: %(whole)s net.")
        raise Refused([Missing("amount", lack % {"whole": euros(whole)})])
    return net, words


def _put_deposit(
    invoice: Invoice,
    net: Decimal,
    words: str,
    vat: tuple[Decimal, str],
    chosen_rate: Decimal | None,
) -> None:
    """The one line of a deposit."""
    agreement = invoice.agreement
    label = _("Deposit on: %(subject)s") % {"subject": invoice.title} if invoice.title else ""
    line = rules.Line(
        InvoiceLine.Kind.DEPOSIT,
        (label or _("Deposit"))[:300],
        Decimal(1),
        rules.PIECE,
        net,
        net,
        *vat,
        detail=words,
    )
    put_line(
        invoice,
        line,
        position=1,
        chosen_rate=chosen_rate,
        analytic_code=agreement.analytic_code if agreement else "",
    )


@transaction.atomic
def draft_deposit(
    *,
    client: Organisation,
    title: str,
    by: User,
    on: date,
    at: datetime,
    amount: Decimal | None = None,
    share: Decimal | None = None,
    whole: Decimal | None = None,
    agreement: Agreement | None = None,
    coop: Coop | None = None,
    chosen_rate: Decimal | None = None,
    planned_on: date | None = None,
) -> Invoice:
    """Draft a deposit invoice (CGI 289 I 1 c): an amount, or a `share` (percent) of `whole`, net.

    `planned_on`: the day it is to be called, today when nothing is said. Refused when the
    agreement is another client's, or without one positive figure.
    """
    if agreement is not None and agreement.client_id != client.pk:
        raise Refused([Missing("agreement", _("This agreement is another client's."))])
    net, words = _amount_of(amount, share, whole)
    if chosen_rate is not None:
        check_rate(Invoice(client=client), chosen_rate, on)
    day = planned_on or on
    facts = {"title": title.strip(), "period_from": day, "period_to": day, "coop": coop or ""}
    invoice = new_draft(
        client=client,
        kind=Invoice.Kind.DEPOSIT,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        **{k: v for k, v in facts.items() if v != ""},
    )
    profile = profile_on(on)
    rate, category = vat_for(profile, client, on)
    _put_deposit(invoice, net, words, (rate, category), chosen_rate)
    return apply_vat(invoice, profile, on)


@transaction.atomic
def deduct_deposits(
    *, invoice: Invoice, deposits: Collection[Invoice], by: User, on: date, at: datetime
) -> Invoice:
    """Say which deposits a draft takes off; those named no more are free again.

    Refused for another client's, one taken off elsewhere, one being credited, another rate, or
    more than the invoice.
    """
    keys = sorted(deposit.pk for deposit in deposits)
    rows = Invoice.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    locked = list(rows)
    invoice = locked_draft(invoice)
    if invoice.kind != Invoice.Kind.INVOICE:
        raise Refused([Missing("deposits", _("Only a final invoice takes deposits off."))])
    if found := [m for deposit in locked for m in _deduction_bars(invoice, deposit)]:
        raise Refused(found)
    DepositUse.objects.filter(invoice=invoice).exclude(deposit__in=locked).delete()
    held = set(DepositUse.objects.filter(invoice=invoice).values_list("deposit_id", flat=True))
    for deposit in locked:
        if deposit.pk not in held:
            DepositUse.objects.create(
                invoice=invoice, deposit=deposit, after=_last_release(deposit)
            )
    record(invoice, "deduct", by=by, on=on, at=at, codes={"deposits": keys})
    return apply_vat(invoice, profile_on(on), on)


def _last_release(deposit: Invoice) -> DepositRelease | None:
    """What made a deposit free again; none for its first use."""
    return DepositRelease.objects.filter(use__deposit=deposit).order_by("-pk").first()


def _deduction_bars(invoice: Invoice, deposit: Invoice) -> list[Missing]:
    """Why this deposit can't be taken off this draft."""
    named = {"number": deposit.number or _("draft")}
    if deposit.kind != Invoice.Kind.DEPOSIT or not deposit.is_issued:
        words = _("%(number)s is no issued deposit invoice.")
        return [Missing("deposits", words % named)]
    if deposit.client_id != invoice.client_id:
        words = _("Deposit %(number)s is another client's.")
        return [Missing("deposits", words % named)]
    if use := alive_uses(deposit).exclude(invoice=invoice).select_related("invoice").first():
        words = _("Deposit %(number)s is taken off %(invoice)s already.")
        url = use.invoice.get_absolute_url()
        return [Missing("deposits", words % {**named, "invoice": use.invoice}, url)]
    if deposit.credit_notes.filter(state=Invoice.State.DRAFT).exists():
        words = _("A credit note of deposit %(number)s is being prepared: issue it or delete it.")
        return [Missing("deposits", words % named, deposit.get_absolute_url())]
    if deductible(deposit).gross <= 0:
        words = _("Deposit %(number)s was wholly given back by credit notes.")
        return [Missing("deposits", words % named)]
    return []


def release_deposits(credit: Invoice) -> None:
    """The credit note that gives a final invoice wholly back frees the deposits it took off."""
    if not credit.is_credit_note or not credit.deposits_copy:
        return
    for use in DepositUse.objects.filter(invoice=credit.origin_id, release=None).order_by("pk"):
        DepositRelease.objects.create(use=use, credit_note=credit)
