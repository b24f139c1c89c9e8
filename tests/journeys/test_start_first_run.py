"""From an empty database to the first PDF; leaving and coming back; questions and examples."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from crm.models import Coop
from essaim.models import User
from essaim.roles import Role
from invoicing.models import Invoice
from tests.conftest import person
from tests.journeys.conftest import DESK, PHONE

MOST = 25
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def iris(db: None) -> User:
    """The first person of an office, as `create_person` makes her."""
    return person("Iris Keller", *Role.values)


@dataclass
class Hand:
    """Does what a person does, and counts it: one for each click and each field filled."""

    page: Page
    count: int = 0

    def click(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def press(self, name: str) -> None:
        starts = re.compile(f"^{re.escape(name)}")  # the key stands after the words
        self.click(self.page.get_by_role("button", name=starts))

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name).first)

    def choose(self, words: str) -> None:
        self.click(self.page.get_by_label(words, exact=True))

    def fill(self, label: str, words: str) -> None:
        self.count += 1
        self.page.get_by_label(label).first.fill(words)

    def heads(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)


def clean(page: Page) -> None:
    """No fault axe can see, and nothing to scroll sideways."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide), page.url


def to_the_first_pdf(page: Page, iris: User, *, look: bool) -> Hand:
    """The shortest honest way: sign in, four steps, four questions, a client and a line."""
    hand, seen = Hand(page), clean if look else lambda page: None
    page.goto("/")
    hand.fill("Courriel", iris.email)
    hand.fill("Mot de passe", "correct horse battery")
    hand.press("Se connecter")
    hand.heads("Qui vous êtes")
    seen(page)
    hand.fill("Nom de votre structure", "Les Passeurs d’épicerie")
    hand.choose("Association")
    hand.fill("SIREN", "732 829 320")
    hand.fill("Adresse", "12 rue du Marais vert, 67000 Strasbourg")
    hand.choose("Oui, quand les clients paient")
    hand.fill("IBAN", "FR14 2004 1010 0505 0001 3M02 606")
    hand.press("Enregistrer et continuer")
    hand.heads("Numéros de facture")
    seen(page)
    hand.press("Enregistrer et continuer")
    hand.heads("Qui travaille ici")
    seen(page)
    hand.press("Je suis seul·e")
    hand.heads("Kit de démarrage")
    seen(page)
    hand.press("Prendre le kit proposé")
    hand.heads("Ce que nous utilisons")
    seen(page)
    hand.click(group(page, "Facturez-vous des organismes publics").get_by_label("Non"))
    hand.click(group(page, "honoraires liés").get_by_label("Non"))
    hand.press("Enregistrer")
    hand.heads("Premiers pas")
    seen(page)
    hand.follow("Première facture")
    seen(page)
    hand.fill("Client", "Coop’Épi du Ried")
    hand.fill("Adresse du client", "8 rue Haute\n67600 Sélestat")
    hand.fill("Ce que vous facturez", "Diagnostic du projet")
    hand.fill("Prix unitaire", "480")
    hand.press("La relire avant d’émettre")
    hand.heads("Émettre (numéro définitif)")
    hand.press("Émettre (numéro définitif)")
    with page.expect_download() as got:
        hand.click(page.get_by_role("link", name="Télécharger le PDF"))
    assert got.value.path().read_bytes().startswith(b"%PDF")
    return hand


def group(page: Page, legend: str) -> Locator:
    """The answers under one question."""
    return page.get_by_role("group").filter(has_text=legend)


@pytest.mark.both_engines
def test_the_first_pdf_takes_at_most_twenty_five_gestures(open_as: Any, iris: User) -> None:
    hand = to_the_first_pdf(open_as(None, DESK), iris, look=False)
    assert hand.count <= MOST, hand.count
    held = Invoice.objects.get()
    assert (held.number or "").endswith("-0001")
    assert held.is_issued
    # « Aujourd’hui » then lists what to begin with, and what is done is crossed out.
    hand.follow("Aujourd’hui")
    card = hand.page.locator("section", has_text="Pour commencer")
    expect(card.get_by_role("link", name="Accueillir une première coop")).to_be_visible()
    expect(card.locator("s")).to_have_text(["Émettre une première facture"])
    expect(card.get_by_text("Faire venir vos collègues")).to_have_count(0)
    clean(hand.page)
    hand.press("Ranger cette liste")
    hand.heads("Aujourd’hui")
    expect(card).to_have_count(0)


def test_each_step_holds_on_a_phone_and_axe_finds_no_fault(open_as: Any, iris: User) -> None:
    page = open_as(None, PHONE, dark=True)
    to_the_first_pdf(page, iris, look=True)
    page.set_viewport_size(NARROW)
    for address in ("", "structure/", "kit/choisir/", "exemples/"):
        page.goto(f"/premiers-pas/{address}")
        clean(page)


def test_one_leaves_skips_goes_back_and_resumes_without_javascript(
    open_as: Any, iris: User, seen: Any
) -> None:
    seen.allow("409", "422")
    page = open_as(iris, PHONE, javascript=False)
    hand = Hand(page)
    page.goto("/")
    hand.heads("Qui vous êtes")
    # Mistakes are told beside their field and nothing typed is lost.
    hand.fill("Nom de votre structure", "Les Passeurs")
    hand.fill("SIREN", "123 456 789")
    hand.fill("Adresse", "quelque part")
    hand.press("Enregistrer et continuer")
    expect(page.get_by_label("SIREN").first).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Nom de votre structure")).to_have_value("Les Passeurs")
    # Left as it is: the next visit of « Aujourd’hui » shows where one stands.
    page.goto("/")
    hand.heads("Aujourd’hui")
    expect(page.get_by_text("0 / 4")).to_be_visible()
    hand.follow("Commencer")
    hand.press("Plus tard")
    hand.heads("Numéros de facture")
    hand.fill("Numéro de votre prochaine facture", "FA-2-0042")
    hand.press("Enregistrer et continuer")
    hand.heads("Qui travaille ici")
    hand.follow("Numéros de facture")
    expect(page.get_by_label("Numéro de votre prochaine facture")).to_have_value("FA-2-0042")
    page.goto("/premiers-pas/kit/")
    hand.press("Pas de kit")
    page.goto("/")
    expect(page.get_by_text("3 / 4")).to_be_visible()
    hand.follow("Continuer")
    hand.heads("Qui travaille ici")
    hand.fill("Courriel", "ada@essaim.test")
    hand.fill("Nom", "Ada Lutz")
    hand.choose("Consultant·e")
    hand.press("Envoyer l’invitation")
    expect(page.get_by_text("Ada Lutz").first).to_be_visible()
    hand.follow("Tout le monde est là")
    hand.heads("Ce que nous utilisons")


def test_the_questions_switch_menus_and_the_examples_come_and_go(open_as: Any, iris: User) -> None:
    page = open_as(iris, DESK)
    hand = Hand(page)
    page.goto("/facturation/")
    expect(page.get_by_role("link", name="Honoraires liés").first).to_be_visible()
    page.goto("/premiers-pas/ce-que-nous-utilisons/")
    hand.click(group(page, "honoraires liés").get_by_label("Non"))
    hand.press("Enregistrer")
    page.goto("/facturation/")
    expect(page.get_by_role("link", name="Honoraires liés")).to_have_count(0)
    page.goto("/premiers-pas/exemples/")
    page.get_by_role("button", name="Ajouter les exemples").dblclick()
    expect(page.get_by_text("L’Épi du canal (exemple)").first).to_be_visible()
    assert Coop.objects.count() == 4
    page.goto("/")
    hand.follow("Les retirer")
    clean(page)
    hand.press("Retirer les exemples")
    expect(page.get_by_text("Les exemples sont retirés.")).to_be_visible()
    assert Coop.objects.count() == 0
