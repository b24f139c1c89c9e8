"""What the board shows: columns of cards, with counts that stop at a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Accompaniment, PathStage
from crm.stages import PHASE_OF, RANK, Activity, Phase, Stage
from essaim.models import User

CARDS = 25
CAP = 100
PHASES = (Phase.EMERGENCE, Phase.PREFIGURATION, Phase.SETTING_UP, Phase.FOLLOW_UP)


class CappedCount(Subquery):
    """How many rows, never counting past the cap."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _capped)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk")[:CAP])


@dataclass(frozen=True, slots=True)
class CardMove:
    """A line of « Déplacer vers… »: a stage ahead or behind, or another move (no stage)."""

    label: str
    url: str
    to: str = ""
    edge: str = ""
    is_optional: bool = False


@dataclass(slots=True)
class Card:
    pk: int
    url: str
    title: str
    person: Any
    meta: str
    blocked: str
    blocked_since: date | None
    next_action: str
    next_on: date | None
    age: int
    limit: int | None
    stage: str = ""
    ahead: list[CardMove] = field(default_factory=list)
    behind: list[CardMove] = field(default_factory=list)
    others: list[CardMove] = field(default_factory=list)

    @property
    def has_moves(self) -> bool:
        return bool(self.ahead or self.behind or self.others)


@dataclass(slots=True)
class ColumnOfCards:
    key: str
    label: str
    tone: int
    stages: Sequence[str]
    shown: int | None = None
    total: int = 0
    # The phase to open in stages, or "" to fold the stages again; None offers neither.
    opens: str | None = None
    cards: list[Card] = field(default_factory=list)
    more_url: str = ""
    more_label: str = ""


def stages_of_paths() -> dict[int, list[PathStage]]:
    """The stages of every path, in order; one query."""
    found: dict[int, list[PathStage]] = {}
    for stage in PathStage.objects.order_by("path", "position"):
        found.setdefault(stage.path_id, []).append(stage)
    return found


def limit_of(row: Accompaniment, stages: Sequence[PathStage]) -> int | None:
    """Days the stage may last before its age is coloured; none while nothing is awaited."""
    if row.activity != Activity.ACTIVE:
        return None
    return next((s.limit_days for s in stages if s.stage == row.stage), None)


def past_limit(paths: dict[int, list[PathStage]], on: date) -> Q:
    """Accompaniments longer in their stage than its usual duration; paused ones do not age."""
    late = Q(pk__in=())
    for path, stages in paths.items():
        for stage in stages:
            if stage.limit_days is not None:
                since = on - timedelta(days=stage.limit_days)
                late |= Q(path=path, stage=stage.stage, stage_since__lt=since)
    return late & Q(activity=Activity.ACTIVE)


def narrowed(rows: Any, show: str, user: User, late: Q) -> Any:
    """The rows of a tab."""
    if show == "mine":
        return rows.accompanied_by(user)
    if show == "blocked":
        return rows.exclude(blocked_reason="")
    return rows.filter(late) if show == "late" else rows


def columns_for(detail: str) -> list[ColumnOfCards]:
    """The four phases; the one asked for (or all of them, detail="all") opened in its stages."""
    return [
        column
        for tone, phase in enumerate(PHASES, start=1)
        for column in _columns_of(phase, tone, opened=detail in ("all", phase))
    ]


def _columns_of(phase: Phase, tone: int, *, opened: bool) -> list[ColumnOfCards]:
    stages = [code for code, of in PHASE_OF.items() if of == phase]
    if not opened:
        opens = phase.value if len(stages) > 1 else None
        return [ColumnOfCards(phase.value, str(phase.label), tone, stages, opens=opens)]
    found = [ColumnOfCards(code, str(Stage(code).label), tone, (code,)) for code in stages]
    if len(found) > 1:
        found[0].opens = ""
    return found


def _meta(row: Accompaniment) -> str:
    """Commune and stage, as on « Saverne · Prise de contact »."""
    words = [row.coop.commune, str(row.get_stage_display())]
    if row.activity == Activity.PAUSED:
        words.append(str(row.get_activity_display()).lower())
    return " · ".join(word for word in words if word)


def put_moves(card: Card, row: Accompaniment, stages: list[PathStage], user: User) -> None:
    """« Déplacer vers… » as links: the other stages of the path, then the pause."""
    if not user.has_perm("crm.move_accompaniment"):
        return
    page = "crm:move"
    if row.activity == Activity.PAUSED:
        card.others = [CardMove(_("Resume"), reverse(page, args=(row.coop_id, "resume")))]
        return
    here = RANK[row.stage]
    for s in stages:
        rank = RANK[s.stage]
        if rank == here:
            continue
        edge, lines = ("advance", card.ahead) if rank > here else ("go_back", card.behind)
        url = f"{reverse(page, args=(row.coop_id, edge))}?to={s.stage}"
        lines.append(CardMove(str(s.get_stage_display()), url, s.stage, edge, s.is_optional))
    card.others = [CardMove(_("Pause"), reverse(page, args=(row.coop_id, "pause")))]


def card_of(row: Accompaniment, paths: dict[int, list[PathStage]], user: User, on: date) -> Card:
    stages = paths.get(row.path_id, [])
    card = Card(
        pk=row.pk,
        url=reverse("crm:coop", args=(row.coop_id,)),
        title=str(row.coop),
        person=row.owner,
        meta=_meta(row),
        blocked=row.blocked_reason,
        blocked_since=row.blocked_since,
        next_action=row.next_action,
        next_on=row.next_action_on,
        age=row.age_days(on),
        limit=limit_of(row, stages),
        stage=row.stage,
    )
    put_moves(card, row, stages, user)
    return card


def fill(
    columns: list[ColumnOfCards],
    *,
    user: User,
    on: date,
    show: str,
    paths: dict[int, list[PathStage]],
) -> dict[str, int]:
    """Put counts and cards in the columns; return the counts of the header.

    One query for all counts, one per column of cards.
    """
    live = Accompaniment.objects.visible_to(user).live()
    late = past_limit(paths, on)
    chosen = narrowed(live, show, user, late)
    counts: dict[str, CappedCount] = {
        "count_all": CappedCount(live),
        "count_blocked": CappedCount(live.exclude(blocked_reason="")),
        "count_late": CappedCount(live.filter(late)),
    }
    for column in columns:
        counts[f"shown_{column.key}"] = CappedCount(chosen.filter(stage__in=column.stages))
        counts[f"total_{column.key}"] = CappedCount(live.filter(stage__in=column.stages))
    found: Any = User.objects.filter(pk=user.pk).values(**counts).get()
    for column in columns:
        _fill_column(column, chosen, found, show, paths=paths, user=user, on=on)
    return {name.removeprefix("count_"): n for name, n in found.items() if name[:6] == "count_"}


def _fill_column(
    column: ColumnOfCards,
    chosen: QuerySet[Accompaniment],
    found: dict[str, int],
    show: str,
    *,
    paths: dict[int, list[PathStage]],
    user: User,
    on: date,
) -> None:
    column.shown = found[f"shown_{column.key}"] if show else None
    column.total = found[f"total_{column.key}"]
    rows = chosen.filter(stage__in=column.stages).order_by("stage_since", "pk")
    rows = rows.select_related("coop__organisation", "owner")
    column.cards = [card_of(row, paths, user, on) for row in rows[:CARDS]]
    others = (column.total if column.shown is None else column.shown) - len(column.cards)
    if others > 0:
        shown = f"{others}" if others + CARDS < CAP else f"{others - 1}+"
        column.more_label = _("See the %(count)s others") % {"count": shown}
        key = "phase" if column.key in PHASES else "stage"
        column.more_url = f"{reverse('crm:table')}?{key}={column.key}" + (
            f"&show={show}" if show else ""
        )
