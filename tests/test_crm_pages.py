"""The pages of coops: what each shows, refuses, and how many queries it takes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import actions
from crm.models import Accompaniment, Contact, Coop, Document, Note, Organisation, Requirement
from essaim.models import User
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_accompaniment, given_contact, given_coop, given_organisation

CANARY = "zibeline-violette"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def now_by(user: User) -> dict[str, Any]:
    return {"by": user, "on": timezone.localdate(), "at": timezone.now()}


def queries(user: User, url: str) -> int:
    browser = signed_in(user)
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


def many(owner: User, count: int, start: int = 0) -> None:
    for n in range(start, start + count):
        given_coop(f"Coop {n}", owner=owner, by=owner)


# -- the board and the table ------------------------------------------------------------------


def test_the_board_shows_a_card_in_its_phase_with_age_block_and_next_action(basile: User) -> None:
    begun = timezone.localdate() - timedelta(days=200)
    row = given_accompaniment("Super Quetsche", owner=basile, stage="premises", by=basile, on=begun)
    actions.block(row, reason="Bail non signé", **now_by(basile))
    actions.plan_next(row, next_action="Relancer la mairie", **now_by(basile))
    page = signed_in(basile).get(reverse("crm:board")).content.decode()
    column = page.split('data-column="setting_up"')[1].split("</section>")[0]
    for words in ("Super Quetsche", "Local et travaux", "Bail non signé", "Relancer la mairie"):
        assert words in column
    assert "200&nbsp;j" in column and "/ 180" in column and "late" in column
    assert reverse("crm:move", args=(row.coop_id, "advance")) + "?to=follow_up" in column


def test_the_tabs_of_the_board_narrow_it_and_an_empty_one_says_so(ada: User, basile: User) -> None:
    given_coop("La mienne", owner=ada, by=basile)
    given_coop("La sienne", owner=basile)
    browser = signed_in(basile)
    mine = browser.get(reverse("crm:board"), {"show": "mine"}).content.decode()
    assert "La sienne" in mine and "La mienne" not in mine
    assert "1 / 2" in mine
    assert "2 coops · 0 bloquée · 2 au-delà du délai" in mine
    blocked = browser.get(reverse("crm:board"), {"show": "blocked"}).content.decode()
    assert "Aucune coop bloquée" in blocked and "Tout voir" in blocked


def test_a_consultant_sees_own_coops_alone(ada: User, basile: User) -> None:
    given_coop("La mienne", owner=ada, by=basile)
    hidden = given_coop("La sienne", owner=basile)
    browser = signed_in(ada)
    for name in ("crm:board", "crm:table", "crm:organisations"):
        page = browser.get(reverse(name)).content.decode()
        assert "La mienne" in page and "La sienne" not in page
    for name in ("crm:coop", "crm:coop_edit", "crm:note_new", "crm:members"):
        assert browser.get(reverse(name, args=(hidden.pk,))).status_code == 404


def test_a_column_shows_25_cards_and_links_to_the_others(basile: User) -> None:
    many(basile, 27)
    page = signed_in(basile).get(reverse("crm:board")).content.decode()
    assert page.count("data-card=") == 25
    assert "Voir les 2 autres" in page
    assert f"{reverse('crm:table')}?phase=emergence" in page


def test_detailing_the_stages_makes_a_column_of_each(basile: User) -> None:
    given_coop("La Musette", owner=basile, stage="collective", by=basile)
    page = signed_in(basile).get(reverse("crm:board"), {"detail": "all"}).content.decode()
    assert page.count("data-column=") == 8
    assert "La Musette" in page.split('data-column="collective"')[1].split("</section>")[0]


def test_lists_take_the_same_queries_for_10_and_for_60_rows(basile: User) -> None:
    many(basile, 10)
    names = ("crm:board", "crm:table", "crm:organisations", "crm:tasks")
    few = {name: queries(basile, reverse(name)) for name in names}
    many(basile, 50, 10)
    for coop in Coop.objects.all():
        actions.add_task(coop=coop, what="Appeler", **now_by(basile))
    assert {name: queries(basile, reverse(name)) for name in names} == few
    assert few["crm:board"] <= 15 and few["crm:table"] <= 15


def test_the_page_of_a_coop_takes_the_same_queries_whatever_its_story(basile: User) -> None:
    coop = given_coop(owner=basile)
    page = reverse("crm:coop", args=(coop.pk,))
    few = queries(basile, page)
    # Twelve of this room, four to say what bars the next step; the panels and timelines of the
    # three others take the rest.
    assert few <= 30
    for n in range(30):
        actions.write_note(coop, title=f"Note {n}", **now_by(basile))
        actions.add_task(coop=coop, what=f"Tâche {n}", **now_by(basile))
        given_contact(f"Émile {n}", organisation=coop.organisation, by=basile)
    assert queries(basile, page) == few


def test_the_table_finds_a_coop_without_its_accents(basile: User) -> None:
    given_coop("L’Échalote", owner=basile)
    given_coop("La Brouette", owner=basile)
    page = signed_in(basile).get(reverse("crm:table"), {"q": "echalote"}).content.decode()
    assert "L’Échalote" in page and "La Brouette" not in page


# -- moves on screen --------------------------------------------------------------------------


def test_a_barred_move_answers_409_with_the_list_and_its_links(basile: User) -> None:
    coop = given_coop(owner=basile)
    url = reverse("crm:move", args=(coop.pk, "advance"))
    shown = signed_in(basile).get(url).content.decode()
    assert "Accord pour garder les coordonnées" in shown
    form = {"to": "diagnosis", "effective_on": timezone.localdate().isoformat()}
    answer = signed_in(basile).post(url, form)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Pièce indispensable" in page and f"/coops/{coop.pk}/kit/" in page
    assert coop.current.stage == "contact"


def test_an_advised_item_is_passed_with_one_sentence(basile: User) -> None:
    coop = given_coop(owner=basile)
    actions.tick(
        coop.current, requirement=Requirement.objects.get(code="consent"), **now_by(basile)
    )
    url = reverse("crm:move", args=(coop.pk, "advance"))
    form = {"to": "diagnosis", "effective_on": timezone.localdate().isoformat()}
    browser = signed_in(basile)
    assert browser.post(url, form).status_code == 409
    answer = browser.post(url, form | {"reason_advised": "Le groupe est prêt"})
    assert answer.status_code == 302
    assert coop.current.stage == "diagnosis"


def test_a_bad_field_answers_422_in_french_and_an_unknown_edge_400(basile: User) -> None:
    coop = given_coop(owner=basile)
    browser = signed_in(basile)
    answer = browser.post(reverse("crm:move", args=(coop.pk, "pause")), {"review_on": "hier"})
    assert answer.status_code == 422
    assert "Ce champ est obligatoire" in answer.content.decode()
    for edge in ("teleport", "place"):
        assert browser.post(reverse("crm:move", args=(coop.pk, edge))).status_code == 400


def test_posted_states_are_ignored(basile: User) -> None:
    coop = given_coop(owner=basile)
    form = {"commune": "Barr", "stage": "premises", "activity": "closed", "owner": "1"}
    answer = signed_in(basile).post(reverse("crm:coop_edit", args=(coop.pk,)), form)
    assert answer.status_code == 302
    row = coop.current
    assert (row.stage, row.activity, row.owner, row.coop.commune) == (
        "contact",
        "active",
        basile,
        coop.commune,
    )
    coop.refresh_from_db()
    assert coop.commune == "Barr"


@pytest.mark.parametrize("edge", ["abandon", "release", "merge", "finish", "reopen"])
def test_a_consultant_may_not_end_an_accompaniment(edge: str, ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    answer = signed_in(ada).post(reverse("crm:move", args=(coop.pk, edge)), {})
    assert answer.status_code == 403
    assert coop.current.activity == "active"


def test_every_open_edge_has_a_plain_form(basile: User) -> None:
    coop = given_coop(owner=basile, stage="collective", by=basile)
    browser = signed_in(basile)
    page = browser.get(reverse("crm:coop", args=(coop.pk,))).content.decode()
    for edge in ("advance", "go_back", "pause", "abandon", "release", "merge", "finish"):
        url = reverse("crm:move", args=(coop.pk, edge))
        assert url in page
        assert "<form" in browser.get(url).content.decode()


def test_a_kit_item_is_ticked_by_a_plain_button(ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    item = Requirement.objects.get(code="consent")
    url = reverse("crm:kit_item", args=(coop.pk, item.pk))
    browser = signed_in(ada)
    assert browser.post(url, {"do": "tick"}).status_code == 302
    held = coop.current.fulfilments.get()
    assert (held.status, held.by) == ("done", ada)
    assert browser.post(url, {"do": "untick"}).status_code == 302
    held.refresh_from_db()
    assert held.status == "missing"
    assert browser.post(url, {"waive": "on"}).status_code == 409


# -- notes, tasks, documents ------------------------------------------------------------------


def test_internal_words_reach_no_page_of_the_accountant(
    ada: User, chloe: User, basile: User
) -> None:
    stranger = person("Sam Klein", "consultant")
    coop = given_coop(owner=ada, by=basile)
    note = actions.write_note(coop, title=CANARY, text=CANARY, **now_by(ada))
    actions.add_document(
        coop,
        file=SimpleUploadedFile("conflit.pdf", PDF),
        title=CANARY,
        note=note,
        **now_by(ada),
    )
    actions.pause(coop.current, review_on=timezone.localdate(), why=CANARY, **now_by(ada))
    coop_url = reverse("crm:coop", args=(coop.pk,))
    urls = [
        coop_url,
        f"{coop_url}?kind=note",
        f"{coop_url}?kind=move",
        f"{coop_url}?kind=document",
        reverse("crm:board"),
        reverse("crm:table"),
        reverse("crm:organisation", args=(coop.organisation_id,)),
        reverse("crm:tasks") + "?of=all",
        reverse("today"),
    ]
    for url in urls:
        for reader in (chloe, stranger):
            assert CANARY not in signed_in(reader).get(url).content.decode()
    found = signed_in(chloe).get(reverse("crm:table"), {"q": CANARY})
    assert found.context["rows"] == []
    for url in (note.get_absolute_url(), Document.objects.get().get_absolute_url()):
        assert signed_in(chloe).get(url).status_code in (403, 404)
        assert signed_in(stranger).get(url).status_code == 404
    for colleague in (ada, basile):
        assert CANARY in signed_in(colleague).get(coop_url).content.decode()


def test_a_note_of_ten_megabytes_is_refused_and_nothing_is_written(ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    url = reverse("crm:note_new", args=(coop.pk,))
    for size, status in ((20 * 1024 * 1024, 400), (10 * 1024 * 1024, 422), (60_000, 422)):
        answer = signed_in(ada).post(url, {"kind": "note", "title": "Long", "text": "a" * size})
        assert answer.status_code == status
    assert not Note.objects.exists()


def test_a_note_keeps_who_was_there_and_is_internal_by_default(ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    emile = given_contact(organisation=coop.organisation, by=basile)
    form = {
        "kind": "meeting",
        "title": "Assemblée",
        "text": "Vote",
        "contacts": [emile.pk],
        "colleagues": [basile.pk],
        "next-TOTAL_FORMS": 0,
        "next-INITIAL_FORMS": 0,
    }
    answer = signed_in(ada).post(reverse("crm:note_new", args=(coop.pk,)), form)
    assert answer.status_code == 302
    note = Note.objects.get()
    assert not note.is_shared
    assert {str(p) for p in note.participants.all()} == {"Émile Schmitt", "Basile Roth"}
    form = {"kind": "meeting", "title": "AG", "is_shared": "on", "happened_at": "2026-01-05T18:30"}
    form |= {"next-TOTAL_FORMS": "0", "next-INITIAL_FORMS": "0"}
    url = reverse("crm:note_edit", args=(note.pk,))
    assert signed_in(ada).post(url, form).status_code == 409
    assert signed_in(ada).post(url, form | {"share_confirmed": "on"}).status_code == 302
    note.refresh_from_db()
    assert (note.title, note.is_shared) == ("AG", True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bail.pdf", b"MZ\x90\x00 not a pdf"),
        ("photo.png", PDF),
        ("macro.exe", b"MZ"),
        ("vide.pdf", b""),
        ("page.html", b"<script>alert(1)</script>"),
    ],
)
def test_a_file_that_lies_is_refused(name: str, content: bytes, ada: User, basile: User) -> None:
    coop = given_coop(owner=ada, by=basile)
    url = reverse("crm:document_add", args=(coop.pk,))
    answer = signed_in(ada).post(url, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code in (409, 422)
    assert not Document.objects.exists()


def test_a_document_has_a_random_name_and_is_served_as_attachment(
    ada: User, chloe: User, basile: User, dina: User
) -> None:
    coop = given_coop(owner=ada, by=basile)
    url = reverse("crm:document_add", args=(coop.pk,))
    answer = signed_in(ada).post(url, {"file": SimpleUploadedFile("../Bail signé.pdf", PDF)})
    assert answer.status_code == 302
    kept = Document.objects.get()
    assert "Bail" not in kept.file.name and kept.original_name == "Bail signé.pdf"
    answer = signed_in(chloe).get(kept.get_absolute_url())
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert signed_in(dina).get(kept.get_absolute_url()).status_code == 403
    assert (
        signed_in(person("Sam Klein", "consultant")).get(kept.get_absolute_url()).status_code == 404
    )


def test_the_timeline_is_read_page_by_page_without_hole_or_double(basile: User) -> None:
    coop = given_coop(owner=basile)
    same = datetime(2026, 10, 1, 9, tzinfo=UTC)
    for n in range(45):
        actions.write_note(coop, title=f"Compte rendu {n:02}.", happened_at=same, **now_by(basile))
    browser, url, seen = signed_in(basile), reverse("crm:coop", args=(coop.pk,)), []
    for _ in range(5):
        answer = browser.get(url)
        page = answer.content.decode()
        seen += [n for n in range(45) if f"Compte rendu {n:02}." in page]
        url = answer.context["next_url"].split("#")[0]
        if not url:
            break
    assert sorted(seen) == list(range(45))
    assert browser.get(reverse("crm:coop", args=(coop.pk,)), {"before": "x!"}).status_code == 200


def test_a_task_is_done_by_a_plain_button_and_shows_today_when_late(
    ada: User, basile: User
) -> None:
    coop = given_coop(owner=ada, by=basile)
    late = timezone.localdate() - timedelta(days=3)
    task = actions.add_task(
        coop=coop, what="Relire les statuts", owner=ada, due_on=late, **now_by(basile)
    )
    browser = signed_in(ada)
    assert "Relire les statuts" in browser.get(reverse("today")).content.decode()
    assert browser.post(reverse("crm:task_done", args=(task.pk,))).status_code == 302
    task.refresh_from_db()
    assert task.done_on == timezone.localdate()
    assert "Relire les statuts" not in browser.get(reverse("today")).content.decode()


# -- organisations, contacts, the office ------------------------------------------------------


def test_identifiers_are_normalised_or_refused_beside_their_field(basile: User) -> None:
    browser, url = signed_in(basile), reverse("crm:organisation_new")
    form = {
        "legal_name": "Ville de Barr",
        "kind": "authority",
        "vat_status": "not_liable",
        "chorus": "none",
        "siren": "552 100 554",
    }
    answer = browser.post(url, form | {"siret": "552 100 554 00000"})
    assert answer.status_code == 409
    assert "SIRET" in answer.content.decode()
    assert browser.post(url, form).status_code == 302
    kept = Organisation.objects.get(legal_name="Ville de Barr")
    assert (kept.siren, kept.client_kind) == ("552100554", "public")


def test_the_client_kind_is_the_accountants_with_a_reason(chloe: User, basile: User) -> None:
    town = given_organisation()
    url = reverse("crm:client_kind", args=(town.pk,))
    form = {"client_kind": "professional", "reason": "Régie à caractère industriel"}
    assert signed_in(basile).post(url, form).status_code == 403
    assert signed_in(chloe).post(url, form | {"reason": ""}).status_code == 422
    assert signed_in(chloe).post(url, form).status_code == 302
    town.refresh_from_db()
    assert (town.client_kind, town.client_kind_by) == ("professional", chloe)


def test_a_likely_duplicate_is_proposed_before_a_coop_is_created(basile: User) -> None:
    given_coop("L’Épicerie du coin", owner=basile)
    browser, url = signed_in(basile), reverse("crm:coop_new")
    form = {
        "legal_name": "L'EPICERIE, du coin",
        "commune": "Barr",
        "postcode": "67140",
        "path": Accompaniment.objects.get().path_id,
        "owner": basile.pk,
    }
    answer = browser.post(url, form)
    assert answer.status_code == 409
    assert "déjà connue" in answer.content.decode()
    assert browser.post(url, form | {"same": "on"}).status_code == 302
    assert Coop.objects.count() == 2


def test_the_legal_form_has_a_history(basile: User) -> None:
    coop = given_coop(owner=basile)
    act = acting(basile, date(2026, 11, 23))
    actions.set_legal_form(coop.organisation, form="association", since=date(2025, 1, 1), **act)
    actions.set_legal_form(coop.organisation, form="scic_sas", since=date(2026, 6, 1), **act)
    told = [(p.form, p.until) for p in coop.organisation.legal_forms.order_by("since")]
    assert told == [("association", date(2026, 6, 1)), ("scic_sas", None)]


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"]
)
def test_hostile_words_are_shown_as_words(words: str, basile: User) -> None:
    coop = given_coop(words, owner=basile)
    actions.block(coop.current, reason=words, **now_by(basile))
    actions.write_note(coop, title=words, text=words, **now_by(basile))
    contact = given_contact(words, organisation=coop.organisation, by=basile)
    browser = signed_in(basile)
    for url in (
        reverse("crm:board"),
        reverse("crm:table"),
        reverse("crm:coop", args=(coop.pk,)),
        reverse("crm:note", args=(Note.objects.get().pk,)),
        contact.get_absolute_url(),
        coop.organisation.get_absolute_url(),
    ):
        page = browser.get(url).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
    assert Contact.objects.get(pk=contact.pk)


def test_the_kit_and_the_paths_are_edited_on_screen(farid: User) -> None:
    browser = signed_in(farid)
    item = Requirement.objects.get(code="charter")
    form = {
        "title": "Charte signée",
        "stage": "collective",
        "level": "required",
        "position": 5,
        "is_active": "on",
        "questions-TOTAL_FORMS": 0,
        "questions-INITIAL_FORMS": 0,
    }
    url = reverse("crm:kit_edit", args=(item.pk,))
    assert browser.post(url, form).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.level) == ("Charte signée", "required")
    assert browser.post(url, form | {"milestone": "opening"}).status_code == 409
    for name in ("crm:kit", "crm:paths", "crm:kit_new", "crm:structure", "crm:issuer"):
        assert browser.get(reverse(name)).status_code == 200


def test_the_accountant_writes_what_invoices_say_of_us(chloe: User, farid: User) -> None:
    url = reverse("crm:issuer_new")
    form = {
        "effective_from": "2026-01-01",
        "legal_name": "La Ruche",
        "legal_form": "Association",
        "fiscal_month": 1,
        "regime": "receipts",
        "vat_rate": "20",
        "penalty_rate": "12",
        "street": "1 rue",
        "postcode": "67000",
        "city": "Strasbourg",
        "iban": "FR76 3000 6000 0112 3456 7890 189",
    }
    assert signed_in(farid).post(url, form).status_code == 403
    assert signed_in(chloe).post(url, form | {"iban": "FR00"}).status_code == 409
    assert signed_in(chloe).post(url, form).status_code == 302
    assert "La Ruche" in signed_in(chloe).get(reverse("crm:issuer")).content.decode()


def test_a_consultant_is_offered_no_stage_past_the_office_limit(ada: User, basile: User) -> None:
    coop = given_coop("Coop’Épi", owner=ada, stage="collective", by=basile)
    url = reverse("crm:move", args=(coop.pk, "advance"))
    offered = signed_in(ada).get(url).content.decode()
    assert 'value="test_shop"' in offered
    assert 'value="set_up"' not in offered
    assert 'value="set_up"' in signed_in(basile).get(url).content.decode()


def test_an_upload_that_is_no_longer_on_disk_is_not_found(
    ada: User, basile: User, caplog: pytest.LogCaptureFixture
) -> None:
    coop = given_coop(owner=ada, by=basile)
    file = SimpleUploadedFile("mot.txt", b"bonjour")
    signed_in(ada).post(reverse("crm:document_add", args=(coop.pk,)), {"file": file})
    document = Document.objects.get()
    document.file.storage.delete(document.file.name)
    assert signed_in(ada).get(document.get_absolute_url()).status_code == 404
    assert "lost upload" in caplog.text
