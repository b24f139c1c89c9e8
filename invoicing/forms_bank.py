"""Forms about the bank: a statement to read, one line to book, cheques and slips."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim import forms
from invoicing.forms import near_days
from invoicing.models import Cheque
from invoicing.statements import MAX_BYTES


class StatementForm(forms.Form):
    """The file of the bank."""

    file = django_forms.FileField(
        label=gettext_lazy("Statement (CSV or CAMT.053)"),
        max_length=200,
        help_text=gettext_lazy(
            "As the bank’s site exports it. Nothing is recorded before you say so, line by line."
        ),
        widget=django_forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xml,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            words = _("This file is too large for a statement: export a shorter period.")
            raise django_forms.ValidationError(words)
        return file


class LineForm(forms.Form):
    """What one line settles: an amount per invoice; nothing typed, the oldest first."""

    def __init__(self, *args: Any, owed: Iterable[Any] = (), **kwargs: Any):
        self.owed = list(owed)
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        for invoice in self.owed:
            self.fields[f"part_{invoice.pk}"] = forms.MoneyField(
                label=str(invoice.number), required=False, min_value=Decimal(0)
            )

    def parts(self) -> list[tuple[Any, Any]]:
        return [(invoice, self[f"part_{invoice.pk}"]) for invoice in self.owed]

    @property
    def typed(self) -> dict[Any, Decimal]:
        """Amounts typed per invoice."""
        given = ((i, self.cleaned_data.get(f"part_{i.pk}")) for i in self.owed)
        return {invoice: part for invoice, part in given if part}


class SetAsideForm(forms.Form):
    why = django_forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For instance: a transfer between our own accounts."),
    )


class ChequeForm(forms.Form):
    """A cheque that arrived."""

    client = forms.PickField(label=gettext_lazy("Client"))
    amount = forms.MoneyField(label=gettext_lazy("Amount"), min_value=Decimal("0.01"))
    number = django_forms.CharField(label=gettext_lazy("Cheque number"), max_length=20)
    bank = django_forms.CharField(label=gettext_lazy("Bank"), max_length=60, required=False)
    received_on = django_forms.DateField(
        label=gettext_lazy("Received on"), widget=forms.DateChips()
    )

    def setup(self) -> None:
        assert self.on is not None
        client: Any = self.fields["client"]
        client.rows = Organisation.objects.visible_to(self.user).current()
        widget = self.fields["received_on"].widget
        widget.today, widget.days = self.on, near_days(self.on)


class SlipForm(forms.Form):
    """Which cheques go on one slip."""

    cheques = django_forms.ModelMultipleChoiceField(
        label=gettext_lazy("Cheques"),
        queryset=Cheque.objects.none(),
        widget=forms.ChipsCheckbox,
    )
    reference = django_forms.CharField(
        label=gettext_lazy("Reference of the slip"), max_length=40, required=False
    )

    def setup(self) -> None:
        waiting = Cheque.objects.visible_to(self.user).filter(batch=None)
        field: Any = self.fields["cheques"]
        field.queryset = waiting.select_related("client")
        field.label_from_instance = cheque_words
        self.initial.setdefault("cheques", [row.pk for row in field.queryset])


def cheque_words(cheque: Any) -> str:
    amount = f"{cheque.amount:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{cheque.client} · {cheque.number} · {amount}\u00a0€"


class CreditForm(forms.Form):
    """The day the bank credited a slip."""

    credited_on = django_forms.DateField(
        label=gettext_lazy("Credited on"), widget=forms.DateChips()
    )

    def setup(self) -> None:
        assert self.on is not None
        widget = self.fields["credited_on"].widget
        widget.today, widget.days = self.on, near_days(self.on)

    def clean_credited_on(self) -> date:
        day: date = self.cleaned_data["credited_on"]
        if self.on is not None and day > self.on:
            raise django_forms.ValidationError(_("The date can't be in the future."))
        return day
