"""Reminders of tasks: one mail a person and a day, each task once a kind, pauses are silent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from crm import actions
from crm.actions.reminders import remind_tasks
from crm.models import Task, TaskReminder
from crm.rules_tasks import armed_on, kind_on
from essaim import hooks
from essaim.models import OutboxMessage, User
from essaim.my_account import choose_mails
from tests.conftest import acting
from tests.given_crm import given_coop

DAY = date(2026, 11, 23)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def run(on: date) -> dict[str, int]:
    return remind_tasks(on=on, at=datetime(on.year, on.month, on.day, 5, tzinfo=UTC))


@pytest.fixture
def coop(ada: User, basile: User) -> Any:
    return given_coop(owner=ada, by=basile)


def task(coop: Any, by: User, what: str = "Relire le bail", due: date = DAY) -> Task:
    return actions.add_task(coop=coop, what=what, due_on=due, **acting(by, after(-5)))


def mails(owner: User) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(to=owner.email).order_by("pk"))


def test_it_is_work_of_the_day() -> None:
    assert remind_tasks in hooks.daily.all()


def test_a_task_is_told_when_due_then_once_when_late(coop: Any, ada: User) -> None:
    task(coop, ada)
    told = {n: run(after(n))["tasks_told"] for n in range(-1, 10)}
    assert {n: count for n, count in told.items() if count} == {0: 1, 3: 1}
    first, second = mails(ada)
    assert "Relire le bail" in first.body and "23/11/2026" in first.body
    assert "À faire" in first.body and "En retard" in second.body


def test_run_twice_in_a_day_nothing_more_leaves(coop: Any, ada: User) -> None:
    task(coop, ada)
    assert run(DAY) == {"task_mails": 1, "tasks_told": 1}
    assert run(DAY) == {"task_mails": 0, "tasks_told": 0}
    # What falls due after the mail of the day waits for tomorrow's.
    task(coop, ada, "Rappeler la mairie")
    assert run(DAY)["task_mails"] == 0
    assert run(after(1)) == {"task_mails": 1, "tasks_told": 1}


def test_days_that_were_missed_are_caught_up_in_one_mail(
    coop: Any, ada: User, basile: User
) -> None:
    for n in range(6):
        task(coop, ada, f"Tâche {n}", after(n))
    actions.add_task(what="Payer le loyer", due_on=DAY, **acting(basile, DAY))
    assert run(after(10)) == {"task_mails": 2, "tasks_told": 7}
    assert len(mails(ada)) == 1 and len(mails(basile)) == 1
    assert run(after(11))["tasks_told"] == 0


def test_a_paused_coop_is_silent_and_comes_back_from_the_day_of_resuming(
    coop: Any, ada: User, basile: User
) -> None:
    for n in range(4):
        task(coop, ada, f"Tâche {n}", after(n))
    assert run(DAY)["tasks_told"] == 1
    actions.pause(coop.current, review_on=after(60), why="Été", **acting(basile, after(1)))
    assert [run(after(n))["tasks_told"] for n in range(1, 30)] == [0] * 29
    actions.resume(coop.current, **acting(basile, after(30)))
    # One mail, and no task is late for the time it could not be done.
    assert run(after(30)) == {"task_mails": 1, "tasks_told": 4}
    assert "En retard" not in mails(ada)[-1].body
    assert [run(after(n))["tasks_told"] for n in (31, 32, 33, 34)] == [0, 0, 4, 0]
    assert "En retard" in mails(ada)[-1].body


def test_a_stopped_or_merged_coop_is_silent(coop: Any, ada: User, basile: User) -> None:
    task(coop, ada)
    actions.release(coop.current, why="Continue seule", **acting(basile, DAY))
    assert run(after(1))["tasks_told"] == 0
    actions.reopen(coop.current, why="Revient", **acting(basile, after(5)))
    assert run(after(5))["tasks_told"] == 1


def test_a_person_may_switch_the_mails_off_or_wait_longer(coop: Any, ada: User) -> None:
    task(coop, ada)
    choose_mails(paces={"tasks": "never"}, **acting(ada, DAY))
    assert run(DAY)["tasks_told"] == 0
    choose_mails(paces={"tasks": "daily"}, **acting(ada, DAY))
    actions.set_task_mailing(late_after=10, **acting(ada, DAY))
    told = {n: run(after(n))["tasks_told"] for n in range(1, 15)}
    assert {n: count for n, count in told.items() if count} == {1: 1, 10: 1}


def test_done_given_away_put_off_and_done_again(coop: Any, ada: User, basile: User) -> None:
    row = task(coop, ada)
    actions.finish_task(row, **acting(ada, DAY))
    assert run(DAY)["tasks_told"] == 0
    actions.reopen_task(row, **acting(ada, DAY))
    assert run(DAY)["tasks_told"] == 1
    # Another owner is told in turn; another date arms it again.
    actions.edit_task(row, what=row.what, owner=basile, due_on=DAY, **acting(ada, after(1)))
    assert run(after(1))["tasks_told"] == 1 and len(mails(basile)) == 1
    actions.edit_task(row, what=row.what, owner=basile, due_on=after(9), **acting(ada, after(1)))
    told = {n: run(after(n))["tasks_told"] for n in range(2, 14)}
    assert {n: count for n, count in told.items() if count} == {9: 1, 12: 1}


def test_somebody_who_left_is_not_written_to(coop: Any, ada: User) -> None:
    task(coop, ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert run(DAY)["task_mails"] == 0


def test_the_database_keeps_one_reminder_a_kind(coop: Any, ada: User) -> None:
    row = task(coop, ada)
    run(DAY)
    kept = TaskReminder.objects.get(task=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskReminder.objects.create(
            task=row,
            owner=ada,
            kind=kept.kind,
            armed_on=kept.armed_on,
            told_on=DAY,
            message=kept.message,
        )


def test_the_number_of_queries_does_not_grow_with_the_tasks(
    coop: Any, ada: User, django_assert_num_queries: Any
) -> None:
    for n in range(3):
        task(coop, ada, f"Tâche {n}")
    with django_assert_num_queries(12):
        run(DAY)
    for n in range(30):
        task(coop, ada, f"Autre {n}")
    with django_assert_num_queries(12):
        run(after(1))


@given(
    due=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    resumed=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    late=st.integers(1, 60),
    wait=st.integers(-40, 100),
)
def test_a_task_is_silent_then_due_then_late(
    due: date, resumed: date | None, late: int, wait: int
) -> None:
    armed = armed_on(due, resumed)
    assert armed >= due and armed in (due, resumed)
    said = kind_on(armed, armed + timedelta(days=wait), late)
    assert said == ("" if wait < 0 else "late" if wait >= late else "due")
