"""Panels of the grants room for pages of other rooms."""

from typing import Any

from django import template
from django.db.models import Exists, OuterRef

from essaim.money import ZERO, add_up
from grants.models import AmendmentNeed, GrantApplication

register = template.Library()
SHOWN = 8


@register.inclusion_tag("grants/_panel.html", takes_context=True)
def grants_panel(context: Any, coop: Any) -> dict[str, Any]:
    """The coop's applications with what was paid and what is awaited; nothing for who may not."""
    user = context["user"]
    if not user.has_perm("grants.view_application"):
        return {"is_shown": False}
    rows = GrantApplication.objects.visible_to(user).filter(coop=coop)
    asked = AmendmentNeed.objects.open().filter(application=OuterRef("pk"))
    rows = rows.select_related("programme__funder").prefetch_related("disbursements")
    rows = rows.annotate(needs_amendment=Exists(asked))
    found = list(rows[: SHOWN + 1])
    return {
        "is_shown": True,
        "coop": coop,
        "user": user,
        "applications": [(row, *_paid_and_awaited(row)) for row in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "may_add": user.has_perm("grants.change_application"),
    }


def _paid_and_awaited(application: GrantApplication) -> tuple[Any, Any]:
    rows = list(application.disbursements.all())
    paid = add_up(row.received_amount or ZERO for row in rows)
    return paid, add_up(row.expected_amount for row in rows if row.is_expected)
