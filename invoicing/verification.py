"""Re-compute everything issued and say what does not agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import connection

from essaim import immutability
from essaim.models import Series
from essaim.series import numbered
from invoicing import rules
from invoicing.assembly import sealed
from invoicing.copies import line_of, totals_of
from invoicing.models import FrozenFile, Invoice

PENDING_FOR = timedelta(hours=1)


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
    rows = rows.select_related("issuer").prefetch_related("lines", "instalments")
    yield from rows.order_by("issued_on", "year", "rank").iterator(chunk_size=200)


def _check_rank(invoice: Invoice, series: Series, ranks: dict[int, int]) -> Iterator[Finding]:
    label = invoice.year or 0 if series.restarts else 0
    expected = ranks.get(label, 0) + 1
    if invoice.rank != expected:
        yield Finding(str(invoice), f"gap: rank {invoice.rank} follows {expected - 1}")
    ranks[label] = invoice.rank or 0
    if invoice.number != numbered(series.pattern, year=invoice.year or 0, rank=invoice.rank or 0):
        yield Finding(str(invoice), "its number does not follow the pattern")


def _check_amounts(invoice: Invoice) -> Iterator[Finding]:
    lines = [line_of(line) for line in invoice.lines.all()]
    total = totals_of(invoice)
    if rules.total_of(total.by_rate) != total or sum(x.net for x in lines) != invoice.net:
        yield Finding(str(invoice), "its lines and its totals do not add up")


def _check_file(invoice: Invoice, *, at: datetime) -> Iterator[Finding]:
    found = FrozenFile.objects.filter(invoice=invoice, kind=FrozenFile.Kind.PDF).first()
    if found is None:
        late = invoice.issued_at is None or at - invoice.issued_at > PENDING_FOR
        yield Finding(str(invoice), "its PDF is not rendered yet", is_error=late)
    elif sha256(bytes(found.content)).hexdigest() != found.sha256:
        yield Finding(str(invoice), "its stored PDF is not the one that was rendered")


def _check_series(head: Series, *, at: datetime) -> Iterator[Finding | Invoice]:
    previous = rules.GENESIS
    for series in _chain(head):
        ranks: dict[int, int] = {}
        for invoice in _in_order(series):
            yield invoice
            yield from _check_rank(invoice, series, ranks)
            if invoice.previous != previous:
                yield Finding(str(invoice), "it does not follow the document before it")
            if rules.chain_hash(invoice.previous, sealed(invoice)) != invoice.digest:
                yield Finding(str(invoice), "it was altered after it was issued")
            yield from _check_amounts(invoice)
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

    Checks triggers, numbers, chain, amounts, stored files and, when given, the anchors kept
    outside the database (one "date number hash" a line).
    """
    findings = [
        Finding("database", f"trigger {name} is missing")
        for name in immutability.missing(connection)
    ]
    digests: dict[str, str] = {}
    for series in Series.objects.filter(closed=False, kind="invoice"):
        for found in _check_series(series, at=at):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                digests[str(found.number)] = found.digest
    known = set(digests)
    stray = Invoice.objects.issued().exclude(number__in=known).values_list("number", flat=True)
    findings += [Finding(str(n), "it stands in no series") for n in stray]
    if anchors is not None:
        findings += _check_anchors(anchors, digests)
    return len(digests), findings


def _check_anchors(path: Path, digests: dict[str, str]) -> list[Finding]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) == 3 and digests.get(parts[1]) != parts[2]:
            found.append(Finding(parts[1], "it is not the document that was anchored"))
    return found
