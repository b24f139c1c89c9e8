"""Exports stream: twenty thousand rows take the memory of two thousand."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.db import reset_queries

from invoicing import files
from invoicing.entries import ALL
from invoicing.files import ENTRIES, Wanted, build
from tests.many_books import FIRST, LAST, fill

pytestmark = pytest.mark.django_db
# What a file ten times as long may take more, in bytes.
SLACK = 1_500_000


def peak(work: Callable[[], Any]) -> int:
    reset_queries()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def export(kind: str, file_format: str, last: Any) -> int:
    built = build(Wanted(kind, file_format, FIRST, last, scope=ALL))
    built.content.close()
    return built.rows


def test_memory_does_not_follow_the_rows(chloe: Any, monkeypatch: Any) -> None:
    # Everything goes to disk, so that what is counted is what the writers hold.
    monkeypatch.setattr(files, "_IN_MEMORY", 1)
    # Seven postings for an invoice and its payment: 2,000 rows and 20,000.
    fill(2_900, chloe)
    tenth = FIRST.replace(month=2, day=6)
    for file_format in ("fec", "xlsx", "csv"):
        export(ENTRIES, file_format, tenth)
        rows: list[int] = []
        small = peak(lambda: rows.append(export(ENTRIES, file_format, tenth)))  # noqa: B023
        large = peak(lambda: rows.append(export(ENTRIES, file_format, LAST)))  # noqa: B023
        assert rows[0] >= 2_000
        assert rows[1] >= 20_000
        assert large <= small + SLACK, (file_format, small, large)
