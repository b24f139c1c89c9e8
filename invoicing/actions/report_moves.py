"""Moves of a report: sent for good, accepted, sent back, cancelled, corrected by another."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.models import User
from essaim.workflow import perform
from essaim.writing import refuse
from invoicing import reporting
from invoicing.actions.reports import lock_draft, make_report
from invoicing.models import FunderReport, ReportedShare
from invoicing.report_seal import seal_of


@transaction.atomic
def send_report(
    report: FunderReport,
    *,
    by: User,
    on: date,
    at: datetime,
    dated: date | None = None,
    reasons: Mapping[str, str] | None = None,
) -> FunderReport:
    """Freeze a report with its hash. Raises Refused with all that stands in the way."""
    report = lock_draft(report)
    told = reporting.to_json(reporting.tell(report))
    profile = IssuerProfile.objects.at(on)
    told["structure"] = profile.legal_name if profile is not None else ""
    told["funder"] = str(report.funder)
    told |= _kept_rows(report)
    report.snapshot = told
    report.save()
    digest = seal_of(report)
    data: dict[str, Any] = {"dated": dated, "digest": digest, "reasons": reasons or {}}
    perform(report, "send", by=by, on=on, at=at, **data)
    return report


def _kept_rows(report: FunderReport) -> dict[str, Any]:
    """The fractions and the months, as plain values."""
    rows = ReportedShare.objects.filter(report=report).order_by("fraction")
    months = report.months.order_by("month", "person")
    return {
        "fractions": [[r.fraction_id, r.share_id, str(r.days), str(r.amount)] for r in rows],
        "months": [
            [
                m.person_id,
                m.month.isoformat(),
                *map(str, (m.salary, m.operation, m.total, m.cost, m.flat)),
            ]
            for m in months
        ],
    }


def accept_report(
    report: FunderReport, *, by: User, on: date, at: datetime, dated: date | None = None, **_m: Any
) -> FunderReport:
    """The funder accepted it."""
    with transaction.atomic():
        perform(report, "accept", by=by, on=on, at=at, dated=dated)
    return report


def send_back_report(
    report: FunderReport,
    *,
    why: str,
    by: User,
    on: date,
    at: datetime,
    dated: date | None = None,
    **_m: Any,
) -> FunderReport:
    """The funder wants another one."""
    with transaction.atomic():
        perform(report, "send_back", by=by, on=on, at=at, dated=dated, why=why)
    return report


def cancel_report(
    report: FunderReport, *, why: str, by: User, on: date, at: datetime, **_m: Any
) -> FunderReport:
    """Cancel a report: it stays readable, its fractions may be told again."""
    with transaction.atomic():
        perform(report, "cancel", by=by, on=on, at=at, why=why)
        ReportedShare.objects.filter(report=report).delete()
    return report


@transaction.atomic
def redo_report(report: FunderReport, *, by: User, on: date, at: datetime) -> FunderReport:
    """Correct a report that came back: it is cancelled, and a draft takes its place."""
    report = FunderReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.state != FunderReport.State.SENT_BACK:
        refuse("state", _("Only a report that the funder sent back is corrected by another."))
    why = _("Corrected by another report.")
    cancel_report(report, why=why, by=by, on=on, at=at)
    return make_report(
        of=report.of,
        kind=report.kind,
        first=report.first,
        last=report.last,
        title=report.title,
        model=report.model,
        layout=report.layout,
        columns=report.columns,
        with_given=report.with_given,
        due_on=report.due_on,
        flat_rate=report.flat_rate,
        replaces=report,
        by=by,
        on=on,
        at=at,
    )
