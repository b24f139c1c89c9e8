"""Subsidy-share clauses: write, complete, activate, and what they brought."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import IssuerProfile
from essaim.form_keys import Step
from essaim.money import ZERO, cents
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, TransitionPage
from essaim.workflow import Missing, Refused, missing
from invoicing import actions, rules
from invoicing.dues import due_fees, terms_of
from invoicing.forms import ClauseForm, FundingLinkForm, PickAgreementForm
from invoicing.models import SubsidyShareClause
from invoicing.trail import ICONS, entries_of
from invoicing.views.bill import found_or_404, room_tabs
from missions.models import Agreement


class ClauseList(ListPage):
    """Clauses, the newest first."""

    model = SubsidyShareClause
    title = gettext_lazy("Fees tied to grants")
    template_name = "invoicing/clauses.html"
    select_related = ("agreement__client", "agreement__coop__organisation")
    search_fields = ("agreement__title", "agreement__client__search_key")
    search_label = gettext_lazy("Agreement or client")
    empty_title = gettext_lazy("No clause yet.")
    explains = gettext_lazy(
        "Fees tied to a grant: what share, of which grant, and what came of it."
    )
    about = "honoraires-lies"
    empty_text = gettext_lazy(
        "A clause says which share of a grant pays our work, and within what cap."
    )
    empty_icon = "percent"
    columns = (
        Column(gettext_lazy("Agreement"), "agreement.title", phone="title"),
        Column(gettext_lazy("Client"), "agreement.client", phone="sub"),
        Column(gettext_lazy("Rate (%)"), "rate", "number", phone="amount"),
        Column(gettext_lazy("Base"), "get_base_display", phone="side"),
        Column(gettext_lazy("Cap (EUR)"), "cap", "money", phone="hide"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    chips = (
        Chips(
            "show",
            (
                ("", pgettext_lazy("clauses", "All")),
                ("draft", SubsidyShareClause.State.DRAFT.label),
                ("active", SubsidyShareClause.State.ACTIVE.label),
                ("ended", SubsidyShareClause.State.ENDED.label),
            ),
            lambda rows, value, page: rows.filter(state=value),
            gettext_lazy("State"),
        ),
    )

    def get_primary(self) -> Action:
        url = reverse("invoicing:clause_new")
        return Action(_("New clause"), url, "plus", "invoicing.change_clause")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(tabs=room_tabs(self, "clauses"), **more)


class ClausePage(DetailPage):
    """One clause: its terms, what it lacks, what is due and what it brought."""

    explains = gettext_lazy(
        "The share agreed, what it still lacks, what is due and what it brought."
    )
    about = "honoraires-lies"

    model = SubsidyShareClause
    select_related = ("agreement__client", "agreement__coop__organisation")
    template_name = "invoicing/clause.html"

    def get_title(self) -> str:
        return _("Fees tied to the grant")

    def get_facts(self) -> str:
        agreement = self.object.agreement
        return f"{agreement.client} · {agreement.title}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:clauses"), _("Fees tied to grants"))

    @property
    def is_draft(self) -> bool:
        return bool(self.object.state == SubsidyShareClause.State.DRAFT)

    def get_actions(self) -> Sequence[Action]:
        if not self.is_draft:
            return ()
        url = reverse("invoicing:clause_edit", args=(self.object.pk,))
        return (Action(_("Change"), url, "pencil", "invoicing.change_clause"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        clause = self.object
        user = self.request.user
        applications = list(clause.applications.select_related("programme__funder"))
        fees = clause.fees.select_related("line__invoice", "application").order_by("pk")
        more |= {
            "clause": clause,
            "applications": applications,
            "lacking": missing(clause, "activate", by=user, on=self.today) if self.is_draft else [],
            "due": due_fees(clause),
            "fees": list(fees),
            "simulation": simulation(clause, applications, self.vat_rate()),
            "trail": entries_of(clause),
            "trail_icons": ICONS,
            "may_draft": user.has_perm("invoicing.draft_invoice"),
        }
        return super().get_context(**more)

    def vat_rate(self) -> Decimal:
        profile = IssuerProfile.objects.at(self.today)
        return Decimal(profile.vat_rate) if profile is not None else ZERO


def simulation(
    clause: SubsidyShareClause, applications: Sequence[Any], vat_rate: Decimal
) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """(case, aid, fee net, fee gross): refused, paid in full, reduced by a fifth, clawed back."""
    if clause.rate is None:
        return []
    asked = (a.granted_amount or a.requested or ZERO for a in applications)
    aid = cents(sum(asked, ZERO)) or Decimal("10000.00")
    cases = (
        (_("Aid refused"), ZERO),
        (_("Aid paid in full"), aid),
        (_("Aid reduced by a fifth"), cents(aid * Decimal("0.8"))),
        (_("Aid clawed back"), ZERO),
    )
    found = []
    for words, paid in cases:
        net = rules.subsidy_due(terms_of(clause), [paid])
        found.append((words, paid, net, cents(net * (100 + vat_rate) / 100)))
    return found


class ClauseNew(FormPage):
    """A new clause: first the agreement, then its terms."""

    title = gettext_lazy("New clause")
    explains = gettext_lazy(
        "Under an agreement: which grant, what share of it, and when it is due."
    )
    about = "honoraires-lies"
    template_name = "invoicing/clause_form.html"

    def load(self) -> None:
        super().load()
        self.agreement = None
        if key := self.request.GET.get("agreement"):
            rows = Agreement.objects.visible_to(self.request.user).select_related("client")
            self.agreement = found_or_404(rows, key)

    def get_facts(self) -> str:
        return str(self.agreement) if self.agreement else _("Under which agreement?")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:clauses"), _("Fees tied to grants"))

    def get_form_class(self) -> Any:
        return ClauseForm if self.agreement else PickAgreementForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"agreement": self.agreement} if self.agreement else {}

    def get_submit_label(self) -> Any:
        return _("Save the draft") if self.agreement else _("Go on")

    def perform(self, form: Any) -> Any:
        if self.agreement is None:
            return form.cleaned_data["agreement"]
        return actions.save_clause(agreement=self.agreement, **form.cleaned_data, **self.act())

    def done(self, done: Any) -> HttpResponseBase:
        if isinstance(done, Agreement):
            return Step(f"{self.request.path}?agreement={done.pk}")
        return super().done(done)


class ClauseEdit(FormPage):
    """Change a draft clause; an active one is ended and another written."""

    model = SubsidyShareClause
    select_related = ("agreement__client",)
    form_class = ClauseForm
    template_name = "invoicing/clause_form.html"
    title = gettext_lazy("Change the clause")
    explains = gettext_lazy(
        "Only a draft changes; an active clause is ended and another one written."
    )

    def get_facts(self) -> str:
        return str(self.object.agreement)

    def check(self) -> None:
        super().check()
        if self.object.state != SubsidyShareClause.State.DRAFT:
            words = _("An active clause is not changed: end it and write another.")
            raise Refused([Missing("state", words)])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"agreement": self.object.agreement}

    def perform(self, form: Any) -> SubsidyShareClause:
        return actions.save_clause(
            clause=self.object,
            agreement=self.object.agreement,
            **form.cleaned_data,
            **self.act(),
        )


def _activate(clause: SubsidyShareClause, **data: Any) -> Any:
    return actions.activate_clause(clause=clause, **data)


def _end(clause: SubsidyShareClause, *, reasons: Any = None, **data: Any) -> Any:
    return actions.end_clause(clause=clause, **data)


class ClauseMove(TransitionPage):
    """Activate or end a clause; a warning asks one sentence."""

    model = SubsidyShareClause
    select_related = ("agreement",)
    actions = {"activate": _activate, "end": _end}
    helps = {
        "activate": gettext_lazy(
            "From now on each payment of the grant proposes its fee. The terms are frozen."
        ),
        "end": gettext_lazy("No more fees will come from this clause."),
    }


class FundingLinkNew(FormPage):
    """Say which grant pays an agreement."""

    parent_model = Agreement
    form_class = FundingLinkForm
    title = gettext_lazy("What pays this agreement?")
    explains = gettext_lazy("This tie lets reports say which grant paid which day.")
    submit_label = gettext_lazy("Tie them")
    submit_icon = "link"
    success_message = gettext_lazy("The agreement is tied to its funding.")

    def get_facts(self) -> str:
        return str(self.parent)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"agreement": self.parent}

    def perform(self, form: Any) -> Any:
        given = form.cleaned_data
        return actions.link_funding(
            agreement=self.parent,
            application=given["application"],
            # The application knows its programme.
            programme=None if given["application"] else given["programme"],
            **self.act(),
        )
