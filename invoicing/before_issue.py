"""What stops a draft because of its kind, and what wants a sentence before it is issued."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.workflow import Missing
from invoicing.claim_dates import due_after_claims
from invoicing.commitments import early_commitments
from invoicing.copies import totals_of
from invoicing.deducting import alive_uses, deduct_on
from invoicing.known import Known
from invoicing.models import Correction, Invoice, InvoiceLine
from invoicing.scheduling import schedule_for
from invoicing.turnover import threshold_doubts
from invoicing.wording import day


def pair_of(invoice: Invoice) -> Correction | None:
    """The correction a draft belongs to: a corrective invoice and its credit note."""
    if invoice.is_credit_note:
        found = Correction.objects.filter(credit_note=invoice)
    elif invoice.kind == Invoice.Kind.CORRECTIVE:
        found = Correction.objects.filter(corrective=invoice)
    else:
        return None
    return found.select_related("credit_note", "corrective").first()


def kind_bars(invoice: Invoice, *, paired: bool = False) -> list[Missing]:
    """What the kind of a draft forbids; `paired` when it is issued with its other half."""
    found = _pair_bars(invoice, paired=paired) + _deposit_bars(invoice)
    if invoice.pk and not invoice.is_credit_note:
        found += deduct_on(invoice, totals_of(invoice))
    return found


def example_bars(invoice: Invoice, known: Known) -> list[Missing]:
    """What is only an example never takes a number."""
    parties = {invoice.client_id}
    if invoice.coop is not None:
        parties.add(invoice.coop.organisation_id)
    if parties.isdisjoint(known.examples):
        return []
    words = _("This invoice is of an example: it takes no number. Write one for a real client.")
    return [Missing("example", words, reverse("start:sample"))]


def _pair_bars(invoice: Invoice, *, paired: bool) -> list[Missing]:
    pair = None if paired else pair_of(invoice)
    if pair is not None:
        url = reverse("invoicing:correction", args=(pair.corrective_id,))
        words = _("A corrective invoice and its credit note are issued at once, from their page.")
        return [Missing("correction", words, url)]
    if invoice.kind == Invoice.Kind.CORRECTIVE and not paired:
        words = _(
            "A corrective invoice is only issued with the full credit note of the invoice it"
            " replaces: start from that invoice."
        )
        return [Missing("correction", words)]
    return []


def _deposit_bars(invoice: Invoice) -> list[Missing]:
    """A deposit deducted somewhere is not given back a second time."""
    if not invoice.is_credit_note or invoice.origin is None:
        return []
    if invoice.origin.kind != Invoice.Kind.DEPOSIT:
        return []
    return deposit_is_held(invoice.origin)


def deposit_is_held(deposit: Invoice) -> list[Missing]:
    """Why a deposit can't be credited now: an invoice takes it off already."""
    use = alive_uses(deposit).select_related("invoice").first()
    if use is None:
        return []
    words = _(
        "Deposit %(number)s is taken off %(invoice)s: take it off that draft, or credit that"
        " invoice wholly first."
    )
    values = {"number": deposit.number, "invoice": use.invoice}
    return [Missing("deposit_in_use", words % values, use.invoice.get_absolute_url())]


def doubts(invoice: Invoice, *, regime: str, known: Known) -> list[Missing]:
    """What passes with a sentence only (WARN of the law), kept with the Event of the issue."""
    on = known.on
    found = threshold_doubts(invoice, regime=regime, known=known)
    if invoice.kind == Invoice.Kind.DEPOSIT:
        found += _early_doubts(invoice, on)
        if invoice.agreement_id is not None:
            found += early_commitments(invoice.agreement, on=on, sees=True)
    if invoice.kind == Invoice.Kind.MEMBERSHIP_CALL:
        found += _service_doubts(invoice)
    if invoice.kind == Invoice.Kind.INVOICE:
        found += _future_doubts(invoice, on)
    return found + _claim_doubts(invoice, known)


def _claim_doubts(invoice: Invoice, known: Known) -> list[Missing]:
    """A funder that repays paid expenses only wants our invoice paid before its claim."""
    if invoice.is_credit_note or not known.claims.get(invoice.agreement_id or 0):
        return []
    try:
        parts = schedule_for(invoice, known.on, read=known.figures)
    except ValueError:
        return []  # a plan that can't stand is refused for itself
    return due_after_claims(invoice, max(part.due_on for part in parts), known.claims)


def _early_doubts(invoice: Invoice, on: date) -> list[Missing]:
    """A deposit of a plan is called on the day it was planned for."""
    if invoice.period_from is None or invoice.period_from <= on:
        return []
    words = _("This deposit is planned on %(day)s: wait, or say why it goes out now.")
    return [Missing("deposit_is_early", words % {"day": day(invoice.period_from)}, level="warn")]


def _service_doubts(invoice: Invoice) -> list[Missing]:
    """A membership that buys a service is a price, with VAT and on an invoice."""
    if all(line.kind == InvoiceLine.Kind.MEMBERSHIP for line in invoice.lines.all()):
        return []
    words = _(
        "This membership call also sells something: what buys a service is a price, to be billed"
        " on an invoice with its VAT. Move the line to an invoice, or say why it stays."
    )
    return [Missing("membership_buys_a_service", words, level="warn")]


def _future_doubts(invoice: Invoice, on: date) -> list[Missing]:
    """Work not begun yet is billed by a deposit; a subscription is billed as its contract says."""
    if invoice.period_from is None or invoice.period_from <= on:
        return []
    if all(line.kind == InvoiceLine.Kind.SUBSCRIPTION for line in invoice.lines.all()):
        return []
    words = _(
        "The work begins on %(day)s, after today: what is asked before it is a deposit, taken off"
        " the final invoice. Make a deposit invoice, or say why this one goes out now."
    )
    return [
        Missing("service_in_the_future", words % {"day": day(invoice.period_from)}, level="warn")
    ]
