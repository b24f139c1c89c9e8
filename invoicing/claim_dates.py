"""Funders that repay paid expenses only: what we bill must be paid before the claim leaves."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.workflow import Missing
from grants.deadlines import last_claims
from grants.models import GrantApplication
from grants.states import ENDED
from invoicing.models import FundingLink, Invoice


@dataclass(frozen=True, slots=True)
class Claim:
    """The last claim planned of one application, by which its expenses must be paid."""

    application: GrantApplication
    by: date


def claims_of(agreements: Collection[int]) -> Mapping[int, list[Claim]]:
    """By agreement: claims of the grants it is tied to whose funder repays paid expenses only.

    Two queries whatever the number of agreements.
    """
    found: dict[int, list[Claim]] = defaultdict(list)
    if not agreements:
        return found
    links = FundingLink.objects.filter(
        Q(agreement__in=agreements)
        | Q(funding_share__agreement__in=agreements)
        | Q(envelope__funding_shares__agreement__in=agreements),
        application__programme__paid_expenses_only=True,
    ).exclude(application__state__in=ENDED)
    related = ("application__programme", "application__applicant__exercise_end", "funding_share")
    tied: set[tuple[int, int]] = set()
    applications: dict[int, GrantApplication] = {}
    for link in links.select_related(*related).prefetch_related("envelope__funding_shares"):
        assert link.application is not None
        applications[link.application.pk] = link.application
        for agreement in _agreements_of(link):
            if agreement in agreements:
                tied.add((agreement, link.application.pk))
    days = last_claims(list(applications.values()))
    for agreement, key in sorted(tied):
        if key in days:
            found[agreement].append(Claim(applications[key], days[key]))
    return found


def _agreements_of(link: FundingLink) -> list[int]:
    if link.agreement_id is not None:
        return [link.agreement_id]
    if link.funding_share is not None:
        return [link.funding_share.agreement_id]
    shares: Any = link.envelope.funding_shares.all() if link.envelope is not None else ()
    return [share.agreement_id for share in shares]


def due_after_claims(
    invoice: Invoice, due_on: date, claims: Mapping[int, list[Claim]], *, sees: bool = True
) -> list[Missing]:
    """WARN: the client would pay us after the claim, and the funder would not repay it."""
    if invoice.agreement_id is None or invoice.is_credit_note:
        return []
    words = _(
        "“%(grant)s” repays paid expenses only and is claimed by %(claim)s; this invoice falls due"
        " on %(due)s. Bring its due date forward, or say why it is paid in time."
    )
    return [
        Missing(
            "due_after_claim_date",
            words
            % {
                "grant": claim.application if sees else _("A grant"),
                "claim": date_fr(claim.by),
                "due": date_fr(due_on),
            },
            claim.application.get_absolute_url() if sees else "",
            level="warn",
        )
        for claim in claims.get(invoice.agreement_id, ())
        if claim.application.applicant_id == invoice.client_id and due_on > claim.by
    ]


def late_for_claim(application: GrantApplication) -> tuple[date | None, list[Invoice]]:
    """The last claim of an application, and our unpaid invoices that fall due after it."""
    if not application.programme.paid_expenses_only:
        return None, []
    day = last_claims([application]).get(application.pk)
    if day is None:
        return None, []
    links = FundingLink.objects.filter(application=application)
    agreements = set()
    for link in links.select_related("funding_share").prefetch_related("envelope__funding_shares"):
        agreements.update(_agreements_of(link))
    rows = Invoice.objects.unpaid().filter(
        agreement__in=agreements, client=application.applicant_id, due_on__gt=day
    )
    return day, list(rows.order_by("due_on", "pk")[:20])
