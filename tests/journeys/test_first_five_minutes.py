"""The README's first five minutes, played word for word on the demonstration."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Page, expect

from invoicing.demo.story import play
from invoicing.models import FrozenFile, Invoice

README = Path(__file__).resolve().parent.parent.parent / "README.md"
# What is clicked below, as the README names it.
CLICKED = (
    "« Ada Lutz »",
    "« Répéter",
    "« Enregistrer »",
    "« Ma semaine »",
    "« Envoyer ma semaine »",
    "« Se déconnecter »",
    "« Basile Roth »",
    "« Coops »",
    "« Vrac & Compagnie »",
    "« Préfiguration »",
    "« Déplacer »",
    "« Journées »",
    "« À valider »",
    "« Valider les journées choisies »",
    "« Chloé Weiss »",
    "« Facturation »",
    "« Lancer la facturation »",
    "« Voir l’aperçu »",
    "« Émettre »",
)


def button(page: Page, words: str) -> Any:
    return page.get_by_role("button", name=re.compile(words)).first


def link(page: Page, words: str) -> Any:
    return page.locator("main").get_by_role("link", name=re.compile(words)).first


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(words, timeout=20_000)


def menu(page: Page, words: str) -> None:
    page.locator(".rail").get_by_role("link", name=words).click()


def sign_out(page: Page) -> None:
    page.locator(".rail summary").click()
    page.locator(".rail").get_by_role("button", name="Se déconnecter").click()


def drag(page: Page, card: Any, column: Any) -> None:
    start, end = card.bounding_box(), column.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + 60)
    page.mouse.down()
    page.mouse.move(start["x"] + 90, start["y"] + 50, steps=5)
    page.mouse.move(end["x"] + 60, end["y"] + 60, steps=10)
    page.mouse.up()


@pytest.fixture
def demonstration(live_server: Any, settings: Any) -> None:
    settings.DEMO = True
    with translation.override("fr"):
        play(timezone.localdate())


def ada_notes_a_day(page: Page) -> None:
    button(page, "Ada Lutz").click()
    heading(page, "Aujourd’hui")
    link(page, "^Répéter").click()
    button(page, "^Enregistrer").click()
    heading(page, "C’est noté")
    link(page, "^Ma semaine").click()
    button(page, "^Envoyer ma semaine").click()
    expect(page.locator("main")).to_contain_text("Votre semaine est envoyée")
    sign_out(page)


def basile_reads_and_decides(page: Page) -> None:
    button(page, "Basile Roth").click()
    menu(page, "Coops")
    card = page.locator(".board-card", has_text="Vrac & Compagnie")
    drag(page, card, page.locator(".board-column", has_text="Préfiguration").first)
    page.locator("dialog[open]").get_by_role("button", name="Déplacer").click()
    expect(card).to_contain_text("Convention signée ou accompagnement offert")
    menu(page, "Journées")
    page.locator(".tabs").get_by_role("link", name=re.compile("^À valider")).click()
    heading(page, "Journées à valider")
    page.get_by_label("Tout cocher sur cette page").first.check()
    button(page, "^Valider les journées choisies").click()
    heading(page, "Valider ces journées")
    button(page, r"^Valider \d").click()
    heading(page, "Journées à valider")
    sign_out(page)


def chloe_bills(page: Page) -> None:
    button(page, "Chloé Weiss").click()
    menu(page, "Facturation")
    link(page, "^Lancer la facturation").click()
    button(page, "^Voir l’aperçu").click()
    button(page, "^Émettre").click()
    expect(page.locator("main")).to_contain_text("1 facture émise", timeout=60_000)


def test_they_work_as_written(demonstration: None, open_as: Any, seen: Any) -> None:
    seen.allow("409")
    before = Invoice.objects.filter(state="issued").count()
    page = open_as()
    page.goto("/")
    ada_notes_a_day(page)
    basile_reads_and_decides(page)
    chloe_bills(page)
    issued = Invoice.objects.filter(state="issued")
    assert issued.count() > before
    assert FrozenFile.objects.filter(invoice=issued.latest("pk"), kind="pdf").exists()


def test_the_readme_names_each_button() -> None:
    told = README.read_text().split("## The first five minutes")[1].split("\n## ")[0]
    assert [words for words in CLICKED if words not in told] == []
