"""Payments of funders: the awaited list, planning, and what came of each."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim.money import ZERO, cents
from essaim.views import Chips, Column, FormPage, ListPage, TransitionPage
from grants import actions, rules
from grants.forms import AwaitedForm, CancelForm, DatedForm, PlanForm, ReceptionForm
from grants.models import Disbursement, GrantApplication
from grants.views.tabs import Tabbed

NEVER = date(9999, 12, 31)


def _narrowed(rows: Any, value: str, page: Any) -> Any:
    on = page.today
    return {
        "unscheduled": lambda: rows.unscheduled(),
        "late_30": lambda: rows.late_by(1, 30, on=on),
        "late_60": lambda: rows.late_by(31, 60, on=on),
        "late_more": lambda: rows.late_by(61, None, on=on),
    }[value]()


class DisbursementList(Tabbed, ListPage):
    tab = "disbursements"
    template_name = "grants/payments.html"
    model, title = Disbursement, gettext_lazy("Awaited payments")
    order = ("due_sort",)
    columns = (
        Column(gettext_lazy("Application"), "application.title", phone="title"),
        Column(gettext_lazy("Applicant"), "application.applicant.name", phone="sub"),
        Column(gettext_lazy("Funder"), "application.programme.funder.name", phone="hide"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="sub"),
        Column(
            pgettext_lazy("payments", "Expected on"),
            template="grants/_expected_cell.html",
            phone="side",
        ),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
        Column(gettext_lazy("Amount"), "expected_amount", "money", phone="amount"),
        Column(
            gettext_lazy("Has the aid arrived?"), template="grants/_arrival_cell.html", phone="side"
        ),
    )
    chips = (
        Chips(
            "late",
            (
                ("", pgettext_lazy("payments", "All")),
                (rules.UNSCHEDULED, pgettext_lazy("payments", "Unscheduled")),
                (rules.LATE_30, gettext_lazy("Late 1–30 days")),
                (rules.LATE_60, gettext_lazy("31–60")),
                (rules.LATE_MORE, gettext_lazy("60+")),
            ),
            _narrowed,
            gettext_lazy("Lateness"),
        ),
    )
    search_fields = ("application__applicant__search_key", "application__programme__search_key")
    search_label = gettext_lazy("Applicant, programme or funder")
    empty_title = gettext_lazy("No payment is awaited.")
    explains = gettext_lazy("What funders promised and have not paid yet, the oldest first.")
    about = "versement"
    empty_text = gettext_lazy(
        "Once a grant is awarded, plan its advance, its interim payments and its balance."
    )

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(sums=self.sums(), **more)

    def sums(self) -> list[tuple[str, str, Any, int]]:
        """What is awaited in all, and in each list: (chip, words, euros, how many); one query."""
        rows: Any = Disbursement.objects.visible_to(self.request.user).expected()
        on, options = self.today, dict(self.chips[0].options)
        conditions = {
            rules.UNSCHEDULED: Q(expected_on=None),
            rules.LATE_30: Q(expected_on__lt=on, expected_on__gte=on - timedelta(days=30)),
            rules.LATE_60: Q(
                expected_on__lt=on - timedelta(days=30), expected_on__gte=on - timedelta(days=60)
            ),
            rules.LATE_MORE: Q(expected_on__lt=on - timedelta(days=60)),
        }
        asked: dict[str, Any] = {"count_": Count("pk"), "sum_": Sum("expected_amount")}
        for code, condition in conditions.items():
            asked[f"count_{code}"] = Count("pk", filter=condition)
            asked[f"sum_{code}"] = Sum("expected_amount", filter=condition)
        found = rows.order_by().aggregate(**asked)
        return [
            (code, str(options[code]), cents(found[f"sum_{code}"] or ZERO), found[f"count_{code}"])
            for code in ("", *conditions)
        ]

    def get_queryset(self) -> Any:
        awaited: Any = super().get_queryset()
        rows = awaited.expected().select_related(
            "application__applicant", "application__programme__funder"
        )
        never = Value(NEVER, output_field=DateField())
        return rows.annotate(due_sort=Coalesce("expected_on", never))


class DisbursementPlan(FormPage):
    parent_model, parent_kwarg = GrantApplication, "application_pk"
    form_class, title = PlanForm, gettext_lazy("Plan a payment")
    explains = gettext_lazy(
        "An advance, an instalment or the balance: when it is hoped for, and how much."
    )
    success_message = gettext_lazy("The payment is planned.")

    def get_initial(self) -> dict[str, Any]:
        has_some = self.parent.disbursements.exclude(state="cancelled").exists()
        return {"kind": "instalment" if has_some else "advance"}

    def perform(self, form: Any) -> Disbursement:
        return actions.plan_disbursement(
            self.parent, **form.cleaned_data, reasons=self.reasons, **self.act()
        )


class DisbursementEdit(FormPage):
    model, form_class = Disbursement, AwaitedForm
    title = gettext_lazy("Change an awaited payment")
    explains = gettext_lazy(
        "Forecasts follow the new date and amount; what arrived does not change."
    )
    select_related = ("application",)

    def get_initial(self) -> dict[str, Any]:
        names = ("expected_amount", "expected_on", "claim_by", "pieces")
        return {name: getattr(self.object, name) for name in names}

    def perform(self, form: Any) -> Disbursement:
        return actions.edit_disbursement(
            self.object, **form.cleaned_data, reasons=self.reasons, **self.act()
        )


class DisbursementMove(TransitionPage):
    model = Disbursement
    select_related = ("application__coop", "application__applicant")
    forms = {"claim": DatedForm, "receive": ReceptionForm, "cancel": CancelForm}
    actions = {
        "claim": actions.claim_disbursement,
        "receive": actions.receive_disbursement,
        "cancel": actions.cancel_disbursement,
    }
    helps = {
        "claim": gettext_lazy("The applicant has asked the funder for this payment."),
        "receive": gettext_lazy("Has the aid arrived? Enter what stands on the bank statement."),
        "cancel": gettext_lazy("The row stays, with the reason; it is no longer awaited."),
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.object.application.coop} if self.edge == "receive" else {}

    def get_initial(self) -> dict[str, Any]:
        start = {"dated": self.today, "amount": self.object.expected_amount}
        form_class: Any = self.get_form_class()
        names = form_class.base_fields
        return {k: v for k, v in start.items() if k in names} | super().get_initial()

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.application.applicant}"

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object.application))

    def get_success_message(self, done: Any) -> Any:
        if self.edge == "receive" and done.remainders.exists():
            return _("Received. The rest stays awaited.")
        return super().get_success_message(done)
