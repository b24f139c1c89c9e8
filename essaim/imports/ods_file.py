"""Workbooks of LibreOffice: values, formulas and merged cells of one sheet."""

from datetime import datetime
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from essaim.imports.table import MOST_COLUMNS, MOST_ROWS, Grid, Raw, Unreadable, too_long
from essaim.imports.xlsx_file import finite, whole_day
from essaim.imports.xml_file import Local, broken, opened, parse

# Within a cell, texts that are not its value.
_ASIDE: Final = frozenset({"annotation", "note", "tracked-changes", "shapes"})
_BREAKS: Final = {"tab": "\t", "line-break": "\n"}


def read_ods(file: IO[bytes] | Any, sheet: str = "") -> tuple[Grid, str, tuple[str, ...]]:
    """The cells of a sheet (the first one by default), its name, and the names of all."""
    with opened(file) as archive:
        reader = _Content(sheet)
        parse(archive, "content.xml", reader)
    if not reader.names:
        raise broken()
    if sheet and sheet not in reader.names:
        raise Unreadable(
            _("There is no sheet “%(sheet)s” in this file.") % {"sheet": sheet[:60]}, code="sheet"
        )
    return reader.grid, sheet or reader.names[0], tuple(reader.names)


class _Content(Local):
    def __init__(self, wanted: str) -> None:
        self.grid = Grid()
        self.wanted = wanted
        self.names: list[str] = []
        self.depth, self.aside = 0, 0
        self.reading = False
        self.row, self.repeated = 0, 1
        self.column = 0
        self.cells: dict[int, Raw] = {}
        self.attrs: dict[str, str] | None = None
        self.formulas: list[int] = []
        self.wrong: list[tuple[int, str]] = []
        self.buffer: list[str] = []
        self.paragraphs = 0

    def opened(self, name: str, attrs: dict[str, str]) -> None:
        if name in _ASIDE:
            self.aside += 1
        elif name == "table":
            self._table(attrs)
        elif not self.reading or self.aside:
            return
        elif name == "table-row":
            self._row(attrs)
        elif name in ("table-cell", "covered-table-cell"):
            self.attrs, self.buffer, self.paragraphs = attrs, [], 0
        elif self.attrs is not None:
            self._text(name, attrs)

    def _table(self, attrs: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and not self.aside:
            name = attrs.get("name", "")
            self.names.append(name)
            self.reading = name == self.wanted if self.wanted else len(self.names) == 1
            self.row = 0

    def _row(self, attrs: dict[str, str]) -> None:
        self.repeated = max(1, int(attrs.get("number-rows-repeated", 1)))
        self.column, self.cells, self.formulas, self.wrong = 0, {}, [], []

    def _text(self, name: str, attrs: dict[str, str]) -> None:
        if name == "p":
            if self.paragraphs:
                self.buffer.append("\n")
            self.paragraphs += 1
        elif name == "s":
            self.buffer.append(" " * min(100, int(attrs.get("c", 1))))
        elif name in _BREAKS:
            self.buffer.append(_BREAKS[name])

    def characters(self, content: str) -> None:
        if self.attrs is not None and self.paragraphs and not self.aside:
            self.buffer.append(content)

    def closed(self, name: str) -> None:
        if name in _ASIDE:
            self.aside -= 1
        elif name == "table":
            self.depth -= 1
            self.reading = self.reading and self.depth > 0
        elif not self.reading or self.aside:
            return
        elif name in ("table-cell", "covered-table-cell") and self.attrs is not None:
            self._close_cell(self.attrs)
            self.attrs = None
        elif name == "table-row":
            self._close_row()

    def _close_cell(self, attrs: dict[str, str]) -> None:
        repeated = max(1, int(attrs.get("number-columns-repeated", 1)))
        first, self.column = self.column + 1, self.column + repeated
        wide = int(attrs.get("number-columns-spanned", 1))
        high = int(attrs.get("number-rows-spanned", 1))
        if wide > 1 or high > 1:
            last = (self.row + high, first + wide - 1)
            self.grid.merges.append((self.row + 1, first, *last))
        # Empty cells are repeated to the edge of the sheet; values never need to be.
        span = range(first, min(first + repeated, MOST_COLUMNS + 2))
        if "formula" in attrs:
            self.formulas.extend(span)
            return
        text = "".join(self.buffer).strip()
        try:
            raw = _value(attrs, text)
        except (ValueError, ArithmeticError):
            said = attrs.get("value") or text
            wrong = _("“%(text)s” is not a value that can be read.") % {"text": said[:40]}
            self.wrong.extend((column, wrong) for column in span)
            return
        if isinstance(raw, str) and too_long(raw):
            self.wrong.extend((column, _("this text is too long.")) for column in span)
        elif raw != "":
            self.cells.update(dict.fromkeys(span, raw))

    def _close_row(self) -> None:
        # A row repeated to the bottom of the sheet is taken to the cap, where it is refused.
        told = bool(self.cells or self.formulas or self.wrong)
        for step in range(1, (min(self.repeated, MOST_ROWS + 2) if told else 0) + 1):
            number = self.row + step
            self.grid.add(number, dict(self.cells))
            self.grid.formulas.extend((number, column) for column in self.formulas)
            self.grid.wrong.extend((number, column, text) for column, text in self.wrong)
        self.row += self.repeated


def _value(attrs: dict[str, str], text: str) -> Raw:
    kind = attrs.get("value-type", "")
    if kind in ("float", "currency", "percentage"):
        return finite(attrs.get("value", ""))
    if kind == "date":
        said = attrs.get("date-value", "").removesuffix("Z")
        return whole_day(datetime.fromisoformat(said[:19]))
    if kind == "boolean":
        return attrs.get("boolean-value") == "true"
    return attrs.get("string-value", text).strip() if kind == "string" else text
