"""Subsidy-share clauses and the links between our work and grants."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, perform, record
from grants.models import GrantApplication, Programme
from invoicing.models import FundingLink, SubsidyShareClause
from missions.models import Agreement, Envelope, FundingShare

FIELDS = (
    "rate", "base", "fixed_part", "fixed_part_is", "cap", "floor", "tail_months", "on_reduction",
    "on_withdrawal", "payment_days", "covers_donations_why",
)  # fmt: skip


@transaction.atomic
def save_clause(
    *,
    agreement: Agreement,
    applications: Iterable[GrantApplication],
    by: User,
    on: date,
    at: datetime,
    clause: SubsidyShareClause | None = None,
    **facts: Any,
) -> SubsidyShareClause:
    """Write a draft clause; an active one is never changed."""
    if clause is not None:
        clause = SubsidyShareClause.objects.select_for_update(of=("self",)).get(pk=clause.pk)
        if clause.state != SubsidyShareClause.State.DRAFT:
            raise Refused(
                [Missing("state", _("An active clause is not changed: end it and write another."))]
            )
    rows = list(applications)
    foreign = [a for a in rows if agreement.coop_id and a.coop_id != agreement.coop_id]
    if foreign:
        raise Refused([Missing("applications", _("A grant covered is another coop's."))])
    clause = clause or SubsidyShareClause(agreement=agreement)
    for name in FIELDS:
        if name in facts:
            setattr(clause, name, facts[name])
    clause.save()
    clause.applications.set(rows)
    record(clause, "save", by=by, on=on, at=at, codes={"applications": [a.pk for a in rows]})
    return clause


@transaction.atomic
def activate_clause(
    *,
    clause: SubsidyShareClause,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> SubsidyShareClause:
    """Activate a complete clause; warnings pass with a sentence each."""
    perform(clause, "activate", by=by, on=on, at=at, reasons=reasons or {})
    return clause


@transaction.atomic
def end_clause(
    *, clause: SubsidyShareClause, by: User, on: date, at: datetime
) -> SubsidyShareClause:
    """End a clause: no more fees from it."""
    perform(clause, "end", by=by, on=on, at=at)
    return clause


@transaction.atomic
def link_funding(
    *,
    by: User,
    on: date,
    at: datetime,
    agreement: Agreement | None = None,
    funding_share: FundingShare | None = None,
    envelope: Envelope | None = None,
    programme: Programme | None = None,
    application: GrantApplication | None = None,
) -> FundingLink:
    """Say that an agreement, a share or an envelope is paid from a programme or an application."""
    sources = [s for s in (agreement, funding_share, envelope) if s is not None]
    if len(sources) != 1 or (programme is None and application is None):
        raise Refused([Missing("link", _("A link starts from one thing and leads to a grant."))])
    link, _made = FundingLink.objects.get_or_create(
        agreement=agreement,
        funding_share=funding_share,
        envelope=envelope,
        programme=programme,
        application=application,
    )
    record(link, "link", by=by, on=on, at=at)
    return link


@transaction.atomic
def unlink_funding(link: FundingLink, *, by: User, on: date, at: datetime) -> None:
    """Untie a funding; what was sent to a funder keeps what it told."""
    codes = {
        name: getattr(link, f"{name}_id")
        for name in ("agreement", "funding_share", "envelope", "programme", "application")
        if getattr(link, f"{name}_id") is not None
    }
    record(link, "unlink", by=by, on=on, at=at, codes=codes)
    link.delete()
