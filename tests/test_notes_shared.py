"""Notes: internal by default, shared after one more question, sent once to who was there."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction

from crm import actions
from crm.models import Document, Note, NoteMail, Task
from essaim.models import Event, OutboxMessage, User
from essaim.workflow import Refused
from tests.conftest import acting, person
from tests.given_crm import given_contact, given_coop

TODAY = date(2026, 11, 23)


@pytest.fixture
def coop(ada: User, basile: User) -> Any:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def emile(coop: Any, basile: User) -> Any:
    return given_contact(organisation=coop.organisation, email="emile@coop.test", by=basile)


def written(coop: Any, by: User, **more: Any) -> Note:
    values = {"title": "Assemblée", "text": "Le bail est voté.", "kind": "meeting"} | more
    return actions.write_note(coop, **values, **acting(by, TODAY))


def test_a_note_is_internal_and_sharing_it_asks_once_more_with_names(
    coop: Any, emile: Any, ada: User, chloe: User
) -> None:
    note = written(coop, ada)
    assert not note.is_shared
    with pytest.raises(Refused) as refused:
        actions.edit_note(note, is_shared=True, **acting(ada, TODAY))
    (asked,) = refused.value.missing
    assert asked.code == "share_confirmed"
    assert "Chloé Weiss" in asked.text and "Émile Schmitt" in asked.text
    note.refresh_from_db()
    assert not note.is_shared
    actions.edit_note(note, is_shared=True, share_confirmed=True, **acting(ada, TODAY))
    # Shared already: editing it asks nothing more, making it internal neither.
    actions.edit_note(note, title="AG", **acting(ada, TODAY))
    assert not actions.edit_note(note, is_shared=False, **acting(ada, TODAY)).is_shared
    with pytest.raises(Refused):
        actions.edit_note(note, is_shared=True, **acting(ada, TODAY))


def test_a_note_born_shared_asks_too_and_writes_nothing_before(coop: Any, ada: User) -> None:
    with pytest.raises(Refused):
        written(coop, ada, is_shared=True, tasks=[{"what": "Rappeler"}])
    assert not Note.objects.exists() and not Task.objects.exists()
    assert written(coop, ada, is_shared=True, share_confirmed=True).is_shared


def test_next_actions_and_an_attachment_come_with_the_note_or_nothing_does(
    coop: Any, ada: User, basile: User
) -> None:
    tasks = [
        {"what": "Relire le bail", "owner": basile, "due_on": date(2026, 12, 1)},
        {"what": "Rappeler la mairie"},
    ]
    lie = SimpleUploadedFile("photo.png", b"MZ")
    with pytest.raises(Refused):
        written(coop, ada, tasks=tasks, file=lie)
    assert not Note.objects.exists() and not Task.objects.exists()
    note = written(
        coop, ada, tasks=tasks, file=SimpleUploadedFile("bail.txt", b"Bail"), file_title="Bail"
    )
    assert [(t.what, t.owner, t.coop) for t in note.tasks.order_by("pk")] == [
        ("Relire le bail", basile, coop),
        ("Rappeler la mairie", ada, coop),
    ]
    assert Document.objects.get().note == note


def test_what_comes_from_an_internal_note_is_hidden_with_it(
    coop: Any, ada: User, chloe: User, basile: User
) -> None:
    note = written(
        coop,
        ada,
        tasks=[{"what": "Parler du conflit"}, {"what": "Vérifier l’adhésion", "owner": chloe}],
        file=SimpleUploadedFile("mail.txt", b"Mail"),
    )
    seen = Task.objects.visible_to(chloe)
    # The task given to her is hers; the others of an internal note do not exist for her.
    assert [t.what for t in seen] == ["Vérifier l’adhésion"]
    assert not Document.objects.visible_to(chloe).exists()
    assert Task.objects.visible_to(basile).count() == 2
    actions.edit_note(note, is_shared=True, share_confirmed=True, **acting(ada, TODAY))
    assert seen.all().count() == 2 and Document.objects.visible_to(chloe).exists()


def test_an_internal_note_is_never_sent(coop: Any, emile: Any, ada: User) -> None:
    note = written(coop, ada, participants=[emile])
    with pytest.raises(Refused) as refused:
        actions.send_note(note, to=note.participants.all(), **acting(ada, TODAY))
    assert refused.value.missing[0].code == "to"
    assert not OutboxMessage.objects.exists() and not NoteMail.objects.exists()


def test_a_shared_note_goes_once_to_each_of_those_chosen(
    coop: Any, emile: Any, ada: User, basile: User, mailoutbox: Any
) -> None:
    mute = given_contact("Zoé Klein", organisation=coop.organisation, by=basile)
    note = written(
        coop, ada, is_shared=True, share_confirmed=True, participants=[emile, basile, mute]
    )
    everybody = note.participants.all()
    with pytest.raises(Refused) as refused:
        actions.send_note(note, to=everybody, **acting(ada, TODAY))
    assert "Zoé Klein" in refused.value.missing[0].text
    assert not OutboxMessage.objects.exists()
    chosen = everybody.filter(contact=emile)
    actions.send_note(note, to=chosen, **acting(ada, TODAY))
    with pytest.raises(Refused) as refused:
        actions.send_note(note, to=chosen, **acting(ada, TODAY))
    assert "Émile" in refused.value.missing[0].text
    actions.send_note(note, to=everybody.filter(user=basile), **acting(ada, TODAY))
    call_command("send_outbox", verbosity=0)
    assert sorted(m.to[0] for m in mailoutbox) == ["basile@essaim.test", "emile@coop.test"]
    mail = next(m for m in mailoutbox if m.to == ["emile@coop.test"])
    assert "Le bail est voté." in mail.body and mail.reply_to == ["ada@essaim.test"]
    assert Event.objects.filter(verb="crm.Note.send").count() == 2
    assert "voté" not in str(Event.objects.filter(verb="crm.Note.send").first().codes)


def test_the_database_refuses_a_second_mail_of_a_note(coop: Any, emile: Any, ada: User) -> None:
    note = written(coop, ada, is_shared=True, share_confirmed=True, participants=[emile])
    (mail,) = actions.send_note(note, to=note.participants.all(), **acting(ada, TODAY))
    with pytest.raises(IntegrityError), transaction.atomic():
        NoteMail.objects.create(
            note=note, contact=emile, message=mail.message, by=ada, at=note.written_at
        )


def test_a_task_given_to_somebody_who_left_is_refused(coop: Any, ada: User) -> None:
    gone = person("Gilles Parti", "consultant")
    gone.is_active = False
    gone.save()
    with pytest.raises(Refused):
        actions.add_task(coop=coop, what="Rien", owner=gone, **acting(ada, TODAY))
    task = actions.add_task(coop=coop, what="Appeler", **acting(ada, TODAY))
    del gone.__dict__["role_codes"]
    with pytest.raises(Refused):
        actions.edit_task(task, what="Appeler", owner=gone, **acting(ada, TODAY))
