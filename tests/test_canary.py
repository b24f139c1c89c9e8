"""The canary of internal words: it is sought in every address, as each role, and in every mail.

Words of an internal note (title, text, its task, its attachment, its file's name), of a pause, a
waiver, a tick and a block of one coop are put down once; then every row of the table of addresses
is asked by each persona. Whoever may not read internal words never gets them, from no page, file,
search or mail. New addresses come in with their row. Whoever the table turns away at the door
(test_url_table plays it) is not asked again here.
"""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from crm import actions as crm
from crm.models import Document, Note, Requirement
from essaim.feeds import open_feed
from essaim.models import OutboxMessage
from essaim.pdf import render
from tests.conftest import acting, signed_in
from tests.given_crm import given_contact
from tests.url_objects import BUILDERS
from tests.url_table import TURNED_AWAY, Objects, Row, people_of_the_table, room_files, rows

CANARY = "zibelineviolette"
NEVER = ("chloe", "dina", "stranger", "anonymous")
MAY = ("ada", "basile")
# What a person asks of lists and searches, on addresses without a question of their own.
ASKED = f"?q={CANARY}&kind=note&of=all&state=done"


def said(words: str = "") -> str:
    return f"{CANARY} {words}".strip()


def sung(o: Objects) -> None:
    """Put the canary in every internal word of the table's coop."""
    ada, coop = o.people["ada"], o["coop"]
    act = acting(ada, timezone.localdate())
    emile = given_contact(
        organisation=coop.organisation, email="emile@coop.test", by=o.people["basile"]
    )
    note = crm.write_note(
        coop,
        title=said("titre"),
        text=said("texte"),
        participants=[emile],
        tasks=[{"what": said("tâche"), "owner": ada, "due_on": timezone.localdate()}],
        file=SimpleUploadedFile(f"{CANARY}.txt", said("fichier").encode()),
        file_title=said("pièce jointe"),
        **act,
    )
    o.made |= {
        "note": note,
        "task": note.tasks.get(),
        "document": note.documents.get(),
        "version": note.documents.get().versions.get(),
    }
    row = coop.current
    items = Requirement.objects.asked_of(row).filter(stage="contact").order_by("position")
    crm.waive(row, requirement=items[0], words=said("dispense"), **act)
    crm.tick(row, requirement=items[1], words=said("pièce"), **act)
    crm.tick(row, requirement=items[2], document=note.documents.get(), **act)
    o.made["item"] = items[0]
    crm.pause(row, review_on=timezone.localdate(), why=said("pause"), **act)
    crm.resume(row, **act)
    o.made["accompaniment"] = coop.current


@pytest.fixture
def objects(db: None) -> Objects:
    own = {k: v for m in room_files() for k, v in getattr(m, "OBJECTS", {}).items()}
    made = Objects(BUILDERS | own, people_of_the_table())
    sung(made)
    return made


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def texts_of(content: bytes, depth: int = 0) -> Iterator[str]:
    """What can be read in an answer: its bytes, the pages of a PDF, the members of a zip."""
    yield content.decode("utf-8", "replace")
    yield content.decode("latin-1")
    if content.startswith(b"%PDF"):
        yield from _of_pdf(content)
    if content.startswith(b"PK") and depth < 2:
        try:
            with ZipFile(BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield name
                    yield from texts_of(archive.read(name), depth + 1)
        except BadZipFile:
            return


def _of_pdf(content: bytes) -> Iterator[str]:
    try:
        reader = PdfReader(BytesIO(content))
        yield str(reader.metadata)
        for page in reader.pages:
            # A line that is cut in two still holds the word.
            yield re.sub(r"\s+", "", page.extract_text())
    except (PyPdfError, ValueError):
        # The few bytes some tests call a PDF: they were read as they are.
        return


def sings(answer: Any) -> bool:
    heard = [str(dict(answer.headers)), *texts_of(body_of(answer))]
    return any(CANARY in text.casefold() for text in heard)


def addresses(row: Row, o: Objects) -> list[str]:
    address = reverse(row.name, args=[o.value(key) for key in row.args])
    asked = [address + row.query]
    if row.method == "get" and not row.query:
        # The word is in the question here, and a page says back what it was asked: without it.
        asked.append(address + ASKED.replace(f"q={CANARY}&", ""))
    return asked


def heard(row: Row, o: Objects, who: str) -> list[str]:
    """The addresses of a row where this persona hears the canary; writes are undone."""
    found = []
    for address in addresses(row, o):
        with transaction.atomic():
            browser = Client() if who == "anonymous" else signed_in(o.people[who])
            answer = getattr(browser, row.method)(address, row.data)
            if CANARY not in address and sings(answer):
                found.append(f"{who} {row.method} {address}")
            transaction.set_rollback(True)
    return found


# A secret address is its owner's, whoever holds it: the accountant's own is asked below.
SECRET = {"feed"}


def let_in(row: Row) -> list[str]:
    """Who is answered something of the address; the others are shown the door, words unread."""
    return [who for who in NEVER if row.expected()[who] not in TURNED_AWAY]


@pytest.mark.one_engine
@pytest.mark.parametrize("row", [r for r in rows() if r.name not in SECRET and let_in(r)], ids=str)
def test_no_address_sings_to_who_may_not_hear(row: Row, objects: Objects) -> None:
    assert [line for who in let_in(row) for line in heard(row, objects, who)] == []


# Where the words are read by those who accompany the coop, and by the office.
HOME = (
    ("crm:coop", ("coop",)),
    ("crm:note", ("note",)),
    ("crm:note_edit", ("note",)),
    ("crm:task", ("task",)),
    ("crm:document", ("document",)),
    ("crm:document_detail", ("document",)),
    ("crm:documents", ("coop",)),
    ("crm:kit_item", ("coop", "item")),
)


@pytest.mark.parametrize("home", HOME, ids=str)
@pytest.mark.parametrize("who", MAY)
def test_it_sings_where_it_is_at_home(who: str, home: Any, objects: Objects) -> None:
    name, args = home
    address = reverse(name, args=[objects.value(key) for key in args])
    assert sings(signed_in(objects.people[who]).get(address))


# What a coop is given is the same for everybody: never one internal word, whoever prints it.
@pytest.mark.parametrize("who", ("ada", "basile", "chloe", "farid"))
@pytest.mark.parametrize("name", ("crm:expected", "crm:expected_pdf"))
def test_what_a_coop_is_given_never_sings(name: str, who: str, objects: Objects) -> None:
    answer = signed_in(objects.people[who]).get(reverse(name, args=(objects["coop"].pk,)))
    assert answer.status_code == 200 and not sings(answer)


def test_asked_for_by_name_it_is_found_by_nobody_who_may_not_read(objects: Objects) -> None:
    """Lists and searches that are asked the word itself answer with no row of it."""
    lists = {row.name for row in rows() if row.method == "get" and not row.args and not row.query}
    for name in sorted(lists):
        for who in ("chloe", "stranger"):
            with transaction.atomic():
                answer = signed_in(objects.people[who]).get(reverse(name), {"q": CANARY})
                text = next(texts_of(body_of(answer)))
                transaction.set_rollback(True)
            # The page may say back what was asked; none of the words that stand beside it.
            for words in ("titre", "texte", "tâche", "pièce jointe", "dispense", "pause"):
                assert said(words) not in text, f"{who} {name}"


def test_the_calendar_of_a_person_holds_what_they_may_read(objects: Objects) -> None:
    for who in ("chloe", "stranger"):
        act = {"on": timezone.localdate(), "at": timezone.now()}
        token = open_feed(by=objects.people[who], **act)[1]
        answer = Client().get(reverse("feed", args=(token,)))
        assert answer.status_code == 200 and not sings(answer)


def test_no_mail_sings_but_to_the_owner_of_the_task(objects: Objects) -> None:
    call_command("daily", verbosity=0)
    ada = objects.people["ada"].email
    loud = [m for m in OutboxMessage.objects.all() if CANARY in f"{m.subject} {m.body}".casefold()]
    assert {m.to for m in loud} == {ada}


def test_shared_the_note_is_read_by_the_accountant_and_its_task_too(objects: Objects) -> None:
    act = acting(objects.people["ada"], timezone.localdate())
    note = Note.objects.get(pk=objects["note"].pk)
    crm.edit_note(note, is_shared=True, share_confirmed=True, **act)
    chloe = signed_in(objects.people["chloe"])
    for url in (
        note.get_absolute_url(),
        Document.objects.get(note=note).get_absolute_url(),
        reverse("crm:task", args=(objects["task"].pk,)),
    ):
        assert sings(chloe.get(url)), url
    for who in ("stranger", "dina", "anonymous"):
        browser = Client() if who == "anonymous" else signed_in(objects.people[who])
        assert not sings(browser.get(note.get_absolute_url()))


def test_the_ear_hears_inside_files() -> None:
    """A test that could hear nothing would pass: pages of a PDF and members of a zip are read."""
    raw = BytesIO()
    with ZipFile(raw, "w") as archive:
        archive.writestr("a.txt", said(), compresslevel=zlib.Z_BEST_COMPRESSION)
    assert any(CANARY in text for text in texts_of(raw.getvalue()))
    page = render(f"<!doctype html><p>{said()}", epoch=0)
    assert CANARY.encode() not in page
    assert any(CANARY in text for text in texts_of(page))
