"""When work is billed by its contract: each month or quarter, on the report, at the end."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from essaim.days import add_months, month_end
from essaim.formats import date_fr
from missions.models import Agreement

GRACE = timedelta(days=10)
Rhythm = Agreement.Rhythm
_ENDED = (Agreement.State.COMPLETED, Agreement.State.TERMINATED)
_OF = "day__mission__agreement__"


def quarter_start(on: date) -> date:
    """The first day of the quarter."""
    return add_months(on.replace(day=1), -((on.month - 1) % 3))


def due_shares(on: date) -> Case:
    """A condition over day shares: the rhythm of their agreement lets them be billed on this day.

    Past months and quarters are due whatever day they are looked at; a report once delivered;
    the end once it is past, or the agreement is over. An end without a date bills by the month,
    as does an agreement by the day whose rhythm speaks of phases.
    """
    monthly = Q(**{f"{_OF}rhythm__in": (Rhythm.MONTHLY, Rhythm.PHASE)})
    endless = Q(**{f"{_OF}rhythm": Rhythm.END, f"{_OF}ends_on": None})
    over = Q(**{f"{_OF}state__in": _ENDED})
    due = (
        ((monthly | endless) & Q(day__worked_on__lt=on.replace(day=1)))
        | Q(**{f"{_OF}rhythm": Rhythm.QUARTERLY, "day__worked_on__lt": quarter_start(on)})
        | Q(**{f"{_OF}rhythm": Rhythm.REPORT, f"{_OF}report_delivered_on__lte": on})
        | Q(**{f"{_OF}rhythm": Rhythm.END, f"{_OF}ends_on__lt": on})
        | over
    )
    return Case(When(due, then=Value(1)), default=Value(0), output_field=IntegerField())


def until_of(agreement: Agreement, on: date) -> date | None:
    """The last day worked that is due now; None where the rhythm takes all that is there."""
    if agreement.state in _ENDED or agreement.rhythm == Rhythm.REPORT:
        return None
    if agreement.rhythm == Rhythm.QUARTERLY:
        return quarter_start(on) - timedelta(days=1)
    if agreement.rhythm == Rhythm.END and agreement.ends_on is not None:
        return None
    return on.replace(day=1) - timedelta(days=1)


def next_due(agreement: Agreement, on: date) -> date | None:
    """The day on which work not due yet will be; None where nobody can say."""
    if agreement.rhythm == Rhythm.QUARTERLY:
        return add_months(quarter_start(on), 3)
    if agreement.rhythm == Rhythm.REPORT:
        return None
    if agreement.rhythm == Rhythm.END and agreement.ends_on is not None:
        return agreement.ends_on + timedelta(days=1)
    return month_end(on) + timedelta(days=1)


def later_words(agreement: Agreement, due_on: date | None) -> str:
    """« à partir du 01/12/2026 », « à la remise du rapport »."""
    if due_on is None:
        return _("on delivery of the report")
    return _("from %(day)s") % {"day": date_fr(due_on)}


def wanted_by(agreement: Agreement, first: date) -> date:
    """The day by which work begun on `first` should be billed: the rhythm's date and ten days.

    C. com. L441-16: invoices are not held back on purpose; month end where there is no rhythm.
    """
    if agreement.rhythm == Rhythm.QUARTERLY:
        return month_end(add_months(quarter_start(first), 2)) + GRACE
    if agreement.rhythm == Rhythm.REPORT and agreement.report_delivered_on is not None:
        return agreement.report_delivered_on + GRACE
    ends: tuple[Any, ...] = (Rhythm.REPORT, Rhythm.END)
    if agreement.rhythm in ends and agreement.ends_on is not None:
        return max(agreement.ends_on, month_end(first)) + GRACE
    return month_end(first) + GRACE
