"""Pages of the coordinator: days to validate, to split, to decide; months to lock."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import add_months, month_start
from essaim.views import Action, Chips, Column, FormPage, ListPage
from essaim.workflow import Missing, Refused
from missions import actions
from missions.actions import Part
from missions.forms.days import ArbitrationForm, MonthForm, SplitForm
from missions.models import MissionDay, MonthLock
from missions.rules import Nature
from missions.views.days import SEEN
from missions.views.tabs import Tabbed


class Validation(Tabbed, ListPage):
    """Days sent, oldest first; each may be validated, split, decided or sent back."""

    tab = "validation"
    template_name = "missions/list.html"
    model = MissionDay
    title = gettext_lazy("Days to validate")
    order = ("worked_on",)
    select_related = SEEN
    search_fields = ("subject", "mission__title", "mission__coop__organisation__search_key")
    chips = (
        Chips(
            "show",
            (
                ("", gettext_lazy("All")),
                ("ready", gettext_lazy("Ready")),
                ("decide", gettext_lazy("To decide")),
            ),
            lambda rows, value, page: (
                rows.to_arbitrate() if value == "decide" else rows.exclude(arbitration="pending")
            ),
            gettext_lazy("Days"),
        ),
    )
    columns = (
        Column(gettext_lazy("Date"), "worked_on", "date", phone="sub"),
        Column(gettext_lazy("Mission"), "mission", phone="title"),
        Column(gettext_lazy("Who"), "consultant", "person", phone="side"),
        Column(gettext_lazy("Subject"), "subject", phone="sub"),
        Column(gettext_lazy("Days"), "quantity", "days", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
        Column(gettext_lazy("Decision"), template="missions/_decide.html", phone="sub"),
    )
    bulk = (
        Action(
            gettext_lazy("Validate the chosen days"),
            reverse_lazy("missions:validate"),
            "check",
            "missions.validate_day",
        ),
    )
    ticked = Column("", "quantity", "days")
    empty_title = gettext_lazy("No day waits for you.")
    explains = gettext_lazy("Validating freezes who pays: the day can then be billed.")
    about = "validation"
    empty_text = gettext_lazy("Days arrive here when a colleague sends their week.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.to_validate()


class _OneDay(FormPage):
    model = MissionDay
    select_related = SEEN
    template_name = "missions/one_day.html"

    def get_facts(self) -> str:
        day = self.object
        said = (
            date_format(day.worked_on, "l j F Y"),
            day.consultant,
            day.mission,
            day.get_moment_display(),
        )
        return " · ".join(map(str, said))

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:validation"), _("Days to validate"))

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:validation")


class DayValidate(_OneDay):
    title = gettext_lazy("Validate the day")
    explains = gettext_lazy("Once validated, its parts are frozen and the day can be billed.")
    submit_label = gettext_lazy("Validate")
    success_message = gettext_lazy("The day is validated.")

    def perform(self, form: Any) -> MissionDay:
        return actions.validate(self.object, reasons=self.reasons, **self.act())


class DaySplit(_OneDay):
    title = gettext_lazy("Split the day")
    explains = gettext_lazy("Each payer’s part of this day, where it differs from the agreement.")
    about = "quote-part"
    form_class = SplitForm
    submit_label = gettext_lazy("Split and validate")
    success_message = gettext_lazy("The day is split and validated.")

    def get_initial(self) -> dict[str, Any]:
        half = self.object.quantity / 2
        return {"billed": half, "given": half} if half % Decimal("0.25") == 0 else {}

    def perform(self, form: Any) -> MissionDay:
        data = form.cleaned_data
        parts = [
            Part(
                quantity=data[nature.value],
                nature=nature,
                reason="" if nature == Nature.BILLED else data["why"].strip(),
            )
            for nature in (Nature.BILLED, Nature.GIVEN, Nature.ELSEWHERE, Nature.VOLUNTEER)
            if data[nature.value]
        ]
        if not parts:
            raise Refused([Missing("billed", _("Say how the day is cut."))])
        return actions.validate(self.object, parts=parts, **self.act())


class Arbitrate(_OneDay):
    title = gettext_lazy("Decide who pays")
    explains = gettext_lazy(
        "Over the budget or late: say whether it is billed, covered, given or volunteer."
    )
    about = "a-arbitrer"
    form_class = ArbitrationForm
    success_message = gettext_lazy("The decision is kept.")

    def perform(self, form: Any) -> MissionDay:
        data = form.cleaned_data
        return actions.arbitrate(
            self.object, data["decision"], why=data["why"], payer=data["payer"], **self.act()
        )


class Months(Tabbed, FormPage):
    """The last twelve months: locked or open."""

    tab = "months"
    template_name = "missions/months.html"
    form_class = MonthForm
    title = gettext_lazy("Months")
    explains = gettext_lazy("A day noted in a locked month is kept, and waits for a decision.")
    success_url = reverse_lazy("missions:months")

    def get_context(self, **more: Any) -> dict[str, Any]:
        first = month_start(self.today)
        months = [add_months(first, -n) for n in range(1, 13)]
        locks = MonthLock.objects.filter(month__in=months).select_related("locked_by")
        locked = {lock.month: lock for lock in locks}
        return super().get_context(
            months=[(m, date_format(m, "F Y"), locked.get(m)) for m in months],
            proposed=self._proposed(locked),
            **more,
        )

    def _proposed(self, locked: dict[date, MonthLock]) -> date | None:
        last = month_start(month_start(self.today) - timedelta(days=1))
        return last if self.today.day >= 10 and last not in locked else None

    def perform(self, form: Any) -> Any:
        month = form.cleaned_data["month"]
        if form.cleaned_data["open"]:
            return actions.unlock_month(month, **self.act())
        return actions.lock_month(month, **self.act())

    def get_success_message(self, done: Any) -> Any:
        return _("The month is locked.") if done else _("The month is open again.")
