"""Forms of mails, reminders and balances; what they read goes to the actions."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim import forms
from essaim.formats import money
from invoicing.addresses import Address
from invoicing.balances import Source
from invoicing.forms import near_days
from invoicing.models import MailText, Payment, ReminderLevel

OTHER = "other"


class AddressedForm(forms.Form):
    """To whom: one of the client's addresses, or another one typed."""

    fields: dict[str, Any]
    address = django_forms.ChoiceField(
        label=pgettext_lazy("mail", "To"), widget=forms.ChipsRadio, required=False
    )
    to = django_forms.EmailField(
        label=gettext_lazy("Another address"),
        required=False,
        help_text=gettext_lazy("When typed, the mail goes there and nowhere else."),
    )

    def __init__(self, *args: Any, addresses: Iterable[Address] = (), **kwargs: Any):
        self.addresses = list(addresses)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        choices = [(a.email, f"{a.email} ({a.label})") for a in self.addresses]
        if not choices:
            del self.fields["address"]
            self.fields["to"].label = _("Address")
            self.fields["to"].help_text = ""
            return
        self.fields["address"].choices = choices
        self.fields["address"].initial = choices[0][0]

    @property
    def recipient(self) -> str:
        """The address chosen or typed; "" when there is none."""
        return self.cleaned_data.get("to") or self.cleaned_data.get("address") or ""


class SendForm(AddressedForm):
    """A mail with a document: to whom, copies, its words."""

    cc = django_forms.CharField(
        label=gettext_lazy("Copies to"),
        max_length=600,
        required=False,
        help_text=gettext_lazy("Addresses separated by commas, five at most."),
    )
    subject = django_forms.CharField(label=gettext_lazy("Subject of the mail"), max_length=200)
    body = django_forms.CharField(
        label=gettext_lazy("Text"),
        max_length=5000,
        widget=django_forms.Textarea(attrs={"rows": "12"}),
    )

    def clean_cc(self) -> list[str]:
        given = self.cleaned_data["cc"].replace(";", ",").split(",")
        return [one.strip() for one in given if one.strip()]


class StatementForm(AddressedForm):
    """The mail of a statement."""

    subject = django_forms.CharField(label=gettext_lazy("Subject of the mail"), max_length=200)
    body = django_forms.CharField(
        label=gettext_lazy("Text"),
        max_length=5000,
        widget=django_forms.Textarea(attrs={"rows": "10"}),
    )


class RemindForm(StatementForm):
    """One reminder: by mail or as a letter to print, its words."""

    by_post = django_forms.BooleanField(
        label=gettext_lazy("Keep it as a letter to print: no mail leaves"), required=False
    )


class HoldForm(forms.Form):
    """Until when reminders wait, and why."""

    until = django_forms.DateField(label=gettext_lazy("Until"), widget=forms.DateChips())
    reason = django_forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Whoever keeps the books reads it beside the invoice."),
    )

    def setup(self) -> None:
        assert self.on is not None
        widget = self.fields["until"].widget
        widget.today = self.on
        widget.days = [self.on + timedelta(days=days) for days in (7, 15, 30)]


class TextForm(forms.ModelForm):
    """The text mails of a kind start from."""

    class Meta:
        model = MailText
        fields = ("subject", "body")
        widgets = {"body": django_forms.Textarea(attrs={"rows": "12"})}


class LevelForm(forms.ModelForm):
    """When a level of reminder falls due, and its words."""

    class Meta:
        model = ReminderLevel
        fields = ("name", "days", "subject", "body", "is_active")
        widgets = {"body": django_forms.Textarea(attrs={"rows": "12"})}


# -- balances ---------------------------------------------------------------------------------
class SpreadForm(forms.Form):
    """Balances ticked, and how much of them goes to each invoice."""

    fields: dict[str, Any]
    sources = django_forms.MultipleChoiceField(
        label=gettext_lazy("From which balances"), widget=forms.ChipsCheckbox
    )

    def __init__(
        self, *args: Any, held: Iterable[Source] = (), owed: Iterable[Any] = (), **kwargs: Any
    ):
        self.held, self.owed = list(held), list(owed)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        self.fields["sources"].choices = [(s.key, s.label) for s in self.held]
        self.fields["sources"].initial = [s.key for s in self.held]
        rest = sum((s.left for s in self.held), Decimal(0))
        for invoice in self.owed:
            part = min(rest, Decimal(invoice.left))
            rest -= part
            self.fields[f"part_{invoice.pk}"] = forms.MoneyField(
                label=_("%(number)s, %(left)s left")
                % {"number": invoice.number, "left": money(invoice.left)},
                required=False,
                initial=part or None,
            )

    @property
    def parts(self) -> dict[Any, Decimal]:
        """Amounts typed per invoice."""
        given = ((i, self.cleaned_data.get(f"part_{i.pk}")) for i in self.owed)
        return {invoice: part for invoice, part in given if part}


class RefundForm(forms.Form):
    """Money paid back: out of which balance, how much, when, how."""

    fields: dict[str, Any]
    source = django_forms.ChoiceField(
        label=gettext_lazy("From which balance"), widget=forms.ChipsRadio
    )
    amount = forms.MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))
    paid_on = django_forms.DateField(label=gettext_lazy("Paid back on"), widget=forms.DateChips())
    method = django_forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=Payment.Method.choices,
        widget=forms.ChipsRadio,
        initial=Payment.Method.TRANSFER,
    )
    reference = django_forms.CharField(
        label=gettext_lazy("Reference"), max_length=80, required=False
    )

    def __init__(self, *args: Any, held: Iterable[Source] = (), **kwargs: Any):
        self.held = list(held)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        assert self.on is not None
        self.fields["source"].choices = [(s.key, s.label) for s in self.held]
        widget = self.fields["paid_on"].widget
        widget.today, widget.days = self.on, near_days(self.on)


class AsOfForm(forms.Form):
    """The day a balance is looked at."""

    on_day = django_forms.DateField(label=gettext_lazy("As of"))

    def clean_on_day(self) -> date:
        day: date = self.cleaned_data["on_day"]
        if self.on is not None and day > self.on:
            raise django_forms.ValidationError(_("The date can't be in the future."))
        return day
