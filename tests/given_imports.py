"""Files that people bring, and the way they go through."""

from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter

from essaim.imports import batches
from essaim.models import ImportBatch, User
from tests.conftest import acting

TODAY = date(2026, 11, 23)


def csv_bytes(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding)


def sent(
    kind: str, *rows: str, by: User, on: date = TODAY, name: str = "tableau.csv"
) -> ImportBatch:
    """A file of text that was read and judged, not written."""
    return batches.open_batch(kind, name=name, content=csv_bytes(*rows), **acting(by, on))


def written(kind: str, *rows: str, by: User, on: date = TODAY, **more: Any) -> ImportBatch:
    batch = batches.write_batch(sent(kind, *rows, by=by, on=on), **acting(by, on), **more)
    batch.refresh_from_db()
    return batch


def faults(batch: ImportBatch) -> list[tuple[int, str]]:
    """(row, column) of each fault."""
    rows = batch.rows.filter(verdict="fault")
    return [(row.number, column) for row in rows for column, _words in row.plan["faults"]]


def said(batch: ImportBatch) -> str:
    """All that the faults say."""
    rows = batch.rows.filter(verdict="fault")
    return " ".join(words for row in rows for _column, words in row.plan["faults"])


def verdicts(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.values_list("number", "verdict"))


def workbook(fill: Any) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book)
    return target.getvalue()
