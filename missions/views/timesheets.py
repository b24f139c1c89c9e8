"""Pages of timesheets: a month's sheets, their PDF, the signed copies and those that lack."""

from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop
from essaim.days import add_months, month_start
from essaim.forms import EARLIEST, LATEST
from essaim.models import User
from essaim.roles import Role
from essaim.tongue import in_french
from essaim.views import FormPage, Page, file_response, stored_file
from missions import actions
from missions.forms.expenses import SignedSheetForm
from missions.models import Timesheet
from missions.sheet_print import render_sheet, sheet_name
from missions.timesheets import Sheet, month_sheets, sheet_of
from missions.views.tabs import Tabbed

MONTHS = 12


def month_of(text: str, today: date) -> date:
    """The month typed as 2026-11, this one when it is none."""
    try:
        day = date.fromisoformat(f"{text}-01") if text else today
    except ValueError:
        day = today
    return month_start(day if EARLIEST <= day <= LATEST else today)


class Timesheets(Tabbed, Page):
    """The sheets of a month, those this person may see; which are signed, which lack."""

    tab = "timesheets"
    template_name = "missions/timesheets.html"
    title = gettext_lazy("Timesheets")
    explains = gettext_lazy("A month of work on one sheet to sign: funders ask for it as proof.")
    about = "releve-de-temps"

    @cached_property
    def month(self) -> date:
        return month_of(self.request.GET.get("month", ""), add_months(self.today, -1))

    def get_facts(self) -> str:
        return date_format(self.month, "F Y")

    def get_context(self, **more: Any) -> dict[str, Any]:
        this = month_start(self.today)
        return super().get_context(
            sheets=month_sheets(self.month, self.request.user),
            month=self.month,
            before=add_months(self.month, -1),
            after=add_months(self.month, 1) if self.month < this else None,
            may_sign=self.request.user.has_perm("missions.sign_timesheet"),
            **more,
        )


class OneSheet(Page):
    """What is common to the PDF and the upload: whose sheet the address asks."""

    month: date
    consultant: User | None
    coop: Coop | None

    def load(self) -> None:
        super().load()
        user, given = self.request.user, self.request.GET
        self.month = month_of(given.get("month", ""), self.today)
        self.consultant = self._found(User.objects.all(), given.get("person", ""))
        self.coop = self._found(Coop.objects.visible_to(user), given.get("coop", ""))
        if self.consultant is None and self.coop is None:
            self.consultant = user
        # A consultant's sheets are their own: the others do not exist for them.
        if not user.sees_everything and self.consultant != user:
            raise Http404("sheet")

    def _found(self, rows: Any, key: str) -> Any:
        return self.pick(rows, key) if key else None

    @cached_property
    def sheet(self) -> Sheet:
        return sheet_of(self.month, consultant=self.consultant, coop=self.coop)


class TimesheetPdf(OneSheet):
    @in_french()
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        content = render_sheet(self.sheet, on=self.today)
        return file_response(content, sheet_name(self.sheet), "application/pdf", inline=True)


class TimesheetSign(OneSheet, FormPage):
    """Keep the signed copy of a sheet."""

    form_class = SignedSheetForm
    title = gettext_lazy("Keep the signed copy")
    explains = gettext_lazy("The signed copy is kept beside the days; it goes into the proof pack.")
    submit_label = gettext_lazy("Keep the signed copy")
    submit_icon = "file-check"
    success_message = gettext_lazy("The signed copy is kept.")

    def check(self) -> None:
        super().check()
        user = self.request.user
        if self.consultant != user and not user.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
            raise Http404("sheet")

    def get_facts(self) -> str:
        said = (date_format(self.month, "F Y"), self.consultant, self.coop)
        return " · ".join(str(one) for one in said if one)

    def get_back(self) -> tuple[str, Any]:
        url = reverse("missions:timesheets")
        return (f"{url}?month={self.month:%Y-%m}", _("Timesheets"))

    def perform(self, form: Any) -> Timesheet:
        return actions.sign_timesheet(
            month=self.month,
            consultant=self.consultant,
            coop=self.coop,
            file=form.cleaned_data["file"],
            **self.act(),
        )

    def get_success_url(self, done: Any) -> str:
        return self.get_back()[0]


class TimesheetFile(Page):
    """A signed copy, as an attachment."""

    model = Timesheet
    select_related = ("document",)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        paper = self.object.document
        return stored_file(paper.file, paper.original_name, paper.content_type)
