"""Verbs of the invoicing room: draft, issue, credit, encash, bill a share of a grant."""

from invoicing.actions.adopting import take_over_invoice
from invoicing.actions.catalogue import add_discount, add_line, archive_item, save_item
from invoicing.actions.claims import set_pays
from invoicing.actions.clauses import (
    activate_clause,
    end_clause,
    link_funding,
    save_clause,
    unlink_funding,
)
from invoicing.actions.correcting import draft_correction, issue_correction
from invoicing.actions.crediting import draft_credit
from invoicing.actions.deposits import deduct_deposits, draft_deposit
from invoicing.actions.drafting import (
    delete_draft,
    draft_free,
    edit_draft,
    remove_line,
)
from invoicing.actions.drafting_days import draft_from_days
from invoicing.actions.envelopes import draft_from_envelope
from invoicing.actions.expenses import draft_from_expenses, take_expenses
from invoicing.actions.fees import draft_fee, draft_fixed_part, draft_reduction
from invoicing.actions.issuing import issue, render_pending
from invoicing.actions.lateness import cancel_claim, claim_interest, settle_claim, waive_interest
from invoicing.actions.memberships import draft_membership_call, draft_membership_calls
from invoicing.actions.paying import allocate, record_payment, reverse_payment
from invoicing.actions.plans import move_plan, propose_plan
from invoicing.actions.recurring import (
    draft_again,
    draft_recurring,
    save_recurring,
    suspend_recurring,
)
from invoicing.actions.report_models import (
    archive_report_model,
    save_report_model,
    set_flat_rate,
)
from invoicing.actions.report_moves import (
    accept_report,
    cancel_report,
    redo_report,
    send_back_report,
    send_report,
)
from invoicing.actions.reports import (
    add_shares,
    choose_shares,
    keep_shares,
    lay_out,
    make_report,
    refresh_report,
)
from invoicing.actions.terms import (
    acknowledge_antifraud,
    close_dispute,
    open_dispute,
    plan_schedule,
)

__all__ = [
    "accept_report",
    "acknowledge_antifraud",
    "activate_clause",
    "add_discount",
    "add_line",
    "add_shares",
    "allocate",
    "archive_item",
    "archive_report_model",
    "cancel_claim",
    "cancel_report",
    "choose_shares",
    "claim_interest",
    "close_dispute",
    "deduct_deposits",
    "delete_draft",
    "draft_again",
    "draft_correction",
    "draft_credit",
    "draft_deposit",
    "draft_fee",
    "draft_fixed_part",
    "draft_free",
    "draft_from_days",
    "draft_from_envelope",
    "draft_from_expenses",
    "draft_membership_call",
    "draft_membership_calls",
    "draft_recurring",
    "draft_reduction",
    "edit_draft",
    "end_clause",
    "issue",
    "issue_correction",
    "keep_shares",
    "lay_out",
    "link_funding",
    "make_report",
    "move_plan",
    "open_dispute",
    "plan_schedule",
    "propose_plan",
    "record_payment",
    "redo_report",
    "refresh_report",
    "remove_line",
    "render_pending",
    "reverse_payment",
    "save_clause",
    "save_item",
    "save_recurring",
    "save_report_model",
    "send_back_report",
    "send_report",
    "set_flat_rate",
    "set_pays",
    "settle_claim",
    "suspend_recurring",
    "take_expenses",
    "take_over_invoice",
    "unlink_funding",
    "waive_interest",
]
