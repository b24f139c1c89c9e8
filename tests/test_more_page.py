"""Every page of billing is found from its tabs, and « Plus » gathers what is not one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import Resolver404, resolve, reverse
from django.utils import translation

from invoicing.models import ExportLog
from invoicing.templatetags.invoicing_books import export_way, export_words
from invoicing.urls import urlpatterns
from invoicing.views.more import WAYS
from tests.conftest import signed_in
from tests.given_invoicing import given_issuer

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")
# Pages that only a form leads to: it carries what they are about.
BY_FORM = {"run_preview", "remind_many", "send_many", "encash_many", "pdf_many",
           "planner_apply", "prepare", "prepare_expenses"}  # fmt: skip


def links_of(client: Any, url: str) -> set[str]:
    answer = client.get(url)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return set()
    return set(re.findall(r'(?:href|action)="(/[^"#?]*)', answer.content.decode()))


def name_of(url: str) -> str:
    try:
        return resolve(url).view_name
    except Resolver404:
        return ""


def bare() -> set[str]:
    """Addresses of the room that name no object: nothing but a link leads there."""
    return {p.name for p in urlpatterns if p.name and "<" not in str(p.pattern)} - BY_FORM


def reached_by(user: Any, bare_ones: set[str]) -> set[str]:
    """What the links of today's page and of the room's first one lead a person to."""
    client, reached = signed_in(user), {"to_bill"}
    waiting = [reverse("today"), reverse("invoicing:to_bill")]
    while waiting:
        for url in links_of(client, waiting.pop()):
            name = name_of(url).removeprefix("invoicing:")
            if name in bare_ones - reached:
                reached.add(name)
                waiting.append(reverse(f"invoicing:{name}"))
    return reached


def test_every_page_is_reached_from_the_tabs(chloe: Any, basile: Any) -> None:
    given_issuer()
    bare_ones = bare()
    reached = reached_by(chloe, bare_ones) | reached_by(basile, bare_ones)
    # A slip is made of cheques that wait, a closed period is reopened: no link without them.
    assert bare_ones - reached <= {"slip_new", "reopen"}


def test_it_shows_only_what_the_person_may_open(chloe: Any, basile: Any) -> None:
    given_issuer()
    for person in (chloe, basile):
        client = signed_in(person)
        text = client.get(reverse("invoicing:more")).content.decode()
        for _subject, _icon, ways in WAYS:
            for way in ways:
                url = reverse(way.address)
                may = person.has_perm(way.permission)
                assert (f'href="{url}"' in text.partition('class="grid"')[2]) == may
                assert client.get(url).status_code == (200 if may else 403)


def spoken_in_f_strings() -> Iterator[str]:
    """Words to translate inside an f-string: the extraction of messages does not see them."""
    for room in ROOMS:
        for path in Path(room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    for call in ast.walk(node):
                        name = getattr(getattr(call, "func", None), "id", "")
                        if name in ("_", "gettext", "ngettext", "pgettext"):
                            yield f"{path}:{node.lineno}"


def test_words_to_translate_stand_outside_f_strings() -> None:
    assert list(spoken_in_f_strings()) == []


def test_a_key_no_table_can_hold_is_refused_not_a_failure(chloe: Any) -> None:
    client = signed_in(chloe)
    for name in ("remind_many", "send_many"):
        answer = client.post(reverse(f"invoicing:{name}"), {"pk": "9" * 20})
        assert answer.status_code in (400, 404)


def test_a_proof_pack_of_the_log_leads_to_its_own_page() -> None:
    log = ExportLog(pk=3, kind="proof", file_format="zip", perimeter={"missions.Envelope": 7})
    assert export_way(log) == reverse("invoicing:proof_envelope", args=(7,))
    with translation.override("fr"):
        assert export_words(log) == "Dossier de justificatifs · ZIP"
    assert export_way(ExportLog(pk=3, kind="sales", perimeter={})).endswith("/3/refaire/")
