"""Text tables: the encoding and the delimiter are found, nothing is computed."""

import csv
import io
import re
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from essaim.imports.table import Grid, Raw, Unreadable, too_long

DELIMITERS: Final = (";", "\t", ",")
_SAID = re.compile(r"sep=([;,\t])\r?\n", re.IGNORECASE)


def read_csv(file: IO[bytes] | Any) -> Grid:
    """Read UTF-8 (with or without its mark) or the Windows encoding; a text stays a text."""
    text = _decoded(file.read())
    grid = Grid()
    # Excel's own way to say the delimiter: a first line that is no row of the table.
    said = _SAID.match(text)
    sign = said[1] if said else _delimiter(text)
    reader = csv.reader(
        io.StringIO(text[said.end() :] if said else text, newline=""), delimiter=sign
    )
    line = 2 if said else 1
    try:
        for values in reader:
            cells: dict[int, Raw] = {}
            for column, value in enumerate(values, start=1):
                if too_long(value):
                    grid.wrong.append((line, column, _("this text is too long.")))
                elif value.strip():
                    cells[column] = value.strip()
            grid.add(line, cells)
            # A quoted cell may hold line breaks: rows are numbered as spreadsheets show them.
            line += 1
    except csv.Error as error:
        raise Unreadable(
            _("This text file is not a table: row %(row)s can't be read.") % {"row": line},
            code="broken",
        ) from error
    return grid


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise Unreadable(
                _("The encoding of this file is unknown: save it as “CSV UTF-8”."), code="encoding"
            ) from error


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of cells, and into the most."""
    start = io.StringIO(text[:20_000], newline="")
    lines = [line for line in (start.readline() for _n in range(12)) if line.strip()]

    def merit(sign: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=sign)]
        cut = [count for count in counts if count > 1]
        return len(cut), min(cut, default=0)

    return max(DELIMITERS, key=merit)
