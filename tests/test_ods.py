"""OpenDocument sheets: amounts stay numbers, texts stay texts, nothing is ever a formula."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from odf.namespaces import OFFICENS, TABLENS
from odf.opendocument import load
from odf.table import Table, TableCell, TableRow
from odf.teletype import extractText

from essaim.ods import ODS_TYPE, write_ods

D = Decimal
NOON = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)  # noon in Paris
HOSTILE = (
    "=1+1",
    "+33 6 12",
    "-2",
    "@SUM(A1)",
    "\tx",
    '=HYPERLINK("http://x")',
    "\uff1d1+1",
    "a  b   c",
    "  devant",
    "deux\nlignes",
    "<b>&amp;\"'</b>",
    "\x00\x0b\ud800",
    "é œ « » €",
)


def _written(header: Any, rows: Any, **more: Any) -> bytes:
    target = io.BytesIO()
    write_ods(target, header, rows, **more)
    return target.getvalue()


def _cells(content: bytes) -> list[list[tuple[str, str, str]]]:
    """(type, value, text) of every cell, as another program reads them."""
    book = load(io.BytesIO(content))
    (sheet,) = book.spreadsheet.getElementsByType(Table)
    return [
        [
            (
                cell.getAttrNS(OFFICENS, "value-type") or "",
                cell.getAttrNS(OFFICENS, "value") or cell.getAttrNS(OFFICENS, "date-value") or "",
                extractText(cell),
            )
            for cell in row.getElementsByType(TableCell)
        ]
        for row in sheet.getElementsByType(TableRow)
    ]


def test_amounts_are_numbers_days_are_dates_and_texts_are_texts() -> None:
    row = ["Épi", D("1234.50"), 3, date(2026, 3, 3), None, True, NOON]
    content = _written(["A"] * 7, [row], money_columns={1}, title="Bilan [x]")
    _header, cells = _cells(content)
    assert cells[0][::2] == ("string", "Épi")
    assert cells[1][:2] == ("float", "1234.50")
    assert cells[2][:2] == ("float", "3")
    assert cells[3][:2] == ("date", "2026-03-03")
    assert cells[4] == ("", "", "")
    assert cells[6][:2] == ("date", "2026-03-03T12:00:00")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula_or_is_lost(text: str) -> None:
    content = _written([text], [[text, D(-5)]])
    for row in _cells(content):
        assert row[0][0] == "string"
    book = load(io.BytesIO(content))
    for cell in book.getElementsByType(TableCell):
        assert cell.getAttrNS(TABLENS, "formula") is None
    body = ZipFile(io.BytesIO(content)).read("content.xml").decode()
    assert "table:formula" not in body and "xlink" not in body
    assert _cells(content)[1][1][1] == "-5"


@pytest.mark.parametrize("text", ["a  b   c", "  devant", "derrière  ", "=1+1", "é œ « » €"])
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    assert _cells(_written(["x"], [[text]]))[1][0][2] == text


def test_it_is_an_open_document_and_the_same_rows_give_the_same_bytes() -> None:
    one = _written(["A"], [["x", D("1.10")]], money_columns={1})
    assert one == _written(["A"], [["x", D("1.10")]], money_columns={1})
    with ZipFile(io.BytesIO(one)) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
        assert archive.read("mimetype").decode() == ODS_TYPE
        assert one[38 : 38 + len(ODS_TYPE)].decode() == ODS_TYPE


def test_floats_and_what_is_no_number_are_refused() -> None:
    with pytest.raises(TypeError):
        _written(["A"], [[1.5]])
    with pytest.raises(ValueError, match="not a number"):
        _written(["A"], [[D("NaN")]])


def test_it_counts_its_rows() -> None:
    assert write_ods(io.BytesIO(), ["A"], ([n] for n in range(1203))) == 1203
