"""Verbs on missions: opened under an agreement, for a start-up, or inside the structure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop
from essaim.models import User
from essaim.workflow import Missing, Refused, perform, record
from essaim.writing import put, refuse
from missions.actions.common import keep, lock_agreements
from missions.actions.days import flag
from missions.actions.resettle import resettle
from missions.models import Agreement, Mission, MissionDay
from missions.rules import check_move
from missions.words import missing_of


def open_mission(
    agreement: Agreement,
    *,
    title: str,
    team: Iterable[User] = (),
    opened_on: date | None = None,
    coop: Coop | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Mission:
    """Open a mission under an agreement that has not ended. Raises Refused."""
    if agreement.state in (Agreement.State.COMPLETED, Agreement.State.TERMINATED):
        refuse("agreement", _("This agreement has ended."), agreement.get_absolute_url())
    coop = agreement.coop or coop
    live = Accompaniment.objects.filter(coop=coop).live().first() if coop else None
    mission = Mission(
        kind=Mission.Kind.AGREEMENT,
        title=title.strip(),
        agreement=agreement,
        coop=coop,
        accompaniment=live,
        opened_on=opened_on or on,
    )
    return _opened(mission, team, by=by, on=on, at=at)


def open_internal(
    *,
    title: str,
    team: Iterable[User] = (),
    opened_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Mission:
    """Open an internal mission: team, network, training, fundraising."""
    mission = Mission(kind=Mission.Kind.INTERNAL, title=title.strip(), opened_on=opened_on or on)
    return _opened(mission, team, by=by, on=on, at=at)


def open_start_up(accompaniment: Accompaniment, *, by: User, on: date, at: datetime) -> Mission:
    """Open the start-up mission of an accompaniment, once: help comes before any signature."""
    found = Mission.objects.filter(accompaniment=accompaniment, kind=Mission.Kind.START_UP).first()
    if found is not None:
        return found
    mission = Mission(
        kind=Mission.Kind.START_UP,
        title=_("Start-up help, %(coop)s") % {"coop": accompaniment.coop},
        accompaniment=accompaniment,
        coop=accompaniment.coop,
        opened_on=accompaniment.started_on,
    )
    return _opened(mission, (), by=by, on=on, at=at)


def _opened(mission: Mission, team: Iterable[User], *, by: User, on: date, at: datetime) -> Mission:
    with transaction.atomic():
        keep(mission)
        mission.team.set(team)
        record(mission, "open", by=by, on=on, at=at, codes={"kind": mission.kind})
    return mission


def edit_mission(
    mission: Mission,
    *,
    team: Iterable[User] | None = None,
    by: User,
    on: date,
    at: datetime,
    **changes: Any,
) -> Mission:
    """Rename a mission or change its team. Raises Refused."""
    with transaction.atomic():
        mission.refresh_from_db()
        changed = put(mission, changes, ("title", "opened_on"))
        keep(mission)
        if team is not None:
            mission.team.set(team)
            changed.append("team")
        record(mission, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return mission


def end_mission(
    mission: Mission, *, cancel: bool = False, by: User, on: date, at: datetime
) -> Mission:
    """Finish or cancel a mission; barred while one of its days is not validated."""
    with transaction.atomic():
        perform(mission, "cancel" if cancel else "close", by=by, on=on, at=at)
    return mission


# -- start-up days under a later agreement ------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Moved:
    """What moving one day would do, and what bars it."""

    day: MissionDay
    missing: tuple[Missing, ...]


def preview_move_days(days: Iterable[MissionDay], mission: Mission) -> list[Moved]:
    """Say of each day whether it may go under the mission's agreement."""
    if mission.agreement is None:
        refuse("mission", _("Start-up days move under an agreement."))
    return [Moved(day, tuple(_bars(day, mission))) for day in days]


def _bars(day: MissionDay, mission: Mission) -> list[Missing]:
    agreement = mission.agreement
    if agreement is None or day.mission.kind != Mission.Kind.START_UP:
        return [Missing("mission", _("Only start-up days move under an agreement."))]
    found = missing_of(check_move(day.worked_on, agreement.starts_on))
    if day.mission.coop_id != mission.coop_id:
        found.append(Missing("mission", _("This agreement is another coop's.")))
    if day.state == MissionDay.State.BILLED:
        found.append(Missing("state", _("A billed day is locked.")))
    return found


def move_days(
    days: Sequence[MissionDay], mission: Mission, *, by: User, on: date, at: datetime
) -> list[MissionDay]:
    """Move start-up days under the mission's agreement, all or nothing; validated ones are
    shared again under its terms. Raises Refused with what bars each day.
    """
    with transaction.atomic():
        lock_agreements([mission.agreement_id])
        keys = [day.pk for day in days]
        locked = MissionDay._base_manager.select_for_update(of=("self",), no_key=True)
        rows = list(
            locked.filter(pk__in=keys).select_related("mission").order_by("worked_on", "pk")
        )
        bars = [m for moved in preview_move_days(rows, mission) for m in moved.missing]
        if bars:
            raise Refused(bars)
        for day in rows:
            day.mission = mission
            flag(day, on=day.logged_at.date())
            if day.is_pending and day.state == MissionDay.State.VALIDATED:
                refuse("days_budgeted", _("The budget of this agreement does not hold these days."))
            day.save()
            record(day, "move_day", by=by, on=on, at=at, codes={"mission": mission.pk})
        resettle([d.pk for d in rows if d.state == MissionDay.State.VALIDATED], on=on)
    return rows
