"""What files answer to the ground: guards of their moves, amendments, frozen budgets, reminders."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from essaim import hooks
from essaim.hooks import FrozenTable, WorkReason
from essaim.reasons import days_of
from grants.actions.budgets import freeze_budget
from grants.actions.episodes import need_amendments
from grants.guards_file import (
    AFTER,
    AT_DEPOSIT,
    MOVED,
    below_de_minimis,
    in_order,
    later_committee,
    pieces_of,
)
from grants.models import AmendmentNeed, GrantApplication, PieceStep
from grants.states import TO_SUBMIT, ApplicationState

_FILE = "grants.GrantApplication"

for _edge in (*MOVED, *AFTER):
    hooks.guards.register((_FILE, _edge))(in_order(_edge))
for _guard in AT_DEPOSIT:
    hooks.guards.register((_FILE, "deposit"))(_guard)
hooks.guards.register((_FILE, "to_committee"))(later_committee)
hooks.guards.register((_FILE, "award"))(below_de_minimis)
hooks.guards.register((_FILE, "declare_complete"))(pieces_of(PieceStep.COMPLETENESS))
hooks.guards.register((_FILE, "agree"))(pieces_of(PieceStep.AGREEMENT))
hooks.guards.register((_FILE, "report"))(pieces_of(PieceStep.REPORT))
hooks.guards.register(("grants.Disbursement", "claim"))(pieces_of(PieceStep.CLAIM))

# What was deposited stays what was deposited.
hooks.frozen_tables.register(FrozenTable("grants.BudgetVersion", update="1=1", delete="1=1"))


@hooks.reactions.register(f"{_FILE}.deposit")
def keep_the_budget(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """The budget as deposited, whatever becomes of its lines."""
    version = freeze_budget(obj, on=data.dated, at=at)
    return {"budget_version": version.pk} if version else None


@hooks.reactions.register("crm.Coop.declare_parallel_entity")
def amendments_of_a_second_entity(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A second legal entity beside the first: each open grant needs an amendment.

    A transformation keeps the legal person, so its event raises nothing.
    """
    made = need_amendments(obj, organisation=data.organisation, since=data.since, on=on)
    return {"amendments": [need.application_id for need in made]} if made else None


# -- what needs somebody today ------------------------------------------------------------------


@hooks.work_reasons.register
def pieces_missing(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Files of mine that the funder calls incomplete, or to deposit soon, and lack pieces."""
    if not user.has_perm("grants.change_application"):
        return []
    soon = Q(
        state__in=TO_SUBMIT,
        call__deadline__date__lte=on + timedelta(days=days_of("pieces_missing")),
    )
    asked = soon | Q(state=ApplicationState.INCOMPLETE)
    lacking = Q(pieces__is_required=True, pieces__state__in=("missing", "refused"))
    at_step = Q(state=ApplicationState.INCOMPLETE) | Q(pieces__step=PieceStep.DEPOSIT)
    rows = (
        GrantApplication.objects.visible_to(user)
        .filter(asked, owner=user)
        .annotate(lacking=Count("pieces", filter=lacking & at_step))
        .filter(lacking__gt=0)
        .select_related("call", "applicant")
        .order_by("call__deadline", "pk")
    )
    return [
        WorkReason(
            code="pieces_missing",
            title=ngettext(
                "%(count)s piece missing: %(title)s",
                "%(count)s pieces missing: %(title)s",
                row.lacking,
            )
            % {"count": row.lacking, "title": row.title},
            url=f"{row.get_absolute_url()}#pieces",
            due_on=localdate(row.call.deadline) if row.call and row.call.deadline else None,
            tone="warn",
            detail=str(row.applicant),
            order=22,
        )
        for row in rows[:limit]
    ]


@hooks.work_reasons.register
def amendments_to_ask(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Grants of mine whose agreement has to name the new entity."""
    if not user.has_perm("grants.change_application"):
        return []
    rows = AmendmentNeed.objects.visible_to(user).filter(settled_on=None, application__owner=user)
    rows = rows.select_related("application__applicant", "organisation").order_by("raised_on", "pk")
    return [
        WorkReason(
            code="amendment_needed",
            title=_("Amendment to ask for: %(title)s") % {"title": need.application.title},
            url=need.get_absolute_url(),
            tone="warn",
            detail=str(need.organisation or need.application.applicant),
            order=24,
        )
        for need in rows[:limit]
    ]
