"""Pages of missions: the list, one mission and its days, start-up days that move."""

from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, TransitionPage
from essaim.workflow import edges
from missions import actions
from missions.forms.terms import MissionEditForm, MissionForm, MoveDaysForm
from missions.models import Mission, MissionDay
from missions.usage import days_used
from missions.views.days import budget_of, days_of_mission
from missions.views.tabs import Tabbed

SHOWN = 50


class MissionList(Tabbed, ListPage):
    tab = "missions"
    template_name = "missions/list.html"
    model = Mission
    title = gettext_lazy("Missions")
    order = ("-opened_on",)
    select_related = ("coop__organisation", "agreement")
    search_fields = ("title", "coop__organisation__search_key")
    chips = (
        Chips(
            "show",
            (
                ("", gettext_lazy("Open")),
                ("start_up", gettext_lazy("Start-up help")),
                ("internal", gettext_lazy("Internal")),
                ("ended", gettext_lazy("Ended")),
            ),
            lambda rows, value, page: rows,
            gettext_lazy("Missions"),
        ),
    )
    columns = (
        Column(gettext_lazy("Mission"), str, phone="title"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="sub"),
        Column(gettext_lazy("Opened on"), "opened_on", "date", phone="side"),
        Column(gettext_lazy("Days"), "worked", "days", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    empty_title = gettext_lazy("No open mission.")
    explains = gettext_lazy(
        "The pieces of work in hand: one logs days on a mission, never on a coop alone."
    )
    about = "mission"
    empty_text = gettext_lazy("Sign an agreement, then open a mission under it.")

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        shown = self.request.GET.get("show", "")
        rows = rows.exclude(state="open") if shown == "ended" else rows.filter(state="open")
        if shown in ("start_up", "internal"):
            rows = rows.filter(kind=shown)
        return rows

    def paged(self) -> tuple[list[Any], str]:
        """The page, then the days of the missions on it: no other is added up."""
        rows, cursor = super().paged()
        days = MissionDay.objects.real().filter(mission__in=[row.pk for row in rows])
        if not self.request.user.sees_everything:
            days = days.filter(consultant=self.request.user)
        total = dict(days.order_by().values_list("mission").annotate(Sum("quantity")))
        for row in rows:
            row.worked = total.get(row.pk)
        return rows, cursor

    def get_primary(self) -> Action:
        return Action(
            _("New mission"), reverse("missions:mission_new"), "plus", "missions.change_mission"
        )


class MissionPage(DetailPage):
    explains = gettext_lazy("Days given against the days foreseen, and who works on it.")
    about = "mission"
    model = Mission
    template_name = "missions/mission.html"
    select_related = ("coop__organisation", "agreement__client", "accompaniment")

    def get_facts(self) -> str:
        return f"{self.object.get_kind_display()} · {self.object.get_state_display()}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:missions"), _("Missions"))

    def get_primary(self) -> Action | None:
        if self.object.state != "open":
            return None
        url = reverse("missions:log") + f"?mission={self.object.pk}"
        return Action(_("Log a day"), url, "plus", "missions.log_day")

    def get_actions(self) -> list[Action]:
        change = "missions.change_mission"
        mission = self.object
        found = [
            Action(
                _("Edit"), reverse("missions:mission_edit", args=(mission.pk,)), "pencil", change
            )
        ]
        if mission.kind == Mission.Kind.START_UP:
            url = reverse("missions:move_days", args=(mission.pk,))
            found.append(Action(_("Move days under an agreement"), url, "folder-input", change))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        days = list(days_of_mission(self.object, self.request.user)[: SHOWN + 1])
        return super().get_context(
            days=days[:SHOWN],
            more_days=len(days) > SHOWN,
            budget=budget_of(self.object),
            perms_view_agreement=self.request.user.has_perm("missions.view_agreement"),
            moves=[
                (e, reverse("missions:mission_move", args=(self.object.pk, e.name)))
                for e in edges(self.object, self.act()["by"])
                if e.allowed
            ],
            team=self.object.team.all(),
            **more,
        )


class MissionNew(FormPage):
    form_class = MissionForm
    title = gettext_lazy("New mission")
    explains = gettext_lazy("Under an agreement, as a start-up before it, or for our own house.")
    back = ("/journees/missions/", gettext_lazy("Missions"))
    success_message = gettext_lazy("The mission is open.")

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET.get("agreement", "")
        start: dict[str, Any] = {"opened_on": self.today, "team": [self.request.user.pk]}
        return start | ({"agreement": given} if given.isdecimal() else {})

    def perform(self, form: Any) -> Mission:
        data = {"team": [self.request.user], **form.cleaned_data}
        agreement = data.pop("agreement")
        if agreement is None:
            return actions.open_internal(**data, **self.act())
        return actions.open_mission(agreement, **data, **self.act())


class MissionEdit(FormPage):
    model = Mission
    form_class = MissionEditForm
    title = gettext_lazy("Edit the mission")
    explains = gettext_lazy(
        "Its name, its dates and its people; the price stands in its agreement."
    )
    select_related = ("coop__organisation",)

    def get_initial(self) -> dict[str, Any]:
        mission = self.object
        team = list(mission.team.values_list("pk", flat=True))
        return {"title": mission.title, "opened_on": mission.opened_on, "team": team}

    def perform(self, form: Any) -> Mission:
        return actions.edit_mission(self.object, **form.cleaned_data, **self.act())


class MissionMove(TransitionPage):
    model = Mission
    select_related = ("coop__organisation",)


class MoveDays(FormPage):
    """Start-up days go under a later agreement: previewed, barred before it takes effect."""

    model = Mission
    form_class = MoveDaysForm
    template_name = "missions/move_days.html"
    title = gettext_lazy("Move days under an agreement")
    explains = gettext_lazy(
        "Start-up days can go under the agreement signed later: read what changes first."
    )
    submit_label = gettext_lazy("Move the days")
    success_message = gettext_lazy("The days are moved.")
    select_related = ("coop__organisation",)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"start_up": self.object}

    def get_context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        targets = list(form.fields["mission"].queryset.select_related("agreement"))
        rows = []
        for target in targets:
            moved = actions.preview_move_days(form.fields["days"].queryset, target)
            free = [m.day for m in moved if not m.missing]
            barred = [(m.day, m.missing) for m in moved if m.missing]
            used = days_used([target.agreement])[target.agreement_id]
            rows.append((target, sum(d.quantity for d in free), barred, used))
        return super().get_context(preview=rows, **more)

    def perform(self, form: Any) -> Mission:
        data = form.cleaned_data
        rows: list[MissionDay] = list(data["days"])
        actions.move_days(rows, data["mission"], **self.act())
        return data["mission"]
