"""The words of the trade, the sheet of keys, and a note begun from anywhere."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from crm.models import Coop
from essaim import words
from essaim.keys import GROUPS, keys_for
from essaim.models import User
from tests.conftest import signed_in
from tests.given_crm import given_coop

ROOT = Path(settings.BASE_DIR)
ROWS = [row for path in sorted(words.FOLDER.glob("*.json")) for row in json.loads(path.read_text())]


def shown(user: User, url: str) -> str:
    return signed_in(user).get(url).content.decode()


# -- the data -----------------------------------------------------------------


def test_every_word_is_told_in_both_languages_in_a_few_sentences() -> None:
    assert len(ROWS) >= 60
    for row in ROWS:
        for language in ("fr", "en"):
            told = row[language]
            assert set(told) == {"name", "also", "short", "text"}, row["slug"]
            assert 20 <= len(told["short"]) <= 140, row["slug"]
            whole = " ".join((told["short"], *told["text"]))
            sentences = re.findall(r"[.?!](?:\s|$)", whole)
            assert 2 <= len(sentences) <= 9, (row["slug"], language, len(sentences))
            assert "«" not in whole or language == "fr", row["slug"]


def test_slugs_are_unique_and_related_words_exist() -> None:
    slugs = [row["slug"] for row in ROWS]
    assert len(slugs) == len(set(slugs))
    assert [r for row in ROWS for r in row["related"] if r not in slugs or r == row["slug"]] == []


def test_every_page_a_word_names_is_a_page() -> None:
    lost = [name for row in ROWS for name in row["see"] if words._page(name) is None]
    assert lost == []
    for row in ROWS:
        for name in row["see"]:
            assert reverse(name)


def test_french_is_written_with_its_spaces() -> None:
    for row in ROWS:
        for text in (row["fr"]["short"], *row["fr"]["text"]):
            assert not re.search(r" [:;?!»%€]|« ", text), (row["slug"], text)


def test_every_word_beside_a_label_is_known() -> None:
    named = {
        (path.name, slug)
        for path in (ROOT / "templates").rglob("*.html")
        for slug in re.findall(r'{% word "([^"]+)"', path.read_text())
    }
    known = {row["slug"] for row in ROWS}
    assert named and {pair for pair in named if pair[1] not in known} == set()


# -- the pages ----------------------------------------------------------------


def test_a_word_is_found_by_a_part_of_it_whatever_the_accents() -> None:
    with override("fr"):
        assert words.find("reste a ch")[0].slug == "reste-a-charge"
        assert words.find("AVENANT")[0].slug == "avenant"
        # Said otherwise than by its name.
        assert "convention" in [w.slug for w in words.find("lettre de mission")]
        assert words.find("zzzz") == []
        assert len(words.find("")) == len(ROWS)
    with override("en"):
        assert words.find("credit note")[0].slug == "avoir"


def test_a_word_shows_only_the_places_its_reader_may_open(ada: User, chloe: User) -> None:
    exports = reverse("invoicing:exports")
    assert exports in shown(chloe, reverse("help_word", args=("fec",)))
    assert exports not in shown(ada, reverse("help_word", args=("fec",)))
    assert reverse("missions:log") in shown(ada, reverse("help_word", args=("jour",)))


def test_the_index_lists_every_word_and_answers_a_search(ada: User) -> None:
    page = shown(ada, reverse("help"))
    assert page.count('href="/aide/') >= len(ROWS)
    found = shown(ada, reverse("help") + "?q=binome")
    assert reverse("help_word", args=("binome",)) in found
    assert "Aucun mot de ce genre" in shown(ada, reverse("help") + "?q=zzzz")


def test_a_word_is_read_in_english_by_whoever_reads_english(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="en")
    page = shown(ada, reverse("help_word", args=("avoir",)))
    assert "Credit note" in page and "Note de crédit" not in page


def test_every_page_leads_to_help(ada: User) -> None:
    page = shown(ada, "/coops/")
    assert f'href="{reverse("help")}"' in page
    assert re.search(r'href="/aide/clavier/" data-key="\?" data-sheet', page)


# -- the keys -----------------------------------------------------------------


def test_the_sheet_shows_only_the_keys_that_serve(ada: User, chloe: User) -> None:
    def labels(user: User) -> list[str]:
        return [str(key.label) for _label, keys in keys_for(user) for key in keys]

    assert "Noter une journée" in labels(ada) and "Noter une journée" not in labels(chloe)
    assert "Facturation" in labels(chloe) and "Facturation" not in labels(ada)


def test_the_sheet_is_a_page_and_a_fragment_of_it(ada: User) -> None:
    page = reverse("help_keys")
    whole = shown(ada, page)
    part = signed_in(ada).get(page, headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" in whole and "<h1>" not in part
    middle = whole.split('<div class="keys">')[1].split("</main>")[0]
    assert part.count("<kbd>") == middle.count("<kbd>") > 10


def test_the_sheet_says_when_letters_are_off(ada: User) -> None:
    assert "coupées" not in shown(ada, reverse("help_keys"))
    User.objects.filter(pk=ada.pk).update(shortcuts=False)
    page = shown(ada, reverse("help_keys"))
    assert "Les lettres seules sont coupées" in page and "(coupée)" in page


def test_every_letter_of_the_sheet_is_on_a_button() -> None:
    """A key is told only where something answers to it."""
    drawn = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    scripts = "".join(p.read_text() for p in (ROOT / "essaim/static/essaim").glob("*.js"))
    for key in (key for group in GROUPS for key in group.keys if key.letter):
        letter = str(key.keys[-1]).lower()
        answers = (
            f'data-key="{letter}"' in drawn
            or f'data-row-key="{letter}"' in drawn
            or f'{letter}: "/' in scripts
        )
        assert answers, letter


# -- a note from anywhere -----------------------------------------------------


def test_a_note_is_begun_from_any_page(ada: User) -> None:
    coop = given_coop(owner=ada)
    start = reverse("crm:note_start")
    assert f'href="{start}" data-key="n"' in shown(ada, "/journees/")
    assert f'href="{reverse("crm:note_new", args=(coop.pk,))}" data-key="n"' in shown(
        ada, coop.get_absolute_url()
    )
    assert str(coop) in shown(ada, start)
    answer = signed_in(ada).post(start, {"coop": str(coop.pk)})
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("crm:note_new", args=(coop.pk,))


def test_a_note_is_begun_on_no_coop_of_others(ada: User, basile: User) -> None:
    hers = given_coop(owner=basile)
    assert not Coop.objects.visible_to(ada).filter(pk=hers.pk).exists()
    answer = signed_in(ada).post(reverse("crm:note_start"), {"coop": str(hers.pk)})
    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/journees/", "/facturation/factures/"])
def test_who_writes_no_note_has_no_such_key(address: str, chloe: User) -> None:
    assert 'data-key="n"' not in shown(chloe, address)
