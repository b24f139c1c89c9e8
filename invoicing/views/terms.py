"""Schedules of drafts, disputes and repayment plans."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.forms import formset_factory
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import add_months
from essaim.money import cents, split
from essaim.terms import WAYS, ways_text
from essaim.tongue import in_french
from essaim.views import Action, DetailPage, FormPage, Page, TransitionPage, file_response
from essaim.workflow import Missing, Refused
from invoicing import actions, forms_terms
from invoicing import rules_schedule as schedules
from invoicing.actions.terms import open_dispute_of
from invoicing.guards_terms import left_of, rows_of
from invoicing.models import Dispute, Invoice, RepaymentPlan
from invoicing.printing_terms import render_plan
from invoicing.scheduling import latest_due, planned_parts
from invoicing.taxing import taxed_on
from invoicing.trail import ICONS, entries_of
from invoicing.views.drafts import DraftPage

ROWS = 6


def _count(text: str, most: int) -> int:
    """A count typed in an address; 0 for anything else."""
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 3 else 0


class ScheduleEdit(DraftPage):
    """The instalments of a draft; sums and lawful dates are said before anything is kept."""

    form_class = forms_terms.BasisForm
    template_name = "invoicing/schedule.html"
    partial = "sum"
    title = gettext_lazy("Instalments")
    explains = gettext_lazy("Spread the payment over several dates: the law caps the last one.")
    about = "echeance"
    submit_label = gettext_lazy("Keep the schedule")
    submit_icon = "calendar-clock"
    success_message = gettext_lazy("The schedule is kept.")

    def load(self) -> None:
        super().load()
        taxed_on(self.object, self.today)

    @cached_property
    def latest(self) -> Any:
        return latest_due(self.object, self.today)

    def get_initial(self) -> dict[str, Any]:
        return {"term_basis": self.object.term_basis}

    def proposed(self) -> Sequence[schedules.PlannedPart]:
        if count := _count(self.request.GET.get("even", ""), 12):
            return schedules.even_plan(self.today, self.latest, count)
        return planned_parts(self.object)

    def get_formsets(self) -> dict[str, Any]:
        rows = [
            {
                "share": p.share,
                "value": None if p.share == schedules.REMAINDER else p.value,
                "days": p.days,
                "due_on": p.due_on,
            }
            for p in self.proposed()
        ]
        extra = max(ROWS - len(rows), 1)
        many = formset_factory(
            forms_terms.InstalmentForm, extra=extra, max_num=schedules.MOST_PARTS
        )
        made: Any = many(
            self.request.POST or None,
            initial=rows,
            prefix="rows",
            form_kwargs={"user": self.request.user, "on": self.today},
        )
        made.label = _("Instalments, in order; an empty row is left out")
        return {"rows": made}

    def parts(self) -> list[schedules.PlannedPart]:
        """The rows typed so far that stand on their own."""
        made = self.formsets["rows"]
        if not made.is_bound:
            return list(self.proposed())
        return [f.part for f in made if f.is_valid() and not f.is_blank]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "preview" in request.POST:
            return self.show(form=self.get_form(), missing=self.missing)
        self.partial = ""
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> Invoice:
        basis = form.cleaned_data.get("term_basis", self.object.term_basis)
        return actions.plan_schedule(
            invoice=self.object, rows=self.parts(), term_basis=basis, **self.act()
        )

    def get_context(self, **more: Any) -> dict[str, Any]:
        parts = self.parts()
        rows = schedules.materialise(self.object.asked, self.today, parts) if parts else ()
        total = sum((r.amount for r in rows), Decimal(0))
        more |= {
            "asked": self.object.asked,
            "latest": self.latest,
            "shown": [(r, self.latest is not None and r.due_on > self.latest) for r in rows],
            "total": total,
            "difference": self.object.asked - total,
            "is_short": bool(rows) and total != self.object.asked,
            "ways": list(ways_text(WAYS).values()),
            "planner": f"{reverse('invoicing:planner')}?invoice={self.object.pk}",
        }
        return super().get_context(**more)


class ClaimPage(FormPage):
    """A form about an issued invoice."""

    model = Invoice
    select_related = ("client",)

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.client}"

    def check(self) -> None:
        super().check()
        if not self.object.is_issued or self.object.is_credit_note:
            raise Refused([Missing("invoice", _("Only an issued invoice has this."))])

    def get_success_url(self, done: Any) -> str:
        return self.object.get_absolute_url()


class DisputeOpen(ClaimPage):
    """The client contests the invoice: its reminders stop until it is closed."""

    form_class = forms_terms.DisputeOpenForm
    title = gettext_lazy("The client contests this invoice")
    explains = gettext_lazy("Its reminders stop while you talk; the debt stays.")
    submit_label = gettext_lazy("Open the dispute")
    submit_icon = "message-square-warning"
    success_message = gettext_lazy("The dispute is open: reminders stop.")

    def perform(self, form: Any) -> Dispute:
        return actions.open_dispute(
            invoice=self.object, words=form.cleaned_data["words"], **self.act()
        )


class DisputeClose(ClaimPage):
    """How the dispute ended; a credit note is made apart."""

    form_class = forms_terms.DisputeCloseForm
    title = gettext_lazy("Close the dispute")
    explains = gettext_lazy("Say how it ended; a credit note, if there is one, is made apart.")
    submit_label = gettext_lazy("Close the dispute")
    submit_icon = "circle-check"
    success_message = gettext_lazy("The dispute is closed.")

    def check(self) -> None:
        super().check()
        if open_dispute_of(self.object) is None:
            raise Refused([Missing("outcome", _("No dispute is open on this invoice."))])

    def perform(self, form: Any) -> Dispute:
        return actions.close_dispute(invoice=self.object, **form.cleaned_data, **self.act())


class PlanNew(ClaimPage):
    """Draw up a repayment plan; the due dates of the invoice stay, and interest runs on."""

    template_name = "invoicing/plan_new.html"
    title = gettext_lazy("Repayment plan")
    explains = gettext_lazy(
        "An agreement with a client who cannot pay at once: dates both sides sign."
    )
    about = "plan-apurement"
    submit_label = gettext_lazy("Draw up the plan")
    submit_icon = "calendar-plus"
    success_message = gettext_lazy("The plan is drawn up: have it signed, then record it.")

    def get_objects(self) -> Any:
        return super().get_objects().with_left()

    def check(self) -> None:
        super().check()
        if self.object.left <= 0:
            raise Refused([Missing("rows", _("Nothing is left to pay on this invoice."))])

    def get_formsets(self) -> dict[str, Any]:
        count = _count(self.request.GET.get("even", ""), 24) or 3
        parts = split(cents(self.object.left), [1] * count)
        rows = [
            {"due_on": add_months(self.today, n), "amount": part}
            for n, part in enumerate(parts, start=1)
        ]
        many = formset_factory(forms_terms.RepaymentForm, extra=2, max_num=36)
        made: Any = many(
            self.request.POST or None,
            initial=rows,
            prefix="rows",
            form_kwargs={"user": self.request.user, "on": self.today},
        )
        made.label = _("Dates and amounts; an empty row is left out")
        return {"rows": made}

    def perform(self, form: Any) -> RepaymentPlan:
        rows = [row for f in self.formsets["rows"] if (row := f.row) is not None]
        return actions.propose_plan(invoice=self.object, rows=rows, **self.act())

    def get_success_url(self, done: Any) -> str:
        return str(done.get_absolute_url())

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(left=cents(self.object.left), **more)


class PlanPage(DetailPage):
    """A repayment plan: its dates, and what was paid of them."""

    explains = gettext_lazy("What was promised and when, and what has been paid of it.")
    about = "plan-apurement"

    model = RepaymentPlan
    template_name = "invoicing/plan.html"
    select_related = ("invoice__client",)

    def get_title(self) -> str:
        return _("Repayment plan of %(number)s") % {"number": self.object.invoice.number}

    def get_facts(self) -> str:
        return str(self.object.invoice.client)

    def get_back(self) -> tuple[str, Any]:
        return (self.object.invoice.get_absolute_url(), str(self.object.invoice))

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:plan_pdf", args=(self.object.pk,))
        return (Action(_("PDF to sign"), url, "download"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        left = left_of(self.object)
        more |= {
            "plan": self.object,
            "left": left,
            "rows": [(r, r.is_late(self.today)) for r in rows_of(self.object, left)],
            "is_signed": self.object.state == RepaymentPlan.State.SIGNED,
            "trail": entries_of(self.object),
            "trail_icons": ICONS,
        }
        return super().get_context(**more)


def _moved(plan: RepaymentPlan, *, edge: str, **given: Any) -> RepaymentPlan:
    return actions.move_plan(plan, edge, **given)


_MOVES = {e: partial(_moved, edge=e) for e in ("sign", "keep", "break_off", "withdraw")}


class PlanMove(TransitionPage):
    model = RepaymentPlan
    select_related = ("invoice__client",)
    forms = {"sign": forms_terms.PlanSignForm}
    actions = _MOVES
    helps = {
        "sign": gettext_lazy("From the signature on its dates are frozen and reminders stop."),
        "break_off": gettext_lazy("Reminders go on; the due dates of the invoice never changed."),
    }

    def get_initial(self) -> dict[str, Any]:
        return {"signed_on": self.today} | super().get_initial()


class PlanPdf(Page):
    """The plan as both sides sign it; rendered on demand, kept nowhere."""

    model = RepaymentPlan
    select_related = ("invoice__client", "invoice__issuer")

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content = render_plan(self.object)
        name = f"plan-{slugify(self.object.invoice.number)}.pdf"
        return file_response(content, name, "application/pdf")
