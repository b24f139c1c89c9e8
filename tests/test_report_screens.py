"""The screens of « Bilans »: a report from beginning to end, mistakes, envelopes, our grants."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Coop
from essaim.models import User
from invoicing import actions as invoicing
from invoicing.models import FunderReport, ReportModel
from invoicing.own_funding import own_funding
from missions.models import Envelope, Mission
from missions.outlooks import outlooks_of
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import (
    given_application,
    given_disbursement,
    given_our_structure,
    given_programme,
)
from tests.given_invoicing import given_issuer
from tests.given_missions import given_day, given_envelope
from tests.given_reports import (
    FIRST,
    LAST,
    TODAY,
    given_covered,
    given_region,
    given_report,
)

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def envelope(basile: User) -> Envelope:
    given_issuer()
    return given_envelope(given_region(basile), by=basile, quota_coops=3)


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, envelope: Envelope, ada: User, basile: User) -> Mission:
    mission = given_covered(coop, envelope, by=basile, team=[ada])
    for day in (3, 10, 17):
        given_day(ada, mission, date(2026, 3, day), by=basile)
    return mission


@pytest.fixture
def browser(basile: User) -> Client:
    return signed_in(basile)


def _new(envelope: Envelope, **more: Any) -> dict[str, Any]:
    return {"kind": "days", "envelope": envelope.pk, "first": FIRST, "last": LAST, **more}


def _url(name: str, report: FunderReport, *more: str) -> str:
    return reverse(f"invoicing:{name}", args=(report.pk, *more))


def _columns(report: FunderReport, **more: Any) -> dict[str, Any]:
    places = {f"place_{c['code']}": n for n, c in enumerate(report.columns, start=1)}
    return {"layout": "coop", **places, **more}


def test_a_report_is_begun_laid_out_sent_and_accepted(
    mission: Mission, envelope: Envelope, browser: Client
) -> None:
    answer = browser.post(reverse("invoicing:report_new"), _new(envelope))
    report = FunderReport.objects.get()
    assert answer.status_code == 302 and answer["Location"] == report.get_absolute_url()
    data = {
        "layout": "day",
        "place_first_on": "2",
        "place_beneficiary": "1",
        "place_part": "3",
        "name_part": "Part Région",
        "save_as": "Région",
    }
    assert browser.post(_url("report_columns", report), data).status_code == 302
    report.refresh_from_db()
    assert [c["code"] for c in report.columns] == ["beneficiary", "first_on", "part"]
    assert ReportModel.objects.get(name="Région").columns == report.columns
    page = browser.get(report.get_absolute_url()).content.decode()
    assert "Part Région" in page and "1\u00a0440,00" in page
    move = _url("report_move", report, "send")
    assert browser.post(move, {"dated": ""}).status_code == 302
    accept = _url("report_move", report, "accept")
    assert browser.post(accept, {"dated": ""}).status_code == 302
    report.refresh_from_db()
    assert report.state == "accepted"
    assert browser.post(_url("report_columns", report), data).status_code == 409


def test_a_double_click_makes_one_report_and_says_why(
    mission: Mission, envelope: Envelope, browser: Client
) -> None:
    url = reverse("invoicing:report_new")
    browser.post(url, _new(envelope, title="Le bilan"))
    answer = browser.post(url, _new(envelope))
    assert answer.status_code == 409
    page = answer.content.decode().replace("\xa0", " ")
    assert "Tout est déjà déclaré sur cette période : « Le bilan »." in page
    assert FunderReport.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"envelope": ""},
        {"last": date(2025, 1, 1)},
        {"first": "31/02/2026"},
        {"kind": "gift"},
        {"envelope": "987654"},
    ],
)
def test_a_wrong_form_is_told_beside_its_field(
    wrong: dict[str, Any], mission: Mission, envelope: Envelope, browser: Client
) -> None:
    answer = browser.post(reverse("invoicing:report_new"), {**_new(envelope), **wrong})
    assert answer.status_code == 422 and not FunderReport.objects.exists()


def test_columns_twice_at_a_place_keep_their_order_and_none_is_refused(
    mission: Mission, envelope: Envelope, browser: Client, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    url = _url("report_columns", report)
    assert browser.post(url, {"layout": "coop"}).status_code == 409
    same = {"layout": "coop", "place_days": "1", "place_part": "2", "name_days": "Jours",
            "name_part": "jours"}  # fmt: skip
    assert browser.post(url, same).status_code == 409
    assert browser.post(url, {"layout": "coop", "place_days": "0"}).status_code == 422
    assert browser.post(url, {"layout": "row", "place_days": "1"}).status_code == 422


def test_fractions_are_unticked_and_those_of_another_report_stay_there(
    mission: Mission, envelope: Envelope, browser: Client, basile: User
) -> None:
    other = given_report(envelope, by=basile, last=date(2026, 3, 5), title="Le premier")
    report = given_report(envelope, by=basile)
    url = _url("report_fractions", report)
    page = browser.get(url).content.decode()
    assert "Le premier" in page
    keys = list(report.reported.values_list("share", flat=True))
    assert browser.post(url, {"share": keys[:1]}).status_code == 302
    assert report.reported.count() == 1
    assert browser.post(url, {"share": [*keys, "9" * 30]}).status_code == 302
    assert report.reported.count() == 2
    stolen = [*keys, other.reported.get().share_id]
    answer = browser.post(url, {"share": stolen})
    assert answer.status_code == 409 and "Le premier" in answer.content.decode()
    assert browser.post(url, {}).status_code == 409
    assert report.reported.count() == 2


def test_a_report_that_came_back_is_corrected_from_its_page(
    mission: Mission, envelope: Envelope, browser: Client, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    act = acting(basile, TODAY)
    invoicing.send_report(report, **act)
    back = _url("report_move", report, "send_back")
    assert browser.post(back, {"why": ""}).status_code == 422
    assert browser.post(back, {"why": "Manque l’EPCI"}).status_code == 302
    assert _url("report_redo", report) in browser.get(report.get_absolute_url()).content.decode()
    answer = browser.post(_url("report_redo", report))
    made = FunderReport.objects.get(replaces=report)
    assert answer["Location"] == made.get_absolute_url()
    page = browser.get(f"{reverse('invoicing:report_list')}?show=cancelled").content.decode()
    assert report.title in page


def test_the_landing_page_tells_what_is_due_and_where_envelopes_stand(
    mission: Mission, envelope: Envelope, browser: Client
) -> None:
    Envelope.objects.filter(pk=envelope.pk).update(report_due_on=date(2026, 12, 10))
    page = browser.get(reverse("invoicing:report_home")).content.decode()
    assert f"?envelope={envelope.pk}" in page or "2026" in page
    assert reverse("invoicing:reports") in page


# -- envelopes ------------------------------------------------------------------------------------
def test_what_is_left_to_promise_takes_off_what_running_agreements_may_still_draw(
    mission: Mission, envelope: Envelope, ada: User, basile: User
) -> None:
    agreement = mission.agreement
    assert agreement is not None
    (found,) = outlooks_of([envelope], on=TODAY)
    assert (found.outlook.used, found.outlook.unlimited) == (D("2.4"), 1)
    assert found.outlook.to_promise == D("57.6") and found.coops_left == 2
    type(agreement).objects.filter(pk=agreement.pk).update(days_budgeted=D(10))
    given_day(ada, mission, date(2026, 4, 7), validated=False)
    (found,) = outlooks_of([envelope], on=TODAY)
    # 10 days at 80 % are 8, of which 2.4 are used; one day noted waits, at 80 % too.
    assert found.outlook.promised == D("5.6") and found.outlook.noted == D("0.8")
    assert found.outlook.to_promise == D("52.0")


def test_the_envelopes_page_shows_the_forecast_and_its_reports(
    mission: Mission, envelope: Envelope, browser: Client, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    page = browser.get(envelope.get_absolute_url()).content.decode()
    assert "Reste à promettre" in page and report.title in page
    programme = given_programme("Emploi ESS", funder=envelope.payer, by=basile)
    url = reverse("invoicing:report_link_new", args=(envelope.pk,))
    assert browser.post(url, {}).status_code == 422
    assert browser.post(url, {"programme": programme.pk}).status_code == 302
    link = envelope.funding_links.get()
    assert browser.post(reverse("invoicing:report_link_drop", args=(link.pk,))).status_code == 302
    assert not envelope.funding_links.exists()


def _queries(browser: Client, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as told:
        assert browser.get(url).status_code == 200
    return len(told)


def test_lists_and_pages_cost_the_same_at_two_sizes(
    mission: Mission, envelope: Envelope, browser: Client, ada: User, basile: User
) -> None:
    Envelope.objects.filter(pk=envelope.pk).update(quota_coops=9)
    report = given_report(envelope, by=basile)
    urls = [
        reverse("invoicing:report_home"),
        reverse("invoicing:report_list"),
        report.get_absolute_url(),
        envelope.get_absolute_url(),
    ]
    before = [_queries(browser, url) for url in urls]
    for number in range(3):
        other = given_coop(f"Coop {number}", owner=ada, by=basile)
        held = given_covered(other, envelope, by=basile, team=[ada])
        for day in (4, 11):
            given_day(ada, held, date(2026, 4 + number, day), by=basile)
        more = given_envelope(envelope.payer, by=basile, reference=f"Enveloppe {number}")
        given_covered(other, more, by=basile, team=[ada])
        given_report(envelope, by=basile, first=date(2026, 4 + number, 1),
                     last=date(2026, 4 + number, 30))  # fmt: skip
    # The report itself grows by nothing; the others list four times as much.
    assert [_queries(browser, url) for url in urls] == before
    # Seven of the report page say what bars its next step.
    assert before[1] <= 12 and before[2] <= 34


def test_a_report_of_many_days_costs_the_same_queries(
    mission: Mission, envelope: Envelope, browser: Client, ada: User, basile: User
) -> None:
    small = given_report(envelope, by=basile, last=date(2026, 3, 5))
    for day in range(1, 15):
        given_day(ada, mission, date(2026, 5, day), by=basile)
    large = given_report(envelope, by=basile)
    assert large.reported.count() == 16
    urls = [small.get_absolute_url(), large.get_absolute_url()]
    assert _queries(browser, urls[0]) == _queries(browser, urls[1])


# -- our own structure -----------------------------------------------------------------------------
def test_our_own_grants_show_reports_claims_and_what_is_awaited(
    mission: Mission, envelope: Envelope, browser: Client, basile: User
) -> None:
    given_our_structure()
    ours = given_application(None, state="running", title="Poste de coordination")
    theirs = given_application(given_coop("Autre", by=basile), state="running", title="À elles")
    given_disbursement(ours, amount=D(9600), received=True)
    given_disbursement(ours, "balance", D(6400), expected_on=date(2027, 3, 1))
    invoicing.link_funding(envelope=envelope, application=ours, **acting(basile, TODAY))
    report = given_report(envelope, by=basile)
    (row,) = own_funding(basile, on=TODAY)
    assert (row.application, row.received, row.left) == (ours, D("9600.00"), D("6400.00"))
    assert row.links[0].envelope == envelope and row.reports == [report]
    # One of our programmes may also pay a coop: that link is none of ours.
    programme = {"programme": ours.programme, "application": theirs}
    invoicing.link_funding(envelope=envelope, **programme, **acting(basile, TODAY))
    (row,) = own_funding(basile, on=TODAY)
    assert len(row.links) == 1
    page = browser.get(reverse("invoicing:report_own")).content.decode()
    assert "Poste de coordination" in page and str(theirs) not in page
    assert report.title in page
