"""Forms of expenses to bill, periodic invoices of envelopes and proof packs."""

from datetime import date
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms


class PrepareExpensesForm(forms.Form):
    """A payer and the agreement whose expenses are billed apart from its days."""

    payer = django_forms.IntegerField(min_value=1, widget=django_forms.HiddenInput)
    agreement = django_forms.IntegerField(min_value=1, widget=django_forms.HiddenInput)


class Between(forms.Form):
    """Two dates in their order."""

    since = django_forms.DateField(label=gettext_lazy("Days from"))
    until = django_forms.DateField(label=gettext_lazy("Days until"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("since"), data.get("until")
        if first and last and last < first:
            self.add_error("until", _("The end comes before the beginning."))
        return data


class PrepareEnvelopeForm(Between):
    """The period of the periodic invoice of an envelope, and its payment term."""

    term_days = django_forms.IntegerField(
        label=gettext_lazy("Payment term (days)"), min_value=0, max_value=60, initial=30
    )

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if self.on is not None and day > self.on:
            raise django_forms.ValidationError(_("The date can't be in the future."))
        return day


class ProofForm(Between):
    """The days a proof pack is about."""
