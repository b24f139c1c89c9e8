"""What makes an organisation reachable by electronic invoice, judged before it is written."""

import re
from collections.abc import Iterator
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.countries import FRANCE, is_country, vat_prefix
from essaim.workflow import Missing

_ROUTE: Final = re.compile(r"[A-Za-z0-9._-]{1,125}")  # XP Z12-013, scheme 0225


def e_address_trouble(address: str, *, siren: str) -> str:
    """Say what is wrong in an e-invoicing address; "" when nothing is."""
    if not address:
        return ""
    if "@" in address:
        try:
            validate_email(address)
        except ValidationError:
            return _("This e-mail address is not valid.")
        return ""
    if not _ROUTE.fullmatch(address):
        return _("An e-invoicing address holds letters, digits, “-”, “_” and “.” only.")
    if siren and not address.startswith(siren):
        return _("An e-invoicing address begins with the SIREN: %(siren)s.") % {"siren": siren}
    return ""


def electronic_troubles(row: Organisation) -> Iterator[Missing]:
    """What of a client would make its electronic invoices wrong."""
    row.country = row.country.strip().upper() or FRANCE
    if not is_country(row.country):
        yield Missing("country", _("Choose a country of the list."))
        return
    row.e_address = row.e_address.strip()
    if words := e_address_trouble(row.e_address, siren=row.siren):
        yield Missing("e_address", words)
    prefix = vat_prefix(row.country)
    if row.vat_number and prefix and not row.vat_number.startswith(prefix):
        yield Missing(
            "vat_number",
            _("A VAT number of this country begins with %(prefix)s.") % {"prefix": prefix},
        )
    if row.country != FRANCE and row.chorus != Organisation.Chorus.NONE:
        yield Missing("chorus", _("Chorus Pro is for French public bodies."))
