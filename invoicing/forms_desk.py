"""What the accountant says once of many lines: when money came in, and how."""

from datetime import date
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms
from invoicing.forms import near_days
from invoicing.models import Payment


class EncashForm(forms.Form):
    """Money that came in for several invoices on one day."""

    received_on = django_forms.DateField(
        label=gettext_lazy("Credited on"), widget=forms.DateChips()
    )
    method = django_forms.ChoiceField(
        label=gettext_lazy("Method"), choices=Payment.Method.choices, widget=forms.ChipsRadio
    )
    by_client = django_forms.BooleanField(
        label=gettext_lazy("One payment per client, not one per invoice"), required=False
    )

    def setup(self) -> None:
        assert self.on is not None
        widget: Any = self.fields["received_on"].widget
        widget.today = self.on
        widget.days = near_days(self.on)

    def clean_received_on(self) -> date:
        given: date = self.cleaned_data["received_on"]
        if self.on is not None and given > self.on:
            raise ValidationError(_("The date can't be in the future."))
        return given
