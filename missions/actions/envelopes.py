"""Verbs on envelopes: a payer's quota of days across coops."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import record
from essaim.writing import put, refuse
from missions.actions.common import keep
from missions.models import Envelope

FIELDS = (
    "payer",
    "reference",
    "starts_on",
    "ends_on",
    "basis",
    "quota_days",
    "quota_coops",
    "cap_days_per_coop",
    "value_per_day",
    "value_is",
    "engagement_number",
    "departments",
    "stages",
    "works",
    "report_due_on",
)
# What days already drawn were counted with.
SETTLED = frozenset({"payer", "basis", "value_is"})


def _judge(envelope: Envelope) -> None:
    for name in ("quota_days", "value_per_day", "cap_days_per_coop"):
        if (getattr(envelope, name) or 0) < 0:
            refuse(name, _("A number of days or an amount is not negative."))


def create_envelope(*, by: User, on: date, at: datetime, **fields: Any) -> Envelope:
    """Open a payer's envelope. Raises Refused with one entry per wrong field."""
    with transaction.atomic():
        envelope = Envelope()
        put(envelope, fields, FIELDS)
        _judge(envelope)
        keep(envelope)
        record(envelope, "create", by=by, on=on, at=at)
    return envelope


def edit_envelope(
    envelope: Envelope, *, by: User, on: date, at: datetime, **changes: Any
) -> Envelope:
    """Change an envelope; its payer and basis stay once a day has drawn on it. Raises Refused."""
    with transaction.atomic():
        envelope.refresh_from_db()
        changed = put(envelope, changes, FIELDS)
        if SETTLED.intersection(changed) and envelope.day_shares.exists():
            refuse("payer", _("Days were already drawn on it: its payer and basis stay."))
        _judge(envelope)
        keep(envelope)
        if changed:
            record(envelope, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return envelope
