"""What the pages of billing runs ask: a date, payers, and the amounts that were shown."""

import re
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms

KEY = re.compile(r"[0-9a-f]{32}")
LARGEST = 2000  # payers of one run


class PayersField(django_forms.Field):
    """Keys of payers, each with the amount shown when there is one: "12" or "12:1200.00"."""

    widget = django_forms.MultipleHiddenInput

    def to_python(self, value: Any) -> dict[int, Decimal | None]:
        found: dict[int, Decimal | None] = {}
        for text in (value or [])[:LARGEST]:
            match = re.fullmatch(r"([1-9][0-9]{0,17})(?::([0-9]{1,12}\.[0-9]{2}))?", str(text))
            if match is None:
                raise ValidationError(_("Choose payers of the list."))
            found[int(match[1])] = Decimal(match[2]) if match[2] else None
        return found


class UntilForm(forms.Form):
    """Until which day work is billed."""

    until = django_forms.DateField(label=gettext_lazy("Work until"), required=False)


class ChoiceForm(forms.Form):
    """The payers chosen for the preview."""

    until = django_forms.DateField(
        label=gettext_lazy("Work until"), widget=django_forms.HiddenInput
    )
    payer = PayersField(
        label=gettext_lazy("Payers"),
        error_messages={"required": gettext_lazy("Choose at least one payer.")},
    )


class LaunchForm(ChoiceForm):
    """The preview accepted: the key of the run, and the amounts that were read."""

    key = django_forms.RegexField(KEY, widget=django_forms.HiddenInput)

    def clean_payer(self) -> dict[int, Decimal]:
        found: dict[int, Decimal | None] = self.cleaned_data["payer"]
        if any(amount is None for amount in found.values()):
            raise ValidationError(_("Choose payers of the list."))
        return {key: amount for key, amount in found.items() if amount is not None}
