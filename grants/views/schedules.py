"""How a programme pays, the schedule of a grant previewed and confirmed, pieces, amendments."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import money
from essaim.views import FormPage
from essaim.workflow import Missing, Refused
from grants import actions
from grants.actions.schedules import Planned, left_to_plan, proposed_schedule, steps_of
from grants.forms_deadlines import (
    DEFAULT_CAPS,
    AmendmentForm,
    ArrivalForm,
    PieceForm,
    PlannedForm,
    StepForm,
    TermsForm,
    many,
)
from grants.models import ClaimPiece, Disbursement, GrantApplication, PaymentTerms, Programme
from grants.rules_payments import Step


class _Lines(FormPage):
    """A form with a list of lines, each filled or left empty."""

    line_form: Any = None
    prefix = "lines"

    def get_lines(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get_formsets(self) -> dict[str, Any]:
        about = {"user": self.request.user, "on": self.today}
        formset: Any = many(self.line_form, extra=2)(
            self.request.POST or None,
            # What is posted stands for itself: a line left as proposed is a line.
            initial=None if self.request.POST else self.get_lines(),
            prefix=self.prefix,
            form_kwargs=about,
        )
        formset.label = _("Payments of the funder")
        return {self.prefix: formset}

    def filled(self) -> list[dict[str, Any]]:
        rows = [form.cleaned_data for form in self.formsets[self.prefix].forms]
        return [row for row in rows if row.get("kind")]


class PaymentTermsPage(_Lines):
    """How a programme pays: the pattern that each of its grants is planned by."""

    parent_model, parent_kwarg = Programme, "programme_pk"
    form_class, line_form = TermsForm, StepForm
    title = gettext_lazy("How it pays")
    explains = gettext_lazy(
        "Written once: the payments of each of its grants are then proposed from it."
    )
    success_message = gettext_lazy("Its next grants will be planned like this.")

    def get_initial(self) -> dict[str, Any]:
        terms = PaymentTerms.objects.filter(programme=self.parent).first()
        if terms is None:
            return DEFAULT_CAPS
        names = ("is_state_investment", "advance_cap", "before_balance_cap")
        return {name: getattr(terms, name) for name in names}

    def get_lines(self) -> list[dict[str, Any]]:
        names = ("kind", "percent", "months", "pieces")
        return [{name: getattr(step, name) for name in names} for step in steps_of(self.parent)]

    def perform(self, form: Any) -> PaymentTerms:
        steps = [
            Step(row["kind"], row["percent"], row["months"], row["pieces"]) for row in self.filled()
        ]
        return actions.set_terms(self.parent, steps=steps, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return str(self.parent.get_absolute_url())


class SchedulePage(_Lines):
    """The payments of a grant, proposed from the programme's pattern; nothing is kept before."""

    parent_model, parent_kwarg = GrantApplication, "application_pk"
    line_form = PlannedForm
    title = gettext_lazy("Plan the payments")
    explains = gettext_lazy(
        "Proposed from how the programme pays; nothing is kept before you save."
    )
    submit_label = gettext_lazy("Plan these payments")
    success_message = gettext_lazy("The payments are planned.")

    @cached_property
    def left(self) -> Any:
        return left_to_plan(self.parent)

    def get_lines(self) -> list[dict[str, Any]]:
        return [
            {
                "kind": row.kind,
                "expected_amount": row.amount,
                "expected_on": row.expected_on,
                "pieces": row.pieces,
            }
            for row in proposed_schedule(self.parent)
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        words = _(
            "%(left)s of the grant are to be planned: the lines must add up to it, to the cent."
            " Leave a line empty to drop it."
        )
        help_words = words % {"left": money(self.left)}
        if not PaymentTerms.objects.filter(programme=self.parent.programme_id).exists():
            help_words += " " + _("How this programme pays is not written yet, on its page.")
        return super().get_context(help=help_words, **more)

    def perform(self, form: Any) -> GrantApplication:
        rows = [Planned(**row) for row in self.filled()]
        return actions.plan_schedule(self.parent, rows=rows, reasons=self.reasons, **self.act())

    def get_success_url(self, done: Any) -> str:
        return f"{self.parent.get_absolute_url()}#versements"


class AmendmentPage(FormPage):
    """The funder changed the amount of the grant after the agreement."""

    parent_model, parent_kwarg = GrantApplication, "application_pk"
    form_class = AmendmentForm
    title = gettext_lazy("Change the amount of the grant")
    explains = gettext_lazy(
        "The funder signed another amount: payments to come follow, the first one stays readable."
    )
    success_message = gettext_lazy("The new amount is recorded.")

    def get_initial(self) -> dict[str, Any]:
        return {"dated": self.today, "amount": self.parent.granted_amount}

    def perform(self, form: Any) -> GrantApplication:
        return actions.change_amount(self.parent, **form.cleaned_data, **self.act())


class ClaimPiecePage(FormPage):
    """One piece of a claim: since when it is at hand, and where."""

    parent_model, parent_kwarg = Disbursement, "disbursement_pk"
    form_class = PieceForm
    title = gettext_lazy("Piece of a claim")
    explains = gettext_lazy(
        "Say since when you have it and where it is: a complete claim is paid sooner."
    )
    success_message = gettext_lazy("Saved.")

    def load(self) -> None:
        super().load()
        self.object = self.pick(self.parent.claim_pieces.all(), self.kwargs["pk"])

    def get_parents(self) -> Any:
        return super().get_parents().select_related("application__coop")

    def get_facts(self) -> str:
        return f"{self.object.label} · {self.parent}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"coop": self.parent.application.coop}

    def get_initial(self) -> dict[str, Any]:
        piece = self.object
        return {
            "done_on": piece.done_on or self.today,
            "words": piece.words,
            "document": piece.document_id,
        }

    def perform(self, form: Any) -> ClaimPiece:
        return actions.set_piece(self.object, **form.cleaned_data, **self.act())


class ArrivalPage(FormPage):
    """« L'aide est-elle arrivée ? »: the answer, entered by the office."""

    model = Disbursement
    select_related = ("application__coop", "application__applicant")
    form_class = ArrivalForm
    title = gettext_lazy("Has the aid arrived?")
    explains = gettext_lazy(
        "Your answer tells whether to wait, to ask the funder, or to bill what depended on it."
    )
    submit_label = gettext_lazy("Enter the answer")

    def get_facts(self) -> str:
        row = self.object
        return f"{money(row.expected_amount)} · {row} · {row.application.applicant}"

    def get_initial(self) -> dict[str, Any]:
        return {"answer": self.request.GET.get("answer", "received"), "dated": self.today}

    def perform(self, form: Any) -> Disbursement:
        if not self.object.is_expected:
            raise Refused([Missing("state", _("This payment is no longer awaited."))])
        given = form.cleaned_data
        return actions.answer_question(self.object, reasons=self.reasons, **given, **self.act())

    def get_success_message(self, done: Any) -> Any:
        if done.is_expected:
            return _("Noted: it is still awaited.")
        if done.remainders.exists():
            return _("Received. The rest stays awaited.")
        return _("Received.")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:disbursements"), _("Awaited payments"))
