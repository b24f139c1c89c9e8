"""Issue a draft: number under lock, parties copied, hash chained, then the PDF rendered once."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim import immutability, pdf
from essaim.bulk import insert_rows, snapshot, update_changed, update_rows
from essaim.models import User
from essaim.models.legal import FiguresRead
from essaim.printers import Printers
from essaim.workflow import Missing, Refused
from invoicing.actions.chaining import number_rows
from invoicing.actions.crediting import settle_credit
from invoicing.actions.deposits import release_deposits
from invoicing.actions.drafting import profile_on, still_a_draft
from invoicing.actions.expenses import bill_expenses
from invoicing.actions.totals import add_up, put_vat
from invoicing.assembly import PDF_MARK, SEALED, document_of
from invoicing.before_issue import doubts, example_bars, kind_bars
from invoicing.copies import client_copy, issuer_copy, regime_of, terms_copy
from invoicing.document import missing_to_issue
from invoicing.known import Known
from invoicing.locks import closed_today
from invoicing.models import (
    DepositUse,
    FrozenFile,
    Instalment,
    Invoice,
    InvoiceLine,
    PlannedInstalment,
)
from invoicing.numbering import series_of
from invoicing.preflight import document_problems
from invoicing.refusals import missing_words
from invoicing.rendering import render_invoice, xml_within
from invoicing.scheduling import due_problems, schedule_for
from missions.actions import mark_billed
from missions.models import MissionDay

log = logging.getLogger("essaim.issue")
PRINT = "invoicing.rendering.render_invoice"  # what a warm process calls


def machine_problems() -> list[Missing]:
    """What would refuse the issue of any document: guards of the database, libraries to print."""
    found = [
        Missing("triggers", _("The database's guards are missing: run manage.py migrate."))
        for _name in immutability.missing(connection)[:1]
    ]
    return found + [Missing("pdf", words) for words in pdf.preflight()]


def own_problems(
    invoice: Invoice, *, on: date, known: Known | None = None, paired: bool = False
) -> list[Missing]:
    """Everything of one draft that would refuse its issue today, in words; writes nothing.

    What is of the level "warn" passes with a sentence. `known` holds what the rules read of many
    drafts at once; `paired`: a corrective invoice or its credit note, issued with the other.
    """
    if invoice.issuer is None:
        return [Missing("issuer", _("Our own details are missing for this date."))]
    known = known or Known([invoice], on)
    found = due_problems(invoice, on, read=known.figures)
    document = document_of(invoice, on=on, known=known)
    found += document_problems(invoice, document)
    codes = [p.code for p in missing_to_issue(document)]
    # The schedule is written by the issue itself.
    found += [Missing(c, missing_words(c)) for c in codes if c != "due_date_missing"]
    if not invoice.is_credit_note and invoice.gross <= 0:
        found.append(Missing("lines", _("There is nothing to pay on this invoice.")))
    found += kind_bars(invoice, paired=paired) + example_bars(invoice, known)
    return found + doubts(invoice, regime=regime_of(invoice, invoice.issuer), known=known)


def issue_problems(invoice: Invoice, *, on: date, paired: bool = False) -> list[Missing]:
    """Everything that would refuse the issue of a draft today, in words; writes nothing."""
    own = own_problems(invoice, on=on, paired=paired)
    return [*machine_problems(), *closed_today(on), *own]


def locked_drafts(invoices: Sequence[Invoice]) -> list[Invoice]:
    """Drafts under lock, in the order given, with all that their issue reads."""
    origins = [i.origin_id for i in invoices if i.origin_id is not None]
    # Before the credit note, as those who settle it do: what it leaves to pay stands still.
    locked = Invoice.objects.select_for_update(of=("self",))
    taken_off = DepositUse.objects.filter(invoice__in=invoices).values("deposit")
    before = locked.filter(Q(pk__in=origins) | Q(pk__in=taken_off)).order_by("pk")
    list(before.values_list("pk"))
    rows = (
        locked.filter(pk__in=[i.pk for i in invoices])
        .order_by("pk")
        .select_related("client", "agreement", "coop__organisation", "origin")
        .prefetch_related(
            *SEALED, "planned", "origin__credit_notes", "deposit_uses__deposit__credit_notes"
        )
    )
    found = {row.pk: row for row in rows}
    return [still_a_draft(found.get(i.pk)) for i in invoices]


def judge(
    rows: Sequence[Invoice],
    *,
    on: date,
    paired: bool = False,
) -> dict[int, list[Missing]]:
    """Tax and add up locked drafts as of `on`, and say what would refuse each, by key.

    Nothing is stored of the drafts but the rates of their lines.
    """
    profile = profile_on(on)
    known = Known(rows, on)
    found: dict[int, list[Missing]] = {}
    changed: list[InvoiceLine] = []
    for row in rows:
        changed += put_vat(row, profile, on, read=known.figures)
        try:
            add_up(row, regime=regime_of(row, profile))
            problems = own_problems(row, on=on, known=known, paired=paired)
        except Refused as refused:
            problems = refused.missing
        if problems:
            found[row.pk] = problems
        if not any(m.level == "bar" for m in problems):
            _copy(row, profile, known)
    update_rows(InvoiceLine, changed, ["vat_rate", "vat_category"])
    return found


def _copy(invoice: Invoice, profile: IssuerProfile, known: Known) -> None:
    """Copy both parties and the terms onto the draft about to be issued."""
    invoice.due_on = schedule_for(invoice, known.on, read=known.figures)[0].due_on
    invoice.issuer_copy = {**issuer_copy(profile), "regime": regime_of(invoice, profile)}
    invoice.client_copy = client_copy(invoice.client)
    invoice.terms_copy = terms_copy(invoice, profile, known.on, known=known)


def _put_schedules(rows: Sequence[Invoice], on: date) -> None:
    """What falls due when, as it will stand for good; what was planned has no more to say."""
    Instalment.objects.filter(invoice__in=rows).delete()
    read = FiguresRead()
    insert_rows(
        [
            Instalment(invoice=row, position=p.position, due_on=p.due_on, amount=p.amount)
            for row in rows
            if not row.is_credit_note
            for p in schedule_for(row, on, read=read)
            if p.amount
        ]
    )
    PlannedInstalment.objects.filter(invoice__in=rows).delete()
    for row in rows:
        row._prefetched_objects_cache.pop("instalments", None)  # type: ignore[attr-defined]
    prefetch_related_objects(rows, "instalments")


def _rounds(invoices: Sequence[Invoice]) -> list[list[Invoice]]:
    """Drafts in as few rounds as it takes for two credit notes on one invoice never to meet: the
    second is added up on what the first took back."""
    found: list[list[Invoice]] = []
    for invoice in invoices:
        origin = invoice.origin_id
        room = (r for r in found if origin is None or origin not in {i.origin_id for i in r})
        if (chosen := next(room, None)) is None:
            found.append(chosen := [])
        chosen.append(invoice)
    return found


class NotReady(Refused):
    """Drafts that can't be issued: what each lacks, by its key."""

    def __init__(self, by_draft: Mapping[int, list[Missing]]) -> None:
        self.by_draft = dict(by_draft)
        super().__init__(m for found in self.by_draft.values() for m in found)


@transaction.atomic
def post(
    invoices: Sequence[Invoice],
    *,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
    paired: bool = False,
) -> list[Invoice]:
    """Issue drafts for good, all or nothing, in the order given: numbers, copies, chained hashes.

    The same number of queries whatever their number, credit notes aside: each of those settles
    its origin. Raises Refused with everything that is missing, before any number is taken
    (NotReady says it draft by draft); a warning passes with a sentence in `reasons`.
    """
    why = dict(reasons or {})
    found = [_post(same, why, paired=paired, by=by, on=on, at=at) for same in _rounds(invoices)]
    return [invoice for same in found for invoice in same]


def _refuse_unready(
    rows: Sequence[Invoice], reasons: Mapping[str, str], *, on: date, paired: bool
) -> None:
    """Raise what stands in the way, the warnings that have their sentence aside."""
    if first := [*machine_problems(), *closed_today(on)]:
        raise Refused(first)
    found = {
        key: [m for m in seen if m.level == "bar" or not reasons.get(m.code, "").strip()]
        for key, seen in judge(rows, on=on, paired=paired).items()
    }
    if bars := {key: missing for key, missing in found.items() if missing}:
        raise NotReady(bars)


def _post(
    invoices: Sequence[Invoice],
    reasons: Mapping[str, str],
    *,
    paired: bool,
    by: User,
    on: date,
    at: datetime,
) -> list[Invoice]:
    rows = locked_drafts(invoices)
    before = snapshot(rows)
    _refuse_unready(rows, reasons, on=on, paired=paired)
    update_changed(rows, before)
    _put_schedules(rows, on)
    days = MissionDay.objects.filter(shares__billed__line__invoice__in=rows).distinct()
    validated = days.filter(state=MissionDay.State.VALIDATED)
    mark_billed(validated.only("pk"), by=by, on=on, at=at)
    bill_expenses(rows, by=by, on=on, at=at)
    for row in rows:
        if row.is_credit_note:
            settle_credit(row, by=by, on=on, at=at)
    issued: dict[int, Invoice] = {}
    for kind in sorted({series_of(row) for row in rows}):
        same = [row for row in rows if series_of(row) == kind]
        numbered = number_rows(same, kind, reasons, by=by, on=on, at=at)
        issued |= {i.pk: i for i in numbered}
    found = [issued[row.pk] for row in rows]
    for invoice in found:
        release_deposits(invoice)
        transaction.on_commit(partial(anchor, invoice, invoice.digest))
    log.info("issued %s by=%s", ",".join(str(i.number) for i in found), by.pk)
    return found


def issue(
    *,
    invoice: Invoice,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> Invoice:
    """Issue a draft for good: number, copies and hash in one transaction, then its PDF.

    Raises Refused with everything that is missing, before any number is taken; a warning passes
    with a sentence in `reasons`, kept with the Event.
    """
    (invoice,) = post([invoice], by=by, on=on, at=at, reasons=reasons)
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
    return keep_files(invoice, content, at=at)


def keep_files(invoice: Invoice, content: bytes, *, at: datetime) -> FrozenFile | None:
    """Keep a printed document and the XML it carries; None when somebody else just did."""
    try:
        with transaction.atomic():
            file = freeze_file(invoice, FrozenFile.Kind.PDF, content, at=at)
            if xml := xml_within(content):
                freeze_file(invoice, FrozenFile.Kind.XML, xml, at=at)
            transaction.on_commit(lambda: anchor(invoice, f"{PDF_MARK}{file.sha256}"))
    except IntegrityError:
        if not invoice.files.filter(kind=FrozenFile.Kind.PDF).exists():
            raise
        return None
    return file


def freeze_file(invoice: Invoice, kind: str, content: bytes, *, at: datetime) -> FrozenFile:
    """Keep the bytes of one file of an issued document for good."""
    return FrozenFile.objects.create(
        invoice=invoice,
        kind=kind,
        content=content,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        rendered_at=at,
    )


def render_pending(
    *, at: datetime, workers: int = 0, within: QuerySet[Invoice, Invoice] | None = None
) -> int:
    """Render the PDF of every issued document that has none; returns how many were made.

    `within`: only among these; `workers`: in that many warm processes, here below two.
    """
    rows = Invoice.objects.all() if within is None else within
    keys = list(Invoice.objects.without_pdf().filter(pk__in=rows).values_list("pk", flat=True))
    keys.sort()
    if workers < 2 or len(keys) < 2:
        return sum(render_one(i, at=at) is not None for i in _by_handfuls(keys))
    made = 0
    with Printers(PRINT, workers) as printers:
        documents = ((i, document_of(i, on=i.issued_on or at.date())) for i in _by_handfuls(keys))
        for invoice, content in printers.each(documents):
            if content is None:
                log.error("PDF of %s waits", invoice.number)
            elif keep_files(invoice, content, at=at) is not None:
                made += 1
    return made


def _by_handfuls(keys: Sequence[int], size: int = 20) -> Iterator[Invoice]:
    """Issued documents, a few in memory at a time."""
    for start in range(0, len(keys), size):
        yield from Invoice.objects.filter(pk__in=keys[start : start + size]).order_by("pk")


def amount_left(invoice: Invoice) -> Decimal:
    """What is still to pay of an issued invoice, to the cent."""
    return Decimal(Invoice.objects.with_left().get(pk=invoice.pk).left)
