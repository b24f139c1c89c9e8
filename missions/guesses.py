"""What the guesses of the agenda read: open missions, who is met there, what was noted before."""

import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm.models import ContactRole
from essaim.identifiers import search_key
from missions.models import CalendarProposal, Mission, MissionDay
from missions.rules_agenda import (
    Candidate,
    Guessed,
    Learnt,
    guess,
    moment_of,
    quantity_of_event,
    words_of,
    work_of,
)
from missions.rules_calendar import Occurrence

MOST_MISSIONS, MOST_DAYS = 400, 300
WORDS = Path(__file__).parent / "data" / "agenda_words.json"


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """Words that say nothing of a mission, and words that tell the kind of work."""
    found: dict[str, Any] = json.loads(WORDS.read_text(encoding="utf-8"))
    return found


def _folded(text: str) -> frozenset[str]:
    return words_of(search_key(text), frozenset(tables()["stop"]))


class Clues:
    """All that a person's guesses are made of, read once: four queries."""

    def __init__(self, user: Any, *, on: date) -> None:
        days = list(
            MissionDay.objects.filter(consultant=user)
            .real()
            .order_by("-worked_on", "-pk")
            .values_list("mission", "subject", "work")[:MOST_DAYS]
        )
        last: dict[int, int] = {}
        for mission, _subject, _work in days:
            last.setdefault(mission, len(last))
        self.candidates = _candidates(user, last, on)
        self.learnt = _learnt(user, days)

    def of(self, one: Occurrence) -> tuple[Guessed, dict[str, Any]]:
        """What an event was probably for, and the day it would make."""
        event = one.event
        folded = search_key(f"{event.title} {event.place}")
        words = _folded(event.title)
        found = guess(words, event.people, self.candidates, self.learnt)
        quantity = quantity_of_event(one.minutes)
        work = found.work or work_of(words_of(folded), tables()["work"])
        return found, {
            "mission_id": found.mission,
            "guess": found.by,
            "quantity": quantity,
            "moment": moment_of(one.start, quantity).value,
            "work": work,
            "subject": found.subject or event.title,
        }


def _candidates(user: Any, last: dict[int, int], on: date) -> list[Candidate]:
    rows = Mission.objects.visible_to(user).open().order_by("-opened_on", "-pk")
    rows = rows.select_related("coop__organisation", "agreement__client")
    # Never worked yet, what was agreed comes before start-up help.
    missions = sorted(rows[:MOST_MISSIONS], key=lambda m: m.kind != Mission.Kind.AGREEMENT)
    emails = _emails([organisation_of(m) for m in missions], on)
    return [
        Candidate(
            mission=m.pk,
            words=_name_of(m),
            emails=emails.get(organisation_of(m) or 0, frozenset()),
            rank=last.get(m.pk, len(last) + place),
        )
        for place, m in enumerate(missions)
    ]


def organisation_of(mission: Mission) -> int | None:
    """Whom a mission meets: its coop's organisation, else the client."""
    if mission.coop is not None:
        return int(mission.coop.organisation_id)
    return mission.agreement.client_id if mission.agreement is not None else None


def _name_of(mission: Mission) -> frozenset[str]:
    if mission.coop is not None:
        return _folded(mission.coop.organisation.usual_name or mission.coop.organisation.legal_name)
    return _folded(mission.title)


def _emails(keys: list[int | None], on: date) -> dict[int, frozenset[str]]:
    rows = ContactRole.objects.filter(
        organisation__in={k for k in keys if k is not None}, contact__archived_on=None
    ).exclude(until__lt=on)
    found: dict[int, set[str]] = {}
    for organisation, email in rows.values_list("organisation", "contact__email"):
        if email:
            found.setdefault(organisation, set()).add(email.lower())
    return {key: frozenset(some) for key, some in found.items()}


def _learnt(user: Any, days: list[tuple[int, str, str]]) -> list[Learnt]:
    """Titles of events that became days, then subjects of days; the newest first."""
    rows = CalendarProposal.objects.visible_to(user).exclude(day=None).exclude(title="")
    names = ("title", "day__mission", "day__work", "day__subject")
    found = [
        Learnt(words=_folded(title), mission=mission, work=work, subject=subject)
        for title, mission, work, subject in rows.order_by("-worked_on", "-pk").values_list(*names)[
            :MOST_DAYS
        ]
    ]
    found += [
        Learnt(words=_folded(subject), mission=mission, work=work, subject=subject)
        for mission, subject, work in days
        if subject
    ]
    return [one for one in found if one.words]
