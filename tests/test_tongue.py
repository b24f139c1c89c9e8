"""The language of a page is its reader's, and nothing of it is left for the next request."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_language, override

from essaim.models import User
from essaim.tongue import COOKIE
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def speaks(answer: Any) -> str:
    words = answer.content.decode()
    for code, _name in django_settings.LANGUAGES:
        if f'<html lang="{code}">' in words:
            assert answer.headers["Content-Language"] == code
            return code
    raise AssertionError(words[:200])


@pytest.fixture
def english(chloe: User) -> User:
    chloe.language = "en"
    chloe.save()
    return chloe


def test_a_page_speaks_its_readers_language(ada: User, english: User) -> None:
    french, other = signed_in(ada).get("/"), signed_in(english).get("/")
    assert (speaks(french), speaks(other)) == ("fr", "en")
    assert "Aujourd’hui" in french.content.decode()
    assert "Today" in other.content.decode() and "Aujourd’hui" not in other.content.decode()
    assert get_language() == "fr"


def test_the_browsers_own_wishes_change_nothing(ada: User) -> None:
    browser = signed_in(ada)
    assert speaks(browser.get("/", headers={"accept-language": "en"})) == "fr"
    assert speaks(Client().get(reverse("account_login"), headers={"accept-language": "en"})) == "fr"


def test_the_sign_in_page_keeps_the_language_last_chosen_here() -> None:
    browser = Client()
    assert speaks(browser.get(reverse("account_login"))) == "fr"
    answer = browser.post(reverse("my_language"), {"language": "en", "next": "/compte/connexion/"})
    assert answer["Location"] == "/compte/connexion/"
    assert browser.cookies[COOKIE]["httponly"]
    page = browser.get(reverse("account_login"))
    assert speaks(page) == "en" and "Sign in" in page.content.decode()
    browser.cookies[COOKIE] = "klingon"
    assert speaks(browser.get(reverse("account_login"))) == "fr"


def test_a_person_switches_to_english_and_back(ada: User) -> None:
    browser = signed_in(ada)
    page = browser.post(reverse("my_language"), {"language": "en", "next": "/coops/"}, follow=True)
    assert page.redirect_chain == [("/coops/", 302)]
    assert speaks(page) == "en" and "The screens now speak" in page.content.decode()
    page = browser.post(reverse("my_language"), {"language": "fr"}, follow=True)
    assert page.redirect_chain == [("/compte/", 302)]
    assert speaks(page) == "fr"
    ada.refresh_from_db()
    assert ada.language == "fr"


def test_nothing_leads_away_from_here(ada: User) -> None:
    wrong = {"language": "en", "next": "https://elsewhere.test/"}
    answer = signed_in(ada).post(reverse("my_language"), wrong)
    assert answer["Location"] == "/compte/"


def test_errors_speak_the_language_too(english: User) -> None:
    browser = signed_in(english)
    for address, status in (("/nowhere/", 404), ("/reglages/personnes/", 403)):
        answer = browser.get(address)
        assert (answer.status_code, speaks(answer)) == (status, "en")
    answer = browser.post(reverse("my_language"), {"language": "de"})
    assert (answer.status_code, speaks(answer)) == (400, "en")
    assert "Cette demande" not in answer.content.decode()


def test_a_colon_is_set_as_the_language_wants() -> None:
    page = Template("{% load essaim_tags %}Date{% colon %} 1")
    assert page.render(Context()) == "Date : 1"
    with override("en"):
        assert page.render(Context()) == "Date: 1"
