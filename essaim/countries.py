"""Countries by their two letters: which belong to the Union, and their names."""

from functools import lru_cache
from typing import Final

from babel import Locale
from django.utils.translation import get_language

FRANCE: Final = "FR"
# Member states (art. 52 TEU), with the letters that begin their VAT numbers.
UNION: Final = {
    "AT": "AT", "BE": "BE", "BG": "BG", "CY": "CY", "CZ": "CZ", "DE": "DE", "DK": "DK",
    "EE": "EE", "ES": "ES", "FI": "FI", "FR": "FR", "GR": "EL", "HR": "HR", "HU": "HU",
    "IE": "IE", "IT": "IT", "LT": "LT", "LU": "LU", "LV": "LV", "MT": "MT", "NL": "NL",
    "PL": "PL", "PT": "PT", "RO": "RO", "SE": "SE", "SI": "SI", "SK": "SK",
}  # fmt: skip


def names() -> dict[str, str]:
    """Two letters and the name in the reader's language, France first, then from A to Z."""
    return _names(get_language() or "fr")


@lru_cache(maxsize=4)
def _names(language: str) -> dict[str, str]:
    known = {
        code: str(name)
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB")
    }
    rest = sorted((c for c in known if c != FRANCE), key=lambda c: _folded(known[c]))
    return {code: known[code] for code in (FRANCE, *rest)}


def _folded(name: str) -> str:
    return name.replace("É", "E").replace("Î", "I").replace("Å", "A").casefold()


def name_of(code: str) -> str:
    """The name of a country; the letters themselves when nobody knows them.

    In the language that is active: French on papers, whoever prints them.
    """
    return str(Locale(get_language() or "fr").territories.get(code, code))


def is_country(code: str) -> bool:
    """Whether these letters name a country."""
    return code in names()


def vat_prefix(code: str) -> str:
    """The letters that begin a VAT number of this country; "" outside the Union."""
    return UNION.get(code, "")


def is_reverse_charged(*, is_business: bool, country: str, vat_number: str) -> bool:
    """Whether the client declares the VAT: a business of another Union country (CGI 283-2)."""
    prefix = vat_prefix(country)
    return is_business and country != FRANCE and bool(prefix) and vat_number.startswith(prefix)


def is_outside_union(*, is_business: bool, country: str) -> bool:
    """Whether services to this client are taxed where it is, out of the Union (CGI 259-1)."""
    return is_business and country not in UNION
