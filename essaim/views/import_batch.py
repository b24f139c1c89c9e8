"""One import: what it would do row by row, what was chosen, its writing and its undoing."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from essaim import forms
from essaim.exports import csv_response
from essaim.imports import batches
from essaim.imports.plan import CREATE, LINK, SKIP
from essaim.models import ImportBatch, ImportRow
from essaim.tongue import in_french, kept
from essaim.views.edits import TransitionPage
from essaim.views.imports import HOME
from essaim.views.pages import Action, DetailPage, Page

PER_PAGE = 50
Verdict = ImportRow.Verdict
TONES = {"create": "good", "link": "info", "same": "quiet", "doubtful": "warn", "fault": "bad"}


class ImportPage(DetailPage):
    """What a file would do, or did, row by row."""

    explains = gettext_lazy(
        "Read row by row what the file would do; nothing is written until you confirm."
    )

    model = ImportBatch
    select_related = ("by",)
    template_name = "essaim/imports/batch.html"
    back = (HOME, gettext_lazy("Bring data in"))

    def get_facts(self) -> str:
        importer = batches.importer_of(self.object.kind)
        said = [importer.label(), self.object.sheet, self.object.get_state_display()]
        return " · ".join(str(word) for word in said if word)

    def get_actions(self) -> Sequence[Action]:
        if self.object.state != ImportBatch.State.CHECKED:
            return ()
        return (
            Action(_("Columns"), reverse("import_columns", args=(self.object.pk,)), "columns-3"),
            Action(_("Give this up"), self._move("drop"), "x"),
        )

    def _move(self, edge: str) -> str:
        return reverse("import_move", args=(self.object.pk, edge))

    @cached_property
    def words(self) -> dict[str, Any]:
        """What is said of each kind of row: what would be done, then what was."""
        said: dict[str, Any] = dict(Verdict.choices)
        if self.object.state != ImportBatch.State.CHECKED:
            said |= {
                CREATE: pgettext("row of a file", "Created"),
                LINK: pgettext("row of a file", "Linked"),
            }
        return said

    @cached_property
    def shown(self) -> str:
        asked = self.request.GET.get("show", "")
        if asked in Verdict.values or asked == "all":
            return asked
        waiting = self.object.state == ImportBatch.State.CHECKED
        for verdict in (Verdict.FAULT, Verdict.DOUBTFUL) if waiting else ():
            if self.object.counts.get(verdict):
                return verdict
        return "all"

    def get_rows(self) -> tuple[list[ImportRow], int]:
        """A page of rows by their number, and the number after which the next page starts."""
        rows = self.object.rows.all()
        if self.shown != "all":
            rows = rows.filter(verdict=self.shown)
        after = self.request.GET.get("after", "")
        if after.isdecimal() and len(after) < 10:
            rows = rows.filter(number__gt=after)
        found = list(rows[: PER_PAGE + 1])
        return found[:PER_PAGE], found[PER_PAGE - 1].number if len(found) > PER_PAGE else 0

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows, after = self.get_rows()
        counts = self.object.counts
        waiting = self.object.state == ImportBatch.State.CHECKED
        importer = batches.importer_of(self.object.kind)
        used = {s.get("column") for s in self.object.mapping.values()}
        understood = getattr(importer, "understands", lambda _title: False)
        return super().get_context(
            rows=[(row, _link(row)) for row in _with_objects(rows)],
            after=after,
            shown=self.shown,
            tabs=self._tabs(counts),
            figures=[(label, counts.get(v, 0), TONES[v]) for v, label in self.words.items()],
            tones=TONES,
            words=self.words,
            waiting=waiting,
            lacking=batches.lacking(self.object) if waiting else [],
            earlier=batches.earlier(self.object.sha256, self.object.pk) if waiting else None,
            aside=[t for t in self.object.header if t not in used and not understood(t)],
            good=counts.get(CREATE, 0) + counts.get(LINK, 0),
            wrong=counts.get("fault", 0),
            final=getattr(importer, "final", ""),
            write_url=self._move("write"),
            undo_url=self._move("undo"),
            **more,
        )

    def _tabs(self, counts: dict[str, int]) -> list[tuple[Any, str, bool, int | None]]:
        total = sum(counts.values())
        found = [(_("All rows"), "?show=all", self.shown == "all", total)]
        return found + [
            (label, f"?show={verdict}", self.shown == verdict, counts[verdict])
            for verdict, label in self.words.items()
            if counts.get(verdict)
        ]


def _with_objects(rows: list[ImportRow]) -> list[ImportRow]:
    """The rows, each with the object it made: one query a model."""
    by_model: dict[str, set[int]] = {}
    for row in rows:
        if row.model and row.object_id:
            by_model.setdefault(row.model, set()).add(row.object_id)
    found = {
        label: apps.get_model(label)._base_manager.in_bulk(list(keys))
        for label, keys in by_model.items()
    }
    for row in rows:
        row.made = found.get(row.model, {}).get(row.object_id)
    return rows


def _link(row: ImportRow) -> str:
    made = getattr(row, "made", None)
    return made.get_absolute_url() if hasattr(made, "get_absolute_url") else ""


class ImportChoices(Page):
    """What was chosen for doubtful rows."""

    model = ImportBatch

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.object.get_absolute_url())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = {k.removeprefix("row_"): v for k, v in request.POST.items() if k.startswith("row_")}
        choices = {int(n): v for n, v in given.items() if n.isdecimal() and len(n) < 10}
        everyone = request.POST.get("all", "")
        if everyone in (CREATE, SKIP):
            doubtful = self.object.rows.filter(verdict=Verdict.DOUBTFUL)
            choices = dict.fromkeys(doubtful.values_list("number", flat=True), everyone)
        kept(lambda: batches.choose_rows(self.object, choices, **self.act()))
        messages.success(request, _("Your choices are noted."))
        return redirect(self.object.get_absolute_url())


class WriteForm(forms.Form):
    leave_out = ChoiceField(
        label=gettext_lazy("Faulty rows"),
        choices=(
            ("", gettext_lazy("Write nothing while one row is faulty")),
            ("1", gettext_lazy("Write the good rows, leave the faulty ones out")),
        ),
        required=False,
    )

    def clean_leave_out(self) -> bool:
        return self.cleaned_data["leave_out"] == "1"


class ImportMove(TransitionPage):
    model = ImportBatch
    forms = {"write": WriteForm}
    actions = {
        "write": batches.write_batch,
        "drop": batches.drop_batch,
        "undo": batches.undo_batch,
    }
    helps = {
        "drop": gettext_lazy("Nothing was written. The file and what was read of it go away."),
        "undo": gettext_lazy(
            "What this import made is removed, and nothing else. The journal keeps that it was"
            " brought in and removed."
        ),
    }

    def get_missing(self) -> list[Any]:
        found = super().get_missing()
        return found or (batches.stands_on(self.object) if self.edge == "undo" else [])

    def get_success_message(self, done: ImportBatch) -> str:
        done.refresh_from_db()
        if self.edge == "write":
            count = done.counts.get(CREATE, 0) + done.counts.get(LINK, 0)
            text = ngettext("%(count)s row is written.", "%(count)s rows are written.", count)
            return text % {"count": count}
        if self.edge == "undo":
            return _("The import is undone: what it made is removed.")
        return _("The import is given up.")


class ImportFaults(Page):
    """Every fault of a file, to mend it beside."""

    model = ImportBatch

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = self.object.rows.filter(verdict=Verdict.FAULT).values_list("number", "plan")
        lines = (
            (number, column, words)
            for number, plan in rows.iterator()
            for column, words in plan.get("faults", ())
        )
        header = (_("Row"), _("Column"), _("What is wrong"))
        name = _("faults")
        return csv_response(f"{name}-{self.object.pk}.csv", header, lines)
