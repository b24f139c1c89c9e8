"""Filters of the lists of the grants room."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.identifiers import search_key
from grants.models import Call, GrantApplication, Programme
from grants.states import ApplicationState


class ApplicationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=ApplicationState.choices, empty_label=_("All states")
    )
    programme = django_filters.ModelChoiceFilter(
        label=_("Programme"), queryset=Programme.objects.all(), empty_label=_("All programmes")
    )

    class Meta:
        model = GrantApplication
        fields = ("state", "programme")


def _funders(request: Any) -> Any:
    """Organisations that have a programme: a short list."""
    rows = Organisation.objects.filter(pk__in=Programme.objects.values("funder"))
    return rows.order_by("search_key", "pk")


class ProgrammeFilter(django_filters.FilterSet):
    funder = django_filters.ModelChoiceFilter(
        label=_("Funder"), queryset=_funders, empty_label=_("All funders")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=Programme.Kind.choices, empty_label=_("All kinds")
    )

    class Meta:
        model = Programme
        fields = ("funder", "kind")


class CallFilter(django_filters.FilterSet):
    funder = django_filters.ModelChoiceFilter(
        label=_("Funder"),
        field_name="programme__funder",
        queryset=_funders,
        empty_label=_("All funders"),
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"),
        field_name="programme__kind",
        choices=Programme.Kind.choices,
        empty_label=_("All kinds"),
    )
    territory = django_filters.CharFilter(label=_("Territory"), method="of_territory")

    class Meta:
        model = Call
        fields = ("funder", "kind", "territory")

    def of_territory(self, rows: Any, name: str, value: str) -> Any:
        """Accents and case aside."""
        return rows.filter(territory_key__contains=search_key(value[:100]))
