"""How amounts, days and dates are written on screen: the French way, with no-break spaces.

In English too: the same invoice lies on both desks, and 1.200 or 02/03 must not be read twice.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from essaim.money import cents

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "—"
FRACTIONS = {Decimal("0.25"): "¼", Decimal("0.5"): "½", Decimal("0.75"): "¾"}


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", NBSP)


def money(value: Any, digits: int = 2) -> str:
    """1 200,00 € with no-break spaces; a dash for nothing. `money:0` rounds to euros."""
    if value is None or value == "":
        return DASH
    amount = cents(value if isinstance(value, Decimal | int) else Decimal(str(value)))
    sign = MINUS if amount < 0 else ""
    if not digits:
        euros = (int(abs(amount) * 100) + 50) // 100
        return f"{sign}{_grouped(str(euros))}{NBSP}€"
    whole, part = f"{abs(amount):.2f}".split(".")
    return f"{sign}{_grouped(whole)},{part}{NBSP}€"


def plain_number(value: Any) -> str:
    """11.50 as "11,5": no useless zero, French comma, grouped thousands."""
    number = Decimal(str(value))
    sign = MINUS if number < 0 else ""
    whole, _dot, part = f"{abs(number):f}".partition(".")
    part = part.rstrip("0")
    return f"{sign}{_grouped(whole)}{',' + part if part else ''}"


def number(value: Any) -> str:
    """A number the French way, without useless zeros."""
    return DASH if value is None or value == "" else plain_number(value)


def days(value: Any) -> str:
    """0,5 j with a no-break space; a dash for nothing."""
    if value is None or value == "":
        return DASH
    return f"{plain_number(value)}{NBSP}" + pgettext("days", "d")


def fraction(value: Any) -> str:
    """½ for 0.5, 1½ for 1.5: the quantity on a chip."""
    if value is None or value == "":
        return DASH
    quantity = Decimal(str(value))
    whole, part = divmod(quantity, 1)
    if part in FRACTIONS:
        return f"{int(whole) or ''}{FRACTIONS[part]}"
    return plain_number(quantity)


def capped(value: Any, cap: int = 100) -> str:
    """99+ for a count that stopped at its cap."""
    return f"{cap - 1}+" if value is not None and int(value) >= cap else str(value or 0)


def as_date(value: date | datetime) -> date:
    """The day of an instant in Paris; a date is itself."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def date_fr(value: Any) -> str:
    """16/02/2027, with the time for an instant left out."""
    return DASH if not value else f"{as_date(value):%d/%m/%Y}"


def day_fr(value: Any) -> str:
    """lun. 16 (Mon 16 in English): a near day, on a chip or at the head of a column."""
    if not value:
        return DASH
    if get_language() == "en":
        return date_format(as_date(value), "D j")
    return date_format(as_date(value), "D. j").lower()


def long_date_fr(value: Any) -> str:
    """lundi 16 février 2027; Monday 16 February 2027."""
    if not value:
        return DASH
    written = date_format(as_date(value), "l j F Y")
    return written if get_language() == "en" else written.lower()


def distance(day: date, today: date, *, late: bool) -> tuple[str, bool]:
    """ "dans 12 j", "aujourd'hui", "il y a 6 j" or "en retard de 6 j"; and whether it is late."""
    gap = (day - today).days
    if gap == 0:
        return _("today"), False
    if gap > 0:
        return _("in %(days)s d") % {"days": gap}, False
    words = _("%(days)s d late") if late else _("%(days)s d ago")
    return words % {"days": -gap}, late


def called(name: str) -> str:
    """How a colleague is greeted: by the first name, everywhere the same."""
    return name.split(" ", 1)[0]
