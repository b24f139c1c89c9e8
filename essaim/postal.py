"""An address as people write it, read into a street, a postcode and a city. Pure."""

import re
from dataclasses import dataclass
from typing import Final

_COUNTRY: Final = re.compile(r"[\s,;.]+(?:f-)?france\s*$", re.IGNORECASE)
_PLACE: Final = re.compile(
    r"^(?P<street>.+?)[\s,;]+(?:F-)?(?P<postcode>\d{2}\s?\d{3})[\s,;]+(?P<city>[^\d\s,;].*)$",
    re.DOTALL,
)
_BREAKS: Final = re.compile(r"\s*(?:\r?\n)+\s*")


@dataclass(frozen=True, slots=True)
class Postal:
    """A French address in its parts."""

    street: str
    postcode: str
    city: str


def read_address(text: str) -> Postal:
    """« 3 rue des Halles, 67000 Strasbourg », on one line or several.

    Raises ValueError when no street, postcode and city are found in this order.
    """
    bare = _COUNTRY.sub("", text.strip())
    found = _PLACE.match(bare)
    if found is None:
        raise ValueError(text)
    street = _BREAKS.sub(", ", found["street"].strip(" ,;\r\n"))
    city = " ".join(found["city"].split()).strip(" ,;")
    return Postal(street[:200], found["postcode"].replace(" ", ""), city[:100])
