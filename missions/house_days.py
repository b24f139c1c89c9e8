"""Which days the house does not work: the holidays of where our structure has its seat."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language

from crm.models import IssuerProfile
from essaim.days import MOSELLE, holiday_names

LOCAL_LAW: Final = ("57", "67", "68")


def subdivision_of_house(on: date) -> str:
    """Alsace-Moselle when our seat is there, or while nothing says where it is; one query."""
    profile: Any = IssuerProfile.objects.at(on)
    postcode = profile.postcode if profile is not None else ""
    return MOSELLE if not postcode or postcode[:2] in LOCAL_LAW else ""


def holidays_of_house(first: date, last: date, subdivision: str) -> Mapping[date, str]:
    """Day -> name of each public holiday of a period, in the language of the page."""
    language = (get_language() or "fr")[:2]
    tables = (holiday_names(y, subdivision, language) for y in range(first.year, last.year + 1))
    return {day: name for table in tables for day, name in table.items() if first <= day <= last}
