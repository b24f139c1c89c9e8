"""The agenda: the deadlines of every room for one person, and how a month is laid out."""

from calendar import Calendar
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from django.db.models import Max

from essaim import hooks
from essaim.hooks import DueDate
from essaim.models import Event

# What has no trail is stamped like this: a stamp never comes from the clock.
NEVER_CHANGED: Final = datetime(2000, 1, 1, tzinfo=UTC)


def gather(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Everything due from `first` to `last` that this person may see, in order of days."""
    found = [d for ask in hooks.due_dates.all() for d in ask(user, first=first, last=last)]
    return sorted(found, key=lambda d: (d.day, d.at or NEVER_CHANGED, d.what, d.title, d.key))


def mine(user: Any, found: Iterable[DueDate]) -> list[DueDate]:
    """What this person follows, and what nobody in particular does."""
    return [d for d in found if d.person is None or d.person[0] == user.pk]


def narrowed(found: Iterable[DueDate], chosen: Mapping[str, str]) -> list[DueDate]:
    """The deadlines of one kind, coop or person: `chosen` maps these names to what was picked."""
    tests: dict[str, Callable[[DueDate], str]] = {
        "kind": lambda d: d.kind,
        "coop": lambda d: str(d.coop[0]) if d.coop else "",
        "person": lambda d: str(d.person[0]) if d.person else "",
    }
    asked = [(tests[name], value) for name, value in chosen.items() if value]
    return [d for d in found if all(of(d) == value for of, value in asked)]


def stamps(model: str, keys: Iterable[int]) -> dict[int, datetime]:
    """When each row of a model was last written, by its trail; one query."""
    rows: Any = Event.objects.filter(model=model, object_id__in=set(keys)).order_by()
    found: dict[int, datetime] = dict(rows.values_list("object_id").annotate(last=Max("at")))
    return found


def weeks_of(month: date) -> list[list[date]]:
    """The weeks that hold a month, each from Monday to Sunday."""
    return Calendar(0).monthdatescalendar(month.year, month.month)
