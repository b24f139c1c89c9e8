"""Payments and deadlines on the page of an application; how it pays on a programme's."""

from typing import Any

from django import template
from django.db.models import prefetch_related_objects

from grants.actions.schedules import left_to_plan
from grants.deadlines import HAPPENING, next_of, report_due
from grants.models import GrantApplication, PaymentTerms, Programme
from grants.states import ApplicationState

register = template.Library()
_AMENDABLE = (ApplicationState.AGREED, ApplicationState.RUNNING, ApplicationState.REPORTED)


@register.inclusion_tag("grants/_payments.html", takes_context=True)
def payments_card(context: Any) -> dict[str, Any]:
    """The plan of payments of the page's application, each with its pieces and its moves."""
    user, application = context["user"], context["object"]
    rows = context["disbursements"]
    prefetch_related_objects(rows, "claim_pieces")
    may_plan = context["may_plan"]
    return {
        "request": context["request"],
        "user": user,
        "today": context.get("today"),
        "object": application,
        "disbursements": rows,
        "may_plan": may_plan,
        "left": left_to_plan(application) if may_plan and application.is_granted else 0,
        "may_answer": user.has_perm("grants.receive_disbursement"),
        "may_amend": application.state in _AMENDABLE and user.has_perm("grants.move_application"),
    }


@register.inclusion_tag("grants/_deadlines.html", takes_context=True)
def deadlines_card(context: Any, application: GrantApplication) -> dict[str, Any]:
    """What the application still asks for, in order of days."""
    return {
        "today": context.get("today"),
        "object": application,
        "deadlines": [
            (kind.label, day, kind not in HAPPENING) for kind, day in next_of(application)
        ],
        "report_by_law": report_due(application) if application.report_due_on is None else None,
        "may_change": context["user"].has_perm("grants.change_application"),
    }


@register.inclusion_tag("grants/_terms.html", takes_context=True)
def terms_card(context: Any, programme: Programme) -> dict[str, Any]:
    """How a programme pays."""
    terms = PaymentTerms.objects.filter(programme=programme).prefetch_related("steps").first()
    return {
        "object": programme,
        "terms": terms,
        "steps": list(terms.steps.all()) if terms else [],
        "may_change": context["user"].has_perm("grants.change_programme"),
    }
