"""Verbs of the grants room: every write goes through one of these."""

from grants.actions.applications import (
    FACTS,
    add_co_funder,
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
from grants.actions.programmes import (
    CALL_FACTS,
    create_call,
    create_programme,
    edit_call,
    edit_programme,
)
from grants.payments import cancel as cancel_disbursement
from grants.payments import claim as claim_disbursement
from grants.payments import edit as edit_disbursement
from grants.payments import plan as plan_disbursement
from grants.payments import receive as receive_disbursement

__all__ = [
    "CALL_FACTS",
    "FACTS",
    "add_co_funder",
    "agree",
    "award",
    "cancel_disbursement",
    "claim_disbursement",
    "claw_back",
    "create_application",
    "create_call",
    "create_programme",
    "edit_application",
    "edit_call",
    "edit_disbursement",
    "edit_programme",
    "move",
    "plan_disbursement",
    "receive_disbursement",
    "renounce",
    "report",
    "settle",
    "withdraw",
]
