"""Events of a calendar laid out on dates: repeats, time zones, exceptions, what is left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from typing import Final

from essaim.days import is_working_day
from missions.rules_repeat import Unreadable, followed, repeat_of

Moment = date | datetime
DAYS_BACK: Final = 100
ONE: Final = timedelta(days=1)
SHORTEST: Final = timedelta(minutes=15)
# What one file may ask of us: dates stepped through, and dates proposed.
MOST_STEPS: Final = 100_000
MOST_FOUND: Final = 400
OLDEST: Final = timedelta(days=40 * 366)
# A turn that began so long before the window may still end inside it.
SPAN: Final = timedelta(days=40)


class Out(StrEnum):
    """Why an event is not proposed."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    PRIVATE = "private"
    FREE = "free"
    FUTURE = "future"
    OLD = "old"
    SHORT = "short"
    UNREADABLE = "unreadable"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """An event as its file tells it; datetimes are aware, plain dates last whole days.

    `end` is exclusive. `rule` is the text of an RRULE; `instead_of` the date this one replaces.
    """

    uid: str
    start: Moment
    end: Moment
    title: str = ""
    place: str = ""
    people: tuple[str, ...] = ()
    rule: str = ""
    extra: tuple[Moment, ...] = ()
    without: tuple[Moment, ...] = ()
    instead_of: Moment | None = None
    version: int = 0
    left_out: Out | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The dates looked at: the last hundred days, nothing that has not begun."""

    on: date
    now: datetime
    zone: tzinfo

    @property
    def first(self) -> date:
        return self.on - timedelta(days=DAYS_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One event on one date; without hours it lasts the whole day."""

    series: str
    key: str
    day: date
    start: datetime | None
    end: datetime | None
    event: CalendarEvent

    @property
    def minutes(self) -> int | None:
        if self.start is None or self.end is None:
            return None
        # Two hours of one zone are subtracted by the clock: here, as they passed.
        passed = self.end.astimezone(UTC) - self.start.astimezone(UTC)
        return int(passed / timedelta(minutes=1))


@dataclass(slots=True)
class Laid:
    """What a file gives: dates to propose, newest first; keys taken back; what is left out."""

    found: list[Occurrence] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    left_out: Counter[Out] = field(default_factory=Counter)


def fingerprint(*parts: str) -> str:
    """What stands for a UID, whatever its length."""
    return sha256("\n".join(parts).encode()).hexdigest()


def name_of(moment: Moment) -> str:
    """A date of an event, the same for every way to write its hour."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return moment.strftime("%Y%m%d")


def lay_out(events: Iterable[CalendarEvent], window: Window) -> Laid:
    """Lay events out on the dates of the window."""
    laid, steps = Laid(), [MOST_STEPS]
    ones = latest(events)
    replaced = {(e.uid, name_of(e.instead_of)) for e in ones if e.instead_of is not None}
    for event in ones:
        try:
            for start in dates_of(event, window, steps):
                if (event.uid, name_of(start)) in replaced and event.instead_of is None:
                    continue
                _place(event, start, window, laid)
        except Unreadable:
            laid.left_out[Out.UNREADABLE] += 1
    laid.found.sort(key=lambda o: (o.day, o.key), reverse=True)
    if len(laid.found) > MOST_FOUND:
        laid.left_out[Out.TOO_MANY] += len(laid.found) - MOST_FOUND
        del laid.found[MOST_FOUND:]
    return laid


def latest(events: Iterable[CalendarEvent]) -> list[CalendarEvent]:
    """Of two versions of an event, the later one."""
    kept: dict[tuple[str, str], CalendarEvent] = {}
    for event in events:
        key = (event.uid, name_of(event.instead_of) if event.instead_of is not None else "")
        if key not in kept or kept[key].version <= event.version:
            kept[key] = event
    return list(kept.values())


# -- repeats -----------------------------------------------------------------------------------
def dates_of(event: CalendarEvent, window: Window, steps: list[int]) -> Iterator[Moment]:
    """When an event begins: once, or at each date of its repeat that can touch the window.

    `steps` holds what is left of the number of dates one file may step through.
    """
    if event.instead_of is not None or not (event.rule or event.extra):
        yield event.start
        return
    out = {name_of(moment) for moment in event.without}
    # An exception that names a day takes every hour of that day away.
    whole = {m for m in event.without if not isinstance(m, datetime)}
    found = {event.start} if not event.rule else set(_repeated(event, window, steps))
    for start in sorted(found | set(event.extra), key=name_of):
        if name_of(start) not in out and _day_of(start, window.zone) not in whole:
            yield start


def _repeated(event: CalendarEvent, window: Window, steps: list[int]) -> Iterator[Moment]:
    """A repeat, in the clock of the event's own zone: nine o'clock stays so in summer."""
    zone = event.start.tzinfo if isinstance(event.start, datetime) else None
    first, last = _clock(event.start), window.on + ONE
    if last - first.date() > OLDEST:
        raise Unreadable("too old")
    since = window.first - SPAN
    for moment in followed(repeat_of(event.rule, zone), first, last, steps, since=since):
        if moment.date() >= since:
            yield moment.replace(tzinfo=zone) if zone is not None else moment.date()


def _clock(moment: Moment) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())


# -- dates -------------------------------------------------------------------------------------
def _day_of(moment: Moment, zone: tzinfo) -> date:
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def _place(event: CalendarEvent, start: Moment, window: Window, laid: Laid) -> None:
    """Put one date of an event among what is found, taken back or left out."""
    repeats = bool(event.rule or event.extra or event.instead_of is not None)
    which = event.instead_of if event.instead_of is not None else start
    name = name_of(which) if repeats else ""
    series = fingerprint(event.uid)
    pieces = pieces_of(event, start, window.zone)
    if isinstance(pieces, Out):
        laid.left_out[pieces] += 1
        return
    for rank, (day, begins, ends) in enumerate(pieces):
        key = fingerprint(event.uid, name, str(rank)) if rank else fingerprint(event.uid, name)
        out = event.left_out or outside(day, begins, window)
        if out is None:
            one = Occurrence(series=series, key=key, day=day, start=begins, end=ends, event=event)
            laid.found.append(one)
        elif event.left_out is not None and window.first <= day <= window.on:
            laid.gone.add(key)
        if out is not None and not rank and (event.left_out or not event.rule):
            laid.left_out[out] += 1


def outside(day: date, begins: datetime | None, window: Window) -> Out | None:
    """Tell whether a date is before the window, or has not begun."""
    if day < window.first:
        return Out.OLD
    late = begins is not None and begins > window.now
    return Out.FUTURE if day > window.on or late else None


Piece = tuple[date, datetime | None, datetime | None]


def pieces_of(event: CalendarEvent, start: Moment, zone: tzinfo) -> Sequence[Piece] | Out:
    """The dates one turn of an event covers; of several whole days, those that are worked."""
    if not isinstance(start, datetime):
        first, last = start, start + max(_span(event), ONE) - ONE
        return [(day, None, None) for day in _days(first, last)]
    span = _span(event)
    if span < SHORTEST:
        return Out.SHORT if span >= timedelta(0) else Out.UNREADABLE
    begins = start.astimezone(zone)
    # Hours are added to the instant: a night when the clocks change has one more or less.
    ends = (start.astimezone(UTC) + span).astimezone(zone)
    if span <= ONE:
        return [(begins.date(), begins, ends)]
    last = (ends - timedelta(microseconds=1)).date()
    return [(day, None, None) for day in _days(begins.date(), last)]


def _span(event: CalendarEvent) -> timedelta:
    if isinstance(event.start, datetime) and isinstance(event.end, datetime):
        return event.end.astimezone(UTC) - event.start.astimezone(UTC)
    if isinstance(event.start, datetime) or isinstance(event.end, datetime):
        return timedelta(0)
    return event.end - event.start


def _days(first: date, last: date) -> list[date]:
    count = min((last - first).days + 1, 62)
    days = [first + n * ONE for n in range(count)]
    return days if count < 2 else [day for day in days if is_working_day(day)]
