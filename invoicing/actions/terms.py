"""Schedules of drafts, disputes, and the notice on private customers' payments."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from invoicing import rules_schedule as schedules
from invoicing.actions.drafting import locked_draft, profile_on
from invoicing.actions.totals import apply_vat
from invoicing.models import AntifraudNotice, Dispute, Invoice, PlannedInstalment
from invoicing.rules import TAXED
from invoicing.scheduling import check_dates, plan_missing


def _schedule_problems(
    invoice: Invoice, rows: Sequence[schedules.PlannedPart], on: date, *, overridden: bool
) -> list[Missing]:
    """Why instalments can't be planned on a draft, were it issued `on`."""
    if invoice.is_credit_note:
        return [Missing("schedule", _("A credit note has no due date."))]
    if found := schedules.check_plan(invoice.asked, on, rows):
        return plan_missing(found)
    if overridden or not rows:
        return []
    late = check_dates(invoice, [part.falls_on(on) for part in rows], on)
    return [Missing("schedule", m.text) for m in late]


@transaction.atomic
def plan_schedule(
    *,
    invoice: Invoice,
    rows: Sequence[schedules.PlannedPart],
    by: User,
    on: date,
    at: datetime,
    term_basis: str = "",
) -> Invoice:
    """Write the instalments of a draft; no row at all gives back the one due date of its term.

    Refused when the rows don't sum, are out of order, or go past the legal cap without the
    accountant's legal basis in words, which is kept as for a single due date.
    """
    invoice = locked_draft(invoice)
    basis = term_basis.strip()
    if basis and not by.has_perm("invoicing.override_due_date"):
        raise Refused([Missing("term_basis", _("Only the accountant goes past the legal term."))])
    apply_vat(invoice, profile_on(on), on)
    if found := _schedule_problems(invoice, rows, on, overridden=bool(basis)):
        raise Refused(found)
    invoice.planned.all().delete()
    PlannedInstalment.objects.bulk_create(
        PlannedInstalment(
            invoice=invoice,
            position=position,
            share=part.share,
            value=0 if part.share == schedules.REMAINDER else part.value,
            due_on=part.due_on,
            days=part.days,
        )
        for position, part in enumerate(rows, start=1)
    )
    before, invoice.term_basis = invoice.term_basis, basis
    invoice.save(update_fields=["term_basis"])
    record(invoice, "plan_schedule", by=by, on=on, at=at, codes={"rows": len(rows)})
    if basis and basis != before:
        record(invoice, "override_term", by=by, on=on, at=at, text=basis)
    return invoice


def _claim_under_lock(invoice: Invoice) -> Invoice:
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if not locked.is_issued or locked.is_credit_note:
        raise Refused([Missing("invoice", _("Only an issued invoice is contested."))])
    return locked


def open_dispute_of(invoice: Invoice) -> Dispute | None:
    """The dispute that is open on an invoice."""
    return Dispute.objects.filter(invoice=invoice, opening=None, closing=None).first()


@transaction.atomic
def open_dispute(*, invoice: Invoice, words: str, by: User, on: date, at: datetime) -> Dispute:
    """Note that the client contests an issued invoice, and why; its reminders stop."""
    invoice = _claim_under_lock(invoice)
    if not words.strip():
        raise Refused([Missing("words", _("Say why in a sentence."))])
    if open_dispute_of(invoice) is not None:
        raise Refused([Missing("words", _("A dispute is open already: close it first."))])
    row = Dispute.objects.create(invoice=invoice, words=words.strip(), on=on, by=by, at=at)
    record(invoice, "open_dispute", by=by, on=on, at=at, text=words)
    return row


@transaction.atomic
def close_dispute(
    *, invoice: Invoice, outcome: str, words: str, by: User, on: date, at: datetime
) -> Dispute:
    """Close the open dispute of an invoice with its outcome; reminders go on from here."""
    invoice = _claim_under_lock(invoice)
    opened = open_dispute_of(invoice)
    if opened is None:
        raise Refused([Missing("outcome", _("No dispute is open on this invoice."))])
    if outcome not in Dispute.Outcome.values or not words.strip():
        raise Refused([Missing("words", _("Say how it ended, in a sentence."))])
    row = Dispute.objects.create(
        invoice=invoice, opening=opened, outcome=outcome, words=words.strip(), on=on, by=by, at=at
    )
    codes = {"outcome": outcome}
    record(invoice, "close_dispute", by=by, on=on, at=at, codes=codes, text=words)
    return row


def antifraud_asked(client: Organisation, on: date) -> IssuerProfile | None:
    """Our profile when this client's payments wait for the notice (CGI 286, I 3° bis).

    It concerns issuers liable for VAT who are paid by private customers.
    """
    profile = IssuerProfile.objects.at(on)
    if client.client_kind != Organisation.ClientKind.CONSUMER or profile is None:
        return None
    if profile.regime not in TAXED:
        return None
    known = AntifraudNotice.objects.filter(siren=profile.siren).exists()
    return None if known else profile


@transaction.atomic
def acknowledge_antifraud(
    *, proof: str, words: str, by: User, on: date, at: datetime
) -> AntifraudNotice:
    """Note once per issuer what we rely on for payments of private customers."""
    profile = profile_on(on)
    if AntifraudNotice.objects.filter(siren=profile.siren).exists():
        raise Refused([Missing("proof", _("It was noted already for this issuer."))])
    if proof not in AntifraudNotice.Proof.values or not words.strip():
        raise Refused([Missing("words", _("Say what we rely on, in a sentence."))])
    row = AntifraudNotice.objects.create(
        siren=profile.siren, proof=proof, words=words.strip(), on=on, by=by, at=at
    )
    record(row, "acknowledge", by=by, on=on, at=at, codes={"proof": proof}, text=words)
    return row
