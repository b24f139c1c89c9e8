"""What the stage analytics may be asked."""

from typing import Any

from django import forms as plain
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import analytics
from crm.analytics import Asked
from crm.models import Path
from crm.rules_analytics import Period
from essaim import forms


class AnalyticsForm(forms.Form):
    """Which coops, and over which period; nothing chosen is everything."""

    path = plain.TypedChoiceField(label=_("Path"), required=False, coerce=int, empty_value=None)
    department = plain.ChoiceField(label=_("Department"), required=False)
    epci = plain.ChoiceField(label="EPCI", required=False)
    mother = plain.TypedChoiceField(
        label=_("Mother coop"), required=False, coerce=int, empty_value=None
    )
    start = plain.DateField(label=_("From"), required=False)
    end = plain.DateField(label=_("To"), required=False)
    by = plain.ChoiceField(
        label=_("Compare by"),
        required=False,
        choices=(
            ("department", _("Department")),
            ("epci", "EPCI"),
            ("mother", _("Mother coop")),
            ("path", _("Path")),
        ),
    )

    def setup(self) -> None:
        paths = [(row.pk, row.label) for row in Path.objects.visible_to(self.user)]
        self._choose("path", paths, gettext("All paths"))
        found = [(code, code) for code in analytics.departments(self.user)]
        self._choose("department", found, gettext("All departments"))
        found = [(code, code) for code in analytics.territories(self.user)]
        self._choose("epci", found, gettext("All territories"))
        self._choose("mother", analytics.mothers(self.user), gettext("All mother coops"))

    def _choose(self, name: str, choices: Any, every: str) -> None:
        field: Any = self.fields[name]
        field.choices = [("", every), *choices]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", gettext("The period ends before it begins."))
        return data

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(
            path=data["path"],
            mother=data["mother"],
            department=data["department"],
            epci=data["epci"],
            period=Period(data["start"], data["end"]),
        )
