"""Forms of quotes, of the pieces of a price, of acceptances and signed papers."""

from typing import Any

from django import forms as base
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy

from crm.models import Coop, Organisation
from essaim import forms
from missions.forms.terms import LONGEST_TERM
from missions.models import Agreement, Quote, QuoteLine


def _clients(user: Any) -> Any:
    return Organisation.objects.visible_to(user).current()


class QuoteForm(forms.ModelForm):
    client = forms.PickField(label=gettext_lazy("Client"))
    coop = forms.PickField(
        label=gettext_lazy("Coop"), search="organisation__search_key", required=False
    )

    class Meta:
        model = Quote
        fields = (
            "title",
            "client",
            "coop",
            "form",
            "valid_until",
            "starts_on",
            "rhythm",
            "payment_days",
            "payment_method",
            "words",
        )

    def setup(self) -> None:
        client: Any = self.fields["client"]
        coop: Any = self.fields["coop"]
        client.rows = _clients(self.user)
        coop.rows = Coop.objects.visible_to(self.user).select_related("organisation")
        self.fields["payment_days"].validators.append(MaxValueValidator(LONGEST_TERM))
        words: Any = self.fields["words"]
        words.widget.attrs["rows"] = 4


class QuoteLineForm(forms.Form):
    """One priced line; an empty row is left out."""

    kind = base.ChoiceField(
        label=gettext_lazy("Kind"), choices=QuoteLine.Kind.choices, required=False, initial="days"
    )
    label = base.CharField(label=gettext_lazy("Description"), max_length=300, required=False)
    quantity = forms.FrenchDecimal(
        label=gettext_lazy("Quantity"),
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=4,
    )
    unit_price = forms.MoneyField(
        label=gettext_lazy("Unit price, net"), required=False, decimal_places=3, max_digits=12
    )
    planned_on = base.DateField(label=gettext_lazy("Planned on"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in ("label", "unit_price", "quantity")):
            return {}
        data["quantity"] = 1 if data.get("quantity") is None else data["quantity"]
        if not data.get("label") and "label" not in self.errors:
            self.add_error("label", gettext_lazy("Say what this line is."))
        if data.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", gettext_lazy("Say the price."))
        return data


class QuoteShareForm(forms.Form):
    """One payer proposed; an empty row is left out."""

    payer = forms.PickField(label=gettext_lazy("Payer"), required=False)
    percent = forms.PercentField(label=gettext_lazy("Percent"), required=False)
    cap_eur = forms.MoneyField(label=gettext_lazy("Cap (EUR)"), required=False)
    takes_remainder = base.BooleanField(label=gettext_lazy("Takes what is left"), required=False)

    def setup(self) -> None:
        payer: Any = self.fields["payer"]
        payer.rows = _clients(self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("payer") and data.get("percent") is None:
            self.add_error("percent", gettext_lazy("Say the percent."))
        if data.get("percent") and not data.get("payer") and "payer" not in self.errors:
            self.add_error("payer", gettext_lazy("Say who pays."))
        return data


class PhaseForm(forms.Form):
    """One piece of a price; an empty row is left out."""

    title = base.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    amount = forms.MoneyField(label=gettext_lazy("Amount, net"), required=False)
    planned_on = base.DateField(label=gettext_lazy("Planned on"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("title") and data.get("amount") is None:
            return {}
        if not data.get("title") and "title" not in self.errors:
            self.add_error("title", gettext_lazy("Name this piece of the price."))
        if not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", gettext_lazy("Say the amount."))
        return data


class AnswerForm(forms.Form):
    decided_on = base.DateField(label=gettext_lazy("Answered on"))
    decided_by = base.CharField(
        label=gettext_lazy("By whom"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("The person who signed or said no."),
    )


class VersionForm(forms.Form):
    valid_until = base.DateField(label=gettext_lazy("Valid until"))


class AcceptForm(forms.Form):
    accepted_on = base.DateField(label=gettext_lazy("Accepted on"))
    accepted_by = base.CharField(
        label=gettext_lazy("Accepted by"),
        max_length=120,
        help_text=gettext_lazy("Who accepted it at the client's."),
    )
    evidence = base.FileField(
        label=gettext_lazy("Paper that shows it"),
        required=False,
        help_text=gettext_lazy("A signed note or a mail, kept among the coop's documents."),
    )


class ReportForm(forms.Form):
    delivered_on = base.DateField(label=gettext_lazy("Report delivered on"))
    file = base.FileField(label=gettext_lazy("The report"), required=False)


class ScanForm(forms.Form):
    file = base.FileField(label=gettext_lazy("Signed paper"))


def whole_of(agreement: Agreement) -> Any:
    """The price pieces should make, if one is said."""
    return agreement.price if agreement.has_fixed_price else None
