"""Pages that draft expenses alone, add them to a draft, and draft the invoice of an envelope."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim.days import month_end
from essaim.views import FormPage
from essaim.workflow import Missing, Refused
from invoicing import actions
from invoicing.forms_expenses import PrepareEnvelopeForm, PrepareExpensesForm
from invoicing.models import Invoice
from invoicing.queries import billable_expenses
from invoicing.views.drafts import DraftPage
from invoicing.waiting_expenses import drawings, quota_warnings
from missions.models import Agreement, Envelope
from missions.usage import drawn_on


class PrepareExpenses(FormPage):
    """Draft the expenses of one agreement to one payer, apart from its days."""

    form_class = PrepareExpensesForm
    title = gettext_lazy("Prepare the invoice of the expenses")
    explains = gettext_lazy("The draft holds these expenses alone, apart from the days.")
    submit_label = gettext_lazy("Prepare the invoice")
    submit_icon = "file-plus"
    success_message = gettext_lazy("The draft is ready.")

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET.get(name) for name in ("payer", "agreement")}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:to_bill"), _("To bill"))

    def perform(self, form: Any) -> Invoice:
        user, given = self.request.user, form.cleaned_data
        return actions.draft_from_expenses(
            payer=self.pick(Organisation.objects.visible_to(user), given["payer"]),
            agreement=self.pick(Agreement.objects.visible_to(user), given["agreement"]),
            **self.act(),
        )


class TakeExpenses(DraftPage):
    """« Avec les frais »: put the expenses that wait on a draft of the same agreement."""

    title = gettext_lazy("Add the expenses")
    explains = gettext_lazy("Expenses of the same agreement that wait join this draft.")
    submit_label = gettext_lazy("Add the expenses")
    submit_icon = "plus"
    template_name = "invoicing/take_expenses.html"
    success_message = gettext_lazy("The expenses are on the draft.")

    def perform(self, form: Any) -> Invoice:
        return actions.take_expenses(invoice=self.object, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        invoice = self.object
        rows = billable_expenses(payer=invoice.client, agreement=invoice.agreement)
        found = list(rows.select_related("consultant")) if invoice.agreement_id else []
        return super().get_context(expenses=found, **more)


class PrepareEnvelope(FormPage):
    """The periodic invoice of an order's envelope: which days, until when, across which coops."""

    model = Envelope
    select_related = ("payer",)
    form_class = PrepareEnvelopeForm
    template_name = "invoicing/prepare_envelope.html"
    title = gettext_lazy("Prepare the periodic invoice")
    explains = gettext_lazy("One invoice for what a payer takes on across several coops.")
    submit_label = gettext_lazy("Prepare the invoice")
    submit_icon = "file-plus"
    success_message = gettext_lazy("The draft is ready.")

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.payer}"

    def check(self) -> None:
        super().check()
        if self.object.basis != Envelope.Basis.ORDER:
            words = _("This envelope is a grant: it is claimed with a report, never invoiced.")
            raise Refused([Missing("envelope", words)])

    def get_initial(self) -> dict[str, Any]:
        """From the first day that waits until the last month's end, at most today."""
        found = [d for d in drawings() if d.envelope.pk == self.object.pk]
        since = found[0].first if found else self.object.starts_on
        until = min(month_end(found[0].last), self.today) if found else self.today
        return {"since": since, "until": until, "term_days": 30}

    def perform(self, form: Any) -> Invoice:
        return actions.draft_from_envelope(envelope=self.object, **form.cleaned_data, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = [d for d in drawings() if d.envelope.pk == self.object.pk]
        drawn = drawn_on([self.object])[self.object.pk]
        return super().get_context(
            drawing=found[0] if found else None,
            warnings=quota_warnings(self.object, drawn),
            **more,
        )
