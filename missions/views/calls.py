"""« 1 h 45 d'appels : noter ¼ j ? »: the calls of a week become a day, or are dismissed."""

from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Coop
from essaim.formats import days as written_days
from essaim.views import FormPage, Page
from missions import actions
from missions.calls import Calls, calls_of, missions_for
from missions.codes import Work
from missions.forms.agenda import CallsForm
from missions.models import MissionDay
from missions.rules_agenda import moment_of
from missions.views.tabs import Tabbed
from missions.words import length_of


class CallsList(Tabbed, Page):
    """Every coop and week whose calls make a quarter of a day at least."""

    tab = "agenda"
    template_name = "missions/calls.html"
    title = gettext_lazy("Calls to note")
    explains = gettext_lazy(
        "The minutes of your phone calls, week by week: a quarter of a day for each hour and a "
        "half with the same coop."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:agenda"), _("My calendar"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(calls=calls_of(self.request.user, on=self.today), **more)


class _OfCalls(FormPage):
    """A coop and a week named by the address; nothing there once its calls are counted."""

    parent_model, parent_kwarg = Coop, "coop_pk"

    @cached_property
    def week(self) -> date:
        try:
            return date.fromisoformat(self.kwargs["week"])
        except ValueError:
            raise Http404("week") from None

    @cached_property
    def calls(self) -> Calls | None:
        found = calls_of(self.request.user, on=self.today)
        asked = (self.parent.pk, self.week)
        return next((c for c in found if (c.coop.pk, c.monday) == asked), None)

    def check(self) -> None:
        super().check()
        if self.week.weekday() or (self.calls is None and self.request.method == "GET"):
            raise Http404("calls")

    def get_facts(self) -> str:
        if self.calls is None:
            return str(self.parent)
        week = _("week of %(day)s") % {"day": date_format(self.week, "j F")}
        return f"{self.parent} · {length_of(self.calls.minutes)} · {week}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:calls"), _("Calls to note"))

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:calls")


class CallsNote(_OfCalls):
    """The day these calls make, filled in; one tap notes it."""

    template_name = "missions/calls_note.html"
    form_class = CallsForm
    title = gettext_lazy("Note these calls")
    explains = gettext_lazy("The calls of this week make a day: read it, then note it in one tap.")
    submit_label = gettext_lazy("Note the calls")
    submit_icon = "check"

    @cached_property
    def theirs(self) -> list[Any]:
        return missions_for(self.request.user, self.parent)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"days": self.calls.dates if self.calls else [], "missions": self.theirs}

    def get_initial(self) -> dict[str, Any]:
        start: dict[str, Any] = {"work": Work.REMOTE.value}
        if self.calls is None:
            return start
        count, quantity = self.calls.count, self.calls.quantity
        return start | {
            "worked_on": self.calls.dates[0],
            "mission": self.theirs[0].pk if self.theirs else None,
            "quantity": str(quantity.normalize()),
            "moment": moment_of(self.calls.last, quantity).value,
            # Words of the notes are internal: the subject is printed.
            "subject": ngettext("Phone call", "Phone calls", count),
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(calls=self.calls, **more)

    def perform(self, form: Any) -> MissionDay:
        return actions.note_calls(self.parent, self.week, **form.cleaned_data, **self.act())

    def get_success_message(self, done: MissionDay) -> str:
        return _("The calls are noted: %(days)s.") % {"days": written_days(done.quantity)}

    def get_success_url(self, done: MissionDay) -> str:
        return reverse("missions:week") + f"?on={done.worked_on.isoformat()}"


class CallsDismiss(_OfCalls):
    """These calls are counted nowhere, and no more proposed."""

    title = gettext_lazy("Do not count these calls")
    explains = gettext_lazy("These calls are counted nowhere and are no more proposed.")
    submit_label = gettext_lazy("Do not count them")
    success_message = gettext_lazy("These calls will not be proposed again.")

    def perform(self, form: Any) -> int:
        return actions.dismiss_calls(self.parent, self.week, **self.act())
