"""What the page of a coop reads: its kit, its timeline, its people; a pinned count of queries."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from crm.guards import RECENT_COUNT
from crm.models import Accompaniment, Coop, PathStage, Requirement
from crm.models.kit import MilestoneKind, asked_by
from crm.stages import RANK, Stage
from essaim import hooks
from essaim.hooks import TimelineEntry
from essaim.models import User

ENTRIES = 20
Before = tuple[datetime, str, int]

KINDS: dict[str, Any] = {
    "move": _("Moves"),
    "milestone": _("Milestones"),
    "note": _("Notes"),
    "document": _("Documents"),
    "day": _("Days"),
    "grant": _("Grants"),
    "payment": _("Payments"),
    "invoice": _("Invoices"),
    "mail": _("Mails"),
    "reminder": _("Reminders"),
}
ICONS = {
    "move": "arrow-right",
    "milestone": "flag",
    "note": "notebook-pen",
    "document": "file-text",
    "day": "calendar-days",
    "grant": "landmark",
    "payment": "banknote",
    "invoice": "receipt-euro",
    "mail": "mail",
    "reminder": "bell-ring",
}


@dataclass(slots=True)
class KitBlock:
    """The items of one stage or milestone, with what the coop has of each."""

    key: str
    label: str
    items: list[Any] = field(default_factory=list)
    is_current: bool = False

    @property
    def done(self) -> int:
        return sum(1 for item in self.items if item.is_settled)


def current_of(user: User, coop: Any) -> Accompaniment | None:
    """The accompaniment of a coop that a person may see: the live one, else the last."""
    # Asked by `pk`, a number no engine can hold finds nothing instead of breaking.
    named = Coop.objects.filter(pk=getattr(coop, "pk", coop))
    rows = Accompaniment.objects.visible_to(user).filter(coop__in=named).order_by("-pk")
    joined = Accompaniment.objects.filter(merged_into=OuterRef("pk"))
    daughters = Coop.objects.filter(mother=OuterRef("coop"))
    found = list(
        rows.annotate(has_merged=Exists(joined), has_daughters=Exists(daughters)).select_related(
            "coop__organisation",
            "coop__mother__organisation",
            "path",
            "owner",
            "merged_into__coop__organisation",
        )
    )
    return next((row for row in found if row.is_live), found[0] if found else None)


def merged_here(accompaniment: Any, user: User) -> list[Accompaniment]:
    """Accompaniments that joined this one, whose pages stay readable; no query when none did."""
    if not accompaniment.has_merged:
        return []
    rows = Accompaniment.objects.visible_to(user).filter(merged_into=accompaniment)
    return list(rows.select_related("coop__organisation").order_by("ended_on", "pk"))


def kit_of(
    accompaniment: Accompaniment, stages: Sequence[PathStage], on: date, *, user: User | None = None
) -> list[KitBlock]:
    """The kit in blocks: stages of the path, the end, then the milestones; one query.

    What was settled stays as it was judged (title, level, place), also when the office no longer
    asks for it. The words beside a tick are those of a note: `user` must be one who reads notes.
    """
    rows = Requirement.objects.told_to(accompaniment).annotate(
        mine=FilteredRelation("fulfilments", condition=Q(fulfilments__accompaniment=accompaniment)),
        asked=Case(When(asked_by(accompaniment), then=True), default=False),
    )
    rows = rows.annotate(
        status=F("mine__status"),
        settled_on=F("mine__on"),
        words=F("mine__words"),
        proof=F("mine__document"),
        judged_title=F("mine__version__title"),
        judged_level=F("mine__version__level"),
        judged_stage=F("mine__version__stage"),
        judged_milestone=F("mine__version__milestone"),
    ).order_by("position", "pk")
    blocks = _blocks(stages)
    reads = user is not None and user.has_perm("crm.view_note")
    row: Any
    for row in rows:
        settle(row, on)
        row.words = row.words if reads else ""
        key = row.stage or row.milestone
        if key not in blocks and not row.is_settled:
            continue
        if key not in blocks:
            # Settled in a stage that the path has no more: it stays on the page.
            known = Stage(key) if key in Stage.values else MilestoneKind(key)
            blocks[key] = KitBlock(key, str(known.label))
        blocks[key].items.append(row)
    for block in blocks.values():
        block.is_current = block.key == accompaniment.stage
    return [block for block in blocks.values() if block.items]


def _blocks(stages: Sequence[PathStage]) -> dict[str, KitBlock]:
    """Empty blocks in their order: stages of the path, the end, milestones."""
    blocks = {s.stage: KitBlock(s.stage, str(s.get_stage_display())) for s in stages}
    blocks[Stage.DONE] = KitBlock(Stage.DONE, str(Stage.DONE.label))
    blocks |= {
        kind: KitBlock(kind, str(MilestoneKind(kind).label)) for kind in MilestoneKind.values
    }
    return blocks


def settle(row: Any, on: date) -> None:
    """Whether an item is settled, and the words it was judged with."""
    row.is_settled = row.status not in (None, "missing")
    if row.code == RECENT_COUNT and row.is_settled and (on - row.settled_on).days > 30:
        row.is_settled, row.status = False, "missing"
    row.title_now = row.title
    if row.is_settled and row.judged_title:
        row.title, row.level = row.judged_title, row.judged_level
        row.stage, row.milestone = row.judged_stage, row.judged_milestone


def steps_of(
    accompaniment: Accompaniment, stages: Sequence[PathStage], blocks: Sequence[KitBlock]
) -> list[tuple[str, str, str]]:
    """The stages as the stepper draws them: label, state, items done of all."""
    counts = {block.key: f"{block.done}/{len(block.items)}" for block in blocks}
    here = RANK[accompaniment.stage]
    steps = []
    for stage in stages:
        rank = RANK[stage.stage]
        state = "current" if rank == here else "done" if rank < here else "todo"
        steps.append((str(stage.get_stage_display()), state, counts.get(stage.stage, "")))
    end = "current" if accompaniment.stage == Stage.DONE else "todo"
    return [*steps, (str(Stage.DONE.label), end, "")]


# -- the timeline --------------------------------------------------------------------------


def to_cursor(entry: TimelineEntry) -> str:
    text = json.dumps([entry.at.isoformat(), entry.kind, entry.key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(text: str) -> Before | None:
    """The place an address names; None when it was made up."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, kind, key = json.loads(raw)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            return None
        return moment, str(kind), int(key)
    except (binascii.Error, ValueError, TypeError, OverflowError):
        return None


def kinds() -> list[str]:
    """The kinds of entries some room answers for."""
    return [kind for kind in hooks.timeline.rows if hooks.timeline.of(kind)]


def timeline_of(
    coop: Coop, *, user: User, kind: str = "", before: Before | None = None
) -> tuple[list[TimelineEntry], str]:
    """One page of the timeline, newest first, and the cursor of the next; one query per kind."""
    asked = [kind] if kind in kinds() else kinds()
    found = [
        entry
        for name in asked
        for provider in hooks.timeline.of(name)
        for entry in provider(coop, user=user, before=before, limit=ENTRIES + 1)
    ]
    found.sort(key=lambda e: (e.at, e.kind, e.key), reverse=True)
    shown = found[:ENTRIES]
    return shown, to_cursor(shown[-1]) if len(found) > ENTRIES else ""
