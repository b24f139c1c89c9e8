"""An expired session in the middle of a form: what was typed comes back after signing in."""

import re
from datetime import date
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Coop
from essaim.models import User
from essaim.views.resumed import MOST, STORE
from missions.models import Mission, MissionDay
from tests.conftest import person, signed_in
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_mission
from tests.test_forms_sent_once import main_key, typed

pytestmark = pytest.mark.django_db
LOG = "/journees/noter/"
PASSWORD = "correct horse battery"
BACK = "Vous aviez été déconnecté"
TOO_OLD = "La page était trop ancienne"


@pytest.fixture
def coop(ada: User) -> Coop:
    return given_coop(owner=ada, on=date(2026, 1, 5))


@pytest.fixture
def mission(coop: Coop, ada: User) -> Mission:
    now = timezone.localdate()
    return given_mission(given_agreement(coop, days=20, on=now), team=[ada], on=now)


def sign_in(browser: Client, user: User, way_back: str) -> Any:
    answer = browser.post(
        "/compte/connexion/", {"login": user.email, "password": PASSWORD, "next": way_back}
    )
    assert answer.status_code == 302
    return answer


def way_back_of(answer: Any) -> str:
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/connexion/?next=")
    return str(answer["Location"].partition("next=")[2])


def new_day(mission: Mission, **more: Any) -> dict[str, Any]:
    return typed(mission, timezone.localdate(), subject="Une longue histoire", **more)


def test_what_was_typed_comes_back_after_signing_in(ada: User, mission: Mission) -> None:
    key, browser = main_key(signed_in(ada), LOG), Client()
    way_back = way_back_of(browser.post(LOG, new_day(mission, form_key=key)))
    assert MissionDay.objects.count() == 0
    page = browser.get(sign_in(browser, ada, way_back)["Location"]).content.decode()
    assert BACK in page
    assert 'value="Une longue histoire"' in page
    # The form kept its key: sent now, it is recorded; and only once.
    assert key in page
    for _time in range(2):
        assert browser.post(LOG, new_day(mission, form_key=key)).status_code == 302
    assert MissionDay.objects.count() == 1
    assert BACK not in browser.get(LOG).content.decode()


def test_the_rows_of_a_form_come_back_with_it(ada: User, coop: Coop) -> None:
    address = reverse("crm:note_new", args=(coop.pk,))
    key, browser = main_key(signed_in(ada), address), Client()
    rows = {"next-TOTAL_FORMS": "3", "next-INITIAL_FORMS": "0", "next-0-what": "Appeler la mairie"}
    data = {"kind": "note", "title": "Au téléphone", "form_key": key, **rows}
    way_back = way_back_of(browser.post(address, data))
    assert "il vous attend" in browser.get("/compte/connexion/").content.decode()
    page = browser.get(sign_in(browser, ada, way_back)["Location"]).content.decode()
    assert BACK in page
    assert 'value="Appeler la mairie"' in page
    assert "ManagementForm" not in page


def test_another_person_never_gets_it(ada: User, mission: Mission) -> None:
    key, browser = main_key(signed_in(ada), LOG), Client()
    way_back = way_back_of(browser.post(LOG, new_day(mission, form_key=key)))
    ines = person("Lise Roy", "consultant")
    page = browser.get(sign_in(browser, ines, way_back)["Location"]).content.decode()
    assert "Une longue histoire" not in page
    assert STORE not in browser.session


def test_nobody_fills_a_session_without_a_key_of_ours(mission: Mission) -> None:
    browser = Client()
    browser.post(LOG, new_day(mission))
    browser.post(LOG, new_day(mission, form_key="1~1.2.3:forged"))
    assert STORE not in browser.session


def test_what_is_too_long_is_not_kept(ada: User, mission: Mission) -> None:
    key, browser = main_key(signed_in(ada), LOG), Client()
    browser.post(LOG, new_day(mission, form_key=key, note_text="x" * MOST))
    assert STORE not in browser.session


def test_a_file_is_to_be_chosen_again_and_the_page_says_so(ada: User, mission: Mission) -> None:
    address = reverse("missions:expense_new")
    key, browser = main_key(signed_in(ada), address), Client()
    photo = SimpleUploadedFile("ticket.jpg", b"not kept", "image/jpeg")
    data = {"label": "Train de Metz", "receipt": photo, "form_key": key}
    way_back = way_back_of(browser.post(address, data))
    page = browser.get(sign_in(browser, ada, way_back)["Location"]).content.decode()
    assert 'value="Train de Metz"' in page
    assert "Les fichiers sont à choisir de nouveau" in page


def test_signing_in_in_another_tab_loses_no_word(ada: User, mission: Mission) -> None:
    """Signing in changes the token against forgery: the tab left open has the old one."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    key = main_key(browser, LOG)
    answer = browser.post(LOG, new_day(mission, form_key=key, csrfmiddlewaretoken="x" * 64))
    assert (answer.status_code, answer["Location"]) == (302, LOG)
    assert MissionDay.objects.count() == 0
    page = browser.get(LOG).content.decode()
    assert TOO_OLD in page
    assert 'value="Une longue histoire"' in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    again = new_day(mission, form_key=key, csrfmiddlewaretoken=token[1])
    assert browser.post(LOG, again).status_code == 302
    assert MissionDay.objects.count() == 1


def test_a_forged_form_is_refused_as_before(ada: User, mission: Mission) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    other = main_key(signed_in(person("Lise Roy", "consultant")), LOG)
    for key in ("", other):
        answer = browser.post(LOG, new_day(mission, form_key=key))
        assert answer.status_code == 403
    assert STORE not in browser.session


def test_a_button_leads_back_to_the_page_it_stood_on(client: Client) -> None:
    page = "http://testserver/journees/a-valider/?show=late"
    answer = client.post(reverse("missions:validate"), {"pk": 1}, headers={"Referer": page})
    assert answer["Location"].endswith("next=/journees/a-valider/%3Fshow%3Dlate")
    answer = client.post(reverse("missions:validate"), {"pk": 1})
    assert answer["Location"].endswith("next=/")


def test_a_refused_form_says_that_its_photo_is_to_be_taken_again(
    ada: User, mission: Mission
) -> None:
    photo = SimpleUploadedFile("ticket.jpg", b"not kept", "image/jpeg")
    data = {"label": "Train de Metz", "receipt": photo}
    answer = signed_in(ada).post(reverse("missions:expense_new"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Train de Metz"' in page
    assert "Les fichiers sont à choisir de nouveau" in page


def test_what_was_typed_comes_back_after_a_second_factor_too(ada: User, mission: Mission) -> None:
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    key, browser = main_key(signed_in(ada), LOG), Client()
    way_back = way_back_of(browser.post(LOG, new_day(mission, form_key=key)))
    asked = sign_in(browser, ada, way_back)
    assert "authentif" in asked["Location"] or "authenticate" in asked["Location"]
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    answer = browser.post(asked["Location"], {"code": code})
    assert answer.status_code == 302
    page = browser.get(answer["Location"]).content.decode()
    assert BACK in page
    assert 'value="Une longue histoire"' in page


def test_the_demonstration_leads_back_too(ada: User, settings: Any) -> None:
    settings.DEMO = True
    for wanted, led in ((LOG, LOG), ("//evil.example/", "/"), ("", "/")):
        answer = Client().post("/demonstration/", {"email": ada.email, "next": wanted})
        assert answer["Location"] == led
