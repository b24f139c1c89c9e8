"""Exports: no text becomes a formula, amounts stay numbers, the same rows give the same bytes."""

import csv
import io
import time
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from essaim.exports import csv_response, csv_stream, xlsx_bytes, xlsx_response

HOSTILE = [
    "=1+1",
    "+33 3 88 00 00 00",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    '=HYPERLINK("http://example.org")',
    "=cmd|' /C calc'!A0",
    "http://example.org",
    '"; =1+1',
    "a;b\r\nc",
]
HEADER = ("Client", "Montant", "Date")
ROW = ("L’Épicerie", Decimal("1200.50"), date(2026, 11, 22))


def read(chunks):
    content = b"".join(chunks).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))


def sheet_of(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_csv_opens_in_a_french_spreadsheet():
    content = b"".join(csv_stream(HEADER, [ROW]))
    assert content == "\ufeffClient;Montant;Date\r\nL’Épicerie;1200,50;2026-11-22\r\n".encode()


def test_csv_dates_may_be_french_and_moments_are_local():
    moment = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    rows = read(csv_stream(["a", "b"], [(date(2026, 11, 22), moment)], dates="french"))
    assert rows[1] == ["22/11/2026", "22/11/2026 23:30"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_csv_begins_a_formula(text):
    (_header, (cell, amount)) = read(csv_stream([text, "n"], [(text, Decimal("-5.00"))]))
    assert cell.lstrip("'") == text.lstrip("'")
    assert cell[0] not in "=+-@\t\r\n\uff1d"
    assert amount == "-5,00"


def test_csv_says_nothing_yes_and_counts():
    rows = read(csv_stream(["a", "b", "c"], [(None, True, 12)]))
    assert rows[1][0] == ""
    assert rows[1][1] not in ("True", "1")
    assert rows[1][2] == "12"


@pytest.mark.parametrize(
    "make", [lambda rows: list(csv_stream(["a"], rows)), lambda rows: xlsx_bytes(["a"], rows)]
)
def test_floats_and_nan_never_leave(make):
    with pytest.raises(TypeError):
        make([(0.1,)])
    with pytest.raises(ValueError, match="not a number"):
        make([(Decimal("NaN"),)])


def test_the_first_bytes_leave_before_any_row_is_read():
    def rows():
        raise AssertionError("a row was read")
        yield ()

    assert next(csv_stream(HEADER, rows())).endswith(b"Date\r\n")


def test_a_long_csv_is_read_in_flat_memory():
    row = ("L’Épicerie des Trois Rivières " * 4, Decimal("1234.56"), date(2026, 11, 22))

    def peak(count):
        tracemalloc.start()
        size = sum(map(len, csv_stream(HEADER, (row for _ in range(count)))))
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size, top

    peak(10)
    size, top = peak(20_000)
    assert size > 2_500_000
    assert top < 600_000


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text):
    sheet = sheet_of(xlsx_bytes([text], [(text,)], title=text))
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type != "f"
        assert cell.hyperlink is None
        assert cell.value.replace("\r", "").replace("_x000D_", "").strip() in text.replace("\r", "")


def test_amounts_of_a_workbook_are_numbers_shown_to_the_cent():
    content = xlsx_bytes(
        HEADER, [ROW, ("Avoir", Decimal("-0.10"), None)], money_columns=["Montant"]
    )
    sheet = sheet_of(content)
    assert [cell.value for cell in sheet["B"][1:]] == [1200.5, -0.1]
    assert all(cell.data_type == "n" and "0.00" in cell.number_format for cell in sheet["B"][1:])
    assert sheet["C2"].value.date() == date(2026, 11, 22)
    assert sheet["C2"].number_format == "dd/mm/yyyy"
    assert sheet["C3"].value is None
    assert xlsx_bytes(HEADER, [ROW], money_columns=[1]) == xlsx_bytes(
        HEADER, [ROW], money_columns=["Montant"]
    )


def test_the_same_export_twice_is_the_same_to_the_byte():
    first_csv, first = b"".join(csv_stream(HEADER, [ROW])), xlsx_bytes(HEADER, [ROW])
    time.sleep(2.1)  # zip archives keep their times to two seconds
    assert b"".join(csv_stream(HEADER, [ROW])) == first_csv
    assert xlsx_bytes(HEADER, [ROW]) == first
    assert b"2000-01-01" in zipfile.ZipFile(io.BytesIO(first)).read("docProps/core.xml")


def test_a_workbook_of_too_many_rows_is_refused_in_words(monkeypatch):
    monkeypatch.setattr("essaim.exports.EXCEL_ROWS", 3)
    with pytest.raises(ValueError, match="export CSV"):
        xlsx_bytes(["a"], [(1,), (2,), (3,)])


def test_downloads_are_attachments_that_nobody_sniffs():
    answers = [
        csv_response("ventes été.csv", HEADER, [ROW]),
        xlsx_response('a";\r\nb.xlsx', HEADER, [ROW]),
    ]
    for answer in answers:
        assert answer["Content-Disposition"].startswith("attachment; filename")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
    assert answers[0]["Content-Type"].startswith("text/csv")
    assert b"".join(answers[0]).startswith(b"\xef\xbb\xbf")
