"""Forms of agreements, their payers, amendments, envelopes and missions."""

from typing import Any

from django import forms as base
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop, Organisation
from crm.stages import Stage
from essaim import features, forms
from essaim.models import User
from missions.codes import Basis, Gross, Work
from missions.models import Agreement, Envelope, Mission, MissionDay

# Days to pay: past a year it is a slip of the finger, and no date can be computed from it.
LONGEST_TERM = 366


def _organisations(user: Any) -> Any:
    return Organisation.objects.visible_to(user).current()


def _coops(user: Any) -> Any:
    return Coop.objects.visible_to(user).select_related("organisation")


def ends_after_it_starts(data: Any) -> Any:
    """The end typed, unless it comes before the start."""
    start, end = data.get("starts_on"), data["ends_on"]
    if start and end and end < start:
        raise ValidationError(_("The end cannot come before the start."))
    return end


class AgreementForm(forms.ModelForm):
    follows = {features.SEVERAL_PEOPLE: ("pair_counts",)}

    client = forms.PickField(label=gettext_lazy("Client"))
    coop = forms.PickField(
        label=gettext_lazy("Coop"),
        search="organisation__search_key",
        required=False,
        help_text=gettext_lazy("Empty when it serves several coops"),
    )
    days_budgeted = forms.DaysField(label=gettext_lazy("Days budgeted"), required=False)
    days_used_before = forms.DaysField(
        label=gettext_lazy("Days used before the take-over"),
        required=False,
        help_text=gettext_lazy("Worked and billed in an earlier tool: they use the budget here."),
    )
    daily_rate = forms.MoneyField(label=gettext_lazy("Daily rate"), required=False)
    collective_fee = forms.MoneyField(
        label=gettext_lazy("Fixed fee per coop present"), required=False
    )
    price = forms.MoneyField(
        label=gettext_lazy("Agreed price, net"),
        required=False,
        help_text=gettext_lazy("For a price by phases or a pack of days: the whole of it."),
    )
    km_rate = forms.MoneyField(
        label=gettext_lazy("Travel (EUR per km)"), required=False, decimal_places=3
    )
    penalty_rate = forms.PercentField(label=gettext_lazy("Late penalty rate (%)"), required=False)
    billable_works = base.MultipleChoiceField(
        label=gettext_lazy("Works that are billed"),
        choices=Work.choices,
        widget=forms.ChipsCheckbox(),
        initial=[w.value for w in Work if w != Work.TRAVEL],
        required=False,
    )

    class Meta:
        model = Agreement
        fields = (
            "title",
            "reference",
            "form",
            "kind",
            "client",
            "coop",
            "starts_on",
            "ends_on",
            "days_budgeted",
            "days_used_before",
            "daily_rate",
            "price",
            "rhythm",
            "payment_days",
            "payment_method",
            "penalty_rate",
            "billable_works",
            "pair_counts",
            "collective_key",
            "collective_fee",
            "km_rate",
            "hours_per_day",
            "order_number",
            "analytic_code",
        )

    def setup(self) -> None:
        client: Any = self.fields["client"]
        coop: Any = self.fields["coop"]
        client.rows, coop.rows = _organisations(self.user), _coops(self.user)
        self.fields["payment_days"].validators.append(MaxValueValidator(LONGEST_TERM))

    def clean_daily_rate(self) -> Any:
        return self.cleaned_data["daily_rate"] or 0

    def clean_days_used_before(self) -> Any:
        return self.cleaned_data["days_used_before"] or 0

    def clean_ends_on(self) -> Any:
        return ends_after_it_starts(self.cleaned_data)

    def clean_hours_per_day(self) -> Any:
        hours = self.cleaned_data["hours_per_day"]
        if not 0 < hours <= 24:
            raise ValidationError(_("A day has between 0 and 24 hours."))
        return hours


class AmendForm(forms.Form):
    effective_on = base.DateField(label=gettext_lazy("In force from"))
    days_budgeted = forms.DaysField(label=gettext_lazy("New budget in days"), required=False)
    daily_rate = forms.MoneyField(label=gettext_lazy("New daily rate"), required=False)
    ends_on = base.DateField(label=gettext_lazy("New end"), required=False)
    why = base.CharField(label=gettext_lazy("Why"), max_length=500)


class SignAmendmentForm(forms.Form):
    rearbitrate = base.BooleanField(
        label=gettext_lazy("Cover the waiting days that the new budget holds"),
        required=False,
        initial=True,
    )


class SignForm(forms.Form):
    signed_on = base.DateField(label=gettext_lazy("Signed on"))


class ShareForm(forms.Form):
    """One payer; an empty row is left out."""

    payer = forms.PickField(label=gettext_lazy("Payer"), required=False)
    percent = forms.PercentField(label=gettext_lazy("Percent"), required=False)
    basis = base.ChoiceField(
        label=gettext_lazy("Basis"), choices=Basis.choices, required=False, initial=Basis.ORDER
    )
    cap_eur = forms.MoneyField(label=gettext_lazy("Cap (EUR)"), required=False)
    cap_days = forms.DaysField(label=gettext_lazy("Cap (days)"), required=False)
    cap_per_day = forms.MoneyField(label=gettext_lazy("Cap per day"), required=False)
    cap_is = base.ChoiceField(
        label=gettext_lazy("Caps are"), choices=Gross.choices, required=False, initial=Gross.NET
    )
    envelope = forms.PickField(label=gettext_lazy("Envelope"), search="reference", required=False)
    takes_remainder = base.BooleanField(label=gettext_lazy("Takes what is left"), required=False)

    def setup(self) -> None:
        payer: Any = self.fields["payer"]
        envelope: Any = self.fields["envelope"]
        payer.rows = _organisations(self.user)
        envelope.rows = Envelope.objects.visible_to(self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("payer") and data.get("percent") is None:
            self.add_error("percent", gettext_lazy("Say the percent."))
        if data.get("percent") and not data.get("payer") and "payer" not in self.errors:
            self.add_error("payer", gettext_lazy("Say who pays."))
        return data


class EnvelopeForm(forms.ModelForm):
    follows = {features.PUBLIC_SECTOR: ("engagement_number",)}

    payer = forms.PickField(label=gettext_lazy("Payer"))
    quota_days = forms.DaysField(label=gettext_lazy("Quota of days"), max_digits=8)
    cap_days_per_coop = forms.DaysField(label=gettext_lazy("Cap per coop (days)"), required=False)
    value_per_day = forms.MoneyField(label=gettext_lazy("Value per day"))
    departments = base.CharField(
        label=gettext_lazy("Eligible departments"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Numbers separated by commas; empty: all."),
    )
    stages = base.MultipleChoiceField(
        label=gettext_lazy("Eligible stages"),
        choices=Stage.choices[:-1],
        widget=forms.ChipsCheckbox(),
        required=False,
    )
    works = base.MultipleChoiceField(
        label=gettext_lazy("Eligible works"),
        choices=Work.choices,
        widget=forms.ChipsCheckbox(),
        required=False,
    )

    class Meta:
        model = Envelope
        fields = (
            "payer",
            "reference",
            "starts_on",
            "ends_on",
            "basis",
            "quota_days",
            "quota_coops",
            "cap_days_per_coop",
            "value_per_day",
            "value_is",
            "engagement_number",
            "departments",
            "stages",
            "works",
            "report_due_on",
        )
        labels = {"value_is": gettext_lazy("The value of a day is")}

    def setup(self) -> None:
        payer: Any = self.fields["payer"]
        payer.rows = _organisations(self.user)
        if isinstance(self.initial.get("departments"), list):
            self.initial["departments"] = ", ".join(self.initial["departments"])

    def clean_ends_on(self) -> Any:
        return ends_after_it_starts(self.cleaned_data)

    def clean_departments(self) -> list[str]:
        return [d for d in map(str.strip, self.cleaned_data["departments"].split(",")) if d]


class MissionForm(forms.Form):
    title = base.CharField(label=gettext_lazy("Title"), max_length=200)
    agreement = forms.PickField(
        label=gettext_lazy("Agreement"),
        search="client__search_key",
        required=False,
        help_text=gettext_lazy("Empty for an internal mission"),
    )
    opened_on = base.DateField(label=gettext_lazy("Opened on"))
    team = base.ModelMultipleChoiceField(
        label=gettext_lazy("Team"),
        queryset=User.objects.none(),
        widget=forms.ChipsCheckbox(),
        required=False,
    )

    def setup(self) -> None:
        agreement: Any = self.fields["agreement"]
        rows = Agreement.objects.visible_to(self.user).select_related("client")
        agreement.rows = rows.exclude(state__in=("completed", "terminated"))
        agreement.suggestions = list(agreement.rows.order_by("-pk")[:4])
        if not features.is_on(features.SEVERAL_PEOPLE) and len(self.initial.get("team", ())) < 2:
            del self.fields["team"]  # alone, one is the team
            return
        team: Any = self.fields["team"]
        staff = User.objects.active()
        team.queryset = (
            staff.filter(is_consultant=True) | staff.filter(is_coordinator=True)
        ).order_by("name")


class MissionEditForm(MissionForm):
    def setup(self) -> None:
        super().setup()
        del self.fields["agreement"]


class MoveDaysForm(forms.Form):
    """Start-up days, and the mission that takes them."""

    mission = base.ModelChoiceField(
        label=gettext_lazy("Mission under an agreement"),
        queryset=Mission.objects.none(),
        widget=forms.ChipsRadio(),
        empty_label=None,
    )
    days = base.ModelMultipleChoiceField(
        label=gettext_lazy("Days"),
        queryset=MissionDay.objects.none(),
        widget=base.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: Any, start_up: Mission, **kwargs: Any) -> None:
        self.start_up = start_up
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        mission: Any = self.fields["mission"]
        mission.queryset = Mission.objects.open().filter(
            coop=self.start_up.coop_id, kind=Mission.Kind.AGREEMENT
        )
        days: Any = self.fields["days"]
        rows = MissionDay.objects.filter(mission=self.start_up).exclude(state="billed")
        days.queryset = rows.real().select_related("consultant")
