"""The browser itself: a person signs in and reaches the first page, on a desk and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from essaim.models import User
from tests.journeys.conftest import DESK, PHONE


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_a_person_signs_in_with_her_password(open_as: Any, ada: User, screen: Any) -> None:
    page = open_as(None, screen)
    page.goto("/")
    page.get_by_label("Courriel").fill(ada.email)
    page.get_by_label("Mot de passe", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")


def test_the_first_page_works_without_javascript(open_as: Any, ada: User) -> None:
    page = open_as(ada, PHONE, javascript=False)
    page.goto("/")
    page.get_by_role("link", name="Noter une journée").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noter une journée")
