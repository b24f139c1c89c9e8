"""Forms of time to pay: schedules, disputes, plans, late interest, the notice on cash registers."""

from django import forms as django_forms
from django.utils.translation import gettext_lazy

from essaim import forms
from invoicing.models import AntifraudNotice


class AntifraudForm(forms.Form):
    """What we rely on for payments of private customers."""

    proof = django_forms.ChoiceField(
        label=gettext_lazy("What we rely on"),
        choices=AntifraudNotice.Proof.choices,
        widget=forms.ChipsRadio,
    )
    words = django_forms.CharField(
        label=gettext_lazy("In words"),
        max_length=500,
        help_text=gettext_lazy("Who issued it, its number and date; or why we are outside."),
    )
