"""What the moves of a report ask for; what reads days and shares is registered as hooks."""

from datetime import date
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from essaim.workflow import Missing

# A cost claim tells salaries: it is made by those who may read them.
_RIGHT = {"costs": "missions.change_cost_rate"}


def may_make(obj: Any, user: Any) -> bool:
    """A report is the coordinator's; a cost claim also the accountant's."""
    return bool(user.has_perm(_RIGHT.get(obj.kind, "invoicing.make_report")))


def may_cancel(obj: Any, user: Any) -> bool:
    return may_make(obj, user)


def a_day_not_ahead(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A move has a date between the report's making and today."""
    dated = getattr(data, "dated", None)
    if dated is None:
        return []
    if dated > on:
        return [Missing("dated", _("This day is ahead: note the move once it has happened."))]
    earliest = obj.sent_on or obj.first
    if dated < earliest:
        return [Missing("dated", _("This is before the report was sent, or before its period."))]
    return []


def a_reason_said(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if str(getattr(data, "why", "") or "").strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def not_the_last_word(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A report that another one corrects stands or falls with it."""
    reports = apps.get_model("invoicing.FunderReport")._default_manager
    if reports.filter(replaces=obj).exclude(state="cancelled").exists():
        return [Missing("replaced", _("Another report already corrects this one."))]
    return []
