"""Verbs on what people's work costs: few may read it, its trail holds no amount."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import record
from essaim.writing import put, refuse
from missions.actions.common import keep
from missions.models import CostRate

FIELDS = ("person", "since", "yearly_cost", "yearly_hours", "source")


def _judge(row: CostRate) -> None:
    if row.yearly_cost <= 0:
        refuse("yearly_cost", _("The amount is more than zero."))
    if not 0 < row.yearly_hours <= 3000:
        refuse("yearly_hours", _("A year has between 0 and 3,000 hours of work."))
    same = CostRate.objects.filter(person=row.person, since=row.since)
    if same.exclude(pk=row.pk).exists():
        refuse("since", _("A cost of this person already starts on this day."))


def note_cost_rate(*, by: User, on: date, at: datetime, **facts: Any) -> CostRate:
    """Say what a person's work costs from a day on; what was said before stays. Raises Refused."""
    row = CostRate()
    put(row, facts, FIELDS)
    _judge(row)
    with transaction.atomic():
        keep(row)
        record(row, "note", by=by, on=on, at=at, codes={"person": row.person_id})
    return row


def edit_cost_rate(rate: CostRate, *, by: User, on: date, at: datetime, **changes: Any) -> CostRate:
    """Mend a cost; claims already sent keep the figures they had. Raises Refused."""
    with transaction.atomic():
        changed = put(rate, changes, FIELDS)
        _judge(rate)
        keep(rate)
        if changed:
            record(rate, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return rate
