"""« Ma semaine »: missions x days, typed like a sheet, saved in one go, then sent."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import plain_number
from essaim.forms import EARLIEST, LATEST
from essaim.views import Action, FormPage
from missions import actions
from missions.forms.days import missions_of
from missions.forms.weeks import WeekForm
from missions.models import Mission
from missions.views.tabs import Tabbed
from missions.weeks import WeekGrid, copied_cells, missions_of_week, week_grid

# Lines a sheet may have; a hand-made form asks for no more.
MOST_LINES = 40


class Week(Tabbed, FormPage):
    tab = "week"
    template_name = "missions/week.html"
    form_class = WeekForm
    title = gettext_lazy("My week")
    explains = gettext_lazy(
        "Fill the week in one go, cell by cell; nothing counts before you save."
    )

    # -- what the page is about ---------------------------------------------------------------
    @cached_property
    def monday(self) -> date:
        given = self.request.GET.get("on", "")
        try:
            day = date.fromisoformat(given) if given else self.today
        except ValueError:
            day = self.today
        # The first and last weeks of the calendar have no neighbour to turn to.
        return actions.week_of(day if EARLIEST <= day <= LATEST else self.today)[0]

    @cached_property
    def copies(self) -> bool:
        """Whether last week's lines are proposed: asked once, kept while the form is open."""
        posted = self.request.POST
        return posted.get("do") == "copy" or posted.get("copied") == "1"

    @cached_property
    def added(self) -> list[Mission]:
        """Lines the person had before their eyes, and those of the week that is copied."""
        given = self.request.POST.getlist("line")[:MOST_LINES]
        keys = [key for key in given if key.isdecimal() and len(key) < 18]
        found = list(missions_of(self.request.user).filter(pk__in=keys)) if keys else []
        if self.copies:
            found += missions_of_week(self.request.user, self.monday - timedelta(days=7))
        return found

    @cached_property
    def grid(self) -> WeekGrid:
        return week_grid(self.request.user, self.monday, on=self.today, more=self.added)

    @cached_property
    def proposed(self) -> dict[str, Decimal]:
        if not self.copies:
            return {}
        return copied_cells(self.request.user, self.monday, self.grid, on=self.today)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"grid": self.grid}

    # -- the answers ----------------------------------------------------------------------------
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("do") == "add":
            return self.add_line()
        if request.POST.get("do") == "copy":
            return self.copy_week()
        return super().post(request, *args, **kwargs)

    def copy_week(self) -> HttpResponseBase:
        """Last week's quantities in the cells left empty; what was typed stays, nothing written."""
        typed = self.request.POST.copy()
        for name, quantity in self.proposed.items():
            if not typed.get(name, "").strip():
                typed[name] = plain_number(quantity)
        self.request.POST = typed
        return self.show(form=self.get_form(), missing=self.missing)

    def add_line(self) -> HttpResponseBase:
        """One more line; what was typed stays, nothing is written."""
        form = self.get_form()
        form.is_valid()
        found = form.cleaned_data.get("another")
        if found is None and "another" not in form.errors:
            form.add_error("another", _("Type a part of the name of a mission."))
        if form.errors.get("another"):
            return self.invalid(form)
        self.added.append(found)
        del self.grid
        self.request.POST = self.request.POST.copy()
        self.request.POST.update({"another": "", "another_words": ""})
        return self.show(form=self.get_form(), missing=self.missing)

    def perform(self, form: Any) -> actions.Saved:
        verb = actions.save_week if self.request.POST.get("do") == "save" else actions.send_week
        return verb(self.monday, form.wishes(), **self.act())

    def get_success_message(self, done: actions.Saved) -> str:
        return " ".join(told(done))

    def done(self, done: actions.Saved) -> HttpResponseBase:
        if done.waiting:
            messages.warning(self.request, _("Over budget or late: kept, and awaiting a decision."))
        return super().done(done)

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:week") + f"?on={self.monday.isoformat()}"

    # -- the page -------------------------------------------------------------------------------
    def get_facts(self) -> str:
        sunday = self.monday + timedelta(days=6)
        first, last = date_format(self.monday, "j F"), date_format(sunday, "j F Y")
        return _("From %(first)s to %(last)s") % {"first": first, "last": last}

    def get_back(self) -> None:
        return None

    def get_primary(self) -> Action:
        return Action(_("Log a day"), reverse("missions:log"), "plus", "missions.log_day", "j")

    def get_actions(self) -> list[Action]:
        url = reverse("missions:my_month") + f"?month={self.monday:%Y-%m}"
        return [Action(_("My month"), url, "calendar-days", "missions.log_day")]

    def get_context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        return super().get_context(
            grid=self.grid,
            lines=[
                (line, [(cell, self._field(form, cell)) for cell in line.cells])
                for line in self.grid.lines
            ],
            proposed=self.proposed,
            copies=self.copies,
            monday=self.monday,
            before=(self.monday - timedelta(days=7)).isoformat(),
            after=(self.monday + timedelta(days=7)).isoformat(),
            is_last=self.monday + timedelta(days=7) > self.today,
            **more,
        )

    def _field(self, form: Any, cell: Any) -> Any:
        return form[cell.name] if cell.name in form.fields else None


def told(done: actions.Saved) -> list[str]:
    """What saving did, in one sentence each."""
    found = []
    if count := len(done.created):
        found.append(ngettext("%(n)s day noted.", "%(n)s days noted.", count) % {"n": count})
    if count := len(done.changed):
        found.append(ngettext("%(n)s day changed.", "%(n)s days changed.", count) % {"n": count})
    if count := done.deleted:
        found.append(ngettext("%(n)s day deleted.", "%(n)s days deleted.", count) % {"n": count})
    if done.sent:
        found.append(_("Your week is sent."))
    return found or [_("Nothing changed.")]
