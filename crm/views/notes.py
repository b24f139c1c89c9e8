"""Pages of notes: written with their next actions, shared, sent, joined with files."""

from typing import Any

from django import forms as plain
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm import actions, forms_notes
from crm.models import Document, Note, NoteParticipant
from crm.views.coop import CoopForm
from essaim.views import Action, DetailPage, FormPage, log_refusal
from essaim.workflow import Missing

ACTIONS = 3


class NoteWriting(FormPage):
    """The form of a note with rows for its next actions; sharing it is asked once more."""

    template_name = "crm/note_form.html"
    form_class = forms_notes.NoteForm
    success_message = _("The note is kept.")
    asked_to_share = ""

    def get_formsets(self) -> dict[str, Any]:
        made = plain.formset_factory(forms_notes.ActionForm, extra=ACTIONS, max_num=20)
        rows: Any = made(
            self.request.POST if self.request.method == "POST" else None,
            prefix="next",
            form_kwargs={"user": self.request.user, "on": self.today},
        )
        rows.label = _("Next actions")
        return {"next": rows}

    def given(self, form: Any) -> dict[str, Any]:
        """What goes to the action: the fields, and the next actions that were typed."""
        rows = [row.cleaned_data for row in self.formsets["next"]]
        return {**form.cleaned_data, "tasks": [row for row in rows if row.get("what")]}

    def not_done(self, form: Any, missing: list[Missing]) -> Any:
        asked = [m for m in missing if m.code == "share_confirmed"]
        if not asked:
            return super().not_done(form, missing)
        log_refusal(self.request, "refused:share_confirmed")
        self.asked_to_share = str(asked[0].text)
        return self.show(status=409, form=form, missing=[])

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {
            "asked_to_share": self.asked_to_share,
            "file_is_lost": bool(self.asked_to_share and self.request.FILES),
        }

    def get_success_url(self, done: Note) -> str:
        return done.get_absolute_url()


class NoteNew(NoteWriting, CoopForm):
    title = _("New note")
    explains = _("What was said, what was decided, what comes next: whoever follows reads it here.")
    about = "compte-rendu"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.parent}

    def perform(self, form: Any) -> Note:
        return actions.write_note(self.parent, **self.given(form), **self.act())


class NoteEdit(NoteWriting):
    model, title = Note, _("Edit the note")
    explains = _("Correct your words; copies already sent by mail stay as they left.")
    select_related = ("coop__organisation",)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.object.coop, "note": self.object}

    def get_initial(self) -> dict[str, Any]:
        note = self.object
        people = list(note.participants.all())
        return {
            "kind": note.kind,
            "happened_at": note.at,
            "minutes": note.minutes,
            "title": note.title,
            "text": note.text,
            "is_shared": note.is_shared,
            "colleagues": [p.user_id for p in people if p.user_id],
            "contacts": [p.contact_id for p in people if p.contact_id],
        }

    def perform(self, form: Any) -> Note:
        return actions.edit_note(self.object, **self.given(form), **self.act())


class NoteDetail(DetailPage):
    """A note with who was there, what comes next, its files, and to whom it was sent."""

    explains = _("What was said that day, who was there, and what was to follow.")

    model, template_name = Note, "crm/note.html"
    select_related = ("coop__organisation", "author")

    def get_back(self) -> Any:
        return (self.object.coop.get_absolute_url(), str(self.object.coop))

    def get_facts(self) -> str:
        return f"{self.object.get_kind_display()} · {self.object.author}"

    def get_primary(self) -> Action:
        address = reverse("crm:note_edit", args=(self.object.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_note")

    def get_actions(self) -> list[Action]:
        key = (self.object.pk,)
        found = [
            Action(_("Join a file"), reverse("crm:note_attach", args=key), "paperclip", WRITE),
        ]
        if self.object.is_shared and self.is_someone_left():
            send = reverse("crm:note_send", args=key)
            found.append(Action(_("Send to participants"), send, "send", WRITE))
        return found

    @cached_property
    def told(self) -> tuple[list[tuple[NoteParticipant, Any]], list[Any]]:
        """Those who were there with the mail each had, and mails to people no longer said so."""
        people = self.object.participants.select_related("user", "contact")
        mails = list(self.object.mails.select_related("user", "contact", "message", "by"))
        told = {("u", m.user_id): m for m in mails if m.user_id}
        told |= {("c", m.contact_id): m for m in mails if m.contact_id}
        rows = [
            (p, told.pop(("u", p.user_id) if p.user_id else ("c", p.contact_id), None))
            for p in people
        ]
        return rows, list(told.values())

    def is_someone_left(self) -> bool:
        return any(person.email and mail is None for person, mail in self.told[0])

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        documents = Document.objects.visible_to(user).filter(note=self.object, archived_on=None)
        tasks = self.object.tasks.visible_to(user).select_related("owner")
        return super().get_context(**more) | {
            "people": self.told[0],
            "is_someone_left": self.is_someone_left(),
            # Sent to somebody who is no longer said to have been there: it stays told.
            "others_told": self.told[1],
            "tasks": list(tasks.order_by("pk")),
            "documents": list(documents.order_by("pk")),
        }


WRITE = "crm.change_note"


class NotePart(FormPage):
    """A form about one note."""

    model = Note
    select_related = ("coop__organisation", "author")

    def get_facts(self) -> str:
        return f"{self.object.title} · {self.object.coop}"

    def get_success_url(self, done: Any) -> str:
        return self.object.get_absolute_url()


class NoteSend(NotePart):
    """Mail the text of a shared note to some of those who were there."""

    form_class, title, submit_label = forms_notes.SendForm, _("Send the note"), _("Send")
    explains = _("Those you tick receive the text by mail; internal notes cannot be sent.")
    template_name = "crm/note_send.html"
    submit_icon = "send"

    @cached_property
    def left(self) -> list[NoteParticipant]:
        """Those who were there, have an address and have not had it."""
        told = set(self.object.mails.values_list("user", "contact"))
        people = self.object.participants.select_related("user", "contact").order_by("pk")
        return [p for p in people if p.email and (p.user_id, p.contact_id) not in told]

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = NoteParticipant.objects.filter(pk__in=[p.pk for p in self.left])
        return {"people": rows.select_related("user", "contact").order_by("pk")}

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {
            "left": self.left,
            "words": actions.mail_body(self.object, self.request.user),
        }

    def perform(self, form: Any) -> Any:
        return actions.send_note(self.object, **form.cleaned_data, **self.act())

    def get_success_message(self, done: Any) -> str:
        words = ngettext(
            "The note leaves to %(count)s person with the next mail.",
            "The note leaves to %(count)s people with the next mail.",
            len(done),
        )
        return words % {"count": len(done)}


class NoteAttach(NotePart):
    form_class, title = forms_notes.DocumentForm, _("Join a file")
    explains = _("The file joins the documents of the coop and stays tied to this note.")
    success_message = _("The document is kept.")

    def perform(self, form: Any) -> Document:
        note = self.object
        return actions.add_document(note.coop, note=note, **form.cleaned_data, **self.act())
