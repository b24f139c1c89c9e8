"""Applications: the list, the page of one, its moves and its other funders."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Coop
from essaim.formats import money
from essaim.money import ZERO
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, TransitionPage
from grants import actions, forms, rules
from grants.filters import ApplicationFilter
from grants.guards import received_so_far
from grants.models import CoFunder, GrantApplication, Programme
from grants.payments import in_order
from grants.states import AT_THE_FUNDER, ENDED, TO_SUBMIT, UNDER_WAY
from grants.views.tabs import Tabbed
from grants.views.told import (
    amounts_of,
    dates_of,
    financing_of,
    off_words,
    spent_of,
    steps_of,
    trail_of,
)

TABS = {
    "to_submit": TO_SUBMIT,
    "waiting": AT_THE_FUNDER,
    "granted": UNDER_WAY,
    "ended": ENDED,
}


def _next_date(row: GrantApplication) -> Any:
    """The next date that matters in this state."""
    if row.state in TO_SUBMIT:
        return row.call.deadline if row.call else None
    if row.state in AT_THE_FUNDER:
        return row.committee_on
    return row.report_due_on if row.report_sent_on is None else None


class ApplicationList(Tabbed, ListPage):
    tab = "applications"
    template_name = "grants/list.html"
    model, title, order = GrantApplication, gettext_lazy("Funding"), ("-spotted_on",)
    columns = (
        Column(gettext_lazy("Application"), "title", phone="title"),
        Column(gettext_lazy("Applicant"), "applicant.name", phone="sub"),
        Column(gettext_lazy("Programme"), "programme.name", phone="sub"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
        Column(gettext_lazy("Next date"), _next_date, "when", phone="side"),
        Column(pgettext_lazy("amount", "Requested"), "requested", "money", phone="hide"),
        Column(pgettext_lazy("amount", "Granted"), "granted_amount", "money", phone="amount"),
    )
    chips = (
        Chips(
            "show",
            (
                ("", pgettext_lazy("applications", "All")),
                ("to_submit", pgettext_lazy("applications", "To submit")),
                ("waiting", pgettext_lazy("applications", "At the funder")),
                ("granted", pgettext_lazy("applications", "Granted")),
                ("ended", pgettext_lazy("applications", "Ended")),
            ),
            lambda rows, value, page: rows.filter(state__in=TABS[value]),
            gettext_lazy("Where it stands"),
        ),
        Chips(
            "who",
            (
                ("", pgettext_lazy("applications", "Everybody's")),
                ("me", pgettext_lazy("applications", "Mine")),
            ),
            lambda rows, value, page: rows.filter(owner=page.request.user),
            gettext_lazy("Whose"),
        ),
    )
    filterset_class = ApplicationFilter
    search_fields = ("title", "applicant__search_key", "programme__search_key")
    search_label = gettext_lazy("Title, applicant, programme or funder")
    empty_title = gettext_lazy("No application yet.")
    explains = gettext_lazy(
        "Every file, from the first idea to the last payment, and what each one waits for."
    )
    about = "dossier"
    empty_text = gettext_lazy(
        "Spot an aid for a coop, then follow it from the file to the last payment."
    )

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("applicant", "programme", "call")

    def get_primary(self) -> Action:
        url = reverse("grants:application_new")
        return Action(_("New application"), url, "plus", "grants.change_application")


class ApplicationPage(DetailPage):
    explains = gettext_lazy("Where the file stands, what it lacks, and what the funder still owes.")
    about = "dossier"
    model = GrantApplication
    template_name = "grants/application.html"
    select_related = ("applicant__structure", "coop", "programme__funder", "call", "owner")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:applications"), _("Funding"))

    def get_facts(self) -> str:
        a = self.object
        return f"{a.applicant} · {a.programme} · {a.programme.funder}"

    def get_actions(self) -> list[Action]:
        key, right = (self.object.pk,), "grants.change_application"
        found = [
            Action(_("Edit"), reverse("grants:application_edit", args=key), "pencil", right),
            Action(_("Summary (PDF)"), reverse("grants:summary", args=key), "file-text"),
        ]
        if self.object.coop_id:
            plan = reverse("grants:plan", args=(self.object.coop_id,))
            found.append(Action(_("Financing plan"), plan, "scale"))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        a, user = self.object, self.request.user
        rows = in_order(list(a.disbursements.all()))
        for row in rows:
            row.application = a
        co_funders = list(a.co_funders.select_related("funder", "own_application").order_by("pk"))
        financing = financing_of(a, co_funders)
        return super().get_context(
            steps=steps_of(a),
            amounts=amounts_of(a),
            dates=dates_of(a),
            disbursements=rows,
            received=sum((r.received_amount or ZERO for r in rows), ZERO),
            awaited=sum((r.expected_amount for r in rows if r.is_expected), ZERO),
            co_funders=co_funders,
            off=[] if a.budget_lines.exists() else off_words(financing),
            trail=trail_of(a, rows, user=user),
            may_plan=a.granted_amount is not None
            and (a.is_granted or a.state == "clawback")
            and user.has_perm("grants.change_disbursement"),
            may_change=user.has_perm("grants.change_application"),
            **more,
        )


class ApplicationCreate(FormPage):
    form_class = forms.ApplicationForm
    title = gettext_lazy("New application")
    explains = gettext_lazy("Spotted is enough to begin: amounts and pieces come later.")

    def get_initial(self) -> dict[str, Any]:
        """`?coop=` and `?programme=` come from the pages of a coop and of a programme."""
        found: dict[str, Any] = {"amounts_are": GrantApplication.AmountsAre.GROSS}
        user, get = self.request.user, self.request.GET
        for name, model in (("coop", Coop), ("programme", Programme)):
            key = get.get(name, "")
            if key.isdecimal() and len(key) < 12:
                found[name] = model.objects.visible_to(user).filter(pk=key).first()
        return found

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:applications"), _("Funding"))

    def perform(self, form: Any) -> GrantApplication:
        return actions.create_application(**form.cleaned_data, **self.act())


class ApplicationEdit(FormPage):
    model, form_class = GrantApplication, forms.ApplicationFactsForm
    template_name = "grants/form.html"
    title = gettext_lazy("Edit the application")
    explains = gettext_lazy(
        "What is asked, of whom, for when; its state moves by the steps of its page."
    )

    def perform(self, form: Any) -> GrantApplication:
        facts = form.cleaned_data
        return actions.edit_application(self.object, **facts, reasons=self.reasons, **self.act())


class CoFunderCreate(FormPage):
    parent_model, parent_kwarg = GrantApplication, "application_pk"
    form_class, title = forms.CoFunderForm, gettext_lazy("Another funder of the project")
    explains = gettext_lazy("Funders want to know who else pays: the budget adds them up.")

    def perform(self, form: Any) -> CoFunder:
        return actions.add_co_funder(self.parent, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return str(self.parent.get_absolute_url())


class ApplicationMove(TransitionPage):
    model = GrantApplication
    select_related = ("applicant", "programme")
    forms = {
        "deposit": forms.DatedForm,
        "rewrite": forms.DatedWhyForm,
        "declare_incomplete": forms.DatedForm,
        "declare_complete": forms.DatedForm,
        "to_committee": forms.CommitteeForm,
        "award": forms.AwardForm,
        "refuse": forms.DatedForm,
        "withdraw": forms.DatedWhyForm,
        "agree": forms.AgreementForm,
        "report": forms.ReportForm,
        "report_sent_back": forms.DatedWhyForm,
        "settle": forms.SettleForm,
        "renounce": forms.DatedWhyForm,
        "lapse": forms.DatedForm,
        "claw_back": forms.ClawbackForm,
    }
    helps = {
        "give_up_waiting": gettext_lazy("An answer may still come: it can be entered later."),
        "renounce": gettext_lazy("Every payment still awaited will be cancelled."),
        "lapse": gettext_lazy("Every payment still awaited will be cancelled."),
        "claw_back": gettext_lazy("A negative payment is added to the plan, to be paid back."),
        "start": gettext_lazy("The expenses begin; keep every invoice of the project."),
    }

    def get_initial(self) -> dict[str, Any]:
        a = self.object
        amounts: dict[str, Callable[[], Any]] = {
            "award": lambda: a.requested,
            "agree": lambda: a.awarded,
            "settle": lambda: self.proposal or a.agreed,
            "report": lambda: spent_of(a),
            "claw_back": lambda: max(received_so_far(a) - (a.granted_amount or ZERO), ZERO) or None,
        }
        start = {
            "dated": self.today,
            "amount": amounts.get(self.edge, lambda: None)(),
            "base": a.eligible_base,
        }
        form_class: Any = self.get_form_class()
        names = form_class.base_fields
        return {k: v for k, v in start.items() if k in names} | super().get_initial()

    @property
    def proposal(self) -> Any:
        """The final grant by the rule of three, when its three amounts are known."""
        a = self.object
        if not a.eligible_base or a.agreed is None or a.justified is None:
            return None
        return rules.final_grant(a.eligible_base, a.agreed, a.justified)

    def perform(self, form: Any) -> Any:
        data = {**form.cleaned_data}
        if self.reasons:
            data["reasons"] = self.reasons
        return actions.move(self.object, self.edge, **self.act(), **data)

    def get_context(self, **more: Any) -> dict[str, Any]:
        context = super().get_context(**more)
        a = self.object
        if self.edge == "settle" and self.proposal is not None:
            words = _(
                "%(agreed)s agreed × %(justified)s justified / %(base)s of eligible base "
                "= %(final)s. The payments still awaited will follow."
            )
            context["help"] = words % {
                "agreed": money(a.agreed),
                "justified": money(a.justified),
                "base": money(a.eligible_base),
                "final": money(self.proposal),
            }
        return context
