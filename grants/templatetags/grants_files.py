"""Parts of a file's page: pieces, budget, episodes, amendments, de minimis."""

from itertools import groupby
from typing import Any

from django import template
from django.urls import reverse

from essaim.workflow import edges
from grants import aids, budgets
from grants.models import GrantApplication, PieceStep

register = template.Library()
_RIGHT = "grants.change_application"


def _part(context: Any, a: GrantApplication, **more: Any) -> dict[str, Any]:
    user = context["user"]
    told = {"a": a, "user": user, "may_change": user.has_perm(_RIGHT)}
    return {**told, "today": context.get("today"), "request": context.get("request"), **more}


# The move that usually comes next, shown beside the badge; the others are in a menu.
_AHEAD = {
    "missing": "make_ready",
    "refused": "make_ready",
    "ready": "send_piece",
    "sent": "accept_piece",
}


def _ways(piece: Any, user: Any) -> dict[str, tuple[str, str]]:
    """The moves this person may make: edge -> (label, address)."""
    return {
        edge.name: (edge.label, reverse("grants:piece_move", args=(piece.pk, edge.name)))
        for edge in edges(piece, user)
        if edge.allowed
    }


@register.inclusion_tag("grants/parts/pieces.html", takes_context=True)
def file_pieces(context: Any, a: GrantApplication) -> dict[str, Any]:
    """Pieces by the step that asks for them, what lacks first said in the title."""
    rows = list(a.pieces.select_related("evidence"))
    for row in rows:
        row.application = a
        ways = _ways(row, context["user"])
        row.next = ways.pop(_AHEAD.get(row.state, ""), None)
        row.ways = list(ways.values())
    order = list(PieceStep.values)
    rows.sort(key=lambda row: (order.index(row.step), row.position, row.pk))
    steps = [
        (PieceStep(step).label, list(group)) for step, group in groupby(rows, key=lambda r: r.step)
    ]
    lacking = sum(row.is_lacking for row in rows)
    return _part(context, a, steps=steps, lacking=lacking, count=len(rows))


@register.inclusion_tag("grants/parts/budget.html", takes_context=True)
def file_budget(context: Any, a: GrantApplication, co_funders: Any = None) -> dict[str, Any]:
    """The balance of the budget, and what was deposited of it."""
    lines = list(a.budget_lines.all())
    rows = budgets.rows_of(a, lines, co_funders)
    balance = budgets.balance(a, rows)
    return _part(
        context,
        a,
        lines=lines,
        balance=balance,
        off=budgets.off_words(balance, a) if lines else [],
        version=a.budget_versions.first(),
    )


@register.inclusion_tag("grants/parts/episodes.html", takes_context=True)
def file_episodes(context: Any, a: GrantApplication) -> dict[str, Any]:
    return _part(context, a, episodes=list(a.episodes.all()))


@register.inclusion_tag("grants/parts/amendments.html", takes_context=True)
def file_amendments(context: Any, a: GrantApplication) -> dict[str, Any]:
    rows = list(a.amendment_needs.select_related("organisation", "settled_by"))
    return _part(context, a, needs=rows)


@register.inclusion_tag("grants/parts/de_minimis.html", takes_context=True)
def file_de_minimis(context: Any, a: GrantApplication) -> dict[str, Any]:
    """Where the applicant stands below the ceiling; only for a de minimis aid."""
    if not a.programme.is_de_minimis:
        return {"is_shown": False}
    found = aids.counter(a.applicant, on=context["today"])
    return _part(context, a, is_shown=True, counter=found)
