"""Re-compute everything issued and say what does not agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import connection
from django.db.models import DecimalField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from essaim import immutability
from essaim.models import NumberSlot, Series
from essaim.money import ZERO, cents, sql_cents
from essaim.series import number_of
from invoicing import rules
from invoicing.assembly import PDF_MARK, SEALED, sealed
from invoicing.copies import totals_of
from invoicing.deducting import rates_of
from invoicing.models import ClaimSettlement, FrozenFile, Invoice, LateClaim, Payment, Refund
from invoicing.numbering import PATTERNS
from invoicing.rendering import xml_within
from invoicing.report_seal import broken_seals

PENDING_FOR = timedelta(hours=1)
MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree; a pending document is told but is no error."""

    document: str
    words: str
    is_error: bool = True


def _chain(series: Series) -> list[Series]:
    """A series and those it continues, oldest first."""
    found = [series]
    while found[0].continues is not None:
        found.insert(0, found[0].continues)
    return found


def _in_order(series: Series) -> Iterator[Invoice]:
    rows = Invoice.objects.filter(series_id_used=series.pk, state="issued")
    rows = rows.select_related("issuer").prefetch_related(
        *SEALED, "lines__billed_shares__share", "deposit_uses"
    )
    yield from rows.order_by("issued_on", "year", "rank").iterator(chunk_size=200)


def _check_rank(invoice: Invoice, series: Series, ranks: dict[int, int]) -> Iterator[Finding]:
    label = invoice.year or 0 if series.restarts else 0
    expected = ranks.get(label, 0) + 1
    if invoice.rank != expected:
        yield Finding(str(invoice), f"gap: rank {invoice.rank} follows {expected - 1}")
    ranks[label] = invoice.rank or 0
    if invoice.number != number_of(series, year=invoice.year or 0, rank=invoice.rank or 0):
        yield Finding(str(invoice), "its number does not follow the pattern")


def _check_content(invoice: Invoice) -> Iterator[Finding]:
    """Its seal and its sums; a copy that can't even be read was altered too."""
    try:
        if rules.chain_hash(invoice.previous or rules.GENESIS, sealed(invoice)) != invoice.digest:
            yield Finding(str(invoice), "it was altered after it was issued")
        if not _deposits_agree(invoice):
            yield Finding(str(invoice), "the deposits it takes off do not agree")
        if not _adds_up(invoice):
            yield Finding(str(invoice), "its lines and its totals do not add up")
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        yield Finding(str(invoice), f"what it holds can't be read ({type(error).__name__})")


def _deposits_agree(invoice: Invoice) -> bool:
    """The deposits taken off are those the copy names, and come to what is stored."""
    named = {row["deposit"] for row in invoice.deposits_copy}
    taken = [rates_of(row["by_rate"]) for row in invoice.deposits_copy]
    held = {use.deposit_id for use in invoice.deposit_uses.all()}
    return (
        (invoice.is_credit_note or held == named)
        and sum(t.gross for t in taken) == invoice.deducted
        and sum(t.vat for t in taken) == invoice.deducted_vat
    )


def _adds_up(invoice: Invoice) -> bool:
    lines, total = list(invoice.lines.all()), totals_of(invoice)
    if rules.total_of(total.by_rate) != total or sum(x.net for x in lines) != invoice.net:
        return False
    # A line of days is the sum of its shares, to the cent.
    return all(
        line.net == cents(sum(b.share.amount for b in line.billed_shares.all()))
        for line in lines
        if line.billed_shares.all()
    )


def _check_file(invoice: Invoice, *, at: datetime) -> Iterator[Finding]:
    files = {file.kind: file for file in FrozenFile.objects.filter(invoice=invoice)}
    found = files.get(FrozenFile.Kind.PDF)
    if found is None and invoice.kind != Invoice.Kind.TAKEN_OVER:
        late = invoice.issued_at is None or at - invoice.issued_at > PENDING_FOR
        yield Finding(str(invoice), "its PDF is not rendered yet", is_error=late)
    for kind, file in files.items():
        if _altered(file):
            words = "PDF" if kind == FrozenFile.Kind.PDF else f"file ({kind})"
            yield Finding(str(invoice), f"its stored {words} is not the one that was rendered")
    if found is not None and not _same_xml(found, files.get(FrozenFile.Kind.XML)):
        yield Finding(str(invoice), "its stored XML is not the one inside its PDF")


def _same_xml(pdf: FrozenFile, xml: FrozenFile | None) -> bool:
    return xml_within(bytes(pdf.content)) == (bytes(xml.content) if xml is not None else None)


def _altered(file: FrozenFile) -> bool:
    content = bytes(file.content)
    return sha256(content).hexdigest() != file.sha256 or len(content) != file.size


def _check_series(head: Series, *, at: datetime) -> Iterator[Finding | Invoice]:
    previous = rules.GENESIS
    for series in _chain(head):
        ranks: dict[int, int] = {}
        for invoice in _in_order(series):
            yield invoice
            yield from _check_rank(invoice, series, ranks)
            if invoice.previous != previous:
                yield Finding(str(invoice), "it does not follow the document before it")
            yield from _check_content(invoice)
            yield from _check_file(invoice, at=at)
            previous = invoice.digest
        for year in series.years.all():
            if ranks.get(year.year, 0) != year.counter:
                words = f"{year.counter} numbers were taken in {year.year}, the last kept is"
                yield Finding(str(series), f"{words} {ranks.get(year.year, 0)}")
    if head.head != previous:
        yield Finding(str(head), "the head of its chain is not its last document")


def verify(*, at: datetime, anchors: Path | None = None) -> tuple[int, list[Finding]]:
    """Count the issued documents and list everything that does not agree.

    Checks triggers, numbers, chain, amounts, what settles them, stored files and, when given,
    the anchors kept outside the database (one "date number hash" a line, "pdf:" before the hash
    of a file).
    """
    findings = [
        Finding("database", f"trigger {name} is missing")
        for name in immutability.missing(connection)
    ]
    digests: dict[str, str] = {}
    for series in Series.objects.filter(closed=False, kind__in=PATTERNS):
        for found in _check_series(series, at=at):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                digests[str(found.number)] = found.digest
    known = set(digests)
    ours = Invoice.objects.issued().exclude(kind=Invoice.Kind.TAKEN_OVER)
    stray = ours.exclude(number__in=known).values_list("number", flat=True)
    findings += [Finding(str(n), "it stands in no series") for n in stray]
    findings += [
        Finding(slot.number, "its number was set aside and nothing was issued")
        for slot in NumberSlot.objects.order_by("series", "year", "rank")
    ]
    findings += _check_taken_over()
    findings += _check_settled()
    findings += [
        Finding(str(report), "it is not the report that was sent") for report in broken_seals()
    ]
    if anchors is not None:
        findings += _check_anchors(anchors, digests)
    return len(digests), findings


def _check_taken_over() -> Iterator[Finding]:
    """Invoices of an earlier tool stand in no chain; each holds its own seal."""
    rows = Invoice.objects.issued().filter(kind=Invoice.Kind.TAKEN_OVER)
    for invoice in rows.order_by("pk").iterator():
        yield from _check_content(invoice)


def _check_settled() -> Iterator[Finding]:
    """Nothing is settled by more than it holds: invoices, credit notes and payments."""
    sources = (
        (
            Invoice.objects.claims(),
            F("gross") - F("deducted"),
            "allocations",
            "more was set against it than it asks",
        ),
        (
            Invoice.objects.issued().filter(kind=Invoice.Kind.CREDIT_NOTE),
            F("gross") - F("deducted"),
            "allocated_to",
            "more of it was set off than it gives back",
        ),
        (Payment.objects.filter(reverses=None), F("amount"), "allocations", "more of it was spent"),
    )
    for rows, whole, parts, words in sources:
        spent = sql_cents(Coalesce(Sum(f"{parts}__amount"), 0, output_field=MONEY))
        back = _paid_back("payment" if rows.model is Payment else "credit_note")
        past = rows.annotate(spent=spent, back=back)
        past = past.filter(spent__gt=sql_cents(whole - F("back")))
        yield from (Finding(_named(row), words) for row in past.order_by("pk"))
    yield from _check_claims()


def _check_claims() -> Iterator[Finding]:
    """What settles claims of late interest stays within the claim, and within its payment."""
    claims = LateClaim.objects.annotate(
        spent=sql_cents(Coalesce(Sum("settlements__amount"), 0, output_field=MONEY))
    )
    past = claims.filter(spent__gt=sql_cents(F("interest") + F("fee"))).select_related("invoice")
    yield from (Finding(str(row), "more was set against it than it claims") for row in past)
    paid = ClaimSettlement.objects.values("payment").annotate(total=Sum("amount"))
    for row in paid.filter(total__gt=0).order_by("payment"):
        payment = Payment.objects.get(pk=row["payment"])
        used = payment.allocations.aggregate(total=Sum("amount"))["total"] or ZERO
        back = payment.refunds.aggregate(total=Sum("amount"))["total"] or ZERO
        if cents(used + back + row["total"]) > payment.amount:
            yield Finding(_named(payment), "more of it was spent")


def _paid_back(source: str) -> Coalesce:
    """What of a payment or a credit note went back to its client; nothing of an invoice."""
    rows = Refund.objects.filter(**{source: OuterRef("pk")}).order_by().values(source)
    total = Subquery(rows.annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    return Coalesce(total, 0, output_field=MONEY)


def _named(row: Invoice | Payment) -> str:
    return str(row) if isinstance(row, Invoice) else f"payment {row.pk}"


def _check_anchors(path: Path, digests: dict[str, str]) -> list[Finding]:
    found = []
    pdfs = FrozenFile.objects.filter(kind=FrozenFile.Kind.PDF)
    files = dict(pdfs.values_list("invoice__number", "sha256"))
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) != 3:
            continue
        if parts[2].startswith(PDF_MARK):
            if files.get(parts[1]) != parts[2].removeprefix(PDF_MARK):
                found.append(Finding(parts[1], "its PDF is not the one that was anchored"))
        elif digests.get(parts[1]) != parts[2]:
            found.append(Finding(parts[1], "it is not the document that was anchored"))
    return found
