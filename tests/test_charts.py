"""Stacked columns: round ceilings, heights that add up, nothing below the ground."""

from decimal import Decimal as D

import pytest

from essaim.charts import HEIGHT, TOP, ceiling, stacked


@pytest.mark.parametrize(
    ("most", "round_figure"),
    [("0", "1"), ("0.3", "0.5"), ("1", "1"), ("12", "20"), ("21", "25"), ("27153.42", "50000")],
)
def test_the_highest_line_is_a_round_figure(most: str, round_figure: str) -> None:
    assert ceiling(D(most)) == D(round_figure)


def test_parts_stand_on_one_another_and_fill_the_column() -> None:
    chart = stacked("x", [("a", (D(5), D(3), D(2))), ("b", (D(0), D(1), D(0)))], "fhd", str)
    first, second = chart.columns
    assert sum(piece.height for piece in first.pieces) == HEIGHT
    assert [piece.y for piece in first.pieces] == [TOP + 60, TOP + 24, TOP]
    assert [(piece.kind, piece.height) for piece in second.pieces] == [("h", 12)]
    assert (first.middle, second.middle, chart.width) == ("25.00", "75.00", "40.00")
    assert chart.lines[0].written == "10"


def test_what_is_below_zero_is_not_drawn() -> None:
    (column,) = stacked("x", [("a", (D(10), D(-4)))], "fh", str).columns
    assert [(piece.kind, piece.height) for piece in column.pieces] == [("f", HEIGHT)]
    assert stacked("x", [], "fh", str).columns == []
