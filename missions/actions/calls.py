"""Verbs on the calls of a week: counted in a day by the usual verb, or dismissed."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop
from essaim.models import User
from essaim.writing import refuse
from missions.actions.days import log_day
from missions.calls import Calls, uncounted
from missions.models import CountedCall, MissionDay


def _calls(coop: Coop, week: date, by: User, on: date) -> Calls:
    """The calls as they now stand; the person's row is locked, so that a call counts once."""
    User.objects.get_queryset().select_for_update().get(pk=by.pk)
    asked = (coop.pk, week)
    found = [c for c in uncounted(by, on=on) if (c.coop.pk, c.monday) == asked]
    if not found:
        refuse("calls", _("These calls are noted already, or were dismissed."))
    return found[0]


def _count(calls: Calls, day: MissionDay | None, by: User, at: datetime) -> None:
    CountedCall.objects.bulk_create(
        CountedCall(note=note, day=day, by=by, at=at) for note in calls.notes
    )


def note_calls(
    coop: Coop, week: date, *, by: User, on: date, at: datetime, **day: Any
) -> MissionDay:
    """Note the calls of a coop in a week as a day; each call counts once.

    `day` is what `log_day` takes. Deleting the day frees its calls. Raises Refused.
    """
    with transaction.atomic():
        calls = _calls(coop, week, by, on)
        made = log_day(**day, by=by, on=on, at=at)
        _count(calls, made, by, at)
    return made


def dismiss_calls(coop: Coop, week: date, *, by: User, on: date, at: datetime) -> int:
    """Count the calls of a coop in a week nowhere; answers how many. Raises Refused."""
    with transaction.atomic():
        calls = _calls(coop, week, by, on)
        _count(calls, None, by, at)
    return len(calls.notes)
