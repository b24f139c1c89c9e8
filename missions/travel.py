"""The yearly scale of one's own car, read from the legal table."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from essaim.formats import plain_number
from essaim.legal_figures import Kind
from essaim.models import LegalFigure
from essaim.models.legal import NoFigure
from essaim.writing import refuse
from missions.models import Expense
from missions.rules_expenses import KmScale, allowance

POWERS = (3, 4, 5, 6, 7)
BANDS = ("low", "middle", "constant", "high")
KEPT = (Expense.State.VALIDATED, Expense.State.BILLED, Expense.State.SETTLED)


def km_scale(power: int, on: date, *, is_electric: bool = False) -> KmScale:
    """The scale in force on a day for a fiscal power. Raises NoFigure when a row lacks."""
    kinds = {band: Kind(f"km_{power}_{band}") for band in BANDS}
    kinds |= {"first": Kind.KM_FIRST, "second": Kind.KM_SECOND, "bonus": Kind.KM_ELECTRIC}
    rows = LegalFigure.objects.in_force(list(kinds.values()), on)
    figures = {name: rows[kind].value for name, kind in kinds.items()}
    if not is_electric:
        figures["bonus"] = Decimal(0)
    return KmScale(**figures)


def travelled(expense: Expense) -> tuple[Decimal, Decimal]:
    """Kilometres of the person's year with the same car, and what they were worth already."""
    assert expense.km is not None
    rows = Expense.objects.filter(
        consultant=expense.consultant_id,
        kind=Expense.Kind.KM,
        spent_on__year=expense.spent_on.year,
        power=expense.power,
        is_electric=expense.is_electric,
        state__in=KEPT,
    ).exclude(pk=expense.pk)
    sums = rows.aggregate(km=Sum("km"), given=Sum("reimbursable"))
    km = Decimal(sums["km"] or 0).quantize(Decimal("0.1"))
    return km, Decimal(sums["given"] or 0).quantize(Decimal("0.01"))


def car_allowance(expense: Expense) -> tuple[Decimal, str]:
    """What kilometres give back to the person, cumulated over the year, and how it was counted.

    Raises Refused where the table has no scale for that day.
    """
    assert expense.km is not None and expense.power is not None
    try:
        scale = km_scale(expense.power, expense.spent_on, is_electric=expense.is_electric)
    except NoFigure:
        words = _("The legal tables have no km scale for %(date)s: add it first.")
        refuse("km", words % {"date": f"{expense.spent_on:%d/%m/%Y}"})
    before, given = travelled(expense)
    how = _("Scale of %(power)s CV: %(before)s km of the year, then %(km)s km") % {
        "power": expense.power,
        "before": plain_number(before),
        "km": plain_number(expense.km),
    }
    return allowance(scale, before, given, expense.km), how
