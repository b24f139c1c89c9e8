"""Streamed CSV and XLSX: text stays text, amounts are numbers, same rows give same bytes."""

import csv
import io
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

Dates: TypeAlias = Literal["iso", "french"]
Row: TypeAlias = Sequence[object]

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXCEL_ROWS: Final = 1_048_576
EXCEL_TEXT: Final = 32_767
_CHUNK: Final = 32 * 1024
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a workbook's creation, never the clock
_TRIGGERS: Final = frozenset("=+-@\t\r\n")
_DATE_FORMATS: Final = {"iso": "%Y-%m-%d", "french": "%d/%m/%Y"}
_EXCEL_DATES: Final = {"iso": "yyyy-mm-dd", "french": "dd/mm/yyyy"}


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    Full-width signs count too: some spreadsheets take them for the plain ones.
    """
    if not text or text[0].isalnum() or unicodedata.normalize("NFKC", text[0]) not in _TRIGGERS:
        return text
    return f"'{text}"


def csv_stream(header: Row, rows: Iterable[Row], *, dates: Dates = "iso") -> Iterator[bytes]:
    """Yield a CSV file as French spreadsheets open it: UTF-8 with BOM, `;`, CRLF, decimal comma.

    Memory does not grow with the rows; the header leaves first. Raises TypeError on a float.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([_csv_cell(cell, dates) for cell in header])
    yield b"\xef\xbb\xbf" + _drained(buffer)
    for row in rows:
        writer.writerow([_csv_cell(cell, dates) for cell in row])
        if buffer.tell() > _CHUNK:
            yield _drained(buffer)
    if buffer.tell():
        yield _drained(buffer)


def xlsx_bytes(
    header: Row,
    rows: Iterable[Row],
    *,
    money_columns: Collection[int | str] = (),
    title: str = "Export",
    dates: Dates = "french",
) -> bytes:
    """Give a workbook of one sheet; `money_columns` are indexes or headings shown to the cent.

    No cell is ever a formula or a link. Raises ValueError past the rows a sheet can hold.
    """
    # First imported here: only an export pays for the library.
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": _EPOCH, "title": title})
        _fill(book, header, rows, money_columns, title, dates)
    return target.getvalue()


def csv_response(
    name: str, header: Row, rows: Iterable[Row], *, dates: Dates = "iso"
) -> StreamingHttpResponse:
    """Answer with a streamed CSV attachment called `name`."""
    chunks = csv_stream(header, rows, dates=dates)
    return StreamingHttpResponse(chunks, headers=attachment_headers(name, CSV_TYPE))


def xlsx_response(
    name: str,
    header: Row,
    rows: Iterable[Row],
    *,
    money_columns: Collection[int | str] = (),
    title: str = "Export",
) -> HttpResponse:
    """Answer with an XLSX attachment called `name`."""
    content = xlsx_bytes(header, rows, money_columns=money_columns, title=title)
    return HttpResponse(content, headers=attachment_headers(name, XLSX_TYPE))


def attachment_headers(name: str, content_type: str) -> dict[str, str]:
    """Give the headers of a download: its name, its type, and no sniffing."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return {
        "Content-Type": content_type,
        "Content-Disposition": disposition or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def _drained(buffer: io.StringIO) -> bytes:
    # A lone surrogate, which no file can hold, becomes "?" rather than a broken download.
    block = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return block


def _csv_cell(cell: object, dates: Dates) -> str | int:
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, Decimal):
        return _comma(cell)
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, int):
        return cell
    return _csv_rare_cell(cell, dates)


def _csv_rare_cell(cell: object, dates: Dates) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{_local(cell):{_DATE_FORMATS[dates]} %H:%M}"
    if isinstance(cell, date):
        return f"{cell:{_DATE_FORMATS[dates]}}"
    _refuse_float(cell)
    return guarded(str(cell))  # translated labels, mostly


def _comma(amount: Decimal) -> str:
    if not amount.is_finite():
        raise ValueError(f"not a number for an export: {amount}")
    return f"{amount:f}".replace(".", ",")


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None) if moment.tzinfo else moment


def _refuse_float(cell: object) -> None:
    if isinstance(cell, float):
        raise TypeError("an export takes Decimal, int or text, never float")


def _fill(
    book: Any,
    header: Row,
    rows: Iterable[Row],
    money_columns: Collection[int | str],
    title: str,
    dates: Dates,
) -> None:
    bold = book.add_format({"bold": True})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": _EXCEL_DATES[dates]})
    moment = book.add_format({"num_format": f"{_EXCEL_DATES[dates]} hh:mm"})
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    wanted = {str(name) for name in money_columns if not isinstance(name, int)}
    amounts = {at for at in money_columns if isinstance(at, int)}
    for at, heading in enumerate(header):
        if str(heading) in wanted:
            amounts.add(at)
        sheet.set_column(at, at, 14 if at in amounts else 20)
        sheet.write_string(0, at, str(heading)[:EXCEL_TEXT], bold)
    write = _cell_writer(sheet, money, day, moment)
    for number, row in enumerate(rows, start=1):
        if number >= EXCEL_ROWS:
            raise ValueError("a spreadsheet holds no more rows; export CSV instead")
        for at, cell in enumerate(row):
            write(number, at, cell, at in amounts)


def _cell_writer(
    sheet: Any, money: Any, day: Any, moment: Any
) -> Callable[[int, int, object, bool], None]:
    def write(row: int, at: int, cell: object, is_money: bool) -> None:  # noqa: FBT001
        if isinstance(cell, bool):
            sheet.write_string(row, at, _("yes") if cell else _("no"))
        elif isinstance(cell, Decimal | int):
            _comma(Decimal(cell))  # refuses NaN and infinity, which the file could not say
            sheet.write_number(row, at, cell, money if is_money else None)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, at, _local(cell), moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, at, cell, day)
        elif cell is not None and cell != "":
            _refuse_float(cell)
            sheet.write_string(row, at, str(cell)[:EXCEL_TEXT])

    return write


def _sheet_name(title: str) -> str:
    """Keep what Excel allows in the name of a sheet: 31 characters, none of []:*?/\\."""
    name = "".join(" " if c in "[]:*?/\\" else c for c in title).strip(" '")
    return name[:31] or "Export"
