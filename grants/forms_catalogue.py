"""Forms of the catalogue: programmes, calls, the list of calls of a file."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.forms import CharField, DateField, FileField, IntegerField, MultipleChoiceField
from django.utils.timezone import make_naive
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from crm.stages import Stage
from essaim import forms
from essaim.imports.reader import Table, read_table
from grants.actions import CALL_FACTS
from grants.forms import SUGGESTED, FactsForm
from grants.models import Call, CatalogueSetting, Programme


class ProgrammeForm(FactsForm):
    funder = forms.PickField(label=_("Funder"))

    class Meta:
        model = Programme
        fields = (
            "funder",
            "name",
            "kind",
            "pays",
            "rate_cap",
            "amount_cap",
            "amount_floor",
            "public_aid_cap",
            "own_share_minimum",
            "day_rate_cap",
            "flat_rate",
            "travel_eligible",
            "paid_expenses_only",
            "no_early_commitment",
            "is_public",
            "is_de_minimis",
            "report_rule",
            "report_months",
            "success_fee_allowed",
            "success_fee_source",
            "url",
            "facts",
            "checked_on",
        )
        field_classes = {
            "rate_cap": forms.PercentField,
            "public_aid_cap": forms.PercentField,
            "own_share_minimum": forms.PercentField,
            "flat_rate": forms.PercentField,
            "amount_cap": forms.MoneyField,
            "amount_floor": forms.MoneyField,
            "day_rate_cap": forms.MoneyField,
        }
        help_texts = {
            "success_fee_source": _("Needed when the answer is yes or no: where is it written?"),
            "public_aid_cap": _("The programme's own: there is no general rule."),
            "flat_rate": _(
                "For programmes that pay real salary costs: all other costs, in percent."
            ),
            "report_months": _("Six for a grant to a project, unless the agreement says another."),
            "is_public": _("It counts against a cap on public aid."),
        }

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user).current()
        self.fields["funder"].rows = rows
        self.fields["funder"].suggestions = rows.filter(kind=Organisation.Kind.FUNDER)[:SUGGESTED]


class CallForm(FactsForm):
    stages = MultipleChoiceField(
        label=_("Eligible stages"),
        choices=[(c, label) for c, label in Stage.choices if c != Stage.DONE],
        required=False,
        widget=forms.ChipsCheckbox,
        help_text=_("None ticked: all stages."),
    )

    class Meta:
        model = Call
        fields = (
            "title",
            "opens_on",
            "pre_deposit_on",
            "deadline",
            "zone",
            "recurrence",
            "territory",
            "stages",
            "url",
            "source",
            "source_id",
            "licence",
            "checked_on",
        )
        help_texts = {
            "deadline": _("Day and time on the clock of the zone, as 31/01/2027 12:00"),
            "territory": _("As the call says it: a region, departments, priority districts."),
            "source_id": _("Only for a call that comes from a list."),
        }

    def setup(self) -> None:
        assert set(self.fields) <= CALL_FACTS
        self.fields["zone"].required = False
        call = self.instance
        if call.pk and call.deadline and not self.is_bound:
            self.initial["deadline"] = call.local_deadline.replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        """What was typed is the clock of the zone, whichever the server's."""
        data: dict[str, Any] = super().clean() or {}
        typed = data.get("deadline")
        zone = data["zone"] = data.get("zone") or Call.Zone.PARIS
        if isinstance(typed, datetime):
            data["deadline"] = make_naive(typed).replace(tzinfo=ZoneInfo(zone))
        return data


class RecheckForm(forms.Form):
    months = IntegerField(
        label=_("Months"), help_text=_("A programme read longer ago is marked to be checked again.")
    )

    @staticmethod
    def start() -> dict[str, Any]:
        setting = CatalogueSetting.objects.order_by("pk").first() or CatalogueSetting()
        return {"months": setting.recheck_months}


class CallListForm(forms.Form):
    """The file of a list, read at once; its rows are judged on the next page."""

    file = FileField(label=_("File"), help_text=_("CSV, XLSX or ODS, made from the model."))
    source = CharField(
        label=_("Name of the list"),
        max_length=120,
        help_text=_("Always the same for the same list: with their numbers it names the calls."),
    )
    licence = CharField(
        label=_("Licence of the list"),
        max_length=120,
        required=False,
        help_text=_("As the Licence Ouverte 2.0 of a public data site."),
    )
    checked_on = DateField(label=_("List of"), help_text=_("The day the list was taken."))

    def clean_file(self) -> tuple[str, Table]:
        file: File[Any] = self.cleaned_data["file"]
        try:
            return file.name or "", read_table(file)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
