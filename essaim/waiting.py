"""What waits for a person today, asked of every room and told by the reasons of the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from essaim import reasons
from essaim.hooks import WorkReason, work_reasons
from essaim.reasons import BY_CODE, REASONS

PER_ROOM: Final = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """How many things wait for one reason; `is_more` when a room stopped at its cap."""

    code: str
    label: Any
    icon: str
    subject: str
    count: int
    is_more: bool

    @property
    def written(self) -> str:
        return f"{self.count}+" if self.is_more else str(self.count)


def part_of(reason: WorkReason, on: date) -> int:
    """0 late, 1 for today (or without a date), 2 later."""
    if reason.due_on is None:
        return 1
    return 0 if reason.due_on < on else 1 if reason.due_on == on else 2


def waiting_for(user: Any, *, on: date) -> list[WorkReason]:
    """Late things first, then by weight and date; the settings are read once, rooms are capped."""
    with reasons.read_once():
        asked = [r for ask in work_reasons.all() for r in ask(user, on=on, limit=PER_ROOM)]
        found = [r for r in asked if reasons.is_on(r.code)]
    found.sort(key=lambda r: (part_of(r, on), r.order, r.due_on or date.max, str(r.title)))
    return found


def tallies(found: Sequence[WorkReason]) -> list[Tally]:
    """How many of each reason, in the order of the table; a code the table misses comes last."""
    counts: dict[str, int] = {}
    lines: dict[str, int] = {}
    for one in found:
        counts[one.code] = counts.get(one.code, 0) + one.count
        lines[one.code] = lines.get(one.code, 0) + 1
    known = [reason.code for reason in REASONS if reason.code in counts]
    return [
        _tally(code, counts[code], is_more=lines[code] >= PER_ROOM)
        for code in [*known, *(code for code in counts if code not in BY_CODE)]
    ]


def _tally(code: str, count: int, *, is_more: bool) -> Tally:
    reason = BY_CODE.get(code)
    if reason is None:
        return Tally(code, code, "circle-dot", "", count, is_more)
    return Tally(code, reason.label, reason.icon, reason.subject, count, is_more)
