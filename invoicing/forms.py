"""Forms of the invoicing room; their cleaned data go to an action."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop, Organisation
from essaim import forms
from essaim.days import working_days_back
from grants.models import GrantApplication, Programme
from invoicing.models import Invoice, InvoiceLine, Payment, SubsidyShareClause
from missions.models import Agreement


class PrepareForm(forms.Form):
    """A payer, and the agreement when only its days are billed."""

    payer = django_forms.IntegerField(min_value=1, widget=django_forms.HiddenInput)
    agreement = django_forms.IntegerField(
        min_value=1, required=False, widget=django_forms.HiddenInput
    )
    with_expenses = django_forms.BooleanField(required=False, widget=django_forms.HiddenInput)
    price = django_forms.BooleanField(required=False, widget=django_forms.HiddenInput)
    early = django_forms.BooleanField(required=False, widget=django_forms.HiddenInput)


class FeeForm(forms.Form):
    """Which fee of a clause: its fixed part, or that of one reception."""

    fixed = django_forms.BooleanField(required=False)
    disbursement = django_forms.IntegerField(min_value=1, required=False)


class NewInvoiceForm(forms.Form):
    """A free invoice: to whom, about what, when the work was done."""

    client = forms.PickField(label=gettext_lazy("Client"))
    title = django_forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    coop = forms.PickField(
        label=gettext_lazy("Coop"), required=False, search="organisation__search_key"
    )
    period_from = django_forms.DateField(label=gettext_lazy("Work from"))
    period_to = django_forms.DateField(label=gettext_lazy("Work until"), required=False)

    def setup(self) -> None:
        self.fields["client"].rows = Organisation.objects.visible_to(self.user).current()
        self.fields["coop"].rows = Coop.objects.visible_to(self.user).select_related("organisation")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("period_from"), data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", _("The work can't end before it began."))
        data["period_to"] = last or first
        return data


class DraftForm(forms.ModelForm):
    """What a draft says; the override of the legal term is the accountant's."""

    class Meta:
        model = Invoice
        fields = ("title", "order_number", "words", "wanted_due_on", "is_recap", "term_basis")

    def setup(self) -> None:
        self.fields["wanted_due_on"].help_text = _("Empty: the payment term of the agreement.")
        self.fields["term_basis"].help_text = _(
            "Only past the legal limit: the article or the contract that allows it, in words."
        )
        if self.instance.is_credit_note or not self.user.has_perm("invoicing.override_due_date"):
            del self.fields["term_basis"]
        self.fields["is_recap"].help_text = _("One invoice for many services of a period.")
        if self.instance.is_credit_note:
            del self.fields["wanted_due_on"], self.fields["is_recap"]


class LineForm(forms.Form):
    """A line written by hand."""

    label = django_forms.CharField(label=gettext_lazy("Description"), max_length=300)
    quantity = forms.FrenchDecimal(
        label=gettext_lazy("Quantity"),
        min_value=Decimal("0.0001"),
        max_digits=12,
        decimal_places=4,
        initial=1,
    )
    unit = django_forms.ChoiceField(
        label=gettext_lazy("Unit"),
        choices=InvoiceLine.Unit.choices,
        widget=forms.ChipsRadio,
        initial=InvoiceLine.Unit.PIECE,
    )
    unit_price = forms.MoneyField(label=gettext_lazy("Unit price, net"))


# Lines that nothing makes billable again: they are simply written anew.
NEVER_AGAIN = (
    InvoiceLine.Kind.FREE,
    InvoiceLine.Kind.DEPOSIT,
    InvoiceLine.Kind.DISCOUNT,
    InvoiceLine.Kind.MEMBERSHIP,
    InvoiceLine.Kind.SUBSCRIPTION,
)


class CreditForm(forms.Form):
    """Amounts to take back per line (net), and whether its days may be billed anew."""

    words = django_forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        help_text=gettext_lazy("Printed on the credit note."),
    )

    def __init__(self, *args: Any, lines: Iterable[tuple[Any, Decimal]] = (), **kwargs: Any):
        self.lines = list(lines)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        for line, left in self.lines:
            taken = line.kind == InvoiceLine.Kind.DISCOUNT
            self.fields[f"amount_{line.pk}"] = forms.MoneyField(
                label=_("Discount to take back, net") if taken else _("To take back, net"),
                required=False,
                initial=abs(left),
                max_value=abs(left),
            )
            if line.kind not in NEVER_AGAIN:
                self.fields[f"again_{line.pk}"] = django_forms.BooleanField(
                    label=_("Billable again"), required=False
                )

    def rows(self) -> Iterable[tuple[Any, Decimal, Any, Any]]:
        """(line, what is left of it, amount field, billable-again field or None)."""
        for line, left in self.lines:
            again = f"again_{line.pk}"
            yield line, left, self[f"amount_{line.pk}"], self[again] if again in self.fields else ""

    @property
    def amounts(self) -> dict[int, Decimal]:
        """Net per line; of a discount, which is negative, a negative one."""
        given = ((ln, self.cleaned_data.get(f"amount_{ln.pk}")) for ln, _left in self.lines)
        return {ln.pk: amount if ln.net >= 0 else -amount for ln, amount in given if amount}

    @property
    def billable_again(self) -> list[int]:
        return [ln.pk for ln, _left in self.lines if self.cleaned_data.get(f"again_{ln.pk}")]


class PickClientForm(forms.Form):
    client = forms.PickField(label=gettext_lazy("Who paid?"))

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user)
        self.fields["client"].rows = rows
        owing = Invoice.objects.visible_to(self.user).unpaid().order_by("due_on", "pk")
        keys = dict.fromkeys(owing.values_list("client_id", flat=True)[:12])
        self.fields["client"].suggestions = list(rows.filter(pk__in=list(keys)[:8]))


class PaymentForm(forms.Form):
    """Money credited on our account, and what it settles."""

    amount = forms.MoneyField(label=gettext_lazy("Amount received"), min_value=Decimal("0.01"))
    received_on = django_forms.DateField(
        label=gettext_lazy("Credited on"), widget=forms.DateChips()
    )
    method = django_forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=Payment.Method.choices,
        widget=forms.ChipsRadio,
        initial=Payment.Method.TRANSFER,
    )
    reference = django_forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("As it stands on the bank statement."),
    )

    def __init__(self, *args: Any, owed: Iterable[Any] = (), **kwargs: Any):
        self.owed = list(owed)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        assert self.on is not None
        widget = self.fields["received_on"].widget
        widget.today = self.on
        widget.days = near_days(self.on)
        for invoice in self.owed:
            self.fields[f"part_{invoice.pk}"] = forms.MoneyField(
                label=str(invoice.number), required=False
            )

    def plain(self) -> list[Any]:
        return [self[name] for name in ("amount", "received_on", "method", "reference")]

    def parts(self) -> list[tuple[Any, Any]]:
        return [(invoice, self[f"part_{invoice.pk}"]) for invoice in self.owed]

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if self.on is not None and day > self.on:
            raise django_forms.ValidationError(_("The date can't be in the future."))
        return day

    @property
    def typed(self) -> dict[Any, Decimal]:
        """Amounts typed per invoice."""
        given = ((i, self.cleaned_data.get(f"part_{i.pk}")) for i in self.owed)
        return {invoice: part for invoice, part in given if part}


def near_days(on: date) -> list[date]:
    """Today and the three working days before, newest first."""
    days = [on]
    for back in (1, 2, 3):
        day = working_days_back(on, back)
        if day not in days:
            days.append(day)
    return days


class ReverseForm(forms.Form):
    why = django_forms.CharField(label=gettext_lazy("Why"), max_length=500)


class AllocateForm(forms.Form):
    """Which balance of the client, and how much of it."""

    source = django_forms.ChoiceField(
        label=gettext_lazy("From which balance"), widget=forms.ChipsRadio
    )
    amount = forms.MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))

    def __init__(self, *args: Any, sources: Iterable[tuple[str, str]] = (), **kwargs: Any):
        self.sources = list(sources)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        self.fields["source"].choices = self.sources


class PickAgreementForm(forms.Form):
    agreement = forms.PickField(label=gettext_lazy("Agreement"), search="title")

    def setup(self) -> None:
        rows = Agreement.objects.visible_to(self.user)
        self.fields["agreement"].rows = rows
        drafts = rows.filter(state__in=("draft", "sent", "signed", "running"))
        self.fields["agreement"].suggestions = list(drafts.order_by("-pk")[:6])


# Days to pay and months of a tail that a contract may write: past them, a slip of the finger.
LONGEST = {"payment_days": 366, "tail_months": 120}


class ClauseForm(forms.ModelForm):
    """A subsidy-share clause; incomplete while it is a draft."""

    rate = forms.PercentField(label=gettext_lazy("Rate (%)"), required=False)
    fixed_part = forms.MoneyField(label=gettext_lazy("Fixed part"), required=False)
    cap = forms.MoneyField(label=gettext_lazy("Cap (EUR)"), required=False)
    floor = forms.MoneyField(label=gettext_lazy("Floor (EUR)"), required=False)

    class Meta:
        model = SubsidyShareClause
        fields = (
            "applications",
            "rate",
            "base",
            "fixed_part",
            "fixed_part_is",
            "cap",
            "floor",
            "tail_months",
            "payment_days",
            "on_reduction",
            "on_withdrawal",
            "covers_donations_why",
        )
        widgets = {
            "applications": forms.ChipsCheckbox,
            "base": forms.ChipsRadio,
            "fixed_part_is": forms.ChipsRadio,
        }

    def __init__(self, *args: Any, agreement: Any = None, **kwargs: Any):
        self.agreement = agreement
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        rows = GrantApplication.objects.visible_to(self.user)
        coop = self.agreement.coop_id if self.agreement is not None else None
        self.fields["applications"].queryset = rows.filter(coop=coop) if coop else rows.none()
        self.fields["applications"].required = False
        if not coop:
            self.fields["applications"].help_text = _("This agreement names no coop.")
        elif not self.fields["applications"].queryset.exists():
            self.fields["applications"].help_text = _("This coop has no application yet.")
        for name, most in LONGEST.items():
            self.fields[name].validators.append(MaxValueValidator(most))
        self.fields["rate"].help_text = _("Net of VAT, of the base below.")
        self.fields["floor"].help_text = _("0 is a floor.")


class FundingLinkForm(forms.Form):
    """What an agreement is paid from: one of the coop's files, or a programme."""

    application = django_forms.ModelChoiceField(
        GrantApplication.objects.none(),
        label=gettext_lazy("Grant application"),
        required=False,
        widget=forms.ChipsRadio,
    )
    programme = forms.PickField(label=gettext_lazy("Or a programme"), required=False)

    def __init__(self, *args: Any, agreement: Any = None, **kwargs: Any):
        self.agreement = agreement
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        rows = GrantApplication.objects.visible_to(self.user)
        coop = self.agreement.coop_id if self.agreement is not None else None
        self.fields["application"].queryset = rows.filter(coop=coop) if coop else rows.none()
        self.fields["application"].empty_label = None
        self.fields["programme"].rows = Programme.objects.visible_to(self.user).current()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not data.get("application") and not data.get("programme"):
            self.add_error("application", _("Choose an application or a programme."))
        return data


class PeriodForm(forms.Form):
    """Two dates; the month of today when nothing is said."""

    start = django_forms.DateField(label=gettext_lazy("From"))
    end = django_forms.DateField(label=gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("The end comes before the beginning."))
        return data


class NumberingForm(forms.Form):
    pattern = django_forms.CharField(
        label=gettext_lazy("Pattern"),
        max_length=40,
        help_text=gettext_lazy("{year} is the year, {number:04d} the rank on four digits."),
    )
    restarts = django_forms.BooleanField(label=gettext_lazy("Restarts each year"), required=False)
