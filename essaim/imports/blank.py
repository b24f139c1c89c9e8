"""Models of tables to fill: a header, one example as a comment, and a sheet of explanations."""

import io
from collections.abc import Sequence
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.utils.translation import gettext as _

from essaim.exports import CSV_TYPE, XLSX_TYPE, csv_stream
from essaim.imports.plan import Column
from essaim.sheets import escaped, still
from essaim.uploads import CONTENT_TYPES

FORMATS: Final = {"xlsx": XLSX_TYPE, "ods": CONTENT_TYPES["ods"], "csv": CSV_TYPE}
_ODS: Final = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
_MANIFEST: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"

Rows = list[list[str]]


def table_rows(columns: Sequence[Column]) -> Rows:
    """The header, then an example that the reader takes for a comment."""
    example = [column.example for column in columns]
    # A line that starts with # is never imported.
    word = _("example:")
    example[0] = f"# {word} {example[0]}".strip()
    return [[str(column.label) for column in columns], example]


def explanations(columns: Sequence[Column], words: str) -> Rows:
    """What each column is, whether it is needed, what it may hold."""
    rows = [
        [words],
        [_("A line whose first cell starts with # is left aside.")],
        [_("Dates like 31/12/2025, decimals with a comma, no formula, no merged cells.")],
        [],
        [_("Column"), _("Needed"), _("What it holds"), _("Other titles understood")],
    ]
    for column in columns:
        said = str(column.help)
        if column.choices:
            listed = ", ".join(str(choice) for choice in column.choices)
            possible = _("Possible: %(listed)s") % {"listed": listed}
            said = f"{said} {possible}".strip()
        needed = _("yes") if column.required else ""
        rows.append([str(column.label), needed, said, ", ".join(column.synonyms)])
    return rows


def model_file(kind: str, columns: Sequence[Column], words: str, title: str) -> bytes:
    """The bytes of a model: kind is xlsx, ods or csv."""
    rows = table_rows(columns)
    if kind == "csv":
        return b"".join(csv_stream(rows[0], rows[1:]))
    sheets = [(title[:31], rows), (_("Explanations"), explanations(columns, words))]
    return _xlsx(sheets) if kind == "xlsx" else _ods(sheets)


def _xlsx(sheets: list[tuple[str, Rows]]) -> bytes:
    # First imported here: only a model pays for the library.
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        bold, grey = book.add_format({"bold": True}), book.add_format({"font_color": "#777777"})
        for at, (name, rows) in enumerate(sheets):
            sheet = book.add_worksheet(_tidy(name))
            sheet.set_column(0, 40, 24)
            if not at:
                sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                style: Any = bold if number == 4 * at else grey if not at else None
                sheet.write_row(number, 0, row, style)
    return target.getvalue()


def _tidy(name: str) -> str:
    return "".join(" " if c in "[]:*?/\\" else c for c in name)[:31]


def _ods(sheets: list[tuple[str, Rows]]) -> bytes:
    body = "".join(
        f'<table:table table:name="{_attribute(name)}">{"".join(map(_line, rows))}</table:table>'
        for name, rows in sheets
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS} '
        'office:version="1.3"><office:body><office:spreadsheet>'
        f"{body}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = CONTENT_TYPES["ods"]
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{_MANIFEST}" '
        f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/><manifest:file-entry '
        'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    target = io.BytesIO()
    with ZipFile(target, "w") as book:
        book.writestr(still("mimetype"), kind, ZIP_STORED)
        book.writestr(still("content.xml"), content, ZIP_DEFLATED)
        book.writestr(still("META-INF/manifest.xml"), manifest, ZIP_DEFLATED)
    return target.getvalue()


def _attribute(text: str) -> str:
    return escaped(_tidy(text)).replace('"', "&quot;")


def _line(row: list[str]) -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{escaped(cell)}</text:p>'
        "</table:table-cell>"
        if cell
        else "<table:table-cell/>"
        for cell in row or [""]
    )
    return f"<table:table-row>{cells}</table:table-row>"
