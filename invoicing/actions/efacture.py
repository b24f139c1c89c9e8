"""Files of an issued document made on demand, once; and what platforms answered to it."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, record
from invoicing import printing
from invoicing.acquitted import Settled, render_acquitted, settled_by
from invoicing.actions.issuing import amount_left, freeze_file
from invoicing.assembly import document_of
from invoicing.bt import TYPES
from invoicing.models import FrozenFile, Invoice, LifecycleStatus
from invoicing.rules_efacture import check_status
from invoicing.wording import euros

Kind = FrozenFile.Kind


def _refuse(code: str, text: str, url: str = "") -> None:
    raise Refused([Missing(code, text, url)])


def _locked(invoice: Invoice) -> Invoice:
    """The issued document, under lock: two people asking at once make one file."""
    row = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    if not row.is_issued or row.kind == Invoice.Kind.TAKEN_OVER:
        _refuse("invoice", _("Only a document that we issued has files of ours."))
    return row


@transaction.atomic
def make_plain(*, invoice: Invoice, by: User, on: date, at: datetime) -> FrozenFile:
    """Print the document without its XML, for portals that refuse the hybrid; once for good."""
    row = _locked(invoice)
    found = row.files.filter(kind=Kind.PLAIN).first()
    if found is not None:
        return found
    content = printing.render_invoice(document_of(row, on=row.issued_on or on))
    record(row, "print_plain", by=by, on=on, at=at)
    return freeze_file(row, Kind.PLAIN, content, at=at)


def acquittable(invoice: Invoice) -> Settled:
    """How a document was paid; raises Refused unless it is, wholly."""
    if invoice.is_credit_note or not invoice.is_issued:
        _refuse("invoice", _("Only an issued invoice can be acquitted."))
    left = amount_left(invoice)
    settled = settled_by(invoice)
    if left > 0:
        words = _("This invoice is not paid in full: %(left)s are left. Record the payment first.")
        _refuse("unpaid", words % {"left": euros(left)})
    if settled.lost:
        words = _(
            "Of this invoice, %(lost)s were written off as a bad debt: it was never paid in full."
        )
        _refuse("unpaid", words % {"lost": euros(settled.lost)})
    if not settled.parts and invoice.deducted and not invoice.asked:
        words = _("Its deposits settle it: make the acquitted copy of each of them.")
        _refuse("unpaid", words)
    if not settled.parts:
        _refuse("unpaid", _("No payment settles this invoice: what was credited is not paid."))
    return settled


@transaction.atomic
def acquit(*, invoice: Invoice, by: User, on: date, at: datetime) -> FrozenFile:
    """Make the acquitted copy: the frozen pages, then one that says how they were paid.

    Raises Refused before full payment.
    """
    row = _locked(invoice)
    settled = acquittable(row)
    found = row.files.filter(kind=Kind.ACQUITTED).first()
    if found is not None:
        return found
    original = row.files.filter(kind=Kind.PDF).first()
    if original is None:
        _refuse("pdf", _("The PDF is still to be made: it will be, in a moment."))
    assert original is not None
    content = render_acquitted(row, original, settled, signatory=str(by), on=on, at=at)
    record(row, "acquit", by=by, on=on, at=at, codes={"original": original.sha256})
    return freeze_file(row, Kind.ACQUITTED, content, at=at)


@transaction.atomic
def note_status(
    *,
    invoice: Invoice,
    status: str,
    dated: date,
    reason_code: str = "",
    reason: str = "",
    by: User,
    on: date,
    at: datetime,
) -> LifecycleStatus:
    """Note what a platform or the client answered to a document. Raises Refused."""
    row = _locked(invoice)
    if row.kind not in TYPES:
        _refuse("invoice", _("A membership call is not exchanged through a platform."))
    current = LifecycleStatus.current_of(row)
    problems = check_status(
        current.status if current else "",
        status,
        reason_code=reason_code,
        reason=reason,
        is_paid=row.is_credit_note or (amount_left(row) <= 0 and not settled_by(row).lost),
    )
    if problems:
        raise Refused([Missing(p.code, status_words(p.code)) for p in problems])
    if dated > on:
        _refuse("dated", _("The date can't be in the future."))
    first = current.on if current else row.issued_on
    if first is not None and dated < first:
        _refuse("dated", _("The date can't be before the status that precedes it."))
    made = LifecycleStatus.objects.create(
        invoice=row, status=status, reason_code=reason_code, reason=reason.strip(), on=dated,
        by=by, at=at,
    )  # fmt: skip
    record(row, "note_status", by=by, on=on, at=at, codes={"status": status}, text=reason)
    return made


def status_words(code: str) -> str:
    """Say why a status is refused."""
    known = {
        "status_does_not_follow": _(
            "This status can't follow the last one: a document is deposited first, and what was"
            " refused is corrected by a credit note."
        ),
        "status_without_reason": _(
            "A rejection or a refusal is noted with its reason: choose one and say it in words."
        ),
        "status_collected_unpaid": _(
            "It is not collected before it is paid in full: record the payment first."
        ),
    }
    return known[code]
