"""Pages of attendance sheets and of what people's work costs."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.roles import Role
from essaim.tongue import in_french
from essaim.views import Action, Column, FormPage, ListPage, Page, file_response, stored_file
from missions import actions
from missions.attendance_print import LINES, Session, render_attendance, session_of
from missions.forms.reports import AttendanceForm, BlankSheetForm, CostRateForm
from missions.models import Attendance, CostRate, Mission, MissionDay

PDF = "application/pdf"
RATES = (reverse_lazy("missions:cost_rates"), gettext_lazy("What work costs"))


class AttendanceBlank(FormPage):
    counts_sendings = False
    """A sheet to print before the session, when no day is noted yet."""

    model = Mission
    select_related = ("coop__organisation",)
    form_class = BlankSheetForm
    title = gettext_lazy("Attendance sheet to sign")
    explains = gettext_lazy(
        "Print it before the session; those present sign it, then you record them."
    )
    submit_label = gettext_lazy("Print the sheet")
    submit_icon = "printer"

    def get_facts(self) -> str:
        return str(self.object)

    def get_initial(self) -> dict[str, Any]:
        return {"day": self.today, "lines": LINES, "subject": ""}

    def perform(self, form: Any) -> bytes:
        data, coop = form.cleaned_data, self.object.coop
        session = Session(
            on=data["day"],
            subject=data["subject"],
            place=data["place"],
            mission=self.object.title,
            lines=data["lines"],
            coops=(str(coop),) if coop is not None else (),
        )
        return render_attendance(session, on=self.today)

    @in_french()
    def done(self, done: bytes) -> HttpResponseBase:
        return file_response(done, "feuille-presence.pdf", PDF, inline=True)


class AttendancePdf(Page):
    """The sheet of a noted day."""

    model = MissionDay
    select_related = ("consultant", "mission")

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        session = session_of(self.object)
        content = render_attendance(session, on=self.today)
        name = f"feuille-presence-{session.on:%Y-%m-%d}.pdf"
        return file_response(content, name, PDF, inline=True)


class AttendanceRecord(FormPage):
    """Once the session was held: how many came, and the sheet they signed."""

    model = MissionDay
    select_related = ("consultant", "mission__coop__organisation")
    form_class = AttendanceForm
    title = gettext_lazy("Record the attendance")
    explains = gettext_lazy("Funders count the people reached: the signed sheet is the proof.")
    success_message = gettext_lazy("The attendance is recorded.")

    def check(self) -> None:
        super().check()
        user = self.request.user
        office = user.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
        if not office and self.object.consultant_id != user.pk:
            raise PermissionDenied("attendance")

    def get_facts(self) -> str:
        day = self.object
        return f"{date_format(day.worked_on, 'l j F Y')} · {day.subject or day.mission}"

    def get_initial(self) -> dict[str, Any]:
        last = self.object.attendances.first()
        return {"participants": last.participants if last else self.object.participants}

    def perform(self, form: Any) -> MissionDay:
        data = form.cleaned_data
        actions.record_attendance(
            self.object, participants=data["participants"], file=data["file"], **self.act()
        )
        day: MissionDay = self.object
        return day


class AttendanceFile(Page):
    """A signed sheet, as an attachment."""

    model = Attendance
    select_related = ("document",)

    def get_objects(self) -> Any:
        return super().get_objects().filter(document__isnull=False)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        paper = self.object.document
        return stored_file(paper.file, paper.original_name, paper.content_type)


class CostRateList(ListPage):
    """What each person's work costs a year; for the coordinator and the accountant alone."""

    model = CostRate
    title = gettext_lazy("What work costs")
    explains = gettext_lazy(
        "Charged salary of a year, from a day on. Only the coordinator and the accountant read it."
    )
    order = ("person__name", "-since")
    select_related = ("person",)
    columns = (
        Column(gettext_lazy("Person"), "person", "person", phone="title"),
        Column(gettext_lazy("In force from"), "since", "date", phone="sub"),
        Column(gettext_lazy("Yearly cost (EUR)"), "yearly_cost", "money", phone="amount"),
        Column(gettext_lazy("Hours worked in a year"), "yearly_hours", "number", phone="side"),
        Column(gettext_lazy("Cost of an hour"), "per_hour", "money", phone="hide"),
        Column(gettext_lazy("Source"), "source", phone="sub"),
    )
    empty_title = gettext_lazy("No cost yet.")
    empty_text = gettext_lazy("A cost claim needs what each month of work really costs.")
    empty_icon = "wallet"

    def get_primary(self) -> Action:
        url = reverse("missions:cost_rate_new")
        return Action(_("Add a cost"), url, "plus", "missions.change_cost_rate")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:timesheets"), _("Timesheets"))

    def row_url(self, row: CostRate) -> str:
        return reverse("missions:cost_rate_edit", args=(row.pk,))


class CostRateNew(FormPage):
    form_class = CostRateForm
    title = gettext_lazy("Add a cost")
    explains = gettext_lazy(
        "It counts from its date on; cost claims to funders are reckoned from it."
    )
    back = RATES
    success_message = gettext_lazy("The cost is noted.")

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today.replace(month=1, day=1)}

    def perform(self, form: Any) -> CostRate:
        return actions.note_cost_rate(**form.cleaned_data, **self.act())


class CostRateEdit(FormPage):
    model = CostRate
    select_related = ("person",)
    form_class = CostRateForm
    title = gettext_lazy("Edit the cost")
    explains = gettext_lazy("Reports already sent keep their figures.")
    back = RATES
    success_message = gettext_lazy("The cost is changed; claims already sent keep theirs.")

    def perform(self, form: Any) -> CostRate:
        # The row as kept: the form has already put its values on the other one.
        kept = CostRate.objects.get(pk=self.object.pk)
        return actions.edit_cost_rate(kept, **form.cleaned_data, **self.act())
