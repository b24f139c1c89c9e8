"""Calendar of the work: French public holidays, working days, months and half-years; no clock."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import holidays

MOSELLE: Final = "57"
ALSACE: Final = "6AE"
ONE_DAY: Final = timedelta(days=1)


@lru_cache(maxsize=64)
def public_holidays(year: int, subdivision: str = MOSELLE) -> frozenset[date]:
    """Give the public holidays of a year; "57" and "6AE" add Good Friday and 26 December.

    `subdivision` is a code of the `holidays` package; "" means the national ones alone.
    Raises NotImplementedError on an unknown code.
    """
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision or None, years=year))


@lru_cache(maxsize=64)
def holiday_names(
    year: int, subdivision: str = MOSELLE, language: str = "fr"
) -> Mapping[date, str]:
    """Name the public holidays of a year in "fr" or "en"; subdivisions as in `public_holidays`."""
    spoken = {"fr": "fr", "en": "en_US"}.get(language, "fr")
    found = holidays.country_holidays("FR", subdiv=subdivision or None, years=year, language=spoken)
    return MappingProxyType(dict(found))


def is_public_holiday(day: date, subdivision: str = MOSELLE) -> bool:
    """Tell whether nobody is expected to work that day by law or by local law."""
    return day in public_holidays(day.year, subdivision)


def is_working_day(day: date, subdivision: str = MOSELLE) -> bool:
    """Tell whether a day is Monday to Friday and no public holiday."""
    return day.weekday() < 5 and not is_public_holiday(day, subdivision)


def add_working_days(day: date, count: int, subdivision: str = MOSELLE) -> date:
    """Move by `count` working days (back when negative); 0 gives the day itself."""
    step = ONE_DAY if count >= 0 else -ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, subdivision)
    return day


def working_days_back(day: date, count: int, subdivision: str = MOSELLE) -> date:
    """Give the day `count` working days earlier."""
    return add_working_days(day, -count, subdivision)


def next_working_day(day: date, subdivision: str = MOSELLE) -> date:
    """Give the day itself when it is worked, else the first one that is."""
    return day if is_working_day(day, subdivision) else add_working_days(day, 1, subdivision)


def working_days_between(first: date, last: date, subdivision: str = MOSELLE) -> int:
    """Count working days from `first` to `last`, both included; 0 when they are reversed."""
    span = (last - first).days + 1
    return sum(is_working_day(first + n * ONE_DAY, subdivision) for n in range(span))


def month_start(day: date) -> date:
    """Give the first day of the month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Give the last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, count: int) -> date:
    """Move by months; a day that the month lacks becomes its last (31 January + 1 = 28/29)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(first: date, last: date) -> list[date]:
    """List the first days of the months from `first` to `last`, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(month_start(first), n) for n in range(count)]


def half_year_start(day: date) -> date:
    """Give 1 January or 1 July: late-interest rates hold for a half-year (L441-10 II)."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def half_up_quantity(value: Decimal | int | str, places: int = 4) -> Decimal:
    """Round a quantity of days, half up; fractions of collective days keep 4 decimals.

    Raises TypeError on a float, ValueError on what is no finite number.
    """
    if isinstance(value, float):
        raise TypeError("quantities are Decimal, int or str, never float")
    quantity = Decimal(value)
    if not quantity.is_finite():
        raise ValueError(f"not a quantity: {value!r}")
    return quantity.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
