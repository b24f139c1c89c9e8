"""Forms of time to pay: schedules, disputes, plans, late interest, the notice on cash registers."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms
from essaim.terms import CLIENT_KINDS
from invoicing.models import AntifraudNotice, Dispute, PlannedInstalment
from invoicing.rules_planner import LONGEST
from invoicing.rules_schedule import REMAINDER, PlannedPart
from missions.models import Agreement

MOST_DAYS = 366 * 3


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


class BasisForm(forms.Form):
    """The accountant's legal basis for dates past the cap."""

    term_basis = django_forms.CharField(
        label=gettext_lazy("Legal basis of a due date past the cap"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Only past the legal limit: the article or the contract that allows it, in words."
        ),
    )

    def setup(self) -> None:
        if not self.user.has_perm("invoicing.override_due_date"):
            del self.fields["term_basis"]


class InstalmentForm(forms.Form):
    """One instalment of a draft: how much, and when."""

    share = django_forms.ChoiceField(
        label=gettext_lazy("Share"),
        choices=(("", "—"), *PlannedInstalment.Share.choices),
        required=False,
    )
    value = forms.FrenchDecimal(
        label=gettext_lazy("How much"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
    )
    days = django_forms.IntegerField(
        label=gettext_lazy("Days after issue"), required=False, min_value=0, max_value=MOST_DAYS
    )
    due_on = django_forms.DateField(label=gettext_lazy("or a date"), required=False)

    @property
    def is_blank(self) -> bool:
        names = ("share", "value", "days", "due_on")
        return not any(self.cleaned_data.get(n) not in (None, "") for n in names)

    def clean(self) -> Any:
        data: Any = super().clean()
        if self.errors or self.is_blank:
            return data
        if not data.get("share"):
            self.add_error("share", _("Amount, percent, or what is left?"))
        elif data["share"] != REMAINDER and data.get("value") is None:
            self.add_error("value", _("Say how much."))
        if (data.get("days") is None) == (data.get("due_on") is None):
            self.add_error("days", _("Give days after issue, or a date: one of the two."))
        return data

    @property
    def part(self) -> PlannedPart:
        """The row as the rules take it."""
        data = self.cleaned_data
        value = Decimal(0) if data["share"] == REMAINDER else data["value"]
        return PlannedPart(data["share"], value, data["due_on"], data["days"])


class RepaymentForm(forms.Form):
    """One date of a repayment plan."""

    due_on = django_forms.DateField(label=gettext_lazy("Due on"), required=False)
    amount = forms.MoneyField(
        label=gettext_lazy("Amount"), required=False, min_value=Decimal("0.01")
    )

    def clean(self) -> Any:
        data: Any = super().clean()
        if not self.errors and (data.get("due_on") is None) != (data.get("amount") is None):
            self.add_error("amount", _("A date and an amount go together."))
        return data

    @property
    def row(self) -> tuple[date, Decimal] | None:
        data = self.cleaned_data
        if data.get("due_on") is None or data.get("amount") is None:
            return None
        return data["due_on"], data["amount"]


class PlanSignForm(forms.Form):
    signed_on = django_forms.DateField(label=gettext_lazy("Signed on"))


class DisputeOpenForm(forms.Form):
    words = django_forms.CharField(
        label=gettext_lazy("What the client contests"),
        max_length=500,
        widget=django_forms.Textarea(attrs={"rows": 3}),
    )


class DisputeCloseForm(forms.Form):
    outcome = django_forms.ChoiceField(
        label=gettext_lazy("Outcome"), choices=Dispute.Outcome.choices, widget=forms.ChipsRadio
    )
    words = django_forms.CharField(
        label=gettext_lazy("How it ended"),
        max_length=500,
        widget=django_forms.Textarea(attrs={"rows": 3}),
    )


class ClaimForm(forms.Form):
    """What of lateness is decided on: interest, the recovery fee, or both."""

    with_interest = django_forms.BooleanField(
        label=gettext_lazy("Late interest"), required=False, initial=True
    )
    with_fee = django_forms.BooleanField(
        label=gettext_lazy("Recovery fee"), required=False, initial=True
    )


class WaiveForm(ClaimForm):
    why = django_forms.CharField(label=gettext_lazy("Why"), max_length=500)


class CancelForm(forms.Form):
    why = django_forms.CharField(label=gettext_lazy("Why"), max_length=500)


class SettleForm(forms.Form):
    """Which payment of the client settles a claim, and how much of it."""

    payment = django_forms.ChoiceField(
        label=gettext_lazy("From which payment"), widget=forms.ChipsRadio
    )
    amount = forms.MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))

    def __init__(self, *args: Any, payments: Iterable[tuple[str, str]] = (), **kwargs: Any):
        self.payments = list(payments)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        chosen: Any = self.fields["payment"]
        chosen.choices = self.payments


class PlannerForm(forms.Form):
    """What is sold, to whom, and the months the client asks for."""

    net = forms.MoneyField(label=gettext_lazy("Amount, net"), min_value=Decimal("1.00"))
    months = django_forms.IntegerField(
        label=gettext_lazy("Months wanted"), min_value=1, max_value=LONGEST, initial=9
    )
    client_kind = django_forms.ChoiceField(
        label=gettext_lazy("The client is"),
        choices=tuple(CLIENT_KINDS.items()),
        widget=forms.ChipsRadio,
        initial="professional",
    )
    term_days = django_forms.IntegerField(
        label=gettext_lazy("Payment term (days)"), min_value=0, max_value=366, initial=30
    )
    term_method = django_forms.ChoiceField(
        label=gettext_lazy("Payment term is"),
        choices=Agreement.TermMethod.choices,
        initial=Agreement.TermMethod.NET,
    )
    subsidy = forms.MoneyField(
        label=gettext_lazy("Share tied to a grant, net"),
        required=False,
        help_text=gettext_lazy("What of the amount would be billed when the grant is paid."),
    )
    subsidy_on = django_forms.DateField(label=gettext_lazy("Grant expected on"), required=False)
    third_percent = forms.PercentField(
        label=gettext_lazy("Share of a public third party (%)"), required=False
    )

    def clean(self) -> Any:
        data: Any = super().clean()
        net = data.get("net")
        if net is not None and (data.get("subsidy") or 0) >= net:
            self.add_error("subsidy", _("Less than the whole amount."))
        if (data.get("third_percent") or 0) >= 100:
            self.add_error("third_percent", _("Less than the whole amount."))
        return data
