"""« Analyse du parcours »: figures read from real moves, filters, files, a fixed cost."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions, analytics
from crm.analytics import Asked
from crm.models import Accompaniment, Coop, Path
from crm.rules_analytics import Period, Quartiles, StageFigures, funnel
from essaim.models import User
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, kit_done

PAGE = "crm:analytics"
START = date(2026, 1, 5)


def day(n: int) -> date:
    return START + timedelta(days=n)


def forward(coop: Coop, to: str, at: int, by: User) -> Accompaniment:
    row = coop.current
    for stage in ("contact", "diagnosis", "collective"):
        kit_done(row, stage, by, day(at))
    actions.move_on(row, to=to, reasons={"advised": "Vu ensemble."}, **acting(by, day(at)))
    return coop.current


@pytest.fixture
def lives(ada: User, basile: User) -> dict[str, Coop]:
    """Four coops: one moved on with a pause, one went back, one stopped, one taken over."""
    moved = given_coop(
        "La Musette", owner=ada, by=basile, on=START, department="67", epci="Saverne"
    )
    actions.pause(moved.current, review_on=day(40), why="Été", **acting(basile, day(10)))
    actions.resume(moved.current, **acting(basile, day(25)))
    forward(moved, "diagnosis", 40, basile)
    back = given_coop("Le Panier", owner=ada, by=basile, on=START, department="57", mother=moved)
    forward(back, "diagnosis", 20, basile)
    row = back.current
    actions.go_back(row, to="contact", why="Le groupe a changé", **acting(basile, day(30)))
    stopped = given_coop("L’Épi", owner=ada, by=basile, on=START, department="67")
    actions.abandon(
        stopped.current,
        reason_code="no_premises",
        decided_by="Le collectif",
        **acting(basile, day(50)),
    )
    taken = given_coop(
        "Le Local", owner=ada, by=basile, stage="premises", on=day(60), department="57"
    )
    return {"moved": moved, "back": back, "stopped": stopped, "taken": taken}


def figures(user: User, on: int = 100, **asked: Any) -> dict[str, StageFigures]:
    pairs = analytics.stories(user, Asked(**asked), "department")
    period = asked.get("period")
    return {r.stage: r for r in funnel((s for _g, s in pairs), on=day(on), period=period)}


def test_the_figures_are_those_of_the_moves(lives: dict[str, Coop], basile: User) -> None:
    found = figures(basile)
    contact = found["contact"]
    assert (contact.entered, contact.passages, contact.passed) == (3, 4, 2)
    assert contact.stopped["abandoned"] == 1 and contact.present == 1
    # 40 days less a pause of 15, and 20 days.
    assert sorted(contact.durations) == [20, 25]
    assert found["diagnosis"].back == 1 and found["diagnosis"].durations == [10]
    assert found["diagnosis"].present == 1 and found["diagnosis"].ages == [60]
    assert found["premises"].ages == [40] and found["premises"].entered == 1
    assert contact.spread == Quartiles(2, 21.25, 22.5, 23.75)


def test_filters_narrow_the_coops_and_the_period_what_happened(
    lives: dict[str, Coop], basile: User
) -> None:
    assert figures(basile, department="57")["contact"].entered == 1
    assert figures(basile, epci="Saverne")["contact"].entered == 1
    assert figures(basile, mother=lives["moved"].pk)["diagnosis"].back == 1
    other = Path.objects.exclude(code="supermarket").order_by("pk")[0]
    assert figures(basile, path=other.pk)["contact"].entered == 0
    early = figures(basile, period=Period(day(0), day(15)))
    assert early["contact"].passed == 0 and early["contact"].paused == 1


def test_where_coops_stop_is_told_by_stage_and_reason(lives: dict[str, Coop], basile: User) -> None:
    reasons, lines = analytics.stop_table(analytics.stops(basile, Asked()))
    assert reasons == ["Pas de local"] and lines == [("Prise de contact", [1], 1)]
    later = Asked(period=Period(day(51), None))
    assert analytics.stops(basile, later) == []
    actions.release(lives["back"].current, why="Autonome", **acting(basile, day(70)))
    reasons, lines = analytics.stop_table(analytics.stops(basile, Asked()))
    assert reasons == ["Pas de local", "Sortie"] and lines[0][2] == 2


def test_the_page_shows_the_funnel_the_durations_and_the_groups(
    lives: dict[str, Coop], basile: User
) -> None:
    browser = signed_in(basile)
    page = browser.get(reverse(PAGE)).content.decode()
    for words in ("4 accompagnements", "Entonnoir", "22,5", "Pas de local", "Côte à côte"):
        assert words in page
    by_mother = browser.get(reverse(PAGE), {"by": "mother"}).content.decode()
    assert "Sans coop mère" in by_mother and "La Musette" in by_mother
    assert reverse(PAGE) in browser.get(reverse("crm:board")).content.decode()


def test_an_empty_office_is_told_what_will_stand_here(basile: User) -> None:
    page = signed_in(basile).get(reverse(PAGE)).content.decode()
    assert "Aucun accompagnement ici" in page


def test_a_period_that_ends_before_it_begins_is_refused_beside_its_field(basile: User) -> None:
    answer = signed_in(basile).get(reverse(PAGE), {"start": "2026-05-01", "end": "2026-04-01"})
    assert answer.status_code == 422
    assert "La période finit avant de commencer." in answer.content.decode()
    assert signed_in(basile).get(reverse(PAGE), {"path": "abc"}).status_code == 422


def test_the_files_say_what_the_page_says(lives: dict[str, Coop], basile: User) -> None:
    browser = signed_in(basile)
    answer = browser.get(reverse("crm:analytics_file", args=("etapes", "csv")))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    contact = next(line for line in text.splitlines() if line.startswith("Prise de contact"))
    assert contact.split(";")[1:6] == ["3", "4", "1", "0", "2"] and "22,5" in contact
    book = browser.get(reverse("crm:analytics_file", args=("arrets", "xlsx")))
    sheet = openpyxl.load_workbook(BytesIO(book.content)).active
    assert [c.value for c in sheet[2]] == ["Prise de contact", 1, 1]
    side = browser.get(reverse("crm:analytics_file", args=("comparaison", "csv")), {"by": "path"})
    assert "Supermarché" in b"".join(side.streaming_content).decode()
    for table, kind in (("autre", "csv"), ("etapes", "pdf")):
        assert browser.get(reverse("crm:analytics_file", args=(table, kind))).status_code == 404


def test_a_consultant_is_refused_and_the_accountant_reads_codes_and_no_words(
    lives: dict[str, Coop], ada: User, chloe: User, dina: User
) -> None:
    assert signed_in(ada).get(reverse(PAGE)).status_code == 403
    assert signed_in(dina).get(reverse(PAGE)).status_code == 403
    page = signed_in(chloe).get(reverse(PAGE)).content.decode()
    assert "Pas de local" in page and "Le groupe a changé" not in page


def queries(user: User, url: str) -> int:
    browser = signed_in(user)
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("by", analytics.GROUPS)
def test_it_takes_the_same_queries_for_4_and_for_24_coops(
    lives: dict[str, Coop], basile: User, by: str
) -> None:
    address = f"{reverse(PAGE)}?by={by}"
    few = queries(basile, address)
    for n in range(20):
        coop = given_coop(f"Coop {n}", owner=basile, on=timezone.localdate() - timedelta(days=30))
        actions.pause(coop.current, review_on=timezone.localdate(), why="…", **now_by(basile))
    assert queries(basile, address) == few <= 11


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}
