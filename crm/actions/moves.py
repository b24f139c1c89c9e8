"""Every move of an accompaniment: through the door, with its row in the append-only moves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own
from crm.models import Accompaniment, Coop, Move, Path
from crm.stages import Stage
from essaim import hooks
from essaim.models import User
from essaim.workflow import perform
from essaim.writing import refuse


def moved(
    accompaniment: Accompaniment, edge: str, *, by: User, on: date, at: datetime, **data: Any
) -> Accompaniment:
    """Move along one edge and write the Move. Needs an open transaction.

    Raises Refused, PermissionDenied (also for a coop the person does not accompany).
    """
    own(accompaniment, by)
    held = Accompaniment.objects.select_for_update(of=("self",), no_key=True)
    before = held.get(pk=accompaniment.pk)
    event = perform(accompaniment, edge, by=by, on=on, at=at, **data)
    Move.objects.create(
        accompaniment=accompaniment,
        event=event,
        edge=edge,
        from_stage=before.stage,
        to_stage=accompaniment.stage,
        from_activity=before.activity,
        to_activity=accompaniment.activity,
        at=at,
        effective_on=data.get("effective_on") or on,
        by=by,
        from_path=before.path if before.path_id != accompaniment.path_id else None,
        to_path=accompaniment.path if before.path_id != accompaniment.path_id else None,
    )
    return accompaniment


def move_on(
    accompaniment: Accompaniment,
    *,
    to: str,
    effective_on: date | None = None,
    why: str = "",
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Go forward to a later stage of the path.

    Required items of the kit bar; for advised ones `reasons={"advised": sentence}` passes.
    """
    with transaction.atomic():
        return moved(
            accompaniment,
            "advance",
            to=to,
            effective_on=effective_on or on,
            why=why,
            reasons=reasons or {},
            by=by,
            on=on,
            at=at,
        )


def go_back(
    accompaniment: Accompaniment,
    *,
    to: str,
    why: str,
    effective_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Go back to an earlier stage, with a reason; nothing is deleted."""
    day = effective_on or on
    with transaction.atomic():
        return moved(
            accompaniment, "go_back", to=to, effective_on=day, why=why, by=by, on=on, at=at
        )


def take_path(
    accompaniment: Accompaniment,
    *,
    path: Path,
    to: str = "",
    why: str,
    effective_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Take another path, with a reason; at the present stage unless `to` names another.

    What the kit holds stays; items the new path does not ask are no longer asked.
    """
    with transaction.atomic():
        return moved(
            accompaniment,
            "change_path",
            path=path,
            to=to or accompaniment.stage,
            effective_on=effective_on or on,
            why=why,
            by=by,
            on=on,
            at=at,
        )


def pause(
    accompaniment: Accompaniment,
    *,
    review_on: date,
    why: str,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Put an accompaniment aside until a date it is looked at again."""
    with transaction.atomic():
        return moved(accompaniment, "pause", review_on=review_on, why=why, by=by, on=on, at=at)


def resume(accompaniment: Accompaniment, *, by: User, on: date, at: datetime) -> Accompaniment:
    """Take a paused accompaniment up again; the pause is no part of its durations."""
    with transaction.atomic():
        return moved(accompaniment, "resume", by=by, on=on, at=at)


def loose_ends(accompaniment: Accompaniment, *, user: User) -> list[hooks.LooseEnd]:
    """What must be decided before the project is stopped, asked of the rooms above."""
    return [end for room in hooks.loose_ends.all() for end in room.find(accompaniment, user=user)]


def _settle(
    accompaniment: Accompaniment, key: str, choice: str, *, by: User, on: date, at: datetime
) -> None:
    for room in hooks.loose_ends.all():
        if room.settle(accompaniment, key, choice, by=by, on=on, at=at):
            return
    refuse(f"decision:{key}", _("Nothing is left to decide here: look at the list again."))


def abandon(
    accompaniment: Accompaniment,
    *,
    reason_code: str,
    effective_on: date | None = None,
    decided_by: str,
    decisions: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Stop the project: why, when, who decided, and a decision for each loose end.

    Decisions are carried out in the same transaction. Raises Refused while one is missing.
    """
    chosen = dict(decisions or {})
    if not decided_by.strip():
        refuse("decided_by", _("Say who decided."))
    with transaction.atomic():
        for end in loose_ends(accompaniment, user=by):
            if end.key in chosen and chosen[end.key] not in dict(end.choices):
                refuse(f"decision:{end.key}", _("Choose one of the answers offered."), end.url)
        moved(
            accompaniment,
            "abandon",
            reason_code=reason_code,
            effective_on=effective_on or on,
            decided_by=decided_by,
            decisions=chosen,
            by=by,
            on=on,
            at=at,
        )
        for key, choice in chosen.items():
            _settle(accompaniment, key, choice, by=by, on=on, at=at)
    return accompaniment


def merge(
    accompaniment: Accompaniment,
    *,
    into: Accompaniment | Coop,
    effective_on: date | None = None,
    why: str = "",
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Join two real coops: nothing moves, the source becomes read-only and stays readable."""
    target = into.current if isinstance(into, Coop) else into
    if target is None:
        refuse("into", _("Choose a coop whose accompaniment is under way."))
    day = effective_on or on
    with transaction.atomic():
        # Both are held, lowest key first: two that join each other at once make no circle.
        held = Accompaniment.objects.select_for_update(of=("self",), no_key=True)
        rows = held.filter(pk__in=(accompaniment.pk, target.pk)).order_by("pk")
        now = {row.pk: row for row in rows}[target.pk]
        return moved(
            accompaniment, "merge", into=now, effective_on=day, why=why, by=by, on=on, at=at
        )


def release(
    accompaniment: Accompaniment,
    *,
    why: str,
    effective_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Let a coop go on without us."""
    day = effective_on or on
    with transaction.atomic():
        return moved(accompaniment, "release", effective_on=day, why=why, by=by, on=on, at=at)


def finish(
    accompaniment: Accompaniment,
    *,
    outcome: str,
    effective_on: date | None = None,
    why: str = "",
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """End the accompaniment: stage `done` and activity `closed` in one move."""
    with transaction.atomic():
        return moved(
            accompaniment,
            "finish",
            outcome=outcome,
            effective_on=effective_on or on,
            why=why,
            reasons=reasons or {},
            by=by,
            on=on,
            at=at,
        )


def reopen(
    accompaniment: Accompaniment, *, why: str, edge: str = "", by: User, on: date, at: datetime
) -> Accompaniment:
    """Take up a finished, stopped or released accompaniment at the stage it was left.

    The edge follows from the state unless it is named.
    """
    edge = edge or ("reopen_closed" if accompaniment.stage == Stage.DONE else "reopen")
    with transaction.atomic():
        return moved(accompaniment, edge, why=why, by=by, on=on, at=at)
