"""The accounts of the form for grants to associations (Cerfa 12156), as its budget lists them."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

CHARGES: Final[dict[str, object]] = {
    "60": pgettext_lazy("account", "Purchases"),
    "61": pgettext_lazy("account", "External services"),
    "62": pgettext_lazy("account", "Other external services"),
    "63": pgettext_lazy("account", "Taxes and duties"),
    "64": pgettext_lazy("account", "Staff costs"),
    "65": pgettext_lazy("account", "Other running costs"),
    "66": pgettext_lazy("account", "Financial charges"),
    "67": pgettext_lazy("account", "Exceptional charges"),
    "68": pgettext_lazy("account", "Depreciation, provisions and commitments"),
    "86": pgettext_lazy("account", "Uses of voluntary contributions in kind"),
}
PRODUCTS: Final[dict[str, object]] = {
    "70": pgettext_lazy("account", "Sales of goods and services"),
    "71": pgettext_lazy("account", "Change in stocks of own production"),
    "72": pgettext_lazy("account", "Own work capitalised"),
    "73": pgettext_lazy("account", "Allocations and proceeds of pricing"),
    "74": pgettext_lazy("account", "Operating grants"),
    "75": pgettext_lazy("account", "Other running products"),
    "76": pgettext_lazy("account", "Financial products"),
    "77": pgettext_lazy("account", "Exceptional products"),
    "78": pgettext_lazy("account", "Write-back of depreciation and provisions"),
    "79": pgettext_lazy("account", "Transfer of charges"),
    "87": pgettext_lazy("account", "Voluntary contributions in kind"),
}
ALL: Final = {**CHARGES, **PRODUCTS}
USES_IN_KIND: Final = "86"
IN_KIND: Final = "87"
# Never typed: the file itself and its other funders are these lines.
SUBSIDIES: Final = "74"
UNKNOWN: Final = _("Unknown account")


def label_of(account: str) -> str:
    """The name the form gives to an account."""
    return str(ALL.get(account, UNKNOWN))
