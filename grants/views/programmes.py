"""Programmes of funders and their calls."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim.formats import money, plain_number
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage
from grants import actions
from grants.forms import CallForm, ProgrammeForm
from grants.models import Call, GrantApplication, Programme
from grants.views.tabs import Tabbed

SHOWN = 12


def _percent(value: Any) -> str:
    return f"{plain_number(value)}\u00a0%" if value is not None else ""


class ProgrammeList(Tabbed, ListPage):
    tab = "programmes"
    template_name = "grants/list.html"
    model, title, order = Programme, gettext_lazy("Programmes"), ("search_key",)
    columns = (
        Column(gettext_lazy("Programme"), "name", phone="title"),
        Column(gettext_lazy("Funder"), "funder.name", phone="sub"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="side"),
        Column(gettext_lazy("Rate cap"), lambda row: _percent(row.rate_cap), end=True),
        Column(gettext_lazy("Amount cap"), "amount_cap", "money", phone="amount"),
        Column(gettext_lazy("Success fee"), "get_success_fee_allowed_display", phone="hide"),
    )
    chips = (
        Chips(
            "kind",
            (("", pgettext_lazy("programmes", "All")), *Programme.Kind.choices),
            lambda rows, value, page: rows.filter(kind=value),
            gettext_lazy("Kind"),
        ),
    )
    search_fields = ("search_key",)
    search_label = gettext_lazy("Programme or funder")
    empty_title = gettext_lazy("No programme yet.")
    empty_text = gettext_lazy("Add the aids your coops may ask for, each with its rules.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.current().select_related("funder")

    def get_primary(self) -> Action:
        url = reverse("grants:programme_new")
        return Action(_("New programme"), url, "plus", "grants.change_programme")


class ProgrammePage(DetailPage):
    model = Programme
    template_name = "grants/programme.html"
    select_related = ("funder",)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:programmes"), _("Programmes"))

    def get_facts(self) -> str:
        return f"{self.object.funder} · {self.object.get_kind_display()}"

    def get_primary(self) -> Action:
        url = f"{reverse('grants:application_new')}?programme={self.object.pk}"
        return Action(_("New application"), url, "plus", "grants.change_application")

    def get_actions(self) -> list[Action]:
        key, right = (self.object.pk,), "grants.change_programme"
        return [
            Action(_("Edit"), reverse("grants:programme_edit", args=key), "pencil", right),
            Action(_("New call"), reverse("grants:call_new", args=key), "calendar-plus", right),
        ]

    def get_rules(self) -> list[tuple[str, str]]:
        p = self.object
        yes = _("Yes")
        return [
            (_("It pays"), p.get_pays_display()),
            (_("Rate cap"), _percent(p.rate_cap)),
            (_("Amount cap"), money(p.amount_cap) if p.amount_cap is not None else ""),
            (_("Amount floor"), money(p.amount_floor) if p.amount_floor is not None else ""),
            (_("Public aid cap"), _percent(p.public_aid_cap)),
            (_("Minimum own share"), _percent(p.own_share_minimum)),
            (
                _("Maximum price of a day"),
                money(p.day_rate_cap) if p.day_rate_cap is not None else "",
            ),
            (_("Travel is eligible"), yes if p.travel_eligible else ""),
            (_("Reimburses paid expenses only"), yes if p.paid_expenses_only else ""),
            (_("No commitment before the acknowledgement"), yes if p.no_early_commitment else ""),
            ("De minimis", yes if p.is_de_minimis else ""),
            (_("Success fee allowed"), p.get_success_fee_allowed_display()),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        rows = GrantApplication.objects.visible_to(user).filter(programme=self.object)
        found = rows.select_related("applicant").order_by("-spotted_on", "-pk")[:SHOWN]
        return super().get_context(
            rules=self.get_rules(),
            calls=self.object.calls.order_by("-deadline", "-pk")[:SHOWN],
            applications=found if user.has_perm("grants.view_application") else None,
            may_change=user.has_perm("grants.change_programme"),
            **more,
        )


class ProgrammeCreate(FormPage):
    form_class, title = ProgrammeForm, gettext_lazy("New programme")
    template_name = "grants/form.html"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:programmes"), _("Programmes"))

    def perform(self, form: Any) -> Programme:
        return actions.create_programme(**form.cleaned_data, **self.act())


class ProgrammeEdit(FormPage):
    model, form_class = Programme, ProgrammeForm
    template_name = "grants/form.html"
    title = gettext_lazy("Edit the programme")

    def perform(self, form: Any) -> Programme:
        return actions.edit_programme(self.object, **form.cleaned_data, **self.act())


class CallCreate(FormPage):
    parent_model, parent_kwarg = Programme, "programme_pk"
    form_class, title = CallForm, gettext_lazy("New call")

    def perform(self, form: Any) -> Call:
        return actions.create_call(programme=self.parent, **form.cleaned_data, **self.act())


class CallEdit(FormPage):
    model, form_class, title = Call, CallForm, gettext_lazy("Edit the call")

    def perform(self, form: Any) -> Call:
        return actions.edit_call(self.object, **form.cleaned_data, **self.act())
