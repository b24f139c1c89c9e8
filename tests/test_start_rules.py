"""An address and a numbering read as people write them."""

import pytest

from essaim.postal import Postal, read_address
from essaim.series import check_pattern, numbered
from essaim.series_reading import read_number


@pytest.mark.parametrize(
    "text",
    [
        "3 rue des Halles, 67000 Strasbourg",
        "3 rue des Halles\n67000 Strasbourg",
        "3 rue des Halles\r\nF-67 000 Strasbourg\r\nFrance",
        " 3 rue des Halles ; 67000, Strasbourg, France ",
    ],
)
def test_an_address_is_read_however_it_is_typed(text: str) -> None:
    assert read_address(text) == Postal("3 rue des Halles", "67000", "Strasbourg")


def test_lines_of_a_street_are_kept_and_a_number_of_five_figures_is_no_postcode() -> None:
    found = read_address("Bâtiment 12000\n14 rue X\n68000 Colmar Cedex")
    assert found == Postal("Bâtiment 12000, 14 rue X", "68000", "Colmar Cedex")


@pytest.mark.parametrize("text", ["", "Strasbourg", "67000 Strasbourg", "3 rue X, 670 Strasbourg"])
def test_an_address_without_all_its_parts_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "pattern", "restarts", "first"),
    [
        ("F2026-0001", "F{year}-{number:04d}", True, 1),
        ("FA-2026-0042", "FA-{year}-{number:04d}", True, 42),
        ("2026/7", "{year}/{number}", True, 7),
        ("20260007", "{year}{number:04d}", True, 7),
        ("EPI-118", "EPI-{number}", False, 118),
    ],
)
def test_a_numbering_is_read_from_its_next_number(
    text: str, pattern: str, first: int, *, restarts: bool
) -> None:
    found = read_number(text, year=2026)
    assert (found.pattern, found.restarts, found.first) == (pattern, restarts, first)
    check_pattern(found.pattern, restarts=found.restarts)
    assert numbered(found.pattern, year=2026, rank=found.first) == text


@pytest.mark.parametrize("text", ["", "F2026-", "F2026-0000", "sans"])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_number(text, year=2026)
