"""Pages of notes, tasks and documents."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_journal
from crm.models import Document, Note, Task
from crm.views.coop import CoopPart
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, Page, file_response


class NoteNew(CoopPart):
    form_class, title = forms_journal.NoteForm, _("New note")
    success_message = _("The note is kept.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.parent}

    def perform(self, form: Any) -> Note:
        return actions.write_note(self.parent, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Note) -> str:
        return done.get_absolute_url()


class NoteDetail(DetailPage):
    model, template_name = Note, "crm/note.html"
    select_related = ("coop__organisation", "author")

    def get_back(self) -> Any:
        return (self.object.coop.get_absolute_url(), str(self.object.coop))

    def get_facts(self) -> str:
        return f"{self.object.get_kind_display()} · {self.object.author}"

    def get_primary(self) -> Action:
        address = reverse("crm:note_edit", args=(self.object.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_note")

    def get_context(self, **more: Any) -> dict[str, Any]:
        people = self.object.participants.select_related("user", "contact")
        documents = Document.objects.visible_to(self.request.user).filter(note=self.object)
        return super().get_context(**more) | {
            "people": list(people),
            "tasks": list(self.object.tasks.select_related("owner")),
            "documents": list(documents),
        }


class NoteEdit(FormPage):
    model, form_class, title = Note, forms_journal.NoteForm, _("Edit the note")
    select_related = ("coop__organisation",)
    success_message = _("The note is kept.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.object.coop}

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
        return actions.edit_note(self.object, **form.cleaned_data, **self.act())


def _mine(rows: Any, value: str, page: Any) -> Any:
    return rows if value == "all" else rows.filter(owner=page.request.user)


def _done(rows: Any, value: str, page: Any) -> Any:
    return rows.exclude(done_on=None)


class TaskList(ListPage):
    model, title, order = Task, _("Tasks"), ("-pk",)
    select_related = ("coop__organisation", "owner")
    columns = (
        Column(_("What"), "what", phone="title"),
        Column(_("Coop"), "coop", phone="sub"),
        Column(_("Due on"), "due_on", "when", phone="side"),
        Column(_("Who"), "owner", "person", phone="amount"),
    )
    search_fields = ("what", "coop__organisation__search_key")
    chips = (
        Chips("of", (("", _("Mine")), ("all", _("Everybody’s"))), _mine, _("Tasks of")),
        Chips("state", (("", _("To do")), ("done", _("Done"))), _done, _("State")),
    )
    empty_title = _("Nothing to do.")
    empty_text = _("Tasks are added from the page of a coop.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        if self.request.GET.get("of") != "all":
            rows = rows.filter(owner=self.request.user)
        return rows if self.request.GET.get("state") == "done" else rows.open()

    def row_url(self, row: Task) -> str:
        return reverse("crm:task", args=(row.pk,))


class TaskNew(CoopPart):
    form_class, title = forms_journal.TaskForm, _("New task")
    success_message = _("The task is noted.")

    def perform(self, form: Any) -> Task:
        return actions.add_task(coop=self.parent, **form.cleaned_data, **self.act())


class TaskEdit(FormPage):
    model, form_class, title = Task, forms_journal.TaskForm, _("Task")
    select_related = ("coop__organisation", "owner")

    def get_initial(self) -> dict[str, Any]:
        task = self.object
        return {"what": task.what, "due_on": task.due_on, "owner": task.owner}

    def perform(self, form: Any) -> Task:
        data = dict(form.cleaned_data)
        data["owner"] = data["owner"] or self.object.owner
        return actions.edit_task(self.object, **data, **self.act())


class TaskDone(FormPage):
    """The plain button of a task: done, or to do again."""

    model, title, submit_label = Task, _("Task done"), _("Done")
    select_related = ("coop__organisation",)

    def get_facts(self) -> str:
        return self.object.what

    def perform(self, form: Any) -> Task:
        verb = actions.reopen_task if self.object.done_on else actions.finish_task
        return verb(self.object, **self.act())


class DocumentAdd(CoopPart):
    form_class, title = forms_journal.DocumentForm, _("Add a document")
    success_message = _("The document is kept.")

    def perform(self, form: Any) -> Document:
        return actions.add_document(self.parent, **form.cleaned_data, **self.act())


class DocumentFile(Page):
    """The file itself, as an attachment, for those who may see it."""

    model = Document

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        row = self.object
        with row.file.open("rb") as source:
            return file_response(source.read(), row.original_name, row.content_type)
