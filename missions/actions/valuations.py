"""Verbs on the table that says what unpaid work is worth."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import record
from essaim.writing import put, refuse
from missions.actions.common import keep
from missions.codes import Nature
from missions.models import Valuation

FIELDS = ("nature", "unit", "value", "hours_per_day", "effective_from", "method", "source")


def _judge(row: Valuation) -> None:
    if row.nature not in (Nature.GIVEN, Nature.VOLUNTEER):
        refuse("nature", _("Only days given and volunteer work are valued here."))
    if row.nature == Nature.VOLUNTEER and row.unit != Valuation.Unit.HOUR:
        text = _("Volunteer work is worth an hourly value, never the sale price of a day.")
        refuse("unit", text)
    if row.value <= 0:
        refuse("value", _("The amount is more than zero."))
    if not 0 < row.hours_per_day <= 24:
        refuse("hours_per_day", _("A day has between 0 and 24 hours."))
    same = Valuation.objects.filter(nature=row.nature, effective_from=row.effective_from)
    if same.exclude(pk=row.pk).exists():
        refuse("effective_from", _("A value of this nature already starts on this day."))


def note_valuation(*, by: User, on: date, at: datetime, **facts: Any) -> Valuation:
    """Say what a nature is worth from a day on; what was said before stays. Raises Refused."""
    row = Valuation()
    put(row, facts, FIELDS)
    _judge(row)
    with transaction.atomic():
        keep(row)
        codes = {"nature": row.nature, "value": str(row.value), "unit": row.unit}
        record(row, "note", by=by, on=on, at=at, codes=codes)
    return row


def edit_valuation(
    valuation: Valuation, *, by: User, on: date, at: datetime, **changes: Any
) -> Valuation:
    """Mend the words, the source or the figure of a row. Raises Refused."""
    with transaction.atomic():
        changed = put(valuation, changes, FIELDS)
        _judge(valuation)
        keep(valuation)
        if changed:
            record(valuation, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return valuation
