"""Forms of the grants room: they read what was typed, the actions judge it."""

from datetime import timedelta
from typing import Any

from django.forms import BooleanField, CharField, ChoiceField, DateField, ModelChoiceField, Textarea
from django.utils.translation import gettext_lazy as _

from crm.models import Coop, Document, Organisation
from essaim import forms
from essaim.models import User
from grants.actions import FACTS
from grants.models import Call, CoFunder, Disbursement, GrantApplication, Programme

SUGGESTED = 6
_ASKED = ("total_cost", "eligible_base", "requested", "own_share")


class FactsForm(forms.ModelForm):
    """Fields of a model; its rules are left to the action, which names the field in words."""

    fields: Any

    def _post_clean(self) -> None:
        """The instance keeps what the database says: the action writes it."""


class ApplicationForm(FactsForm):
    """A new application: for whom, to whom, how much."""

    coop = forms.PickField(label=_("Coop"), search="organisation__search_key", required=False)
    is_ours = BooleanField(label=_("Our own structure applies"), required=False)
    programme = forms.PickField(label=_("Programme"))
    call = forms.PickField(label=_("Call"), search="title", required=False)

    class Meta:
        model = GrantApplication
        fields = (
            "title",
            "amounts_are",
            "total_cost",
            "eligible_base",
            "requested",
            "own_share",
        )
        field_classes = dict.fromkeys(
            ("total_cost", "eligible_base", "requested", "own_share"), forms.MoneyField
        )
        widgets = {"amounts_are": forms.ChipsRadio}

    field_order = ("coop", "is_ours", "programme", "call", "title")

    def setup(self) -> None:
        coops = Coop.objects.visible_to(self.user).select_related("organisation")
        self.fields["coop"].rows = coops
        programmes = Programme.objects.visible_to(self.user).current()
        self.fields["programme"].rows = programmes
        self.fields["programme"].suggestions = programmes.order_by("-pk")[:SUGGESTED]
        self.fields["call"].rows = Call.objects.visible_to(self.user).current()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_ours = data.pop("is_ours", False)
        if data.get("coop") and is_ours:
            self.add_error("coop", _("A coop applies, or our own structure: not both."))
        elif not data.get("coop") and not is_ours and "coop" not in self.errors:
            self.add_error("coop", _("Choose a coop, or tick that our own structure applies."))
        return data


class ApplicationFactsForm(FactsForm):
    """Everything of an application that no move writes."""

    owner = ModelChoiceField(label=_("Owner"), queryset=User.objects.none())
    call = ModelChoiceField(label=_("Call"), queryset=Call.objects.none(), required=False)

    class Meta:
        model = GrantApplication
        fields = (
            "title",
            "reference",
            "owner",
            "call",
            "amounts_are",
            "total_cost",
            "eligible_base",
            "requested",
            "own_share",
            "in_kind",
            "grant_equivalent",
            "spotted_on",
            "acknowledged_on",
            "committee_on",
            "notified_on",
            "expenses_from",
            "expenses_until",
            "project_from",
            "project_until",
            "report_due_on",
            "lapses_on",
            "archive_until",
        )
        field_classes = dict.fromkeys(
            (
                "total_cost",
                "eligible_base",
                "requested",
                "own_share",
                "in_kind",
                "grant_equivalent",
            ),
            forms.MoneyField,
        )
        widgets = {"amounts_are": forms.ChipsRadio}
        help_texts = {"grant_equivalent": _("De minimis: for a loan or a guarantee, what counts.")}

    def setup(self) -> None:
        assert set(self.fields) <= FACTS
        self.fields["owner"].queryset = User.objects.active()
        self.fields["call"].queryset = Call.objects.filter(programme=self.instance.programme_id)


class CoFunderForm(FactsForm):
    funder = forms.PickField(label=_("Funder"))

    class Meta:
        model = CoFunder
        fields = ("funder", "amount", "is_public", "standing")
        field_classes = {"amount": forms.MoneyField}
        widgets = {"standing": forms.ChipsRadio}

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user).current()
        self.fields["funder"].rows = rows
        self.fields["funder"].suggestions = rows.filter(kind=Organisation.Kind.FUNDER)[:SUGGESTED]


# -- moves ------------------------------------------------------------------------------------


class DatedForm(forms.Form):
    """On what day it happened."""

    fields: Any

    dated = DateField(label=_("Date"), widget=forms.DateChips)

    def setup(self) -> None:
        widget = self.fields["dated"].widget
        widget.today = self.on
        widget.days = [self.on, self.on - timedelta(days=1)] if self.on else []


class CommitteeForm(DatedForm):
    dated = DateField(
        label=_("Date of the committee"),
        help_text=_("It may be still to come."),
        widget=forms.DateChips,
    )


class DatedWhyForm(DatedForm):
    why = CharField(label=_("Why"), max_length=500)


class AmountForm(DatedForm):
    amount = forms.MoneyField(label=_("Amount"))


class AwardForm(AmountForm):
    amount = forms.MoneyField(label=_("Amount awarded"))


class AgreementForm(AmountForm):
    amount = forms.MoneyField(label=_("Amount agreed"))
    base = forms.MoneyField(
        label=_("Eligible base of the agreement"),
        required=False,
        help_text=_("The final grant is worked out from it."),
    )


class ReportForm(AmountForm):
    amount = forms.MoneyField(label=_("Expenses justified"))


class SettleForm(AmountForm):
    amount = forms.MoneyField(label=_("Final grant"))


class ClawbackForm(AmountForm):
    amount = forms.MoneyField(label=_("Amount to pay back"))


class ReceptionForm(DatedForm):
    amount = forms.MoneyField(
        label=_("Amount received"),
        min_value=None,
        help_text=_("As on the bank statement. Less than expected: the rest stays awaited."),
    )
    remainder_on = DateField(
        label=_("The rest is expected on"),
        required=False,
        help_text=_("Only when less was received."),
    )
    is_overpayment = BooleanField(
        label=_("The funder paid too much"),
        required=False,
        help_text=_("What passes the grant is then planned as a repayment."),
    )
    evidence = ModelChoiceField(
        label=_("Evidence"), queryset=Document.objects.none(), required=False
    )

    def __init__(self, *args: Any, coop: Coop | None = None, **kwargs: Any) -> None:
        self.coop = coop
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        super().setup()
        if self.coop is None:
            del self.fields["evidence"]
            return
        rows = Document.objects.visible_to(self.user).filter(coop=self.coop)
        self.fields["evidence"].queryset = rows.order_by("-added_at")


class CancelForm(forms.Form):
    why = CharField(label=_("Why"), max_length=500)


# -- payments ---------------------------------------------------------------------------------


class AwaitedForm(forms.Form):
    """An awaited payment: how much, when, what the funder asks for."""

    expected_amount = forms.MoneyField(label=_("Expected amount"), min_value=None)
    expected_on = DateField(
        label=_("Expected on"), required=False, help_text=_("Empty: it is listed as unscheduled.")
    )
    claim_by = DateField(
        label=_("To claim by"),
        required=False,
        help_text=_("Expenses must be paid by then when the funder repays paid expenses only."),
    )
    pieces = CharField(
        label=_("Required pieces, one a line"),
        required=False,
        max_length=2000,
        widget=Textarea(attrs={"rows": 3}),
    )


class PlanForm(AwaitedForm):
    kind = ChoiceField(
        label=_("Kind"),
        choices=[c for c in Disbursement.Kind.choices if c[0] != Disbursement.Kind.CLAWBACK],
        widget=forms.ChipsRadio,
    )
    field_order = ("kind",)
