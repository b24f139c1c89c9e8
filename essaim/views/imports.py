"""Moving in: a file is sent, its columns matched, its rows tried dry, then written or not."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import CharField, ChoiceField, FileField, IntegerField
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms, hooks
from essaim.imports import batches
from essaim.imports.blank import FORMATS, model_file
from essaim.imports.reader import LARGEST
from essaim.models import ImportBatch
from essaim.tongue import in_french
from essaim.views.bulk import file_response
from essaim.views.edits import FormPage
from essaim.views.pages import Page

HOME = reverse_lazy("imports")


def importers_for(user: Any) -> list[Any]:
    """The kinds of tables this person may bring, in the order of a move."""
    found = [own[0] for own in hooks.importers.rows.values() if own]
    return sorted((i for i in found if user.has_perm(i.permission)), key=lambda i: i.order)


class OfKind(Page):
    """A page about one kind of table, named in the address."""

    @cached_property
    def importer(self) -> Any:
        own = hooks.importers.of(self.kwargs["kind"])
        if not own:
            raise Http404(self.kwargs["kind"])
        return own[0]

    def check(self) -> None:
        super().check()
        if not self.request.user.has_perm(self.importer.permission):
            raise PermissionDenied(self.importer.permission)


class ImportHome(Page):
    title = gettext_lazy("Bring data in")
    explains = gettext_lazy("Bring in coops, people, days and invoices from your former tables.")
    template_name = "essaim/imports/home.html"

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        rows = ImportBatch.objects.visible_to(user).select_related("by")[:20]
        labels = {i.kind: i.label() for i in importers_for(user)}
        recent = [(batch, labels.get(batch.kind, batch.kind)) for batch in rows]
        return super().get_context(
            kinds=importers_for(user), recent=recent, formats=list(FORMATS), **more
        )


class FileForm(forms.Form):
    file = FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel (.xlsx), LibreOffice (.ods) or text (.csv), 10 MB at most."),
    )

    def setup(self) -> None:
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.ods,.csv"


class ImportUpload(OfKind, FormPage):
    explains = gettext_lazy("Choose the file: it is read and checked, and nothing is written yet.")
    form_class = FileForm
    template_name = "essaim/imports/upload.html"
    submit_label = gettext_lazy("Look at this file")
    back = (HOME, gettext_lazy("Bring data in"))

    def get_title(self) -> str:
        return str(self.importer.label())

    def get_facts(self) -> str:
        return _("Nothing is written before you confirm.")

    def perform(self, form: Any) -> ImportBatch:
        file = form.cleaned_data["file"]
        if file.size > LARGEST:
            words = _("This file is too large: %(limit)s MB at most.")
            raise ValidationError({"file": words % {"limit": LARGEST // 1024 // 1024}})
        try:
            return batches.open_batch(
                self.importer.kind, name=file.name, content=file.read(), **self.act()
            )
        except ValidationError as error:
            raise ValidationError({"file": error.messages}) from error

    def get_success_url(self, done: ImportBatch) -> str:
        if len(done.sheets) > 1 or batches.lacking(done):
            return reverse("import_columns", args=(done.pk,))
        return done.get_absolute_url()

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(importer=self.importer, formats=list(FORMATS), **more)


class ColumnsForm(forms.Form):
    sheet = ChoiceField(label=gettext_lazy("Sheet of the file"), required=False)
    header_row = IntegerField(
        label=gettext_lazy("Row of the titles"),
        min_value=1,
        required=False,
        help_text=gettext_lazy("The row that names the columns."),
    )

    def __init__(self, *args: Any, batch: ImportBatch, columns: Sequence[Any], **kwargs: Any):
        self.batch, self.columns = batch, columns
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        sheets = [(name, name) for name in self.batch.sheets]
        self.fields["sheet"].choices = sheets
        if len(sheets) < 2:
            del self.fields["sheet"]
        titles = [("", "—"), *((title, title) for title in self.batch.header)]
        for column in self.columns:
            alone = column.required and not column.same_for_all
            self.fields[f"col_{column.code}"] = ChoiceField(
                label=column.label, choices=titles, required=alone, help_text=column.help
            )
            if column.same_for_all:
                self.fields[f"val_{column.code}"] = CharField(
                    label=_("%(column)s: the same for all rows") % {"column": column.label},
                    required=False,
                    max_length=200,
                    help_text=_("Where no column says it."),
                )

    def mapping(self) -> dict[str, dict[str, str]]:
        found = {}
        for column in self.columns:
            title = self.cleaned_data.get(f"col_{column.code}")
            value = str(self.cleaned_data.get(f"val_{column.code}") or "").strip()
            if title:
                found[column.code] = {"column": title}
            elif value:
                found[column.code] = {"value": value}
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used: dict[str, str] = {}
        for column in self.columns:
            title = data.get(f"col_{column.code}")
            if title and title in used:
                words = _("The column “%(title)s” is already “%(other)s”.")
                said = {"title": title, "other": used[title]}
                self.add_error(f"col_{column.code}", words % said)
            elif title:
                used[title] = str(column.label)
        return data


class ImportColumns(FormPage):
    model = ImportBatch
    form_class = ColumnsForm
    template_name = "essaim/imports/columns.html"
    title = gettext_lazy("Which column is which")
    explains = gettext_lazy(
        "Match each column once; the next page shows what every row would become."
    )
    submit_label = gettext_lazy("Check the rows")

    def get_facts(self) -> str:
        return str(self.object)

    @cached_property
    def columns(self) -> Sequence[Any]:
        return batches.importer_of(self.object.kind).columns()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"batch": self.object, "columns": self.columns}

    def get_initial(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "sheet": self.object.sheet,
            "header_row": self.object.header_row,
        }
        for code, source in self.object.mapping.items():
            if "column" in source:
                found[f"col_{code}"] = source["column"]
            else:
                found[f"val_{code}"] = source["value"]
        return found

    def perform(self, form: Any) -> ImportBatch:
        data = form.cleaned_data
        sheet = data.get("sheet") or self.object.sheet
        header_row = data.get("header_row") or self.object.header_row
        if (sheet, header_row) != (self.object.sheet, self.object.header_row):
            same = sheet == self.object.sheet
            done = batches.choose_sheet(
                self.object, sheet=sheet, header_row=header_row if same else 0, **self.act()
            )
            self.success_url = reverse("import_columns", args=(done.pk,))
            return done
        done = batches.map_columns(self.object, form.mapping(), **self.act())
        if gone := batches.lacking(done):
            names = ", ".join(str(column.label) for column in gone)
            words = _("Still to be said: %(names)s.")
            raise ValidationError({"header_row": words % {"names": names}})
        return done

    def get_context(self, **more: Any) -> dict[str, Any]:
        form = more.get("form")
        groups = []
        if form is not None:
            for column in self.columns:
                names = [f"col_{column.code}", f"val_{column.code}"]
                groups.append((column, [form[name] for name in names if name in form.fields]))
        needed = [group for group in groups if group[0].required]
        rest = [group for group in groups if not group[0].required]
        mapped = self.object.mapping
        given = [group for group in rest if group[0].code in mapped]
        other = [group for group in rest if group[0].code not in mapped]
        return super().get_context(needed=needed, given=given, other=other, **more)


class ImportModel(OfKind):
    """A model to fill, in the three kinds of file."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        suffix = self.kwargs["suffix"]
        if suffix not in FORMATS:
            raise Http404(suffix)
        title = str(self.importer.label())
        columns = getattr(self.importer, "model_columns", self.importer.columns)()
        content = model_file(suffix, columns, str(self.importer.help()), title)
        name = _("model")
        return file_response(content, f"{name}-{self.importer.kind}.{suffix}", FORMATS[suffix])
