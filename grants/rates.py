"""Success rates by funder and programme: one aggregate query, folded in memory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Case, CharField, Count, DurationField, F, Q, Sum, Value, When
from django.db.models.expressions import ExpressionWrapper

from essaim.money import ZERO, cents
from grants.models import GrantApplication
from grants.rules_deadlines import median_of

AWARDED: Final = "awarded"
REFUSED: Final = "refused"
SILENT: Final = "silent"
PENDING: Final = "pending"
WITHDRAWN: Final = "withdrawn"


@dataclass(slots=True)
class Rate:
    """What became of the files deposited with one funder or under one programme."""

    funder: str
    programme: str = ""
    programme_pk: int | None = None
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: Decimal = ZERO  # in all
    asked_decided: Decimal = ZERO  # by files that got a yes or a no
    asked_awarded: Decimal = ZERO
    awarded: Decimal = ZERO
    delays: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def deposited(self) -> int:
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        return self.counts[AWARDED] + self.counts[REFUSED]

    @property
    def by_count(self) -> Decimal | None:
        """Percent of decided files that were awarded."""
        return _percent(Decimal(self.counts[AWARDED]), Decimal(self.decided))

    @property
    def by_amount(self) -> Decimal | None:
        """Percent of the euros asked by decided files that were awarded."""
        return _percent(self.awarded, self.asked_decided)

    @property
    def share(self) -> Decimal | None:
        """Percent of what was asked that awarded files got on average, by amount."""
        return _percent(self.awarded, self.asked_awarded)

    @property
    def median_days(self) -> int | None:
        """From the deposit to the decision."""
        return median_of(self.delays)

    def take(self, row: Mapping[str, Any]) -> None:
        count, asked = row["count"], cents(row["asked"] or ZERO)
        outcome = row["outcome"]
        self.counts[outcome] += count
        self.asked += asked
        if outcome in (AWARDED, REFUSED):
            self.asked_decided += asked
            if row["delay"] is not None:
                self.delays[row["delay"].days] += count
        if outcome == AWARDED:
            self.asked_awarded += asked
            self.awarded += cents(row["given"] or ZERO)


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def _outcome() -> Case:
    return Case(
        When(awarded__isnull=False, then=Value(AWARDED)),
        When(state="refused", then=Value(REFUSED)),
        When(state="no_answer", then=Value(SILENT)),
        When(state="withdrawn", then=Value(WITHDRAWN)),
        default=Value(PENDING),
        output_field=CharField(),
    )


def rates(user: Any, *, since: date | None = None, until: date | None = None) -> list[Rate]:
    """One line a programme, of the files deposited in a period that this person sees."""
    rows = GrantApplication.objects.visible_to(user).filter(submitted_on__isnull=False)
    if since is not None:
        rows = rows.filter(submitted_on__gte=since)
    if until is not None:
        rows = rows.filter(submitted_on__lte=until)
    delay = ExpressionWrapper(F("decided_on") - F("submitted_on"), output_field=DurationField())
    groups = (
        rows.order_by()
        .annotate(outcome=_outcome(), delay=delay)
        .values(
            "programme_id", "programme__name", "programme__funder__legal_name", "outcome", "delay"
        )
        .annotate(
            count=Count("pk"), asked=Sum("requested"), given=Sum("awarded", filter=Q(awarded__gt=0))
        )
        .order_by("programme__funder__legal_name", "programme__name", "programme_id")
    )
    found: dict[int, Rate] = {}
    for group in groups:
        key = group["programme_id"]
        if key not in found:
            funder, name = group["programme__funder__legal_name"], group["programme__name"]
            found[key] = Rate(funder, name, key)
        found[key].take(group)
    return list(found.values())


def by_funder(lines: Iterable[Rate]) -> list[Rate]:
    """The same, one line a funder."""
    found: dict[str, Rate] = {}
    for line in lines:
        _merge(found.setdefault(line.funder, Rate(line.funder)), line)
    return list(found.values())


def in_all(lines: Iterable[Rate]) -> Rate:
    total = Rate("")
    for line in lines:
        _merge(total, line)
    return total


def _merge(total: Rate, line: Rate) -> None:
    for outcome, count in line.counts.items():
        total.counts[outcome] += count
    for days, count in line.delays.items():
        total.delays[days] += count
    for name in ("asked", "asked_decided", "asked_awarded", "awarded"):
        setattr(total, name, getattr(total, name) + getattr(line, name))
