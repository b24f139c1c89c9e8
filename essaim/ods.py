"""An OpenDocument sheet written as it is read: memory does not grow, same rows give same bytes.

No cell is ever a formula or a link; an amount is a number, a text stays a text.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from django.utils import timezone
from django.utils.translation import gettext as _

from essaim.sheets import still

ODS_TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
LONGEST: Final = 32_767
MOST_ROWS: Final = 1_048_576
_BLOCK: Final = 500

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES: Final = " ".join(
    f'xmlns:{short}="{_NS}{name}:1.0"'
    for short, name in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        ("number", "datastyle"), ("fo", "xsl-fo-compatible"),
    )
)  # fmt: skip
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST: Final = (
    f'{_HEAD}<manifest:manifest xmlns:manifest="{_NS}manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"'
    ' manifest:version="1.3"/><manifest:file-entry manifest:full-path="content.xml"'
    ' manifest:media-type="text/xml"/></manifest:manifest>'
)
_STYLES: Final = (
    "<office:automatic-styles>"
    '<number:number-style style:name="n2"><number:number number:decimal-places="2"'
    ' number:min-decimal-places="2" number:min-integer-digits="1" number:grouping="true"/>'
    "</number:number-style>"
    '<number:date-style style:name="nd"><number:day number:style="long"/><number:text>/'
    '</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<style:style style:name="money" style:family="table-cell" style:data-style-name="n2"/>'
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="nd"/>'
    '<style:style style:name="head" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    "</office:automatic-styles>"
)
# What XML 1.0 cannot hold.
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SIGNS: Final = re.compile('[<>&"]| {2,}|^ +| +$|\t')
_NAMES: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "\t": "<text:tab/>"}


def _sign(found: re.Match[str]) -> str:
    sign = found[0]
    # Spaces in a row are one in XML: said apart, or they are lost.
    return f'<text:s text:c="{len(sign)}"/>' if sign[0] == " " else _NAMES[sign]


def _plain(text: str) -> str:
    return _ODD.sub("\ufffd", text[:LONGEST]).replace("\r\n", "\n").replace("\r", "\n")


def _escaped(text: str) -> str:
    """A text as an attribute takes it."""
    return re.sub('[<>&"]', lambda found: _NAMES[found[0]], _plain(text))


def _text(cell: Any, style: str = "") -> str:
    lines = _plain(str(cell)).split("\n")
    if lines == [""]:
        return "<table:table-cell/>"
    paragraphs = "".join(f"<text:p>{_SIGNS.sub(_sign, line)}</text:p>" for line in lines)
    return f'<table:table-cell{style} office:value-type="string">{paragraphs}</table:table-cell>'


def _number(cell: Any, style: str = "") -> str:
    if isinstance(cell, Decimal) and not cell.is_finite():
        raise ValueError(f"not a number for an export: {cell}")
    said = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    shown = said.replace(".", ",")
    return (
        f'<table:table-cell{style} office:value-type="float" office:value="{said}">'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def _money(cell: Any) -> str:
    return _number(cell, ' table:style-name="money"')


def _day(cell: Any) -> str:
    return (
        '<table:table-cell table:style-name="day" office:value-type="date"'
        f' office:date-value="{cell.isoformat()}"><text:p>{cell:%d/%m/%Y}</text:p>'
        "</table:table-cell>"
    )


def _moment(cell: datetime) -> str:
    local = timezone.localtime(cell).replace(tzinfo=None) if cell.tzinfo else cell
    said = local.replace(microsecond=0).isoformat()
    return (
        f'<table:table-cell office:value-type="date" office:date-value="{said}">'
        f"<text:p>{local:%d/%m/%Y %H:%M}</text:p></table:table-cell>"
    )


def _float(cell: Any) -> str:
    raise TypeError("an export takes Decimal, int or text, never float")


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: _text,
    Decimal: _number,
    int: _number,
    bool: lambda cell: _text(_("yes") if cell else _("no")),
    date: _day,
    datetime: _moment,
    type(None): lambda _cell: "<table:table-cell/>",
    float: _float,
}


def _row(cells: Sequence[object], amounts: Collection[int]) -> str:
    written = [
        _money(cell)
        if type(cell) is Decimal and at in amounts
        else _WRITERS.get(type(cell), _text)(cell)
        for at, cell in enumerate(cells)
    ]
    return f"<table:table-row>{''.join(written)}</table:table-row>"


def write_ods(
    target: IO[bytes],
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    money_columns: Collection[int] = (),
    title: str = "Export",
) -> int:
    """Write a sheet to a seekable file and return how many rows it holds.

    Raises ValueError past the rows a sheet can hold, TypeError on a float.
    """
    with ZipFile(target, "w") as book:
        # The first entry tells the type, and is not packed: so the format wants it.
        book.writestr(still("mimetype"), ODS_TYPE, ZIP_STORED)
        book.writestr(still("META-INF/manifest.xml"), _MANIFEST, ZIP_DEFLATED)
        info = still("content.xml")
        info.compress_type = ZIP_DEFLATED
        with book.open(info, "w", force_zip64=True) as sheet:
            return _fill(sheet, header, rows, frozenset(money_columns), title)


def _fill(
    sheet: IO[bytes],
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    amounts: frozenset[int],
    title: str,
) -> int:
    heading = "".join(_text(str(cell), ' table:style-name="head"') for cell in header)
    columns = max(len(header), 1)
    sheet.write(
        f'{_HEAD}<office:document-content {_SPACES} office:version="1.3">{_STYLES}'
        f'<office:body><office:spreadsheet><table:table table:name="{_sheet_name(title)}">'
        f'<table:table-column table:number-columns-repeated="{columns}"/>'
        f"<table:table-row>{heading}</table:table-row>".encode()
    )
    block: list[str] = []
    count = 0
    for cells in rows:
        count += 1
        if count >= MOST_ROWS:
            raise ValueError("a spreadsheet holds no more rows; export CSV instead")
        block.append(_row(cells, amounts))
        if len(block) == _BLOCK:
            sheet.write("".join(block).encode())
            block.clear()
    sheet.write("".join(block).encode())
    sheet.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")
    return count


def _sheet_name(title: str) -> str:
    name = "".join(" " if c in "[]:*?/\\'" else c for c in title).strip()
    return _escaped(name[:31] or "Export")
