"""What a subscription drafts next: its periods, its price, and the members it counts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import MemberCount
from invoicing import rules_recurring
from invoicing.models import Recurring
from invoicing.rules_recurring import Period, Tier
from invoicing.wording import day


@dataclass(frozen=True, slots=True)
class Priced:
    """The net price of a period, and the words printed of how it was found."""

    price: Decimal
    words: str = ""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One period still to draft, as it would be drafted now."""

    period: Period
    price: Decimal | None
    words: str
    is_due: bool


def due_of(row: Recurring, *, on: date) -> list[Period]:
    """Periods to draft by a day: begun (or over), not drafted yet, not left out by a pause."""
    found = rules_recurring.due_periods(
        row.starts_on,
        row.period,
        on=on,
        ends_on=row.ends_on,
        at_end=row.moment == Recurring.Moment.END,
    )
    done = {draft.period_from for draft in row.drafts.all()}
    since = row.resumed_on or row.starts_on
    return [p for p in found if p.first not in done and p.first >= since]


def _for_period(counts: Sequence[MemberCount], period: Period) -> MemberCount | None:
    """The last count up to the first day of a period; else the first one known since."""
    before = [count for count in counts if count.as_of <= period.first]
    return before[-1] if before else next(iter(counts), None)


def _counts(row: Recurring, *, on: date) -> list[MemberCount]:
    """What was counted of its members by a day, oldest first."""
    counts = MemberCount.objects.filter(coop=row.coop_id, as_of__lte=on)
    return _of_pricing(row, counts.order_by("as_of", "pk"))


def _of_pricing(row: Recurring, counts: Any) -> list[MemberCount]:
    by_active = row.pricing == Recurring.Pricing.ACTIVE
    return [count for count in counts if not by_active or count.active is not None]


def price_of(row: Recurring, period: Period, *, on: date) -> Priced | str:
    """The price of a period, or why there is none yet."""
    if row.pricing == Recurring.Pricing.FIXED:
        return Priced(row.price or Decimal(0))
    return _price_among(row, period, _counts(row, on=on))


def _price_among(row: Recurring, period: Period, counts: Sequence[MemberCount]) -> Priced | str:
    """The price of a period from what was counted, oldest first."""
    if row.pricing == Recurring.Pricing.FIXED:
        return Priced(row.price or Decimal(0))
    count = _for_period(counts, period)
    if count is None:
        return _("The members of %(coop)s were never counted: write a count first.") % {
            "coop": row.coop
        }
    by_active = row.pricing == Recurring.Pricing.ACTIVE
    members = int((count.active if by_active else count.registered) or 0)
    tiers = [Tier(t.up_to, t.price) for t in row.tiers.all()]
    try:
        tier = rules_recurring.tier_for(tiers, members)
    except LookupError:
        return _("No tier holds %(members)s members.") % {"members": members}
    return Priced(tier.price, _counted(count, members, tier, by_active=by_active))


def to_come(*, on: date, until: date) -> Iterator[tuple[Recurring, Period, date, Decimal]]:
    """What running subscriptions will draft by a day: which, when, at which net price.

    Members are taken as last counted; a period that has no price yet is left out. A fixed number
    of queries.
    """
    rows = Recurring.objects.filter(state=Recurring.State.ACTIVE).order_by("pk")
    rows = rows.select_related("coop__organisation", "agreement", "client")
    kept = list(rows.prefetch_related("drafts", "tiers"))
    counts: dict[int | None, list[MemberCount]] = defaultdict(list)
    known = MemberCount.objects.filter(coop__in=[r.coop_id for r in kept], as_of__lte=on)
    for count in known.order_by("as_of", "pk"):
        counts[count.coop_id].append(count)
    for row in kept:
        members = _of_pricing(row, counts[row.coop_id])
        for period in due_of(row, on=until):
            priced = _price_among(row, period, members)
            if isinstance(priced, Priced):
                day = period.last if row.moment == Recurring.Moment.END else period.first
                yield row, period, max(day, on), priced.price


def _counted(count: MemberCount, members: int, tier: Tier, *, by_active: bool) -> str:
    """« 432 adhérents inscrits au 30/09/2026 : palier jusqu’à 500 »."""
    if by_active:
        words = ngettext(
            "%(members)s active member on %(day)s", "%(members)s active members on %(day)s", members
        )
    else:
        words = ngettext(
            "%(members)s registered member on %(day)s",
            "%(members)s registered members on %(day)s",
            members,
        )
    told = words % {"members": members, "day": day(count.as_of)}
    if tier.up_to is None:
        return _("%(told)s: the last tier") % {"told": told}
    return _("%(told)s: tier up to %(most)s") % {"told": told, "most": tier.up_to}


def upcoming(row: Recurring, *, on: date, most: int = 3) -> list[Upcoming]:
    """The next periods to draft: those due now, then the following ones."""
    if row.state != Recurring.State.ACTIVE:
        return []
    periods = [(p, True) for p in due_of(row, on=on)]
    last = max([on, *(p.first for p, _due in periods)])
    while len(periods) < most:
        found = rules_recurring.next_period(
            row.starts_on, row.period, after=last, ends_on=row.ends_on
        )
        if found is None:
            break
        periods.append((found, False))
        last = found.first
    return [_shown(row, period, on=on, is_due=due) for period, due in periods]


def _shown(row: Recurring, period: Period, *, on: date, is_due: bool) -> Upcoming:
    priced = price_of(row, period, on=on)
    if isinstance(priced, str):
        return Upcoming(period, None, priced, is_due)
    return Upcoming(period, priced.price, priced.words, is_due)
