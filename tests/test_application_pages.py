"""Pages of applications and payments: who sees them, what they refuse, what they cost."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from essaim.models import User
from essaim.workflow import Refused
from grants import actions
from grants.models import CoFunder, Disbursement, GrantApplication
from tests.conftest import signed_in
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_disbursement,
    given_organisation,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db
D = Decimal
LIST, AWAITED = "/financements/", "/financements/versements/"


def _page(name: str, *args: Any) -> str:
    return reverse(f"grants:{name}", args=args)


def test_a_consultant_sees_no_application_and_no_amount(ada: User) -> None:
    application = given_application(given_applicant(), state="agreed", title="Titre secret")
    row = given_disbursement(application)
    browser = signed_in(ada)
    for url in (
        _page("application", application.pk),
        _page("application_edit", application.pk),
        _page("application_move", application.pk, "start"),
        _page("co_funder_add", application.pk),
        _page("disbursement_plan", application.pk),
        _page("disbursement_edit", row.pk),
        _page("disbursement_move", row.pk, "receive"),
    ):
        assert browser.get(url).status_code == 404, url
        assert browser.post(url, {}).status_code == 404, url
    for url in (LIST, AWAITED, _page("application_new")):
        assert browser.get(url).status_code == 403, url


def test_the_accountant_reads_files_and_moves_payments_only(chloe: User) -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application)
    browser = signed_in(chloe)
    assert browser.get(application.get_absolute_url()).status_code == 200
    assert browser.get(_page("application_edit", application.pk)).status_code == 403
    assert browser.post(_page("application_move", application.pk, "start")).status_code == 403
    assert browser.get(_page("disbursement_move", row.pk, "receive")).status_code == 200
    application.refresh_from_db()
    assert application.state == "agreed"


def test_the_administrator_does_not_receive_money(farid: User) -> None:
    row = given_disbursement(given_application(given_applicant(), state="agreed"))
    url = _page("disbursement_move", row.pk, "receive")
    data = {"dated": DAY.isoformat(), "amount": "10800"}
    assert signed_in(farid).post(url, data).status_code == 403
    row.refresh_from_db()
    assert row.state == "planned"


def test_a_stranger_is_sent_to_sign_in(client: Any) -> None:
    assert client.get(LIST).status_code == 302


def test_an_unknown_move_is_a_bad_request(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed")
    row = given_disbursement(application)
    browser = signed_in(basile)
    assert browser.post(_page("application_move", application.pk, "win")).status_code == 400
    assert browser.post(_page("disbursement_move", row.pk, "win")).status_code == 400


def test_a_move_the_state_forbids_is_refused_with_the_reason(basile: User) -> None:
    application = given_application(given_applicant(), state="spotted")
    url = _page("application_move", application.pk, "award")
    answer = signed_in(basile).post(url, {"dated": DAY.isoformat(), "amount": "100"})
    assert answer.status_code == 409
    assert "repéré" in answer.text
    application.refresh_from_db()
    assert (application.state, application.awarded) == ("spotted", None)


def test_the_list_narrows_by_tab_words_and_state(basile: User) -> None:
    given_application(given_applicant("Épi Sud"), state="drafting", title="Caisse")
    given_application(given_applicant("La Grange"), state="running", title="Local")
    given_application(given_applicant("La Ruche"), state="refused", title="Véhicule")
    browser = signed_in(basile)
    for query, shown in (
        ("", {"Caisse", "Local", "Véhicule"}),
        ("?show=to_submit", {"Caisse"}),
        ("?show=granted", {"Local"}),
        ("?show=ended", {"Véhicule"}),
        ("?show=waiting", set()),
        ("?q=epi", {"Caisse"}),
        ("?state=refused", {"Véhicule"}),
        ("?who=me", set()),
    ):
        text = browser.get(LIST + query).text
        found = {t for t in ("Caisse", "Local", "Véhicule") if f">{t}<" in text}
        assert found == shown, query


def test_a_file_goes_from_its_form_to_the_money(basile: User) -> None:
    coop, programme, browser = given_applicant(), given_programme(), signed_in(basile)
    data = {
        "coop": str(coop.pk),
        "programme": str(programme.pk),
        "title": "Local et travaux",
        "amounts_are": "net",
        "eligible_base": "45 000",
        "requested": "36 000,00",
    }
    assert browser.post(_page("application_new"), data).status_code == 302
    application = GrantApplication.objects.get()
    assert (application.owner, application.applicant) == (basile, coop.organisation)
    day = {"dated": DAY.isoformat()}
    steps: list[tuple[str, dict[str, str]]] = [
        ("draft", {}),
        ("deposit", day),
        ("award", {**day, "amount": "36000"}),
        ("agree", {**day, "amount": "36000", "base": "45000"}),
        ("start", {}),
    ]
    for edge, posted in steps:
        url = _page("application_move", application.pk, edge)
        assert browser.get(url).status_code == 200
        assert browser.post(url, posted).status_code == 302, edge
    plan = _page("disbursement_plan", application.pk)
    assert browser.post(plan, {"kind": "advance", "expected_amount": "10800"}).status_code == 302
    row = Disbursement.objects.get()
    url = _page("disbursement_move", row.pk, "receive")
    assert browser.post(url, {**day, "amount": "10 800,00"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.received_amount) == ("received", D("10800.00"))
    shown = browser.get(application.get_absolute_url())
    assert shown.status_code == 200
    assert "10\u00a0800,00\u00a0€" in shown.text
    assert "Hors taxes" in shown.text


def test_the_settlement_proposes_the_rule_of_three(basile: User) -> None:
    application = given_application(
        given_applicant(), state="reported", agreed=D(36000), justified=D(39600)
    )
    url = _page("application_move", application.pk, "settle")
    shown = signed_in(basile).get(url)
    assert "31680,00" in shown.text
    assert "31\u00a0680,00\u00a0€" in shown.text


def test_a_warning_is_passed_with_its_sentence(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    row = given_disbursement(application, "advance", D(500))
    url, browser = _page("disbursement_move", row.pk, "receive"), signed_in(basile)
    data = {"dated": DAY.isoformat(), "amount": "600"}
    refused = browser.post(url, data)
    assert refused.status_code == 409
    assert 'name="reason_more_than_expected"' in refused.text
    assert browser.post(url, {**data, "reason_more_than_expected": "Deux."}).status_code == 302


def test_a_plan_above_the_grant_is_refused_whatever_is_said(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(1000))
    url, browser = _page("disbursement_plan", application.pk), signed_in(basile)
    data = {"kind": "advance", "expected_amount": "1200"}
    refused = browser.post(url, {**data, "reason_beyond_agreed": "Promis."})
    assert refused.status_code == 409
    assert "200,00" in refused.text
    assert not application.disbursements.exists()


def test_a_negative_amount_is_refused_and_what_was_typed_is_kept(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed")
    url = _page("disbursement_plan", application.pk)
    answer = signed_in(basile).post(
        url, {"kind": "advance", "expected_amount": "-5", "pieces": "RIB"}
    )
    assert answer.status_code == 409
    assert "RIB" in answer.text
    assert not Disbursement.objects.exists()


def test_a_posted_state_or_award_moves_nothing(basile: User) -> None:
    application = given_application(given_applicant(), state="review", agreed=D(500))
    data = {
        "title": "Nouveau titre",
        "owner": str(basile.pk),
        "spotted_on": DAY.isoformat(),
        "amounts_are": "gross",
        "state": "settled",
        "awarded": "99999",
    }
    url = _page("application_edit", application.pk)
    assert signed_in(basile).post(url, data).status_code == 302
    application.refresh_from_db()
    assert (application.title, application.state) == ("Nouveau titre", "review")
    assert application.awarded is None


def test_facts_that_contradict_each_other_are_refused() -> None:
    application = given_application(given_applicant())
    for facts, code in (
        ({"expenses_from": DAY, "expenses_until": DAY - timedelta(days=1)}, "expenses_until"),
        ({"own_share": D(-1)}, "own_share"),
        ({"acknowledged_on": DAY + timedelta(days=1)}, "acknowledged_on"),
        ({"total_cost": D(100), "eligible_base": D(101)}, "eligible_base"),
    ):
        with pytest.raises(Refused) as refused:
            actions.edit_application(application, **facts, **who())
        assert [m.code for m in refused.value.missing] == [code]


def test_another_funder_enters_the_financing(basile: User) -> None:
    application = given_application(
        given_applicant(), requested=D(6400), total_cost=D(10000), own_share=D(2000), base=D(8000)
    )
    town = given_organisation("Ville de Saverne", "authority")
    browser = signed_in(basile)
    assert "1\u00a0600,00\u00a0€" in browser.get(application.get_absolute_url()).text
    data = {"funder": str(town.pk), "amount": "1600", "is_public": "on", "standing": "planned"}
    assert browser.post(_page("co_funder_add", application.pk), data).status_code == 302
    shown = browser.get(application.get_absolute_url()).text
    assert "Ville de Saverne" in shown
    assert not re.search("n’ont pas encore de financeur", shown)
    with pytest.raises(Refused):
        actions.add_co_funder(application, funder=town, amount=D(-1), **who())
    assert CoFunder.objects.count() == 1


def test_the_awaited_list_splits_by_lateness(chloe: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(90000))
    today = date.today()  # noqa: DTZ011
    for days, amount in ((10, 111), (45, 222), (90, 333)):
        given_disbursement(application, amount=D(amount), expected_on=today - timedelta(days=days))
    given_disbursement(application, amount=D(444))
    browser = signed_in(chloe)
    for late, shown in (
        ("late_30", {111}),
        ("late_60", {222}),
        ("late_more", {333}),
        ("unscheduled", {444}),
        ("", {111, 222, 333, 444}),
    ):
        text = browser.get(f"{AWAITED}?late={late}").text.split('id="rows"')[1]
        assert {n for n in (111, 222, 333, 444) if f"{n},00" in text} == shown, late


def _count(browser: Any, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def _many(count: int) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(10**8))
    GrantApplication.objects.bulk_create(
        GrantApplication(
            applicant=application.applicant,
            coop=application.coop,
            programme=application.programme,
            title=f"Dossier {n}",
            owner=application.owner,
            spotted_on=DAY,
        )
        for n in range(count)
    )
    Disbursement.objects.bulk_create(
        Disbursement(application=application, kind="advance", expected_amount=D(n + 1))
        for n in range(count)
    )


@pytest.mark.parametrize("name", ["applications", "disbursements", "programmes", "calendar"])
def test_a_list_costs_the_same_for_10_and_200_rows(basile: User, name: str) -> None:
    browser, url = signed_in(basile), _page(name)
    _many(10)
    few = _count(browser, url)
    _many(190)
    assert _count(browser, url) == few


def test_the_page_of_a_file_costs_the_same_whatever_its_payments(basile: User) -> None:
    application = given_application(given_applicant(), state="agreed", agreed=D(10**8))
    browser, url = signed_in(basile), application.get_absolute_url()
    given_disbursement(application, amount=D(5))
    few = _count(browser, url)
    for _ in range(9):
        given_disbursement(application, amount=D(5))
    assert _count(browser, url) == few


def test_a_coop_and_our_own_structure_do_not_apply_together(basile: User) -> None:
    coop, programme = given_applicant(), given_programme()
    data = {"coop": coop.pk, "is_ours": "on", "programme": programme.pk}
    data |= {"title": "Deux demandeurs", "amounts_are": "gross"}
    answer = signed_in(basile).post(_page("application_new"), data)
    assert answer.status_code == 422
    assert "pas les deux" in answer.text
    assert not GrantApplication.objects.exists()
