"""Signing in by e-mail: who gets in, who does not, and what strangers learn (nothing)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from essaim.models import User
from tests.conftest import person, signed_in

pytestmark = pytest.mark.django_db
SIGN_IN, FORGOTTEN = "/compte/connexion/", "/compte/mot-de-passe/oublie/"
RIGHT, NEW = "correct horse battery", "agrafe cheval pile"


def tried(address: str, password: str, browser: Client | None = None) -> Any:
    return (browser or Client()).post(SIGN_IN, {"login": address, "password": password})


def inside(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def words(answer: Any) -> str:
    """The page without what is new at each answer or was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"[\w.]+@essaim\.test", "", page)


def test_the_right_password_opens_the_day(ada: User) -> None:
    browser = Client()
    answer = tried("ada@essaim.test", RIGHT, browser)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert inside(browser)


def test_an_address_is_known_whatever_its_case(ada: User) -> None:
    assert tried("Ada@ESSAIM.test", RIGHT).status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ada: User) -> None:
    wrong, unknown = tried("ada@essaim.test", "x"), tried("nobody@essaim.test", "x")
    assert (wrong.status_code, unknown.status_code) == (200, 200)
    assert words(wrong) == words(unknown)
    assert wrong.context["form"].errors


def test_a_closed_account_does_not_get_in(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    browser = Client()
    tried("ada@essaim.test", RIGHT, browser)
    assert not inside(browser)


def test_an_invited_person_without_a_password_does_not_get_in(db: None) -> None:
    User.objects.create_user("lea@essaim.test", name="Léa", is_consultant=True)
    for password in ("", "!", RIGHT):
        browser = Client()
        tried("lea@essaim.test", password, browser)
        assert not inside(browser)


def test_signing_in_changes_the_session_key(ada: User) -> None:
    browser = Client()
    browser.get(SIGN_IN)
    session = browser.session
    session["seen"] = True
    session.save()
    before = session.session_key
    browser.cookies[project.SESSION_COOKIE_NAME] = before
    tried("ada@essaim.test", RIGHT, browser)
    assert browser.session.session_key != before


def test_signing_out_needs_a_post_and_ends_the_session(ada: User) -> None:
    browser = signed_in(ada)
    browser.get("/compte/deconnexion/")
    assert inside(browser)
    browser.post("/compte/deconnexion/")
    assert not inside(browser)


def test_it_comes_back_to_the_page_asked_for_and_to_no_other_site(ada: User) -> None:
    here = Client().post(
        SIGN_IN, {"login": ada.email, "password": RIGHT, "next": "/reglages/personnes/"}
    )
    away = Client().post(
        SIGN_IN, {"login": ada.email, "password": RIGHT, "next": "https://evil.test/"}
    )
    assert (here["Location"], away["Location"]) == ("/reglages/personnes/", "/")


@pytest.fixture
def lock_out(settings: Any) -> Any:
    """The limits of production, which the other tests go without."""
    settings.ACCOUNT_RATE_LIMITS = LIMITS
    cache.clear()
    yield
    cache.clear()


LIMITS = dict(project.ACCOUNT_RATE_LIMITS)


@pytest.mark.usefixtures("lock_out")
def test_failures_lock_the_address_out_even_for_the_right_password(ada: User) -> None:
    for _ in range(5):
        tried("ada@essaim.test", "wrong")
    browser = Client()
    answer = tried("ada@essaim.test", RIGHT, browser)
    assert answer.status_code in (200, 429)
    assert not inside(browser)
    # An unknown address is locked out alike.
    for _ in range(5):
        unknown = tried("nobody@essaim.test", "wrong")
    assert unknown.status_code == tried("ada@essaim.test", RIGHT).status_code


@pytest.mark.usefixtures("lock_out")
def test_a_few_failures_do_not_lock_anybody_out(ada: User) -> None:
    for _ in range(3):
        tried("ada@essaim.test", "wrong")
    assert tried("ada@essaim.test", RIGHT).status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_confirm_email",
        "account_request_login_code",
        "account_signup_by_passkey",
    ],
)
def test_addresses_of_allauth_that_nobody_needs_are_not_routed(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("address", ["/compte/inscription/", "/accounts/signup/", "/signup/"])
def test_there_is_no_way_to_sign_up(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.post(address, {"email": "x@essaim.test"}).status_code == 404
    assert not User.objects.exists()


# -- passwords ----------------------------------------------------------------------------------


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/compte/mot-de-passe/nouveau/\S+)", text)
    assert found, text
    return found.group(1)


def chosen(browser: Client, link: str, password: str = NEW) -> Any:
    """Open the link of a mail and choose a password."""
    form = browser.get(link, follow=True)
    return browser.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_forgotten_password_is_chosen_again_by_mail(ada: User) -> None:
    browser = Client()
    browser.post(FORGOTTEN, {"email": "ada@essaim.test"})
    assert mail.outbox[0].to == ["ada@essaim.test"]
    link = link_in(str(mail.outbox[0].body))
    assert chosen(browser, link).status_code == 302
    assert tried("ada@essaim.test", RIGHT).status_code == 200
    assert tried("ada@essaim.test", NEW).status_code == 302
    # The link has served.
    again = Client()
    chosen(again, link, "encore un autre mot")
    assert tried("ada@essaim.test", NEW).status_code == 302


def test_a_known_and_an_unknown_address_get_the_same_answer_and_only_one_gets_mail(
    ada: User,
) -> None:
    known = Client().post(FORGOTTEN, {"email": "ada@essaim.test"}, follow=True)
    unknown = Client().post(FORGOTTEN, {"email": "nobody@essaim.test"}, follow=True)
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert words(known) == words(unknown)
    assert [m.to for m in mail.outbox] == [["ada@essaim.test"]]


def test_a_closed_account_gets_no_mail(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    Client().post(FORGOTTEN, {"email": "ada@essaim.test"})
    assert mail.outbox == []


@pytest.mark.parametrize("weak", ["court", "1234567890123", "password123"])
def test_a_weak_password_is_refused(ada: User, weak: str) -> None:
    browser = Client()
    browser.post(FORGOTTEN, {"email": "ada@essaim.test"})
    answer = chosen(browser, link_in(str(mail.outbox[0].body)), weak)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert tried("ada@essaim.test", RIGHT).status_code == 302


def test_somebody_signed_in_changes_their_own_password(ada: User) -> None:
    browser = signed_in(ada)
    data = {"oldpassword": RIGHT, "password1": NEW, "password2": NEW}
    assert browser.post("/compte/mot-de-passe/", data).status_code == 302
    assert tried("ada@essaim.test", NEW).status_code == 302


def invited() -> str:
    office = signed_in(person("Farid Kern", "administrator"))
    data = {"email": "lea@essaim.test", "name": "Léa Adam", "roles": ["consultant"]}
    office.post("/reglages/personnes/inviter/", data)
    call_command("send_outbox")
    return link_in(str(mail.outbox[-1].body))


def test_an_invitation_leads_to_a_password_and_inside(db: None) -> None:
    link = invited()
    browser = Client()
    assert chosen(browser, link).status_code == 302
    browser = Client()
    assert tried("lea@essaim.test", NEW, browser).status_code == 302
    assert inside(browser)


def test_an_invitation_too_old_is_refused_and_a_new_one_is_asked_by_the_person(
    db: None, monkeypatch: Any
) -> None:
    link = invited()
    later = timezone.now() + timedelta(days=10)
    monkeypatch.setattr(
        "django.contrib.auth.tokens.PasswordResetTokenGenerator._now",
        lambda self: later.replace(tzinfo=None),
    )
    chosen(Client(), link)
    assert tried("lea@essaim.test", NEW).status_code == 200
    Client().post(FORGOTTEN, {"email": "lea@essaim.test"})
    chosen(Client(), link_in(str(mail.outbox[-1].body)))
    assert tried("lea@essaim.test", NEW).status_code == 302


PAGES = [
    SIGN_IN,
    FORGOTTEN,
    FORGOTTEN + "envoye/",
    "/compte/inactif/",
    "/compte/mot-de-passe/nouveau/1-x-y/",
    "/compte/mot-de-passe/nouveau/fait/",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_of_an_account_stands_for_strangers(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert 'lang="fr"' in answer.content.decode()


@pytest.mark.parametrize("address", ["/compte/deconnexion/", "/compte/mot-de-passe/"])
def test_every_page_of_an_account_stands_for_those_inside(ada: User, address: str) -> None:
    assert signed_in(ada).get(address).status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/reglages/personnes/")
    assert answer["Location"] == f"{SIGN_IN}?next=/reglages/personnes/"
