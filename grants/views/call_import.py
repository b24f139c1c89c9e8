"""A list of calls from a file: its model, its dry run, its confirmation."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from essaim.exports import csv_response, xlsx_response
from essaim.tongue import in_french
from essaim.views import Action, FormPage, Page
from grants.actions import call_imports
from grants.call_lists import COLUMNS
from grants.forms_catalogue import CallListForm
from grants.models import CallImport

SHOWN = 200


class CallImportNew(FormPage):
    form_class, title = CallListForm, gettext_lazy("Import a list of calls")
    explains = gettext_lazy("Twenty calls at once, from a table.")
    template_name = "grants/call_import_new.html"
    submit_label, submit_icon = gettext_lazy("Read the file"), "file-up"

    def get_initial(self) -> dict[str, Any]:
        last = CallImport.objects.visible_to(self.request.user).first()
        known = {"source": last.source, "licence": last.licence} if last else {}
        return {"checked_on": self.today, **known}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:calls"), _("Calls"))

    def get_actions(self) -> list[Action]:
        url = reverse("grants:call_model", args=("xlsx",))
        return [
            Action(_("Model (XLSX)"), url, "download"),
            Action(_("Model (CSV)"), reverse("grants:call_model", args=("csv",)), "download"),
        ]

    def perform(self, form: Any) -> CallImport:
        data = {**form.cleaned_data}
        name, table = data.pop("file")
        return call_imports.read_call_list(table=table, name=name, **data, **self.act())


class CallModel(Page):
    """The empty list with one example row."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        header = tuple(str(column.title) for column in COLUMNS)
        rows = [tuple(column.example for column in COLUMNS)]
        if self.kwargs["kind"] == "csv":
            return csv_response("appels-modele.csv", header, rows)
        return xlsx_response("appels-modele.xlsx", header, rows, title=str(_("Calls")))


class CallImportPage(FormPage):
    """What the list would do; confirming does it."""

    explains = gettext_lazy(
        "Read what each row would become, then confirm; rows in fault are left out."
    )

    model = CallImport
    template_name = "grants/call_import.html"
    submit_label, submit_icon = pgettext_lazy("calls", "Import"), "check"

    @property
    def ticked(self) -> list[str] | None:
        """The names to create: all of them until somebody has unticked one."""
        return self.request.POST.getlist("create") if self.request.method == "POST" else None

    @cached_property
    def seen(self) -> Any:
        if self.object.confirmed_at:
            return None
        return call_imports.preview_call_list(self.object, create=self.ticked, **self.act())

    def get_title(self) -> str:
        return _("List of calls: %(name)s") % {"name": self.object.source}

    def get_facts(self) -> str:
        count = len(self.object.rows)
        rows = ngettext("%(n)s row", "%(n)s rows", count) % {"n": count}
        return " · ".join(p for p in (self.object.name, rows, self.object.licence) if p)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:calls"), _("Calls"))

    def perform(self, form: Any) -> CallImport:
        create = self.ticked or ()
        return call_imports.confirm_call_list(self.object, create=create, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        seen = self.seen
        told: dict[str, Any] = {"seen": seen}
        if seen is not None:
            posted = self.ticked
            names = [(name, name) for name in seen.funders]
            names += [(f"{f}|{p}", f"{p} ({f})") for f, p in seen.programmes]
            told |= {
                "names": [(k, w, posted is None or k in posted) for k, w in names],
                "faults": seen.faults[:SHOWN],
                "more_faults": max(len(seen.faults) - SHOWN, 0),
                "rows": seen.rows[:SHOWN],
                "more_rows": max(len(seen.rows) - SHOWN, 0),
                "counts": [
                    (call_imports.WORDS[what], seen.count(what))
                    for what in (call_imports.NEW, call_imports.CHANGED, call_imports.SAME)
                ],
                "left_out": seen.count(call_imports.LEFT_OUT),
            }
        return super().get_context(**told, **more)
