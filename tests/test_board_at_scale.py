"""A thousand coops on the board, two thousand entries on a timeline: a fixed cost, whole pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.board import CARDS
from crm.coop_page import ENTRIES, from_cursor, timeline_of
from crm.models import Coop, Note, Path
from essaim.models import User
from tests import many
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def cost(user: User, url: str) -> int:
    browser = signed_in(user)
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


@pytest.mark.django_db
def test_the_board_and_the_table_cost_the_same_with_40_and_with_1000_coops(
    ada: User, basile: User
) -> None:
    addresses = [reverse("crm:board"), reverse("crm:board") + "?detail=all", reverse("crm:table")]
    addresses += [
        reverse("crm:board") + "?show=late",
        reverse("crm:table") + f"?owner={ada.pk}&department=67&show=blocked",
        reverse("invoicing:dashboard"),
    ]
    many.coops(40, [ada, basile])
    few = [cost(basile, address) for address in addresses]
    many.coops(960, [ada, basile])
    assert [cost(basile, address) for address in addresses] == few
    assert max(few) <= 15
    page = signed_in(basile).get(reverse("crm:board")).content.decode()
    assert page.count("data-card=") == 4 * CARDS and "99+" in page


@pytest.mark.django_db
def test_the_pages_of_the_table_follow_one_another_and_miss_nobody(ada: User, basile: User) -> None:
    many.coops(130, [ada, basile])
    browser, seen = signed_in(basile), []
    address = reverse("crm:table") + "?activity=all"
    while address:
        answer = browser.get(address)
        seen += [row.pk for row, _url in answer.context["rows"]]
        cursor = answer.context["next_cursor"]
        address = f"{reverse('crm:table')}?activity=all&after={cursor}" if cursor else ""
    assert len(seen) == len(set(seen)) == 130


@pytest.mark.django_db
def test_the_timeline_costs_the_same_with_30_and_with_2000_entries(basile: User) -> None:
    coop = given_coop(owner=basile)
    address = reverse("crm:coop", args=(coop.pk,))
    fill(coop, basile, 30)
    few = cost(basile, address), fragment(basile, address)
    fill(coop, basile, 1970)
    assert (cost(basile, address), fragment(basile, address)) == few
    # The timeline alone, as « Plus ancien » fetches it.
    assert few[1] <= 15


def fragment(user: User, address: str) -> int:
    browser = signed_in(user)
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.content.decode()
    return len(seen)


def fill(coop: Coop, by: User, count: int) -> None:
    """Notes by the hundred, several of them at one instant: only the key tells those apart."""
    start = timezone.now() - timedelta(days=900)
    before = Note.objects.count()
    Note.objects.bulk_create(
        Note(
            coop=coop,
            kind="call",
            at=start + timedelta(minutes=(before + n) // 3),
            title=f"Appel {before + n}",
            text="…",
            author=by,
            written_at=start,
        )
        for n in range(count)
    )


@pytest.mark.django_db
def test_walking_down_the_timeline_meets_every_entry_once_and_in_order(basile: User) -> None:
    coop = given_coop(owner=basile)
    fill(coop, basile, 130)
    actions.pause(coop.current, review_on=timezone.localdate(), why="Été", **now_by(basile))
    met, before = [], None
    while True:
        entries, cursor = timeline_of(coop, user=basile, before=before)
        met += [(e.at, e.kind, e.key) for e in entries]
        assert len(entries) <= ENTRIES
        if not cursor:
            break
        before = from_cursor(cursor)
    assert len(met) == len(set(met)) >= 131 and met == sorted(met, reverse=True)


@pytest.mark.django_db
def test_cards_and_lines_say_since_when_it_is_blocked_and_when_the_next_step_is(
    basile: User,
) -> None:
    on = timezone.localdate()
    coop = given_coop(owner=basile, on=on - timedelta(days=30))
    actions.block(coop.current, reason="Bail", **acting(basile, on - timedelta(days=9)))
    actions.plan_next(
        coop.current,
        next_action="Relancer",
        next_action_on=on + timedelta(days=4),
        **now_by(basile),
    )
    browser = signed_in(basile)
    for name in ("crm:board", "crm:table"):
        page = browser.get(reverse(name)).content.decode()
        assert f"{on - timedelta(days=9):%d/%m/%Y}" in page
        assert f"{on + timedelta(days=4):%d/%m/%Y}" in page and "Relancer" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("owner={ada}", {"Une"}),
        ("department=57", {"Deux"}),
        ("path={other}", {"Trois"}),
        ("stage=premises", {"Deux"}),
        ("activity=paused", {"Trois"}),
        ("activity=all", {"Une", "Deux", "Trois", "Quatre"}),
        ("activity=abandoned", {"Quatre"}),
        ("department=67&show=blocked", {"Une"}),
        ("owner=999999&stage=made-up", {"Une", "Deux", "Trois"}),
    ],
)
def test_the_table_is_narrowed_by_person_place_path_stage_and_activity(
    ada: User, basile: User, query: str, kept: set[str]
) -> None:
    other = Path.objects.exclude(code="supermarket").order_by("pk")[0]
    one = given_coop("Une", owner=ada, by=basile, department="67")
    actions.block(one.current, reason="Bail", **now_by(basile))
    given_coop("Deux", owner=basile, stage="premises", by=basile, department="57")
    three = given_coop("Trois", owner=basile, path=other.code, department="88")
    actions.pause(three.current, review_on=timezone.localdate(), why="Été", **now_by(basile))
    four = given_coop("Quatre", owner=basile, department="67")
    actions.abandon(four.current, reason_code="other", decided_by="Eux", **now_by(basile))
    address = f"{reverse('crm:table')}?{query.format(ada=ada.pk, other=other.pk)}"
    rows = signed_in(basile).get(address).context["rows"]
    assert {str(row.coop) for row, _url in rows} == kept
