"""Four questions switch menus and fields; what has rows stays on screen."""

from typing import Any

import pytest
from django.urls import reverse

from crm.models import IssuerProfile, Structure
from essaim import features
from essaim.models import Event, Feature, User
from essaim.roles import Role
from essaim.workflow import Refused
from invoicing.actions import starting
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_organisation
from tests.given_invoicing import given_invoice, given_issuer

NO = dict.fromkeys(features.CODES, False)


@pytest.fixture
def iris(db: None) -> User:
    """Works alone, with every role."""
    return person("Iris Keller", *Role.values)


def page(user: User, name: str, *args: Any) -> str:
    return signed_in(user).get(reverse(name, args=args)).content.decode()


def test_without_an_answer_everything_is_shown(iris: User) -> None:
    assert all(features.is_on(code) for code in features.CODES)
    with pytest.raises(KeyError):
        features.is_on("unknown")


def test_answers_are_read_once_a_request(
    iris: User, today: Any, django_assert_num_queries: Any
) -> None:
    features.answer(**NO, **acting(iris, today))
    with django_assert_num_queries(1), features.read_once():
        assert [features.is_on(code) for code in features.CODES] == [False] * 4
    assert Event.objects.filter(model="essaim.Feature").count() == 4
    features.answer(**NO, **acting(iris, today))
    assert Event.objects.filter(model="essaim.Feature").count() == 4


@pytest.mark.parametrize(
    ("code", "address", "mark"),
    [
        ("public_sector", "crm:organisation_new", 'name="chorus"'),
        ("public_sector", "missions:envelope_new", 'name="engagement_number"'),
        ("vat", "invoicing:catalogue_new", 'name="vat_rate"'),
        ("vat", "invoicing:recurring_new", 'name="vat_rate"'),
        ("vat", "invoicing:more", "/tva"),
        ("vat", "invoicing:exports", "/tva"),
        ("several_people", "settings", "/reglages/transmettre/"),
        ("several_people", "crm:coop_new", 'name="owner"'),
        ("several_people", "missions:mission_new", 'name="team"'),
        ("several_people", "missions:agreement_new", 'name="pair_counts"'),
        ("several_people", "crm:task_add", 'name="owner"'),
        ("several_people", "missions:log", 'name="pair'),
        ("linked_fees", "invoicing:to_bill", "/facturation/honoraires/"),
    ],
)
def test_an_answer_shows_or_hides(
    iris: User, today: Any, code: str, address: str, mark: str
) -> None:
    assert mark in page(iris, address)
    features.answer(**{code: False}, **acting(iris, today))
    assert mark not in page(iris, address)
    features.answer(**{code: True}, **acting(iris, today))
    assert mark in page(iris, address)


def test_what_has_rows_stays_and_the_page_says_so(iris: User, today: Any) -> None:
    features.answer(**NO, **acting(iris, today))
    given_organisation("Ville de Colmar", kind="authority")
    given_issuer()
    person("Ada Lutz", "consultant")
    assert features.still_used() == {"public_sector", "vat", "several_people"}
    assert page(iris, "start:features").count("Encore affiché") == 3
    assert 'name="chorus"' in page(iris, "crm:organisation_new")
    assert 'name="owner"' in page(iris, "crm:coop_new")
    assert not features.is_on("linked_fees")


def test_a_field_that_holds_something_stays_on_its_form(iris: User, today: Any) -> None:
    client = given_organisation("Ville de Colmar", chorus="service", chorus_service="ABC")
    features.answer(**NO, **acting(iris, today))
    assert "ABC" in page(iris, "crm:organisation_edit", client.pk)


def test_alone_one_s_days_are_valid_once_sent(iris: User, today: Any) -> None:
    starting.say_who_we_are(**who(), **acting(iris, today))
    assert Structure.objects.get().day_validation == "coordinator"
    starting.work_alone(**acting(iris, today))
    assert Structure.objects.get().day_validation == "none"
    assert 'href="/journees/a-valider/"' not in page(iris, "missions:days")
    answers = {**NO, "several_people": True}
    starting.say_what_we_use(**answers, **acting(iris, today))
    assert Structure.objects.get().day_validation == "coordinator"


def test_with_colleagues_nobody_works_alone(iris: User, today: Any) -> None:
    person("Ada Lutz", "consultant")
    with pytest.raises(Refused) as refused:
        starting.work_alone(**acting(iris, today))
    assert refused.value.missing[0].url == reverse("users")


def who(**more: Any) -> dict[str, Any]:
    return {
        "legal_name": "Coop’Épi",
        "legal_form": "Association loi de 1901",
        "siren": "732829320",
        "street": "1 rue X",
        "postcode": "67000",
        "city": "Strasbourg",
        "iban": "FR1420041010050500013M02606",
        "regime": "receipts",
        **more,
    }


def test_no_vat_writes_the_small_business_exemption(iris: User, today: Any) -> None:
    profile = starting.say_who_we_are(**who(), **acting(iris, today))
    assert (profile.vat_number, profile.vat_rate) == ("FR44732829320", 20)
    assert Feature.objects.get(code="vat").is_on
    starting.say_what_we_use(**NO, **acting(iris, today))
    held = IssuerProfile.objects.get()
    assert (held.regime, held.vat_rate, held.vat_number) == ("franchise", 0, "")
    assert (held.siren, held.iban) == ("732829320", "FR1420041010050500013M02606")
    assert not features.is_on("vat")
    starting.say_what_we_use(**{**NO, "vat": True}, **acting(iris, today))
    held.refresh_from_db()
    assert (held.regime, held.vat_rate, held.vat_number) == ("receipts", 20, "FR44732829320")


def test_vat_is_not_changed_behind_issued_invoices(iris: User, today: Any) -> None:
    given_issuer()
    given_invoice()
    features.answer(vat=True, **acting(iris, today))
    with pytest.raises(Refused) as refused:
        starting.say_what_we_use(**NO, **acting(iris, today))
    assert refused.value.missing[0].url == reverse("crm:issuer_new")
    assert features.answers() == {"vat": True}
