"""Where the story is played: its calendar, its cast, and what happens in the order of dates."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crm.models import Accompaniment, Coop, Organisation
from essaim.days import is_working_day
from essaim.models import User

DATA = Path(__file__).parent / "data"
PARIS = ZoneInfo("Europe/Paris")


def data(name: str) -> Any:
    """The texts of the story, kept apart from its code."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Stage:
    """The cast so far and the scenes still to play; offsets are days from today."""

    today: date
    users: dict[str, User] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    coops: dict[str, Coop] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    scenes: list[tuple[int, int, Callable[[], Any]]] = field(default_factory=list)

    def on(self, offset: int) -> date:
        """The date this many days from today."""
        return self.today + timedelta(days=offset)

    def work_on(self, offset: int) -> date:
        """The working day at or just before an offset."""
        day = self.on(offset)
        while not is_working_day(day):
            day -= timedelta(days=1)
        return day

    def act(self, who: str, on: date, hour: int = 10) -> dict[str, Any]:
        """Who acts and when, as actions take it."""
        at = datetime.combine(on, time(hour), tzinfo=PARIS)
        return {"by": self.users[who], "on": on, "at": at}

    def accompaniment(self, key: str) -> Accompaniment:
        """The accompaniment of a coop of the story, read afresh."""
        return Accompaniment.objects.get(coop=self.coops[key])

    def later(self, offset: int, scene: Callable[[], Any]) -> None:
        """Plan a scene; those of one date keep the order they were planned in."""
        self.scenes.append((offset, len(self.scenes), scene))

    def play(self) -> None:
        """Play every scene in the order of its date; a scene may plan later ones."""
        while self.scenes:
            self.scenes.sort(key=lambda s: s[:2])
            self.scenes.pop(0)[2]()
