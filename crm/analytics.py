"""What the stage analytics read: accompaniments and their moves, as tuples in three queries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop, Move, PathStage
from crm.rules_analytics import Period, Step, Story, story_of
from crm.stages import Activity, Stage
from essaim.models import User

# How coops are set side by side: the code in the address, the column, what no value is called.
GROUPS: Final = ("department", "epci", "mother", "path")
_COLUMNS: Final[Mapping[str, str]] = {
    "department": "coop__department",
    "epci": "coop__epci",
    "mother": "coop__mother_id",
    "path": "path__label",
}
MOST_CHOICES: Final = 300
EVER: Final = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked at: which coops, and the period of what happened."""

    path: int | None = None
    mother: int | None = None
    department: str = ""
    epci: str = ""
    period: Period = EVER

    def narrow(self, rows: Any) -> Any:
        wanted = {
            "path": self.path,
            "coop__mother": self.mother,
            "coop__department": self.department,
            "coop__epci": self.epci,
        }
        return rows.filter(**{name: value for name, value in wanted.items() if value})


def rows_of(user: User, asked: Asked) -> Any:
    return asked.narrow(Accompaniment.objects.visible_to(user))


def steps_by_accompaniment(rows: Any) -> dict[int, list[Step]]:
    """The moves of these accompaniments, in the order they were made; one query of tuples."""
    found: dict[int, list[Step]] = defaultdict(list)
    moves = Move.objects.filter(accompaniment__in=rows.values("pk")).order_by("accompaniment", "pk")
    columns = ("accompaniment", "edge", "from_stage", "to_stage", "to_activity", "effective_on")
    for key, *step in moves.values_list(*columns).iterator(chunk_size=2000):
        found[key].append(Step(*step))
    return found


def stories(user: User, asked: Asked, by: str) -> list[tuple[Any, Story]]:
    """Each accompaniment as (the value it is grouped by, its passages); two queries."""
    rows = rows_of(user, asked)
    steps = steps_by_accompaniment(rows)
    facts = rows.order_by().values_list("pk", "started_on", "stage", _COLUMNS[by])
    return [
        (group, story_of(started, stage, steps.get(key, ())))
        for key, started, stage, group in facts.iterator(chunk_size=2000)
    ]


def group_labels(by: str, values: Sequence[Any]) -> dict[Any, str]:
    """What a group is called; one query for mother coops, none for the others."""
    none = {
        "department": _("Department not said"),
        "epci": _("EPCI not said"),
        "mother": _("No mother coop"),
        "path": _("No path"),
    }[by]
    if by != "mother":
        return {value: str(value) if value else none for value in values}
    rows = Coop.objects.filter(pk__in=[v for v in values if v]).select_related("organisation")
    return {None: none} | {coop.pk: str(coop) for coop in rows}


# -- where coops stop --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """How many ended at a stage for one reason."""

    stage: str
    code: str
    label: str
    count: int


def stops(user: User, asked: Asked) -> list[Stop]:
    """Accompaniments that stand stopped today, by stage and reason; one aggregate."""
    rows = rows_of(user, asked).filter(
        Q(activity__in=(Activity.ABANDONED, Activity.RELEASED, Activity.MERGED))
        | Q(activity=Activity.CLOSED, outcome=Accompaniment.Outcome.STOPPED)
    )
    if asked.period.first is not None:
        rows = rows.filter(ended_on__gte=asked.period.first)
    if asked.period.last is not None:
        rows = rows.filter(ended_on__lte=asked.period.last)
    at = Coalesce(NullIf(F("stage"), Value(Stage.DONE.value)), F("left_stage"))
    counted = rows.order_by().values("activity", "abandon_reason", at=at).annotate(n=Count("pk"))
    return [
        Stop(row["at"], *reason_of(row["activity"], row["abandon_reason"]), row["n"])
        for row in counted
    ]


def reason_of(activity: str, code: str) -> tuple[str, str]:
    """The reason of a stop: why it was abandoned, or how it left us."""
    if activity == Activity.ABANDONED:
        return code, str(dict(Accompaniment.AbandonReason.choices).get(code, code))
    if activity == Activity.CLOSED:
        return "stopped", str(Accompaniment.Outcome.STOPPED.label)
    return activity, str(Activity(activity).label)


def stop_table(found: Sequence[Stop]) -> tuple[list[str], list[tuple[str, list[int], int]]]:
    """Reasons as columns, the most frequent first, and the stages as lines with their sums."""
    sums: dict[str, int] = defaultdict(int)
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for stop in found:
        sums[stop.label] += stop.count
        cells[(stop.stage, stop.label)] += stop.count
    reasons = sorted(sums, key=lambda label: (-sums[label], label))
    lines = []
    for stage in Stage:
        counts = [cells[(stage.value, reason)] for reason in reasons]
        if any(counts):
            lines.append((str(stage.label), counts, sum(counts)))
    return reasons, lines


# -- choices of the filters ----------------------------------------------------------------------


def departments(user: User) -> list[str]:
    return _known(user, "department")


def territories(user: User) -> list[str]:
    return _known(user, "epci")


def _known(user: User, column: str) -> list[str]:
    rows = Coop.objects.visible_to(user).exclude(**{column: ""}).order_by(column)
    return list(rows.values_list(column, flat=True).distinct()[:MOST_CHOICES])


def mothers(user: User) -> list[tuple[int, str]]:
    """Coops that others came from."""
    named = Coop.objects.filter(pk__in=Coop.objects.exclude(mother=None).values("mother"))
    rows = named.filter(pk__in=Coop.objects.visible_to(user).values("pk"))
    found = rows.select_related("organisation").order_by("organisation__sort_key", "pk")
    return [(coop.pk, str(coop)) for coop in found[:MOST_CHOICES]]


def limits_of(path: int | None) -> dict[str, int]:
    """The usual duration of each stage of a path, in days; one query."""
    if not path:
        return {}
    rows = PathStage.objects.filter(path=path, limit_days__isnull=False)
    return {stage: days for stage, days in rows.values_list("stage", "limit_days") if days}


def labelled(pairs: Sequence[tuple[Any, Story]], by: str) -> Iterator[tuple[str, Story]]:
    """The same stories under the names of their groups."""
    names = group_labels(by, sorted({group for group, _story in pairs}, key=str))
    for group, story in pairs:
        yield names[group], story
