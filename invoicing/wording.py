"""The words of a printed document: codes and figures in, French text out."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from essaim.countries import FRANCE, name_of
from invoicing.rules import Mention
from missions.codes import Moment

SPACE: Final = "\u00a0"

TITLES: Final = {
    "invoice": gettext_noop("Invoice"),
    "credit_note": gettext_noop("Credit note"),
    "corrective": gettext_noop("Corrective invoice"),
    "deposit": gettext_noop("Deposit invoice"),
    "membership_call": gettext_noop("Membership call"),
}


def euros(amount: Decimal) -> str:
    """Write 1200 as "1 200,00 €", with no-break spaces."""
    return f"{number(amount, 2)}{SPACE}€"


def number(value: Decimal, decimals: int) -> str:
    """Write a number the French way with that many decimals."""
    text = f"{abs(value):,.{decimals}f}".replace(",", SPACE).replace(".", ",")
    return f"\u2212{text}" if value < 0 else text


def quantity(value: Decimal) -> str:
    """Write a quantity without useless zeros: 1, 0,5, 0,3333."""
    bare = value.normalize()
    exponent = bare.as_tuple().exponent
    decimals = max(-exponent, 0) if isinstance(exponent, int) else 0
    return number(bare, decimals)


def percent(rate: Decimal) -> str:
    """Write 5.5 as "5,5 %", with a no-break space."""
    return f"{quantity(rate)}{SPACE}%"


def day(on: date) -> str:
    """Write a date as 16/02/2027."""
    return f"{on:%d/%m/%Y}"


def period(first: date | None, last: date | None) -> str:
    """Write the day or the period of the service; "" when unknown."""
    if first is None:
        return day(last) if last else ""
    if last is None or last == first:
        return day(first)
    return _("from %(first)s to %(last)s") % {"first": day(first), "last": day(last)}


def iban(value: str) -> str:
    """Write an IBAN in groups of four."""
    bare = "".join(value.split())
    return SPACE.join(bare[start : start + 4] for start in range(0, len(bare), 4))


def siren(value: str) -> str:
    """Write a SIREN or a SIRET in groups: 732 829 320 00074."""
    bare = "".join(value.split())
    groups = [bare[0:3], bare[3:6], bare[6:9], bare[9:]]
    return SPACE.join(group for group in groups if group)


def unit(code: str, count: Decimal) -> str:
    """Name the unit of a line, plural from two on as in French."""
    plural = 2 if abs(count) >= 2 else 1
    if code == "DAY":
        return ngettext("day", "days", plural)
    if code == "HUR":
        return ngettext("hour", "hours", plural)
    if code == "KMT":
        return _("km")
    return _("lump sum") if abs(count) == 1 else _("units")


def title(kind: str) -> str:
    """Name the kind of document."""
    return _(TITLES[kind])


def moment(code: str) -> str:
    """Name a moment of the day; a text that is no code is printed as it is."""
    return str(Moment(code).label) if code in Moment.values else code


def _late_penalties(mention: Mention) -> str:
    return _(
        "Late payment penalties: %(rate)s a year, due without reminder from the day after the"
        " due date."
    ) % {"rate": percent(_decimal(mention, "rate"))} + _by_text(mention)


def _recovery_fee(mention: Mention) -> str:
    return _("Fixed compensation for recovery costs in case of late payment: %(amount)s.") % {
        "amount": euros(_decimal(mention, "amount"))
    } + _by_text(mention)


def _by_text(mention: Mention) -> str:
    """The legal reference in force on the day of issue; documents of before had none."""
    text = dict(mention.values).get("text")
    return f" ({text}.)" if text else ""


def _decimal(mention: Mention, name: str) -> Decimal:
    return Decimal(str(mention.value(name)))


_MENTIONS: Final[dict[str, Callable[[Mention], str]]] = {
    "vat_on_debits": lambda _m: _("Option to pay the tax on the basis of debits."),
    "vat_franchise": lambda _m: _("VAT not applicable, art. 293 B of the CGI."),
    "vat_association_exempt": lambda _m: _("Exempt from VAT, art. 261-7-1° of the CGI."),
    "vat_out_of_scope": lambda _m: _("Outside the scope of VAT."),
    "reverse_charge": lambda _m: _("Reverse charge of VAT (art. 283-2 of the CGI)."),
    "vat_outside_union": lambda _m: _("VAT not applicable, art. 259-1 of the CGI."),
    "vat_not_overseas": lambda _m: _("VAT not applicable, art. 294 of the CGI."),
    "advanced_cost": lambda _m: _("Costs advanced for the client: art. 267 II 2° of the CGI."),
    "operation_services": lambda _m: _("Category of operation: supply of services."),
    "no_early_discount": lambda _m: _("Discount for early payment: none."),
    "late_penalties": _late_penalties,
    "recovery_fee": _recovery_fee,
    "membership_outside_vat": lambda _m: _("Membership, outside the scope of VAT."),
    "fee_not_on_grant": lambda _m: _(
        "Fees that cannot be charged to the grant, unless the funder agrees in writing."
    ),
}


def mention(found: Mention) -> str:
    """Write a legal mention; the electronic invoice carries this very text."""
    return _MENTIONS[found.code](found)


# Why nothing of a document is in the scope of VAT.
OUTSIDE: Final = ("vat_out_of_scope", "vat_outside_union", "vat_not_overseas")


def exemption(code: str) -> str:
    """Write the text of an exemption, also where the document does not print it."""
    return _MENTIONS[code](Mention(code))


def country(code: str) -> str:
    """Name a country as an address ends; "" for France."""
    return "" if code in ("", FRANCE) else name_of(code)
