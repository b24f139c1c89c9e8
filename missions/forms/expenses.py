"""Forms of expenses, signed timesheets and the value of unpaid work."""

from decimal import Decimal
from typing import Any

from django import forms as base
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Organisation
from essaim import forms
from missions.codes import Nature, Treatment
from missions.forms.days import likely_missions, missions_of, recent_days
from missions.models import Expense, Valuation
from missions.travel import POWERS

POWER_CHOICES = [(str(p), f"{p} CV" if p < 7 else gettext_lazy("7 CV and more")) for p in POWERS]


class ExpenseForm(forms.Form):
    """An expense in a few taps: rows of chips, an amount, a picture of the receipt."""

    kind = base.ChoiceField(
        label=gettext_lazy("Kind"), choices=Expense.Kind.choices, widget=forms.ChipsRadio()
    )
    spent_on = base.DateField(label=gettext_lazy("Day"), widget=forms.DateChips())
    mission = forms.PickField(
        label=gettext_lazy("Mission"), search="coop__organisation__search_key"
    )
    label = base.CharField(label=gettext_lazy("What for (printed on the invoice)"), max_length=160)
    gross = forms.MoneyField(
        label=gettext_lazy("Amount paid, VAT included"),
        required=False,
        help_text=gettext_lazy("Leave it empty for kilometres."),
    )
    vat = forms.MoneyField(
        label=gettext_lazy("VAT on the receipt"),
        required=False,
        help_text=gettext_lazy("Empty: none (train and taxi tickets carry none to recover)."),
    )
    km = forms.FrenchDecimal(
        label=gettext_lazy("Kilometres"),
        required=False,
        min_value=Decimal("0.1"),
        max_digits=7,
        decimal_places=1,
    )
    power = base.TypedChoiceField(
        label=gettext_lazy("Fiscal power of the car"),
        choices=POWER_CHOICES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.ChipsRadio(),
    )
    is_electric = base.BooleanField(label=gettext_lazy("Electric vehicle"), required=False)
    receipt = base.FileField(
        label=gettext_lazy("Receipt"),
        required=False,
        widget=forms.CameraInput(),
        help_text=gettext_lazy("A picture or a PDF, 10 MB at most."),
    )
    treatment = base.ChoiceField(
        label=gettext_lazy("Who bears it"),
        choices=Treatment.choices,
        widget=forms.ChipsRadio(),
        help_text=gettext_lazy(
            "Rebilled: with our VAT. Advanced: the receipt is in the client's name, taken back to"
            " the cent without VAT. Kept: at our charge."
        ),
    )
    paid_by = base.ChoiceField(
        label=pgettext_lazy("expense", "Paid"),
        choices=Expense.PaidBy.choices,
        widget=forms.ChipsRadio(),
    )
    payer = forms.PickField(
        label=gettext_lazy("Another payer than the agreement's client"), required=False
    )

    def setup(self) -> None:
        widget: Any = self.fields["spent_on"].widget
        if self.on is not None:
            widget.days, widget.today = recent_days(self.on), self.on
        mission: Any = self.fields["mission"]
        mission.rows, mission.suggestions = missions_of(self.user), likely_missions(self.user)
        payer: Any = self.fields["payer"]
        payer.rows = Organisation.objects.visible_to(self.user).current()

    def facts(self) -> dict[str, Any]:
        """The expense, as the actions take it; the receipt apart when none was sent."""
        data = dict(self.cleaned_data)
        data["gross"], data["vat"] = data["gross"] or Decimal(0), data["vat"] or Decimal(0)
        if data["receipt"] is None:
            data.pop("receipt")
        return data


class SendBackForm(forms.Form):
    why = base.CharField(label=gettext_lazy("Why"), max_length=500)


class SignedSheetForm(forms.Form):
    """The signed copy of a timesheet."""

    file = base.FileField(
        label=gettext_lazy("Signed copy"),
        widget=forms.CameraInput(),
        help_text=gettext_lazy("A picture or a PDF, 10 MB at most."),
    )


class ValuationForm(forms.Form):
    """What a day or an hour of unpaid work is worth, from a day on."""

    nature = base.ChoiceField(
        label=gettext_lazy("Nature"),
        choices=[(n.value, n.label) for n in (Nature.GIVEN, Nature.VOLUNTEER)],
        widget=forms.ChipsRadio(),
    )
    unit = base.ChoiceField(
        label=gettext_lazy("Unit"),
        choices=Valuation.Unit.choices,
        widget=forms.ChipsRadio(),
        help_text=gettext_lazy("Volunteer work: by the hour, never the sale price."),
    )
    value = forms.MoneyField(label=gettext_lazy("Value (EUR)"), min_value=Decimal("0.01"))
    hours_per_day = forms.FrenchDecimal(
        label=gettext_lazy("Hours in a day"),
        min_value=Decimal("0.5"),
        max_value=Decimal(24),
        max_digits=4,
        decimal_places=2,
        initial=7,
    )
    effective_from = base.DateField(label=gettext_lazy("In force from"))
    method = base.CharField(
        label=gettext_lazy("Method, in words"),
        max_length=300,
        help_text=gettext_lazy("For instance: charged salary of the team divided by its days."),
    )
    source = base.CharField(label=gettext_lazy("Source"), max_length=300)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("nature") == Nature.VOLUNTEER and data.get("unit") == Valuation.Unit.DAY:
            self.add_error("unit", _("Volunteer work is worth an hourly value."))
        return data
