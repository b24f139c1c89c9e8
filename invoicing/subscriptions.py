"""What a subscription drafts next: its periods, its price, and the members it counts."""

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
    done = set(row.drafts.values_list("period_from", flat=True))
    since = row.resumed_on or row.starts_on
    return [p for p in found if p.first not in done and p.first >= since]


def count_for(row: Recurring, period: Period, *, on: date) -> MemberCount | None:
    """The last count up to the first day of a period; else the first one known since."""
    counts: Any = MemberCount.objects.filter(coop=row.coop_id, as_of__lte=on)
    if row.pricing == Recurring.Pricing.ACTIVE:
        counts = counts.filter(active__isnull=False)
    before = counts.filter(as_of__lte=period.first).order_by("-as_of", "-pk").first()
    return before or counts.order_by("as_of", "pk").first()


def price_of(row: Recurring, period: Period, *, on: date) -> Priced | str:
    """The price of a period, or why there is none yet."""
    if row.pricing == Recurring.Pricing.FIXED:
        return Priced(row.price or Decimal(0))
    count = count_for(row, period, on=on)
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
