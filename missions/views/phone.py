"""What follows a day just noted: it is there, it may be taken back, and this comes next."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import days as written_days
from essaim.views import DetailPage, FormPage
from missions import actions
from missions.actions.weeks import UNDO
from missions.models import MissionDay
from missions.views.days import SEEN, budget_of
from missions.weeks import days_of_week, holes_of


class OwnDay:
    """Only the person who worked: the day of another does not exist here."""

    request: Any

    def get_objects(self) -> Any:
        return super().get_objects().filter(consultant=self.request.user)  # type: ignore[misc]


class DayNoted(OwnDay, DetailPage):
    """« C'est noté », with « Annuler » for a moment, and the next day to note."""

    model = MissionDay
    template_name = "missions/day_noted.html"
    select_related = (*SEEN, "mission__agreement", "note")
    title = gettext_lazy("It is noted")
    explains = gettext_lazy("The day waits to be sent; undo it, or log the next one.")

    def get_facts(self) -> str:
        return date_format(self.object.worked_on, "l j F")

    def get_context(self, **more: Any) -> dict[str, Any]:
        day, user = self.object, self.request.user
        fresh = timezone.now() - day.logged_at <= UNDO
        monday = actions.week_of(day.worked_on)[0]
        week = days_of_week(user, monday)
        coops = day.beneficiaries.select_related("coop__organisation")
        return super().get_context(
            day=day,
            present=coops if len(coops) > 1 else (),
            # A day noted twice by mistake shows at once.
            others=[r for r in week if r.worked_on == day.worked_on and r.pk != day.pk],
            pair=day.pairs.select_related("consultant").first(),
            may_undo=fresh and day.state == MissionDay.State.LOGGED,
            budget=budget_of(day.mission),
            holes=holes_of(user, on=self.today),
            week_total=sum(row.quantity for row in week),
            monday=monday,
            **more,
        )


class DayUndo(OwnDay, FormPage):
    """« Annuler »: posted from the page above; asked by its address, it asks once more."""

    model = MissionDay
    title = gettext_lazy("Undo")
    explains = gettext_lazy("The day just noted goes away; the history keeps its trace.")
    submit_label = gettext_lazy("Undo")
    submit_icon = "undo-2"
    select_related = SEEN

    def load(self) -> None:
        super().load()
        if self.object is None:
            raise Http404("day")

    def get_facts(self) -> str:
        day = self.object
        said = (date_format(day.worked_on, "l j F"), day.mission, written_days(day.quantity))
        return " · ".join(map(str, said))

    def perform(self, form: Any) -> None:
        actions.undo_day(self.object, **self.act())

    def get_success_message(self, done: Any) -> str:
        return _("The day is taken back: nothing is noted.")

    def get_success_url(self, done: Any) -> str:
        return reverse("today")
