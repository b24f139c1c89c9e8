"""What unpaid work is worth: days of each nature at the value in force when they were worked."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case, IntegerField, Sum, Value, When

from essaim.money import ZERO, cents
from missions.codes import Nature
from missions.models import Valuation

VALUED: Final = (Nature.GIVEN, Nature.VOLUNTEER)


@dataclass(frozen=True, slots=True)
class Worth:
    """Days of one nature: their value by the table (EUR), and the days the table says nothing of.

    `public` is their public price: information for the coop, never a value of volunteer work.
    """

    days: Decimal = ZERO
    value: Decimal = ZERO
    unvalued: Decimal = ZERO
    public: Decimal = ZERO

    def __add__(self, other: "Worth") -> "Worth":
        return Worth(
            self.days + other.days,
            self.value + other.value,
            self.unvalued + other.unvalued,
            self.public + other.public,
        )


def _row_of_day(rows: list[Valuation]) -> Case:
    """SQL: the key of the row in force when a share's day was worked; 0 without one."""
    newest = sorted(rows, key=lambda v: v.effective_from, reverse=True)
    return Case(
        *(
            When(nature=v.nature, day__worked_on__gte=v.effective_from, then=Value(v.pk))
            for v in newest
        ),
        default=Value(0),
        output_field=IntegerField(),
    )


def worth_by(shares: Any, *keys: str) -> dict[tuple[Any, ...], Worth]:
    """What unpaid shares are worth, grouped by columns then nature: (..., nature) -> Worth.

    Two queries, whatever the number of shares.
    """
    table = list(Valuation.objects.all())
    by_key = {v.pk: v for v in table}
    groups = (
        shares.filter(nature__in=[n.value for n in VALUED])
        .order_by()
        .annotate(valued=_row_of_day(table))
        .values_list(*keys, "nature", "valued")
        .annotate(total=Sum("days"), public=Sum("public_value"))
    )
    found: dict[tuple[Any, ...], Worth] = {}
    for *key, nature, valued, days, public in groups:
        days = Decimal(days).quantize(Decimal("0.0001"))
        row = by_key.get(valued)
        worth = Worth(
            days=days,
            value=cents(days * row.per_day) if row is not None else ZERO,
            unvalued=ZERO if row is not None else days,
            public=cents(public) if nature == Nature.GIVEN else ZERO,
        )
        place = (*key, nature)
        found[place] = found.get(place, Worth()) + worth
    return found
