"""Columns stacked month by month, as the geometry of a drawing (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

HEIGHT: Final = 120  # of the tallest column, in pixels: across, the drawing is in percents
TOP: Final = 18  # left above for what is written on the highest line
STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a column: how it is filled, its upper edge and its height."""

    kind: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place across in percents of the width, its parts from the bottom up."""

    label: Any
    x: str
    middle: str
    pieces: Sequence[Piece]
    is_every_other: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line across, with what it stands for; the one in the middle is left to the eye."""

    y: int
    written: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Widths are percents and heights pixels: letters keep their size on any screen."""

    key: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    width: str
    base: int = TOP + HEIGHT

    @property
    def height(self) -> int:
        """With the two rows of labels under the columns."""
        return self.base + 34

    @property
    def month_y(self) -> int:
        return self.base + 15

    @property
    def year_y(self) -> int:
        return self.base + 29


def ceiling(most: Decimal) -> Decimal:
    """The first round figure at or above the highest column."""
    if most <= 0:
        return Decimal(1)
    scale = Decimal(10) ** most.adjusted()
    return next(step * scale for step in STEPS if step * scale >= most)


def stacked(
    key: str,
    rows: Sequence[tuple[Any, Sequence[Decimal]]],
    kinds: Sequence[str],
    write: Callable[[Decimal], str],
) -> Chart:
    """Columns of the rows (label, amounts in the order of `kinds`); what is below zero is left."""
    sums = [sum((max(a, Decimal(0)) for a in amounts), Decimal(0)) for _label, amounts in rows]
    most = ceiling(max(sums, default=Decimal(0)))
    share = Decimal(100) / max(len(rows), 1)
    columns = []
    for rank, (label, amounts) in enumerate(rows):
        pieces, edge, top = [], Decimal(0), TOP + HEIGHT
        for kind, amount in zip(kinds, amounts, strict=True):
            edge += max(amount, Decimal(0))
            y = TOP + HEIGHT - int(edge * HEIGHT / most)
            if y < top:
                pieces.append(Piece(kind, y, top - y))
            top = y
        x, middle = share * rank + share / 10, share * rank + share / 2
        columns.append(Column(label, f"{x:.2f}", f"{middle:.2f}", pieces, rank % 2 == 1))
    lines = [Line(TOP, write(most)), Line(TOP + HEIGHT // 2, "")]
    return Chart(key, columns, lines, f"{share * 8 / 10:.2f}")
