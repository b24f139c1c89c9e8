"""Verbs of the invoicing room: draft, issue, credit, encash, bill a share of a grant."""

from invoicing.actions.clauses import activate_clause, end_clause, link_funding, save_clause
from invoicing.actions.crediting import draft_credit
from invoicing.actions.drafting import (
    add_line,
    delete_draft,
    draft_free,
    edit_draft,
    remove_line,
)
from invoicing.actions.drafting_days import draft_from_days
from invoicing.actions.fees import draft_fee, draft_fixed_part, draft_reduction
from invoicing.actions.issuing import issue, render_pending
from invoicing.actions.paying import allocate, record_payment, reverse_payment

__all__ = [
    "activate_clause",
    "add_line",
    "allocate",
    "delete_draft",
    "draft_credit",
    "draft_fee",
    "draft_fixed_part",
    "draft_free",
    "draft_from_days",
    "draft_reduction",
    "edit_draft",
    "end_clause",
    "issue",
    "link_funding",
    "record_payment",
    "remove_line",
    "render_pending",
    "reverse_payment",
    "save_clause",
]
