"""Cells as people fill them, read into dates, numbers and codes, or refused in words."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.identifiers import search_key
from essaim.imports.plan import Judged
from essaim.money import parse_amount

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4}|[0-9]{2})(?:[ T].*)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T].*)?")
_SERIAL = re.compile(r"[2-7][0-9]{4}")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,6})?")
_RATIO = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_EPOCH: Final = date(1899, 12, 30)
_FRACTIONS: Final = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_YES: Final = frozenset({"oui", "o", "vrai", "x", "1", "yes", "true"})
_NO: Final = frozenset({"non", "n", "faux", "0", "no", "false"})
EARLIEST: Final = date(1950, 1, 1)
T = TypeVar("T")
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Wrong(ValueError):
    """A cell that does not hold what its column asks; the words say so."""


def day(text: str) -> date:
    """31/12/2025, 31.12.25, 2025-12-31, or the serial number of a spreadsheet."""
    bare = text.strip()
    try:
        if found := _ISO.fullmatch(bare):
            read = date(int(found[1]), int(found[2]), int(found[3]))
        elif found := _DAY_FIRST.fullmatch(bare):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            read = date(year, int(found[2]), int(found[1]))
        elif _SERIAL.fullmatch(bare):
            read = _EPOCH + timedelta(days=int(bare))
        else:
            raise ValueError(bare)
    except ValueError as error:
        raise Wrong(
            _("“%(text)s” is not a date. Write it like 31/12/2025.") % {"text": text[:40]}
        ) from error
    if not EARLIEST <= read < date(2100, 1, 1):
        raise Wrong(_("%(day)s is too far away to be right.") % {"day": date_fr(read)})
    return read


def number(text: str) -> Decimal:
    """1,5 or 1.5 or 1 200; nothing else."""
    bare = _SPACES.sub("", text)
    if not _NUMBER.fullmatch(bare):
        raise Wrong(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return Decimal(bare.replace(",", "."))


def whole(text: str) -> int:
    value = number(text)
    if value != value.to_integral_value() or value < 0:
        raise Wrong(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return int(value)


def amount(text: str) -> Decimal:
    """Euros and cents, as a person types them."""
    try:
        return parse_amount(text)
    except ValidationError as error:
        raise Wrong(" ".join(error.messages)) from error


def quantity(text: str) -> Decimal:
    """A part of a day: 0,5 · 1/2 · ½ · 1 j · x (one day)."""
    bare = _SPACES.sub("", text).lower()
    bare = bare.removesuffix("jours").removesuffix("jour").removesuffix("j")
    if bare in ("x", "✓", "✔"):
        return Decimal(1)
    if bare and bare[-1] in _FRACTIONS:
        before = bare[:-1]
        return (Decimal(before) if before.isdecimal() else Decimal(0)) + _FRACTIONS[bare[-1]]
    if (found := _RATIO.fullmatch(bare)) and int(found[2]):
        return Decimal(found[1]) / Decimal(found[2])
    try:
        return number(bare)
    except Wrong as error:
        raise Wrong(
            _("“%(text)s” is not a number of days. Write it like 0,5.") % {"text": text[:40]}
        ) from error


def yes_no(text: str) -> bool:
    bare = search_key(text)
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    raise Wrong(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})


class Words:
    """Codes by the words that say them, in any case and with any accent, made once a file."""

    def __init__(self, choices: Iterable[tuple[Any, Any]], more: Mapping[str, str] = _NONE) -> None:
        labels = [(str(label), str(code)) for code, label in choices]
        self.listed = ", ".join(label for label, _code in labels)
        said = {**{code: code for _label, code in labels}, **dict(labels), **more}
        self.known = {search_key(word): code for word, code in said.items()}

    def code(self, text: str) -> str:
        key = search_key(text)
        found = self.known.get(key) or self._begun(key)
        if found is None:
            words = _("“%(text)s” is not known. Possible: %(listed)s.")
            raise Wrong(words % {"text": text[:40], "listed": self.listed})
        return found

    def _begun(self, key: str) -> str | None:
        """The one that begins with these whole words, as "supermarché" of a longer label."""
        begun = {code for word, code in self.known.items() if word.startswith(f"{key} ")}
        return begun.pop() if len(key) > 3 and len(begun) == 1 else None


def email(text: str) -> str:
    bare = text.strip()
    try:
        validate_email(bare)
    except ValidationError as error:
        raise Wrong(_("“%(text)s” is not an e-mail address.") % {"text": text[:60]}) from error
    return bare


class Cells:
    """Reads the cells of a line; what is wrong is noted beside its column, and reads as None."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged

    def text(self, code: str, most: int = 200) -> str:
        text = self.judged.line.get(code)
        if len(text) > most:
            words = _("this text is too long: %(most)s characters at most.")
            self.judged.fault(code, words % {"most": most})
            return ""
        return text

    def needed(self, code: str, most: int = 200) -> str:
        text = self.text(code, most)
        if not text and not any(c == code for c, _words in self.judged.line.read):
            self.judged.fault(code, _("this cell must be filled."))
        return text

    def day(self, code: str, latest: date | None = None) -> date | None:
        read = self._read(code, day)
        if read is not None and latest is not None and read > latest:
            self.judged.fault(code, _("the date can't be in the future."))
            return None
        return read

    def amount(self, code: str) -> Decimal | None:
        return self._read(code, amount)

    def quantity(self, code: str) -> Decimal | None:
        return self._read(code, quantity)

    def number(self, code: str) -> Decimal | None:
        return self._read(code, number)

    def whole(self, code: str) -> int | None:
        return self._read(code, whole)

    def email(self, code: str) -> str:
        return self._read(code, email) or ""

    def yes_no(self, code: str) -> bool | None:
        return self._read(code, yes_no)

    def pick(self, code: str, words: Words) -> str:
        return self._read(code, words.code) or ""

    def digits(self, code: str, count: int) -> str:
        """An identifier that a spreadsheet may have kept as a number, its zeros lost."""
        bare = _SPACES.sub("", self.judged.line.get(code))
        return bare.zfill(count) if bare.isdecimal() and len(bare) < count else bare

    def _read(self, code: str, reader: Callable[[str], T]) -> T | None:
        text = self.judged.line.get(code)
        if not text:
            return None
        try:
            return reader(text)
        except Wrong as wrong:
            self.judged.fault(code, str(wrong))
            return None
