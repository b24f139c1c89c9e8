"""The financing plan of a coop across its applications, on screen, as a table and on paper."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.models import Coop
from essaim.exports import csv_response
from essaim.tongue import in_french
from essaim.views import Action, DetailPage, FormPage, file_response
from grants import actions, forms_files
from grants.models import Certainty, PlanNeed, PlanResource
from grants.plans import plan_for
from grants.printing import file_name, print_page
from grants.rules_plan import Plan, PlanLine

_RIGHT = "grants.change_application"


def plan_url(coop: Any) -> str:
    return reverse("grants:plan", args=(coop.pk,))


def kind_words(line: PlanLine) -> str:
    """What a line is, in words."""
    if line.kind == "grant":
        return pgettext("plan", "Grant")
    return str(dict([*PlanNeed.Kind.choices, *PlanResource.Kind.choices]).get(line.kind, line.kind))


def certainty_words(code: str) -> str:
    return str(dict(Certainty.choices).get(code, code))


class OfPlan(DetailPage):
    """What the page, the table and the paper share. The right is to see applications."""

    model = Coop
    select_related = ("organisation",)

    @cached_property
    def plan(self) -> Plan:
        return plan_for(self.object)


class PlanPage(OfPlan):
    explains = gettext_lazy(
        "What the project costs and who pays, sure and hoped for: what is left to find."
    )
    about = "plan-de-financement"
    template_name = "grants/plan.html"

    def get_title(self) -> str:
        return _("Financing plan")

    def get_facts(self) -> str:
        return str(self.object)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def get_actions(self) -> list[Action]:
        key = (self.object.pk,)
        return [
            Action("PDF", reverse("grants:plan_pdf", args=key), "file-text"),
            Action("CSV", reverse("grants:plan_csv", args=key), "download"),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(
            **plan_context(self.plan), may_change=self.request.user.has_perm(_RIGHT), **more
        )


def plan_context(plan: Plan) -> dict[str, Any]:
    """Needs by kind and resources by how sure they are, with their sums."""
    order = {code: rank for rank, code in enumerate(PlanNeed.Kind.values)}
    needs = sorted(plan.needs, key=lambda line: order[line.kind])
    return {
        "plan": plan,
        "needs": [
            (kind_words(rows[0]), rows, sum(row.amount for row in rows))
            for _kind, group in groupby(needs, key=lambda line: line.kind)
            if (rows := list(group))
        ],
        "resources": [
            (
                label,
                [(line, kind_words(line)) for line in plan.resources if line.certainty == code],
                plan.sure(code),
            )
            for code, label in Certainty.choices
        ],
        "gap": plan.gap,
        "over": -plan.gap,
        "gap_when_certain": plan.gap_when_certain,
    }


class PlanCsv(OfPlan):
    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        header = (
            _("Side"),
            _("Kind"),
            _("Label"),
            _("How sure"),
            _("Amount"),
            _("Where it comes from"),
        )
        name = f"{file_name('plan-de-financement', self.object)}.csv"
        return csv_response(name, header, self.cells())

    def cells(self) -> Iterator[tuple[Any, ...]]:
        need, resource = pgettext("plan", "Need"), pgettext("plan", "Resource")
        for line in self.plan.needs:
            yield (need, kind_words(line), line.label, "", line.amount, "")
        for line in self.plan.resources:
            sure = certainty_words(line.certainty)
            yield (resource, kind_words(line), line.label, sure, line.amount, line.detail)
        yield (_("Gap"), "", "", "", self.plan.gap, "")


class PlanPdf(OfPlan):
    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        context = {**plan_context(self.plan), "coop": self.object}
        content = print_page("grants/print/plan.html", context, on=self.today)
        name = f"{file_name('plan-de-financement', self.object)}.pdf"
        return file_response(content, name, "application/pdf", inline=True)


class OfLine(FormPage):
    """A line typed in the plan."""

    @property
    def coop(self) -> Any:
        return self.parent if self.parent is not None else self.object.coop

    def get_facts(self) -> str:
        return str(self.coop)

    def get_back(self) -> tuple[str, Any]:
        return (plan_url(self.coop), _("Financing plan"))

    def get_success_url(self, done: Any) -> str:
        return plan_url(self.coop)


class NeedAdd(OfLine):
    parent_model, parent_kwarg = Coop, "coop_pk"
    form_class, title = forms_files.NeedForm, gettext_lazy("Something to pay for")
    explains = gettext_lazy("One thing the project has to pay for: works, stock, rent, fees.")

    def perform(self, form: Any) -> PlanNeed:
        return actions.add_need(self.parent, **form.cleaned_data, **self.act())


class ResourceAdd(OfLine):
    parent_model, parent_kwarg = Coop, "coop_pk"
    form_class, title = forms_files.ResourceForm, gettext_lazy("Money from elsewhere")
    explains = gettext_lazy("Savings, loans, gifts: what pays besides the grants filed here.")

    def perform(self, form: Any) -> PlanResource:
        return actions.add_resource(self.parent, **form.cleaned_data, **self.act())


class NeedEdit(OfLine):
    model, form_class, title = PlanNeed, forms_files.NeedForm, gettext_lazy("Something to pay for")
    explains = gettext_lazy("The plan is added up again as soon as it is saved.")
    select_related = ("coop__organisation",)

    def get_actions(self) -> list[Action]:
        url = reverse("grants:need_remove", args=(self.object.pk,))
        return [Action(_("Remove"), url, "trash-2", _RIGHT)]

    def perform(self, form: Any) -> PlanNeed:
        return actions.edit_need(self.object, **form.cleaned_data, **self.act())


class ResourceEdit(OfLine):
    model, form_class = PlanResource, forms_files.ResourceForm
    title = gettext_lazy("Money from elsewhere")
    explains = gettext_lazy("The plan is added up again as soon as it is saved.")
    select_related = ("coop__organisation",)

    def get_actions(self) -> list[Action]:
        url = reverse("grants:resource_remove", args=(self.object.pk,))
        return [Action(_("Remove"), url, "trash-2", _RIGHT)]

    def perform(self, form: Any) -> PlanResource:
        return actions.edit_resource(self.object, **form.cleaned_data, **self.act())


class LineRemove(OfLine):
    title, submit_label = gettext_lazy("Remove this line"), gettext_lazy("Remove")
    submit_icon = "trash-2"
    select_related = ("coop__organisation",)

    def get_facts(self) -> str:
        return f"{self.object.label} · {self.coop}"

    def perform(self, form: Any) -> Coop:
        return actions.remove_plan_line(self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return plan_url(done)


class NeedRemove(LineRemove):
    explains = gettext_lazy("The line leaves the plan, whose totals are made again.")
    model = PlanNeed


class ResourceRemove(LineRemove):
    explains = gettext_lazy("The line leaves the plan, whose totals are made again.")
    model = PlanResource
