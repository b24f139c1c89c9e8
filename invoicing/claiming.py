"""What a cost claim reads: time on the operation, all time worked, pay, and the timesheets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from essaim.days import half_up_quantity, month_end, month_start
from essaim.formats import plain_number
from essaim.models import User
from invoicing.models import ClaimMonth, FlatRate, FunderReport, ReportedShare
from invoicing.reporting import links_of
from invoicing.rules_claims import Claim, Difference, Key, Month, monthly_pay, price, reconcile
from missions.models import Agreement, CostRate, DayShare, Envelope, MissionDay, Timesheet

NO_DAYS = Decimal(0)


def usual_flat_rate() -> Decimal:
    """What is added to salaries where a programme says nothing (%)."""
    row = FlatRate.objects.first()
    return Decimal(row.percent if row is not None else FlatRate().percent)


def flat_rate_of(of: Any) -> Decimal:
    """The flat rate of a programme, of an application's programme, else the usual one (%)."""
    own = getattr(getattr(of, "programme", of), "flat_rate", None)
    return Decimal(own) if own is not None else usual_flat_rate()


def pays_of(people: Iterable[int], until: date) -> dict[int, list[CostRate]]:
    """Dated costs of people, the newest first; one query."""
    found: defaultdict[int, list[CostRate]] = defaultdict(list)
    rows = CostRate.objects.filter(person__in=list(people), since__lte=until)
    for row in rows.order_by("-since"):
        found[row.person_id].append(row)
    return found


def pay_of(rates: Iterable[CostRate], month: date) -> Decimal | None:
    """A twelfth of the yearly cost in force in a month; None when nobody said one."""
    last = month_end(month)
    rate = next((one for one in rates if one.since <= last), None)
    return monthly_pay(rate.yearly_cost, month.month) if rate is not None else None


def _by_month(rows: Any) -> dict[Key, Decimal]:
    """(person, month) -> days, of a queryset of mission days; one query."""
    grouped = (
        rows.order_by()
        .annotate(month=TruncMonth("worked_on"))
        .values_list("consultant", "month")
        .annotate(days=Sum("quantity"))
    )
    return {(who, month): half_up_quantity(Decimal(days)) for who, month, days in grouped}


def _worked(first: date, last: date) -> Any:
    """What people really worked, volunteer time left out; leave is never logged."""
    return MissionDay.objects.real().filter(worked_on__range=(first, last), is_volunteer=False)


def claimed_times(report: FunderReport) -> dict[Key, Decimal]:
    """Days reserved by a claim, per person and month; one query."""
    found: defaultdict[Key, Decimal] = defaultdict(Decimal)
    rows = ReportedShare.objects.filter(report=report).values_list(
        "share__day__consultant", "share__day__worked_on", "days"
    )
    for person, day, days in rows:
        found[person, month_start(day)] += days
    return dict(found)


def months_of(report: FunderReport, typed: Mapping[Key, Decimal] | None = None) -> list[Month]:
    """The months of a claim as days and costs now say them; `typed` pays win over the table."""
    times = claimed_times(report)
    if not times:
        return []
    first, last = month_start(report.first), month_end(report.last)
    people = {person for person, _month in times}
    totals = _by_month(_worked(first, last).filter(consultant__in=people))
    rates = pays_of(people, last)
    said = typed or {}
    return [
        Month(
            person=person,
            month=month,
            pay=said.get((person, month), pay_of(rates.get(person, ()), month)),
            operation=days,
            total=totals.get((person, month), NO_DAYS),
        )
        for (person, month), days in sorted(times.items(), key=lambda t: (t[0][1], t[0][0]))
    ]


def claim_of(report: FunderReport) -> tuple[Claim, list[ClaimMonth]]:
    """The claim as its kept months say it, in the order they were priced."""
    kept = ClaimMonth.objects.filter(report=report).order_by("month", "person_id")
    rows = list(kept.select_related("person"))
    months = [Month(r.person_id, r.month, r.salary, r.operation, r.total) for r in rows]
    return price(months, report.flat_rate or Decimal(0)), rows


# -- does the time add up? --------------------------------------------------------------------
def _missions(report: FunderReport) -> Any:
    """The missions of the operation: those its funding leads to, and those it already claims."""
    of = report.of
    if isinstance(of, Envelope):
        agreements = Agreement.objects.filter(shares__envelope=of)
    else:
        links = links_of(of)
        agreements = Agreement.objects.filter(funding_links__in=links)
        agreements |= Agreement.objects.filter(shares__funding_links__in=links)
        agreements |= Agreement.objects.filter(shares__envelope__funding_links__in=links)
    held = ReportedShare.objects.filter(report=report).values("share__day__mission")
    keys = set(agreements.values_list("missions", flat=True)) | {
        row["share__day__mission"] for row in held
    }
    return {key for key in keys if key is not None}


def differences(report: FunderReport) -> list[Difference]:
    """Where time claimed and time paid elsewhere miss what the timesheets print."""
    days = _worked(report.first, report.last).filter(mission__in=_missions(report))
    mine = ReportedShare.objects.filter(report=report).values("share")
    others = (
        DayShare.objects.current()
        .filter(day__in=days, day__state__in=("validated", "billed"))
        .exclude(pk__in=mine)
        .values_list("day__consultant", "day__worked_on", "days")
    )
    elsewhere: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for person, day, part in others:
        elsewhere[person, month_start(day)] += part
    return reconcile(claimed_times(report), elsewhere, _by_month(days))


def stale_months(report: FunderReport) -> list[ClaimMonth]:
    """Kept months whose time is no longer what the days say: the claim wants to be refreshed."""
    now = {month.key: month for month in months_of(report)}
    rows = list(ClaimMonth.objects.filter(report=report).select_related("person"))
    held = {(row.person_id, row.month) for row in rows}
    off = [
        row
        for row in rows
        if (found := now.get((row.person_id, row.month))) is None
        or (found.operation, found.total) != (row.operation, row.total)
    ]
    return off if held == set(now) or off else rows[:1]


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A month whose timesheet is not signed, or has changed since."""

    person: User
    month: date
    has_changed: bool

    @property
    def words(self) -> str:
        said = {"month": f"{self.month:%m/%Y}", "person": self.person}
        if self.has_changed:
            return _("%(month)s, %(person)s: days changed since the timesheet was signed.") % said
        return _("%(month)s, %(person)s: the timesheet is not signed.") % said


def unsigned(report: FunderReport) -> list[Unsigned]:
    """The timesheets that lack a signature for the months claimed; three queries."""
    times = claimed_times(report)
    if not times:
        return []
    people = User.objects.in_bulk({person for person, _month in times})
    last: dict[Key, Timesheet] = {}
    rows = Timesheet.objects.filter(
        month__in={month for _p, month in times}, consultant__in=people, coop=None
    )
    for row in rows.order_by("pk"):
        last[row.consultant_id or 0, row.month] = row
    first, until = month_start(report.first), month_end(report.last)
    worked = MissionDay.objects.real().filter(
        worked_on__range=(first, until), consultant__in=people
    )
    printed = _by_month(worked)
    found = []
    for person, month in sorted(times, key=lambda k: (k[1], k[0])):
        sheet = last.get((person, month))
        if sheet is None or sheet.days != printed.get((person, month), NO_DAYS):
            found.append(Unsigned(people[person], month, sheet is not None))
    return found


def told_gap(one: Difference) -> str:
    """A difference in words; one query."""
    person, month = one.key
    words = _(
        "%(month)s, %(person)s: %(sheet)s d on the timesheets, %(claimed)s d claimed,"
        " %(elsewhere)s d paid otherwise: %(gap)s d are not accounted for."
    )
    return words % {
        "month": f"{month:%m/%Y}",
        "person": User.objects.get(pk=person),
        "sheet": plain_number(one.sheet),
        "claimed": plain_number(one.claimed),
        "elsewhere": plain_number(one.elsewhere),
        "gap": plain_number(one.gap),
    }
