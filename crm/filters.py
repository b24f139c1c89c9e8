"""Filters of the table of coops."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.analytics import departments
from crm.forms import companions
from crm.models import Accompaniment, Path
from crm.stages import Activity, Stage


class CoopFilter(django_filters.FilterSet):
    """Who follows it, where it is, on which path, at which stage, under way or ended."""

    owner = django_filters.ChoiceFilter(
        label=_("Followed by"), choices=companions, empty_label=_("Everybody")
    )
    department = django_filters.ChoiceFilter(
        label=_("Department"), field_name="coop__department", empty_label=_("All departments")
    )
    path = django_filters.ModelChoiceFilter(
        label=_("Path"), queryset=Path.objects.all(), empty_label=_("All paths")
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"), choices=Stage.choices, empty_label=_("All stages")
    )
    activity = django_filters.ChoiceFilter(
        label=_("Activity"),
        choices=(*Activity.choices, ("all", _("Ended ones too"))),
        empty_label=_("Under way or paused"),
        method="by_activity",
    )

    class Meta:
        model = Accompaniment
        fields = ("owner", "department", "path", "stage", "activity")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = departments(self.request.user)
        self.filters["department"].extra["choices"] = [(code, code) for code in found]

    def by_activity(self, rows: Any, name: str, value: str) -> Any:
        return rows if value == "all" else rows.filter(activity=value)
