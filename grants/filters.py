"""Filters of the lists of the grants room."""

import django_filters
from django.utils.translation import gettext_lazy as _

from grants.models import GrantApplication, Programme
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
