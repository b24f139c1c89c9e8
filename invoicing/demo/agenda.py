"""Ada's calendar waits with three events, and her calls of the week make a quarter of a day."""

import re
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile

from crm import actions as crm
from invoicing.demo.stage import DATA, PARIS, Stage, data
from missions import actions as missions
from missions.agenda_file import read_calendar
from missions.rules_calendar import Window


def plan(stage: Stage) -> None:
    """The calls of the last working day, then the calendar of this morning."""
    for row in data("calls"):
        stage.later(-1, partial(_call, stage, row))
    stage.later(0, partial(_calendar, stage))


def _call(stage: Stage, row: dict[str, Any]) -> None:
    day = stage.work_on(-1)
    at = datetime.combine(day, time.fromisoformat(row["at"]), tzinfo=PARIS)
    crm.write_note(
        stage.coops[row["coop"]],
        kind="call",
        title=row["title"],
        text=row["text"],
        minutes=row["minutes"],
        happened_at=at,
        by=stage.users["ada"],
        on=day,
        at=at + timedelta(minutes=row["minutes"]),
    )


def _calendar(stage: Stage) -> None:
    ada, act = stage.users["ada"], stage.act("ada", stage.today, 8)
    text = re.sub(
        r"\{(-?\d+)\}",
        lambda found: f"{stage.work_on(int(found[1])):%Y%m%d}",
        (DATA / "agenda.ics").read_text(encoding="utf-8"),
    )
    window = Window(stage.today, act["at"], PARIS)
    file = ContentFile(text.encode(), "agenda.ics")
    events, left, found = read_calendar(file, email=ada.email, window=window)
    missions.import_calendar(events, left_out=left, found=found, window=window, **act)
