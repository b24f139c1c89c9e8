"""Verbs on a person's own calendar: read, chosen, left out, noted as days by the usual verb."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.identifiers import search_key
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import put, refuse
from missions.actions.common import keep
from missions.actions.days import log_day
from missions.guesses import Clues
from missions.models import CalendarImport, CalendarProposal, Mission, MissionDay
from missions.rules_calendar import CalendarEvent, Laid, Occurrence, Out, Window, lay_out

# Without an answer for so long, an event is forgotten; a new import may propose it again.
KEPT_DAYS: Final = 45
# Titles of events that became days teach the guesses for so long.
LEARNT_DAYS: Final = 400
FIELDS: Final = ("mission", "moment", "quantity", "work", "subject")
ANSWERS: Final = CalendarProposal.Answer


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of the events that were confirmed, line by line."""

    days: list[MissionDay]
    refused: list[tuple[CalendarProposal, list[Missing]]]


def _lock(person: User) -> None:
    """One import or one confirmation of a person at a time."""
    User.objects.get_queryset().select_for_update().get(pk=person.pk)


def _own(row: CalendarProposal, by: User) -> None:
    if row.person_id != by.pk:
        refuse("person", _("A calendar is its owner's alone."))


# -- reading -----------------------------------------------------------------------------------
def import_calendar(
    events: Iterable[CalendarEvent],
    *,
    left_out: "Counter[Out] | None" = None,
    found: int = 0,
    window: Window,
    by: User,
    on: date,
    at: datetime,
) -> CalendarImport:
    """Propose the events of a calendar that were not seen yet; nothing counts until confirmed.

    An event already noted, left out or waiting is proposed no second time: one that waits follows
    what its calendar now says, unless its owner changed it. What was cancelled since is taken
    back. Answers how many of each.
    """
    laid = lay_out(events, window)
    out: Counter[str] = Counter({str(k): v for k, v in laid.left_out.items()})
    out.update({str(k): v for k, v in (left_out or {}).items()})
    with transaction.atomic():
        _lock(by)
        batch = CalendarImport.objects.create(
            person=by,
            imported_at=at,
            first_on=window.first,
            last_on=window.on,
            found=found,
            left_out={str(k): v for k, v in out.items()},
        )
        new = _propose(batch, laid, by=by, at=at)
        batch.proposed, batch.known = new, len(laid.found) - new
        batch.save()
        counts = {"proposed": batch.proposed, "known": batch.known, "left_out": batch.left_out}
        record(batch, "read", by=by, on=on, at=at, codes=counts)
    return batch


def _propose(batch: CalendarImport, laid: Laid, *, by: User, at: datetime) -> int:
    mine = CalendarProposal.objects.visible_to(by)
    mine.waiting().filter(key__in=laid.gone).delete()
    keys = [o.key for o in laid.found]
    rows = {row.key: row for row in mine.filter(key__in=keys)}
    never = set(mine.filter(answer=ANSWERS.EVER).values_list("series", flat=True))
    noted = mine.exclude(day=None).filter(worked_on__gte=batch.first_on)
    # An event that began to repeat since it was noted is still the same on that date.
    twice = set(noted.values_list("series", "worked_on"))
    taken = _taken(by, batch.first_on)
    clues = Clues(by, on=batch.last_on)
    new, old = [], []
    for one in laid.found:
        row = rows.get(one.key)
        if row is not None and row.day_id is None and row.answer == ANSWERS.NONE:
            old.append(_follow(row, one, clues, taken, at))
        elif row is None and one.series not in never and (one.series, one.day) not in twice:
            new.append(_row(batch, one, clues, taken, at))
    CalendarProposal.objects.bulk_create(new)
    CalendarProposal.objects.bulk_update(old, [*_FACTS, *_GUESSED, "is_chosen", "seen_at"])
    return len(new)


_FACTS: Final = ("worked_on", "starts_at", "ends_at", "title", "place")
_GUESSED: Final = ("mission", "guess", "quantity", "moment", "work", "subject")


def _taken(by: User, since: date) -> set[tuple[date, int]]:
    rows = MissionDay.objects.filter(consultant=by, worked_on__gte=since).real()
    return set(rows.values_list("worked_on", "mission"))


def _facts(one: Occurrence) -> dict[str, Any]:
    return {
        "worked_on": one.day,
        "starts_at": one.start,
        "ends_at": one.end,
        "title": one.event.title,
        "place": one.event.place,
    }


def _row(
    batch: CalendarImport, one: Occurrence, clues: Clues, taken: Collection[Any], at: datetime
) -> CalendarProposal:
    _found, day = clues.of(one)
    return CalendarProposal(
        person=batch.person,
        source=batch,
        series=one.series,
        key=one.key,
        is_chosen=_is_likely(one.day, day["mission_id"], taken),
        seen_at=at,
        **_facts(one),
        **day,
    )


def _is_likely(day: date, mission: int | None, taken: Collection[Any]) -> bool:
    """Ticked beforehand: its mission is known, and nothing is noted there on that date."""
    return mission is not None and (day, mission) not in taken


def _follow(
    row: CalendarProposal, one: Occurrence, clues: Clues, taken: Collection[Any], at: datetime
) -> CalendarProposal:
    """Its calendar moved or renamed it: an event that waits follows; choices made stay."""
    changed = [name for name, value in _facts(one).items() if getattr(row, name) != value]
    values = _facts(one)
    if not row.is_changed and (changed or row.mission_id is None):
        _found, day = clues.of(one)
        values |= day | {"is_chosen": _is_likely(one.day, day["mission_id"], taken)}
    for name, value in values.items():
        setattr(row, name, value)
    row.seen_at = at
    return row


# -- choosing ----------------------------------------------------------------------------------
def choose(keys: Collection[int], *, by: User, on: date, at: datetime) -> int:
    """Tick these events and no other; kept if the person leaves. Answers how many are ticked."""
    with transaction.atomic():
        rows = CalendarProposal.objects.visible_to(by).waiting()
        rows.filter(is_chosen=True).exclude(pk__in=keys).update(is_chosen=False)
        rows.filter(is_chosen=False, pk__in=keys).update(is_chosen=True)
        return rows.filter(is_chosen=True).count()


def change_event(
    row: CalendarProposal, *, by: User, on: date, at: datetime, **changes: Any
) -> CalendarProposal:
    """Say what an event was for: mission, moment, quantity, work, subject. Raises Refused."""
    with transaction.atomic():
        row = CalendarProposal.objects.select_for_update().get(pk=row.pk)
        _own(row, by)
        if row.day_id is not None:
            refuse("day", _("This event is noted: change the day itself."))
        if not Mission.objects.visible_to(by).filter(pk=changes["mission"].pk).exists():
            refuse("mission", _("This mission is not one of yours."))
        put(row, changes, FIELDS)
        row.is_changed = row.is_chosen = True
        row.answer = ANSWERS.NONE
        keep(row)
    return row


def leave_out(
    row: CalendarProposal, answer: str, *, by: User, on: date, at: datetime
) -> CalendarProposal:
    """Leave this date out, or the event with all its dates for ever; "" puts it back.

    Raises Refused.
    """
    with transaction.atomic():
        _lock(by)
        row = CalendarProposal.objects.get(pk=row.pk)
        _own(row, by)
        if row.day_id is not None:
            refuse("day", _("This event is noted: delete its day to free it."))
        rows = CalendarProposal.objects.visible_to(by).filter(day=None)
        whole = ANSWERS.EVER in (answer, row.answer)
        rows = rows.filter(series=row.series) if whole else rows.filter(pk=row.pk)
        rows.update(answer=answer, is_chosen=False)
        row.refresh_from_db()
    return row


# -- confirming --------------------------------------------------------------------------------
def note_chosen(*, by: User, on: date, at: datetime) -> Noted:
    """Note every ticked event as a day, by `log_day`, the oldest first; each stands alone.

    What a day cannot be is refused on its own line and goes on waiting. Done twice, it notes
    nothing more. Raises Refused when nothing is ticked.
    """
    noted = Noted([], [])
    with transaction.atomic():
        _lock(by)
        rows = CalendarProposal.objects.visible_to(by).waiting().filter(is_chosen=True)
        chosen = list(rows.select_related("mission__coop__organisation", "mission__agreement"))
        if not chosen:
            refuse("chosen", _("No event is chosen: tick at least one."))
        for row in chosen:
            try:
                noted.days.append(_note(row, by=by, on=on, at=at))
            except Refused as refused:
                noted.refused.append((row, refused.missing))
    return noted


def _note(row: CalendarProposal, *, by: User, on: date, at: datetime) -> MissionDay:
    if row.mission is None:
        refuse("mission", _("Say for which mission."), row.get_absolute_url())
    with transaction.atomic():
        day = log_day(
            mission=row.mission,
            worked_on=row.worked_on,
            moment=row.moment,
            quantity=Decimal(row.quantity),
            work=row.work,
            subject=row.subject,
            by=by,
            on=on,
            at=at,
        )
        row.day, row.is_chosen, row.place = day, False, ""
        row.save()
    return day


# -- forgetting --------------------------------------------------------------------------------
def prune_calendars(*, on: date, at: datetime) -> dict[str, int]:
    """Forget events nobody answered, words that serve no more, calendars of closed accounts."""
    rows = CalendarProposal.objects.all()
    limit = at - timedelta(days=KEPT_DAYS)
    closed = rows.filter(person__is_active=False, day=None).delete()[0]
    stale = rows.waiting().filter(seen_at__lt=limit).delete()[0]
    # What can no longer come back by an import needs no row; "never again" needs its key alone.
    past = rows.filter(answer=ANSWERS.ONCE, worked_on__lt=on - timedelta(days=200)).delete()[0]
    old = Q(seen_at__lt=at - timedelta(days=LEARNT_DAYS)) | Q(person__is_active=False)
    words = rows.filter(Q(answer=ANSWERS.EVER, seen_at__lt=limit) | old)
    emptied = words.exclude(title="").update(title="", place="", subject="")
    CalendarImport.objects.filter(imported_at__lt=at - timedelta(days=LEARNT_DAYS)).delete()
    done = {"calendar_events_forgotten": closed + stale + past, "calendar_words": emptied}
    return {code: count for code, count in done.items() if count}


def forget_words(names: Collection[str]) -> int:
    """Empty the titles and places that name a person who is erased."""
    folded = [search_key(name) for name in names if len(search_key(name)) > 3]
    rows = CalendarProposal.objects.exclude(title="", place="", subject="")
    keys = [
        row.pk
        for row in rows.only("title", "place", "subject").iterator()
        if any(n in search_key(f"{row.title} {row.place} {row.subject}") for n in folded)
    ]
    return CalendarProposal.objects.filter(pk__in=keys).update(title="", place="", subject="")
