"""A document's versions: all kept, the last shown, and what was judged on one stays on it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from crm import actions
from crm.documents import judged
from crm.models import Document, DocumentPin, DocumentVersion, Requirement
from essaim.models import User
from essaim.workflow import Refused
from tests.conftest import acting, person
from tests.given_crm import given_accompaniment
from tests.given_grants import given_application, given_disbursement, given_programme

TODAY = date(2026, 11, 23)


def pdf(words: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{words}.pdf", b"%PDF-1.7\n" + words.encode() + b"\n%%EOF\n")


@pytest.fixture
def row(basile: User) -> Any:
    return given_accompaniment(owner=basile, stage="collective", by=basile)


def kept(row: Any, by: User, words: str = "un") -> Document:
    return actions.add_document(row.coop, file=pdf(words), title="Bail", **acting(by, TODAY))


def test_a_new_version_keeps_the_former_ones_with_who_when_and_bytes(
    row: Any, basile: User, ada: User
) -> None:
    actions.assign(row, owner=basile, team=[ada], **acting(basile, TODAY))
    document = kept(row, basile)
    first = document.versions.get()
    after = actions.revise_document(document, file=pdf("deux"), **acting(ada, TODAY))
    assert (after.version, after.original_name, after.pk) == (2, "deux.pdf", document.pk)
    both = list(after.versions.all())
    assert [(v.number, v.added_by) for v in both] == [(2, ada), (1, basile)]
    assert both[1].sha256 == first.sha256 != both[0].sha256 == after.sha256
    for version, words in ((first, b"un"), (both[0], b"deux")):
        with version.file.open("rb") as file:
            assert words in file.read()


def test_the_same_bytes_a_lie_and_an_archived_document_are_refused(row: Any, basile: User) -> None:
    document = kept(row, basile)
    act = acting(basile, TODAY)
    with pytest.raises(Refused) as refused:
        actions.revise_document(document, file=pdf("un"), **act)
    assert "version 1" in refused.value.missing[0].text
    with pytest.raises(Refused):
        actions.revise_document(document, file=SimpleUploadedFile("x.pdf", b"MZ"), **act)
    actions.archive_document(document, **act)
    with pytest.raises(Refused):
        actions.revise_document(document, file=pdf("deux"), **act)
    assert DocumentVersion.objects.count() == 1
    actions.unarchive_document(document, **act)
    actions.revise_document(document, file=pdf("deux"), **act)


def test_a_kit_item_stays_proved_by_the_version_that_was_judged(row: Any, basile: User) -> None:
    document = kept(row, basile)
    act = acting(basile, TODAY)
    item = Requirement.objects.get(code="statutes")
    actions.tick(row, requirement=item, document=document, **act)
    actions.revise_document(document, file=pdf("deux"), **act)
    held = row.fulfilments.get(requirement=item)
    assert held.document_version.number == 1
    actions.tick(row, requirement=item, document=document, **act)
    held.refresh_from_db()
    assert held.document_version.number == 2


def test_a_disbursement_stays_proved_by_the_version_that_was_judged(row: Any, basile: User) -> None:
    document = kept(row, basile)
    application = given_application(row.coop, given_programme(), state="agreed")
    money = given_disbursement(application)
    type(money).objects.filter(pk=money.pk).update(evidence=document)
    money.refresh_from_db()
    act = acting(basile, TODAY)
    assert judged(money, "evidence").number == 1
    actions.revise_document(document, file=pdf("deux"), **act)
    actions.revise_document(document, file=pdf("trois"), **act)
    assert judged(money, "evidence").number == 1
    assert DocumentPin.objects.count() == 1
    later = given_disbursement(application, "balance")
    type(later).objects.filter(pk=later.pk).update(evidence=document)
    later.refresh_from_db()
    assert judged(later, "evidence").number == 3


def test_no_version_is_changed_or_taken_away(row: Any, basile: User) -> None:
    rows = DocumentVersion.objects.filter(document=kept(row, basile))
    for attack in (
        lambda: rows.update(sha256="0" * 64),
        lambda: rows.update(file="ailleurs.pdf"),
        lambda: rows._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_titles_change_and_nobody_elses_document_does(row: Any, basile: User) -> None:
    document = kept(row, basile)
    stranger = person("Simon Stoll", "consultant")
    act = acting(basile, TODAY)
    with pytest.raises(Refused):
        actions.rename_document(document, title=" ", **act)
    assert actions.rename_document(document, title="Bail signé", **act).title == "Bail signé"
    for verb in (actions.archive_document, actions.unarchive_document):
        with pytest.raises(PermissionDenied):
            verb(document, **acting(stranger, TODAY))
    with pytest.raises(PermissionDenied):
        actions.revise_document(document, file=pdf("deux"), **acting(stranger, TODAY))
    assert not DocumentVersion.objects.visible_to(stranger).exists()
