"""Cost claims: pay, time, flat rate, timesheets that add up; salaries that few may read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from crm.models import Coop
from essaim.models import Event, User
from essaim.workflow import Refused
from grants import actions as grants
from grants.models import Programme
from invoicing import actions as invoicing
from invoicing import claiming, report_files
from invoicing.models import ClaimMonth, FunderReport
from missions import actions
from missions.models import CostRate, Mission
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_expenses import PDF
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.given_reports import (
    TODAY,
    given_cost,
    given_cost_programme,
    given_offered,
    given_report,
    sent,
)

D = Decimal
MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(basile: User) -> Programme:
    given_issuer()
    return given_cost_programme(basile)


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, programme: Programme, ada: User, basile: User) -> Mission:
    """Two days on the operation in March, two elsewhere."""
    _agreement, mission = given_offered(coop, programme, by=basile, team=[ada])
    for day in (3, 10):
        given_day(ada, mission, date(2026, 3, day), by=basile)
    internal = given_mission(None, "Équipe", team=[ada], by=basile)
    for day in (4, 11):
        given_day(ada, internal, date(2026, 3, day), by=basile)
    return mission


def _claim(programme: Programme, by: User, **more: Any) -> FunderReport:
    period = {"first": MARCH, "last": date(2026, 3, 31), **more}
    return given_report(programme, by=by, kind="costs", **period)


def _sign(person: User, by: User) -> None:
    actions.sign_timesheet(
        month=MARCH,
        consultant=person,
        file=ContentFile(PDF, "releve.pdf"),
        **acting(by, TODAY),
    )


def _codes(refused: Any) -> set[str]:
    return {m.code for m in refused.value.missing}


def test_cost_is_pay_times_the_share_of_time_and_the_flat_rate_comes_on_top(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, "42000", by=basile)
    report = _claim(programme, basile)
    row = report.months.get()
    assert (row.salary, row.operation, row.total) == (D("3500.00"), D(2), D(4))
    assert (row.cost, row.flat) == (D("1750.00"), D("700.00"))
    claim, _rows = claiming.claim_of(report)
    assert claim.total == D("2450.00")


def test_the_flat_rate_is_the_programmes_and_a_claim_keeps_its_own(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    act = acting(basile, TODAY)
    assert claiming.usual_flat_rate() == D(40)
    programme = grants.edit_programme(programme, flat_rate=D(15), **act)
    report = _claim(programme, basile)
    assert report.flat_rate == D(15)
    programme = grants.edit_programme(programme, flat_rate=None, **act)
    invoicing.set_flat_rate(percent=D(7), source="Guide", **act)
    report.refresh_from_db()
    assert report.flat_rate == D(15)
    assert claiming.flat_rate_of(programme) == D(7)
    with pytest.raises(Refused):
        invoicing.set_flat_rate(percent=D(101), **act)


def test_a_typed_pay_wins_over_the_table_and_an_empty_one_goes_back(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    report = _claim(programme, basile)
    act, key = acting(basile, TODAY), (ada.pk, MARCH)
    invoicing.set_pays(report, pays={key: D(3700)}, flat_rate=D(40), **act)
    assert (report.months.get().cost, report.months.get().is_typed) == (D("1850.00"), True)
    invoicing.refresh_report(report, **act)
    assert report.months.get().salary == D(3700)
    invoicing.set_pays(report, pays={key: None}, **act)
    assert (report.months.get().salary, report.months.get().is_typed) == (D("3500.00"), False)
    with pytest.raises(Refused):
        invoicing.set_pays(report, pays={(ada.pk, date(2026, 4, 1)): D(1)}, **act)
    with pytest.raises(Refused):
        invoicing.set_pays(report, pays={key: D(-1)}, **act)


def test_it_is_not_sent_while_a_pay_is_unknown(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    report = _claim(programme, basile)
    with pytest.raises(Refused) as refused:
        sent(report, by=basile)
    assert "pay" in _codes(refused)


def test_an_unsigned_timesheet_asks_a_sentence_and_a_signed_one_nothing(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    report = _claim(programme, basile)
    with pytest.raises(Refused) as refused:
        sent(report, by=basile)
    assert _codes(refused) == {"unsigned"}
    _sign(ada, ada)
    assert claiming.unsigned(report) == []
    sent(report, by=basile)
    report.refresh_from_db()
    assert report.state == "sent" and report.snapshot["months"][0][5] == "1750.00"


def test_a_signed_timesheet_whose_days_changed_counts_no_more(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    report = _claim(programme, basile)
    _sign(ada, ada)
    given_day(ada, given_mission(None, "Réseau", by=basile), date(2026, 3, 17), by=basile)
    (one,) = claiming.unsigned(report)
    assert one.has_changed
    with pytest.raises(Refused) as refused:
        sent(report, by=basile)
    # The total time moved too: the claim is brought up to date first.
    assert _codes(refused) == {"stale", "unsigned"}


def test_a_day_of_the_operation_that_is_not_claimed_bars_the_sending_by_person_and_month(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    waiting = given_day(ada, mission, date(2026, 3, 18), D("0.5"), validated=False)
    report = _claim(programme, basile)
    (gap,) = claiming.differences(report)
    assert gap.key == (ada.pk, MARCH) and gap.gap == D("0.5")
    assert "Ada Lutz" in claiming.told_gap(gap) and "03/2026" in claiming.told_gap(gap)
    with pytest.raises(Refused) as refused:
        sent(report, by=basile, reasons={"unsigned": "Signature en cours."})
    assert "difference" in _codes(refused)
    actions.submit_days([waiting], **acting(ada, TODAY))
    waiting.refresh_from_db()
    actions.validate(waiting, **acting(basile, TODAY))
    invoicing.refresh_report(report, **acting(basile, TODAY))
    assert claiming.differences(report) == []


def test_time_that_another_report_tells_is_accounted_for_and_never_claimed_twice(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    first = _claim(programme, basile, last=date(2026, 3, 5), title="La première")
    second = _claim(programme, basile)
    assert (first.reported.count(), second.reported.count()) == (1, 1)
    assert claiming.differences(second) == []
    with pytest.raises(Refused) as refused:
        invoicing.add_shares(second, [first.reported.get().share], **acting(basile, TODAY))
    assert "La première" in str(refused.value)


def test_billed_time_is_in_no_cost_claim(
    coop: Coop, programme: Programme, ada: User, basile: User
) -> None:
    """Double financing: what somebody pays by the day is not paid again by its cost."""

    agreement = given_agreement(coop, client_of(coop), 600, None, by=basile)
    invoicing.link_funding(agreement=agreement, programme=programme, **acting(basile, TODAY))
    given_day(ada, given_mission(agreement, by=basile), date(2026, 3, 3), by=basile)
    with pytest.raises(Refused):
        _claim(programme, basile)
    told = given_report(programme, by=basile)
    assert told.reported.get().amount == D("600.00")


def test_the_times_of_beneficiaries_make_the_months(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, by=basile)
    other = given_coop("Autre coop", owner=ada, by=basile)
    _agreement, second = given_offered(other, programme, by=basile, team=[ada])
    given_day(ada, second, date(2026, 3, 24), D("0.5"), by=basile)
    report = _claim(programme, basile)
    context = report_files.context_of(report, on=TODAY)
    claim = context["claim"]
    rows = context["times"]["rows"]
    assert [row[2][0] for row in rows] == ["Autre coop", "Coop’Épi"]
    days = sum(D(row[3][0].replace(",", ".")) for row in rows)
    assert days == sum(row.month.operation for row in claim.rows) == D("2.5")


# -- who may read what ----------------------------------------------------------------------------
def test_the_administrator_sees_no_claim_and_no_salary_anywhere(
    mission: Mission, programme: Programme, ada: User, basile: User, farid: User, chloe: User
) -> None:
    given_cost(ada, "41987", by=basile)
    report = _claim(programme, basile, title="Demande FSE")
    assert FunderReport.objects.visible_to(farid).count() == 0
    assert FunderReport.objects.visible_to(chloe).get() == report
    assert CostRate.objects.visible_to(farid).count() == 0
    browser = signed_in(farid)
    pages = ["invoicing:report_home", "invoicing:report_list", "invoicing:report_own", "today"]
    for name in pages:
        assert "Demande FSE" not in browser.get(reverse(name)).content.decode()
    page = browser.get(reverse("grants:programme", args=(programme.pk,))).content.decode()
    assert "Demande FSE" not in page
    codes = Event.objects.filter(model="missions.CostRate").values_list("codes", flat=True)
    assert "41987" not in str(list(codes))


def test_an_accountant_makes_claims_and_no_report(
    mission: Mission, programme: Programme, ada: User, chloe: User, basile: User
) -> None:
    given_cost(ada, by=chloe)
    browser = signed_in(chloe)
    url = reverse("invoicing:report_new")
    data = {"programme": programme.pk, "first": "2026-03-01", "last": "2026-03-31"}
    assert browser.post(url, {**data, "kind": "days"}).status_code == 422
    assert browser.post(url, {**data, "kind": "costs"}).status_code == 302
    assert FunderReport.objects.get().kind == "costs"


def test_the_administrator_cannot_make_a_claim_by_a_posted_kind(
    mission: Mission, programme: Programme, farid: User
) -> None:
    data = {"programme": programme.pk, "first": "2026-03-01", "last": "2026-03-31", "kind": "costs"}
    assert signed_in(farid).post(reverse("invoicing:report_new"), data).status_code == 422
    with pytest.raises(Refused):
        given_report(programme, by=farid, kind="costs")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"yearly_cost": D(0)}, "yearly_cost"),
        ({"yearly_hours": D(4000)}, "yearly_hours"),
        ({"since": date(2026, 1, 1)}, "since"),
    ],
)
def test_a_cost_is_judged(facts: dict[str, Any], code: str, ada: User, basile: User) -> None:
    given_cost(ada, by=basile)
    good = {
        "person": ada,
        "since": date(2026, 6, 1),
        "yearly_cost": D(45000),
        "yearly_hours": D(1607),
    }
    with pytest.raises(Refused) as refused:
        actions.note_cost_rate(**{**good, **facts}, **acting(basile, TODAY))
    assert code in _codes(refused)


def test_the_cost_in_force_in_the_month_counts(
    mission: Mission, programme: Programme, ada: User, basile: User
) -> None:
    given_cost(ada, "36000", by=basile)
    given_cost(ada, "48000", by=basile, since=date(2026, 4, 1))
    given_day(ada, mission, date(2026, 4, 7), by=basile)
    report = _claim(programme, basile, last=date(2026, 4, 30))
    pays = list(ClaimMonth.objects.filter(report=report).values_list("salary", flat=True))
    assert pays == [D("3000.00"), D("4000.00")]
    rate = CostRate.objects.get(since=date(2026, 4, 1))
    actions.edit_cost_rate(rate, yearly_cost=D(60000), **acting(basile, TODAY))
    report.refresh_from_db()
    assert ClaimMonth.objects.filter(report=report, salary=D("4000.00")).exists()
