"""What the data say of a clause before it is active: double financing, claims that close first."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from grants.deadlines import last_claims
from grants.models import Disbursement, GrantApplication
from missions.models import DayShare, FundingShare

WORK = "application_file"


def drafting_is_paid(clause: Any) -> bool:
    """The days that drafted the file are paid by an envelope or by the grant's own funder.

    What was really worked counts first: day shares of work on application files, billed to or
    covered by such a payer. Before any day, the shares of the agreement say who will pay them.
    """
    applications = list(clause.applications.select_related("programme"))
    funders = {a.programme.funder_id for a in applications}
    tied = _tied(applications)
    coops = {a.coop_id for a in applications if a.coop_id}
    here = Q(day__mission__agreement=clause.agreement_id) | Q(coop__in=coops)
    worked = DayShare.objects.current().filter(
        here, day__work=WORK, nature__in=("billed", "covered")
    )
    paying = Q(envelope__isnull=False) | Q(payer__in=funders)
    if worked.filter(paying | Q(funding_share__in=tied)).exists():
        return True
    shares = clause.agreement.shares.select_related("envelope").filter(percent__gt=0)
    promised = shares.filter(paying | Q(pk__in=tied))
    return any(_may_pay_a_file(clause.agreement, share) for share in promised)


def _tied(applications: list[GrantApplication]) -> list[int]:
    """Shares that a link says are paid from the same programme or application."""
    programmes = {a.programme_id for a in applications}
    links = Q(funding_links__application__in=applications) | Q(
        funding_links__programme__in=programmes
    )
    return list(FundingShare.objects.filter(links).values_list("pk", flat=True))


def _may_pay_a_file(agreement: Any, share: Any) -> bool:
    """Work on files is billed under the agreement, and the envelope, if any, admits it."""
    if WORK not in agreement.billable_works:
        return False
    works = share.envelope.works if share.envelope is not None else []
    return not works or WORK in works


def due_after_claim(clause: Any) -> bool:
    """A fee would fall due once the funder's claim is closed, and it repays paid expenses only."""
    related = ("programme", "applicant__exercise_end")
    rows = clause.applications.select_related(*related).filter(programme__paid_expenses_only=True)
    return any(_too_late(clause, application) for application in rows)


def _too_late(clause: Any, application: GrantApplication) -> bool:
    claimed_by = claim_date(application)
    days = timedelta(days=clause.payment_days or 0)
    if clause.base == "awarded":
        told = application.notified_on or application.decided_on or application.committee_on
        return claimed_by is not None and told is not None and told + days > claimed_by
    received = _last_reception(application)
    if claimed_by is None or received is None:
        # Paid on what is paid, by a funder that pays what was already spent: always after.
        return True
    return received + days > claimed_by


def claim_date(application: GrantApplication) -> date | None:
    """The day by which expenses must have been paid to be claimed."""
    return last_claims([application]).get(application.pk)


def _last_reception(application: GrantApplication) -> date | None:
    rows = Disbursement.objects.filter(application=application).exclude(state="cancelled")
    found = [r.received_on or r.expected_on for r in rows]
    known = [day for day in found if day is not None]
    return max(known) if known and len(known) == len(found) else None
