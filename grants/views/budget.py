"""The budget of a file: lines typed, balance told at once; and its copy from another file."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.forms import formset_factory
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from essaim.money import ZERO
from essaim.views import Action
from grants import actions, budgets, forms_files
from grants.models import BudgetLine, GrantApplication
from grants.rules_budget import BudgetRow
from grants.views.files import OfFile

MOST, SPARE = 60, 3


class BudgetEdit(OfFile):
    """All lines on one page; `Compute` tells the balance and keeps nothing."""

    model, parent_model = GrantApplication, None
    form_class = forms_files.BudgetForm
    template_name, partial = "grants/budget.html", "balance"
    select_related = ("programme__funder", "applicant")
    title = gettext_lazy("Budget")
    explains = gettext_lazy(
        "Expenses on one side, resources on the other: a funder wants them equal."
    )
    submit_label = gettext_lazy("Keep the budget")
    success_message = gettext_lazy("The budget is kept.")
    anchor = "#budget"

    @property
    def file(self) -> GrantApplication:
        found: GrantApplication = self.object
        return found

    def get_actions(self) -> list[Action]:
        url = reverse("grants:budget_copy", args=(self.object.pk,))
        return [Action(_("Copy from another file"), url, "copy", "grants.change_application")]

    def get_initial(self) -> dict[str, Any]:
        return {"carry": True}

    @cached_property
    def lines(self) -> list[BudgetLine]:
        return list(self.object.budget_lines.all())

    @property
    def with_realised(self) -> bool:
        """Nothing was spent before the grant; what was noted once stays in sight."""
        noted = any(line.realised is not None for line in self.lines)
        return bool(self.object.is_granted or self.object.state == "clawback" or noted)

    def get_formsets(self) -> dict[str, Any]:
        charges = self._formset(
            "charge", forms_files.ChargeForm, "charges", pgettext("budget", "Charges")
        )
        products = self._formset(
            "product", forms_files.ProductForm, "products", pgettext("budget", "Products")
        )
        return {"charges": charges, "products": products}

    def _formset(self, side: str, form: Any, prefix: str, label: str) -> Any:
        rows = [
            {
                "key": line.pk,
                "account": line.account,
                "label": line.label,
                "planned": line.planned,
                "realised": line.realised,
            }
            for line in self.lines
            if line.side == side
        ]
        many = formset_factory(form, extra=SPARE, max_num=MOST, validate_max=True)
        posted = self.request.POST.copy() if self.request.method == "POST" else None
        if posted is not None and "more" in posted:
            name = f"{prefix}-TOTAL_FORMS"
            held = posted.get(name, "0")
            count = int(held) if held.isdecimal() and len(held) < 4 else 0
            posted[name] = str(min(count + SPARE, MOST))
        kwargs = {"user": self.request.user, "on": self.today, "with_realised": self.with_realised}
        made: Any = many(posted, initial=rows, prefix=prefix, form_kwargs=kwargs)
        made.label = label
        return made

    def typed(self) -> list[actions.TypedLine]:
        """The lines typed so far that stand on their own."""
        found = []
        for made in self.formsets.values():
            if made.is_bound:
                found += [f.line for f in made if f.is_valid() and not f.is_blank]
        return found

    def rows(self) -> Iterable[BudgetRow]:
        subsidies = budgets.subsidy_rows(
            self.object, self.object.co_funders.select_related("funder").order_by("pk")
        )
        if self.request.method != "POST":
            return [*budgets.typed_rows(self.lines), *subsidies]
        typed = [
            BudgetRow(t.side, t.account, t.label, t.planned or ZERO, t.realised)
            for t in self.typed()
        ]
        return [*typed, *subsidies]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "preview" in request.POST or "more" in request.POST:
            return self.show(form=self.get_form(), missing=self.missing)
        self.partial = ""
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> GrantApplication:
        carry = form.cleaned_data["carry"]
        return actions.save_budget(self.object, lines=self.typed(), carry=carry, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = list(self.rows())
        balance = budgets.balance(self.object, rows)
        return super().get_context(
            balance=balance,
            subsidies=[row for row in rows if row.source != "typed"],
            off=budgets.off_words(balance, self.object),
            limits=budgets.limits_of(self.object),
            with_realised=self.with_realised,
            **more,
        )


class BudgetCopy(OfFile):
    model, parent_model = GrantApplication, None
    form_class = forms_files.CopyForm
    title, anchor = gettext_lazy("Copy the budget of another file"), "#budget"
    explains = gettext_lazy(
        "Start from a budget already written; the lines are then yours to change."
    )
    submit_label = gettext_lazy("Copy the lines")
    select_related = ("applicant",)

    @property
    def file(self) -> GrantApplication:
        found: GrantApplication = self.object
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"application": self.object}

    def perform(self, form: Any) -> GrantApplication:
        source = form.cleaned_data["source"]
        return actions.copy_budget(self.object, source=source, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("grants:budget", args=(self.object.pk,))
