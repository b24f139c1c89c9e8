"""Two tabs on the same thing: both values are shown, one is chosen, nothing is overwritten."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Contact, Coop, IssuerProfile
from essaim.models import User
from essaim.views import FormPage
from missions.models import Agreement, MissionDay
from tests.conftest import person, signed_in
from tests.given_crm import given_coop
from tests.given_invoicing import given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
INPUT = re.compile(r"<(input|textarea|select|option|button)\b([^>]*)>([^<]*)")
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would post of the form the page is about, left alone."""
    start = page.index("data-once", page.index("<main"))
    found: dict[str, list[str]] = {}
    select = ""
    for tag, attributes, text in INPUT.findall(page[start : page.index("</form>", start)]):
        given = {k: _text(v) for k, v in ATTRIBUTE.findall(attributes)}
        name, value = given.get("name", ""), given.get("value", "on")
        if tag == "select":
            select = name
        elif tag == "option" and "selected" in given:
            found.setdefault(select, []).append(value)
        elif tag == "textarea":
            found[name] = [_text(text).lstrip("\n")]
        elif tag == "input" and name and _is_posted(given):
            found.setdefault(name, []).append(given.get("value", ""))
    return found


def _is_posted(given: dict[str, str]) -> bool:
    kind = given.get("type", "text")
    return kind != "file" and (kind not in ("radio", "checkbox") or "checked" in given)


def _text(words: str) -> str:
    for code, char in (("&#x27;", "'"), ("&quot;", '"'), ("&lt;", "<"), ("&amp;", "&")):
        words = words.replace(code, char)
    return words


def opened(user: User, address: str) -> tuple[Any, dict[str, list[str]]]:
    browser = signed_in(user)
    return browser, fields_of(browser.get(address).content.decode())


CASES = ["coop", "contact", "day", "agreement", "issuer"]


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada, on=date(2026, 1, 5))


@pytest.fixture
def case(request: Any, coop: Coop, ada: User, basile: User, chloe: User) -> Any:
    """Who edits what: (first, second, address, field, other field, how to read the row)."""
    today = timezone.localdate() - timedelta(days=1)
    second = person("Inès Roy", "coordinator", "accountant")
    if request.param == "coop":
        address = reverse("crm:coop_edit", args=(coop.pk,))
        return basile, second, address, "commune", "epci", lambda: Coop.objects.get()
    if request.param == "contact":
        row = Contact.objects.create(first_name="Zoé", last_name="Kern")
        address = reverse("crm:contact_edit", args=(row.pk,))
        return basile, second, address, "first_name", "last_name", lambda: Contact.objects.get()
    if request.param == "issuer":
        given_issuer()
        address = reverse("crm:issuer_new")
        one = IssuerProfile.objects.first
        return chloe, second, address, "legal_name", "city", one
    agreement = given_agreement(coop, days=20, signed=False, on=today)
    if request.param == "agreement":
        address = reverse("missions:agreement_edit", args=(agreement.pk,))
        return basile, second, address, "title", "days_budgeted", lambda: Agreement.objects.get()
    return _day_case(ada, agreement, today)


def _day_case(ada: User, agreement: Agreement, today: date) -> Any:
    mission = given_mission(agreement, team=[ada], on=today)
    day = given_day(ada, mission, today, validated=False, today=today)
    address = reverse("missions:day_edit", args=(day.pk,))
    return ada, ada, address, "subject", "km", lambda: MissionDay.objects.get()


@pytest.mark.parametrize("case", CASES, indirect=True)
def test_both_values_are_shown_and_what_is_chosen_is_kept(case: Any) -> None:
    first, second, address, name, other, row = case
    mine, typed = opened(first, address)
    theirs, later = opened(second, address)
    later |= {name: ["Premier"], other: ["7"]}
    assert theirs.post(address, later).status_code == 302
    typed |= {name: ["Second"]}
    answer = mine.post(address, typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    who = "par vous" if first == second else f"par {second.name}"
    assert re.search(rf"Modifié {who} à \d\d:\d\d", page)
    assert "Premier" in page
    assert "Second" in page
    assert getattr(row(), name) == "Premier"
    # What the other alone changed stands in the form already.
    again = fields_of(page)
    assert again[other][0].startswith("7")
    # Without a choice it is asked again; with one, it is done.
    assert mine.post(address, again).status_code == 409
    again = fields_of(mine.post(address, again).content.decode())
    assert mine.post(address, again | {f"keep_{name}": ["mine"]}).status_code == 302
    assert getattr(row(), name) == "Second"
    assert str(getattr(row(), other)).startswith("7")


@pytest.mark.parametrize("case", CASES, indirect=True)
def test_what_the_other_changed_alone_is_kept_without_asking(case: Any) -> None:
    first, second, address, name, other, row = case
    mine, typed = opened(first, address)
    theirs, later = opened(second, address)
    assert theirs.post(address, later | {name: ["Premier"]}).status_code == 302
    assert mine.post(address, typed | {other: ["7"]}).status_code == 302
    assert getattr(row(), name) == "Premier"
    assert str(getattr(row(), other)).startswith("7")


@pytest.mark.parametrize("case", ["contact"], indirect=True)
def test_the_present_value_may_be_chosen(case: Any) -> None:
    first, second, address, name, _other, row = case
    mine, typed = opened(first, address)
    theirs, later = opened(second, address)
    theirs.post(address, later | {name: ["Premier"]})
    page = mine.post(address, typed | {name: ["Second"]}).content.decode()
    again = fields_of(page) | {f"keep_{name}": ["theirs"]}
    assert mine.post(address, again).status_code == 302
    assert getattr(row(), name) == "Premier"


@pytest.mark.parametrize("case", ["contact"], indirect=True)
def test_a_change_the_trail_does_not_tell_has_no_name(case: Any) -> None:
    first, _second, address, name, _other, _row = case
    mine, typed = opened(first, address)
    Contact.objects.update(first_name="Ailleurs")
    answer = mine.post(address, typed | {name: ["Second"]})
    assert answer.status_code == 409
    assert "Modifié par quelqu’un d’autre" in answer.content.decode()


def test_the_same_words_typed_twice_are_no_conflict(coop: Coop, basile: User) -> None:
    row = Contact.objects.create(first_name="Zoé", last_name="Kern")
    address = reverse("crm:contact_edit", args=(row.pk,))
    mine, typed = opened(basile, address)
    Contact.objects.update(first_name="Zoée")
    assert mine.post(address, typed | {"first_name": ["Zoée"]}).status_code == 302


@pytest.mark.django_db
def test_a_number_is_the_same_however_it_is_written(basile: User, coop: Coop) -> None:
    agreement = given_agreement(coop, days="20.00", signed=False, on=timezone.localdate())
    address = reverse("missions:agreement_edit", args=(agreement.pk,))
    mine, typed = opened(basile, address)
    Agreement.objects.update(days_budgeted=Decimal(30))
    assert mine.post(address, typed | {"days_budgeted": ["20"]}).status_code == 302
    assert Agreement.objects.get().days_budgeted == 30


def test_a_change_between_the_look_and_the_write_is_seen(
    coop: Coop, basile: User, monkeypatch: Any
) -> None:
    row = Contact.objects.create(first_name="Zoé", last_name="Kern")
    address = reverse("crm:contact_edit", args=(row.pk,))
    mine, typed = opened(basile, address)
    look = FormPage.record

    def late(page: Any, form: Any) -> Any:
        Contact.objects.update(first_name="Ailleurs")
        return look(page, form)

    monkeypatch.setattr(FormPage, "record", late)
    answer = mine.post(address, typed | {"last_name": ["Roth"]})
    assert answer.status_code == 409
    assert "à l’instant même" in answer.content.decode()
    assert Contact.objects.get().last_name == "Kern"
