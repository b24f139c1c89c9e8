"""Workbooks of Excel: values, formulas and merged cells of one sheet."""

import re
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from posixpath import join, normpath
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from essaim.imports.table import Grid, Raw, Unreadable, too_long
from essaim.imports.xml_file import Enough, Local, broken, opened, parse

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]')
_FEWEST_DECIMALS: Final = Decimal("0.000001")


def sheets_of(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """The visible sheets, name to member, and whether days are counted from 1904."""
    relations, book = _Relations(), _Book()
    parse(archive, "xl/_rels/workbook.xml.rels", relations)
    parse(archive, "xl/workbook.xml", book)
    found = {name: relations.targets.get(key, "") for name, key in book.sheets}
    return {name: member for name, member in found.items() if member}, book.from_1904


def read_xlsx(file: IO[bytes] | Any, sheet: str = "") -> tuple[Grid, str, tuple[str, ...]]:
    """The cells of a sheet (the first one by default), its name, and the names of all."""
    with opened(file) as archive:
        sheets, from_1904 = sheets_of(archive)
        if not sheets:
            raise broken()
        name = sheet or next(iter(sheets))
        if name not in sheets:
            raise Unreadable(
                _("There is no sheet “%(sheet)s” in this file.") % {"sheet": name[:60]},
                code="sheet",
            )
        strings, styles = _Strings(), _Styles()
        for member, handler in (("xl/sharedStrings.xml", strings), ("xl/styles.xml", styles)):
            if member in archive.namelist():
                parse(archive, member, handler)
        reader = _Sheet(strings.texts, styles.dates(), date(1904, 1, 1) if from_1904 else _EPOCH)
        parse(archive, sheets[name], reader)
    return reader.grid, name, tuple(sheets)


_EPOCH: Final = date(1899, 12, 30)


class _Relations(Local):
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name == "Relationship" and attrs.get("Type", "").endswith("/worksheet"):
            target = attrs.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            self.targets[attrs.get("Id", "")] = path


class _Book(Local):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name == "workbookPr":
            self.from_1904 = attrs.get("date1904") in ("1", "true")
        elif name == "sheet" and attrs.get("state", "visible") == "visible":
            self.sheets.append((attrs.get("name", ""), attrs.get("id", "")))


class _Strings(Local):
    """The texts kept once for the whole book; reading aids of Japanese are left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.buffer: list[str] = []
        self.inside, self.aid = False, False

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name == "si":
            self.buffer = []
        elif name == "rPh":
            self.aid = True
        self.inside = name == "t" and not self.aid

    def characters(self, content: str) -> None:
        if self.inside:
            self.buffer.append(content)

    def closed(self, name: str) -> None:
        if name == "si":
            self.texts.append(unescaped("".join(self.buffer)))
        elif name == "rPh":
            self.aid = False
        self.inside = False


class _Styles(Local):
    """Which styles of cells show a number as a day."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self.in_cells = False

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name == "numFmt":
            self.codes[int(attrs.get("numFmtId", 0))] = attrs.get("formatCode", "")
        elif name == "cellXfs":
            self.in_cells = True
        elif name == "xf" and self.in_cells:
            self.formats.append(int(attrs.get("numFmtId", 0)))

    def closed(self, name: str) -> None:
        if name == "cellXfs":
            self.in_cells = False

    def dates(self) -> frozenset[int]:
        return frozenset(at for at, key in enumerate(self.formats) if self._is_date(key))

    def _is_date(self, key: int) -> bool:
        code = self.codes.get(key)
        if code is None:
            return key in _BUILT_IN_DATES
        return bool(re.search(r"[dDyYhH]|m{2,}|M{2,}", _QUOTED.sub("", code.split(";")[0])))


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Signs that XML can't hold, written _x000D_ by Excel."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


@lru_cache(maxsize=1024)
def column_of(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def place(reference: str) -> tuple[int, int]:
    """Row and column of "B7". Raises ValueError on another thing."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(f"not a cell: {reference!r}")
    return int(found[2]), column_of(found[1])


class _Sheet(Local):
    def __init__(self, strings: list[str], dates: frozenset[int], epoch: date) -> None:
        self.grid = Grid()
        self.strings, self.dates, self.epoch = strings, dates, epoch
        self.row, self.column = 0, 0
        self.cells: dict[int, Raw] = {}
        self.kind, self.style, self.formula = "n", 0, False
        self.buffer: list[str] = []
        self.inside = self.aid = False

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name == "c":
            self._cell(attrs)
        elif name in ("v", "t"):
            self.inside = not self.aid
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.aid = True
        elif name == "row":
            self.row = int(attrs.get("r") or self.row + 1)
            self.column, self.cells = 0, {}
        elif name == "mergeCell":
            first, _sign, last = attrs.get("ref", "").partition(":")
            self.grid.merges.append((*place(first), *place(last or first)))

    def _cell(self, attrs: dict[str, str]) -> None:
        reference = attrs.get("r")
        self.column = place(reference)[1] if reference else self.column + 1
        self.kind, self.style = attrs.get("t", "n"), int(attrs.get("s") or 0)
        self.formula, self.buffer = False, []

    def characters(self, content: str) -> None:
        if self.inside:
            self.buffer.append(content)

    def closed(self, name: str) -> None:
        if name == "c":
            self._close_cell()
        elif name in ("v", "t"):
            self.inside = False
        elif name == "rPh":
            self.aid = False
        elif name == "row":
            self.grid.add(self.row, self.cells)
            self.cells = {}
        elif name == "worksheet":
            raise Enough

    def _close_cell(self) -> None:
        text = "".join(self.buffer)
        if self.formula:
            self.grid.formulas.append((self.row, self.column))
            return
        if not text.strip():
            return
        try:
            raw = self._value(text)
        except (ValueError, ArithmeticError, IndexError):
            wrong = _("“%(text)s” is not a value that can be read.") % {"text": text[:40]}
            self.grid.wrong.append((self.row, self.column, wrong))
            return
        if isinstance(raw, str) and too_long(raw):
            self.grid.wrong.append((self.row, self.column, _("this text is too long.")))
        elif raw != "":
            self.cells[self.column] = raw

    def _value(self, text: str) -> Raw:
        if self.kind == "s":
            return self.strings[int(text)].strip()
        if self.kind in ("inlineStr", "str"):
            return unescaped(text).strip()
        if self.kind == "b":
            return text.strip() in ("1", "true")
        if self.kind == "d":
            return whole_day(datetime.fromisoformat(text.strip().removesuffix("Z")))
        if self.kind == "e":
            raise ValueError(text)
        number = finite(text)
        return self._day(number) if self.style in self.dates else number

    def _day(self, number: Decimal) -> date | datetime:
        if not 0 <= number < 2_958_466:
            raise ValueError("no day")
        seconds = int((number % 1 * 86_400).to_integral_value())
        start = datetime(self.epoch.year, self.epoch.month, self.epoch.day)  # noqa: DTZ001
        return whole_day(start + timedelta(days=int(number), seconds=seconds))


def whole_day(moment: datetime) -> date | datetime:
    """A day without an hour is a date."""
    return moment.date() if moment.time() == moment.time().min else moment


def finite(text: str) -> Decimal:
    """A number as spreadsheets keep it (15 digits), without the dust of binary fractions."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite() or abs(number) >= Decimal("1e18"):
        raise ValueError(text)
    if number == number.to_integral_value():
        return number.to_integral_value()
    return number.quantize(_FEWEST_DECIMALS).normalize()
