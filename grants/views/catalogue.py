"""Calls of all programmes, what is archived, and when programmes are checked again."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim.views import Action, Chips, Column, FormPage, ListPage
from grants import actions
from grants.filters import CallFilter
from grants.forms_catalogue import RecheckForm
from grants.models import Call, CatalogueSetting, Programme
from grants.views.tabs import Tabbed

# Calls without a deadline come last.
FAR = datetime(9000, 1, 1, tzinfo=UTC)


class CallList(Tabbed, ListPage):
    tab = "calls"
    template_name = "grants/list.html"
    model, title, order = Call, gettext_lazy("Calls"), ("closes",)
    columns = (
        Column(gettext_lazy("Call"), "title", phone="title"),
        Column(gettext_lazy("Programme"), "programme.name", phone="sub"),
        Column(gettext_lazy("Funder"), "programme.funder.name", phone="sub"),
        Column(gettext_lazy("Territory"), "territory", phone="side"),
        Column(gettext_lazy("Opening"), "opens_on", "date", phone="hide"),
        Column(
            gettext_lazy("Deadline"),
            "deadline",
            template="grants/_deadline_cell.html",
            phone="badge",
        ),
    )
    chips = (
        Chips(
            "show",
            (
                ("", pgettext_lazy("calls", "To come")),
                ("open", pgettext_lazy("calls", "Open now")),
                ("past", pgettext_lazy("calls", "Past")),
                ("archived", pgettext_lazy("calls", "Archived")),
            ),
            lambda rows, value, page: rows,
            gettext_lazy("Which ones"),
        ),
    )
    filterset_class = CallFilter
    search_fields = ("title", "programme__search_key")
    search_label = gettext_lazy("Call, programme or funder")
    empty_title = gettext_lazy("No call to come.")
    explains = gettext_lazy(
        "Calls of the programmes you follow: open a file before the closing date."
    )
    about = "appel-a-projets"
    empty_text = gettext_lazy("Write one on its programme, or import a list of calls.")

    def get_queryset(self) -> Any:
        rows = super().get_queryset().select_related("programme__funder")
        return rows.annotate(closes=Coalesce("deadline", Value(FAR, output_field=DateTimeField())))

    def filtered(self) -> Any:
        rows, now = super().filtered(), timezone.now()
        show = self.get_chips()[0].chosen(self.request.GET)
        if show == "archived":
            return rows.exclude(archived_on=None)
        if show == "open":
            return rows.open(on=self.today, at=now)
        rows = rows.current()
        return rows.filter(closes__lt=now) if show == "past" else rows.filter(closes__gte=now)

    def row_url(self, row: Any) -> str:
        return f"{row.get_absolute_url()}#appel-{row.pk}"

    def get_primary(self) -> Action:
        url = reverse("grants:call_import_new")
        return Action(_("Import a list"), url, "file-up", "grants.import_calls")


class ProgrammeArchive(FormPage):
    explains = gettext_lazy(
        "An archived programme is no longer proposed; its files stay as they are."
    )
    model = Programme
    select_related = ("funder",)

    def get_title(self) -> str:
        return _("Take out of the archive") if self.object.archived_on else _("Archive")

    def get_facts(self) -> str:
        words = _("%(name)s: its files stay as they are; it is offered to no new one.")
        return str(self.object) if self.object.archived_on else words % {"name": self.object}

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def perform(self, form: Any) -> Programme:
        away = self.object.archived_on is None
        return actions.archive_programme(self.object, away=away, **self.act())


class CallArchive(FormPage):
    explains = gettext_lazy("An archived call is no longer proposed; files opened on it go on.")
    model = Call
    select_related = ("programme",)

    def get_title(self) -> str:
        return _("Take out of the archive") if self.object.archived_on else _("Archive")

    def get_facts(self) -> str:
        return str(self.object)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object.programme))

    def perform(self, form: Any) -> Call:
        return actions.archive_call(self.object, away=self.object.archived_on is None, **self.act())


class Checked(FormPage):
    """The funder's page was read today and the rules still stand."""

    model, title = Programme, gettext_lazy("The rules still stand")
    submit_label = gettext_lazy("Checked today")
    submit_icon = "calendar-check"
    explains = gettext_lazy(
        "You have read the funder's page: nothing changed in what is written here."
    )

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def perform(self, form: Any) -> Programme:
        return actions.note_checked(self.object, **self.act())


class Recheck(FormPage):
    form_class, title = RecheckForm, gettext_lazy("When programmes are checked again")
    explains = gettext_lazy(
        "Rules of funders change: after this long, you are reminded to read them again."
    )

    def get_initial(self) -> dict[str, Any]:
        return RecheckForm.start()

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:programmes"), _("Programmes"))

    def perform(self, form: Any) -> CatalogueSetting:
        return actions.set_recheck(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("grants:programmes")
