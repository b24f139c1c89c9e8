"""Questions asked upward: the rooms above register their answers, nobody imports them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Model, Q

from essaim.search.kinds import Searched

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LooseEnd:
    """One thing to decide before an accompaniment is abandoned."""

    key: str
    label: str
    choices: Sequence[tuple[str, str]]
    url: str = ""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a coop's timeline; (at, kind, key) is its place in keyset order."""

    at: datetime
    kind: str
    key: int
    title: str
    url: str = ""
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class WorkReason:
    """One thing that needs this user today; `count` things when a line tells of several."""

    code: str
    title: str
    url: str
    due_on: date | None = None
    tone: str = ""
    detail: str = ""
    order: int = 50
    count: int = 1


@dataclass(frozen=True, slots=True)
class FrozenTable:
    """What the database itself refuses on one table.

    Conditions are SQL over OLD and NEW, valid on both engines; "" means never refused and
    "1=1" always. Columns in `free` may still change on a frozen row. A column in `follows` may too,
    where its SQL ({c} is the column) finds a row: the one it leaves is a duplicate of the one it
    goes to. Several registrations on one table add up. `needs` names the other tables the
    conditions read.
    """

    model: str
    update: str = ""
    delete: str = ""
    insert: str = ""
    free: Sequence[str] = ()
    follows: Mapping[str, str] = field(default_factory=dict, hash=False)
    truncate: bool = True
    needs: Sequence[str] = ()


class Guard(Protocol):
    def __call__(self, obj: Any, *, by: Any, on: date, data: Any) -> list[Any]: ...


class LooseEnds(Protocol):
    """`find` lists what is open, on all rows; `settle` carries one choice out in the
    caller's transaction and answers True when the key was its own."""

    def find(self, accompaniment: Any, *, user: Any) -> list[LooseEnd]: ...

    def settle(
        self, accompaniment: Any, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> bool: ...


class Timeline(Protocol):
    """At most `limit` entries of `kind` strictly before `before`, newest first, one query."""

    def __call__(
        self, coop: Any, *, user: Any, before: tuple[datetime, str, int] | None, limit: int
    ) -> list[TimelineEntry]: ...


class WorkReasons(Protocol):
    def __call__(self, user: Any, *, on: date, limit: int) -> list[WorkReason]: ...


class Reaction(Protocol):
    """Work owed in the same transaction; returns what it did, as codes kept on the Event."""

    def __call__(
        self, obj: Any, *, by: Any, on: date, at: datetime, data: Any
    ) -> Mapping[str, Any] | None: ...


class PersonData(Protocol):
    """What a room holds about one contact: `export` gives it in plain types, `erase` forgets what
    may be forgotten in the caller's transaction and answers counts by code."""

    def export(self, contact: Any) -> Mapping[str, Any]: ...

    def erase(self, contact: Any, *, by: Any, on: date, at: datetime) -> Mapping[str, int]: ...


class Reattach(Protocol):
    """Before the rows of `source` follow to `target`: settles those that would clash there.

    Runs in the caller's transaction; answers codes kept on the Event. Rows that would still clash
    stay with the source, readable and counted (`essaim.joining`).
    """

    def __call__(
        self, source: Any, target: Any, *, by: Any, on: date, at: datetime
    ) -> Mapping[str, Any] | None: ...


class DailyWork(Protocol):
    """Reminders and other work of a day; done twice on one day it does nothing more."""

    def __call__(self, *, on: date, at: datetime) -> Mapping[str, int]: ...


class KeptShares(Protocol):
    """Keys of the day shares that a room holds for good: they are not made again."""

    def __call__(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Held:
    """What a colleague holds of one kind: how many, where they are listed, and the permission
    asked of whoever takes it. `help` says what passing it does when that is not plain."""

    code: str
    label: str
    count: int
    url: str = ""
    permission: str = ""
    help: str = ""


class HandOver(Protocol):
    """What a leaving colleague holds, and its passing to another in the caller's transaction.

    `find` judges on all rows; `give` passes one kind on and answers how many rows it passed,
    None when the code is not its own.
    """

    def find(self, user: Any) -> list[Held]: ...

    def give(
        self, user: Any, code: str, *, to: Any, by: Any, on: date, at: datetime
    ) -> int | None: ...


@dataclass(frozen=True, slots=True)
class DueDate:
    """One dated thing of the agenda; `key` names it for ever, `day` is the day in Paris.

    `at` is given when the hour counts too. `coop` and `person` are (key, name) pairs that the
    agenda filters by; `stamped` is when what it says last changed. `is_owed` is False for what
    merely happens on its day, an opening for one: once past it is no delay.
    """

    key: str
    kind: str
    what: str
    day: date
    title: str
    url: str
    at: datetime | None = None
    detail: str = ""
    coop: tuple[int, str] | None = None
    person: tuple[int, str] | None = None
    stamped: datetime | None = None
    is_owed: bool = True


class DueDates(Protocol):
    """The deadlines a person may see from `first` to `last`, both included.

    A fixed number of queries; no word that the person may not read.
    """

    def __call__(self, user: Any, *, first: date, last: date) -> list[DueDate]: ...


class Importer(Protocol):
    """One kind of table that people bring: its columns, what its rows would do, their writing.

    `judge` reads only (what it tries it takes back); `write` gets the rows to create or link and
    answers what each made, in the caller's transaction. See `essaim.imports.plan`.
    """

    kind: str
    permission: str
    order: int

    def label(self) -> str: ...

    def help(self) -> str: ...

    def columns(self) -> Sequence[Any]: ...

    def judge(
        self, lines: Sequence[Any], *, by: Any, on: date, at: datetime, dry: bool
    ) -> list[Any]: ...

    def write(self, judged: Sequence[Any], *, by: Any, on: date, at: datetime) -> Sequence[Any]: ...


@dataclass
class Keyed(Generic[T]):
    """Answers filed under a key."""

    rows: dict[Any, list[T]] = field(default_factory=lambda: defaultdict(list))

    def register(self, key: Any) -> Callable[[T], T]:
        def keep(answer: T) -> T:
            if answer not in self.rows[key]:
                self.rows[key].append(answer)
            return answer

        return keep

    def of(self, key: Any) -> Sequence[T]:
        return tuple(self.rows.get(key, ()))


@dataclass
class Listed(Generic[T]):
    """Answers in the order they were given."""

    rows: list[T] = field(default_factory=list)

    def register(self, answer: T) -> T:
        if answer not in self.rows:
            self.rows.append(answer)
        return answer

    def all(self) -> Iterator[T]:
        return iter(tuple(self.rows))


# guards: key ("crm.Accompaniment", "finish"); timeline: key = kind; reactions: key = event verb.
guards: Keyed[Guard] = Keyed()
loose_ends: Listed[LooseEnds] = Listed()
timeline: Keyed[Timeline] = Keyed()
work_reasons: Listed[WorkReasons] = Listed()
reactions: Keyed[Reaction] = Keyed()
frozen_tables: Listed[FrozenTable] = Listed()
# search: key = label of the model; reattach: key = label of the model whose rows would clash.
# guards are also asked for ("crm.Organisation" or "crm.Contact", "archive" or "join"): `data` is
# then None, or the row that is joined to.
search: Keyed[Searched] = Keyed()
person_data: Listed[PersonData] = Listed()
reattach: Keyed[Reattach] = Keyed()
hand_overs: Listed[HandOver] = Listed()
# What re-rating leaves alone besides billed days: each answers a subquery of keys.
kept_shares: Listed[KeptShares] = Listed()
# The plural name of a table's rows on screen, by label: "3 notes follow".
row_names: dict[str, Any] = {}
# Rows that never follow a duplicate, by (label, foreign key): what they say of it is sealed.
anchored: dict[tuple[str, str], Q] = {}
# Work no person sets off, done by `manage.py daily`; each answers what it did and may run twice.
daily: Listed[DailyWork] = Listed()
# Deadlines of every room: the agenda, its month and the private feed read them.
due_dates: Listed[DueDates] = Listed()
# key = kind of table, one importer each.
importers: Keyed[Importer] = Keyed()

# key = code of a question of `essaim.features`: each answers the rows that need what a no would
# hide, as a queryset.
feature_rows: Keyed[Callable[[], Any]] = Keyed()
# Where an office that is not set up begins: each answers an address, or "".
beginnings: Listed[Callable[[Any], str]] = Listed()


def label_of(obj: Model | type[Model]) -> str:
    """The key of a model in the registries, as "crm.Accompaniment"."""
    return obj._meta.label


# The trail is append-only; the words of people beside it may be erased.
frozen_tables.register(FrozenTable("essaim.Event", update="1=1", delete="1=1"))

# A series that has numbered something keeps its pattern; only its head and its end still move.
_USED = "EXISTS (SELECT 1 FROM essaim_seriesyear y WHERE y.series_id = OLD.id AND y.counter > 0)"
frozen_tables.register(
    FrozenTable("essaim.Series", update=_USED, delete=_USED, free=("head", "closed"))
)
frozen_tables.register(
    FrozenTable(
        "essaim.Series",
        update="OLD.closed AND (NOT NEW.closed OR NEW.head <> OLD.head)",
        # REPLACE would remove the open series it clashes with.
        insert=(
            "NOT NEW.closed AND EXISTS (SELECT 1 FROM essaim_series s"
            " WHERE s.kind = NEW.kind AND NOT s.closed)"
        ),
    )
)
# A counter goes up by one, or by as many slots as were put, in the order of dates, until its
# year is closed.
frozen_tables.register(
    FrozenTable(
        "essaim.SeriesYear",
        update=(
            "NEW.series_id <> OLD.series_id OR NEW.year <> OLD.year"
            " OR NEW.counter < OLD.counter OR (NEW.counter > OLD.counter + 1"
            " AND (SELECT COUNT(*) FROM essaim_numberslot n WHERE n.series_id = OLD.series_id"
            " AND n.year = OLD.year AND n.rank > OLD.counter AND n.rank <= NEW.counter)"
            " <> NEW.counter - OLD.counter)"
            " OR NEW.last_on < OLD.last_on OR (NEW.counter > 0 AND NEW.last_on IS NULL)"
            " OR (NEW.counter = OLD.counter AND NEW.last_on <> OLD.last_on)"
            " OR (OLD.closed AND (NOT NEW.closed OR NEW.counter <> OLD.counter))"
        ),
        delete="OLD.counter > 0",
        insert="NEW.counter <> 0 OR NEW.last_on IS NOT NULL OR NEW.closed",
        needs=("essaim_numberslot",),
    )
)
# Slots are put one after the other from the end of the chain; none is ever changed.
_SLOT = (
    "NOT EXISTS (SELECT 1 FROM essaim_seriesyear y JOIN essaim_series s ON s.id = y.series_id"
    " WHERE s.id = NEW.series_id AND NOT s.closed AND NOT y.closed AND y.year = NEW.year"
    ' AND NEW.rank > y.counter AND (y.last_on IS NULL OR NEW."on" >= y.last_on)'
    " AND ((NEW.rank = y.counter + 1 AND NEW.previous = s.head)"
    " OR EXISTS (SELECT 1 FROM essaim_numberslot p WHERE p.series_id = NEW.series_id"
    " AND p.year = NEW.year AND p.rank = NEW.rank - 1 AND p.rank > y.counter"
    ' AND p.digest = NEW.previous AND p."on" = NEW."on")))'
)
frozen_tables.register(FrozenTable("essaim.NumberSlot", update="1=1", insert=_SLOT))

# An import that was written keeps what it says it made; undoing it gives its own rows leave to go.
frozen_tables.register(
    FrozenTable(
        "essaim.ImportBatch",
        update="OLD.last_event > 0",
        delete="OLD.last_event > 0",
        insert="NEW.state <> 'checked'",
        free=("state",),
    )
)
frozen_tables.register(
    FrozenTable(
        "essaim.ImportRemoval",
        update="1=1",
        delete="1=1",
        insert=(
            "NOT EXISTS (SELECT 1 FROM essaim_importbatch b"
            " WHERE b.id = NEW.batch_id AND b.state = 'undone')"
        ),
        needs=("essaim_importbatch",),
    )
)
IMPORT_REMOVALS = "essaim_importremoval"
SAMPLE_ROWS = "essaim_samplerow"


def unless_undone(model: str) -> str:
    """SQL: true of a row, as OLD, that no undone import gives leave to remove."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {IMPORT_REMOVALS} r"
        f" WHERE r.model = '{model}' AND r.object_id = OLD.id)"
    )


def unless_sample(model: str) -> str:
    """SQL: true of a row, as OLD, that is no example."""
    return (
        f"NOT EXISTS (SELECT 1 FROM {SAMPLE_ROWS} e"
        f" WHERE e.model = '{model}' AND e.object_id = OLD.id)"
    )
