"""A table read from a file: its header, its numbered rows, and what is wrong in its cells."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Raw: TypeAlias = str | Decimal | bool | date | datetime

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 400
MOST_CELLS: Final = 500_000
LONGEST_CELL: Final = 5_000


class Unreadable(ValidationError):
    """The file as a whole can't be read; the message says why, for the field of a form."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: the row as numbered in the file, the title of its column."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return _("Row %(row)s, column “%(column)s”: %(message)s") % {
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. A cell that is empty, or refused, is absent from its row.

    `faults` names the refused cells of every column; `faults_of` those of the columns in use.
    """

    sheet: str
    header: tuple[str, ...]
    rows: list[tuple[int, dict[str, Raw]]]
    header_row: int = 1
    sheets: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def faults_of(self, columns: Collection[str]) -> list[Fault]:
        """The faults of these columns, in the order of rows."""
        return [fault for fault in self.faults if fault.column in columns]


@dataclass(slots=True)
class Grid:
    """The cells of one sheet as they come, by row and column counted from 1; capped."""

    rows: list[tuple[int, dict[int, Raw]]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    # First row, first column, last row, last column.
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    wrong: list[tuple[int, int, str]] = field(default_factory=list)
    cells: int = 0

    def add(self, row: int, cells: dict[int, Raw]) -> None:
        """Take a row; raises Unreadable past what a table may hold."""
        if not cells:
            return
        self.cells += len(cells)
        if len(self.rows) > MOST_ROWS:
            raise Unreadable(
                _("This table has more than %(most)s rows: cut it in several files.")
                % {"most": f"{MOST_ROWS:,}".replace(",", "\N{NO-BREAK SPACE}")},
                code="too_many_rows",
            )
        if max(cells) > MOST_COLUMNS:
            raise Unreadable(
                _("Row %(row)s has values beyond the %(most)s columns a table may have.")
                % {"row": row, "most": MOST_COLUMNS},
                code="too_many_columns",
            )
        if self.cells > MOST_CELLS:
            raise Unreadable(
                _("This table holds too many cells: cut it in several files."),
                code="too_many_cells",
            )
        self.rows.append((row, cells))


def letters(column: int) -> str:
    """A column as spreadsheets name it: 1 is A, 28 is AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def too_long(text: str) -> bool:
    return len(text) > LONGEST_CELL


def shown(raw: Raw | None) -> str:
    """A raw value as plain text, the same for the same value whatever the kind of file."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "VRAI" if raw else "FAUX"
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == raw.time().min else raw.isoformat(" ")
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, Decimal):
        text = f"{raw:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return raw.strip()


def made(
    grid: Grid, *, sheet: str = "", sheets: tuple[str, ...] = (), header_row: int = 0
) -> Table:
    """Tell the header of a grid from its rows; a line that starts with # is a comment.

    The header is row `header_row`, or the first one with two cells or more.
    Raises Unreadable when nothing is there.
    """
    rows = [(n, cells) for n, cells in grid.rows if not _is_comment(cells)]
    at = next((i for i, (n, _cells) in enumerate(rows) if n == header_row), None)
    if at is None:
        at = next((i for i, (_n, cells) in enumerate(rows) if len(cells) > 1), 0)
    if not rows:
        raise Unreadable(_("This sheet is empty."), code="empty")
    head, below = rows[at], rows[at + 1 :]
    names = _names(head[1], {column for _n, cells in below for column in cells})
    return Table(
        sheet=sheet,
        header=tuple(names[column] for column in sorted(names)),
        rows=[(n, {names[c]: raw for c, raw in sorted(cells.items())}) for n, cells in below],
        header_row=head[0],
        sheets=sheets,
        faults=tuple(sorted(_faults(grid, head, names), key=lambda f: f.row)),
    )


def _is_comment(cells: dict[int, Raw]) -> bool:
    first = cells[min(cells)]
    return isinstance(first, str) and first.lstrip().startswith("#")


def _names(head: dict[int, Raw], used: set[int]) -> dict[int, str]:
    """A title for each column: its own, made unique by its letter, or the letter alone."""
    names: dict[int, str] = {}
    for column in sorted(set(head) | used):
        title = " ".join(shown(head.get(column)).split())[:100] or letters(column)
        names[column] = f"{title} ({letters(column)})" if title in names.values() else title
    return names


def _faults(grid: Grid, head: tuple[int, dict[int, Raw]], names: dict[int, str]) -> Iterator[Fault]:
    first = head[0]
    formula = _("this cell is a formula: paste its value instead.")
    yield from (Fault(r, names[c], formula) for r, c in grid.formulas if r >= first and c in names)
    yield from (Fault(r, names[c], text) for r, c, text in grid.wrong if r >= first and c in names)
    for top, left, bottom, right in grid.merges:
        if bottom < first:
            continue
        text = _("merged cells (%(area)s): split them, each row with its own value.") % {
            "area": f"{letters(left)}{top}:{letters(right)}{bottom}"
        }
        # A merge may claim the whole sheet: only the columns that are there are named.
        yield from (Fault(top, name, text) for c, name in names.items() if left <= c <= right)
    seen: dict[str, int] = {}
    for column, raw in sorted(head[1].items()):
        title = " ".join(shown(raw).split())[:100]
        if title in seen:
            twice = _("this title is there twice: rename one of the two columns.")
            yield Fault(first, names[column], twice)
            yield Fault(first, names[seen[title]], twice)
        seen.setdefault(title, column)
