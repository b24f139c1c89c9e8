"""« Ce qui est attendu de vous »: the kit as one coop may read it, never an internal word."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, FilteredRelation, Prefetch, Q

from crm.coop_page import settle
from crm.models import IssuerProfile, KitFile, Requirement
from crm.models.kit import MilestoneKind
from crm.stages import RANK, Stage


@dataclass(frozen=True, slots=True)
class Item:
    """One shared item: what it says to the coop, and the day it was settled."""

    title: str
    why: str
    how: str
    is_required: bool
    is_settled: bool
    is_waived: bool
    is_before: bool
    settled_on: date | None
    questions: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A stage or a milestone: what is left to do first."""

    label: str
    items: tuple[Item, ...]
    is_optional: bool = False

    @property
    def left(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.is_settled)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a coop is told on a day; screen and paper read the same."""

    coop: str
    path: str
    stage: str
    structure: str
    person: str
    email: str
    on: date
    now: Part
    next: Part | None
    milestones: tuple[Part, ...]
    done: tuple[Item, ...]

    @property
    def is_empty(self) -> bool:
        parts = (self.now, self.next, *self.milestones)
        return not self.done and not any(part.items for part in parts if part is not None)


def expected_of(accompaniment: Any, *, on: date) -> Expected:
    """Gather the shared items of a coop; five queries whatever the size of the kit."""
    rows = _rows(accompaniment, on)
    here = accompaniment.stage
    ahead = [s for s in accompaniment.path.stages.all() if RANK[s.stage] > RANK[here]]
    profile = IssuerProfile.objects.at(on)
    past = [row for row in rows if row.is_settled]
    done = sorted(past, key=lambda row: (row.settled_on or on, row.position))
    return Expected(
        coop=str(accompaniment.coop),
        path=str(accompaniment.path),
        stage=str(Stage(here).label),
        structure=profile.legal_name if profile is not None else "",
        person=str(accompaniment.owner),
        email=accompaniment.owner.email,
        on=on,
        now=_part(rows, here),
        next=_part(rows, ahead[0].stage, optional=ahead[0].is_optional) if ahead else None,
        milestones=_milestones(rows, here),
        done=tuple(_item(row) for row in done),
    )


def _rows(accompaniment: Any, on: date) -> list[Any]:
    files = KitFile.objects.in_use()
    rows = Requirement.objects.told_to(accompaniment).filter(is_shared=True)
    rows = rows.annotate(
        mine=FilteredRelation("fulfilments", condition=Q(fulfilments__accompaniment=accompaniment)),
    )
    rows = rows.annotate(
        status=F("mine__status"),
        settled_on=F("mine__on"),
        judged_title=F("mine__version__title"),
        judged_level=F("mine__version__level"),
        judged_stage=F("mine__version__stage"),
        judged_milestone=F("mine__version__milestone"),
    )
    found: list[Any] = list(
        rows.prefetch_related("questions", Prefetch("files", files, to_attr="templates")).order_by(
            "position", "pk"
        )
    )
    for row in found:
        settle(row, on)
    return found


def _part(rows: list[Any], place: str, *, optional: bool = False) -> Part:
    label = Stage(place).label if place in Stage.values else MilestoneKind(place).label
    items = tuple(_item(r) for r in rows if place in (r.stage, r.milestone))
    return Part(str(label), items, optional)


def _milestones(rows: list[Any], here: str) -> tuple[Part, ...]:
    """Milestones speak from the phase « Montage » on."""
    if RANK[here] < RANK[Stage.SET_UP]:
        return ()
    parts = (_part(rows, kind) for kind in MilestoneKind.values)
    return tuple(part for part in parts if part.left)


def _item(row: Any) -> Item:
    return Item(
        title=row.title,
        why=row.why,
        how=row.for_coop or row.how,
        is_required=row.level == Requirement.Level.REQUIRED,
        is_settled=row.is_settled,
        is_waived=row.is_settled and row.status == "waived",
        is_before=row.is_settled and row.status == "before",
        settled_on=row.settled_on if row.is_settled else None,
        questions=tuple((q.question, q.answer) for q in row.questions.all()),
        files=tuple(file.title for file in row.templates),
    )
