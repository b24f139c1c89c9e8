"""The story's agenda is a file that a calendar reads back, and its late aid is told."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from icalendar import Calendar

from crm.models import Coop
from essaim.models import OutboxMessage
from grants.models import Disbursement, ReminderSent
from invoicing.demo import deadlines
from invoicing.demo.stage import PARIS, Stage
from tests.conftest import person
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(basile: Any, chloe: Any) -> Stage:
    """The scenes of this file alone, on a coop of the story."""
    today = timezone.localdate()
    made = Stage(today)
    made.users = {"basile": basile, "chloe": chloe, "ada": person("Ada Lutz", "consultant")}
    coop: Coop = given_coop("Terre à Table", by=basile, on=today - timedelta(days=270))
    made.coops = {"terre": coop}
    for key in ("pna", "fdva"):
        made.things[f"programme:{key}"] = given_programme(key.upper(), by=basile)
    given_application(
        coop,
        made.things["programme:fdva"],
        state="drafting",
        title="Enquête auprès des habitants",
        owner=basile,
    )
    deadlines.plan(made)
    made.play()
    return made


def test_the_advance_came_in_part_and_the_rest_is_late(stage: Stage) -> None:
    (line,) = deadlines.told(stage)
    assert "2 400,00" in line.replace("\xa0", " ").replace("\u202f", " ")
    assert "en retard de 42 j" in line
    rest = Disbursement.objects.get(remainder_of__isnull=False)
    assert rest in Disbursement.objects.late_by(31, 60, on=stage.today)
    assert OutboxMessage.objects.filter(to="tresorerie@terre-a-table.example").count() == 1


def test_reminders_run_twice_were_sent_once(stage: Stage) -> None:
    assert ReminderSent.objects.count() == len(
        set(ReminderSent.objects.values_list("key", "step", "due_on"))
    )
    assert OutboxMessage.objects.filter(key__startswith="deadlines:").count() == 1


def test_python_icalendar_reads_the_agenda_back(stage: Stage, tmp_path: Path) -> None:
    path = deadlines.leave_agenda(stage, tmp_path)
    calendar = Calendar.from_ical(path.read_bytes())
    events = calendar.walk("VEVENT")
    assert len(events) == len({str(event["UID"]) for event in events})
    words = {str(event["SUMMARY"]).replace("\xa0", " ") for event in events}
    assert "Dépôt du dossier : Enquête auprès des habitants" in words
    assert "Versement du financeur : Chambre froide de Terre à Table" in words
    assert all(event["DTSTAMP"].dt <= timezone.now() for event in events)
    (deposit,) = [event for event in events if str(event["UID"]).endswith(":deposit@essaim")]
    assert deposit["DTSTART"].dt == datetime.combine(stage.on(14), time(23, 30), tzinfo=PARIS)
