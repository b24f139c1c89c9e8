"""Panels of time to pay on the page of an invoice, and its notes before issue."""

from typing import Any

from django import template
from django.utils import timezone

from invoicing.actions.terms import antifraud_asked, open_dispute_of
from invoicing.lateness import aged_rates, bears_interest, claims_left, standing_of
from invoicing.models import RepaymentPlan
from invoicing.rules_schedule import cover
from invoicing.scheduling import latest_due, schedule_for

register = template.Library()


@register.inclusion_tag("invoicing/parts/terms.html", takes_context=True)
def terms_panel(context: Any, invoice: Any) -> dict[str, Any]:
    """Schedule with what is covered, dispute, repayment plans and late interest."""
    today = context.get("today") or timezone.localdate()
    user = context["user"]
    parts = schedule_for(invoice, today)
    shared = {
        "invoice": invoice,
        "today": today,
        "user": user,
        "may_write": user.has_perm("invoicing.change_terms"),
        "may_draft": user.has_perm("invoicing.draft_invoice"),
    }
    if invoice.is_credit_note:
        return shared | {"is_nothing": True}
    if not invoice.is_issued:
        planned = list(invoice.planned.all())
        return shared | {"parts": parts if planned else (), "latest": latest_due(invoice, today)}
    return shared | _issued(invoice, parts, today)


def _issued(invoice: Any, parts: Any, today: Any) -> dict[str, Any]:
    covered = cover(parts, invoice.allocated)
    late = standing_of(invoice, today) if bears_interest(invoice) else None
    rows = late.rows if late else ()
    left = claims_left(rows)
    return {
        "covered": [(part, part.is_late(today)) for part in covered],
        "is_owed": invoice.left > 0,
        "dispute": open_dispute_of(invoice),
        "disputes": list(invoice.disputes.select_related("closing").filter(opening=None)),
        "plans": list(invoice.repayment_plans.all()),
        "open_plan": invoice.repayment_plans.filter(
            state__in=(RepaymentPlan.State.PROPOSED, RepaymentPlan.State.SIGNED)
        ).first(),
        "late": late,
        "claims": [(row, left.get(row.pk), left.get(row.pk) == row.total) for row in rows],
        "aged": aged_rates(today) if late and late.computed.spans else (),
    }


@register.inclusion_tag("invoicing/parts/issue_notes.html", takes_context=True)
def issue_notes(context: Any, invoice: Any) -> dict[str, Any]:
    """Before the issue: its schedule, rates of the law that have aged, a client in no register."""
    today = context.get("today") or timezone.localdate()
    parts = () if invoice.is_credit_note else schedule_for(invoice, today)
    printed = not invoice.is_credit_note and bears_penalties(invoice)
    return {
        "parts": parts if len(parts) > 1 else (),
        "basis": invoice.term_basis,
        "aged": aged_rates(today) if printed else (),
        "unregistered": invoice.client if printed and is_unregistered(invoice.client) else None,
    }


def bears_penalties(invoice: Any) -> bool:
    """Whether the document prints a penalty rate."""
    return invoice.client.client_kind != "consumer" and invoice.kind != "membership_call"


def is_unregistered(client: Any) -> bool:
    """A group without legal personality is natural persons: L441-10 does not bear on it."""
    is_french = client.country in ("", "FR") and client.client_kind == "professional"
    return is_french and not client.has_legal_personality and not client.siret


@register.inclusion_tag("invoicing/parts/antifraud_banner.html", takes_context=True)
def antifraud_banner(context: Any, client: Any) -> dict[str, Any]:
    """On the payment form: this private customer's payments wait for the notice."""
    today = context.get("today") or timezone.localdate()
    asked = client is not None and antifraud_asked(client, today) is not None
    return {"asked": asked, "may_write": context["user"].has_perm("invoicing.change_terms")}


@register.inclusion_tag("invoicing/parts/planner_link.html", takes_context=True)
def planner_link(context: Any, agreement: Any) -> dict[str, Any]:
    """From an agreement to the plans that give its client time, until it is over."""
    may = context["user"].has_perm("invoicing.use_planner")
    over = agreement.state in ("completed", "terminated")
    return {"agreement": agreement, "shown": may and not over}
