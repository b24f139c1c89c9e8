"""An edited kit loses nothing: what a coop settled keeps the words it was judged with."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.db.models import RestrictedError

from crm import actions, coop_page
from crm.models import Fulfilment, KitFile, Path, Requirement, RequirementVersion
from essaim.models import Event, EventText, User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import given_accompaniment

TODAY = date(2026, 11, 23)
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def item(code: str = "statutes") -> Requirement:
    return Requirement.objects.get(code=code)


def shown(row: Any, user: User) -> dict[str, tuple[str, Any]]:
    """The kit of a coop as its page shows it: code -> (block, item)."""
    stages = list(row.path.stages.all())
    blocks = coop_page.kit_of(row, stages, TODAY, user=user)
    return {one.code: (block.key, one) for block in blocks for one in block.items}


@pytest.fixture
def row(basile: User) -> Any:
    return given_accompaniment(owner=basile, stage="collective", by=basile)


def test_a_settled_item_keeps_the_title_the_level_and_the_place_it_was_judged_with(
    row: Any, basile: User
) -> None:
    actions.tick(row, requirement=item(), words="Adoptés en AG", **acting(basile, TODAY))
    actions.write_requirement(
        item(),
        title="Statuts et règlement",
        level="required",
        stage="set_up",
        **acting(basile, TODAY),
    )
    held = row.fulfilments.get(requirement=item())
    assert (held.version.number, held.version.title) == (1, "Statuts rédigés et adoptés")
    block, one = shown(row, basile)["statutes"]
    assert (block, one.title, one.level) == ("collective", "Statuts rédigés et adoptés", "advised")
    other = given_accompaniment("Bocaux", owner=basile, stage="set_up", by=basile)
    block, one = shown(other, basile)["statutes"]
    assert (block, one.title, one.level) == ("set_up", "Statuts et règlement", "required")


def test_ticked_again_an_item_is_judged_with_its_words_of_today(row: Any, basile: User) -> None:
    actions.tick(row, requirement=item(), **acting(basile, TODAY))
    actions.write_requirement(item(), title="Statuts signés", **acting(basile, TODAY))
    actions.untick(row, requirement=item(), **acting(basile, TODAY))
    actions.tick(row, requirement=item(), **acting(basile, TODAY))
    assert row.fulfilments.get(requirement=item()).version.title == "Statuts signés"


def test_an_item_no_longer_in_use_stays_where_it_was_settled_and_only_there(
    row: Any, basile: User
) -> None:
    other = given_accompaniment("Bocaux", owner=basile, stage="collective", by=basile)
    actions.waive(row, requirement=item(), words="Déjà là", **acting(basile, TODAY))
    actions.write_requirement(item(), is_active=False, **acting(basile, TODAY))
    _block, one = shown(row, basile)["statutes"]
    assert (one.is_settled, one.asked, one.status) == (True, False, "waived")
    assert "statutes" not in shown(other, basile)
    with pytest.raises(Refused):
        actions.untick(row, requirement=item(), **acting(basile, TODAY))
    assert row.fulfilments.get(requirement=item()).words == "Déjà là"
    actions.write_requirement(item(), is_active=True, **acting(basile, TODAY))
    assert shown(row, basile)["statutes"][1].asked


def test_an_item_moved_to_another_path_stays_where_it_was_settled(row: Any, basile: User) -> None:
    actions.tick(row, requirement=item(), **acting(basile, TODAY))
    only = Path.objects.filter(code="grocery")
    actions.write_requirement(item(), paths=only, **acting(basile, TODAY))
    assert shown(row, basile)["statutes"][1].is_settled
    assert not Requirement.objects.asked_of(row).filter(code="statutes").exists()


def test_help_and_order_make_no_new_version_but_another_demand_does(basile: User) -> None:
    act = acting(basile, TODAY)
    actions.write_requirement(item(), position=7, for_coop="Écrivez-les.", is_shared=False, **act)
    assert item().version == 1
    for number, change in enumerate(({"title": "A"}, {"why": "B"}, {"level": "required"}), 2):
        actions.write_requirement(item(), **change, **act)
        assert item().version == number
    assert item().versions.count() == 4


def test_no_version_is_changed_or_taken_away(row: Any, basile: User) -> None:
    actions.tick(row, requirement=item(), **acting(basile, TODAY))
    version = RequirementVersion.objects.filter(requirement=item())
    with pytest.raises(DatabaseError), transaction.atomic():
        version.update(title="Autre")
    with pytest.raises(DatabaseError), transaction.atomic():
        version._raw_delete("default")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE crm_requirementversion SET level = 'required'")
    with pytest.raises((RestrictedError, DatabaseError)), transaction.atomic():
        item().delete()
    assert version.get().title == "Statuts rédigés et adoptés"


def test_a_fulfilment_without_its_version_is_refused_by_the_database(
    row: Any, basile: User
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Fulfilment.objects.create(
            accompaniment=row, requirement=item(), status="done", on=TODAY, by=basile
        )


def test_evidence_is_a_file_kept_in_the_same_gesture_and_taking_it_back_keeps_the_trail(
    row: Any, basile: User
) -> None:
    file = SimpleUploadedFile("statuts.pdf", PDF)
    actions.tick(row, requirement=item(), words="Signés", file=file, **acting(basile, TODAY))
    held = row.fulfilments.get(requirement=item())
    assert held.document.title == "Statuts rédigés et adoptés"
    assert held.document_version.number == 1
    actions.untick(row, requirement=item(), **acting(basile, TODAY))
    held.refresh_from_db()
    assert (held.status, held.document, held.on) == ("missing", None, None)
    verbs = Event.objects.filter(model="crm.Accompaniment", codes__requirement="statutes")
    assert [e.verb.rsplit(".")[-1] for e in verbs.order_by("pk")] == ["tick", "untick"]
    first = verbs.earliest("pk")
    assert first.codes["document"] and "Signés" not in str(first.codes)
    assert EventText.objects.get(event=first).words["reason"] == "Signés"


def test_evidence_that_lies_leaves_the_item_as_it_was(row: Any, basile: User) -> None:
    file = SimpleUploadedFile("statuts.pdf", b"MZ\x90 not a pdf")
    with pytest.raises(Refused) as refused:
        actions.tick(row, requirement=item(), file=file, **acting(basile, TODAY))
    assert "PDF" in refused.value.missing[0].text
    assert not row.fulfilments.filter(requirement=item()).exists()
    assert not row.coop.documents.exists()


def test_the_document_of_another_coop_or_an_archived_one_proves_nothing(
    row: Any, basile: User
) -> None:
    act = acting(basile, TODAY)
    other = given_accompaniment("Bocaux", owner=basile)
    theirs = actions.add_document(other.coop, file=SimpleUploadedFile("a.pdf", PDF), **act)
    away = actions.add_document(row.coop, file=SimpleUploadedFile("b.pdf", PDF), **act)
    actions.archive_document(away, **act)
    for document in (theirs, away):
        with pytest.raises(Refused):
            actions.tick(row, requirement=item(), document=document, **act)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("statuts-types.pdf", b"PK\x03\x04 a spreadsheet"),
        ("modele.docx", PDF),
        ("modele.pdf.exe", PDF),
        ("statuts\u202efdp.exe", PDF),
        ("vide.odt", b""),
    ],
)
def test_a_template_file_with_a_misleading_name_is_refused_with_the_reason(
    name: str, content: bytes, basile: User
) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_kit_file(
            item(), file=SimpleUploadedFile(name, content), **acting(basile, TODAY)
        )
    assert refused.value.missing[0].code == "file" and refused.value.missing[0].text
    assert not KitFile.objects.exists()


def test_an_item_takes_several_template_files_each_once(basile: User) -> None:
    act = acting(basile, TODAY)
    kept = actions.add_kit_file(item(), file=SimpleUploadedFile("Modèle.pdf", PDF), **act)
    actions.add_kit_file(item(), file=SimpleUploadedFile("note.txt", b"Bonjour"), **act)
    assert "Mod" not in kept.file.name and kept.original_name == "Modèle.pdf"
    with pytest.raises(Refused):
        actions.add_kit_file(item(), file=SimpleUploadedFile("autre.pdf", PDF), **act)
    actions.withdraw_kit_file(kept, **act)
    assert item().files.in_use().count() == 1 and item().files.count() == 2
    actions.add_kit_file(item(), file=SimpleUploadedFile("autre.pdf", PDF), **act)


def test_questions_are_rewritten_in_order_and_an_empty_answer_is_refused(basile: User) -> None:
    act = acting(basile, TODAY)
    pairs = [("Combien ?", "Sept."), ("Où ?", "Au tribunal.")]
    actions.write_requirement(item(), questions=pairs, **act)
    assert [(q.question, q.answer) for q in item().questions.all()] == pairs
    with pytest.raises(Refused):
        actions.write_requirement(item(), questions=[("Et ?", " ")], **act)
    assert item().questions.count() == 2
