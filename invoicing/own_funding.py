"""Our own structure as applicant: what it asked, what pays from it, what it owes in words."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from essaim.money import ZERO, add_up
from grants.models import Disbursement, GrantApplication
from invoicing.models import FunderReport, FundingLink

ENDED = ("refused", "withdrawn", "no_answer", "closed", "lapsed", "renounced")


@dataclass(slots=True)
class OwnGrant:
    """One application of ours and what hangs on it."""

    application: GrantApplication
    links: list[FundingLink] = field(default_factory=list)
    reports: list[FunderReport] = field(default_factory=list)
    awaited: list[Disbursement] = field(default_factory=list)
    received: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is still expected (EUR)."""
        return add_up(row.expected_amount for row in self.awaited)

    @property
    def report_due(self) -> date | None:
        """The day its report is due, while none was sent."""
        row = self.application
        return None if row.report_sent_on else row.report_due_on


def own_funding(user: Any, *, on: date) -> list[OwnGrant]:
    """Our own applications this person may see, open ones first; five queries."""
    seen = GrantApplication.objects.visible_to(user).filter(applicant__structure__isnull=False)
    rows = list(
        seen.select_related("programme__funder", "applicant").order_by("-spotted_on", "-pk")
    )
    found = {row.pk: OwnGrant(row) for row in rows}
    programmes: defaultdict[int, list[OwnGrant]] = defaultdict(list)
    for one in found.values():
        programmes[one.application.programme_id].append(one)
    links = FundingLink.objects.filter(Q(application__in=found) | Q(programme__in=programmes))
    paid: defaultdict[int, list[OwnGrant]] = defaultdict(list)
    for link in links.select_related("envelope", "agreement", "funding_share__agreement"):
        for one in _held(found, programmes, link):
            one.links.append(link)
            if link.envelope_id is not None:
                paid[link.envelope_id].append(one)
    reports = FunderReport.objects.visible_to(user).standing().order_by("-last", "-pk")
    of_ours = Q(application__in=found) | Q(programme__in=programmes) | Q(envelope__in=paid)
    for report in reports.filter(of_ours):
        held = paid[report.envelope_id] if report.envelope_id else None
        for one in held or _held(found, programmes, report):
            one.reports.append(report)
    _money(found, user)
    return sorted(found.values(), key=lambda one: one.application.state in ENDED)


def _held(
    found: dict[int, OwnGrant], programmes: dict[int, list[OwnGrant]], row: Any
) -> list[OwnGrant]:
    """What a row is of: its application, else every application of its programme."""
    if row.application_id is not None:
        # A link may name one of our programmes and the application of a coop.
        return [found[row.application_id]] if row.application_id in found else []
    return programmes[row.programme_id]


def _money(found: dict[int, OwnGrant], user: Any) -> None:
    rows = Disbursement.objects.filter(application__in=found).order_by("expected_on", "pk")
    for row in rows:
        one = found[row.application_id]
        if row.state == "received":
            one.received += row.received_amount or ZERO
        elif row.state != "cancelled":
            one.awaited.append(row)
