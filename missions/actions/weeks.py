"""Verbs of the phone: a week saved as a grid, and a day just noted taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import days as written_days
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse
from missions.actions.days import delete_day, edit_day, log_day, submit_week, week_of
from missions.models import Mission, MissionDay
from missions.rules import Work
from missions.rules_grid import moment_for

UNDO: Final = timedelta(minutes=15)
Seen = tuple[int, Decimal] | None

NOT_YOURS = gettext_lazy("This mission is not one of yours.")
SEVERAL = gettext_lazy("Several days stand here: change each on its own page.")
SENT = gettext_lazy("This day was sent: take it back first.")
WORDY = gettext_lazy("This day holds more than a quantity: delete it on its own page.")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What one cell should hold: `quantity` (None: nothing), over what the person saw there."""

    mission: int
    day: date
    quantity: Decimal | None
    seen: Seen = None

    @property
    def code(self) -> str:
        """The name of the cell's field."""
        return cell_name(self.mission, self.day)


def cell_name(mission: int, day: date) -> str:
    """How forms and refusals name a cell."""
    return f"c_{mission}_{day.isoformat()}"


@dataclass
class Saved:
    """What saving a grid did."""

    created: list[MissionDay] = field(default_factory=list)
    changed: list[MissionDay] = field(default_factory=list)
    deleted: int = 0
    sent: list[MissionDay] = field(default_factory=list)

    @property
    def waiting(self) -> list[MissionDay]:
        """Those kept and waiting for a decision: over budget or late."""
        return [day for day in (*self.created, *self.changed) if day.is_pending]


def save_week(monday: date, wishes: Iterable[Wish], *, by: User, on: date, at: datetime) -> Saved:
    """Write the cells a person changed in the grid of a week, all or none.

    Only days of one's own still `logged` change; a cell changed elsewhere meanwhile is refused.
    Raises Refused with one entry per cell, its code the name of the cell's field.
    """
    first, last = week_of(monday)
    wanted = [wish for wish in wishes if first <= wish.day <= last]
    saved, missing = Saved(), []
    with transaction.atomic():
        User.objects.get_queryset().select_for_update().get(pk=by.pk)
        held = _held(by, first, last)
        known = _known(wanted, by)
        # What frees a date comes first: a day moved from one mission to another is no overflow.
        for wish in sorted(wanted, key=lambda w: _change(w, held)):
            try:
                with transaction.atomic():
                    _write(wish, held, known.get(wish.mission), saved, by=by, on=on, at=at)
            except Refused as refused:
                words = " ".join(str(one.text) for one in refused.missing)
                missing.append(Missing(wish.code, words))
        if missing:
            raise Refused(missing)
    return saved


def send_week(monday: date, wishes: Iterable[Wish], *, by: User, on: date, at: datetime) -> Saved:
    """« Envoyer ma semaine »: save what was typed, then send every logged day of the week."""
    with transaction.atomic():
        saved = save_week(monday, wishes, by=by, on=on, at=at)
        saved.sent = submit_week(monday, by=by, on=on, at=at)
    return saved


Held = dict[tuple[int, date], list[MissionDay]]


def _held(by: User, first: date, last: date) -> Held:
    rows = MissionDay.objects.real().filter(consultant=by, worked_on__range=(first, last))
    found: Held = {}
    for row in rows.select_related("mission__agreement", "mission__coop").order_by("pk"):
        found.setdefault((row.mission_id, row.worked_on), []).append(row)
    return found


def _known(wishes: Sequence[Wish], by: User) -> dict[int, Mission]:
    rows = Mission.objects.visible_to(by).filter(pk__in={wish.mission for wish in wishes})
    return {m.pk: m for m in rows.select_related("agreement", "coop__organisation")}


def _change(wish: Wish, held: Held) -> Decimal:
    before = sum((d.quantity for d in held.get((wish.mission, wish.day), ())), Decimal(0))
    return (wish.quantity or Decimal(0)) - before


def _write(wish: Wish, held: Held, mission: Mission | None, saved: Saved, **act: Any) -> None:
    days = held.get((wish.mission, wish.day), [])
    _judge_cell(wish, days)
    if not days:
        if wish.quantity is not None:
            saved.created.append(_create(wish, mission, held, **act))
        return
    day = days[0]
    if wish.quantity is None:
        if not _is_bare(day):
            refuse(wish.code, str(WORDY))
        delete_day(day, **act)
        held.pop((wish.mission, wish.day))
        saved.deleted += 1
    elif wish.quantity != day.quantity:
        moment = moment_for(wish.quantity, _taken(wish.day, held, day), day.moment)
        saved.changed.append(edit_day(day, quantity=wish.quantity, moment=moment, **act))


def _is_bare(day: MissionDay) -> bool:
    """Whether emptying a cell loses nothing but a quantity."""
    words = (day.subject, day.internal_note, day.note_id, day.km, day.participants)
    return not any((*words, day.attendance_sheet_id)) and day.beneficiaries.count() < 2


def _judge_cell(wish: Wish, days: Sequence[MissionDay]) -> None:
    """Refuse what the grid may not change, or what changed since the person looked."""
    if len(days) > 1:
        refuse(wish.code, str(SEVERAL))
    now: Seen = (days[0].pk, days[0].quantity) if days else None
    if days and days[0].state != MissionDay.State.LOGGED:
        refuse(wish.code, str(SENT))
    if now != wish.seen:
        holds = written_days(now[1] if now else 0)
        words = _("This cell changed meanwhile and holds %(days)s: look, then save again.")
        refuse(wish.code, words % {"days": holds})


def _create(wish: Wish, mission: Mission | None, held: Held, **act: Any) -> MissionDay:
    if mission is None:
        refuse(wish.code, str(NOT_YOURS))
    worked = MissionDay.objects.filter(consultant=act["by"], mission=mission)
    last = worked.order_by("-worked_on", "-pk").values_list("work", flat=True).first()
    assert wish.quantity is not None and mission is not None
    day = log_day(
        mission=mission,
        worked_on=wish.day,
        moment=moment_for(wish.quantity, _taken(wish.day, held)),
        quantity=wish.quantity,
        work=last or Work.ON_SITE,
        **act,
    )
    held[(wish.mission, wish.day)] = [day]
    return day


def _taken(day: date, held: Held, without: MissionDay | None = None) -> set[str]:
    """The moments of a date other days already stand in."""
    rows = (row for (_m, on), found in held.items() if on == day for row in found)
    return {row.moment for row in rows if without is None or row.pk != without.pk}


def undo_day(day: MissionDay, *, by: User, on: date, at: datetime) -> None:
    """« Annuler » just after noting: the day goes, and the proposal nobody answered with it.

    The report written in the same gesture stays on the coop's page. Raises Refused once fifteen
    minutes have passed or the day was sent.
    """
    with transaction.atomic():
        if at - day.logged_at > UNDO:
            refuse("state", _("Too late to undo: delete the day on its own page."))
        proposals = list(day.pairs.filter(state=MissionDay.State.PROPOSED))
        delete_day(day, by=by, on=on, at=at)
        for proposal in proposals:
            codes = {"worked_on": str(proposal.worked_on)}
            record(proposal, "delete", by=by, on=on, at=at, codes=codes, gone=True)
            proposal.pair_of = None
            proposal.delete()
