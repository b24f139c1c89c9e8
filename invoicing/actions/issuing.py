"""Issue a draft: number under lock, parties copied, hash chained, then the PDF rendered once."""

import logging
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim import immutability, pdf, series
from essaim.models import User
from essaim.models.legal import caps
from essaim.terms import Term, check_due, due_date, ways_text
from essaim.workflow import Missing, Refused, perform
from invoicing import rules
from invoicing.actions.crediting import settle_credit
from invoicing.actions.drafting import apply_vat, locked_draft, profile_on
from invoicing.assembly import PDF_MARK, document_of, sealed
from invoicing.copies import client_copy, issuer_copy, regime_of, terms_copy
from invoicing.document import missing_to_issue
from invoicing.models import FrozenFile, Instalment, Invoice
from invoicing.printing import render_invoice
from invoicing.refusals import missing_words
from missions.actions import mark_billed
from missions.models import MissionDay

log = logging.getLogger("essaim.issue")
SERIES = "invoice"


def _term(invoice: Invoice) -> Term:
    method: Any = invoice.term_method
    return Term(invoice.term_days, method)


def due_for(invoice: Invoice, on: date) -> date:
    """When an invoice issued `on` falls due: the date wanted, else the agreed term."""
    if invoice.is_credit_note:
        return on
    return invoice.wanted_due_on or due_date(on, _term(invoice))


def _due_problems(invoice: Invoice, on: date) -> list[Missing]:
    """A due date past the legal cap is refused with the lawful ways."""
    if invoice.is_credit_note:
        return []
    due = due_for(invoice, on)
    if due < on:
        return [Missing("wanted_due_on", _("The due date can't be in the past."))]
    if invoice.term_basis:
        return []
    found = check_due(
        on,
        due,
        invoice.client.client_kind,
        _term(invoice),
        invoice.period_to,
        caps=caps(on),
    )
    return [
        Missing(
            "wanted_due_on",
            f"{p.text} {_('What gives time lawfully:')} " + " · ".join(ways_text(p.ways).values()),
        )
        for p in found
    ]


def issue_problems(invoice: Invoice, *, on: date) -> list[Missing]:
    """Everything that would refuse the issue of a draft today, in words; writes nothing."""
    found = [
        Missing("triggers", _("The database's guards are missing: run manage.py migrate."))
        for _name in immutability.missing(connection)[:1]
    ]
    found += [Missing("pdf", words) for words in pdf.preflight()]
    if invoice.issuer is None:
        return [*found, Missing("issuer", _("Our own details are missing for this date."))]
    found += _due_problems(invoice, on)
    codes = [p.code for p in missing_to_issue(document_of(invoice, on=on))]
    # The schedule is written by the issue itself.
    found += [Missing(c, missing_words(c)) for c in codes if c != "due_date_missing"]
    if not invoice.is_credit_note and invoice.gross <= 0:
        found.append(Missing("lines", _("There is nothing to pay on this invoice.")))
    return found


def _freeze(invoice: Invoice, profile: IssuerProfile, on: date) -> None:
    """Copy both parties, the terms and the schedule onto the draft about to be issued."""
    invoice.due_on = due_for(invoice, on)
    invoice.issuer_copy = {**issuer_copy(profile), "regime": regime_of(invoice, profile)}
    invoice.client_copy = client_copy(invoice.client)
    invoice.terms_copy = terms_copy(invoice, profile, on)
    invoice.save()
    invoice.instalments.all().delete()
    if not invoice.is_credit_note:
        for part in rules.instalments(invoice.asked, [invoice.due_on]):
            Instalment.objects.create(
                invoice=invoice, position=part.position, due_on=part.due_on, amount=part.amount
            )


@transaction.atomic
def _issue(*, invoice: Invoice, by: User, on: date, at: datetime) -> Invoice:
    if invoice.origin_id is not None:
        # Before the credit note, as those who settle it do: what it leaves to pay stands still.
        Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.origin_id)
    invoice = locked_draft(invoice)
    profile = profile_on(on)
    apply_vat(invoice, profile, on)
    if problems := issue_problems(invoice, on=on):
        raise Refused(problems)
    _freeze(invoice, profile, on)
    days = MissionDay.objects.filter(shares__billed__line__invoice=invoice).distinct()
    mark_billed(days.filter(state=MissionDay.State.VALIDATED), by=by, on=on, at=at)
    if invoice.is_credit_note:
        settle_credit(invoice, by=by, on=on, at=at)
    # The counter is taken last: its lock is what the others wait for.
    taken = series.take(SERIES, on=on)
    numbers: dict[str, Any] = {"number": taken.number, "year": on.year, "rank": taken.rank}
    for name, value in {**numbers, "issued_on": on, "issued_at": at}.items():
        setattr(invoice, name, value)
    invoice.series_id_used = taken.series.pk
    digest = rules.chain_hash(taken.previous, sealed(invoice))
    perform(
        invoice,
        "issue",
        by=by,
        on=on,
        at=at,
        series_id=taken.series.pk,
        previous=taken.previous,
        digest=digest,
        **numbers,
    )
    series.seal(taken, digest)
    transaction.on_commit(lambda: anchor(invoice, invoice.digest))
    log.info("issued %s by=%s", taken.number, by.pk)
    return invoice


def issue(*, invoice: Invoice, by: User, on: date, at: datetime) -> Invoice:
    """Issue a draft for good: number, copies and hash in one transaction, then its PDF.

    Raises Refused with everything that is missing, before any number is taken.
    """
    invoice = _issue(invoice=invoice, by=by, on=on, at=at)
    render_one(invoice, at=at)
    return invoice


def anchor(invoice: Invoice, mark: str) -> None:
    """Append a document's hash, or its PDF's, outside the database: a forged chain is noticed."""
    path = Path(settings.ANCHORS_LOG)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log_file:
            log_file.write(f"{invoice.issued_on} {invoice.number} {mark}\n")
    except OSError as error:
        log.error("anchor of %s not written: %s", invoice.number, type(error).__name__)


def render_one(invoice: Invoice, *, at: datetime) -> FrozenFile | None:
    """Render the PDF of an issued document once; a failure leaves it pending."""
    if invoice.files.filter(kind=FrozenFile.Kind.PDF).exists():
        return None
    try:
        content = render_invoice(document_of(invoice, on=invoice.issued_on or at.date()))
    except Exception:
        log.exception("PDF of %s waits", invoice.number)
        return None
    digest = sha256(content).hexdigest()
    file = FrozenFile.objects.create(
        invoice=invoice, content=content, sha256=digest, size=len(content), rendered_at=at
    )
    transaction.on_commit(lambda: anchor(invoice, f"{PDF_MARK}{digest}"))
    return file


def render_pending(*, at: datetime) -> int:
    """Render the PDF of every issued document that has none; returns how many were made."""
    waiting = Invoice.objects.without_pdf().order_by("pk")
    return sum(render_one(invoice, at=at) is not None for invoice in waiting.iterator())


def amount_left(invoice: Invoice) -> Decimal:
    """What is still to pay of an issued invoice, to the cent."""
    return Decimal(Invoice.objects.with_left().get(pk=invoice.pk).left)
