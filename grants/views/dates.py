"""Dates that deadlines follow: a file's, its applicant's exercise, the office's reminders."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import date_fr
from essaim.views import FormPage
from grants import actions
from grants.deadlines import report_due
from grants.forms_deadlines import ExerciseForm, FileDatesForm, RemindersForm, typed_days
from grants.models import AidQuestionSetting, AnswerDates, ExerciseEnd, GrantApplication


class FileDatesPage(FormPage):
    """By when the funder wants its answers."""

    parent_model, parent_kwarg = GrantApplication, "application_pk"
    form_class = FileDatesForm
    title = gettext_lazy("Answers the funder awaits")
    explains = gettext_lazy("These dates join the calendar of deadlines, and its reminders.")
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        row = AnswerDates.objects.filter(application=self.parent).first() or AnswerDates()
        return {"completeness_by": row.completeness_by, "agreement_by": row.agreement_by}

    def perform(self, form: Any) -> AnswerDates:
        return actions.set_answer_dates(self.parent, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return str(self.parent.get_absolute_url())


class ExercisePage(FormPage):
    """The day the applicant's exercise ends; its financial reports follow."""

    parent_model, parent_kwarg = GrantApplication, "application_pk"
    form_class = ExerciseForm
    title = gettext_lazy("End of the applicant's exercise")
    explains = gettext_lazy("Written once for the applicant: all its files follow.")
    success_message = gettext_lazy("Saved: the reports due by law follow it.")

    def get_parents(self) -> Any:
        related = ("applicant__exercise_end", "programme")
        return super().get_parents().select_related(*related)

    def get_facts(self) -> str:
        return str(self.parent.applicant)

    def get_initial(self) -> dict[str, Any]:
        row = ExerciseEnd.objects.filter(organisation=self.parent.applicant_id).first()
        return {"day": row.day, "month": row.month} if row else {"day": 31, "month": 12}

    def get_context(self, **more: Any) -> dict[str, Any]:
        words = _(
            "The law wants the financial report of a project grant within six months of the end of"
            " the exercise. All the applications of this applicant follow."
        )
        due = report_due(self.parent)
        if due is not None:
            words += " " + _("For this file: %(day)s.") % {"day": date_fr(due)}
        return super().get_context(help=words, **more)

    def perform(self, form: Any) -> ExerciseEnd:
        applicant = self.parent.applicant
        return actions.set_exercise_end(applicant, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return str(self.parent.get_absolute_url())


class RemindersPage(FormPage):
    """How many days before each kind of deadline the owner of a file is reminded."""

    template_name = "grants/form.html"
    form_class = RemindersForm
    title = gettext_lazy("Reminders of deadlines")
    explains = gettext_lazy(
        "Early enough to gather the pieces: each kind of deadline has its own notice."
    )
    success_message = gettext_lazy("Saved.")
    success_url = reverse_lazy("grants:deadline_reminders")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:calendar"), _("Deadlines"))

    def get_initial(self) -> dict[str, Any]:
        return {"asks": AidQuestionSetting.current().asks_treasurers, **typed_days()}

    def get_context(self, **more: Any) -> dict[str, Any]:
        words = _(
            "One mail a day at most goes to the owner of the files, with all that comes near. Days"
            " before, with commas; empty for no reminder."
        )
        return super().get_context(help=words, **more)

    def perform(self, form: Any) -> AidQuestionSetting:
        asks = form.cleaned_data["asks"]
        return actions.set_reminders(days=form.days(), asks=asks, **self.act())
