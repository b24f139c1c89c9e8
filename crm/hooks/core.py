"""What the crm room answers to the ground."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop, Document, Move, Note
from crm.stages import Activity, Stage
from essaim import hooks
from essaim.formats import date_fr
from essaim.hooks import FrozenTable, TimelineEntry

for _name in ("Logo", "RequirementVersion", "DocumentVersion"):
    hooks.frozen_tables.register(FrozenTable(f"crm.{_name}", update="1=1", delete="1=1"))
# A move goes only with a coop that an import placed and took back, or that was an example.
hooks.frozen_tables.register(
    FrozenTable(
        "crm.Move",
        update="1=1",
        delete=(
            f"(OLD.edge <> 'place' OR {hooks.unless_undone('crm.Move')})"
            f" AND {hooks.unless_sample('crm.Move')}"
        ),
        needs=(hooks.IMPORT_REMOVALS, hooks.SAMPLE_ROWS),
    )
)

Before = tuple[datetime, str, int] | None


@hooks.reactions.register("crm.Accompaniment.place")
def as_a_beginning(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A coop taken over is owed what a coop that begins is owed, in the same one Event."""
    done: dict[str, Any] = {}
    for reaction in hooks.reactions.of("crm.Accompaniment.begin"):
        done |= reaction(obj, by=by, on=on, at=at, data=data) or {}
    return done or None


# -- the timeline ----------------------------------------------------------------------------


def earlier(column: str, kind: str, before: Before) -> Q:
    """Rows of a kind strictly before a place of the timeline, in (at, kind, key) order."""
    if before is None:
        return Q()
    at, other, key = before
    if kind < other:
        return Q(**{f"{column}__lte": at})
    if kind > other:
        return Q(**{f"{column}__lt": at})
    return Q(**{f"{column}__lte": at}) & ~Q(**{column: at, "pk__gte": key})


_TONES: dict[str, str] = {
    Activity.ABANDONED: "bad",
    Activity.PAUSED: "warn",
    Activity.RELEASED: "warn",
    Activity.CLOSED: "good",
}


def _told(move: Move) -> str:
    if move.to_path_id is not None:
        paths = _("Path: %(from)s → %(to)s") % {"from": move.from_path, "to": move.to_path}
        same = move.from_stage == move.to_stage
        return paths if same else f"{paths} · {move.get_to_stage_display()}"
    if move.edge == "place":
        return _("Taken over at: %(stage)s") % {"stage": move.get_to_stage_display()}
    if move.to_stage == Stage.DONE:
        return str(move.get_to_stage_display())
    if move.from_stage != move.to_stage:
        both = {"from": move.get_from_stage_display(), "to": move.get_to_stage_display()}
        return _("%(from)s → %(to)s") % both
    return str(move.get_to_activity_display())


@hooks.timeline.register("move")
def moves(coop: Coop, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    rows = Move.objects.filter(
        earlier("at", "move", before),
        accompaniment__in=Accompaniment.objects.visible_to(user).filter(coop=coop),
    ).select_related("by", "event__text", "from_path", "to_path")
    reads = user.has_perm("crm.view_note")
    out = []
    for move in rows.order_by("-at", "-pk")[:limit]:
        text = getattr(move.event, "text", None)
        # The words of a move are as internal as a note.
        said = [w for w in (text.words.values() if text and reads else ()) if w]
        tone = _TONES.get(move.to_activity, "good" if move.edge == "advance" else "")
        if move.effective_on != timezone.localdate(move.at):
            said.insert(0, _("in effect from %(date)s") % {"date": date_fr(move.effective_on)})
        detail = " · ".join([str(move.by), *said])
        out.append(TimelineEntry(move.at, "move", move.pk, _told(move), "", detail, tone))
    return out


@hooks.timeline.register("note")
def notes(coop: Coop, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    if not user.has_perm("crm.view_note"):
        seen = Note.objects.visible_to(user).filter(is_shared=True)
    else:
        seen = Note.objects.visible_to(user)
    rows = seen.filter(earlier("at", "note", before), coop=coop).select_related("author")
    return [
        TimelineEntry(
            note.at,
            "note",
            note.pk,
            f"{note.get_kind_display()} : {note.title}",
            note.get_absolute_url(),
            " · ".join([str(note.author), *([str(_("shared"))] if note.is_shared else [])]),
        )
        for note in rows.order_by("-at", "-pk")[:limit]
    ]


@hooks.timeline.register("document")
def documents(coop: Coop, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    seen = Document.objects.visible_to(user).filter(
        earlier("added_at", "document", before), coop=coop
    )
    return [
        TimelineEntry(
            row.added_at,
            "document",
            row.pk,
            row.title,
            row.get_absolute_url(),
            f"{row.original_name} · {row.added_by}",
        )
        for row in seen.select_related("added_by").order_by("-added_at", "-pk")[:limit]
    ]
