"""People of the office and legal tables: invited, given roles, closed, reopened; figures noted."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from essaim import people
from essaim.legal_figures import Kind
from essaim.models import Event, LegalFigure, OutboxMessage, User
from essaim.workflow import Refused
from tests.conftest import acting, person, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = "/reglages/personnes/"
TABLES = "/reglages/tables/"


@pytest.fixture
def office(farid: User) -> Client:
    return signed_in(farid)


def sent(browser: Client, address: str, **data: Any) -> Any:
    return browser.post(address, data)


# -- people -----------------------------------------------------------------------------------


def test_an_invitation_makes_a_person_without_a_password_and_one_mail(
    office: Client, farid: User
) -> None:
    data = {"email": " Lea@Essaim.Test ", "name": "Léa Adam", "roles": ["consultant"]}
    assert office.post(PEOPLE + "inviter/", data)["Location"] == PEOPLE
    user = User.objects.get(email="lea@essaim.test")
    assert (user.name, user.role_codes) == ("Léa Adam", {"consultant"})
    assert not user.has_usable_password()
    mail = OutboxMessage.objects.get()
    assert (mail.to, mail.sent_at) == ("lea@essaim.test", None)
    assert "Farid Kern" in mail.body
    assert re.search(r"http://testserver/compte/mot-de-passe/nouveau/\w+-\S+/", mail.body)
    event = Event.objects.get()
    assert (event.by, event.codes) == (farid, {"roles": ["consultant"]})


def test_a_known_address_is_refused_beside_its_field_and_what_was_typed_stays(
    office: Client, ada: User
) -> None:
    data = {"email": "ADA@essaim.test", "name": "Une autre", "roles": ["accountant"]}
    answer = sent(office, PEOPLE + "inviter/", **data)
    assert answer.status_code == 409
    assert "Une autre" in answer.content.decode()
    assert "email" in answer.context["form"].errors
    assert User.objects.count() == 2
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"email": "pas une adresse"}, {"name": ""}, {"roles": ["chief"]}, {"name": "x" * 121}],
)
def test_a_bad_field_writes_nothing(office: Client, wrong: dict[str, Any]) -> None:
    data = {"email": "lea@essaim.test", "name": "Léa", "roles": []} | wrong
    assert sent(office, PEOPLE + "inviter/", **data).status_code == 422
    assert User.objects.count() == 1


def test_roles_are_given_and_taken_together(office: Client, ada: User) -> None:
    data = {"name": "Ada Lutz", "roles": ["coordinator", "accountant"]}
    assert sent(office, f"{PEOPLE}{ada.pk}/", **data).status_code == 302
    assert User.objects.get(pk=ada.pk).role_codes == {"coordinator", "accountant"}
    assert Event.objects.get().verb == "essaim.User.set_roles"


def test_the_last_administrator_stays(office: Client, farid: User, ada: User) -> None:
    answer = sent(office, f"{PEOPLE}{farid.pk}/", name="Farid", roles=["consultant"])
    assert answer.status_code == 409
    assert User.objects.get(pk=farid.pk).is_administrator
    people.set_roles(
        user=ada, name="Ada", roles=["administrator"], **acting(farid, date(2026, 11, 23))
    )
    answer = sent(office, f"{PEOPLE}{farid.pk}/", name="Farid", roles=["consultant"])
    assert answer.status_code == 302


def test_a_closed_account_is_out_at_once_and_comes_back_with_its_roles(
    office: Client, ada: User
) -> None:
    browser = signed_in(ada)
    assert browser.get("/").status_code == 200
    assert office.get(f"{PEOPLE}{ada.pk}/fermer/").status_code == 200
    assert sent(office, f"{PEOPLE}{ada.pk}/fermer/").status_code == 302
    assert browser.get("/").status_code == 302
    assert not User.objects.get(pk=ada.pk).is_active
    assert sent(office, f"{PEOPLE}{ada.pk}/rouvrir/").status_code == 302
    assert User.objects.get(pk=ada.pk).role_codes == {"consultant"}


def test_nobody_closes_their_own_account(office: Client, farid: User) -> None:
    person("Zoé Admin", "administrator")
    assert sent(office, f"{PEOPLE}{farid.pk}/fermer/").status_code == 409
    assert User.objects.get(pk=farid.pk).is_active


def test_the_last_administrator_is_not_closed_by_somebody_else(farid: User, ada: User) -> None:
    with pytest.raises(Refused):
        people.deactivate(user=farid, **acting(ada, date(2026, 11, 23)))


def test_the_list_shows_roles_and_hides_closed_accounts(office: Client, ada: User) -> None:
    closed = person("Wanda Closed", "consultant")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    shown = office.get(PEOPLE).content.decode()
    assert "Ada Lutz" in shown
    assert "Wanda" not in shown
    assert "Wanda" in office.get(PEOPLE, {"show": "closed"}).content.decode()


def test_lists_take_the_same_queries_for_ten_and_for_two_hundred(office: Client) -> None:
    office.get(PEOPLE)
    counts = []
    for n in (10, 200):
        for i in range(n):
            User.objects.create(email=f"{n}-{i}@essaim.test", name=f"P{i}", is_consultant=True)
        with CaptureQueriesContext(connection) as seen:
            assert office.get(PEOPLE).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_administrators_flag_is_not_posted_through_another_page(
    office: Client, ada: User
) -> None:
    sent(office, f"{PEOPLE}{ada.pk}/", name="Ada", roles=[], is_administrator="on", is_active="")
    found = User.objects.get(pk=ada.pk)
    assert (found.is_administrator, found.is_active) == (False, True)


def test_set_up_links_to_what_the_role_may_open(office: Client, ada: User, chloe: User) -> None:
    assert PEOPLE in office.get("/reglages/").content.decode()
    books = signed_in(chloe).get("/reglages/").content.decode()
    assert (TABLES in books, PEOPLE in books) == (True, False)
    field = signed_in(ada).get("/reglages/").content.decode()
    assert (TABLES in field, PEOPLE in field) == (False, False)


# -- legal tables -------------------------------------------------------------------------------

RATE = {
    "kind": Kind.ECB_RATE.value,
    "value": "2,40",
    "effective_from": "2026-07-01",
    "source": "BCE, 1er juillet 2026",
}


def test_a_figure_is_added_and_the_one_before_stays(office: Client) -> None:
    before = LegalFigure.objects.count()
    assert sent(office, TABLES + "ajouter/", **RATE)["Location"] == TABLES
    assert LegalFigure.objects.count() == before + 1
    assert LegalFigure.objects.figure(Kind.ECB_RATE, date(2026, 7, 1)) == Decimal("2.40")
    assert LegalFigure.objects.figure(Kind.ECB_RATE, date(2026, 6, 30)) == Decimal("2.15")
    assert Event.objects.get().codes["value"] == "2.40"


def test_two_figures_of_a_kind_do_not_start_on_one_day(office: Client) -> None:
    sent(office, TABLES + "ajouter/", **RATE)
    answer = sent(office, TABLES + "ajouter/", **RATE | {"value": "9"})
    assert answer.status_code == 409
    assert "effective_from" in answer.context["form"].errors


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "-1"},
        {"value": "NaN"},
        {"value": "1e400"},
        {"source": ""},
        {"kind": "x"},
        {"effective_from": "2026-02-30"},
    ],
)
def test_a_bad_figure_is_refused(office: Client, wrong: dict[str, str]) -> None:
    before = LegalFigure.objects.count()
    assert sent(office, TABLES + "ajouter/", **RATE | wrong).status_code == 422
    assert LegalFigure.objects.count() == before


def test_the_page_gives_sources_and_warns_of_figures_that_aged(
    office: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2026, 11, 23))
    shown = office.get(TABLES)
    page = shown.content.decode()
    assert "CGI art. 278" in page
    stale = {row.kind for row in shown.context["page"].stale}
    assert stale == {Kind.LEGAL_INTEREST, Kind.ECB_RATE, Kind.ASSOCIATION_RECEIPTS}
    assert f"ajouter/?kind={Kind.LEGAL_INTEREST.value}" in page


def test_tables_take_the_same_queries_for_ten_and_for_two_hundred(office: Client) -> None:
    office.get(TABLES)
    counts = []
    for n in (10, 200):
        for i in range(n):
            LegalFigure.objects.create(
                kind=Kind.ECB_RATE,
                value=1,
                effective_from=date.fromordinal(700_000 + n * 500 + i),
                source="x",
                noted_on=date(2026, 1, 1),
            )
        with CaptureQueriesContext(connection) as seen:
            assert office.get(TABLES).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
