"""The hash of a report: of all that it tells, so that a change shows."""

from collections.abc import Iterator
from hashlib import sha256

from invoicing.models import FunderReport
from invoicing.rules_seal import canonical


def sealed(report: FunderReport) -> bytes:
    """The canonical bytes a report's hash is taken from: all that it tells."""
    return canonical(
        {
            "report": report.pk,
            "kind": report.kind,
            "title": report.title,
            "first": report.first,
            "last": report.last,
            "columns": report.columns,
            "layout": report.layout,
            "flat_rate": report.flat_rate,
            "told": report.snapshot,
        }
    )


def seal_of(report: FunderReport) -> str:
    """SHA-256 of a report, as it is kept when it is sent."""
    return sha256(sealed(report)).hexdigest()


def broken_seals() -> Iterator[FunderReport]:
    """Reports that were sent and no longer tell what their hash says."""
    for report in FunderReport.objects.exclude(digest="").order_by("pk").iterator():
        if seal_of(report) != report.digest:
            yield report
