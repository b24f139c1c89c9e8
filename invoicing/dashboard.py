"""What the dashboard of the office reads across rooms: deadlines of a month, days by month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum
from django.utils.translation import pgettext

from essaim import agenda
from essaim.charts import Chart, stacked
from essaim.days import add_months, month_end, month_start
from essaim.formats import NBSP, plain_number
from essaim.hooks import DueDate
from essaim.models import User
from essaim.money import ZERO, cents
from invoicing.figures import shares_between
from missions.codes import Nature

MONTHS: Final = 12
AHEAD: Final = 30
MOST: Final = 12
# What stands as a colour of its own in the drawing; the rest is drawn together.
DRAWN: Final = (Nature.BILLED, Nature.COVERED, Nature.GIVEN)


def deadlines(user: User, *, on: date) -> list[DueDate]:
    """The soonest dates of the agenda, what is owed since last month first; tasks are elsewhere.

    What merely happened, an opening for one, is no date of the coming month.
    """
    span = timedelta(days=AHEAD)
    found = agenda.gather(user, first=on - span, last=on + span)
    ahead = (due for due in found if due.is_owed or due.day >= on)
    return [due for due in ahead if due.kind != "task"][:MOST]


# -- days by month -----------------------------------------------------------------------------


@dataclass(slots=True)
class MonthOfDays:
    """Validated days of one month by nature, and the net amount of what is billed of them."""

    first: date
    days: dict[str, Decimal] = field(default_factory=dict)
    billed: Decimal = ZERO
    covered: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return sum(self.days.values(), Decimal(0))

    def of(self, *natures: str) -> Decimal:
        return sum((self.days.get(nature, Decimal(0)) for nature in natures), Decimal(0))

    @property
    def cells(self) -> list[Decimal]:
        """Billed, covered, given, and all the rest."""
        return [*(self.of(nature) for nature in DRAWN), self.of(*OTHERS)]


OTHERS: Final = tuple(nature for nature in Nature if nature not in DRAWN)


def months_of_days(*, on: date) -> list[MonthOfDays]:
    """The last twelve months, this one included; one aggregate by date and nature."""
    start = add_months(month_start(on), 1 - MONTHS)
    found = {(m := add_months(start, rank)): MonthOfDays(m) for rank in range(MONTHS)}
    rows: Any = shares_between(start, month_end(on)).order_by()
    grouped = rows.values_list("day__worked_on", "nature")
    for day, nature, days, amount in grouped.annotate(d=Sum("days"), a=Sum("amount")).iterator():
        month = found[day.replace(day=1)]
        month.days[nature] = month.days.get(nature, Decimal(0)) + days
        if nature == Nature.BILLED:
            month.billed = cents(month.billed + amount)
        elif nature == Nature.COVERED:
            month.covered = cents(month.covered + amount)
    return list(found.values())


KINDS: Final = ("full", "hatched", "dotted", "empty")


def drawn(months: Sequence[MonthOfDays]) -> Chart:
    """Stacked columns: billed, covered, given, the rest."""
    return stacked("days", [(m.first, m.cells) for m in months], KINDS, days_written)


def days_written(days: Decimal) -> str:
    unit = pgettext("days", "d")
    return f"{plain_number(days)}{NBSP}{unit}"
