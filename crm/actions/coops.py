"""Verbs on coops: their facts, their members, their milestones, who follows them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.actions.family import refuse_a_circle
from crm.actions.kit import settle_code
from crm.models import Accompaniment, Coop, Milestone
from crm.stages import RANK, Stage
from essaim.models import User
from essaim.roles import Role
from essaim.workflow import record
from essaim.writing import judge, put, refuse

COOP_FIELDS = frozenset(
    {
        "commune",
        "insee",
        "epci",
        "department",
        "is_qpv",
        "is_frr",
        "latitude",
        "longitude",
        "mother",
        "members_target",
        "opening_target",
        "jobs_created",
        "origin",
    }
)


def _held(accompaniment: Accompaniment, by: User) -> Accompaniment:
    """The row locked, once it is known to be the person's to write."""
    own(accompaniment, by)
    row: Accompaniment = Accompaniment.objects.select_for_update(of=("self",), no_key=True).get(
        pk=accompaniment.pk
    )
    writable(row.coop)
    return row


def edit_coop(coop: Coop, *, by: User, on: date, at: datetime, **fields: Any) -> Coop:
    """Change facts of a coop. Raises Refused, PermissionDenied."""
    own(coop, by)
    writable(coop)
    with transaction.atomic():
        row = Coop.objects.select_for_update(of=("self",), no_key=True).get(pk=coop.pk)
        before = row.mother_id
        changed = put(row, fields, COOP_FIELDS)
        if row.mother_id not in (None, before):
            refuse_a_circle(row)
        judge(row)
        row.save()
        if changed:
            record(row, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return row


def date_milestone(
    accompaniment: Accompaniment,
    *,
    kind: str,
    happened_on: date,
    by: User,
    on: date,
    at: datetime,
) -> Milestone:
    """Date « Société créée » or « Ouverture »: in any order, from Montage on. Raises Refused."""
    if kind not in Milestone.Kind.values:
        refuse("kind", _("Choose one of the two milestones."))
    if happened_on > on:
        refuse("happened_on", _("The date can't be in the future."))
    with transaction.atomic():
        row = _held(accompaniment, by)
        if RANK[row.stage] < RANK[Stage.SET_UP]:
            refuse("kind", _("Milestones are dated from the phase “Setting up” on."))
        milestone, _made = Milestone.objects.update_or_create(
            accompaniment=row, kind=kind, defaults={"on": happened_on}
        )
        codes = {"kind": kind, "happened_on": happened_on.isoformat()}
        record(row, "date_milestone", by=by, on=on, at=at, codes=codes)
        if kind == Milestone.Kind.OPENING:
            settle_code(row, "opening-dated", settled_on=happened_on, by=by, on=on, at=at)
    return milestone


def block(
    accompaniment: Accompaniment, *, reason: str, by: User, on: date, at: datetime
) -> Accompaniment:
    """Say what blocks a coop; its card shows it. Raises Refused."""
    if not reason.strip():
        refuse("reason", _("Say what blocks in a few words."))
    with transaction.atomic():
        row = _held(accompaniment, by)
        row.blocked_reason = reason.strip()[:200]
        row.blocked_since = row.blocked_since or on
        row.save(update_fields=["blocked_reason", "blocked_since"])
        record(row, "block", by=by, on=on, at=at, text=reason)
    return row


def unblock(accompaniment: Accompaniment, *, by: User, on: date, at: datetime) -> Accompaniment:
    """Say that nothing blocks any more."""
    with transaction.atomic():
        row = _held(accompaniment, by)
        row.blocked_reason, row.blocked_since = "", None
        row.save(update_fields=["blocked_reason", "blocked_since"])
        record(row, "unblock", by=by, on=on, at=at)
    return row


def plan_next(
    accompaniment: Accompaniment,
    *,
    next_action: str,
    next_action_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Write the next thing to do, and when; empty words clear it."""
    with transaction.atomic():
        row = _held(accompaniment, by)
        row.next_action = next_action.strip()[:200]
        row.next_action_on = next_action_on if row.next_action else None
        row.save(update_fields=["next_action", "next_action_on"])
        record(row, "plan_next", by=by, on=on, at=at)
    return row


def assign(
    accompaniment: Accompaniment,
    *,
    owner: User,
    team: Iterable[User] = (),
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """Say who follows a coop and who helps. Raises Refused."""
    for person in (owner, *team):
        if not person.has_role(Role.CONSULTANT, Role.COORDINATOR, Role.ADMINISTRATOR):
            refuse("owner", _("%(name)s does not accompany coops.") % {"name": person})
    with transaction.atomic():
        row = _held(accompaniment, by)
        before = row.owner_id
        row.owner = owner
        row.save(update_fields=["owner"])
        row.team.set([person for person in team if person != owner])
        codes = {"from": before, "to": owner.pk, "team": [p.pk for p in team]}
        record(row, "assign", by=by, on=on, at=at, codes=codes)
    return row


def offer(accompaniment: Accompaniment, *, by: User, on: date, at: datetime) -> Accompaniment:
    """Say that the accompaniment is offered: it stands for the signed agreement in the kit."""
    with transaction.atomic():
        row = _held(accompaniment, by)
        row.is_offered = True
        row.save(update_fields=["is_offered"])
        record(row, "offer", by=by, on=on, at=at)
        words = _("Accompaniment offered")
        settle_code(row, "agreement", settled_on=on, words=words, by=by, on=on, at=at)
    return row
