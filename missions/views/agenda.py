"""« Mon calendrier »: a file is read, its events proposed, the chosen ones noted as days."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import days as written_days
from essaim.views import FormPage, Page
from missions import actions
from missions.forms.agenda import CalendarForm, EventForm
from missions.models import CalendarImport, CalendarProposal, MissionDay
from missions.rules_calendar import Out, Window
from missions.views.tabs import Tabbed

SHOWN = 100
LEFT = 50
HERE = gettext_lazy("My calendar")


def steps(current: int) -> list[tuple[str, str, str]]:
    """File, choice, confirmation: where one is."""
    names = (_("Read the file"), _("Choose"), _("Confirm"))
    ways = ("done", "current", "todo")
    return [
        (name, ways[(place >= current) + (place > current)], "") for place, name in enumerate(names)
    ]


# Why events are not proposed, and how many.
OUT_WORDS = {
    Out.CANCELLED: gettext_lazy("cancelled: %(n)s"),
    Out.DECLINED: gettext_lazy("declined by you: %(n)s"),
    Out.PRIVATE: gettext_lazy("marked private: %(n)s"),
    Out.FREE: gettext_lazy("marked free or away: %(n)s"),
    Out.FUTURE: gettext_lazy("to come: %(n)s"),
    Out.OLD: gettext_lazy("more than 100 days old: %(n)s"),
    Out.SHORT: gettext_lazy("under a quarter of an hour: %(n)s"),
    Out.UNREADABLE: gettext_lazy("unreadable: %(n)s"),
    Out.TOO_MANY: gettext_lazy("past the 400 newest: %(n)s"),
}


def words_of_out(left_out: dict[str, int]) -> list[str]:
    """« annulés : 3 »: why events are not proposed, in words."""
    return [
        str(words) % {"n": left_out[code]} for code, words in OUT_WORDS.items() if code in left_out
    ]


class Agenda(Tabbed, Page):
    """The events that wait for their owner's word; every button keeps the ticks."""

    tab = "agenda"
    template_name = "missions/agenda.html"
    title = gettext_lazy("My calendar")
    explains = gettext_lazy(
        "Turn the events of your own calendar into days: you alone see them, and nothing counts "
        "until you confirm."
    )

    def get_rows(self) -> QuerySet[CalendarProposal]:
        return CalendarProposal.objects.visible_to(self.request.user)

    @cached_property
    def waiting(self) -> list[CalendarProposal]:
        rows = self.get_rows().waiting().select_related("mission__coop__organisation")
        return list(rows.order_by("-worked_on", "-starts_at", "-pk")[:SHOWN])

    def get_context(self, **more: Any) -> dict[str, Any]:
        user: Any = self.request.user
        rows = self.waiting
        last = CalendarImport.objects.visible_to(user).first()
        left = self.get_rows().left_out().order_by("-worked_on", "-pk")
        return super().get_context(
            groups=[(day, list(some)) for day, some in groupby(rows, lambda r: r.worked_on)],
            noted=noted_on(user, rows),
            chosen=sum(row.is_chosen for row in rows),
            left=left[:LEFT],
            last=last,
            left_words=words_of_out(last.left_out) if last else [],
            form=CalendarForm(user=user, on=self.today),
            steps=steps(1 if rows else 0),
            **more,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the ticks, then do what the button says."""
        what, _colon, key = request.POST.get("do", "keep").partition(":")
        if what not in ("keep", "check", "change", "once", "ever", "back"):
            return self.bad_request("do")
        self.keep_ticks()
        if what == "keep":
            return self.kept()
        if what == "check":
            return redirect("missions:agenda_confirm")
        row = self.pick(self.get_rows(), key)
        if what == "change":
            return redirect(row.get_absolute_url())
        answer = "" if what == "back" else what
        actions.leave_out(row, answer, **self.act())
        said = {
            "once": _("This date is left out. Other dates of this event are still proposed."),
            "ever": _("This event will not be proposed again."),
            "back": _("The event is proposed again."),
        }
        messages.success(request, said[what])
        return redirect("missions:agenda")

    def keep_ticks(self) -> None:
        keys = self.request.POST.getlist("pk")
        if "shown" in self.request.POST:
            chosen = [int(k) for k in keys if k.isascii() and k.isdigit() and len(k) < 19]
            actions.choose(chosen, **self.act())

    def kept(self) -> HttpResponseBase:
        if getattr(self.request, "htmx", None):
            return HttpResponse(status=204)
        messages.success(self.request, _("Your choices are kept."))
        return redirect("missions:agenda")


def noted_on(user: Any, rows: list[CalendarProposal]) -> dict[Any, list[MissionDay]]:
    """What this person has already noted on the dates of these events."""
    dates = {row.worked_on for row in rows}
    found: dict[Any, list[MissionDay]] = {}
    days = MissionDay.objects.filter(consultant=user, worked_on__in=dates).real()
    for day in days.select_related("mission__coop__organisation").order_by("pk"):
        found.setdefault(day.worked_on, []).append(day)
    return found


class AgendaImport(Tabbed, FormPage):
    """First step: the file."""

    tab = "agenda"
    template_name = "missions/agenda_import.html"
    form_class = CalendarForm
    title = gettext_lazy("Read a calendar file")
    explains = gettext_lazy(
        "Choose the file of your calendar: its events are read, nothing counts yet."
    )
    submit_label = gettext_lazy("Read the file")
    submit_icon = "calendar-search"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:agenda"), HERE)

    def get_form_kwargs(self) -> dict[str, Any]:
        zone: Any = timezone.get_current_timezone()
        return {"window": Window(self.today, timezone.now(), zone)}

    def perform(self, form: Any) -> CalendarImport:
        events, left, found = form.cleaned_data["file"]
        return actions.import_calendar(
            events, left_out=left, found=found, window=form.window, **self.act()
        )

    def get_success_message(self, done: CalendarImport) -> str:
        if not done.found:
            return _("This calendar holds no event.")
        if not done.proposed:
            return _("Nothing new in this calendar.")
        words = ngettext("%(n)s event is proposed.", "%(n)s events are proposed.", done.proposed)
        return words % {"n": done.proposed}

    def get_success_url(self, done: CalendarImport) -> str:
        return reverse("missions:agenda")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(steps=steps(0), **more)


class AgendaEvent(FormPage):
    """What one event was for."""

    explains = gettext_lazy("Say what this event was: the same words will be guessed next time.")
    model = CalendarProposal
    form_class = EventForm
    select_related = ("mission__coop__organisation",)
    submit_label = gettext_lazy("Keep this choice")
    success_message = gettext_lazy("The choice is kept: it will count once you confirm.")

    def get_facts(self) -> str:
        row = self.object
        when = date_format(row.worked_on, "l j F")
        hours = hours_of(row)
        return " · ".join(filter(None, (when, hours, row.place)))

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        start = {name: getattr(row, name) for name in ("moment", "work", "subject")}
        return start | {"quantity": str(row.quantity.normalize()), "mission": row.mission_id}

    def perform(self, form: Any) -> CalendarProposal:
        return actions.change_event(self.object, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:agenda") + f"#e{self.object.pk}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:agenda"), HERE)


def hours_of(row: CalendarProposal) -> str:
    """« 9 h 00 – 12 h 30 », or the whole day."""
    if row.starts_at is None or row.ends_at is None:
        return _("All day")
    begins, ends = (date_format(timezone.localtime(m), "H:i") for m in (row.starts_at, row.ends_at))
    return f"{begins} – {ends}"


class AgendaConfirm(Tabbed, FormPage):
    """Third step: what will be noted, one line each, then noted by the usual verb."""

    tab = "agenda"
    template_name = "missions/agenda_confirm.html"
    title = gettext_lazy("Confirm the days")
    explains = gettext_lazy("Read the days about to be noted; they count once you confirm.")
    submit_icon = "check"

    @cached_property
    def chosen(self) -> list[CalendarProposal]:
        rows = CalendarProposal.objects.visible_to(self.request.user).waiting()
        rows = rows.filter(is_chosen=True).select_related("mission__coop__organisation")
        return list(rows.order_by("worked_on", "starts_at", "pk"))

    def get_facts(self) -> str:
        words = ngettext("%(n)s event, %(days)s", "%(n)s events, %(days)s", len(self.chosen))
        total = sum(row.quantity for row in self.chosen)
        return words % {"n": len(self.chosen), "days": written_days(total)}

    def get_submit_label(self) -> str:
        words = ngettext("Note %(n)s day", "Note %(n)s days", len(self.chosen))
        return words % {"n": len(self.chosen)}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:agenda"), HERE)

    def get_context(self, **more: Any) -> dict[str, Any]:
        noted = noted_on(self.request.user, self.chosen)
        return super().get_context(rows=self.chosen, noted=noted, steps=steps(2), **more)

    def perform(self, form: Any) -> actions.Noted:
        return actions.note_chosen(**self.act())

    def done(self, done: actions.Noted) -> HttpResponseBase:
        """Each line has its answer: what was noted, and why what was not goes on waiting."""
        if done.days:
            words = ngettext("%(n)s day is noted.", "%(n)s days are noted.", len(done.days))
            messages.success(self.request, words % {"n": len(done.days)})
        for row, missing in done.refused[:10]:
            why = " ".join(str(m.text) for m in missing)
            said = {"event": row, "day": date_format(row.worked_on, "j F"), "why": why}
            messages.error(self.request, _("Not noted: %(event)s, %(day)s. %(why)s") % said)
        if done.refused or not done.days:
            return redirect("missions:agenda")
        week = max(day.worked_on for day in done.days)
        return redirect(reverse("missions:week") + f"?on={week.isoformat()}")
