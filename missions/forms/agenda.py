"""Forms of the agenda: a calendar file, what an event was for, the calls of a week."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms as base
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from essaim import forms
from essaim.formats import fraction
from missions.agenda_file import read_calendar
from missions.codes import Moment, Work
from missions.forms.days import likely_missions, missions_of
from missions.models import Mission
from missions.rules import QUANTITIES
from missions.rules_calendar import Window

CALENDAR = {"accept": ".ics,.ical,text/calendar"}


class CalendarForm(forms.Form):
    """The file of a calendar; it is read, then thrown away."""

    file = base.FileField(
        label=gettext_lazy("Calendar file (.ics)"),
        widget=base.ClearableFileInput(attrs=CALENDAR),
        help_text=gettext_lazy("5 MB at most. The file itself is not kept."),
    )

    def __init__(self, *args: Any, window: Window | None = None, **kwargs: Any) -> None:
        self.window = window
        super().__init__(*args, **kwargs)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        assert self.window is not None
        try:
            return read_calendar(file, email=self.user.email, window=self.window)
        except ValidationError as error:
            raise ValidationError(error.messages) from error


class EventForm(forms.Form):
    """What an event was for: the fields of a day, its date aside."""

    mission = forms.PickField(
        label=gettext_lazy("Mission"), search="coop__organisation__search_key"
    )
    moment = base.ChoiceField(
        label=gettext_lazy("Moment"), choices=Moment.choices, widget=forms.ChipsRadio()
    )
    quantity = base.TypedChoiceField(
        label=gettext_lazy("Quantity (days)"),
        choices=[(str(q), fraction(q)) for q in QUANTITIES],
        coerce=Decimal,
        widget=forms.ChipsRadio(),
    )
    work = base.ChoiceField(
        label=gettext_lazy("Work"), choices=Work.choices, widget=forms.ChipsRadio()
    )
    subject = base.CharField(
        label=gettext_lazy("Subject (printed on the invoice)"), max_length=200, required=False
    )

    def setup(self) -> None:
        mission: Any = self.fields["mission"]
        mission.rows, mission.suggestions = missions_of(self.user), likely_missions(self.user)


class CallsForm(EventForm):
    """The calls of a week as a day: when, on which mission."""

    worked_on = base.DateField(label=gettext_lazy("Day"), widget=forms.DateChips())

    def __init__(
        self, *args: Any, days: list[date], missions: list[Mission], **kwargs: Any
    ) -> None:
        self.days, self.missions = days, missions
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        super().setup()
        widget: Any = self.fields["worked_on"].widget
        widget.days, widget.today = self.days, self.on
        mission: Any = self.fields["mission"]
        theirs = {m.pk for m in self.missions}
        others = [m for m in mission.suggestions if m.pk not in theirs]
        mission.suggestions = [*self.missions, *others][:6]
        self.order_fields(["worked_on", "mission", "quantity", "moment", "work", "subject"])
