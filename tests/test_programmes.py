"""Programmes and calls: what is asked of them, and who writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from essaim.models import Event, User
from essaim.workflow import Refused
from grants import actions
from grants.models import Programme
from tests.conftest import signed_in
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_call,
    given_organisation,
    given_our_structure,
    given_programme,
    who,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("allowed", ["yes", "no"])
def test_a_success_fee_rule_needs_its_source(allowed: str) -> None:
    with pytest.raises(Refused) as refused:
        given_programme(success_fee_allowed=allowed)
    assert [m.code for m in refused.value.missing] == ["success_fee_source"]
    programme = given_programme(success_fee_allowed=allowed, success_fee_source="Règlement, art. 4")
    assert programme.success_fee_allowed == allowed


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"amount_cap": Decimal(-1)}, "amount_cap"),
        ({"rate_cap": Decimal("100.01")}, "rate_cap"),
        ({"own_share_minimum": Decimal(-5)}, "own_share_minimum"),
        ({"amount_floor": Decimal(10), "amount_cap": Decimal(5)}, "amount_floor"),
        ({"checked_on": DAY + timedelta(days=1)}, "checked_on"),
    ],
)
def test_it_refuses_rules_that_make_no_sense(facts: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        given_programme(**facts)
    assert [m.code for m in refused.value.missing] == [code]
    assert not Programme.objects.exists()


def test_a_change_names_its_fields_in_the_trail() -> None:
    programme = given_programme()
    actions.edit_programme(programme, amount_cap=Decimal(70000), name="PNA", **who())
    told = Event.objects.get(verb="grants.Programme.edit")
    assert told.codes == {"fields": ["amount_cap"]}


def test_a_pre_deposit_comes_before_the_deadline() -> None:
    programme = given_programme()
    deadline = datetime(2026, 6, 1, 10, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        given_call(programme, deadline=deadline, pre_deposit_on=date(2026, 6, 2))
    assert [m.code for m in refused.value.missing] == ["pre_deposit_on"]


def test_a_programme_is_found_by_its_funder_without_accents(ada: User) -> None:
    given_programme("Emploi ESS", funder=given_organisation("Région Grand Est"))
    given_programme("FDVA 2", funder=given_organisation("État"))
    page = signed_in(ada).get("/financements/dispositifs/?q=region")
    assert "Emploi ESS" in page.text
    assert "FDVA 2" not in page.text


def test_everybody_of_the_staff_reads_programmes_and_two_roles_write_them(
    ada: User, basile: User, chloe: User, farid: User, dina: User
) -> None:
    programme = given_programme()
    given_application(given_applicant(), programme, title="Titre secret")
    for person, new in ((ada, 403), (basile, 200), (chloe, 403), (farid, 200)):
        browser = signed_in(person)
        assert browser.get("/financements/dispositifs/").status_code == 200
        shown = browser.get(programme.get_absolute_url())
        assert shown.status_code == 200
        assert ("Titre secret" in shown.text) is (person != ada)
        assert browser.get("/financements/dispositifs/nouveau/").status_code == new
    assert signed_in(dina).get("/financements/dispositifs/").status_code == 403


def test_a_programme_is_written_from_its_form(basile: User) -> None:
    funder = given_organisation("Ministère de l’Agriculture")
    data = {
        "funder": str(funder.pk),
        "name": "PNA",
        "kind": "grant",
        "pays": "invoices",
        "amount_cap": "70 000,00",
        "rate_cap": "70",
        "success_fee_allowed": "no",
        "state": "settled",
    }
    browser = signed_in(basile)
    answer = browser.post("/financements/dispositifs/nouveau/", data)
    assert answer.status_code == 409
    assert "70 000,00" in answer.text
    data["success_fee_source"] = "Appel à projets, page 12"
    assert browser.post("/financements/dispositifs/nouveau/", data).status_code == 302
    programme = Programme.objects.get()
    assert (programme.amount_cap, programme.funder) == (Decimal("70000.00"), funder)


def test_a_deadline_is_typed_the_french_way_in_paris_time(basile: User) -> None:
    programme = given_programme()
    url = f"/financements/dispositifs/{programme.pk}/appel/"
    data = {"title": "Appel 2027", "deadline": "31/01/2027 12:00", "recurrence": "once"}
    browser = signed_in(basile)
    assert browser.post(url, data).status_code == 302
    call = programme.calls.get()
    assert call.deadline == datetime(2027, 1, 31, 11, tzinfo=UTC)
    shown = browser.get(f"/financements/appels/{call.pk}/modifier/")
    assert "31/01/2027 12:00" in shown.text


def test_a_bad_field_is_said_beside_it(basile: User) -> None:
    programme = given_programme()
    answer = signed_in(basile).post(
        f"/financements/dispositifs/{programme.pk}/modifier/", {"name": "", "rate_cap": "cent"}
    )
    assert answer.status_code == 422
    programme.refresh_from_db()
    assert programme.name == "PNA"


def test_the_agenda_shows_calls_to_all_and_files_to_the_office(ada: User, basile: User) -> None:
    programme = given_programme()
    soon = datetime.now(tz=UTC) + timedelta(days=10)
    given_call(programme, deadline=soon, title="Appel de printemps")
    given_application(
        given_applicant(), programme, state="running", title="Secret", report_due_on=soon.date()
    )
    for person, seen in ((ada, False), (basile, True)):
        page = signed_in(person).get("/financements/echeances/")
        assert "Appel de printemps" in page.text
        assert ("Secret" in page.text) is seen


def test_our_own_structure_may_apply() -> None:
    structure = given_our_structure()
    application = given_application(None)
    assert application.applicant == structure.organisation
    assert application.is_ours
    assert not given_application(given_applicant()).is_ours


def test_without_a_structure_a_coop_is_asked() -> None:
    with pytest.raises(Refused) as refused:
        given_application(None)
    assert [m.code for m in refused.value.missing] == ["coop"]
