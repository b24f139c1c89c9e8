"""« Tableau de bord » and « Aujourd’hui »: what they count, whom they tell it, what they cost."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.models import Accompaniment, PathStage
from crm.standing import blocks, median_ages, standings
from essaim.charts import HEIGHT
from essaim.days import month_start
from essaim.formats import money
from essaim.hooks import DueDate, Listed, WorkReason
from essaim.models import User
from essaim.waiting import PER_ROOM, tallies, waiting_for
from invoicing import dashboard
from invoicing.actions import issuing
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import client_of, given_invoice
from tests.given_missions import given_agreement, given_day, given_mission

PAGE = "invoicing:dashboard"


def today() -> date:
    return timezone.localdate()


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": today(), "at": timezone.now()}


def queries(user: User, url: str, **headers: str) -> int:
    browser = signed_in(user)
    browser.get(url, headers=headers)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url, headers=headers).status_code == 200
    return len(seen)


# -- the funnel --------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ages", "middle"), [([10], 10), ([10, 30], 20), ([40, 10, 20], 20), ([1, 2, 3, 10], 2.5)]
)
def test_the_median_age_is_that_of_the_ones_in_the_middle(
    basile: User, ages: list[int], middle: float
) -> None:
    for n, age in enumerate(ages):
        given_coop(f"Coop {n}", owner=basile, on=ago(age))
    live = Accompaniment.objects.visible_to(basile).live().order_by()
    assert median_ages(live, today()) == {"contact": middle}


@pytest.mark.django_db
def test_paused_coops_are_counted_apart_and_age_no_more(basile: User) -> None:
    given_coop("Vive", owner=basile, on=ago(10))
    asleep = given_coop("En pause", owner=basile, on=ago(300))
    actions.pause(asleep.current, review_on=today(), why="Travaux", **now_by(basile))
    stopped = given_coop("Arrêtée", owner=basile, on=ago(30))
    actions.abandon(stopped.current, reason_code="other", decided_by="Eux", **now_by(basile))
    contact = standings(basile, on=today())[0]
    assert (contact.active, contact.paused, contact.median_age) == (1, 1, 10)


@pytest.mark.django_db
def test_the_usual_duration_an_office_edits_makes_a_coop_late(basile: User) -> None:
    given_coop(owner=basile, on=ago(20))
    rows = PathStage.objects.filter(stage="contact")
    rows.update(limit_days=20)
    assert standings(basile, on=today())[0].late == 0
    rows.update(limit_days=19)
    assert standings(basile, on=today())[0].late == 1


@pytest.mark.django_db
def test_what_blocks_is_told_by_reason_with_its_oldest_date(basile: User) -> None:
    for n, (words, day) in enumerate([("Bail", 3), ("Bail", 40), ("Banque", 9)]):
        coop = given_coop(f"Coop {n}", owner=basile, on=ago(60))
        actions.block(coop.current, reason=words, **acting(basile, ago(day)))
    found = [(b.words, b.count, b.since) for b in blocks(basile)]
    assert found == [("Bail", 2, ago(40)), ("Banque", 1, ago(9))]


# -- deadlines and days --------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_dates_of_a_month_come_from_grants_and_pauses_the_soonest_first(basile: User) -> None:
    coop = given_coop(owner=basile, on=ago(60))
    application = given_application(coop, by=basile, state="running")
    given_disbursement(application, expected_on=today() + timedelta(days=5), by=basile)
    given_disbursement(application, expected_on=today() + timedelta(days=40), by=basile)
    review = today() + timedelta(days=2)
    actions.pause(coop.current, review_on=review, why="Été", **now_by(basile))
    actions.add_task(what="Appeler", due_on=today(), **now_by(basile))
    found = dashboard.deadlines(basile, on=today())
    days = [d.day for d in found]
    assert review in days and today() + timedelta(days=5) in days
    assert today() + timedelta(days=40) not in days and days == sorted(days)
    assert "task" not in {d.kind for d in found}
    part = signed_in(basile).get(reverse(PAGE), headers={"HX-Request": "true"})
    assert reverse("crm:coop", args=(coop.pk,)) in part.content.decode()


@pytest.mark.django_db
def test_a_call_that_opened_is_no_date_of_the_coming_month(
    basile: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(_user: User, **_span: date) -> list[DueDate]:
        facts = {"what": "Ouverture", "title": "FDVA", "url": "/", "is_owed": False}
        days = (("past", ago(3)), ("coming", today() + timedelta(days=3)))
        opened = [DueDate(key=key, kind="opening", day=day, **facts) for key, day in days]
        return [*opened, DueDate("owed", "deposit", "Dépôt", ago(2), "FDVA", "/")]

    monkeypatch.setattr(dashboard.agenda, "gather", found)
    assert [due.key for due in dashboard.deadlines(basile, on=today())] == ["coming", "owed"]


@pytest.mark.django_db
def test_days_are_summed_by_month_and_nature(ada: User, basile: User) -> None:
    on = today()
    coop = given_coop(owner=ada, by=basile, on=ago(90))
    agreement = given_agreement(coop, client_of(coop), by=basile, on=ago(80))
    mission = given_mission(agreement, team=[ada], by=basile, on=ago(80))
    first = month_start(on)
    before = month_start(first - timedelta(days=1))
    for day in (before, before + timedelta(days=1), first):
        given_day(ada, mission, day, by=basile, today=max(on, day))
    months = {m.first: m for m in dashboard.months_of_days(on=on)}
    assert len(months) == 12 and list(months)[-1] == first
    assert months[before].of("billed") == 2 and months[first].of("billed") == 1
    assert months[before].billed == Decimal("1000.00") or months[before].billed > 0
    columns = dashboard.drawn(list(months.values())).columns
    assert columns[-2].pieces[0].height == HEIGHT and columns[-1].pieces[0].height == HEIGHT // 2
    assert columns[0].pieces == []


# -- the page ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_shows_the_funnel_what_blocks_the_dates_and_teaches_when_empty(basile: User) -> None:
    browser = signed_in(basile)
    empty = browser.get(reverse(PAGE)).content.decode()
    for words in ("Pas encore de coop", "Aucune coop bloquée", "Aucune journée validée"):
        assert words in empty
    part = browser.get(reverse(PAGE), headers={"HX-Request": "true"})
    assert "Aucune échéance" in part.content.decode()
    coop = given_coop("La Musette", owner=basile, on=ago(12))
    actions.block(coop.current, reason="Bail non signé", **now_by(basile))
    page = browser.get(reverse(PAGE)).content.decode()
    assert "1 coop accompagnée" in page and "Bail non signé" in page
    assert "12 j".replace(" ", "\xa0") in page


@pytest.mark.django_db
def test_what_waits_comes_by_itself_and_leads_to_each_reason(basile: User) -> None:
    actions.add_task(what="Appeler", due_on=ago(1), **now_by(basile))
    browser = signed_in(basile)
    whole = browser.get(reverse(PAGE)).content.decode()
    assert "data-rest=" in whole and "reason=task" not in whole
    part = browser.get(reverse(PAGE), headers={"HX-Request": "true"}).content.decode()
    assert "reason=task" in part and "<html" not in part and "data-rest=" not in part


@pytest.mark.django_db
def test_what_is_owed_and_what_should_come_in_stand_there_with_their_tables(
    basile: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, htmx = signed_in(basile), {"HX-Request": "true"}

    def parts() -> tuple[str, str]:
        rest = browser.get(reverse(PAGE), headers=htmx).content.decode()
        assert "<html" not in rest and "data-rest" not in rest
        # One answer for all that comes by itself: each part finds its place by its name.
        found = [rest.split(f'id="{name}"') for name in ("aging", "coming")]
        assert [len(pieces) for pieces in found] == [2, 2]
        aging, coming = (pieces[1].split("</section>")[0] for pieces in found)
        return aging, coming

    assert not any("<svg width" in part for part in parts())
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    invoice = given_invoice(1000, None, ago(90))
    aging, coming = parts()
    for part in (aging, coming):
        assert "Voir les chiffres" in part and "<caption" in part and 'scope="col"' in part
        assert money(invoice.gross) in part
    assert 'role="img" aria-labelledby="coming-title coming-desc"' in coming
    # Without JavaScript the same parts come with the page.
    whole = browser.get(reverse(PAGE), {"whole": 1}).content.decode()
    assert money(invoice.gross) in whole and "data-rest" not in whole


@pytest.mark.django_db
def test_who_opens_it_and_who_is_led_to_it(
    ada: User, basile: User, chloe: User, farid: User, dina: User
) -> None:
    for user in (basile, chloe, farid):
        browser = signed_in(user)
        assert browser.get(reverse(PAGE)).status_code == 200
        assert reverse(PAGE) in browser.get(reverse("today")).content.decode()
    for user in (ada, dina):
        assert signed_in(user).get(reverse(PAGE)).status_code == 403
    assert reverse(PAGE) not in signed_in(ada).get(reverse("today")).content.decode()


@pytest.mark.django_db
def test_it_takes_the_same_queries_for_2_and_for_22_coops(ada: User, basile: User) -> None:
    def more(start: int, count: int) -> None:
        for n in range(start, start + count):
            coop = given_coop(f"Coop {n}", owner=ada, by=basile, on=ago(60))
            actions.block(coop.current, reason=f"Motif {n}", **now_by(basile))
            application = given_application(coop, by=basile, state="running")
            given_disbursement(application, expected_on=today(), by=basile)

    more(0, 2)
    htmx = {"HX-Request": "true"}
    page = queries(basile, reverse(PAGE))
    rest = queries(basile, reverse(PAGE), **htmx)
    days = {user: queries(user, reverse("today")) for user in (ada, basile)}
    more(2, 20)
    assert queries(basile, reverse(PAGE)) == page <= 8
    assert queries(basile, reverse(PAGE), **htmx) == rest <= 64
    assert {user: queries(user, reverse("today")) for user in (ada, basile)} == days
    assert days[ada] <= 25 and days[basile] <= 45


# -- « Aujourd’hui » -----------------------------------------------------------------------------


def many_tasks(user: User, count: int) -> None:
    for n in range(count):
        actions.add_task(what=f"Tâche {n:03d}", due_on=ago(1), **now_by(user))


@pytest.mark.django_db
def test_reasons_are_tabs_with_their_counts_and_one_narrows_the_page(ada: User) -> None:
    many_tasks(ada, 3)
    coop = given_coop("La Musette", owner=ada, by=ada)
    actions.block(coop.current, reason="Bail", **now_by(ada))
    browser = signed_in(ada)
    page = browser.get(reverse("today")).content.decode()
    assert "?reason=task" in page and "?reason=blocked" in page
    narrow = browser.get(reverse("today"), {"reason": "blocked"}).content.decode()
    assert "La Musette est bloquée" in narrow and "Tâche 001" not in narrow
    made_up = browser.get(reverse("today"), {"reason": "made-up"}).content.decode()
    assert "Tâche 001" in made_up


@pytest.mark.django_db
def test_a_long_part_shows_25_lines_and_says_how_many_more(ada: User) -> None:
    many_tasks(ada, 30)
    browser = signed_in(ada)
    page = browser.get(reverse("today")).content.decode()
    assert page.count("Tâche 0") == 25 and "Voir 5 de plus" in page
    assert browser.get(reverse("today"), {"all": 1}).content.decode().count("Tâche 0") == 30


@pytest.mark.django_db
def test_a_reason_that_reached_its_cap_says_so(ada: User) -> None:
    many_tasks(ada, PER_ROOM + 3)
    (task,) = [t for t in tallies(waiting_for(ada, on=today())) if t.code == "task"]
    assert task.written == "50+"


@pytest.mark.django_db
def test_a_line_that_tells_of_several_things_counts_them(
    basile: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [WorkReason("days_to_validate", "12 journées", "/x/", count=12)]
    registry: Listed[Any] = Listed([lambda user, *, on, limit: rows])
    monkeypatch.setattr("essaim.waiting.work_reasons", registry)
    assert [t.written for t in tallies(waiting_for(basile, on=today()))] == ["12"]
