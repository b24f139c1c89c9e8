"""Pages of the table that says what unpaid work is worth."""

from typing import Any

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, Column, FormPage, ListPage
from missions import actions
from missions.forms.expenses import ValuationForm
from missions.models import Valuation

LIST = (reverse_lazy("missions:valuations"), gettext_lazy("Value of unpaid work"))


class ValuationList(ListPage):
    model = Valuation
    title = gettext_lazy("Value of unpaid work")
    explains = gettext_lazy(
        "What a day given or an hour of volunteer work is worth in figures and reports,"
        " from a day on."
    )
    order = ("nature", "-effective_from")
    columns = (
        Column(gettext_lazy("Nature"), "get_nature_display", phone="title"),
        Column(gettext_lazy("Value (EUR)"), "value", "money", phone="amount"),
        Column(gettext_lazy("Unit"), "get_unit_display", phone="side"),
        Column(gettext_lazy("In force from"), "effective_from", "date", phone="sub"),
        Column(gettext_lazy("Method, in words"), "method", phone="sub"),
        Column(gettext_lazy("Source"), "source", phone="sub"),
    )
    empty_title = gettext_lazy("No value yet.")
    empty_text = gettext_lazy(
        "Say what a day given and an hour of volunteer work are worth: the sale price is none."
    )

    def get_primary(self) -> Action:
        url = reverse("missions:valuation_new")
        return Action(_("Add a value"), url, "plus", "missions.change_valuation")

    def row_url(self, row: Valuation) -> str:
        if not self.request.user.has_perm("missions.change_valuation"):
            return ""
        return reverse("missions:valuation_edit", args=(row.pk,))


class ValuationNew(FormPage):
    form_class = ValuationForm
    title = gettext_lazy("Add a value")
    explains = gettext_lazy("It counts from its date on; former figures stay as they were told.")
    back = LIST
    success_message = gettext_lazy("The value is noted.")

    def get_initial(self) -> dict[str, Any]:
        return {"nature": self.request.GET.get("nature", ""), "effective_from": self.today}

    def perform(self, form: Any) -> Valuation:
        return actions.note_valuation(**form.cleaned_data, **self.act())


class ValuationEdit(FormPage):
    model = Valuation
    form_class = ValuationForm
    title = gettext_lazy("Edit the value")
    explains = gettext_lazy("Figures reckoned with it follow; reports already sent do not change.")
    back = LIST
    success_message = gettext_lazy("The value is changed.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in self.form_class.base_fields}

    def perform(self, form: Any) -> Valuation:
        return actions.edit_valuation(self.object, **form.cleaned_data, **self.act())
