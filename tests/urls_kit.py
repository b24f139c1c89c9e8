"""Addresses of the kit, of notes, tasks and documents that the first table does not name."""

from typing import Any

from django.core.files.base import ContentFile

from crm import actions
from tests.conftest import acting
from tests.given_crm import given_contact
from tests.url_objects import ON
from tests.url_table import Objects, Row
from tests.urls_crm import of_a_coop, office, written

PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def _kit_file(o: Objects) -> Any:
    act = acting(o.people["basile"], ON)
    file = ContentFile(PDF, "statuts.pdf")
    return actions.add_kit_file(o["requirement"], file=file, title="Statuts types", **act)


def _shared(o: Objects) -> Any:
    emile = given_contact(
        organisation=o["coop"].organisation, email="emile@coop.test", by=o.people["basile"]
    )
    return actions.write_note(
        o["coop"],
        title="Assemblée",
        is_shared=True,
        share_confirmed=True,
        participants=[emile],
        **acting(o.people["ada"], ON),
    )


OBJECTS = {
    "kit_file": _kit_file,
    "shared_note": _shared,
    "version": lambda o: o["document"].versions.get(),
}

MANAGE = {"ada": 403, "chloe": 403, "stranger": 403}

ROWS = [
    office("kit_file_new", "requirement", **MANAGE),
    office("kit_file", "kit_file"),
    office("kit_file_withdraw", "kit_file", **MANAGE),
    of_a_coop("expected", "coop"),
    of_a_coop("expected_pdf", "coop"),
    # A shared note is read by the accountant, who writes none.
    of_a_coop("note", "shared_note"),
    of_a_coop("note_edit", "shared_note", chloe=403),
    of_a_coop("note_send", "shared_note", chloe=403),
    of_a_coop("note_send", "note", chloe=404),
    of_a_coop("note_attach", "note", chloe=404),
    office("task_add"),
    office("task_mailing"),
    of_a_coop("documents", "coop"),
    of_a_coop("document_detail", "document"),
    of_a_coop("document_version", "version"),
    written("document_revise", "document"),
    written("document_title", "document"),
    written("document_archive", "document"),
    Row(
        name="crm:expected",
        args=("coop",),
        method="post",
        ada=405,
        basile=405,
        chloe=405,
        farid=405,
        stranger=404,
    ),
    Row(
        name="crm:documents",
        args=("coop",),
        method="post",
        ada=405,
        basile=405,
        chloe=405,
        farid=405,
        stranger=404,
    ),
]
