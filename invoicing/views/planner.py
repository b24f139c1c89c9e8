"""« Il leur faut neuf mois »: lawful plans from an agreement, a draft, or figures alone."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile
from essaim.legal_figures import Kind
from essaim.models import LegalFigure
from essaim.models.legal import caps, figure
from essaim.money import ZERO
from essaim.terms import PUBLIC, Term, ways_text
from essaim.views import FormPage, Page
from essaim.workflow import Missing, Refused
from invoicing import rules_planner as planner
from invoicing.actions.planner import (
    apply_deposits,
    apply_phases,
    apply_schedule,
    apply_subscription,
    is_in_force,
)
from invoicing.copies import vat_for
from invoicing.forms_terms import PlannerForm
from invoicing.models import Invoice
from invoicing.rules import DEBITS, TAXED
from invoicing.taxing import taxed_on
from invoicing.views.bill import found_or_404
from missions.models import Agreement

NAMES = {
    planner.PHASES: gettext_lazy("Phases, each invoiced when it is accepted"),
    planner.DEPOSITS: gettext_lazy("Monthly deposits before completion, then the balance"),
    planner.SUBSCRIPTION: gettext_lazy("A monthly subscription"),
    planner.SUBSIDY: gettext_lazy("Phases, and the share tied to the grant at its trigger"),
    planner.THIRD: gettext_lazy("A public third party pays its part of each phase"),
    planner.SCHEDULE: gettext_lazy("One invoice now, in instalments"),
}
BILLS = {
    "phase": gettext_lazy("Phase"),
    "deposit": gettext_lazy("Deposit"),
    "final": gettext_lazy("Balance"),
    "subscription": gettext_lazy("Subscription"),
    "subsidy_share": gettext_lazy("Share tied to the grant"),
    "third": gettext_lazy("Third party"),
    "instalment": gettext_lazy("Instalment"),
}
HELPS = {
    planner.PHASES: gettext_lazy(
        "Write the phases in the agreement; each is billed once the client accepts it in writing."
    ),
    planner.DEPOSITS: gettext_lazy(
        "Say in the agreement that deposits are called each month; the balance takes them off."
    ),
    planner.SUBSCRIPTION: gettext_lazy(
        "For help that goes on: an agreement with a monthly price, billed as it goes."
    ),
    planner.SUBSIDY: gettext_lazy(
        "Needs an active clause on the agreement; nothing is due if the grant is not paid."
    ),
    planner.THIRD: gettext_lazy(
        "Name the payer and its percent among the payers of the agreement."
    ),
    planner.SCHEDULE: gettext_lazy(
        "The only one that changes nothing in the contract; it stays within the legal limit."
    ),
}

# What is called under an agreement in force, and the right each asks for.
IN_FORCE = {
    planner.DEPOSITS: "invoicing.draft_invoice",
    planner.SUBSCRIPTION: "invoicing.change_recurring",
}
OF_AGREEMENT = {
    planner.PHASES: apply_phases,
    planner.DEPOSITS: apply_deposits,
    planner.SUBSCRIPTION: apply_subscription,
}


class WishPage(Page):
    """A page about a wish: figures of the form, from a draft, an agreement or nothing."""

    def load(self) -> None:
        super().load()
        self.invoice = self.agreement = None
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        user = self.request.user
        if key := given.get("invoice", ""):
            rows = Invoice.objects.visible_to(user).select_related("client", "agreement", "issuer")
            self.invoice = found_or_404(rows, key)
        elif key := given.get("agreement", ""):
            rows = Agreement.objects.visible_to(user).select_related("client")
            self.agreement = found_or_404(rows, key)

    @cached_property
    def client(self) -> Any:
        held = self.invoice or self.agreement
        return held.client if held is not None else None

    def known(self) -> dict[str, Any]:
        """What the draft or the agreement says already."""
        found: dict[str, Any] = {"months": 9}
        if self.client is not None:
            found["client_kind"] = self.client.client_kind
        if self.invoice is not None:
            draft = taxed_on(self.invoice, self.today)
            found |= {"net": draft.net, "term_days": draft.term_days}
            found["term_method"] = draft.term_method
        elif self.agreement is not None:
            a = self.agreement
            price = getattr(a, "price", None) or (a.days_budgeted or ZERO) * a.daily_rate
            found |= {"net": price or None, "term_days": a.payment_days}
            found["term_method"] = a.payment_method
        return found

    @cached_property
    def profile(self) -> Any:
        return IssuerProfile.objects.at(self.today)

    def vat_rate(self) -> Decimal:
        if self.profile is None or self.profile.regime not in TAXED:
            return ZERO
        if self.client is not None:
            return vat_for(self.profile, self.client, self.today)[0]
        return figure(Kind.VAT_STANDARD, self.today)

    def wish(self, data: dict[str, Any]) -> planner.Wish:
        """The figures typed, as the rules take them."""
        return planner.Wish(
            net=data["net"],
            months=data["months"],
            start=self.today,
            client_kind=data["client_kind"],
            term=Term(data["term_days"], data["term_method"]),
            caps=caps(self.today),
            vat_rate=self.vat_rate(),
            on_receipts=self.profile is None or self.profile.regime != DEBITS,
            subsidy=data.get("subsidy") or ZERO,
            subsidy_on=data.get("subsidy_on"),
            third_percent=data.get("third_percent") or ZERO,
        )

    def get_back(self) -> tuple[str, Any]:
        held = self.invoice or self.agreement
        if held is not None:
            return (held.get_absolute_url(), str(held))
        return (reverse("invoicing:to_bill"), _("To bill"))


class Planner(WishPage):
    """Ask for the months wanted; show each lawful plan month by month."""

    template_name = "invoicing/planner.html"
    title = gettext_lazy("They need more time")
    explains = gettext_lazy("What gives time lawfully, and what each way brings, month by month.")
    about = "delai-de-paiement"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = "net" in request.GET
        options: dict[str, Any] = {"user": request.user, "on": self.today}
        form = PlannerForm(request.GET if asked else None, initial=self.known(), **options)
        if not asked:
            return self.show(form=form)
        if not form.is_valid():
            return self.show(status=422, form=form)
        return self.show(form=form, **self.answer(form.cleaned_data))

    def answer(self, data: dict[str, Any]) -> dict[str, Any]:
        wish = self.wish(data)
        problem = planner.refusal(wish)
        kind = Kind.CAP_PUBLIC if wish.client_kind == PUBLIC else Kind.CAP_PROFESSIONAL
        return {
            "wish": wish,
            "problem": problem,
            "reference": LegalFigure.objects.source_of(kind, self.today),
            "ways": list(ways_text(problem.ways).values()) if problem else [],
            "plans": [self.shown(plan, wish) for plan in planner.plans(wish)],
        }

    def shown(self, plan: planner.Plan, wish: planner.Wish) -> dict[str, Any]:
        """One plan, for its card."""
        return {
            "code": plan.code,
            "name": NAMES[plan.code],
            "help": HELPS[plan.code],
            "plan": plan,
            "months": plan.months(),
            "bills": [(BILLS[bill.kind], bill) for bill in plan.bills],
            "reaches": plan.reaches(wish),
            "may_apply": self.may_apply(plan.code),
        }

    def may_apply(self, code: str) -> bool:
        may = self.request.user.has_perm
        if code == planner.SCHEDULE:
            draft = self.invoice is not None and not self.invoice.is_issued
            return bool(draft and may("invoicing.draft_invoice"))
        if code in IN_FORCE:
            ready = self.agreement is not None and is_in_force(self.agreement)
            return bool(ready and may(IN_FORCE[code]))
        if code == planner.PHASES:
            draft = self.agreement is not None and self.agreement.state == Agreement.State.DRAFT
            return bool(draft and may("missions.change_agreement"))
        return False

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(invoice=self.invoice, agreement=self.agreement, **more)


class PlannerApply(WishPage, FormPage):
    """One click: phases, deposits or a subscription of the agreement, or a draft's instalments."""

    form_class = PlannerForm
    title = gettext_lazy("They need more time")
    explains = gettext_lazy("The plan chosen is written once; you may change its dates after.")
    submit_label = gettext_lazy("Apply")
    success_message = gettext_lazy("The plan is applied.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("invoicing:planner")

    def perform(self, form: Any) -> Any:
        wish, code = self.wish(form.cleaned_data), self.request.POST.get("plan", "")
        if code in OF_AGREEMENT and self.agreement is not None:
            return OF_AGREEMENT[code](agreement=self.agreement, wish=wish, **self.act())
        if code == planner.SCHEDULE and self.invoice is not None:
            return apply_schedule(invoice=self.invoice, wish=wish, **self.act())
        words = _("This plan is written by hand, in the agreement: choose another one to apply.")
        raise Refused([Missing("plan", words)])
