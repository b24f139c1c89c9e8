"""Reminders: once each, caught up once, in Paris time, silent for what is paused or settled."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate

from crm import actions as crm
from essaim.models import OutboxMessage, User
from essaim.workflow import Refused
from grants import actions, deadlines, reminders
from grants.models import GrantApplication, ReminderPlan, ReminderSent
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_call,
    given_disbursement,
    given_programme,
    move,
    who,
)

pytestmark = pytest.mark.django_db
ONE = timedelta(days=1)
# 31 December 23:30 in Paris.
NEW_YEAR = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)


def run(on: date) -> int:
    at = datetime(on.year, on.month, on.day, 5, tzinfo=UTC)
    return reminders.send(on=on, at=at)["deadlines_reminded"]


def given_file(owner: User, deadline: datetime = NEW_YEAR, coop: Any = None) -> GrantApplication:
    programme = given_programme()
    call = given_call(programme, deadline=deadline)
    return given_application(
        coop or given_applicant(), programme, state="drafting", call=call, owner=owner
    )


def test_each_step_is_told_once_however_often_it_runs(basile: User) -> None:
    given_file(basile)
    last = date(2026, 12, 31)
    told = []
    for gap in range(40, -5, -1):
        on = last - timedelta(days=gap)
        count = run(on) + run(on)
        if count:
            told.append((gap, count))
    assert told == [(30, 1), (14, 1), (7, 1), (2, 1)]
    assert OutboxMessage.objects.count() == 4


def test_a_missed_week_sends_only_the_last_step(basile: User) -> None:
    given_file(basile)
    assert run(date(2026, 12, 30)) == 1
    assert [row.step for row in ReminderSent.objects.all()] == [2]
    assert run(date(2026, 12, 31)) == run(date(2027, 1, 2)) == 0


def test_a_deadline_late_on_new_year_s_eve_is_of_that_day_in_paris(basile: User) -> None:
    given_file(basile)
    assert run(date(2026, 11, 30)) == 0
    assert run(date(2026, 12, 1)) == 1
    assert "31/12/2026 (dans 30" in OutboxMessage.objects.get().body.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_nights_when_the_clock_changes_keep_their_day(
    basile: User, instant: datetime, day: date
) -> None:
    given_file(basile, instant)
    found = deadlines.of_files(first=day, last=day)
    assert [(due.kind, due.day) for due in found] == [("deposit", day)]
    assert localdate(instant) == day
    assert run(day - 7 * ONE) == 1


def test_one_mail_a_person_a_day_tells_everything(basile: User) -> None:
    given_file(basile)
    other = given_application(
        given_applicant("La Ruche"), state="running", owner=basile, report_due_on=date(2026, 12, 15)
    )
    assert run(date(2026, 12, 1)) == 2
    mail = OutboxMessage.objects.get()
    assert mail.to == basile.email
    assert mail.body.index(str(other)) < mail.body.index("Dépôt du dossier")
    assert mail.body.count("http://127.0.0.1:8000/financements/") == 2


def test_a_paused_coop_is_silent_and_armed_anew_when_resumed(basile: User) -> None:
    coop = given_coop(by=basile, on=date(2026, 1, 5))
    given_file(basile, coop=coop)
    assert run(date(2026, 12, 1)) == 1
    review = date(2026, 12, 20)
    crm.pause(coop.current, review_on=review, why="Vacances", **acting(basile, date(2026, 12, 2)))
    assert run(date(2026, 12, 17)) == 0
    crm.resume(coop.current, **acting(basile, date(2026, 12, 19)))
    assert run(date(2026, 12, 19)) == 1
    assert run(date(2026, 12, 20)) == 0
    assert run(date(2026, 12, 24)) == 1


def test_a_step_told_before_a_short_pause_is_told_again_after_it(basile: User) -> None:
    coop = given_coop(by=basile, on=date(2026, 1, 5))
    given_file(basile, coop=coop)
    assert run(date(2026, 12, 17)) == 1
    later = date(2026, 12, 30)
    crm.pause(coop.current, review_on=later, why="Jury", **acting(basile, date(2026, 12, 18)))
    crm.resume(coop.current, **acting(basile, date(2026, 12, 20)))
    assert run(date(2026, 12, 20)) == 1
    assert run(date(2026, 12, 21)) == 0


def test_a_moved_deadline_is_armed_anew(basile: User) -> None:
    application = given_file(basile)
    assert run(date(2026, 12, 17)) == 1
    assert application.call is not None
    later = datetime(2027, 1, 31, 11, tzinfo=UTC)
    actions.edit_call(application.call, deadline=later, **who())
    assert run(date(2026, 12, 24)) == 0
    assert run(date(2027, 1, 1)) == 1


def test_what_is_settled_is_told_no_more(basile: User) -> None:
    application = given_file(basile)
    move(application, "deposit")
    assert run(date(2026, 12, 17)) == 0


def test_the_coordinators_are_told_when_the_owner_left(basile: User) -> None:
    gone = person("Gaston Parti", "coordinator")
    given_file(gone)
    gone.is_active = False
    gone.save()
    assert run(date(2026, 12, 17)) >= 1
    assert set(OutboxMessage.objects.values_list("to", flat=True)) >= {basile.email}
    assert gone.email not in set(OutboxMessage.objects.values_list("to", flat=True))


def test_the_days_are_the_office_s(basile: User) -> None:
    given_file(basile)
    actions.set_reminder_days("deposit", days=[45, 1], **who())
    assert run(date(2026, 11, 15)) == 0
    assert run(date(2026, 11, 16)) == 1
    assert run(date(2026, 12, 17)) == 0
    assert run(date(2026, 12, 30)) == 1
    actions.set_reminder_days("deposit", days=[], **who())
    assert ReminderPlan.objects.get(kind="deposit").days == []


def test_the_report_follows_the_exercise_and_never_the_clock(basile: User) -> None:
    application = given_application(
        given_applicant(), state="running", owner=basile, project_until=date(2026, 5, 31)
    )
    assert deadlines.report_due(application) == date(2027, 6, 30)
    actions.set_exercise_end(application.applicant, month=6, day=30, **who())
    application = GrantApplication.objects.get(pk=application.pk)
    assert deadlines.report_due(application) == date(2026, 12, 31)
    assert run(date(2026, 12, 1)) == 1
    # Overdue, it stands where it stood.
    found = deadlines.of_files(first=date(2026, 1, 1), last=date(2028, 1, 1))
    assert [d.day for d in found if d.kind == "report"] == [date(2026, 12, 31)]
    assert [d.day for d in reminders.near(basile, on=date(2027, 1, 10), past=30, ahead=30)] == [
        date(2026, 12, 31)
    ]
    move(application, "report")
    found = deadlines.of_files(first=date(2026, 1, 1), last=date(2028, 1, 1))
    assert "report" not in {d.kind for d in found}


def test_the_funder_s_own_date_comes_first() -> None:
    application = given_application(
        given_applicant(), state="running", report_due_on=date(2026, 9, 1)
    )
    assert deadlines.report_due(application) == date(2026, 9, 1)


@pytest.mark.parametrize("days", [[-1], [366], list(range(9))])
def test_impossible_days_are_refused(days: list[int]) -> None:
    with pytest.raises(Refused):
        actions.set_reminder_days("deposit", days=days, **who())


def test_a_payment_is_told_on_its_day(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", owner=basile)
    given_disbursement(application, expected_on=DAY + 40 * ONE)
    assert run(DAY + 39 * ONE) == 0
    assert run(DAY + 40 * ONE) == 1


def test_the_command_does_it(basile: User) -> None:
    on = localdate()
    given_application(given_applicant(), state="running", owner=basile, report_due_on=on + 14 * ONE)
    for expected in ("deadlines_reminded: 1", "deadlines_reminded: 0"):
        out = StringIO()
        call_command("daily", stdout=out)
        assert expected in out.getvalue()
