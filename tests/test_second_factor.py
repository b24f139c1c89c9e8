"""A second factor: set up, asked, lost, required of some; and the sessions one has open."""

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from essaim.models import Event, User
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
RIGHT = "correct horse battery"
SIGN_IN, SET_UP = reverse("account_login"), reverse("mfa_activate_totp")


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.clear()


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def entered(user: User) -> Client:
    browser = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) Firefox/140.0")
    browser.post(SIGN_IN, {"login": user.email, "password": RIGHT})
    return browser


def given_application(user: User) -> str:
    """The secret of an application that this person has set up."""
    secret = "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(
        user=user, type="totp", data={"secret": get_adapter().encrypt(secret)}
    )
    return secret


def test_an_application_is_set_up_with_its_first_code_and_gives_recovery_codes(ada: User) -> None:
    browser = entered(ada)
    asked = browser.get(SET_UP)["Location"]
    assert browser.post(asked, {"password": "wrong"}).status_code == 200
    assert browser.post(asked, {"password": RIGHT})["Location"] == SET_UP
    page = browser.get(SET_UP)
    secret = page.context["form"].secret
    assert b"data:image/svg+xml" in page.content
    assert browser.post(SET_UP, {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    done = browser.post(SET_UP, {"code": code_for(secret)}, follow=True)
    assert done.status_code == 200
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert done.content.decode().count("<code>") == 10


def test_the_secret_is_not_kept_in_clear(ada: User) -> None:
    secret = given_application(ada)
    kept = Authenticator.objects.get().data["secret"]
    assert secret not in kept
    assert TOTP(Authenticator.objects.get()).validate_code(code_for(secret))


def test_the_password_alone_no_longer_opens(ada: User) -> None:
    secret = given_application(ada)
    browser = Client()
    answer = browser.post(SIGN_IN, {"login": ada.email, "password": RIGHT})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert browser.get("/").status_code == 302
    assert "application" in browser.get(answer["Location"]).content.decode()
    assert browser.post(answer["Location"], {"code": "000000"}).status_code == 200
    assert browser.get("/").status_code == 302
    assert browser.post(answer["Location"], {"code": code_for(secret)})["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_recovery_code_opens_once(ada: User) -> None:
    given_application(ada)
    code = RecoveryCodes.activate(ada).get_unused_codes()[0]
    for opens in (True, False):
        browser = Client()
        answer = browser.post(SIGN_IN, {"login": ada.email, "password": RIGHT})
        browser.post(answer["Location"], {"code": code})
        assert (browser.get("/").status_code == 200) is opens


def test_an_old_session_confirms_before_it_changes_anything(ada: User) -> None:
    browser = signed_in(ada)
    answer = browser.get(SET_UP)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert "Est-ce bien vous" in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("persona", "stopped"), [("ada", False), ("basile", False), ("chloe", True), ("farid", True)]
)
def test_where_it_is_required_some_reach_nothing_without_it(
    persona: str,
    stopped: bool,  # noqa: FBT001
    request: Any,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR = "required"
    user = request.getfixturevalue(persona)
    browser = entered(user)
    for address in ("/", "/coops/", "/reglages/"):
        answer = browser.get(address)
        assert (answer.status_code == 302) is stopped
    if stopped:
        assert answer["Location"] == reverse("mfa_index")
        shown = browser.get(reverse("mfa_index")).content.decode()
        assert "second facteur" in shown
        given_application(user)
        assert browser.get("/").status_code == 200
        Authenticator.objects.all().delete()
        assert browser.get("/").status_code == 302


def test_recovery_codes_alone_are_no_second_factor(chloe: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    RecoveryCodes.activate(chloe)
    assert signed_in(chloe).get("/").status_code == 302


def test_an_administrator_takes_a_lost_factor_off(ada: User, farid: User) -> None:
    given_application(ada)
    address = reverse("user_second_factor", args=(ada.pk,))
    assert signed_in(ada).post(address).status_code == 403
    browser = signed_in(farid)
    assert address in browser.get(reverse("user_edit", args=(ada.pk,))).content.decode()
    assert browser.post(address).status_code == 302
    assert not Authenticator.objects.exists()
    assert Event.objects.filter(verb="essaim.User.reset_second_factor", by=farid).exists()
    assert browser.post(address).status_code == 409
    assert entered(ada).get("/").status_code == 200


def test_i_see_my_sessions_and_close_the_others(ada: User) -> None:
    here, there = entered(ada), entered(ada)
    address = reverse("usersessions_list")
    shown = here.get(address).content.decode()
    assert shown.count("<b>Firefox, Linux</b>") == 2
    assert "celui-ci" in shown
    here.post(address)
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


def test_the_pages_of_keys_are_there(ada: User) -> None:
    browser = entered(ada)
    browser.post(reverse("account_reauthenticate"), {"password": RIGHT})
    for name in ("mfa_index", "mfa_list_webauthn", "mfa_add_webauthn", "usersessions_list"):
        assert browser.get(reverse(name)).status_code == 200
    assert "clé d’accès" in Client().get(SIGN_IN).content.decode()
