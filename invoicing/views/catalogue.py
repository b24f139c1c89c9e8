"""The catalogue, and the line that picks from it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.forms import EmptyForm
from essaim.views import Action, Chips, Column, FormPage, ListPage
from invoicing import actions
from invoicing.forms_documents import ItemForm, SoldLineForm
from invoicing.models import CatalogueItem, InvoiceLine
from invoicing.views import drafts
from invoicing.views.bill import found_or_404


class CatalogueList(ListPage):
    """What we often sell."""

    model = CatalogueItem
    title = gettext_lazy("Catalogue")
    order = ("label",)
    search_fields = ("label",)
    search_label = gettext_lazy("Description")
    empty_title = gettext_lazy("The catalogue is empty.")
    explains = gettext_lazy(
        "What you often sell, with its price: one choice and the line is written."
    )
    empty_text = gettext_lazy("Write what you often sell once; pick it on free invoices.")
    empty_icon = "tags"
    columns = (
        Column(gettext_lazy("Description"), "label", phone="title"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="sub"),
        Column(gettext_lazy("Unit"), "get_unit_display", phone="side"),
        Column(gettext_lazy("Unit price, net"), "unit_price", "money", phone="amount"),
        Column(
            gettext_lazy("VAT rate"), template="invoicing/cells/rate.html", end=True, phone="hide"
        ),
        Column(gettext_lazy("Analytic code"), "analytic_code", phone="hide"),
    )
    chips = (
        Chips(
            "show",
            (("", gettext_lazy("On sale")), ("archived", gettext_lazy("Archived"))),
            lambda rows, value, page: rows.filter(archived_on__isnull=False),
            gettext_lazy("State"),
        ),
    )

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.request.GET.get("show") == "archived" else rows.current()

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:other_documents"), _("Other documents"))

    def get_primary(self) -> Action:
        url = reverse("invoicing:catalogue_new")
        return Action(_("New item"), url, "plus", "invoicing.change_catalogue")


class ItemNew(FormPage):
    """Write an item."""

    form_class = ItemForm
    title = gettext_lazy("New item")
    explains = gettext_lazy(
        "Its words and its price fill the line of an invoice, where you may change them."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:catalogue"), _("Catalogue"))

    def perform(self, form: Any) -> CatalogueItem:
        return actions.save_item(item=self.object, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:catalogue")


class ItemEdit(ItemNew):
    """Change an item; invoices made from it do not change."""

    model = CatalogueItem
    title = gettext_lazy("Change the item")
    explains = gettext_lazy("Lines to come follow; invoices already made from it do not change.")

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:catalogue_archive", args=(self.object.pk,))
        label = _("Put back on sale") if self.object.archived_on else _("Archive")
        return (Action(label, url, "archive", "invoicing.change_catalogue"),)


class ItemArchive(FormPage):
    """Take an item out of the choice, or put it back."""

    model = CatalogueItem
    form_class = EmptyForm
    title = gettext_lazy("Archive or put back on sale")
    explains = gettext_lazy(
        "An archived item leaves the choice; nothing is deleted and it can come back."
    )

    def get_facts(self) -> str:
        return str(self.object)

    def get_submit_label(self) -> str:
        return _("Put back on sale") if self.object.archived_on else _("Archive")

    def perform(self, form: Any) -> CatalogueItem:
        return actions.archive_item(item=self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:catalogue")


class LineAdd(drafts.LineAdd):
    """Add a line to a draft, by hand or from the catalogue (`?item=`)."""

    explains = gettext_lazy("Written by hand or from the catalogue; totals and VAT are made again.")

    form_class = SoldLineForm
    template_name = "invoicing/line_add.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"postcode": self.parent.client.postcode}

    def items(self) -> Any:
        return CatalogueItem.objects.visible_to(self.request.user).current()

    def get_initial(self) -> dict[str, Any]:
        key = self.request.GET.get("item", "")
        if not key:
            return {}
        item = found_or_404(self.items(), key)
        return {
            "item": item.pk,
            "label": item.label,
            "unit": item.unit,
            "unit_price": item.unit_price,
            "chosen_rate": "" if item.vat_rate is None else _plain(item.vat_rate),
            "quantity": 1,
        }

    def perform(self, form: Any) -> InvoiceLine:
        facts = {**form.cleaned_data}
        item = facts.pop("item")
        if item is not None:
            facts |= {"kind": item.kind, "analytic_code": item.analytic_code}
        return actions.add_line(invoice=self.parent, **facts, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("item", "")
        return super().get_context(items=list(self.items()[:40]), chosen=chosen, **more)


def _plain(rate: Any) -> str:
    """A rate as the table writes it: two decimals."""
    return f"{rate:.2f}"
