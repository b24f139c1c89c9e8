"""Template files of the kit, a note that is shared and sent, a document in two versions."""

from functools import partial
from typing import Any

from django.core.files.base import ContentFile

from crm import actions as crm
from crm.actions.reminders import remind_tasks
from crm.models import Contact, Requirement
from invoicing.demo.stage import Stage, data

COOP = "musette"


def plan(stage: Stage) -> None:
    """Plan the scenes, in the order of their dates."""
    stage.later(-24, partial(_files, stage))
    stage.later(-16, partial(_meeting, stage))
    stage.later(-15, partial(_shared, stage))
    stage.later(-13, partial(_first_lease, stage))
    stage.later(-6, partial(_second_lease, stage))
    stage.later(0, partial(_reminded, stage))


def _file(name: str, text: str) -> ContentFile[Any]:
    return ContentFile(text.encode(), name)


def _files(stage: Stage) -> None:
    act = stage.act("basile", stage.on(-24))
    for row in data("kit")["files"]:
        item = Requirement.objects.get(code=row["item"])
        file = _file(row["name"], row["text"])
        crm.add_kit_file(item, file=file, title=row["title"], **act)


def _meeting(stage: Stage) -> None:
    """The note of a meeting, with who was there, what comes next and a sheet."""
    told, coop = data("kit")["note"], stage.coops[COOP]
    people = Contact.objects.filter(roles__organisation=coop.organisation_id).distinct()
    first = people.order_by("pk")[0]
    crm.edit_contact(first, email="collectif@lamusette.example", **stage.act("ada", stage.on(-17)))
    owners, dues = ("ada", "basile"), (-2, 9)
    stage.things["kit_note"] = crm.write_note(
        coop,
        kind="meeting",
        title=told["title"],
        text=told["text"],
        minutes=120,
        participants=[*people, stage.users["basile"]],
        tasks=[
            {"what": what, "owner": stage.users[who], "due_on": stage.on(due)}
            for what, who, due in zip(told["tasks"], owners, dues, strict=True)
        ],
        file=_file(told["file"]["name"], told["file"]["text"]),
        file_title=told["file"]["title"],
        **stage.act("ada", stage.on(-16), 20),
    )


def _shared(stage: Stage) -> None:
    """Shared after one more question, then sent to those who have an address."""
    note, act = stage.things["kit_note"], stage.act("ada", stage.on(-15))
    crm.edit_note(note, is_shared=True, share_confirmed=True, **act)
    people = note.participants.select_related("user", "contact")
    crm.send_note(note, to=[one for one in people if one.email], **act)


def _first_lease(stage: Stage) -> None:
    """A document proves an item of the kit."""
    told, act = data("kit")["lease"], stage.act("ada", stage.on(-13))
    file = _file("promesse-de-bail.txt", told["first"])
    document = crm.add_document(stage.coops[COOP], file=file, title=told["title"], **act)
    item = Requirement.objects.get(code="working-groups")
    crm.tick(stage.accompaniment(COOP), requirement=item, document=document, **act)
    stage.things["kit_lease"] = document


def _second_lease(stage: Stage) -> None:
    """Its second version: what was judged on the first stays on it."""
    told, act = data("kit")["lease"], stage.act("ada", stage.on(-6))
    file = _file("promesse-de-bail-relue.txt", told["second"])
    crm.revise_document(stage.things["kit_lease"], file=file, **act)


def _reminded(stage: Stage) -> None:
    """The mail of this morning: what is due, what is late; paused coops are silent."""
    act = stage.act("basile", stage.today, 6)
    stage.things["kit_reminded"] = remind_tasks(on=act["on"], at=act["at"])
