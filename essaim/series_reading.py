"""A numbering read from the number one wants to print next: « FA-2026-0042 ». Pure."""

import re
from dataclasses import dataclass
from typing import Final

_END: Final = re.compile(r"(\d+)$")


@dataclass(frozen=True, slots=True)
class Read:
    """A pattern, whether it restarts each year, and the next number."""

    pattern: str
    restarts: bool
    first: int


def read_number(text: str, *, year: int) -> Read:
    """The numbering whose next number is `text`; it restarts each year when it holds the year.

    Raises ValueError when the text does not end with a number above zero.
    """
    wanted = text.strip()
    end = _END.search(wanted)
    if end is None:
        raise ValueError(text)
    head, digits = wanted[: end.start()], end[1]
    if str(year) not in head and digits.startswith(str(year)) and len(digits) > 4:
        head, digits = head + digits[:4], digits[4:]
    first = int(digits)
    if first < 1:
        raise ValueError(text)
    restarts = str(year) in head
    before = head.replace("{", "").replace("}", "").replace(str(year), "{year}", 1)
    width = f":0{len(digits)}d" if digits.startswith("0") else ""
    return Read(f"{before}{{number{width}}}", restarts, first)
