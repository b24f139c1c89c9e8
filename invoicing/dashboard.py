"""What the dashboard of the office reads across rooms: deadlines of a month, days by month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from crm.standing import reviews
from essaim.days import add_months, month_end, month_start
from essaim.models import User
from essaim.money import ZERO, cents
from grants.models import Disbursement, GrantApplication
from grants.states import ENDED, TO_SUBMIT
from invoicing.figures import shares_between
from missions.codes import Nature

MONTHS: Final = 12
AHEAD: Final = 30
MOST: Final = 12
# What stands as a colour of its own in the drawing; the rest is drawn together.
DRAWN: Final = (Nature.BILLED, Nature.COVERED, Nature.GIVEN)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One date of the next thirty days, or past and still open."""

    day: date
    what: str
    title: str
    url: str
    icon: str
    detail: str = ""


def deadlines(user: User, *, on: date) -> list[Deadline]:
    """The soonest ones over grants and pauses, late ones first; four queries, each capped."""
    found = [*_deposits(user, on), *_reports(user, on), *_payments(user, on), *_reviews(user, on)]
    return sorted(found, key=lambda d: (d.day, d.what, d.title))[:MOST]


def _within(name: str, on: date) -> dict[str, date]:
    """From a month ago, so that what was missed is still seen, to a month from now."""
    span = timedelta(days=AHEAD)
    return {f"{name}__gte": on - span, f"{name}__lte": on + span}


def _deposits(user: User, on: date) -> Iterator[Deadline]:
    rows: Any = GrantApplication.objects.visible_to(user).filter(
        state__in=TO_SUBMIT, **_within("call__deadline__date", on)
    )
    rows = rows.select_related("call", "applicant").order_by("call__deadline", "pk")
    for row in rows[:MOST]:
        day = localdate(row.call.deadline)
        url, who = row.get_absolute_url(), str(row.applicant)
        yield Deadline(day, _("Deposit"), row.title, url, "calendar-clock", who)


def _reports(user: User, on: date) -> Iterator[Deadline]:
    rows: Any = GrantApplication.objects.visible_to(user).exclude(state__in=ENDED)
    rows = rows.filter(report_sent_on=None, **_within("report_due_on", on))
    for row in rows.select_related("applicant").order_by("report_due_on", "pk")[:MOST]:
        url, who = row.get_absolute_url(), str(row.applicant)
        yield Deadline(row.report_due_on, _("Report"), row.title, url, "file-chart-column", who)


def _payments(user: User, on: date) -> Iterator[Deadline]:
    rows: Any = (
        Disbursement.objects.visible_to(user).expected().filter(**_within("expected_on", on))
    )
    rows = rows.select_related("application__applicant").order_by("expected_on", "pk")
    for row in rows[:MOST]:
        title, url = str(row.application), row.get_absolute_url()
        who = str(row.application.applicant)
        yield Deadline(row.expected_on, _("Payment of a funder"), title, url, "landmark", who)


def _reviews(user: User, on: date) -> Iterator[Deadline]:
    for row in reviews(user, on=on, days=AHEAD, limit=MOST):
        url = row.get_absolute_url()
        if row.review_on is not None:
            yield Deadline(row.review_on, _("Pause to review"), str(row.coop), url, "pause")


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


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a drawn column."""

    kind: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class DrawnMonth:
    """One column of the drawing, its parts from the bottom up."""

    month: MonthOfDays
    x: int
    middle: int
    pieces: Sequence[Piece]


BASE: Final = 120
TALLEST: Final = 110
WIDTH: Final = 44
GAP: Final = 6
KINDS: Final = ("billed", "covered", "given", "other")


def drawn(months: Sequence[MonthOfDays]) -> list[DrawnMonth]:
    """Stacked columns: billed, covered, given, the rest."""
    most = max([m.total for m in months] + [Decimal(1)])
    found = []
    for rank, month in enumerate(months):
        pieces, top = [], BASE
        for kind, days in zip(KINDS, month.cells, strict=True):
            height = int(days * TALLEST / most)
            top -= height
            if height:
                pieces.append(Piece(kind, top, height))
        x = rank * (WIDTH + GAP)
        found.append(DrawnMonth(month, x, x + WIDTH // 2, pieces))
    return found
