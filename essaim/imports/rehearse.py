"""Rows written one by one by an action: tried and taken back first, then written together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.imports.plan import CREATE, LINK, Judged, Made, RowsRefused
from essaim.workflow import Missing, Refused

# Small enough that nobody else waits for long while a slice is tried.
SLICE: Final = 25
Writer = Callable[[Judged], Made]


class _TakeBack(Exception):
    """The end of a rehearsal."""


def attempt(one: Judged, write: Writer, columns: Mapping[str, str]) -> Made | None:
    """Write one row within a savepoint; what its action refuses becomes faults of the row."""
    try:
        with transaction.atomic():
            return write(one)
    except Refused as refused:
        one.refused(refused.missing, columns)
    except PermissionDenied:
        one.refused([Missing("row", _("this is out of your reach."))], columns)
    except ValidationError as error:
        one.refused([Missing("row", " ".join(error.messages))], columns)
    return None


def rehearse(judged: Sequence[Judged], write: Writer, columns: Mapping[str, str]) -> None:
    """Try every row that would be written, and take it all back: only the faults stay."""
    for part in _slices([one for one in judged if one.verdict in (CREATE, LINK)]):
        try:
            with transaction.atomic():
                for one in part:
                    attempt(one, write, columns)
                raise _TakeBack
        except _TakeBack:
            continue


def write_each(judged: Sequence[Judged], write: Writer, columns: Mapping[str, str]) -> list[Made]:
    """Write the rows in the caller's transaction. Raises RowsRefused with every row refused."""
    made = [attempt(one, write, columns) for one in judged]
    if wrong := [one for one in judged if one.faults]:
        raise RowsRefused(wrong)
    return [done for done in made if done is not None]


def _slices(rows: Sequence[Judged]) -> Iterator[Sequence[Judged]]:
    for start in range(0, len(rows), SLICE):
        yield rows[start : start + SLICE]
