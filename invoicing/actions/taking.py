"""The file of a report taken away: made when it is asked, and noted among the exports."""

from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from essaim.models import User
from invoicing import report_files
from invoicing.actions.desk import log_export
from invoicing.models import FunderReport


@transaction.atomic
def take_report(
    *, report: FunderReport, suffix: str, by: User, on: date, at: datetime
) -> tuple[str, bytes]:
    """The name and the bytes of a report's file; the log keeps who took it and its fingerprint."""
    content = report_files.write(report, suffix, on=on)
    name = report_files.name_of(report, suffix)
    log_export(
        kind="report",
        file_format=suffix,
        first=report.first,
        last=report.last,
        rows=report_files.count_of(report),
        fingerprint=sha256(content).hexdigest(),
        name=name[:120],
        perimeter={report._meta.label: report.pk},
        by=by,
        on=on,
        at=at,
    )
    return name, content
