"""Reminders of deadlines: what is due to be told today, to whom, in one mail a day each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Accompaniment, Move
from crm.stages import Activity
from essaim import outbox
from essaim.formats import called, date_fr, distance
from essaim.hooks import DueDate
from essaim.mails import DEADLINES, choices_line, comes, days_ahead
from essaim.models import OutboxMessage, User
from essaim.roles import Role
from essaim.tongue import speaking_to
from grants import deadlines
from grants.models import NEVER_RESUMED, ReminderPlan, ReminderSent
from grants.rules_deadlines import GRACE_DAYS, due_step

_MAY: Final = "grants.view_application"
A_WEEK: Final = 7
# No reminder while a coop is in one of these; a completed accompaniment still owes its reports.
MUTED: Final = (Activity.PAUSED, Activity.ABANDONED, Activity.RELEASED, Activity.MERGED)


@dataclass(frozen=True, slots=True)
class Told:
    """One reminder to send."""

    due: DueDate
    step: int
    armed_on: date


@dataclass(frozen=True, slots=True)
class Near:
    """A deadline near enough to be reminded of, and what of it was told: (step, whom, when)."""

    due: DueDate
    armed_on: date
    steps: Sequence[int]
    told: Sequence[tuple[int, int, date]]

    def for_reader(self, user: User, on: date) -> Told | None:
        """What this reader is told today; who reads on Mondays also learns what others of the
        office were told since the last one, and what falls before the next."""
        ahead = timedelta(days=days_ahead(user, DEADLINES))
        known = {
            step
            for step, whom, sent in self.told
            if not ahead or whom == user.pk or sent < on - ahead
        }
        for day in (on + ahead, on):
            step = due_step(self.due.day, self.steps, known, day)
            if step is not None:
                return Told(self.due, step, self.armed_on)
        return None


def plans() -> dict[str, list[int]]:
    """Days before each kind of deadline at which the office reminds."""
    return dict(ReminderPlan.objects.values_list("kind", "days"))


def muted_coops(coops: Iterable[int]) -> set[int]:
    """Coops of which nobody is reminded now: the last word of their accompaniments."""
    rows = Accompaniment.objects.filter(coop__in=set(coops)).order_by("pk")
    known: dict[int, list[str]] = defaultdict(list)
    for coop, activity in rows.values_list("coop_id", "activity"):
        known[coop].append(activity)
    return {
        coop
        for coop, activities in known.items()
        if Activity.ACTIVE not in activities and activities[-1] in MUTED
    }


def resumed(coops: Iterable[int]) -> dict[int, date]:
    """The day each coop was last resumed: reminders are armed anew from it."""
    rows = Move.objects.filter(accompaniment__coop__in=set(coops), edge="resume").order_by()
    found = rows.values_list("accompaniment__coop").annotate(last=Max("effective_on"))
    return dict(found)


def near_on(on: date) -> list[Near]:
    """The deadlines near a date, but those of muted coops: a fixed number of queries."""
    steps = plans()
    furthest = max((max(days) for days in steps.values() if days), default=0)
    first, last = on - timedelta(days=GRACE_DAYS), on + timedelta(days=furthest + A_WEEK)
    found = deadlines.of_files(first=first, last=last)
    coops = {due.coop[0] for due in found if due.coop}
    muted, armed = muted_coops(coops), resumed(coops)
    told = _told({due.key for due in found})
    out = []
    for due in found:
        coop = due.coop[0] if due.coop else 0
        armed_on = armed.get(coop, NEVER_RESUMED)
        known = told[due.key, due.day, armed_on]
        if coop not in muted:
            out.append(Near(due, armed_on, steps.get(due.kind, []), known))
    return out


def _told(keys: set[str]) -> Mapping[tuple[str, date, date], list[tuple[int, int, date]]]:
    rows = ReminderSent.objects.filter(key__in=keys)
    out: dict[tuple[str, date, date], list[tuple[int, int, date]]] = defaultdict(list)
    columns = ("key", "due_on", "armed_on", "step", "user_id", "sent_on")
    for key, day, armed_on, *told in rows.values_list(*columns):
        out[key, day, armed_on].append((told[0], told[1], told[2]))
    return out


def _recipients(found: Iterable[Near], on: date) -> dict[int, tuple[User, list[Told]]]:
    """Each reminder goes to the owner of the file; to the coordinators when the owner left.

    Whoever chose another day or no mail is left out: what they have to read waits for it.
    """
    people = {user.pk: user for user in User.objects.active()}
    able = {key: user for key, user in people.items() if user.has_perm(_MAY)}
    coordinators = [user for user in able.values() if user.has_role(Role.COORDINATOR)]
    out: dict[int, tuple[User, list[Told]]] = {}
    for near_one in found:
        person = near_one.due.person
        owner = able.get(person[0]) if person else None
        for user in [owner] if owner else coordinators:
            told = near_one.for_reader(user, on) if comes(user, DEADLINES, on=on) else None
            if told is not None:
                out.setdefault(user.pk, (user, []))[1].append(told)
    return out


def send(*, on: date, at: datetime) -> Mapping[str, int]:
    """Put one mail a person in the outbox, with all that is due; a second run of a day adds none.

    What falls due after a person's mail of the day has left waits for the next day's.
    """
    people = _recipients(near_on(on), on).values()
    keys = {_key(user, on) for user, _rows in people}
    gone = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    sent = 0
    for user, rows in people:
        if _key(user, on) not in gone:
            sent += _send_to(user, rows, on=on, at=at)
    return {"deadlines_reminded": sent}


def _key(user: User, on: date) -> str:
    return f"deadlines:{user.pk}:{on.isoformat()}"


def _send_to(user: User, rows: list[Told], *, on: date, at: datetime) -> int:
    rows = sorted(rows, key=lambda told: (told.due.day, told.due.key))
    try:
        with transaction.atomic():
            ReminderSent.objects.bulk_create(
                ReminderSent(
                    key=told.due.key,
                    step=told.step,
                    due_on=told.due.day,
                    armed_on=told.armed_on,
                    user=user,
                    sent_on=on,
                )
                for told in rows
            )
            with speaking_to(user):
                subject, body = _subject(rows), _body(user, rows, on)
            outbox.put(key=_key(user, on), to=user.email, subject=subject, body=body, at=at)
    except IntegrityError:
        return 0  # another run of the same day was faster
    return len(rows)


def _subject(rows: list[Told]) -> str:
    words = ngettext("%(count)s deadline is near", "%(count)s deadlines are near", len(rows))
    return words % {"count": len(rows)}


def _body(user: User, rows: list[Told], on: date) -> str:
    lines = [_("Hello %(name)s,") % {"name": called(user.name)}, ""]
    for told in rows:
        lines += [_line(told.due, on), f"  {settings.PUBLIC_URL}{told.due.url}", ""]
    lines.append(_("What is done or given up is no longer reminded; neither is a paused coop."))
    lines.append(choices_line())
    return "\n".join(lines)


def _line(due: DueDate, on: date) -> str:
    gap, _late = distance(due.day, on, late=True)
    parts = [f"{date_fr(due.day)} ({gap})", f"{due.what} : {due.title}", due.detail]
    return "- " + " · ".join(part for part in parts if part)


def near(user: Any, *, on: date, past: int, ahead: int) -> list[DueDate]:
    """What this person follows, from `past` days ago to `ahead` days from now, oldest first."""
    first, last = on - timedelta(days=past), on + timedelta(days=ahead)
    found = deadlines.mine(user, first=first, last=last)
    muted = muted_coops(due.coop[0] for due in found if due.coop)
    kept = [due for due in found if not due.coop or due.coop[0] not in muted]
    return sorted(kept, key=lambda due: (due.day, due.key))
