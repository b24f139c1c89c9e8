"""Pages of people and organisations: what each role writes, where a duplicate leads."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.models import Contact, Organisation
from essaim.models import Event, User
from tests.conftest import acting, signed_in
from tests.given_crm import given_contact, given_coop, given_organisation
from tests.given_invoicing import given_invoice

pytestmark = pytest.mark.django_db


def now(user: User) -> dict[str, Any]:
    return acting(user, timezone.localdate())


def text(answer: Any) -> str:
    return str(answer.content.decode())


# -- fields by role ----------------------------------------------------------------------------


def test_a_consultant_writes_the_identity_of_own_coops_and_no_billing(
    ada: User, basile: User, caplog: Any
) -> None:
    coop = given_coop(owner=ada, by=basile).organisation
    town = given_organisation(by=basile)
    browser = signed_in(ada)
    page = reverse("crm:organisation_edit", args=(coop.pk,))
    shown = text(browser.get(page))
    assert 'name="legal_name"' in shown
    assert 'name="billing_email"' not in shown and 'name="kind"' not in shown
    data = {"legal_name": "Coop’Épi du Ried", "country": "FR", "chorus": "both", "kind": "other"}
    data |= {"vat_status": "liable", "postcode": "67600"}
    with caplog.at_level("INFO", logger="essaim.refusals"):
        assert browser.post(page, data).status_code == 302
    assert "ignored:chorus,kind,vat_status" in caplog.text
    coop.refresh_from_db()
    assert (coop.legal_name, coop.chorus, coop.kind) == ("Coop’Épi du Ried", "none", "coop")
    assert coop.vat_status == "not_liable"
    assert browser.get(reverse("crm:organisation_edit", args=(town.pk,))).status_code == 403
    assert "Modifier" not in text(browser.get(town.get_absolute_url()))


def test_the_accountant_writes_how_a_coop_is_billed_and_not_its_name(
    chloe: User, basile: User
) -> None:
    coop = given_coop(by=basile).organisation
    page = reverse("crm:organisation_edit", args=(coop.pk,))
    browser = signed_in(chloe)
    shown = text(browser.get(page))
    assert 'name="billing_email"' in shown and 'name="siren"' in shown
    assert 'name="legal_name"' not in shown
    data = {"billing_email": "compta@coop.test", "legal_name": "Autre", "country": "FR"}
    data |= {"vat_status": "not_liable", "chorus": "none"}
    assert browser.post(page, data).status_code == 302
    coop.refresh_from_db()
    assert (coop.billing_email, coop.legal_name) == ("compta@coop.test", "Coop’Épi")


# -- known already -----------------------------------------------------------------------------


def test_writing_down_a_known_organisation_asks_for_a_sentence(basile: User) -> None:
    given_organisation("Épicerie du Village", kind="partner", by=basile)
    browser, page = signed_in(basile), reverse("crm:organisation_new")
    data = {"legal_name": "EPICERIE du village", "kind": "partner", "country": "FR"}
    data |= {"vat_status": "not_liable", "chorus": "none"}
    answer = browser.post(page, data)
    assert answer.status_code == 409
    assert "Épicerie du Village" in text(answer) and "même nom" in text(answer)
    assert Organisation.objects.count() == 1
    said = {**data, "reason_duplicate": "autre commune"}
    assert browser.post(page, said).status_code == 302
    assert Organisation.objects.count() == 2
    event = Event.objects.filter(verb="crm.Organisation.create").latest("pk")
    assert event.text.words["reason"] == "autre commune"


def test_writing_down_a_known_person_asks_for_a_sentence(basile: User) -> None:
    given_contact("Émile Schmitt", by=basile)
    browser, page = signed_in(basile), reverse("crm:contact_new")
    data = {"first_name": "Emile", "last_name": "SCHMITT", "legal_basis": "interest"}
    assert browser.post(page, data).status_code == 409
    assert Contact.objects.count() == 1
    assert browser.post(page, {**data, "reason_duplicate": "son fils"}).status_code == 302


# -- duplicates --------------------------------------------------------------------------------


def test_a_pair_is_proposed_compared_joined_and_its_page_leads_to_the_other(basile: User) -> None:
    one = given_organisation("Mairie de Barr", by=basile, email="mairie@barr.test")
    two = given_organisation("Mairie de Bar", by=basile)
    given_invoice(client=one)
    browser = signed_in(basile)
    listed = text(browser.get(reverse("crm:duplicates")))
    assert "noms à une ou deux lettres près" in listed
    page = reverse("crm:join", args=("organisation", one.pk, two.pk))
    shown = text(browser.get(page))
    assert "mairie@barr.test" in shown and "Factures et avoirs" in shown
    assert browser.post(page, {"legal_name": "nobody"}).status_code == 422
    data = {"legal_name": "source", "email": "source"}
    assert browser.post(page, data)["Location"] == two.get_absolute_url()
    two.refresh_from_db()
    assert (two.legal_name, two.email) == ("Mairie de Barr", "mairie@barr.test")
    assert browser.get(one.get_absolute_url())["Location"] == two.get_absolute_url()
    old = text(browser.get(one.get_absolute_url() + "?old=1"))
    assert "réunie à une autre" in old and two.get_absolute_url() in old
    assert "Réunies à cette fiche" in text(browser.get(two.get_absolute_url()))
    assert browser.get(reverse("crm:organisation_edit", args=(one.pk,))).status_code == 200
    assert browser.post(page, data).status_code == 409
    listed = browser.get(reverse("crm:organisations"))
    assert [row.pk for row in Organisation.objects.current()] == [two.pk]
    assert one.get_absolute_url() not in text(listed)


def test_two_accompanied_coops_are_told_to_merge(basile: User) -> None:
    one, two = given_coop("La Musette", by=basile), given_coop("La Muzette", by=basile)
    page = reverse("crm:join", args=("organisation", one.organisation_id, two.organisation_id))
    browser = signed_in(basile)
    assert "fusion" in text(browser.get(page))
    assert browser.post(page, {}).status_code in (409, 422)
    one.organisation.refresh_from_db()
    assert one.organisation.duplicate_of_id is None


def test_a_pair_said_to_be_two_is_not_proposed_again(basile: User) -> None:
    one = given_contact("Anne Muller", by=basile)
    two = given_contact("Anne Müller", by=basile)
    browser, listed = signed_in(basile), reverse("crm:duplicates") + "?kind=contact"
    assert "Anne Müller" in text(browser.get(listed))
    page = reverse("crm:distinct", args=("contact", one.pk, two.pk))
    assert browser.post(page)["Location"] == listed
    assert "Anne Müller" not in text(browser.get(listed))


# -- lists and histories -----------------------------------------------------------------------


def test_archived_rows_are_found_under_their_own_filter(basile: User) -> None:
    town = given_organisation(by=basile)
    actions.archive_organisation(town, reason="dissoute", **now(basile))
    browser, page = signed_in(basile), reverse("crm:organisations")
    assert "Ville de Barr" not in text(browser.get(page))
    assert "Ville de Barr" in text(browser.get(page, {"show": "archived"}))
    shown = text(browser.get(town.get_absolute_url()))
    assert "dissoute" in shown and "Remettre dans les listes" in shown


def test_current_roles_stand_before_those_that_are_over(basile: User) -> None:
    town = given_organisation(by=basile)
    anne = given_contact("Anne Muller", by=basile)
    since = date(2014, 3, 30)
    actions.give_role(
        anne, organisation=town, role="elected", since=since, until=date(2020, 5, 1), **now(basile)
    )
    actions.give_role(anne, organisation=town, role="referent", **now(basile))
    browser = signed_in(basile)
    for page in (anne.get_absolute_url(), town.get_absolute_url()):
        shown = text(browser.get(page))
        assert shown.index("Référent") < shown.index("Anciens") < shown.index("01/05/2020")


def test_pages_of_people_take_the_same_queries_for_few_and_for_many(basile: User) -> None:
    pages = [
        reverse("crm:duplicates"),
        reverse("crm:duplicates") + "?kind=contact",
        reverse("crm:retention"),
        reverse("crm:contacts"),
        reverse("leaving"),
    ]
    browser = signed_in(basile)

    def asked() -> list[int]:
        counts = []
        for page in pages:
            browser.get(page)
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(page).status_code == 200
            counts.append(len(seen))
        return counts

    few = 0
    counts = []
    for many in (3, 30):
        for n in range(few, many):
            given_organisation(f"Commune n° {n // 2} du Haut", by=basile)
            consent = {"legal_basis": "consent", "consent_on": date(2025, 1, 1)}
            gone = {**consent, "consent_withdrawn_on": date(2026, 1, 1)}
            given_contact(f"Anne Muller{n // 2}", by=basile, **gone)
        few = many
        counts.append(asked())
    assert counts[0] == counts[1]


def test_the_file_of_a_person_is_handed_over_as_json(basile: User) -> None:
    anne = given_contact("Anne Muller", by=basile)
    answer = signed_in(basile).post(reverse("crm:person_export", args=(anne.pk,)))
    assert answer["Content-Type"].startswith("application/json")
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer) if answer.streaming else answer.content
    assert "Anne" in content.decode()
