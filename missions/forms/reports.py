"""Forms of attendance sheets and of what people's work costs."""

from typing import Any

from django import forms as base
from django.utils.translation import gettext_lazy

from essaim import forms
from essaim.models import User
from missions.models import CostRate

MOST_LINES = 60


class AttendanceForm(forms.Form):
    """How many came, and the sheet they signed."""

    participants = base.IntegerField(
        label=gettext_lazy("Participants"), min_value=1, max_value=2000
    )
    file = base.FileField(
        label=gettext_lazy("Signed sheet"),
        required=False,
        widget=forms.CameraInput(),
        help_text=gettext_lazy("A picture or a PDF, 10 MB at most."),
    )


class BlankSheetForm(forms.Form):
    """What an attendance sheet to be signed says, before the session."""

    day = base.DateField(label=gettext_lazy("Date"))
    subject = base.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    place = base.CharField(label=gettext_lazy("Place"), max_length=200, required=False)
    lines = base.IntegerField(
        label=gettext_lazy("Lines to sign"), min_value=1, max_value=MOST_LINES
    )


class CostRateForm(forms.ModelForm):
    class Meta:
        model = CostRate
        fields = ("person", "since", "yearly_cost", "yearly_hours", "source")

    yearly_cost = forms.MoneyField(label=gettext_lazy("Yearly cost, charges included (EUR)"))

    def setup(self) -> None:
        person: Any = self.fields["person"]
        person.queryset = User.objects.active()
