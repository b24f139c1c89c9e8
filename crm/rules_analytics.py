"""Passages through the stages, told by the moves: durations without pauses, quartiles, exits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median, quantiles
from typing import Final

RANKS: Final = (
    "contact", "diagnosis", "collective", "buying_group", "test_shop", "set_up", "premises",
    "follow_up", "done",
)  # fmt: skip
_RANK: Final = {code: rank for rank, code in enumerate(RANKS)}


class Exit(StrEnum):
    """How a passage ended."""

    FORWARD = "forward"
    BACK = "back"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    RELEASED = "released"
    MERGED = "merged"


# Who left the stage by doing it; those who stopped there say nothing of how long it takes.
DONE: Final = frozenset({Exit.FORWARD, Exit.BACK, Exit.CLOSED})
STOPPED: Final = frozenset({Exit.ABANDONED, Exit.RELEASED, Exit.MERGED})


@dataclass(frozen=True, slots=True)
class Step:
    """One move as the analytics read it."""

    edge: str
    from_stage: str
    to_stage: str
    to_activity: str
    on: date


@dataclass(slots=True)
class Gap:
    """Days that are no part of a passage: a pause, or a stop that was taken back."""

    first: date
    last: date | None = None
    is_stop: bool = False

    def within(self, until: date) -> int:
        """How many of its days fall before `until`."""
        end = until if self.last is None else min(self.last, until)
        return max((end - self.first).days, 0)

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day < self.last)


@dataclass(slots=True)
class Passage:
    """One stay in one stage, with the pauses and stops inside it."""

    stage: str
    began: date
    ended: date | None = None
    exit: Exit | None = None
    gaps: list[Gap] = field(default_factory=list)

    def days(self, on: date) -> int:
        """Days spent at work in the stage, up to its end or to `on`."""
        until = on if self.ended is None else min(self.ended, on)
        away = sum(gap.within(until) for gap in self.gaps)
        return max((until - self.began).days - away, 0)

    def stands(self, on: date) -> bool:
        """Whether it was under way, paused or not, at the end of a day."""
        if self.began > on or (self.ended is not None and self.ended <= on):
            return False
        return not any(gap.is_stop and gap.holds(on) for gap in self.gaps)

    def is_paused(self, on: date) -> bool:
        return any(not gap.is_stop and gap.holds(on) for gap in self.gaps)

    # -- what happens to it ----------------------------------------------------------------
    def pause(self, on: date) -> None:
        self.gaps.append(Gap(on))

    def resume(self, on: date) -> None:
        if self.gaps and self.gaps[-1].last is None:
            self.gaps[-1].last = on

    def end(self, on: date, how: Exit) -> None:
        self.resume(on)
        self.ended, self.exit = on, how

    def take_up(self, on: date) -> None:
        """Goes on after a stop: the time between is no part of it."""
        self.gaps.append(Gap(self.ended or on, on, is_stop=True))
        self.ended = self.exit = None


@dataclass(slots=True)
class Story:
    """The passages of one accompaniment, in order."""

    passages: list[Passage] = field(default_factory=list)
    is_whole: bool = True  # from the first contact on; a coop taken over is not

    @property
    def last(self) -> Passage | None:
        return self.passages[-1] if self.passages else None


_ENDS: Final = {
    "abandoned": Exit.ABANDONED,
    "released": Exit.RELEASED,
    "merged": Exit.MERGED,
}


def story_of(started_on: date, stage: str, steps: Sequence[Step]) -> Story:
    """Read the moves of one accompaniment, in the order they were made.

    `stage` is where it stands when it never moved. A coop taken over begins at its stage, on the
    day the take-over names. A step back dated on or before the day the present passage began
    corrects it: that passage is as if it never was.
    """
    if not steps:
        return Story([] if stage == "done" else [Passage(stage, started_on)])
    first, story = steps[0], Story()
    if first.edge == "place":
        story.is_whole = False
    else:
        story.passages.append(Passage(first.from_stage, started_on))
    for step in steps:
        _take(story, step)
    return story


_INSIDE: Final = {"pause": Passage.pause, "resume": Passage.resume, "reopen": Passage.take_up}


def _take(story: Story, step: Step) -> None:
    last = story.last
    if last is None or step.edge in ("place", "reopen_closed"):
        story.passages.append(Passage(step.to_stage, step.on))
    elif step.edge in _INSIDE:
        _INSIDE[step.edge](last, step.on)
    elif step.to_stage == "done":
        last.end(max(step.on, last.began), Exit.CLOSED)
    elif step.to_activity in _ENDS:
        last.end(max(step.on, last.began), _ENDS[step.to_activity])
    elif step.to_stage != last.stage:
        _change(story, last, step)


def _change(story: Story, last: Passage, step: Step) -> None:
    """From a stage to another one; a step back may correct what was noted before."""
    if _RANK[step.to_stage] > _RANK[last.stage]:
        last.end(max(step.on, last.began), Exit.FORWARD)
        story.passages.append(Passage(step.to_stage, step.on))
        return
    while story.passages and step.on <= story.passages[-1].began:
        story.passages.pop()
    before = story.last
    if _was_never_left(before, step):
        return
    if before is not None and (before.ended is None or before.ended > step.on):
        before.end(step.on, Exit.BACK)
    story.passages.append(Passage(step.to_stage, step.on))


def _was_never_left(before: Passage | None, step: Step) -> bool:
    """Open again the passage whose end is what this step corrects."""
    if before is None or before.stage != step.to_stage or before.ended is None:
        return False
    if before.ended < step.on:
        return False
    before.ended = before.exit = None
    return True


# -- figures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quartiles:
    """First quartile, median and third quartile of some durations, and how many there are."""

    count: int
    low: float
    middle: float
    high: float


def quartiles(values: Sequence[int]) -> Quartiles | None:
    """Of durations in days, interpolated between the two nearest; None of none."""
    if not values:
        return None
    if len(values) == 1:
        return Quartiles(1, values[0], values[0], values[0])
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Quartiles(len(values), low, middle, high)


@dataclass(slots=True)
class StageFigures:
    """What became of the passages through one stage within a period."""

    stage: str
    entered: int = 0  # accompaniments that entered it
    passages: int = 0  # times it was entered
    present: int = 0  # there at the end of the period, pauses apart
    paused: int = 0
    passed: int = 0  # accompaniments that left it forward, or closed there
    back: int = 0
    stopped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(sorted(STOPPED), 0))
    durations: list[int] = field(default_factory=list)
    ages: list[int] = field(default_factory=list)

    @property
    def spread(self) -> Quartiles | None:
        return quartiles(self.durations)

    @property
    def median_age(self) -> float | None:
        return median(self.ages) if self.ages else None

    @property
    def stops(self) -> int:
        return sum(self.stopped.values())


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both in it; an open side is None."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date | None) -> bool:
        if day is None or (self.first is not None and day < self.first):
            return False
        return self.last is None or day <= self.last


def funnel(
    stories: Iterable[Story], *, on: date, period: Period | None = None
) -> list[StageFigures]:
    """Figures of each stage, in the order of the pipeline; the end itself is no stage.

    Entries, exits and durations are those of the period; present are those of its last day.
    """
    span = period or Period()
    until = min(span.last, on) if span.last is not None else on
    found = {code: StageFigures(code) for code in RANKS[:-1]}
    for story in stories:
        _count(story, found, span, until)
    return list(found.values())


def _count(story: Story, found: Mapping[str, StageFigures], span: Period, until: date) -> None:
    entered, passed = set(), set()
    for one in story.passages:
        row = found[one.stage]
        if span.holds(one.began) and one.began <= until:
            row.passages += 1
            entered.add(one.stage)
        if one.stands(until):
            _present(row, one, until)
        if one.exit is not None and span.holds(one.ended):
            if one.exit in (Exit.FORWARD, Exit.CLOSED):
                passed.add(one.stage)
            _leave(row, one)
    for stage in entered:
        found[stage].entered += 1
    for stage in passed:
        found[stage].passed += 1


def _present(row: StageFigures, one: Passage, until: date) -> None:
    if one.is_paused(until):
        row.paused += 1
    else:
        row.present += 1
        row.ages.append(one.days(until))


def _leave(row: StageFigures, one: Passage) -> None:
    if one.exit == Exit.BACK:
        row.back += 1
    if one.exit in STOPPED:
        row.stopped[str(one.exit)] += 1
    elif one.exit in DONE and one.ended is not None:
        row.durations.append(one.days(one.ended))


def days_until(story: Story, stage: str) -> int | None:
    """Days at work from the first contact to the first day of a stage; None when not known."""
    if not story.is_whole:
        return None
    total = 0
    for one in story.passages:
        if one.stage == stage:
            return total
        if one.ended is None:
            return None
        total += one.days(one.ended)
    return None


@dataclass(slots=True)
class GroupFigures:
    """One territory, mother coop or path beside the others."""

    label: str
    coops: int = 0
    live: int = 0
    reached: int = 0  # entered the follow-up after opening
    stopped: int = 0
    roads: list[int] = field(default_factory=list)

    @property
    def road(self) -> Quartiles | None:
        """Days from the first contact to the follow-up, of those that got there."""
        return quartiles(self.roads)


def compare(stories: Iterable[tuple[str, Story]]) -> list[GroupFigures]:
    """The groups, the largest first."""
    found: dict[str, GroupFigures] = {}
    for label, story in stories:
        row = found.setdefault(label, GroupFigures(label))
        _belongs(row, story)
    return sorted(found.values(), key=lambda row: (-row.coops, row.label))


def _belongs(row: GroupFigures, story: Story) -> None:
    row.coops += 1
    last = story.last
    if last is not None and last.ended is None:
        row.live += 1
    if last is not None and last.exit in STOPPED:
        row.stopped += 1
    if any(one.stage == "follow_up" for one in story.passages):
        row.reached += 1
    if (days := days_until(story, "follow_up")) is not None:
        row.roads.append(days)
