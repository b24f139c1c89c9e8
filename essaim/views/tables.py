"""The dated tables of the law: what is in force, where it was read, what has aged."""

from typing import Any

from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, DateField
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim import forms
from essaim.figures import note_figure
from essaim.legal_figures import Kind
from essaim.models import LegalFigure
from essaim.views.edits import FormPage
from essaim.views.lists import Chips, Column, ListPage
from essaim.views.pages import Action

TABLES = reverse_lazy("legal_figures")
GROUPS = {
    "rates": [Kind.LEGAL_INTEREST, Kind.ECB_RATE],
    "vat": [kind for kind in Kind if kind.startswith("vat_")],
}


class FigureList(ListPage):
    model = LegalFigure
    title = gettext_lazy("Legal tables")
    explains = gettext_lazy("Figures of the law, each from a day on and with its source.")
    about = "tables-legales"
    template_name = "essaim/people/figures.html"
    order = ("kind", "-effective_from")
    page_size = 100
    columns = (
        Column(gettext_lazy("Figure"), "get_kind_display", phone="title"),
        Column(gettext_lazy("Value"), "plain_value", "number", phone="amount"),
        Column(gettext_lazy("In force from"), "effective_from", "date", phone="side"),
        Column(gettext_lazy("Source"), "source", phone="sub"),
        Column(gettext_lazy("Noted on"), "noted_on", "date", phone="hide"),
    )
    chips = (
        Chips(
            "kind",
            (
                ("", pgettext_lazy("figures", "All")),
                ("rates", gettext_lazy("Rates")),
                ("vat", "TVA"),
            ),
            lambda rows, value, page: rows.filter(kind__in=GROUPS[value]),
        ),
    )
    primary = Action(gettext_lazy("Add a figure"), reverse_lazy("legal_figure_new"), "plus")
    empty_title = gettext_lazy("No figure yet.")

    def get_objects(self) -> QuerySet[Any]:
        return LegalFigure.objects.all()

    def row_url(self, row: LegalFigure) -> str:
        return ""

    @cached_property
    def stale(self) -> list[LegalFigure]:
        """The rows in force that have aged: one query."""
        return LegalFigure.objects.aged(self.today)


class FigureForm(forms.Form):
    kind = ChoiceField(label=gettext_lazy("Figure"), choices=Kind.choices)
    value = forms.FrenchDecimal(
        label=gettext_lazy("Value"), min_value=0, max_digits=14, decimal_places=4
    )
    effective_from = DateField(label=gettext_lazy("In force from"))
    source = CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The text or the page where the figure was read."),
    )


class FigureNew(FormPage):
    form_class = FigureForm
    title = gettext_lazy("Add a figure")
    explains = gettext_lazy(
        "The new figure counts from its date on; what was reckoned before stays."
    )
    success_url = TABLES
    success_message = gettext_lazy("The figure is noted.")
    back = (TABLES, gettext_lazy("Legal tables"))

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.request.GET.get("kind", "")}

    def perform(self, form: Any) -> LegalFigure:
        return note_figure(**form.cleaned_data, **self.act())
