"""Where the coops of an office stand: how many per stage, for how long, and what blocks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, F, Min, Q, Window
from django.db.models.functions import RowNumber

from crm.board import past_limit, stages_of_paths
from crm.models import Accompaniment
from crm.stages import Activity, Stage
from essaim.models import User

MOST_BLOCKS: Final = 8


@dataclass(frozen=True, slots=True)
class StageStanding:
    """One stage today: who is at work there, paused, past the usual duration; the median age."""

    stage: str
    active: int
    paused: int
    late: int
    median_age: float | None

    @property
    def label(self) -> str:
        return str(Stage(self.stage).label)


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that blocks, how many coops it blocks and since when the oldest is."""

    words: str
    count: int
    since: date | None


def standings(user: User, *, on: date) -> list[StageStanding]:
    """Every stage of the pipeline in order; three queries whatever the number of coops."""
    live = Accompaniment.objects.visible_to(user).live().order_by()
    late = past_limit(stages_of_paths(), on)
    counts = live.values("stage").annotate(
        active=Count("pk", filter=Q(activity=Activity.ACTIVE)),
        paused=Count("pk", filter=Q(activity=Activity.PAUSED)),
        late=Count("pk", filter=late),
    )
    by_stage: dict[str, Any] = {row["stage"]: row for row in counts}
    ages = median_ages(live, on)
    none = {"active": 0, "paused": 0, "late": 0}
    return [
        StageStanding(stage, row["active"], row["paused"], row["late"], ages.get(stage))
        for stage in Stage.values[:-1]
        if (row := by_stage.get(stage, none))
    ]


def median_ages(live: Any, on: date) -> Mapping[str, float]:
    """Median age in days of the accompaniments at work in each stage; one query.

    The database numbers them by age inside each stage and gives the one or two in the middle.
    """
    stage = F("stage")
    rows = live.filter(activity=Activity.ACTIVE).annotate(
        rank=Window(RowNumber(), partition_by=[stage], order_by=["stage_since", "pk"]),
        total=Window(Count("pk"), partition_by=[stage]),
    )
    middle = rows.filter(rank__gte=(F("total") + 1) / 2, rank__lte=(F("total") + 2) / 2)
    found: dict[str, list[int]] = {}
    for code, since in middle.values_list("stage", "stage_since"):
        found.setdefault(code, []).append(max((on - since).days, 0))
    return {code: sum(ages) / len(ages) for code, ages in found.items()}


def blocks(user: User) -> Sequence[Block]:
    """What blocks most coops at work, the most frequent first; one aggregate."""
    rows: Any = Accompaniment.objects.visible_to(user).filter(activity=Activity.ACTIVE)
    rows = rows.exclude(blocked_reason="").order_by().values("blocked_reason")
    counted = rows.annotate(n=Count("pk"), since=Min("blocked_since")).order_by("-n", "since")
    return [Block(row["blocked_reason"], row["n"], row["since"]) for row in counted[:MOST_BLOCKS]]
