"""The books' period lock: which days are closed, and the sentence that says so."""

from datetime import date

from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.workflow import Missing
from invoicing.models import PeriodLock


def closed(day: date, field: str = "period_lock") -> list[Missing]:
    """Why nothing may be recorded on this day; empty while its period is open."""
    until = PeriodLock.objects.until()
    if until is None or day > until:
        return []
    words = _(
        "The books are closed up to %(until)s: nothing is recorded on %(day)s. Date it later, or"
        " have the accountant open the period again with a reason."
    )
    return [Missing(field, words % {"until": date_fr(until), "day": date_fr(day)})]


def closed_today(day: date) -> list[Missing]:
    """Why nothing is issued today: an invoice bears the day of its issue, which is closed."""
    until = PeriodLock.objects.until()
    if until is None or day > until:
        return []
    words = _(
        "The books are closed up to %(until)s and an invoice bears the day of its issue: issue it"
        " from the day after, or have the accountant open the period again with a reason."
    )
    return [Missing("period_lock", words % {"until": date_fr(until)})]
