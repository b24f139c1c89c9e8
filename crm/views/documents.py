"""Pages of documents: those of a coop, one with its versions, the files themselves."""

from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_notes
from crm.models import Document, DocumentPin, DocumentVersion, Fulfilment
from crm.views.coop import CoopForm, CoopPart
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, Page, stored_file

ADD = "crm.add_document"


def _of(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(note=None) if value == "coop" else rows.exclude(note=None)


def _state(rows: Any, value: str, page: Any) -> Any:
    """The choice is made before, where the first option narrows too."""
    return rows


class DocumentList(CoopPart, ListPage):
    """The documents of a coop, the latest first; archived ones apart."""

    template_name, partial = "essaim/list.html", "rows"
    model, title, order = Document, _("Documents"), ("-added_at", "-pk")
    select_related = ("added_by", "note")
    columns = (
        Column(_("Title"), "title", phone="title"),
        Column(_("File"), "original_name", phone="sub"),
        Column(_("Version"), "version", "number", phone="hide"),
        Column(_("Joined to"), "note", phone="hide"),
        Column(_("Added on"), lambda row: localdate(row.added_at), "date", phone="side"),
        Column(_("Who"), "added_by", "person", phone="amount"),
    )
    chips = (
        Chips(
            "of",
            (("", _("All")), ("coop", _("Of the coop")), ("note", _("Joined to a note"))),
            _of,
            _("Kind"),
        ),
        Chips("state", (("", _("In use")), ("archived", _("Archived"))), _state, _("State")),
    )
    search_fields = ("title", "original_name")
    empty_title = _("No document yet.")
    explains = _(
        "The coop’s papers with all their versions: what proves an item of the kit is here."
    )
    empty_text = _("Statutes, leases, insurance: what proves a kit item is kept here.")
    empty_icon = "file-text"

    def get_queryset(self) -> Any:
        rows: Any = ListPage.get_queryset(self).filter(coop=self.parent)
        archived = self.request.GET.get("state") == "archived"
        return rows.exclude(archived_on=None) if archived else rows.in_use()

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return ListPage.get(self, request, *args, **kwargs)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return ListPage.get_context(self, **more)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.http_method_not_allowed(request)

    def row_url(self, row: Document) -> str:
        return reverse("crm:document_detail", args=(row.pk,))

    def get_primary(self) -> Action:
        address = reverse("crm:document_add", args=(self.parent.pk,))
        return Action(_("Add a document"), address, "plus", ADD)


class DocumentAdd(CoopForm):
    form_class, title = forms_notes.DocumentForm, _("Add a document")
    explains = _("The file is kept with the coop; it can then prove an item of its kit.")
    success_message = _("The document is kept.")

    def perform(self, form: Any) -> Document:
        return actions.add_document(self.parent, **form.cleaned_data, **self.act())


class DocumentDetail(DetailPage):
    """A document: its current file, its former versions, what each of them proves."""

    explains = _(
        "The current file first; earlier versions stay readable, none is ever overwritten."
    )

    model, template_name = Document, "crm/document.html"
    select_related = ("coop__organisation", "note", "added_by")

    def get_facts(self) -> str:
        return str(self.object.coop)

    def get_back(self) -> Any:
        return (reverse("crm:documents", args=(self.object.coop_id,)), _("Documents"))

    def get_primary(self) -> Action | None:
        if self.object.archived_on is not None:
            return None
        address = reverse("crm:document_revise", args=(self.object.pk,))
        return Action(_("New version"), address, "file-up", ADD)

    def get_actions(self) -> list[Action]:
        key = (self.object.pk,)
        away = _("Take out of the archive") if self.object.archived_on else _("Archive")
        return [
            Action(_("Change the title"), reverse("crm:document_title", args=key), "pencil", ADD),
            Action(away, reverse("crm:document_archive", args=key), "archive", ADD),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        proved = Fulfilment.objects.filter(document=row).settled()
        pins = DocumentPin.objects.filter(version__document=row)
        note = row.note
        seen = note is not None and type(note).objects.visible_to(user).filter(pk=note.pk).exists()
        return super().get_context(**more) | {
            "versions": list(row.versions.select_related("added_by")),
            "proved": list(proved.select_related("version", "document_version")),
            "pinned": sorted(pins.values_list("version__number", flat=True)),
            "note": note if seen else None,
        }


class DocumentPart(FormPage):
    model, select_related = Document, ("coop__organisation",)

    def get_facts(self) -> str:
        return f"{self.object.title} · {self.object.coop}"

    def get_back(self) -> Any:
        return (reverse("crm:document_detail", args=(self.object.pk,)), str(self.object))

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:document_detail", args=(self.object.pk,))


class DocumentRevise(DocumentPart):
    form_class, title = forms_notes.VersionForm, _("New version")
    explains = _("The new file becomes the current one; the former ones stay below it.")
    success_message = _("The new version is kept, the former ones too.")

    def perform(self, form: Any) -> Document:
        return actions.revise_document(self.object, **form.cleaned_data, **self.act())


class DocumentTitle(DocumentPart):
    form_class, title = forms_notes.TitleForm, _("Change the title")
    explains = _("Only the words shown change: the file and its versions stay as they are.")
    success_message = _("Saved.")

    def get_initial(self) -> dict[str, Any]:
        return {"title": self.object.title}

    def perform(self, form: Any) -> Document:
        return actions.rename_document(self.object, **form.cleaned_data, **self.act())


class DocumentArchive(DocumentPart):
    """Put away, or taken back; never deleted."""

    explains = _("Nothing is deleted: an archived document stays readable and can come back.")

    def get_title(self) -> Any:
        return (
            _("Take out of the archive") if self.object.archived_on else _("Archive the document")
        )

    def get_submit_label(self) -> Any:
        return _("Take out of the archive") if self.object.archived_on else _("Archive")

    def perform(self, form: Any) -> Document:
        away = self.object.archived_on is None
        verb = actions.archive_document if away else actions.unarchive_document
        return verb(self.object, **self.act())

    def get_success_message(self, done: Document) -> Any:
        away = done.archived_on is not None
        return _("The document is archived.") if away else _("The document is in use again.")


class DocumentFile(Page):
    """The file itself, as an attachment, for those who may see it."""

    model: Any = Document

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        row = self.object
        return stored_file(row.file, row.original_name, row.content_type)


class VersionFile(DocumentFile):
    """One version of a document, also a former one."""

    model = DocumentVersion
