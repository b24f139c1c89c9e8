"""Forms of the first run: short, in plain words, what can be guessed is not asked."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile, Requirement
from essaim import features, forms, identifiers
from essaim.postal import Postal, read_address
from essaim.roles import Role
from essaim.series import ALLOWED
from essaim.series_reading import Read, read_number

# A year, where it stands by itself: « F2025-0001 », not « FA12026/1 ».
ANOTHER_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")
DATA: Final = Path(__file__).resolve().parent / "data" / "own_forms.json"
Regime = IssuerProfile.Regime
REGIMES: Final = (
    (Regime.RECEIPTS, gettext_lazy("Yes, when clients pay")),
    (Regime.DEBITS, gettext_lazy("Yes, when we bill (debits)")),
    (Regime.FRANCHISE, gettext_lazy("No: small business (art. 293 B)")),
    (Regime.ASSOCIATION_EXEMPT, gettext_lazy("No: exempt association")),
    (Regime.OUT_OF_SCOPE, gettext_lazy("No: outside VAT")),
)


@cache
def own_forms() -> dict[str, dict[str, Any]]:
    """Legal forms proposed to an office, with the words invoices print."""
    rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
    return {row["code"]: row for row in rows}


class AddressField(django_forms.CharField):
    """A whole address in one field, read into its parts."""

    widget = django_forms.Textarea(attrs={"rows": "2", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("Street, then postcode and city."))
        super().__init__(max_length=400, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Postal):
            return f"{value.street}\n{value.postcode} {value.city}"
        return value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_address(text)
        except ValueError:
            words = _("Write the street, then the postcode and the city: 3 rue …, 67000 Strasbourg")
            raise ValidationError(words, code="address") from None


class IdentifierField(django_forms.CharField):
    """A number whose key is checked as it is typed, spaces welcome."""

    def __init__(self, read: Callable[[str], str], **kwargs: Any) -> None:
        self.read = read
        super().__init__(max_length=50, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return self.read(text) if text else ""


class IssuerStepForm(forms.Form):
    """Who we are: what an invoice cannot do without, the rest folded."""

    legal_name = django_forms.CharField(
        label=gettext_lazy("Name of your structure"), max_length=200
    )
    form = django_forms.ChoiceField(label=gettext_lazy("Legal form"), widget=forms.ChipsRadio)
    siren = IdentifierField(
        identifiers.siren, label="SIREN", help_text=gettext_lazy("Nine figures.")
    )
    address = AddressField(label=gettext_lazy("Address"))
    regime = django_forms.ChoiceField(
        label=gettext_lazy("Do you charge VAT?"), choices=REGIMES, widget=forms.ChipsRadio
    )
    iban = IdentifierField(
        identifiers.iban,
        label="IBAN",
        help_text=gettext_lazy("Printed on invoices: clients pay there."),
    )
    email = django_forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = django_forms.CharField(label=gettext_lazy("Phone"), max_length=30, required=False)
    registration = django_forms.CharField(
        label=gettext_lazy("Registration, as printed"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Court and number, for instance."),
    )
    operations = django_forms.CharField(
        label=gettext_lazy("Nature of the operations, as printed"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("For a cooperative whose name does not say that it is one."),
    )

    more = ("email", "phone", "registration", "operations")

    def setup(self) -> None:
        form: Any = self.fields["form"]
        form.choices = [(code, row["label"]) for code, row in own_forms().items()]

    def main(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in self.more]

    def folded(self) -> list[Any]:
        return [self[name] for name in self.more]

    @property
    def is_unfolded(self) -> bool:
        """Whether a folded field holds something, or is wrong."""
        return any(self[name].errors or self[name].value() for name in self.more)

    def profile(self) -> dict[str, Any]:
        """What was typed, as fields of an issuer profile."""
        data = dict(self.cleaned_data)
        chosen, address = own_forms()[data.pop("form")], data.pop("address")
        place = {"street": address.street, "postcode": address.postcode, "city": address.city}
        return (
            data
            | place
            | {
                "legal_form": chosen["printed"],
                "is_cooperative": chosen.get("cooperative", False),
                "is_sole_trader": chosen.get("sole", False),
            }
        )

    @staticmethod
    def initial_of(profile: IssuerProfile | None) -> dict[str, Any]:
        if profile is None:
            return {}
        names = ("legal_name", "siren", "regime", "iban", "email", "phone")
        printed = {row["printed"]: code for code, row in own_forms().items()}
        more = {name: getattr(profile, name) for name in (*names, "registration", "operations")}
        return more | {
            "form": printed.get(profile.legal_form, ""),
            "address": Postal(profile.street, profile.postcode, profile.city),
        }


class NumberStepForm(forms.Form):
    """The number of the next invoice, as it shall be printed: the numbering is read from it."""

    number = django_forms.CharField(
        label=gettext_lazy("Number of your next invoice"),
        max_length=35,
        help_text=gettext_lazy(
            "As you want it printed. If you already bill elsewhere, type the number that follows"
            " your last one."
        ),
    )

    def clean_number(self) -> Read:
        assert self.on is not None
        text = str(self.cleaned_data["number"])
        try:
            read = read_number(text, year=self.on.year)
        except ValueError:
            words = _("It ends with a number: %(example)s, for instance.")
            raise ValidationError(words % {"example": f"F{self.on.year}-0001"}) from None
        if not set(text.strip()) <= ALLOWED:
            words = _("Letters, figures and + - _ / only, without spaces or accents.")
            raise ValidationError(words)
        if not read.restarts and (odd := ANOTHER_YEAR.search(read.pattern)):
            words = _(
                "Each number would bear %(odd)s, in %(year)s too: write %(year)s, or no year."
            )
            raise ValidationError(words % {"odd": odd[0], "year": self.on.year})
        short = f"{self.on.year % 100:02d}"
        if not read.restarts and short in read.pattern:
            words = _("Write the year with its four figures: %(year)s.")
            raise ValidationError(words % {"year": self.on.year})
        return read


class PeopleStepForm(forms.Form):
    """A colleague to invite."""

    email = django_forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=120)
    roles = django_forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=Role.choices, widget=forms.ChipsCheckbox
    )


class KitPickForm(forms.Form):
    """The items of the kit, those in use ticked."""

    items = django_forms.MultipleChoiceField(
        label=gettext_lazy("Items in use"),
        required=False,
        widget=django_forms.CheckboxSelectMultiple,
    )

    def setup(self) -> None:
        items: Any = self.fields["items"]
        self.rows = list(Requirement.objects.order_by("position", "pk"))
        items.choices = [(row.pk, row.title) for row in self.rows]
        items.initial = [row.pk for row in self.rows if row.is_active]

    def clean_items(self) -> frozenset[int]:
        return frozenset(int(key) for key in self.cleaned_data["items"])

    def ticked(self) -> list[tuple[str, list[tuple[Requirement, bool]]]]:
        """(place, [(item, in use)]) in the order of the pipeline."""
        value = self["items"].value() or ()
        chosen = {str(key) for key in value}
        found: dict[str, list[tuple[Requirement, bool]]] = {}
        for row in self.rows:
            found.setdefault(row.place, []).append((row, str(row.pk) in chosen))
        return list(found.items())


class FeaturesForm(forms.Form):
    """The four questions, each with what it is about."""

    def setup(self) -> None:
        known = features.answers()
        for question in features.QUESTIONS:
            yes = known.get(question.code)
            self.fields[question.code] = django_forms.TypedChoiceField(
                label=question.words,
                help_text=question.help,
                choices=(("yes", _("Yes")), ("no", _("No"))),
                coerce=lambda value: value == "yes",
                widget=forms.ChipsRadio,
                initial="no" if yes is False else "yes",
            )


class FirstInvoiceForm(forms.Form):
    """A client, a line, a price."""

    client = django_forms.CharField(label=gettext_lazy("Client"), max_length=200)
    address = AddressField(label=gettext_lazy("Address of the client"))
    label = django_forms.CharField(
        label=gettext_lazy("What you bill"),
        max_length=200,
        help_text=gettext_lazy("Printed on the invoice."),
    )
    unit_price = forms.MoneyField(label=gettext_lazy("Unit price, net"))
    quantity = forms.FrenchDecimal(
        label=gettext_lazy("Quantity"), initial=1, min_value=0, max_digits=12, decimal_places=4
    )
    siren = IdentifierField(
        identifiers.siren,
        label=gettext_lazy("SIREN of the client"),
        required=False,
        help_text=gettext_lazy("When it has one."),
    )


class SampleForm(forms.Form):
    """Adding the examples; beside real coops it is confirmed."""

    confirmed = django_forms.BooleanField(
        label=gettext_lazy("Add the examples beside our real coops"), required=False
    )

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        self.asks = asks
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        if not self.asks:
            del self.fields["confirmed"]


class SampleRemoveForm(forms.Form):
    """Taking the examples away, with what was added to them since when that is ticked."""

    with_added = django_forms.BooleanField(
        label=gettext_lazy("Remove what was added or changed too"), required=False
    )
    # What the page listed: nothing goes that was not read.
    seen = django_forms.CharField(
        required=False,
        max_length=16,
        widget=django_forms.HiddenInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, asks: bool = False, **kwargs: Any) -> None:
        self.asks = asks
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        if not self.asks:
            del self.fields["with_added"]
