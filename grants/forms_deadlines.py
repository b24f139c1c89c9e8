"""Forms of schedules, pieces of a claim, answers, and dates that deadlines follow."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.forms import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    IntegerField,
    ModelChoiceField,
    Textarea,
    ValidationError,
    formset_factory,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Coop, Document
from essaim import forms
from grants.forms import AmountForm, DatedForm
from grants.models import Disbursement, ReminderPlan
from grants.questions import NOT_YET, PARTLY, RECEIVED
from grants.states import DeadlineKind

MOST_STEPS = 12
KINDS = [c for c in Disbursement.Kind.choices if c[0] != Disbursement.Kind.CLAWBACK]
EMPTY_KIND = [("", "—"), *KINDS]


# -- how a programme pays ---------------------------------------------------------------------
class TermsForm(forms.Form):
    is_state_investment = BooleanField(
        label=gettext_lazy("Investment aid of the State"),
        help_text=gettext_lazy("Its plans are then compared with the two caps below."),
        required=False,
    )
    advance_cap = forms.PercentField(label=gettext_lazy("Advance, at most (%)"))
    before_balance_cap = forms.PercentField(label=gettext_lazy("Before the balance, at most (%)"))


class StepForm(forms.Form):
    """One payment of a pattern; a line left empty is none."""

    kind = ChoiceField(label=gettext_lazy("Kind"), choices=EMPTY_KIND, required=False)
    percent = forms.PercentField(label=gettext_lazy("Percent of the grant"), required=False)
    months = IntegerField(
        label=gettext_lazy("Months after the agreement"),
        min_value=0,
        max_value=120,
        required=False,
        help_text=gettext_lazy("Empty: not dated beforehand, as a balance paid after the report."),
    )
    pieces = CharField(
        label=gettext_lazy("Required pieces, one a line"),
        required=False,
        max_length=2000,
        widget=Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("kind")) != (data.get("percent") is not None) and not self.errors:
            raise ValidationError(_("A payment has a kind and a percentage."))
        return data


# -- the schedule of a grant ------------------------------------------------------------------
class PlannedForm(forms.Form):
    """One payment of a schedule; a line left empty is none."""

    kind = ChoiceField(label=gettext_lazy("Kind"), choices=EMPTY_KIND, required=False)
    expected_amount = forms.MoneyField(
        label=gettext_lazy("Expected amount"), required=False, min_value=None
    )
    expected_on = DateField(label=gettext_lazy("Expected on"), required=False)
    claim_by = DateField(label=gettext_lazy("To claim by"), required=False)
    pieces = CharField(
        label=gettext_lazy("Required pieces, one a line"),
        required=False,
        max_length=2000,
        widget=Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        has_amount = data.get("expected_amount") is not None
        if bool(data.get("kind")) != has_amount and not self.errors:
            raise ValidationError(_("A payment has a kind and an amount."))
        return data


def many(form_class: Any, *, extra: int) -> Any:
    return formset_factory(form_class, extra=extra, max_num=MOST_STEPS, validate_max=True)


class AmendmentForm(AmountForm):
    amount = forms.MoneyField(label=gettext_lazy("New amount of the grant"))
    why = CharField(label=gettext_lazy("Why"), max_length=500)


# -- pieces and answers -----------------------------------------------------------------------
class PieceForm(forms.Form):
    done_on = DateField(
        label=gettext_lazy("At hand since"),
        required=False,
        help_text=gettext_lazy("Empty: it is still missing."),
    )
    words = CharField(
        label=gettext_lazy("Where it is"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("A folder, an e-mail of what day, a binder."),
    )
    document = ModelChoiceField(
        label=pgettext_lazy("evidence", "Document"),
        queryset=Document.objects.none(),
        required=False,
    )

    def __init__(self, *args: Any, coop: Coop | None = None, **kwargs: Any) -> None:
        self.coop = coop
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        if self.coop is None:
            del self.fields["document"]
            return
        rows: Any = Document.objects.visible_to(self.user).filter(coop=self.coop)
        field: Any = self.fields["document"]
        field.queryset = rows.order_by("-added_at")


class ArrivalForm(DatedForm):
    """« L'aide est-elle arrivée ? »: one answer, and what it needs."""

    answer = ChoiceField(
        label=gettext_lazy("What the treasurer says"),
        choices=(
            (RECEIVED, gettext_lazy("Received in full")),
            (PARTLY, gettext_lazy("Received in part")),
            (NOT_YET, gettext_lazy("Not yet")),
        ),
        widget=forms.ChipsRadio,
    )
    dated = DateField(label=gettext_lazy("Received on"), required=False, widget=forms.DateChips)
    amount = forms.MoneyField(
        label=gettext_lazy("Amount received"),
        required=False,
        help_text=gettext_lazy("Only for a part; the rest stays awaited."),
    )
    expected_on = DateField(
        label=gettext_lazy("New date expected"),
        required=False,
        help_text=gettext_lazy("Not yet, or for the rest of a part. Empty: not dated."),
    )
    field_order = ("answer",)


# -- dates and reminders ----------------------------------------------------------------------
class FileDatesForm(forms.Form):
    """What deadlines of a file follow besides its own dates."""

    completeness_by = DateField(label=gettext_lazy("Missing pieces by"), required=False)
    agreement_by = DateField(label=gettext_lazy("Agreement signed by"), required=False)


class ExerciseForm(forms.Form):
    day = IntegerField(label=gettext_lazy("Day"), min_value=1, max_value=31)
    month = IntegerField(label=gettext_lazy("Month"), min_value=1, max_value=12)


def days_typed(words: str) -> list[int]:
    """« 30, 14, 7 » as numbers; raises ValidationError on anything else."""
    parts = [part for part in words.replace(";", ",").replace("/", ",").split(",") if part.strip()]
    if not all(part.strip().isdecimal() and len(part.strip()) < 5 for part in parts):
        raise ValidationError(_("Type whole numbers of days, as 30, 14, 7, 2."))
    return [int(part) for part in parts]


class DaysListField(CharField):
    """Days before a deadline, typed with commas."""

    def clean(self, value: Any) -> Any:
        return days_typed(super().clean(value) or "")


class RemindersForm(forms.Form):
    """Days of reminders of every kind, and the question to treasurers."""

    asks = BooleanField(
        label=gettext_lazy("Ask the treasurer by mail on the day an aid is expected"),
        help_text=gettext_lazy(
            "Once a payment, when the coop's treasurer has an e-mail address; the answer goes to"
            " the owner of the file, who enters it."
        ),
        required=False,
    )

    def setup(self) -> None:
        for kind in DeadlineKind:
            self.fields[f"days_{kind}"] = DaysListField(
                label=str(kind.label), required=False, max_length=60
            )

    def days(self) -> dict[str, list[int]]:
        return {kind: self.cleaned_data[f"days_{kind}"] for kind in DeadlineKind.values}


def typed_days() -> dict[str, str]:
    """What the page of reminders starts from."""
    rows = ReminderPlan.objects.values_list("kind", "days")
    return {f"days_{kind}": ", ".join(map(str, days)) for kind, days in rows}


# -- success rates ----------------------------------------------------------------------------
class PeriodForm(forms.Form):
    """Files deposited between two days, both included; empty for all."""

    since = DateField(label=gettext_lazy("Deposited from"), required=False)
    until = DateField(label=pgettext_lazy("period", "to"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since: date | None = data.get("since")
        until: date | None = data.get("until")
        if since and until and until < since:
            raise ValidationError(_("The period ends before it begins."))
        return data


DEFAULT_CAPS = {"advance_cap": Decimal(30), "before_balance_cap": Decimal(80)}
