"""Days that use a budget or an envelope, counted in one query for many rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, Q, Sum

from missions.codes import Arbitration
from missions.models import Agreement, DayShare, Envelope, MissionDay
from missions.rules import is_billable, pair_counts

OUTSIDE_BUDGET = (Arbitration.OFFERED, Arbitration.OTHER_PAYER)


def days_used(agreements: Iterable[Agreement], without: Collection[int] = ()) -> dict[int, Decimal]:
    """Days of budget used per agreement: what was worked, decided or not, one query; and what
    the earlier tool had counted before the agreement was taken over.

    Left out: proposals, volunteer days, days offered or paid by another by arbitration, works
    outside the budget, and a pair's second person unless the agreement counts it.
    """
    by_key = {a.pk: a for a in agreements}
    rows = (
        MissionDay.objects.real()
        .filter(mission__agreement__in=by_key, is_volunteer=False)
        .exclude(arbitration__in=OUTSIDE_BUDGET)
        .exclude(pk__in=without)
        .annotate(is_first=ExpressionWrapper(Q(pair_of=None), output_field=BooleanField()))
        .values_list("mission__agreement", "work", "is_first")
        .annotate(days=Sum("quantity"))
        .order_by()
    )
    used = {key: Decimal(terms.days_used_before) for key, terms in by_key.items()}
    for key, work, is_first, days in rows:
        terms = by_key[key]
        counts = pair_counts(is_second=not is_first, second_counts=terms.pair_counts)
        if counts and is_billable(work, terms.billable_works):
            used[key] += Decimal(days).quantize(Decimal("0.01"))
    return used


@dataclass
class Drawn:
    """What an envelope has paid so far, per coop."""

    days: defaultdict[int | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    amount: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return sum(self.days.values(), Decimal(0))

    @property
    def coops(self) -> set[int]:
        return {coop for coop, days in self.days.items() if coop is not None and days}


def drawn_on(
    envelopes: Iterable[Envelope | int], without: Collection[int] = ()
) -> defaultdict[int, Drawn]:
    """Days drawn on each envelope, the last generation of each share, one query."""
    keys = [e.pk if isinstance(e, Envelope) else e for e in envelopes]
    found: defaultdict[int, Drawn] = defaultdict(Drawn)
    if not keys:
        return found
    rows = (
        DayShare.objects.current()
        .filter(envelope__in=keys)
        .exclude(day__in=without)
        .values_list("envelope", "coop")
        .annotate(days=Sum("days"), amount=Sum("amount"))
        .order_by()
    )
    for envelope, coop, days, amount in rows:
        found[envelope].days[coop] += Decimal(days).quantize(Decimal("0.0001"))
        found[envelope].amount += Decimal(amount).quantize(Decimal("0.01"))
    return found


def used_of_shares(
    keys: Iterable[int], without: Collection[int] = ()
) -> dict[int, tuple[Decimal, Decimal]]:
    """EUR and days already taken from each funding share's caps, one query."""
    rows = (
        DayShare.objects.current()
        .filter(funding_share__in=list(keys))
        .exclude(day__in=without)
        .values_list("funding_share")
        .annotate(eur=Sum("public_value"), days=Sum("days"))
        .order_by()
    )
    return {
        key: (Decimal(eur).quantize(Decimal("0.01")), Decimal(days).quantize(Decimal("0.0001")))
        for key, eur, days in rows
    }


def awaiting(agreement: Agreement) -> Q:
    """Days of an agreement over its budget that wait for a decision."""
    return Q(mission__agreement=agreement, is_over_budget=True, arbitration=Arbitration.PENDING)
