"""Forms of deposits, corrections, discounts, memberships and taken-over invoices."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop, Organisation
from essaim import features, forms
from essaim.models.legal import vat_rates
from essaim.tongue import french
from essaim.uploads import check_upload
from invoicing.forms import LineForm
from invoicing.models import CatalogueItem
from invoicing.wording import euros, percent
from missions.models import Agreement

COPY_MAX = 5 * 1024 * 1024
MAINLAND = "75000"


def rate_choices(postcode: str, on: Any) -> list[tuple[str, str]]:
    """The rates of the table at a place; the first is the usual one, said so."""
    usual = _("The usual rate of the client's place")
    return [("", usual), *((str(rate), percent(rate)) for rate in vat_rates(postcode, on))]


class RateField(django_forms.TypedChoiceField):
    """A VAT rate of the table, or the usual one."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", gettext_lazy("VAT rate"))
        super().__init__(coerce=Decimal, empty_value=None, required=False, **kwargs)


class DepositForm(forms.Form):
    """An advance on work to come: an amount, or a share of what was agreed."""

    client = forms.PickField(label=gettext_lazy("Client"))
    agreement = forms.PickField(label=gettext_lazy("Agreement"), required=False, search="title")
    title = django_forms.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    amount = forms.MoneyField(
        label=gettext_lazy("Amount, net"), required=False, min_value=Decimal("0.01")
    )
    share = forms.PercentField(label=gettext_lazy("Or a percentage"), required=False)
    whole = forms.MoneyField(
        label=gettext_lazy("Of the net total agreed"),
        required=False,
        help_text=gettext_lazy("Needed for a percentage; a deposit never passes it."),
    )
    chosen_rate = RateField()

    def setup(self) -> None:
        self.fields["client"].rows = Organisation.objects.visible_to(self.user).current()
        self.fields["agreement"].rows = Agreement.objects.visible_to(self.user)
        self.fields["chosen_rate"].choices = rate_choices(MAINLAND, self.on)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("title") and not data.get("agreement"):
            self.add_error("title", _("Say what the deposit is for, or name the agreement."))
        return data


class DeductForm(forms.Form):
    """Which deposits a draft takes off."""

    deposits = django_forms.MultipleChoiceField(
        label=gettext_lazy("Deposits to take off"), required=False, widget=forms.ChipsCheckbox
    )

    def __init__(self, *args: Any, rows: Iterable[Any] = (), **kwargs: Any):
        self.rows = list(rows)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        words = _("%(number)s of %(day)s: %(gross)s, of which VAT %(vat)s")
        self.fields["deposits"].choices = [
            (
                str(row.pk),
                words
                % {
                    "number": row.number,
                    "day": f"{row.issued_on:%d/%m/%Y}",
                    "gross": euros(row.still.gross),
                    "vat": euros(row.still.vat),
                },
            )
            for row in self.rows
        ]

    @property
    def chosen(self) -> list[Any]:
        keys = set(self.cleaned_data["deposits"])
        return [row for row in self.rows if str(row.pk) in keys]


class WhyForm(forms.Form):
    """A sentence, printed or kept."""

    words = django_forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        help_text=gettext_lazy("Printed on the credit note."),
    )


class DiscountForm(forms.Form):
    """An amount or a percentage off the lines of a draft."""

    label = django_forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        # Printed on the invoice, so French whoever types it.
        initial=lambda: french(gettext_lazy("Discount")),
    )
    share = forms.PercentField(label=gettext_lazy("A percentage"), required=False)
    amount = forms.MoneyField(
        label=gettext_lazy("Or an amount, net"), required=False, min_value=Decimal("0.01")
    )


class SoldLineForm(LineForm):
    """A line written by hand or picked in the catalogue, at a rate of the client's place."""

    follows = {features.VAT: ("chosen_rate",)}

    detail = django_forms.CharField(
        label=gettext_lazy("Detail"),
        required=False,
        max_length=1000,
        widget=django_forms.Textarea(attrs={"rows": 2}),
    )
    chosen_rate = RateField()
    item = django_forms.ModelChoiceField(
        CatalogueItem.objects.none(), required=False, widget=django_forms.HiddenInput
    )

    def __init__(self, *args: Any, postcode: str = "", **kwargs: Any):
        self.postcode = postcode
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        super().setup()
        self.fields["chosen_rate"].choices = rate_choices(self.postcode, self.on)
        self.fields["item"].queryset = CatalogueItem.objects.visible_to(self.user).current()


class ItemForm(forms.ModelForm):
    """What we often sell."""

    follows = {features.VAT: ("vat_rate",)}

    vat_rate = RateField()
    unit_price = forms.MoneyField(label=gettext_lazy("Unit price, net"))

    class Meta:
        model = CatalogueItem
        fields = ("label", "kind", "unit", "unit_price", "vat_rate", "analytic_code")
        widgets = {"kind": forms.ChipsRadio, "unit": forms.ChipsRadio}

    def setup(self) -> None:
        self.fields["vat_rate"].choices = rate_choices(MAINLAND, self.on)
        held = self.instance.vat_rate
        if held is not None:
            self.initial["vat_rate"] = next(
                (v for v, _w in self.fields["vat_rate"].choices if v and Decimal(v) == held), ""
            )


class TakeOverForm(forms.Form):
    """An open invoice of an earlier tool, as its paper says it."""

    client = forms.PickField(label=gettext_lazy("Client"))
    number = django_forms.CharField(
        label=gettext_lazy("Number on the invoice"),
        max_length=35,
        help_text=gettext_lazy("Kept as it is: it takes no number of ours."),
    )
    issued_on = django_forms.DateField(label=gettext_lazy("Issued on"), widget=forms.DateInput)
    due_on = django_forms.DateField(label=gettext_lazy("Due on"), widget=forms.DateInput)
    left = forms.MoneyField(
        label=gettext_lazy("Left to pay, VAT included"), min_value=Decimal("0.01")
    )
    vat_rate = django_forms.TypedChoiceField(
        label=gettext_lazy("VAT rate"), coerce=Decimal, help_text=gettext_lazy("0 without VAT.")
    )
    total = forms.MoneyField(label=gettext_lazy("Total asked then"), required=False)
    title = django_forms.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    coop = forms.PickField(
        label=gettext_lazy("Coop"), required=False, search="organisation__search_key"
    )
    copy = django_forms.FileField(label=gettext_lazy("Copy of the invoice (PDF)"), required=False)

    def setup(self) -> None:
        self.fields["client"].rows = Organisation.objects.visible_to(self.user)
        self.fields["coop"].rows = Coop.objects.visible_to(self.user).select_related("organisation")
        rates = [*vat_rates(MAINLAND, self.on), Decimal(0)]
        self.fields["vat_rate"].choices = [(str(rate), percent(rate)) for rate in rates]

    def clean_copy(self) -> bytes:
        file = self.cleaned_data.get("copy")
        if not file:
            return b""
        check_upload(file, kinds=("pdf",), max_bytes=COPY_MAX)
        return bytes(file.read())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        left, total = data.get("left"), data.get("total")
        if left is not None and total is not None and total < left:
            self.add_error("total", ValidationError(_("Less was asked than what is left.")))
        return data


class CallsForm(forms.Form):
    """The membership calls of a year: who, and how much."""

    year = django_forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    amount = forms.MoneyField(label=gettext_lazy("Amount of each"), min_value=Decimal("0.01"))
    term_days = django_forms.IntegerField(
        label=gettext_lazy("Payment term (days)"), min_value=0, max_value=366, initial=30
    )
    words = django_forms.CharField(
        label=gettext_lazy("Words printed on the call"), required=False, max_length=500
    )
    clients = django_forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label=gettext_lazy("Members to call"),
        widget=forms.ChipsCheckbox,
        required=False,
    )
    other = forms.PickField(label=gettext_lazy("Or another organisation"), required=False)

    def __init__(self, *args: Any, members: Iterable[Any] = (), **kwargs: Any):
        self.members = members
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user)
        self.fields["clients"].queryset = rows.filter(pk__in=[m.pk for m in self.members])
        self.fields["other"].rows = rows.current()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data.get("clients") and not data.get("other"):
            self.add_error("clients", _("Choose who is called."))
        return data

    @property
    def called(self) -> list[Any]:
        found = {row.pk: row for row in self.cleaned_data["clients"]}
        if other := self.cleaned_data.get("other"):
            found[other.pk] = other
        return list(found.values())
