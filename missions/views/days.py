"""Pages of days: noting one in a few taps, the list, one day and what may be done with it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import is_working_day
from essaim.views import (
    Action,
    Chips,
    Column,
    DetailPage,
    FormPage,
    ListPage,
    Page,
    TransitionPage,
    offered,
)
from essaim.why import bars
from essaim.workflow import Missing, UnknownEdge
from missions import actions
from missions.forms.days import DayForm, LogForm, RejectForm, missions_of
from missions.models import Mission, MissionDay
from missions.rules import default_quantity
from missions.usage import days_used
from missions.views.tabs import Tabbed
from missions.weeks import last_day

SEEN = ("consultant", "mission__coop__organisation")


def budget_of(mission: Mission | None) -> dict[str, Any] | None:
    """Days used of the mission's agreement, as the line under the form shows it."""
    agreement = mission.agreement if mission is not None else None
    if agreement is None or agreement.days_budgeted is None:
        return None
    used = days_used([agreement])[agreement.pk]
    return {
        "title": agreement.title,
        "used": used,
        "budget": agreement.days_budgeted,
        "over": used >= agreement.days_budgeted,
    }


def strip_of(user: Any, today: Any) -> list[tuple[Any, list[MissionDay], bool]]:
    """The last five working days: what was noted, and holes."""
    days: list[Any] = []
    day = today
    while len(days) < 5:
        if is_working_day(day):
            days.insert(0, day)
        day -= timedelta(days=1)
    rows = MissionDay.objects.filter(consultant=user, worked_on__gte=days[0]).real()
    found: dict[Any, list[MissionDay]] = {d: [] for d in days}
    for row in rows.select_related("mission__coop__organisation"):
        found.setdefault(row.worked_on, []).append(row)
    return [(d, found[d], d < today and not found[d]) for d in days]


def repeated(last: MissionDay) -> dict[str, Any]:
    """What « Répéter » fills in: the day as it was, save its date and its notes."""
    start = {n: getattr(last, n) for n in ("mission_id", "moment", "work", "subject", "km")}
    start["mission"] = start.pop("mission_id")
    if last.quantity != default_quantity(last.moment):
        start["quantity"] = str(last.quantity.normalize())
    coops = list(last.beneficiaries.values_list("coop", flat=True))
    return start | {"coops": coops if len(coops) > 1 else []}


class LogDay(FormPage):
    """« Noter une journée »: two taps to repeat, ten seconds in all."""

    template_name = "missions/log.html"
    form_class = LogForm
    title = gettext_lazy("Log a day")
    explains = gettext_lazy("Two taps are enough: the mission, the moment. The rest can wait.")

    def get_facts(self) -> str:
        return date_format(self.today, "l j F")

    @cached_property
    def last(self) -> MissionDay | None:
        return last_day(self.request.user)

    def chosen(self) -> Mission | None:
        key = self.request.GET.get("mission", "")
        return missions_of(self.request.user).filter(pk=key).first() if key.isdecimal() else None

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET.get("on", "")
        start: dict[str, Any] = {
            "worked_on": given or self.today,
            "moment": "full_day",
            "work": "on_site",
            "note_kind": "visit",
        }
        last = self.last
        if self.request.GET.get("repeat") and last is not None:
            start |= repeated(last)
        elif chosen := self.chosen():
            start["mission"] = chosen.pk
        elif last is not None:
            start["mission"] = last.mission_id
        return start

    def get_context(self, **more: Any) -> dict[str, Any]:
        form = more["form"]
        key = form["mission"].value()
        key = key[0] if isinstance(key, tuple) else key
        mission = missions_of(self.request.user).filter(pk=key).first() if key else None
        return super().get_context(
            last=self.last,
            pair_typed=any(form["pair"].value() or ()),
            budget=budget_of(mission),
            strip=strip_of(self.request.user, self.today),
            **more,
        )

    def perform(self, form: Any) -> MissionDay:
        return actions.log_day(
            **form.facts(), pair=form.cleaned_data["pair"], report=form.note(), **self.act()
        )

    def get_success_url(self, done: MissionDay) -> str:
        return reverse("missions:day_noted", args=(done.pk,))


class LogBudget(Page):
    """The line « 11,5 / 12 j » of the mission just chosen."""

    template_name = "missions/_budget_line.html"
    title = gettext_lazy("Budget")

    def get_context(self, **more: Any) -> dict[str, Any]:
        key = self.request.GET.get("mission", "")
        found = missions_of(self.request.user).filter(pk=key).first() if key.isdecimal() else None
        return super().get_context(budget=budget_of(found), **more)


def _show(rows: Any, value: str, page: Any) -> Any:
    user = page.request.user
    return {
        "mine": lambda: rows.filter(consultant=user),
        "logged": lambda: rows.filter(state="logged"),
        "submitted": lambda: rows.filter(state="submitted"),
        "arbitrate": rows.to_arbitrate,
        "validated": lambda: rows.filter(state="validated"),
        "billed": lambda: rows.filter(state="billed"),
    }[value]()


class DayList(Tabbed, ListPage):
    tab = "days"
    template_name = "missions/list.html"
    model = MissionDay
    title = gettext_lazy("Mission days")
    order = ("-worked_on",)
    select_related = SEEN
    search_fields = ("subject", "mission__title", "mission__coop__organisation__search_key")
    columns = (
        Column(gettext_lazy("Date"), "worked_on", "date", phone="sub"),
        Column(gettext_lazy("Mission"), "mission", phone="title"),
        Column(gettext_lazy("Who"), "consultant", "person", phone="side"),
        Column(gettext_lazy("Work"), "get_work_display", phone="sub"),
        Column(gettext_lazy("Subject"), "subject", phone="sub"),
        Column(gettext_lazy("Days"), "quantity", "days", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    empty_title = gettext_lazy("No day yet.")
    explains = gettext_lazy("Every day given, and where each one stands on its way to the invoice.")
    about = "jour"
    empty_text = gettext_lazy("Note a day: two taps are enough when it repeats the last one.")

    def get_chips(self) -> Any:
        ways = [("", _("All")), ("logged", _("Logged")), ("submitted", _("To validate"))]
        if self.request.user.sees_everything:
            ways.insert(1, ("mine", _("Mine")))
        ways += [
            ("arbitrate", _("To decide")),
            ("validated", _("Validated")),
            ("billed", _("Billed")),
        ]
        return (Chips("show", ways, _show, _("Days")),)

    def get_primary(self) -> Action:
        return Action(_("Log a day"), reverse("missions:log"), "plus", "missions.log_day", key="j")


STEPS = {
    "arbitrate": (gettext_lazy("Decide who pays"), "scale", "missions.arbitrate_day"),
    "pair_confirm": (gettext_lazy("Confirm"), "check", "missions.log_day"),
    "pair_decline": (gettext_lazy("Decline"), "x", "missions.log_day"),
    "submit": (gettext_lazy("Send for validation"), "send", "missions.submit_day"),
    "day_validate": (gettext_lazy("Validate"), "check", "missions.validate_day"),
    "day_split": (gettext_lazy("Split"), "scissors", "missions.validate_day"),
    "withdraw": (gettext_lazy("Take back"), "undo-2", "missions.submit_day"),
    "reject": (gettext_lazy("Send back"), "reply", "missions.reject_day"),
}
EDGES = ("submit", "withdraw", "reject")
# Steps of somebody else's that are worth telling: who validates, who decides.
TOLD = ("arbitrate", "day_validate")


def _step(day: MissionDay, name: str) -> Action:
    label, icon, permission = STEPS[name]
    if name in EDGES:
        url = reverse("missions:day_move", args=(day.pk, name))
    else:
        url = reverse(f"missions:{name}", args=(day.pk,))
    return Action(label, url, icon, permission, told=name in TOLD)


class DayPage(DetailPage):
    explains = gettext_lazy("What was done, who pays which part, and what happened to it since.")
    about = "jour"
    model = MissionDay
    template_name = "missions/day.html"
    select_related = (*SEEN, "mission__agreement", "note", "validated_by", "pair_of__consultant")

    def get_title(self) -> str:
        return str(self.object.subject or self.object.get_work_display())

    def get_facts(self) -> str:
        day = self.object
        said = (date_format(day.worked_on, "l j F Y"), day.get_moment_display(), day.mission)
        return " · ".join(map(str, said))

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:days"), _("Mission days"))

    def get_actions(self) -> list[Action]:
        day, user = self.object, self.request.user
        url = {n: reverse(f"missions:{n}", args=(day.pk,)) for n in ("day_edit", "day_delete")}
        if day.state == "logged" and day.consultant_id == user.pk:
            return [
                Action(_("Edit"), url["day_edit"], "pencil"),
                Action(_("Delete"), url["day_delete"], "trash-2"),
            ]
        return []

    def get_steps(self) -> list[Action]:
        """What this person may do with the day now."""
        day = self.object
        own = day.consultant_id == self.request.user.pk
        sent = day.state == "submitted"
        ways = (
            (day.is_pending and day.state in ("logged", "submitted"), "arbitrate"),
            (own and day.state == "proposed", "pair_confirm"),
            (own and day.state == "proposed", "pair_decline"),
            (own and day.state == "logged", "submit"),
            (sent and not day.is_pending, "day_validate"),
            (sent and not day.is_pending, "day_split"),
            (own and sent, "withdraw"),
            (sent or day.state == "validated", "reject"),
        )
        found = [self.judged(name) for holds, name in ways if holds]
        return [action for action in found if action is not None]

    def judged(self, name: str) -> Action | None:
        """One step as this person sees it; a validation that is barred says why."""
        action = offered(_step(self.object, name), self.request.user)
        if action is None or action.barred or name != "day_validate":
            return action
        found = bars(self.object, "validate", user=self.request.user, on=self.today)
        # Who pays is settled on the page of the validation itself.
        return replace(action, barred=[m for m in found if m.code != "shares"])

    def get_context(self, **more: Any) -> dict[str, Any]:
        day = self.object
        shows = self.request.user.has_perm("missions.view_agreement")
        shares = day.shares.select_related("coop__organisation", "payer", "envelope")
        return super().get_context(
            steps=self.get_steps(),
            present=day.beneficiaries.select_related("coop__organisation"),
            shares=shares,
            shows_amounts=shows,
            shows_note=self.request.user.has_perm("crm.view_note"),
            **more,
        )


class DayEdit(FormPage):
    model = MissionDay
    form_class = DayForm
    template_name = "missions/day_form.html"
    title = gettext_lazy("Edit the day")
    explains = gettext_lazy("Correct it freely until it is sent; after that, take it back first.")
    select_related = SEEN
    success_message = gettext_lazy("The day is changed.")

    def get_initial(self) -> dict[str, Any]:
        day = self.object
        names = [*DayForm.main, *DayForm.more, "participants"]
        start = {name: getattr(day, name) for name in names}
        start |= {"mission": day.mission_id, "quantity": str(day.quantity.normalize())}
        coops = list(day.beneficiaries.values_list("coop", flat=True))
        return start | {"coops": coops if len(coops) > 1 else []}

    def perform(self, form: Any) -> MissionDay:
        data = form.facts()
        if data["quantity"] is None:
            data.pop("quantity")
        data["beneficiaries"] = data["beneficiaries"] or None
        return actions.edit_day(self.object, **data, **self.act())


class DayDelete(FormPage):
    model = MissionDay
    title = gettext_lazy("Delete the day")
    explains = gettext_lazy(
        "Only a day not sent yet goes away; the history keeps that it was deleted."
    )
    submit_label = gettext_lazy("Delete the day")
    success_message = gettext_lazy("The day is deleted.")
    select_related = SEEN

    def get_facts(self) -> str:
        return f"{date_format(self.object.worked_on, 'l j F Y')} · {self.object.mission}"

    def perform(self, form: Any) -> Any:
        actions.delete_day(self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:days")


class DayMove(TransitionPage):
    """Moves of a day that stand alone; billing ones belong to invoices."""

    model = MissionDay
    select_related = SEEN
    forms = {"reject": RejectForm}
    actions = {
        "submit": lambda day, **act: actions.submit_days([day], **act),
        "withdraw": actions.withdraw_day,
        "confirm": actions.confirm_day,
        "decline": actions.decline_day,
        "validate": actions.validate,
        "reject": actions.reject,
    }

    def load(self) -> None:
        super().load()
        if self.edge not in self.actions:
            raise UnknownEdge(self.edge)

    def get_missing(self) -> list[Missing]:
        # Shares are made by validating: their absence bars nothing here.
        return [m for m in super().get_missing() if m.code != "shares"]


def days_of_mission(mission: Mission, user: Any) -> Any:
    """Days of a mission that this person may see, the last first."""
    rows = MissionDay.objects.visible_to(user).filter(Q(mission=mission))
    return rows.select_related(*SEEN).order_by("-worked_on", "-pk")
