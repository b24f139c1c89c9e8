"""Programmes of funders and their calls."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from essaim.formats import money, plain_number
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage
from grants import actions
from grants.catalogue import recheck_before
from grants.filters import ProgrammeFilter
from grants.forms_catalogue import CallForm, ProgrammeForm
from grants.models import Call, GrantApplication, Programme
from grants.views.tabs import Tabbed

SHOWN = 12


def _percent(value: Any) -> str:
    return f"{plain_number(value)}\u00a0%" if value is not None else ""


def _report_words(p: Programme) -> str:
    """When the report is due, in one line."""
    if not p.report_rule:
        return ""
    rule = str(p.get_report_rule_display())
    if p.report_months is None or p.report_rule == Programme.ReportRule.AGREEMENT:
        return rule
    words = ngettext("%(n)s month", "%(n)s months", p.report_months) % {"n": p.report_months}
    return f"{words} · {rule}"


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
        Column(
            gettext_lazy("Checked on"),
            "checked_on",
            template="grants/_checked_cell.html",
            phone="badge",
        ),
    )
    chips = (
        Chips(
            "show",
            (
                ("", pgettext_lazy("programmes", "In the catalogue")),
                ("open", pgettext_lazy("programmes", "With a call open now")),
                ("recheck", pgettext_lazy("programmes", "To check again")),
                ("archived", pgettext_lazy("programmes", "Archived")),
            ),
            lambda rows, value, page: page.shown(rows, value),
            gettext_lazy("Which ones"),
        ),
    )
    filterset_class = ProgrammeFilter
    search_fields = ("search_key",)
    search_label = gettext_lazy("Programme or funder")
    empty_title = gettext_lazy("No programme yet.")
    explains = gettext_lazy("Who helps with what, and since when its rules were read.")
    about = "dispositif"
    empty_text = gettext_lazy("Add the aids your coops may ask for, each with its rules.")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("funder")

    def filtered(self) -> Any:
        rows = super().filtered()
        # Archived ones come back only when they are asked for.
        return rows if self.request.GET.get("show") == "archived" else rows.filter(archived_on=None)

    @cached_property
    def recheck_before(self) -> Any:
        return recheck_before(self.today)

    def shown(self, rows: Any, value: str) -> Any:
        if value == "open":
            opened = Call.objects.open(on=self.today, at=timezone.now())
            return rows.filter(pk__in=opened.values("programme"))
        if value == "recheck":
            return rows.to_recheck(before=self.recheck_before)
        return rows.exclude(archived_on=None)

    def get_actions(self) -> list[Action]:
        right = "grants.change_programme"
        return [
            Action(
                pgettext("catalogue", "Checks"), reverse("grants:recheck"), "calendar-check", right
            )
        ]

    def get_primary(self) -> Action:
        url = reverse("grants:programme_new")
        return Action(_("New programme"), url, "plus", "grants.change_programme")


class ProgrammePage(DetailPage):
    explains = gettext_lazy(
        "Its rules, its calls, what it asks and how it pays: read it before a file."
    )
    about = "dispositif"
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
            Action(
                _("Checked today"), reverse("grants:checked", args=key), "calendar-check", right
            ),
            Action(
                _("Take out of the archive") if self.object.archived_on else _("Archive"),
                reverse("grants:programme_archive", args=key),
                "archive",
                right,
            ),
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
            (_("Public money"), yes if p.is_public else _("No")),
            (_("Flat rate of cost claims"), _percent(p.flat_rate)),
            (_("Financial report"), _report_words(p)),
            (_("Success fee allowed"), p.get_success_fee_allowed_display()),
        ]

    @property
    def is_stale(self) -> bool:
        checked = self.object.checked_on
        return checked is None or checked < recheck_before(self.today)

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        rows = GrantApplication.objects.visible_to(user).filter(programme=self.object)
        found = rows.select_related("applicant").order_by("-spotted_on", "-pk")[:SHOWN]
        return super().get_context(
            rules=self.get_rules(),
            calls=self.object.calls.current().order_by("-deadline", "-pk")[:SHOWN],
            kinds=list(self.object.piece_kinds.all()),
            is_stale=self.is_stale,
            applications=found if user.has_perm("grants.view_application") else None,
            may_change=user.has_perm("grants.change_programme"),
            **more,
        )


class ProgrammeCreate(FormPage):
    form_class, title = ProgrammeForm, gettext_lazy("New programme")
    explains = gettext_lazy("Written once, then used by every file; its calls are added after.")
    template_name = "grants/form.html"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:programmes"), _("Programmes"))

    def perform(self, form: Any) -> Programme:
        return actions.create_programme(**form.cleaned_data, **self.act())


class ProgrammeEdit(FormPage):
    model, form_class = Programme, ProgrammeForm
    template_name = "grants/form.html"
    title = gettext_lazy("Edit the programme")
    explains = gettext_lazy("Files to come follow these rules; note the page they come from.")

    def perform(self, form: Any) -> Programme:
        return actions.edit_programme(self.object, **form.cleaned_data, **self.act())


class CallCreate(FormPage):
    template_name = "grants/form.html"
    parent_model, parent_kwarg = Programme, "programme_pk"
    form_class, title = CallForm, gettext_lazy("New call")
    explains = gettext_lazy(
        "A call opens and closes: its last day joins the calendar of deadlines."
    )

    def perform(self, form: Any) -> Call:
        return actions.create_call(programme=self.parent, **form.cleaned_data, **self.act())


class CallEdit(FormPage):
    template_name = "grants/form.html"
    model, form_class, title = Call, CallForm, gettext_lazy("Edit the call")
    explains = gettext_lazy("Files of this call follow its new dates.")

    def perform(self, form: Any) -> Call:
        return actions.edit_call(self.object, **form.cleaned_data, **self.act())
