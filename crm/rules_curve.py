"""A curve of member counts as places on a drawing: dates to the right, members upwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Count:
    """One count: registered members, and the active ones when they are known."""

    as_of: date
    registered: int
    active: int | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    value: int
    as_of: date


@dataclass(frozen=True, slots=True)
class Curve:
    """Two lines, the target, and the marks of both axes, within a frame."""

    width: int
    height: int
    left: int
    bottom: int
    registered: Sequence[Dot]
    active: Sequence[Dot]
    target: int | None
    target_y: int
    marks: Sequence[tuple[int, int]]
    first: date
    last: date

    @property
    def right(self) -> int:
        return self.width - 8

    @property
    def registered_points(self) -> str:
        return _points(self.registered)

    @property
    def active_points(self) -> str:
        return _points(self.active)


def _points(dots: Sequence[Dot]) -> str:
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


def top_of(most: int) -> int:
    """A round figure above all: 1, 2 or 5 times a power of ten."""
    top = 10
    while True:
        for factor in (1, 2, 5):
            if most <= top * factor:
                return top * factor
        top *= 10


def curve(
    counts: Sequence[Count], target: int | None = None, *, width: int = 600, height: int = 220
) -> Curve | None:
    """The drawing of these counts, None when there is none."""
    if not counts:
        return None
    rows = sorted(counts, key=lambda c: c.as_of)
    first, last = rows[0].as_of, rows[-1].as_of
    span = max((last - first).days, 1)
    top = top_of(max(max(c.registered for c in rows), target or 0))
    left, right, head, bottom = 8 + 8 * len(str(top)), width - 8, 10, height - 24

    def x(day: date) -> int:
        if first == last:
            return (left + right) // 2
        return round(left + (day - first).days / span * (right - left))

    def y(members: int) -> int:
        return round(bottom - members / top * (bottom - head))

    return Curve(
        width=width,
        height=height,
        left=left,
        bottom=bottom,
        registered=[Dot(x(c.as_of), y(c.registered), c.registered, c.as_of) for c in rows],
        active=[
            Dot(x(c.as_of), y(c.active), c.active, c.as_of) for c in rows if c.active is not None
        ],
        target=target,
        target_y=y(target or 0),
        marks=[(y(value), value) for value in (0, top // 2, top)],
        first=first,
        last=last,
    )
