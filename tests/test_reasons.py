"""The table of reasons: thresholds the office edits, told or not, read once a page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions as crm
from essaim import hooks, reasons
from essaim.models import Event, ReasonSetting, User
from essaim.reasons import BY_CODE, REASONS, Wish, days_of, is_on, reset_reason, set_reasons
from essaim.workflow import Refused
from tests.conftest import signed_in
from tests.given_crm import given_accompaniment, given_coop

PAGE = "reasons"


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def told(user: User, *, limit: int = 50) -> list[hooks.WorkReason]:
    on = timezone.localdate()
    return [r for ask in hooks.work_reasons.all() for r in ask(user, on=on, limit=limit)]


def codes(user: User) -> set[str]:
    return {reason.code for reason in told(user)}


def wish(code: str, days: int | None = None, *, is_on: bool = True) -> Wish:
    return Wish(code=code, days=days, is_on=is_on)


# -- the table ---------------------------------------------------------------------------------


def test_every_code_stands_once_and_is_complete() -> None:
    assert len(BY_CODE) == len(REASONS)
    for reason in REASONS:
        assert reason.roles and reason.icon and str(reason.label)
        assert (reason.days is None) == (reason.measure == reasons.Measure.NONE)


@pytest.mark.parametrize(
    "code",
    [
        "stuck",
        "review",
        "task",
        "grant_deadline",
        "pieces_missing",
        "disbursement_late",
        "days_to_validate",
        "unbilled_work",
    ],
)
def test_the_reasons_a_coordinator_asked_for_have_a_threshold(code: str) -> None:
    assert BY_CODE[code].days is not None


@pytest.mark.django_db
def test_a_threshold_is_the_default_until_the_office_says_otherwise(basile: User) -> None:
    assert days_of("grant_deadline") == 21
    set_reasons([wish("grant_deadline", 45)], **now_by(basile))
    assert days_of("grant_deadline") == 45
    reset_reason("grant_deadline", **now_by(basile))
    assert days_of("grant_deadline") == 21


@pytest.mark.django_db
def test_what_equals_the_default_changes_nothing_and_each_change_is_told(basile: User) -> None:
    assert set_reasons([wish(r.code, r.days) for r in REASONS], **now_by(basile)) == []
    assert not ReasonSetting.objects.exists()
    set_reasons([wish("stuck", 12, is_on=False)], **now_by(basile))
    event = Event.objects.get(verb="essaim.ReasonSetting.set")
    assert event.by == basile and event.codes == {"code": "stuck", "days": 12, "is_on": False}
    assert set_reasons([wish("stuck", 12, is_on=False)], **now_by(basile)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (wish("made-up"), "code"),
        (wish("task", -1), "days_task"),
        (wish("task", 3651), "days_task"),
        (wish("drafts", 3), "days_drafts"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_and_nothing_written(
    basile: User, asked: Wish, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        set_reasons([wish("stuck", 9), asked], **now_by(basile))
    assert [m.code for m in refusal.value.missing] == [code]
    assert not ReasonSetting.objects.exists()


@pytest.mark.django_db
def test_the_table_is_read_once_a_page(basile: User) -> None:
    with CaptureQueriesContext(connection) as seen, reasons.read_once():
        assert [days_of(r.code) for r in REASONS] == [r.days or 0 for r in REASONS]
        assert all(is_on(r.code) for r in REASONS)
    assert len(seen) == 1
    signed_in(basile).get("/")
    browser = signed_in(basile)
    with CaptureQueriesContext(connection) as seen:
        browser.get("/")
    assert sum("reasonsetting" in q["sql"] for q in seen.captured_queries) == 1


# -- what it does to the day of each -------------------------------------------------------------


@pytest.mark.django_db
def test_the_days_of_stuck_leave_a_coop_time_past_its_usual_duration(
    ada: User, basile: User
) -> None:
    begun = timezone.localdate() - timedelta(days=200)
    given_accompaniment(owner=ada, by=basile, stage="premises", on=begun)  # usual: 180 days
    assert "stuck" in codes(ada)
    set_reasons([wish("stuck", 20)], **now_by(ada))
    assert "stuck" not in codes(ada)
    set_reasons([wish("stuck", 19)], **now_by(ada))
    assert "stuck" in codes(ada)


@pytest.mark.django_db
def test_a_task_is_told_as_early_as_the_office_wants(ada: User) -> None:
    on = timezone.localdate()
    crm.add_task(what="Appeler la mairie", due_on=on + timedelta(days=4), **now_by(ada))
    assert "task" not in codes(ada)
    set_reasons([wish("task", 4)], **now_by(ada))
    assert "task" in codes(ada)


@pytest.mark.django_db
def test_a_coop_tells_its_next_reason_when_the_first_is_switched_off(ada: User) -> None:
    coop = given_coop(owner=ada, by=ada)
    crm.block(coop.current, reason="Bail non signé", **now_by(ada))
    crm.plan_next(
        coop.current,
        next_action="Relancer",
        next_action_on=timezone.localdate(),
        **now_by(ada),
    )
    assert "next" in codes(ada) and "blocked" not in codes(ada)
    set_reasons([wish("next", is_on=False)], **now_by(ada))
    assert "blocked" in codes(ada) and "next" not in codes(ada)
    every = [wish(code, is_on=False) for code in ("next", "blocked", "review", "stuck")]
    set_reasons(every, **now_by(ada))
    assert codes(ada).isdisjoint({"next", "blocked", "review", "stuck"})


@pytest.mark.django_db
def test_a_paused_coop_asks_for_nothing_but_its_review(ada: User) -> None:
    on = timezone.localdate()
    coop = given_coop(owner=ada, by=ada)
    crm.block(coop.current, reason="Bail non signé", **now_by(ada))
    crm.pause(coop.current, review_on=on + timedelta(days=5), why="Travaux", **now_by(ada))
    assert codes(ada).isdisjoint({"blocked", "review", "stuck", "next"})
    set_reasons([wish("review", 5)], **now_by(ada))
    assert "review" in codes(ada)


@pytest.mark.django_db
def test_a_coordinator_is_told_how_many_coops_of_the_whole_team_are_blocked(
    ada: User, basile: User
) -> None:
    for name in ("Une", "Deux"):
        coop = given_coop(name, owner=ada, by=ada)
        crm.block(coop.current, reason="Bail non signé", **now_by(ada))
    team = [r for r in told(basile) if r.code == "blocked"]
    assert [r.title for r in team] == ["2 autres coops bloquées"]
    assert team[0].url == reverse("crm:table") + "?show=blocked"
    assert "2 autres coops bloquées" not in [r.title for r in told(ada)]


@pytest.mark.django_db
def test_what_is_switched_off_is_told_by_no_room(ada: User) -> None:
    crm.add_task(what="Appeler la mairie", due_on=timezone.localdate(), **now_by(ada))
    assert "Appeler la mairie" in signed_in(ada).get("/").content.decode()
    set_reasons([wish("task", is_on=False)], **now_by(ada))
    assert "Appeler la mairie" not in signed_in(ada).get("/").content.decode()


# -- the page ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_office_edits_the_table_and_a_mistake_stands_beside_its_field(basile: User) -> None:
    browser, address = signed_in(basile), reverse(PAGE)
    page = browser.get(address).content.decode()
    for words in ("Ce qui demande attention", "Coop qui s’attarde", "jours avant la date"):
        assert words in page
    ticked = {f"on_{r.code}": "on" for r in REASONS}
    days = {f"days_{r.code}": r.days for r in REASONS if r.days is not None}
    wrong = browser.post(address, ticked | days | {"days_stuck": "-3"})
    assert wrong.status_code == 422 and 'id="id_days_stuck_error"' in wrong.content.decode()
    assert not ReasonSetting.objects.exists()
    done = browser.post(address, ticked | days | {"days_stuck": "30"}, follow=True)
    assert "Enregistré" in done.content.decode() and "Rétablir" in done.content.decode()
    assert days_of("stuck") == 30 and ReasonSetting.objects.count() == 1
    browser.post(address, {"reset": "stuck"})
    assert days_of("stuck") == 0


@pytest.mark.django_db
def test_an_unticked_reason_is_switched_off_and_an_empty_number_means_the_default(
    basile: User,
) -> None:
    ticked = {f"on_{r.code}": "on" for r in REASONS if r.code != "task"}
    signed_in(basile).post(reverse(PAGE), ticked)
    assert not is_on("task") and is_on("stuck")
    assert days_of("grant_deadline") == 21


@pytest.mark.django_db
def test_only_the_office_opens_it_and_finds_it_in_set_up(
    ada: User, basile: User, chloe: User, farid: User, dina: User
) -> None:
    seen = {u.name: signed_in(u).get(reverse(PAGE)).status_code for u in (ada, chloe, dina)}
    assert set(seen.values()) == {403}
    for user in (basile, farid):
        assert reverse(PAGE) in signed_in(user).get(reverse("settings")).content.decode()


@pytest.mark.django_db
def test_every_code_told_stands_in_the_table(basile: User) -> None:
    """A room that invents a code tells it in the table first."""
    import ast
    from pathlib import Path

    root = Path(hooks.__file__).resolve().parent.parent
    found = set()
    for room in ("crm", "missions", "grants", "invoicing"):
        for file in (root / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "WorkReason":
                    given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
                    for value in ast.walk(given[0]):
                        if isinstance(value, ast.Constant) and isinstance(value.value, str):
                            found.add(value.value)
    assert {"task", "stuck", "grant_deadline"} <= found
    assert found <= set(BY_CODE)
