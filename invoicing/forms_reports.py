"""Forms of reports to funders: what and when, which columns, which pays, which moves."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim import forms
from grants.models import GrantApplication, Programme
from invoicing.actions.reports import ANSWERABLE
from invoicing.models import FunderReport, Layout, ReportModel
from invoicing.report_columns import LABELS
from missions.models import Envelope

_KINDS = (
    (FunderReport.Kind.DAYS, gettext_lazy("Days at a price")),
    (FunderReport.Kind.COSTS, gettext_lazy("Salaries and a flat rate")),
)


_NOT_SHOWN: tuple[Any, dict[str, str]] = (None, {})


class ReportForm(forms.Form):
    """A report or a cost claim: of one envelope, application or programme, over a period."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("What the funder pays"), choices=_KINDS, widget=forms.ChipsRadio()
    )
    envelope = forms.PickField(label=gettext_lazy("Envelope"), required=False)
    programme = forms.PickField(label=gettext_lazy("Or a programme"), required=False)
    application = forms.PickField(
        label=gettext_lazy("Or a grant application"), required=False, search="title"
    )
    first = django_forms.DateField(label=gettext_lazy("From"))
    last = django_forms.DateField(label=gettext_lazy("To"))
    due_on = django_forms.DateField(
        label=gettext_lazy("Due on"),
        required=False,
        help_text=gettext_lazy("Empty: the date of the envelope or of the application."),
    )
    title = django_forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Empty: written from what it is of and its period."),
    )
    model = django_forms.ModelChoiceField(
        ReportModel.objects.none(),
        label=gettext_lazy("Columns of"),
        required=False,
        empty_label=gettext_lazy("the usual columns"),
    )
    with_given = django_forms.BooleanField(
        label=gettext_lazy("List the time given apart"), required=False
    )

    def setup(self) -> None:
        fields: Any = self.fields
        fields["envelope"].rows = Envelope.objects.visible_to(self.user)
        fields["envelope"].search = "reference"
        fields["envelope"].suggestions = fields["envelope"].rows[:6]
        fields["programme"].rows = Programme.objects.visible_to(self.user).current()
        seen = GrantApplication.objects.visible_to(self.user)
        fields["application"].rows = seen
        fields["application"].suggestions = seen.filter(state__in=ANSWERABLE[:3])[:6]
        fields["model"].queryset = ReportModel.objects.visible_to(self.user).current()
        if not self.user.has_perm("missions.change_cost_rate"):
            fields["kind"].choices = _KINDS[:1]
        elif not self.user.has_perm("invoicing.make_report"):
            fields["kind"].choices = _KINDS[1:]

    def clean(self) -> dict[str, Any]:
        super().clean()
        data: dict[str, Any] = self.cleaned_data
        chosen = [data.get(n) for n in ("envelope", "programme", "application") if data.get(n)]
        asked = ("envelope", "programme", "application")
        if not any(name in self.errors for name in asked) and len(chosen) != 1:
            words = _("Choose one: an envelope, a programme or an application.")
            self.add_error("envelope", words)
        data["of"] = chosen[0] if len(chosen) == 1 else None
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The period ends before it starts."))
        return data

    def facts(self) -> dict[str, Any]:
        """The report as the action takes it."""
        names = ("kind", "of", "first", "last", "due_on", "title", "model", "with_given")
        return {name: self.cleaned_data[name] for name in names}


class ColumnsForm(forms.Form):
    """Each column with its place (empty: not shown) and the funder's own name for it."""

    layout = django_forms.ChoiceField(
        label=gettext_lazy("Rows"), choices=Layout.choices, widget=forms.ChipsRadio()
    )
    with_given = django_forms.BooleanField(
        label=gettext_lazy("List the time given apart"), required=False
    )
    save_as = django_forms.CharField(
        label=gettext_lazy("Keep these columns under a name"), max_length=120, required=False
    )

    def __init__(self, *args: Any, columns: Any = (), **kwargs: Any):
        self.chosen = {c["code"]: (at, c) for at, c in enumerate(columns, start=1)}
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        for code, label in LABELS.items():
            at, column = self.chosen.get(code, _NOT_SHOWN)
            place = django_forms.IntegerField(
                label=_("Place of “%(column)s”") % {"column": label},
                required=False,
                min_value=1,
                max_value=99,
                initial=at,
            )
            place.widget.attrs |= {"inputmode": "numeric", "class": "input"}
            name = django_forms.CharField(
                label=_("Name of “%(column)s”") % {"column": label},
                required=False,
                max_length=80,
                initial=column.get("label", ""),
            )
            name.widget.attrs |= {"placeholder": str(label), "class": "input"}
            self.fields[f"place_{code}"], self.fields[f"name_{code}"] = place, name

    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """(label, place, name) of each column: those shown first, in their order."""
        last = len(self.chosen) + 1
        ordered = sorted(LABELS, key=lambda code: self.chosen.get(code, (last, None))[0])
        for code in ordered:
            yield LABELS[code], self[f"place_{code}"], self[f"name_{code}"]

    def columns(self) -> list[dict[str, str]]:
        """The columns chosen, in the order of their places."""
        data = self.cleaned_data
        placed = [(data[f"place_{code}"], at, code) for at, code in enumerate(LABELS)]
        return [
            {"code": code, "label": data[f"name_{code}"]}
            for place, _at, code in sorted(row for row in placed if row[0] is not None)
        ]


class ReportModelForm(ColumnsForm):
    """Columns kept under a name, for a programme or for all."""

    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=120)
    programme = forms.PickField(label=gettext_lazy("Programme"), required=False)
    field_order = ("name", "programme", "layout")

    def setup(self) -> None:
        super().setup()
        del self.fields["save_as"], self.fields["with_given"]
        picked: Any = self.fields["programme"]
        picked.rows = Programme.objects.visible_to(self.user).current()


class PaysForm(forms.Form):
    """What each month really cost (EUR); empty takes the table's."""

    flat_rate = forms.PercentField(label=gettext_lazy("Flat rate (%)"))

    def __init__(self, *args: Any, months: Any = (), **kwargs: Any):
        self.months = list(months)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        for row in self.months:
            field = forms.MoneyField(
                label=f"{row.month:%m/%Y} · {row.person}",
                required=False,
                initial=row.salary if row.is_typed else None,
            )
            if not row.is_typed and row.salary is not None:
                field.widget.attrs["placeholder"] = f"{row.salary:.2f}".replace(".", ",")
            forms.dress(field)
            self.fields[f"pay_{row.pk}"] = field

    def pays(self) -> dict[tuple[int, date], Any]:
        return {(r.person_id, r.month): self.cleaned_data[f"pay_{r.pk}"] for r in self.months}


class DatedForm(forms.Form):
    dated = django_forms.DateField(label=pgettext_lazy("move", "On"), required=False)


class DatedWhyForm(DatedForm):
    why = django_forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class WhyForm(forms.Form):
    why = django_forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class FlatRateForm(forms.Form):
    percent = forms.PercentField(label=gettext_lazy("Flat rate (%)"))
    source = django_forms.CharField(label=gettext_lazy("Source"), max_length=300, required=False)


class EnvelopeLinkForm(forms.Form):
    """What an envelope is paid from: a programme, or one of our own files."""

    application = django_forms.ModelChoiceField(
        GrantApplication.objects.none(),
        label=gettext_lazy("One of our own applications"),
        required=False,
        widget=forms.ChipsRadio,
    )
    programme = forms.PickField(label=gettext_lazy("Or a programme"), required=False)

    def setup(self) -> None:
        fields: Any = self.fields
        seen = GrantApplication.objects.visible_to(self.user)
        fields["application"].queryset = seen.filter(applicant__structure__isnull=False)
        fields["application"].empty_label = None
        fields["programme"].rows = Programme.objects.visible_to(self.user).current()

    def clean(self) -> dict[str, Any]:
        super().clean()
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and not data.get("application") and not data.get("programme"):
            self.add_error("application", _("Choose an application or a programme."))
        return data
