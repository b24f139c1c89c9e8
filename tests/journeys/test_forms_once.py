"""Bad luck in front of a form: a double click, the back button, two tabs, an expired session."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from crm.models import Contact
from essaim.models import User
from missions.models import Expense, Mission, MissionDay
from tests.conftest import person
from tests.given_crm import given_coop
from tests.given_missions import given_agreement, given_mission
from tests.journeys.conftest import DESK, PHONE

LOG = "/journees/noter/"


@pytest.fixture
def mission(ada: User, basile: User) -> Mission:
    now = timezone.localdate()
    coop = given_coop("Coop’Épi", owner=ada, by=basile, on=now - timedelta(days=60))
    agreement = given_agreement(coop, days=20, by=basile, on=now)
    return given_mission(agreement, team=[ada], by=basile, on=now)


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


def fill(page: Page, subject: str) -> None:
    page.locator("input[name=mission]").first.check(force=True)
    page.get_by_label("Matin").check(force=True)
    page.get_by_label(re.compile("Objet")).fill(subject)


@pytest.mark.both_engines
def test_a_double_click_then_the_back_button(
    open_as: Any, seen: Any, ada: User, mission: Mission
) -> None:
    seen.allow("409")
    page = open_as(ada, PHONE, javascript=False)
    page.goto(LOG)
    fill(page, "Bail commercial")
    # The answers open beside it: the page stays as the back button would bring it back.
    form = page.locator("main form[data-once]")
    form.evaluate("form => { form.target = '_blank'; }")
    page.locator("[data-save]").dblclick()
    page.wait_for_timeout(1000)
    answers = [one for one in page.context.pages if one != page]
    assert len(answers) == 2
    for answer in answers:
        expect(answer.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert MissionDay.objects.count() == 1
    # Another subject under the same page: asked, then recorded on purpose.
    form.evaluate("form => { form.target = ''; }")
    fill(page, "Statuts")
    page.get_by_label("Après-midi").check(force=True)
    page.locator("[data-save]").click()
    note = page.locator("#sent-before")
    expect(note).to_contain_text("déjà été envoyée à")
    expect(page.get_by_label(re.compile("Objet"))).to_have_value("Statuts")
    assert MissionDay.objects.count() == 1
    page.locator("[data-save]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert MissionDay.objects.count() == 2


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_two_tabs_show_both_values(
    open_as: Any,
    seen: Any,
    basile: User,
    dark: bool,  # noqa: FBT001
) -> None:
    seen.allow("409")
    other = person("Lise Roy", "coordinator")
    row = Contact.objects.create(first_name="Zoé", last_name="Kern")
    address = reverse("crm:contact_edit", args=(row.pk,))
    mine = open_as(basile, PHONE if dark else DESK, dark=dark)
    theirs = open_as(other, DESK)
    mine.goto(address)
    theirs.goto(address)
    theirs.get_by_label("Prénom").fill("Zoée")
    theirs.locator("[data-save]").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Zoée")
    mine.get_by_label("Prénom").fill("Zoë")
    mine.locator("[data-save]").click()
    note = mine.locator("#changed")
    expect(note).to_contain_text("Modifié par Lise Roy à")
    expect(note.get_by_label("Valeur actuelle : Zoée")).to_be_visible()
    clean(mine)
    note.get_by_label("Ce que vous avez tapé : Zoë").check()
    mine.locator("[data-save]").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text("Zoë")
    assert Contact.objects.get().first_name == "Zoë"


def test_a_session_that_expired_loses_no_word(open_as: Any, ada: User, mission: Mission) -> None:
    page = open_as(ada, PHONE)
    page.goto(LOG)
    fill(page, "Une longue histoire")
    page.context.clear_cookies(name="sessionid")
    page.locator("[data-save]").click()
    page.get_by_label("Courriel").fill(ada.email)
    page.get_by_label("Mot de passe", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page.locator("#resumed")).to_contain_text("rien n’est perdu")
    expect(page.get_by_label(re.compile("Objet"))).to_have_value("Une longue histoire")
    assert MissionDay.objects.count() == 0
    clean(page)
    page.locator("[data-save]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est noté")
    assert MissionDay.objects.get().subject == "Une longue histoire"


def test_a_photo_survives_a_refusal_and_signing_in_again(
    open_as: Any, seen: Any, ada: User, mission: Mission, tmp_path: Path
) -> None:
    seen.allow("422", "409")
    photo = tmp_path / "ticket.png"
    Image.new("RGB", (8, 8)).save(photo)
    page = open_as(ada, PHONE)
    page.goto(reverse("missions:expense_new"))
    page.locator("input[type=file]").first.set_input_files(photo)
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("Le fichier choisi est toujours là : ticket.png")).to_be_visible()
    # Refused for itself, a file does not come back.
    words = tmp_path / "words.pdf"
    words.write_text("no paper")
    page.locator("input[name=mission]").first.check(force=True)
    page.locator("input[name=treatment][value=kept]").check(force=True)
    page.get_by_label(re.compile("Pour quoi")).fill("Train")
    page.get_by_label(re.compile("Montant")).fill("12,50")
    page.locator("input[type=file]").first.set_input_files([])
    page.locator("input[type=file]").last.set_input_files(words)
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("Les fichiers sont à choisir de nouveau")).to_be_visible()
    page.locator("input[type=file]").first.set_input_files(photo)
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("Le frais est noté")).to_be_visible()
    assert Expense.objects.get().receipt is not None
