"""A workbook of one sheet written as it is read: memory does not grow, same rows give same bytes.

No cell is ever a formula or a link; an amount is a number, a text stays a text.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone
from django.utils.translation import gettext as _

EXCEL_ROWS: Final = 1_048_576
EXCEL_TEXT: Final = 32_767
# A file of a zip bears no clock.
STILL: Final = (1980, 1, 1, 0, 0, 0)
_DAY_ONE: Final = date(1899, 12, 30).toordinal()
_BLOCK: Final = 500
_ODD = re.compile("[<>&\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\r]|_x[0-9A-Fa-f]{4}_")
_NAMES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "\r": ""}

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_ML: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_ML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_ML}.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{_SHEET_ML}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2"'
        f' Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
        '<numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
        '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm"/></numFmts><fonts count="2">'
        '<font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="5">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    ),
}  # fmt: skip


def still(name: str) -> ZipInfo:
    """An entry of a zip that is the same whenever it is written."""
    info = ZipInfo(name, STILL)
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info


def _plain(found: re.Match[str]) -> str:
    sign = found[0]
    return f"_x005F{sign}" if len(sign) > 1 else _NAMES.get(sign, "\ufffd")


def escaped(text: str) -> str:
    """A text that XML and spreadsheets take as it is."""
    text = text[:EXCEL_TEXT]
    return _ODD.sub(_plain, text) if _ODD.search(text) else text


def _text(cell: Any) -> str:
    if cell == "":
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escaped(str(cell))}</t></is></c>'


def _number(cell: Any) -> str:
    if isinstance(cell, Decimal) and not cell.is_finite():
        raise ValueError(f"not a number for an export: {cell}")
    return f"<c><v>{cell:f}</v></c>"


def _money(cell: Any) -> str:
    return _number(cell).replace("<c>", '<c s="1">', 1)


def _day(cell: Any) -> str:
    return f'<c s="2"><v>{cell.toordinal() - _DAY_ONE}</v></c>'


def _moment(cell: datetime) -> str:
    local = timezone.localtime(cell).replace(tzinfo=None) if cell.tzinfo else cell
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return f'<c s="3"><v>{local.toordinal() - _DAY_ONE + seconds / 86400:.6f}</v></c>'


def _float(cell: Any) -> str:
    raise TypeError("an export takes Decimal, int or text, never float")


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: _text,
    Decimal: _number,
    int: lambda cell: f"<c><v>{cell}</v></c>",
    bool: lambda cell: _text(_("yes") if cell else _("no")),
    date: _day,
    datetime: _moment,
    type(None): lambda _cell: "<c/>",
    float: _float,
}


def _row(cells: Sequence[object], amounts: Collection[int]) -> str:
    out = ["<row>"]
    for at, cell in enumerate(cells):
        kind = type(cell)
        if kind is Decimal and at in amounts:
            out.append(_money(cell))
        else:
            out.append(_WRITERS.get(kind, _text)(cell))
    out.append("</row>")
    return "".join(out)


def _sheet_name(title: str) -> str:
    name = "".join(" " if c in "[]:*?/\\" else c for c in title).strip(" '")
    return escaped(name[:31] or "Export").replace('"', "&quot;")


def write_xlsx(
    target: IO[bytes],
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    money_columns: Collection[int] = (),
    title: str = "Export",
) -> int:
    """Write a workbook to a seekable file and return how many rows it holds.

    Raises ValueError past the rows a sheet can hold, TypeError on a float.
    """
    parts = {
        **_PARTS,
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{_sheet_name(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
    }
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in parts.items():
            book.writestr(still(name), _HEAD + text, ZIP_DEFLATED)
        info = still("xl/worksheets/sheet1.xml")
        info.compress_type = ZIP_DEFLATED
        # The level of a streamed entry is its own.
        info._compresslevel = 1  # type: ignore[attr-defined]
        with book.open(info, "w", force_zip64=True) as sheet:
            return _fill(sheet, header, rows, frozenset(money_columns))


def _fill(
    sheet: IO[bytes],
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    amounts: frozenset[int],
) -> int:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{14 if at - 1 in amounts else 20}" customWidth="1"/>'
        for at in range(1, len(header) + 1)
    )
    heading = "".join(_text(str(cell)).replace("<c ", '<c s="4" ', 1) for cell in header)
    sheet.write(
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData><row>{heading}</row>".encode()
    )
    count, block = 0, []
    for row in rows:
        count += 1
        if count >= EXCEL_ROWS:
            raise ValueError("a spreadsheet holds no more rows; export CSV instead")
        block.append(_row(row, amounts))
        if len(block) >= _BLOCK:
            sheet.write("".join(block).encode())
            block = []
    sheet.write(("".join(block) + "</sheetData></worksheet>").encode())
    return count
