"""The form of a subscription and of its tiers."""

from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.core.validators import MaxValueValidator
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop, Organisation
from essaim import features, forms
from invoicing.forms_documents import MAINLAND, RateField, rate_choices
from invoicing.models import Recurring
from missions.models import Agreement

TIERS = 6


class RecurringForm(forms.Form):
    """What comes back, to whom, how often, at what price."""

    follows = {features.VAT: ("vat_rate",)}

    client = forms.PickField(label=gettext_lazy("Client"))
    coop = forms.PickField(
        label=gettext_lazy("Coop"), required=False, search="organisation__search_key"
    )
    agreement = forms.PickField(label=gettext_lazy("Agreement"), required=False, search="title")
    label = django_forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        help_text=gettext_lazy("Printed on each invoice."),
    )
    period = django_forms.ChoiceField(
        label=gettext_lazy("Period"), choices=Recurring.Period.choices, widget=forms.ChipsRadio
    )
    moment = django_forms.ChoiceField(
        label=gettext_lazy("Billed"),
        choices=Recurring.Moment.choices,
        widget=forms.ChipsRadio,
        initial=Recurring.Moment.START,
    )
    starts_on = django_forms.DateField(
        label=gettext_lazy("First period from"), widget=forms.DateInput
    )
    ends_on = django_forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput
    )
    pricing = django_forms.ChoiceField(
        label=gettext_lazy("Price"),
        choices=Recurring.Pricing.choices,
        widget=forms.ChipsRadio,
        initial=Recurring.Pricing.FIXED,
    )
    price = forms.MoneyField(
        label=gettext_lazy("Price of a period, net"),
        required=False,
        help_text=gettext_lazy("For one price; else fill the tiers below."),
    )
    vat_rate = RateField()
    term_days = django_forms.IntegerField(
        label=gettext_lazy("Payment term (days)"),
        min_value=0,
        validators=[MaxValueValidator(366)],
        initial=30,
    )
    analytic_code = django_forms.CharField(
        label=gettext_lazy("Analytic code"), required=False, max_length=20
    )

    def setup(self) -> None:
        self.fields["client"].rows = Organisation.objects.visible_to(self.user).current()
        self.fields["coop"].rows = Coop.objects.visible_to(self.user).select_related("organisation")
        self.fields["agreement"].rows = Agreement.objects.visible_to(self.user)
        self.fields["vat_rate"].choices = rate_choices(MAINLAND, self.on)


class TierForm(forms.Form):
    """One tier; an empty row is left out."""

    up_to = django_forms.IntegerField(
        label=gettext_lazy("Up to (members)"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Empty: the last tier."),
    )
    price = forms.MoneyField(label=gettext_lazy("Price of a period, net"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and data.get("up_to") is not None and data.get("price") is None:
            self.add_error("price", _("Say the price of this tier."))
        return data


class _Tiers(BaseFormSet):  # type: ignore[type-arg]
    label = gettext_lazy("Tiers of members")

    @property
    def tiers(self) -> list[tuple[int | None, Decimal]]:
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        return [(row.get("up_to"), row["price"]) for row in rows if row.get("price") is not None]


TierFormSet = formset_factory(TierForm, formset=_Tiers, extra=TIERS, max_num=12)
