"""Forms of the electronic invoice: what a platform answered, the period of e-reporting."""

from typing import Any

from django import forms as plain
from django.utils.translation import gettext_lazy as _

from essaim import forms
from invoicing.models import LifecycleStatus


class StatusForm(forms.Form):
    """One status; only those that may follow are offered."""

    status = plain.ChoiceField(
        label=_("Status"), choices=LifecycleStatus.Status.choices, widget=forms.ChipsRadio
    )
    dated = plain.DateField(label=_("On"))
    reason_code = plain.ChoiceField(
        label=_("Reason"),
        choices=[("", "—"), *LifecycleStatus.Reason.choices],
        required=False,
        help_text=_("Wanted for a rejection or a refusal."),
    )
    reason = plain.CharField(
        label=_("Reason in words"), max_length=500, required=False, widget=plain.Textarea
    )

    def __init__(self, *args: Any, following: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(LifecycleStatus.Status.choices)
        status: Any = self.fields["status"]
        status.choices = [(code, labels[LifecycleStatus.Status(code)]) for code in following]

    def setup(self) -> None:
        self.fields["dated"].initial = self.on
