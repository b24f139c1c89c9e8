"""The pages of days and missions: noted in a gesture, validated in bulk, refused in words."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Coop, Note
from essaim.models import User
from missions import actions
from missions.models import Agreement, Mission, MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission
from tests.ticked import accepted, previewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> date:
    return timezone.localdate()


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada, on=date(2026, 1, 5))


@pytest.fixture
def mission(coop: Coop, ada: User, now: date) -> Mission:
    return given_mission(given_agreement(coop, rate=600, days=2, on=now), team=[ada], on=now)


def typed(mission: Mission, on: date, **more: Any) -> dict[str, Any]:
    return {
        "worked_on": on.isoformat(),
        "mission": mission.pk,
        "moment": "full_day",
        "work": "on_site",
        **more,
    }


def test_a_day_its_pair_and_its_report_are_noted_in_one_gesture(
    ada: User, mission: Mission, now: date
) -> None:
    ines = person("Inès Roy", "consultant")
    browser = signed_in(ada)
    assert browser.get(reverse("missions:log")).status_code == 200
    answer = browser.post(
        reverse("missions:log"),
        typed(
            mission,
            now,
            subject="Atelier",
            km=12,
            pair=ines.pk,
            note_title="Visite",
            note_text="Dix personnes",
        ),
    )
    assert answer.status_code == 302
    day = MissionDay.objects.get(consultant=ada)
    assert (day.subject, day.km, day.quantity) == ("Atelier", 12, 1)
    assert day.note == Note.objects.get(title="Visite")
    assert MissionDay.objects.get(consultant=ines).state == "proposed"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"worked_on": "2999-01-01"}, 409),
        ({"worked_on": "pas une date"}, 422),
        ({"mission": "999999"}, 422),
        ({"moment": "midnight"}, 422),
        ({"quantity": "1.75"}, 422),
        ({"km": "-3"}, 422),
        ({"note_text": "x" * 60_000}, 422),
    ],
)
def test_a_wrong_field_is_said_and_what_was_typed_is_kept(
    ada: User, mission: Mission, now: date, change: dict[str, Any], status: int
) -> None:
    answer = signed_in(ada).post(
        reverse("missions:log"), typed(mission, now, subject="Gardé") | change
    )
    assert answer.status_code == status
    assert "Gardé" in answer.content.decode()
    assert not MissionDay.objects.exists()


def test_the_mission_of_a_stranger_cannot_be_chosen(coop: Coop, now: date) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    stranger = person("Léo Bach", "consultant")
    answer = signed_in(stranger).post(reverse("missions:log"), typed(start_up, now))
    assert answer.status_code == 422
    assert not MissionDay.objects.exists()


def test_a_posted_state_moves_no_column(ada: User, mission: Mission, now: date) -> None:
    data = typed(mission, now, state="billed", validated_by=ada.pk)
    assert signed_in(ada).post(reverse("missions:log"), data).status_code == 302
    assert MissionDay.objects.get().state == "logged"


def test_a_day_over_budget_is_kept_and_said(ada: User, mission: Mission, now: date) -> None:
    mission.agreement.days_budgeted = Decimal("0.5")  # type: ignore[union-attr]
    mission.agreement.save()  # type: ignore[union-attr]
    answer = signed_in(ada).post(reverse("missions:log"), typed(mission, now), follow=True)
    assert answer.status_code == 200
    assert MissionDay.objects.get().arbitration == "pending"


def test_several_coops_are_named_by_ticks_and_words(
    ada: User, mission: Mission, coop: Coop, now: date
) -> None:
    other = given_coop("La Musette", owner=ada)
    data = typed(mission, now, coops=[coop.pk], other_coops="musette", work="collective")
    assert signed_in(ada).post(reverse("missions:log"), data).status_code == 302
    assert set(MissionDay.objects.get().beneficiaries.values_list("coop", flat=True)) == {
        coop.pk,
        other.pk,
    }


def test_repeat_fills_the_form_with_the_last_day(ada: User, mission: Mission, now: date) -> None:
    given_day(ada, mission, now - timedelta(days=1), validated=False, today=now, subject="Marché")
    page = signed_in(ada).get(reverse("missions:log") + "?repeat=1").content.decode()
    assert "Marché" in page


def test_the_week_is_sent_by_one_button(ada: User, mission: Mission, now: date) -> None:
    given_day(ada, mission, now, validated=False, today=now)
    browser = signed_in(ada)
    assert browser.get(reverse("missions:week")).status_code == 200
    assert browser.post(reverse("missions:week")).status_code == 302
    assert MissionDay.objects.get().state == "submitted"
    assert browser.post(reverse("missions:week")).status_code == 409


def sent(ada: User, mission: Mission, now: date) -> MissionDay:
    day = given_day(ada, mission, now, validated=False, today=now)
    actions.submit_days([day], **acting(ada, now))
    return day


def test_a_coordinator_validates_the_chosen_days(
    ada: User, basile: User, mission: Mission, now: date
) -> None:
    days = [sent(ada, mission, now - timedelta(days=n)) for n in (0, 1)]
    browser = signed_in(basile)
    assert browser.get(reverse("missions:validation")).status_code == 200
    url = reverse("missions:validate")
    shown = previewed(browser, url, [d.pk for d in days])
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"submitted"}
    assert browser.post(url, accepted(shown)).status_code == 302
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"validated"}


def test_a_day_is_split_decided_and_sent_back_from_its_pages(
    ada: User, basile: User, mission: Mission, now: date
) -> None:
    browser = signed_in(basile)
    day = sent(ada, mission, now)
    url = reverse("missions:day_split", args=(day.pk,))
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"billed": "0,5", "given": "0,5"}).status_code == 409
    data = {"billed": "0,5", "given": "0,5", "why": "Coup de main"}
    assert browser.post(url, data).status_code == 302
    assert day.shares.count() == 2
    back = reverse("missions:day_move", args=(day.pk, "reject"))
    assert browser.post(back, {"why": ""}).status_code == 422
    assert browser.post(back, {"why": "Mauvaise date"}).status_code == 302
    day.refresh_from_db()
    assert (day.state, day.shares.count()) == ("logged", 0)


def test_a_waiting_day_is_decided_on_its_page(
    ada: User, basile: User, mission: Mission, now: date
) -> None:
    Agreement.objects.update(days_budgeted=Decimal("0.5"))
    mission.refresh_from_db()
    day = sent(ada, mission, now)
    url = reverse("missions:arbitrate", args=(day.pk,))
    browser = signed_in(basile)
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"decision": "offered"}).status_code == 409
    assert browser.post(url, {"decision": "offered", "why": "Geste"}).status_code == 302
    day.refresh_from_db()
    assert day.arbitration == "offered"


@pytest.mark.parametrize("edge", ["bill", "free", "propose", "nonsense"])
def test_an_edge_that_is_not_a_page_s_is_unknown(
    basile: User, ada: User, mission: Mission, now: date, edge: str
) -> None:
    day = sent(ada, mission, now)
    url = reverse("missions:day_move", args=(day.pk, edge))
    assert signed_in(basile).post(url).status_code == 400


def test_another_consultant_finds_none_of_my_pages(ada: User, mission: Mission, now: date) -> None:
    day = sent(ada, mission, now)
    browser = signed_in(person("Léo Bach", "consultant"))
    for name in ("day", "day_edit", "day_delete"):
        assert browser.get(reverse(f"missions:{name}", args=(day.pk,))).status_code == 404
    assert browser.get(reverse("missions:mission", args=(mission.pk,))).status_code == 404


def test_a_consultant_reads_no_amount(ada: User, mission: Mission, now: date) -> None:
    day = given_day(ada, mission, now, today=now)
    browser = signed_in(ada)
    for name, key in (("day", day.pk), ("mission", mission.pk)):
        page = browser.get(reverse(f"missions:{name}", args=(key,))).content.decode()
        assert "600" not in page.replace("\u202f", "").replace("\xa0", "")
    for name in ("agreements", "envelopes"):
        assert browser.get(reverse(f"missions:{name}")).status_code == 403


def test_an_accountant_reads_no_internal_note(
    ada: User, chloe: User, mission: Mission, now: date
) -> None:
    day = given_day(ada, mission, now, today=now, validated=False, internal_note="CANARI")
    url = reverse("missions:day", args=(day.pk,))
    assert "CANARI" not in signed_in(chloe).get(url).content.decode()
    assert "CANARI" in signed_in(ada).get(url).content.decode()


# -- agreements, envelopes, months -------------------------------------------------------------
def test_an_agreement_is_written_shared_signed_and_amended(
    basile: User, coop: Coop, now: date
) -> None:
    city = given_organisation()
    browser = signed_in(basile)
    answer = browser.post(
        reverse("missions:agreement_new"),
        {
            "title": "Convention",
            "form": "agreement",
            "kind": "by_day",
            "client": coop.organisation_id,
            "coop": coop.pk,
            "starts_on": now.isoformat(),
            "days_budgeted": "12",
            "daily_rate": "600",
            "rhythm": "monthly",
            "payment_days": "30",
            "payment_method": "net",
            "billable_works": ["on_site", "remote"],
            "collective_key": "one_payer",
            "hours_per_day": "7",
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    agreement = Agreement.objects.get()
    shares = reverse("missions:agreement_shares", args=(agreement.pk,))
    assert browser.get(shares).status_code == 200
    rows = {
        "shares-TOTAL_FORMS": "2",
        "shares-INITIAL_FORMS": "1",
        "shares-0-payer": city.pk,
        "shares-0-percent": "60",
        "shares-0-basis": "order",
        "shares-0-cap_is": "net",
        "shares-1-payer": coop.organisation_id,
        "shares-1-percent": "30",
        "shares-1-basis": "order",
        "shares-1-cap_is": "net",
        "shares-1-takes_remainder": "on",
    }
    assert browser.post(shares, rows).status_code == 409
    assert browser.post(shares, rows | {"shares-1-percent": "40"}).status_code == 302
    sign = reverse("missions:agreement_move", args=(agreement.pk, "sign"))
    assert browser.get(sign).status_code == 200
    assert browser.post(sign, {"signed_on": now.isoformat()}).status_code == 302
    assert browser.get(agreement.get_absolute_url()).status_code == 200
    amend = reverse("missions:amendment_new", args=(agreement.pk,))
    assert browser.post(amend, {"effective_on": now.isoformat(), "why": "x"}).status_code == 409
    data = {"effective_on": now.isoformat(), "why": "Suite", "days_budgeted": "15"}
    assert browser.post(amend, data).status_code == 302
    amendment = agreement.amendments.get()
    done = browser.post(reverse("missions:amendment_sign", args=(amendment.pk,)), {})
    assert done.status_code == 302
    agreement.refresh_from_db()
    assert agreement.days_budgeted == 15
    rate = reverse("missions:rerate", args=(agreement.pk,))
    assert browser.get(rate).status_code == 200


def test_an_envelope_is_opened_and_changed(basile: User) -> None:
    region = given_organisation("Région Grand Est", kind="funder")
    browser = signed_in(basile)
    data = {
        "payer": region.pk,
        "reference": "Région 2026",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "basis": "grant",
        "quota_days": "60",
        "value_per_day": "600",
        "value_is": "net",
        "departments": "67, 68",
    }
    answer = browser.post(reverse("missions:envelope_new"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    page = browser.get(answer.url)
    assert page.status_code == 200
    edit = answer.url + "modifier/"
    assert "67, 68" in browser.get(edit).content.decode()
    assert browser.post(edit, data | {"quota_days": "-1"}).status_code == 422


def test_a_month_is_locked_and_opened_again(basile: User, now: date) -> None:
    browser = signed_in(basile)
    url = reverse("missions:months")
    last = (now.replace(day=1) - timedelta(days=1)).replace(day=1).isoformat()
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"month": last}).status_code == 302
    assert browser.post(url, {"month": last}).status_code == 409
    assert browser.post(url, {"month": last, "open": "1"}).status_code == 302


def test_start_up_days_move_from_their_page(
    ada: User, basile: User, coop: Coop, mission: Mission, now: date
) -> None:
    start_up = Mission.objects.get(coop=coop, kind="start_up")
    day = given_day(ada, start_up, now, today=now)
    url = reverse("missions:move_days", args=(start_up.pk,))
    browser = signed_in(basile)
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"mission": mission.pk, "days": [day.pk]}).status_code == 302
    day.refresh_from_db()
    assert day.mission == mission


@pytest.mark.parametrize(
    "name", ["days", "missions", "agreements", "envelopes", "validation", "week"]
)
def test_a_list_asks_as_many_queries_for_10_rows_and_for_200(
    ada: User, basile: User, coop: Coop, now: date, name: str
) -> None:
    browser = signed_in(basile)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(reverse(f"missions:{name}")).status_code == 200
        return len(seen)

    fill(name, coop, ada, basile, now, 10)
    asked()
    few = asked()
    fill(name, coop, ada, basile, now, 190)
    assert asked() == few


def fill(name: str, coop: Coop, ada: User, basile: User, now: date, count: int) -> None:
    agreement = given_agreement(coop, days=None, on=now)
    mission = given_mission(agreement, on=now)
    if name in ("days", "validation", "week"):
        who = basile if name == "week" else ada
        for _n in range(count):
            day = MissionDay(
                consultant=who, mission=mission, worked_on=now, logged_at=timezone.now()
            )
            day.save()
            day.beneficiaries.create(coop=coop)
        if name == "validation":
            rows = MissionDay.objects.filter(mission=mission)
            actions.submit_days(list(rows), **acting(basile, now))
        return
    for n in range(count):
        if name == "envelopes":
            given_envelope(coop.organisation, on=now, reference=f"E{n}")
        elif name == "agreements":
            given_agreement(coop, on=now, signed=False)
        else:
            given_mission(agreement, f"M{n}", on=now)
