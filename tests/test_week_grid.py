"""The week as a sheet: what saving writes, what it refuses, and what it never touches."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import IssuerProfile
from essaim.days import is_working_day, working_days_back
from essaim.models import Event, User
from essaim.workflow import Refused
from missions import actions
from missions.house_days import subdivision_of_house
from missions.models import Mission, MissionDay
from missions.weeks import person_month, week_grid
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 16)
D = Decimal


@pytest.fixture
def team(ada: User) -> Mission:
    return given_mission(title="Équipe", team=[ada])


@pytest.fixture
def coop(ada: User) -> Mission:
    made = given_coop(owner=ada, on=date(2026, 1, 5))
    return given_mission(given_agreement(made, days=2), team=[ada])


def wish(mission: Mission, day: date, quantity: str | None, seen: Any = None) -> actions.Wish:
    typed = D(quantity) if quantity else None
    held = (seen.pk, seen.quantity) if seen is not None else None
    return actions.Wish(mission=mission.pk, day=day, quantity=typed, seen=held)


def save(ada: User, *wishes: actions.Wish, on: date = FRIDAY) -> actions.Saved:
    return actions.save_week(MONDAY, wishes, **acting(ada, on))


def refused(ada: User, *wishes: actions.Wish) -> dict[str, str]:
    with pytest.raises(Refused) as error:
        save(ada, *wishes)
    return {one.code: str(one.text) for one in error.value.missing}


def test_cells_create_change_and_delete(ada: User, team: Mission) -> None:
    old = given_day(ada, team, MONDAY, "0.5", validated=False, today=FRIDAY, moment="afternoon")
    gone = given_day(ada, team, date(2026, 11, 17), validated=False, today=FRIDAY)
    done = save(
        ada,
        wish(team, MONDAY, "1", old),
        wish(team, date(2026, 11, 17), None, gone),
        wish(team, date(2026, 11, 18), "0.5"),
    )
    assert (len(done.created), len(done.changed), done.deleted) == (1, 1, 1)
    found = {d.worked_on.day: (d.quantity, d.moment) for d in MissionDay.objects.all()}
    assert found == {16: (D("1.00"), "full_day"), 18: (D("0.50"), "morning")}
    assert Event.objects.filter(verb="missions.MissionDay.delete").count() == 1


def test_a_day_moves_from_one_mission_to_another(ada: User, team: Mission, coop: Mission) -> None:
    old = given_day(ada, team, MONDAY, validated=False, today=FRIDAY)
    save(ada, wish(coop, MONDAY, "1"), wish(team, MONDAY, None, old))
    day = MissionDay.objects.get()
    assert (day.mission, day.quantity) == (coop, 1)
    assert list(day.beneficiaries.values_list("coop", flat=True)) == [coop.coop_id]


def test_one_wrong_cell_saves_none_and_is_told_by_its_name(
    ada: User, team: Mission, coop: Mission
) -> None:
    given_day(ada, coop, MONDAY, validated=False, today=FRIDAY)
    told = refused(ada, wish(team, MONDAY, "0.75"), wish(team, FRIDAY, "1"))
    assert list(told) == [f"c_{team.pk}_2026-11-16"]
    assert "1,5" in told[f"c_{team.pk}_2026-11-16"]
    assert MissionDay.objects.count() == 1


def test_a_day_that_was_sent_or_stands_twice_is_left_alone(ada: User, team: Mission) -> None:
    sent = given_day(ada, team, MONDAY, today=FRIDAY)
    assert sent.state != "logged"
    tuesday = date(2026, 11, 17)
    for moment in ("morning", "afternoon"):
        given_day(ada, team, tuesday, "0.5", validated=False, today=FRIDAY, moment=moment)
    told = refused(ada, wish(team, MONDAY, None, sent), wish(team, tuesday, "1"))
    assert len(told) == 2
    assert MissionDay.objects.count() == 3


def test_emptying_a_cell_loses_no_words(ada: User, team: Mission) -> None:
    day = given_day(ada, team, MONDAY, validated=False, today=FRIDAY, subject="Atelier")
    assert refused(ada, wish(team, MONDAY, None, day))
    assert MissionDay.objects.get() == day


def test_a_cell_changed_elsewhere_meanwhile_is_refused_with_what_it_holds(
    ada: User, team: Mission
) -> None:
    day = given_day(ada, team, MONDAY, "0.5", validated=False, today=FRIDAY)
    stale = actions.Wish(mission=team.pk, day=MONDAY, quantity=D(1), seen=None)
    assert "0,5" in refused(ada, stale)[stale.code]
    gone = actions.Wish(mission=team.pk, day=FRIDAY, quantity=D(1), seen=(day.pk, D("0.5")))
    assert "0 j" in refused(ada, gone)[gone.code].replace("\u00a0", " ")
    day.refresh_from_db()
    assert day.quantity == D("0.50")


def test_the_mission_of_a_stranger_and_a_day_to_come_are_refused(ada: User) -> None:
    secret = given_mission(
        given_agreement(given_coop("La Musette", owner=person("Léo Bach", "consultant")))
    )
    ours = given_mission(title="Équipe", team=[ada])
    assert refused(ada, wish(secret, MONDAY, "1"))
    assert refused(ada, wish(ours, date(2026, 11, 21), "1"))
    assert not MissionDay.objects.exists()


def test_days_of_another_week_are_not_written(ada: User, team: Mission) -> None:
    done = save(ada, wish(team, date(2026, 11, 9), "1"))
    assert done.created == []
    assert not MissionDay.objects.exists()


def test_over_budget_is_kept_and_flagged(ada: User, coop: Mission) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(3)]
    done = save(ada, *(wish(coop, day, "1") for day in days))
    assert [day.is_pending for day in done.waiting] == [True]
    assert MissionDay.objects.filter(arbitration="pending").count() == 1


def test_sending_saves_first_and_a_refusal_sends_nothing(ada: User, team: Mission) -> None:
    given_day(ada, team, MONDAY, validated=False, today=FRIDAY)
    bad = [wish(team, date(2026, 11, 21), "1")]
    with pytest.raises(Refused):
        actions.send_week(MONDAY, bad, **acting(ada, FRIDAY))
    assert MissionDay.objects.get().state == "logged"
    done = actions.send_week(MONDAY, [wish(team, FRIDAY, "1")], **acting(ada, FRIDAY))
    assert len(done.sent) == 2
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"submitted"}


# -- the page ------------------------------------------------------------------------------------
@pytest.fixture
def now() -> date:
    return timezone.localdate()


@pytest.fixture
def here(ada: User, now: date) -> Mission:
    return given_mission(title="Équipe", team=[ada], on=now)


def test_the_page_saves_only_what_was_changed(ada: User, here: Mission, now: date) -> None:
    browser, url = signed_in(ada), reverse("missions:week")
    name = actions.cell_name(here.pk, now)
    answer = browser.post(url, {"do": "save", name: "½", "seen": ""})
    assert answer.status_code == 302
    day = MissionDay.objects.get()
    assert (day.quantity, day.state) == (D("0.50"), "logged")
    # The same form sent again saw an empty cell: it says what the cell holds now.
    again = browser.post(url, {"do": "save", name: "1", "seen": ""})
    assert again.status_code == 409
    assert "0,5" in again.content.decode()
    kept = browser.post(url, {"do": "save", name: "0,5", "seen": f"{name}={day.pk}:0.50"})
    assert kept.status_code == 302
    assert MissionDay.objects.get().quantity == D("0.50")


def test_a_cell_that_says_nothing_readable_is_told_beside_it(
    ada: User, here: Mission, now: date
) -> None:
    name = actions.cell_name(here.pk, now)
    answer = signed_in(ada).post(reverse("missions:week"), {"do": "save", name: "beaucoup"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in page
    assert 'value="beaucoup"' in page
    assert not MissionDay.objects.exists()


def test_copying_writes_nothing_before_saving(ada: User, here: Mission, now: date) -> None:
    day = now if is_working_day(now) else working_days_back(now, 1)
    given_day(ada, here, day - timedelta(days=7), "0.5", validated=False, today=now)
    browser, url = signed_in(ada), reverse("missions:week") + f"?on={day.isoformat()}"
    name = actions.cell_name(here.pk, day)
    typed = actions.cell_name(here.pk, actions.week_of(day)[0])
    page = browser.post(url, {"do": "copy", "seen": "", typed: "beaucoup"}).content.decode()
    assert MissionDay.objects.count() == 1
    assert "proposed" in page
    # What was typed before stays as it was.
    assert typed == name or 'value="beaucoup"' in page
    browser.post(url, {"do": "save", "copied": "1", name: "0,5", "seen": ""})
    assert MissionDay.objects.count() == 2


def test_a_line_is_added_by_name_and_what_was_typed_stays(
    ada: User, here: Mission, now: date
) -> None:
    made = [given_coop(f"Coop {n}", owner=ada, on=now) for n in range(8)]
    first = Mission.objects.get(coop=made[0], kind="start_up")
    # Eight younger missions have pushed this one out of the likely ones since the page was drawn.
    lines = {"line": [here.pk]}
    name = actions.cell_name(here.pk, now)
    data = {"do": "add", "another_words": "Coop 0", name: "1", "seen": "", **lines}
    browser = signed_in(ada)
    assert (
        actions.cell_name(first.pk, now)
        not in browser.get(reverse("missions:week")).content.decode()
    )
    page = browser.post(reverse("missions:week"), data).content.decode()
    assert actions.cell_name(first.pk, now) in page
    assert 'value="1"' in page
    assert not MissionDay.objects.exists()


def test_a_page_that_was_tampered_with_writes_nothing_odd(
    ada: User, here: Mission, now: date
) -> None:
    far = actions.cell_name(here.pk, now - timedelta(days=70))
    data = {
        "do": "save",
        "seen": "c_x=;c_1_2026-99-99=1:9;" + "z" * 200,
        "line": ["9" * 40, "abc", "0"],
        far: "1",
        "c_999_2026-01-01": "1",
    }
    assert signed_in(ada).post(reverse("missions:week"), data).status_code == 302
    assert not MissionDay.objects.exists()


def test_a_grid_reads_as_much_of_many_days_as_of_few(ada: User, here: Mission, now: date) -> None:
    monday = actions.week_of(now)[0]

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            week_grid(ada, monday, on=now)
        return len(seen)

    given_day(ada, here, now, "0.25", validated=False, today=now)
    few = asked()
    for moment in ("morning", "afternoon", "evening"):
        given_day(ada, here, now, "0.25", validated=False, today=now, moment=moment)
    assert asked() == few <= 6


def test_a_day_noted_is_taken_back_with_its_proposal_for_a_moment(
    ada: User, here: Mission, now: date
) -> None:
    ines = person("Inès Roy", "consultant")
    at = timezone.now()
    act = {"by": ada, "on": now, "at": at}
    day = actions.log_day(mission=here, worked_on=now, pair=ines, **act)
    with pytest.raises(Refused):
        actions.undo_day(day, by=ada, on=now, at=at + timedelta(minutes=16))
    assert MissionDay.objects.count() == 2
    actions.undo_day(day, by=ada, on=now, at=at + timedelta(minutes=14))
    assert not MissionDay.objects.exists()
    assert Event.objects.filter(verb="missions.MissionDay.delete").count() == 2


def test_the_answer_of_a_colleague_is_not_taken_back(ada: User, here: Mission, now: date) -> None:
    ines = person("Inès Roy", "consultant")
    at = timezone.now()
    day = actions.log_day(mission=here, worked_on=now, pair=ines, by=ada, on=now, at=at)
    actions.confirm_day(day.pairs.get(), by=ines, on=now, at=at)
    actions.undo_day(day, by=ada, on=now, at=at)
    assert MissionDay.objects.get().consultant == ines


@pytest.mark.parametrize("address", ["missions:my_month", "today"])
def test_a_page_of_the_phone_asks_as_much_of_many_days_as_of_few(
    ada: User, here: Mission, now: date, address: str
) -> None:
    browser = signed_in(ada)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse(address)).status_code == 200
        return len(seen)

    for back in (1, 2):
        given_day(ada, here, now - timedelta(days=back), "0.25", validated=False, today=now)
    few = asked()
    for back in range(3, 18):
        given_day(ada, here, now - timedelta(days=back), "0.25", validated=False, today=now)
    assert asked() == few


def test_the_month_of_a_person_counts_what_was_billed_given_and_waits(
    ada: User, basile: User, coop: Mission
) -> None:
    given_day(ada, coop, MONDAY, today=FRIDAY, by=basile)
    given_day(ada, coop, FRIDAY, "0.5", validated=False, today=FRIDAY)
    ours = given_mission(title="Équipe", team=[ada])
    given_day(ada, ours, date(2026, 11, 17), today=FRIDAY, by=basile)
    given_day(basile, ours, date(2026, 11, 18), validated=False, today=FRIDAY)
    month = person_month(ada, date(2026, 11, 1), on=FRIDAY)
    first, second = month.totals
    assert (first.mission, first.days, first.billed, first.waiting) == (
        coop,
        D("1.50"),
        D("1.00"),
        D("0.50"),
    )
    assert (second.mission, second.days, second.given) == (ours, 1, 1)
    assert month.sum_of("days") == D("2.50")
    assert date(2026, 11, 18) in month.holes


def test_holidays_are_those_of_our_seat() -> None:
    assert subdivision_of_house(FRIDAY) == "57"
    given_issuer()
    profile = IssuerProfile.objects.get()
    for postcode, code in (("67000", "57"), ("54000", ""), ("57000", "57")):
        IssuerProfile.objects.filter(pk=profile.pk).update(postcode=postcode)
        assert subdivision_of_house(timezone.localdate()) == code
