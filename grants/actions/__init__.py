"""Verbs of the grants room: every write goes through one of these."""

from grants.actions.applications import (
    FACTS,
    agree,
    award,
    claw_back,
    create_application,
    edit_application,
    move,
    renounce,
    report,
    settle,
    withdraw,
)
from grants.actions.budgets import (
    TypedLine,
    copy_budget,
    save_budget,
)
from grants.actions.deadlines import (
    ask_treasurers,
    set_answer_dates,
    set_exercise_end,
    set_reminder_days,
    set_reminders,
)
from grants.actions.episodes import (
    edit_episode,
    open_episode,
    settle_amendment,
)
from grants.actions.funders import (
    add_co_funder,
    edit_co_funder,
    note_standing,
)
from grants.actions.pieces import (
    add_piece,
    add_piece_kind,
    archive_piece_kind,
    edit_piece_kind,
    ready_piece,
    take_programme_pieces,
)
from grants.actions.plans import (
    add_need,
    add_other_aid,
    add_resource,
    edit_need,
    edit_other_aid,
    edit_resource,
    remove_other_aid,
    remove_plan_line,
)
from grants.actions.programmes import (
    CALL_FACTS,
    archive_call,
    archive_programme,
    create_call,
    create_programme,
    edit_call,
    edit_programme,
    note_checked,
    set_recheck,
)
from grants.actions.schedules import (
    change_amount,
    plan_schedule,
    set_terms,
)
from grants.claims import (
    set_piece,
)
from grants.payments import (
    cancel as cancel_disbursement,
)
from grants.payments import (
    claim as claim_disbursement,
)
from grants.payments import (
    edit as edit_disbursement,
)
from grants.payments import (
    plan as plan_disbursement,
)
from grants.payments import (
    receive as receive_disbursement,
)
from grants.questions import (
    answer as answer_question,
)

__all__ = [
    "CALL_FACTS",
    "FACTS",
    "TypedLine",
    "add_co_funder",
    "add_need",
    "add_other_aid",
    "add_piece",
    "add_piece_kind",
    "add_resource",
    "agree",
    "answer_question",
    "archive_call",
    "archive_piece_kind",
    "archive_programme",
    "ask_treasurers",
    "award",
    "cancel_disbursement",
    "change_amount",
    "claim_disbursement",
    "claw_back",
    "copy_budget",
    "create_application",
    "create_call",
    "create_programme",
    "edit_application",
    "edit_call",
    "edit_co_funder",
    "edit_disbursement",
    "edit_episode",
    "edit_need",
    "edit_other_aid",
    "edit_piece_kind",
    "edit_programme",
    "edit_resource",
    "move",
    "note_checked",
    "note_standing",
    "open_episode",
    "plan_disbursement",
    "plan_schedule",
    "ready_piece",
    "receive_disbursement",
    "remove_other_aid",
    "remove_plan_line",
    "renounce",
    "report",
    "save_budget",
    "set_answer_dates",
    "set_exercise_end",
    "set_piece",
    "set_recheck",
    "set_reminder_days",
    "set_reminders",
    "set_terms",
    "settle",
    "settle_amendment",
    "take_programme_pieces",
    "withdraw",
]
