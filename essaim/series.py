"""Numbers without a gap, taken under a lock in the transaction that issues."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.bulk import insert_rows
from essaim.models import NumberSlot, Series, SeriesYear
from essaim.workflow import Missing, NotAtomic, Refused

MAX_LENGTH = 35
ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/")
WIDTH = re.compile(r"(0\d{1,2}d?)?")
PARSED = Formatter().parse


@dataclass(frozen=True, slots=True)
class Taken:
    """A number just taken; its series row stays locked until the transaction ends."""

    series: Series
    year: int
    rank: int
    number: str
    previous: str


def numbered(pattern: str, *, year: int, rank: int) -> str:
    """The printed number: the pattern with {year} and {number} filled in."""
    return pattern.format(year=year, number=rank)


def number_of(series: Series, *, year: int, rank: int) -> str:
    """What a series prints for the rank of a year, numbers given elsewhere counted."""
    return numbered(series.pattern, year=year, rank=rank + series.shift(year))


def _skeleton(pattern: str) -> str:
    """The pattern without the width of its number: two alike can print the same number."""
    return "".join(
        text + (f"{{{name}}}" if name else "") for text, name, _spec, _conv in PARSED(pattern)
    )


def _is_plain(pattern: str, *, restarts: bool) -> bool:
    """Only {year} and {number}, the number whole or padded with zeros, the year if it restarts."""
    parts = [p[1:] for p in PARSED(pattern) if p[1] is not None]
    widths = {spec or "" for name, spec, _ in parts if name == "number"}
    names = [name for name, *_ in parts]
    return (
        set(names) <= {"year", "number"}
        and "number" in names
        and ("year" in names or not restarts)
        and all(conversion is None for *_, conversion in parts)
        and all(not spec for name, spec, _ in parts if name == "year")
        and all(WIDTH.fullmatch(width) for width in widths)
    )


def check_pattern(pattern: str, *, restarts: bool = True) -> None:
    """Refuse a pattern that can't number invoices (CGI ann. II 242 nonies A; EN 16931 BT-1)."""
    try:
        plain = _is_plain(pattern, restarts=restarts)
        shown = numbered(pattern, year=2099, rank=999_999) if plain else ""
    except ValueError:
        shown = ""
    if not shown or len(shown) > MAX_LENGTH or not set(shown) <= ALLOWED:
        raise Refused(
            [
                Missing(
                    "pattern",
                    _(
                        "The pattern needs {number}, and {year} if it restarts each year: at most "
                        "35 characters, letters, digits and + - _ / only."
                    ),
                )
            ]
        )


def _refuse_a_pattern_already_used(pattern: str, present: Series | None) -> None:
    """It would print the same numbers again, whatever kind of document carried them."""
    used = Series.objects.filter(years__counter__gt=0).distinct()
    if present is not None:
        used = used.exclude(pk=present.pk)
    if _skeleton(pattern) in {_skeleton(old.pattern) for old in used}:
        raise Refused(
            [Missing("pattern", _("This pattern has numbered documents already: choose another."))]
        )


def _last_date(series: Series) -> date | None:
    """The date of the last document, through the series this one continues."""
    current: Series | None = series
    while current is not None:
        found = current.years.exclude(last_on=None).order_by("-last_on").first()
        if found is not None:
            return found.last_on
        current = current.continues
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """An open series under lock until the transaction ends, and where its next numbers start."""

    series: Series
    year: SeriesYear
    on: date

    def number(self, rank: int) -> str:
        """The number printed for a rank of this year."""
        return number_of(self.series, year=self.on.year, rank=rank)


def hold(kind: str, *, on: date) -> Held:
    """Lock the open series of this kind to number documents dated `on`.

    Take it as late as possible in the transaction: its lock is what others wait for.
    Refuses a date before the series' last one, also across years.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotAtomic("A number is taken in the transaction that issues")
    try:
        series = Series.objects.select_for_update().get(kind=kind, closed=False)
    except Series.DoesNotExist:
        raise Refused(
            [Missing("series", _("No numbering series is open: set it up first."))]
        ) from None
    _refuse_a_date_before(_last_date(series), on)
    label = on.year if series.restarts else 0
    year, _made = SeriesYear.objects.get_or_create(series=series, year=label)
    if series.restarts:
        SeriesYear.objects.filter(series=series, year__lt=label, closed=False).update(closed=True)
    return Held(series, year, on)


def _refuse_a_date_before(last: date | None, on: date) -> None:
    if last is not None and on < last:
        raise Refused(
            [
                Missing(
                    "issued_on",
                    _("The date %(on)s is before the last document of the series, dated %(last)s.")
                    % {"on": f"{on:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"},
                )
            ]
        )


def take(kind: str, *, on: date) -> Taken:
    """The next number of the open series of this kind, dated `on`, for what has no chain.

    The documents of a chained series are numbered by `hold`, `put_slots` and `give`.
    """
    held = hold(kind, on=on)
    year = held.year
    year.counter += 1
    year.last_on = on
    year.save(update_fields=["counter", "last_on"])
    number = held.number(year.counter)
    return Taken(held.series, year.year, year.counter, number, held.series.head)


def seal(taken: Taken, digest: str) -> None:
    """Put the document's hash at the head of the chain."""
    taken.series.head = digest
    taken.series.save(update_fields=["head"])


def put_slots(held: Held, slots: Sequence[NumberSlot]) -> None:
    """Write the places of the documents about to be issued, in their order."""
    if NumberSlot.objects.filter(series=held.series).exists():
        words = _("A number was set aside by hand: have manage.py verify name it first.")
        raise Refused([Missing("series", words)])
    insert_rows(slots)


def give(held: Held, slots: Sequence[NumberSlot]) -> None:
    """Their documents stand: the counter passes them, the head is the last, the slots go."""
    held.year.counter, held.year.last_on = slots[-1].rank, held.on
    held.year.save(update_fields=["counter", "last_on"])
    held.series.head = slots[-1].digest
    held.series.save(update_fields=["head"])
    NumberSlot.objects.filter(series=held.series).delete()


def _beginning(first: int | None, year: int | None) -> dict[str, Any]:
    if first is not None and not 1 <= first < 1_000_000:
        raise Refused([Missing("first", _("The next number is between 1 and 999999."))])
    taken_over = first is not None and first > 1
    return {"first_number": first or 1, "first_year": year if taken_over else None}


def open_series(
    kind: str,
    *,
    pattern: str,
    restarts: bool = True,
    first: int | None = None,
    year: int | None = None,
) -> Series:
    """Open a series, or change its pattern: a used one is closed and the new one continues it.

    `first` is the next number when a numbering is taken over from elsewhere, in that `year`.
    """
    check_pattern(pattern, restarts=restarts)
    began = _beginning(first, year if restarts else None)
    with transaction.atomic():
        current = Series.objects.select_for_update().filter(kind=kind, closed=False).first()
        _refuse_a_pattern_already_used(pattern, current)
        if current is None:
            return Series.objects.create(kind=kind, pattern=pattern, restarts=restarts, **began)
        if first is None and (current.pattern, current.restarts) == (pattern, restarts):
            return current
        if not current.years.filter(counter__gt=0).exists():
            current.pattern, current.restarts = pattern, restarts
            for name, value in began.items():
                setattr(current, name, value)
            current.save(update_fields=["pattern", "restarts", *began])
            return current
        current.closed = True
        current.save(update_fields=["closed"])
        return Series.objects.create(
            kind=kind,
            pattern=pattern,
            restarts=restarts,
            head=current.head,
            continues=current,
            **began,
        )
