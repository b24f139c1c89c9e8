"""Every page in both languages: no word of the other one, and files that know only French."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import models, transaction
from django.urls import reverse

from essaim.models import User
from tests.conftest import signed_in
from tests.url_objects import BUILDERS
from tests.url_table import Objects, Row, people_of_the_table, room_files, rows

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
READERS = ("chloe", "basile", "ada", "farid")
# A page in this many is read for its words; each file is compared.
ONE_IN = 12
FILES = re.compile(
    r"pdf|file|csv|model|copy|preview|export|summary|statement|slip|ics|faults|proof"
)
FRENCH = re.compile(
    r"\b(Enregistrer|Annuler|Modifier|Aucune?|Rechercher|Se déconnecter|Retour|Supprimer|Voir|Tout"
    r"|Télécharger|Envoyer|Émettre|Réglages|Aujourd’hui|Journées|Financements|Facturation|Bilans"
    r"|en retard|dans \d+ j|il y a|depuis|jusqu’|cette|votre|vos|est|sont|pour|les|des)\b"
)
ENGLISH = re.compile(
    r"\b(Save|Cancel|Edit|Search|Sign out|Back to|Delete|See|All|Download|Send|Issue|Set-up|Today"
    r"|Days given|Funding|Billing|Reports|late|days|since|until|this|your|the|is|are|for|with)\b"
)


class Reader(HTMLParser):
    """What a page says (texts, names read aloud), and what its fields start from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.fields: list[tuple[str | None, str | None]] = []
        self.hidden = 0
        self.other = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style", "textarea"):
            self.hidden += 1
        self.other += tag == "button" and "lang" in given
        if not self.other:
            names = ("title", "aria-label", "placeholder", "alt")
            self.said += [v for name in names if (v := given.get(name))]
        if tag == "input" and given.get("type") in (None, "text", "number", "date", "search"):
            self.fields.append((given.get("name"), given.get("value")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "textarea"):
            self.hidden -= 1
        if tag == "button":
            self.other = 0

    def handle_data(self, data: str) -> None:
        if not self.hidden and not self.other and data.strip():
            self.said.append(" ".join(data.split()))


def one_of_each() -> list[tuple[Row, str]]:
    """A row and who reads it, once for each address."""
    found: dict[tuple[str, tuple[str, ...]], tuple[Row, str]] = {}
    for row in rows():
        readers = [who for who in READERS if getattr(row, who) == 200]
        if row.method == "get" and readers and row.name not in ("feed",):
            found.setdefault((row.name, row.args), (row, readers[0]))
    ordered = sorted(found.values(), key=lambda pair: str(pair[0]))
    files = [pair for pair in ordered if FILES.search(pair[0].name)]
    return files + [pair for pair in ordered if pair not in files][::ONE_IN]


def answer_in(language: str, address: str, user: User) -> tuple[int, str, bytes]:
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(language=language)
        answer = signed_in(user).get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Content-Type", ""), body


def words_of_people() -> re.Pattern[str]:
    """Whatever the rows hold: names, titles, the kit, words of law, stay as they were written."""
    kept: set[str] = set()
    for model in apps.get_models():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            lines = [line for v in row if isinstance(v, str) for line in v.splitlines()]
            kept |= {" ".join(line.split()) for line in lines if len(line) > 3}
    return re.compile("|".join(re.escape(v) for v in sorted(kept, key=len, reverse=True)))


def strays(code: str, page: Reader, kept: re.Pattern[str]) -> list[str]:
    """What a page says in the other language, the words of people left out."""
    other = FRENCH if code == "en" else ENGLISH
    return [text for text in page.said if other.search(kept.sub(" ", text))]


@pytest.mark.parametrize(("row", "who"), one_of_each(), ids=str)
def test_a_page_speaks_one_language_and_a_file_french(row: Row, who: str) -> None:
    own = {k: v for m in room_files() for k, v in getattr(m, "OBJECTS", {}).items()}
    objects = Objects(BUILDERS | own, people_of_the_table())
    path = reverse(row.name, args=[objects.value(key) for key in row.args]) + row.query
    french, english = (answer_in(code, path, objects.people[who]) for code in ("fr", "en"))
    assert french[:2] == english[:2]
    if not french[1].startswith("text/html"):
        assert french[2] == english[2]
        return
    in_french, in_english = Reader(french[2].decode()), Reader(english[2].decode())
    kept = words_of_people()
    assert strays("fr", in_french, kept) == []
    assert strays("en", in_english, kept) == []
    # Left as they are, the words a form starts from go into a row.
    assert in_french.fields == in_english.fields
