"""Forms of the books: accounts, codes, journals, the firm, periods, profiles, losses."""

from datetime import timedelta
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim import forms
from invoicing.chart import Product
from invoicing.columns import COLUMNS
from invoicing.entries import ALL, SALES
from invoicing.models import BookSettings, ExportProfile

MOST_COLUMNS = 20


class AccountForm(forms.Form):
    number = django_forms.CharField(label=gettext_lazy("Account"), max_length=8)
    label = django_forms.CharField(label=gettext_lazy("Account label"), max_length=80)


class OwnAccountForm(AccountForm):
    """The account of one product for one analytic code."""

    role = django_forms.ChoiceField(label=gettext_lazy("Product"), choices=Product.choices)
    analytic_code = django_forms.CharField(label=gettext_lazy("Analytic code"), max_length=20)
    field_order = ("role", "analytic_code", "number", "label")


class CodeForm(forms.Form):
    organisation = forms.PickField(label=gettext_lazy("Client"))
    code = django_forms.CharField(
        label=gettext_lazy("Code of the client"),
        max_length=8,
        help_text=gettext_lazy("As the firm knows this client. It is given once and stays."),
    )

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user).filter(auxiliary=None)
        picked: Any = self.fields["organisation"]
        picked.rows = rows
        picked.suggestions = rows.filter(invoices__isnull=False).distinct()[:6]


class BooksForm(forms.ModelForm):
    class Meta:
        model = BookSettings
        fields = (
            "firm_name", "firm_email", "sales_journal", "bank_journal", "misc_journal",
            "code_prefix", "code_digits",
        )  # fmt: skip


class CloseForm(forms.Form):
    until = django_forms.DateField(label=gettext_lazy("Close up to"))

    def setup(self) -> None:
        if self.on is not None:
            last = self.on.replace(day=1) - timedelta(days=1)
            self.fields["until"].initial = last


class OpenForm(forms.Form):
    until = django_forms.DateField(
        label=gettext_lazy("Keep closed up to"),
        required=False,
        help_text=gettext_lazy("Leave empty to open everything."),
    )
    reason = django_forms.CharField(
        label=gettext_lazy("Why the period is opened again"), max_length=300
    )


class ProfileForm(forms.ModelForm):
    """A name, the ways of writing, then a column per place, in their order."""

    class Meta:
        model = ExportProfile
        fields = (
            "name", "separator", "decimal_mark", "date_format", "encoding", "has_header",
        )  # fmt: skip

    def setup(self) -> None:
        choices = [("", "—"), *((key, words) for key, (words, _value) in COLUMNS.items())]
        chosen = self.initial.get("columns") or getattr(self.instance, "columns", [])
        for rank in range(MOST_COLUMNS):
            self.fields[f"column_{rank + 1}"] = django_forms.ChoiceField(
                label=_("Column %(rank)s") % {"rank": rank + 1},
                choices=choices,
                required=False,
                initial=chosen[rank] if rank < len(chosen) else "",
            )

    def columns(self) -> list[str]:
        """The columns chosen, in their order; an empty place is skipped."""
        places = (f"column_{rank + 1}" for rank in range(MOST_COLUMNS))
        return [self.cleaned_data[name] for name in places if self.cleaned_data[name]]


class SendForm(forms.Form):
    to = django_forms.EmailField(label=gettext_lazy("To"))
    subject = django_forms.CharField(label=gettext_lazy("Subject of the mail"), max_length=200)
    body = django_forms.CharField(
        label=gettext_lazy("Message"), widget=django_forms.Textarea, max_length=4000
    )


class WriteOffForm(forms.Form):
    reason = django_forms.CharField(label=gettext_lazy("Why it is given up"), max_length=300)


class DayForm(forms.Form):
    day = django_forms.DateField(label=gettext_lazy("Closing on"))


class EntriesForm(forms.Form):
    """What of the entries leaves, and how it is written."""

    scope = django_forms.ChoiceField(
        label=gettext_lazy("What leaves"),
        choices=[
            (SALES, gettext_lazy("Sales only (the firm has the bank’s statement)")),
            (ALL, gettext_lazy("Sales and receipts, with the VAT they make due")),
        ],
    )
    format = django_forms.ChoiceField(label=gettext_lazy("Format"))
    encoding = django_forms.ChoiceField(
        label=gettext_lazy("Encoding of the FEC format"),
        choices=[("utf-8", "UTF-8"), ("iso-8859-15", "ISO-8859-15")],
    )

    def setup(self) -> None:
        profiles = [
            (f"csv:{pk}", f"CSV · {name}")
            for pk, name in ExportProfile.objects.values_list("pk", "name")
        ]
        chosen: Any = self.fields["format"]
        chosen.choices = [
            ("fec", gettext_lazy("Entries in FEC format (.txt)")),
            ("quadra", "Quadra ASCII (.txt)"),
            ("xlsx", gettext_lazy("Workbook (.xlsx)")),
            ("csv", gettext_lazy("CSV, usual columns")),
            *profiles,
        ]
