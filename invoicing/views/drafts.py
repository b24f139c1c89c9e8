"""Drafts: write, change, delete, issue; and credit notes."""

from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim.forms import EmptyForm
from essaim.terms import WAYS, ways_text
from essaim.views import FormPage
from essaim.workflow import Missing, Refused
from invoicing import actions, rules
from invoicing.actions.crediting import credited_per_line
from invoicing.actions.issuing import issue_problems
from invoicing.copies import line_of
from invoicing.forms import CreditForm, DraftForm, LineForm, NewInvoiceForm
from invoicing.models import Invoice, InvoiceLine
from invoicing.scheduling import check_dates, due_for
from invoicing.taxing import taxed_on
from invoicing.views.bill import found_or_404


class InvoiceNew(FormPage):
    """A free invoice, for lines written by hand."""

    form_class = NewInvoiceForm
    title = gettext_lazy("Free invoice")
    explains = gettext_lazy("Mission days are drafted from “To bill”, not here.")
    submit_label = gettext_lazy("Create the draft")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:invoices"), _("Invoices"))

    def get_initial(self) -> dict[str, Any]:
        key = self.request.GET.get("client", "")
        found = Organisation.objects.visible_to(self.request.user)
        initial: dict[str, Any] = {"period_from": self.today}
        if key:
            initial["client"] = found_or_404(found, key)
        return initial

    def perform(self, form: Any) -> Invoice:
        return actions.draft_free(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Invoice) -> str:
        return reverse("invoicing:line_add", args=(done.pk,))


class DraftPage(FormPage):
    """A page about a draft; an issued document answers 409."""

    model = Invoice
    select_related = ("client", "coop__organisation", "agreement", "origin", "issuer")

    def get_facts(self) -> str:
        held = self.object if self.object is not None else self.parent
        return " · ".join(p for p in (str(held.client), held.title) if p)

    def check(self) -> None:
        super().check()
        held = self.object if self.object is not None else self.parent
        if held is not None and held.is_issued:
            words = _("An issued document is never changed: make a credit note.")
            raise Refused([Missing("state", words)])


class InvoiceEdit(DraftPage):
    """What a draft says; a due date past the legal cap is refused with the lawful ways."""

    form_class = DraftForm
    template_name = "invoicing/invoice_edit.html"
    title = gettext_lazy("Change the draft")
    explains = gettext_lazy("A draft is free to change: it is frozen when it is issued.")

    def perform(self, form: Any) -> Invoice:
        given = form.cleaned_data
        self.check_term(given.get("wanted_due_on"), given.get("term_basis", ""))
        return actions.edit_draft(invoice=self.object, **given, **self.act())

    def check_term(self, due: Any, basis: str) -> None:
        """Say now what the issue would refuse."""
        if due is None or basis.strip() or due < self.today:
            return
        self.object.is_recap = "is_recap" in self.request.POST
        if found := check_dates(self.object, [due], self.today):
            self.ways = list(ways_text(WAYS).values())
            raise Refused(found)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(ways=getattr(self, "ways", ()), **more)


class LineAdd(DraftPage):
    """Add a line written by hand to a draft."""

    model = None
    parent_model = Invoice
    form_class = LineForm
    title = gettext_lazy("Add a line")
    submit_label = gettext_lazy("Add the line")
    submit_icon = "plus"

    def get_parents(self) -> Any:
        return super().get_parents().select_related("client")

    def perform(self, form: Any) -> InvoiceLine:
        return actions.add_line(invoice=self.parent, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return self.parent.get_absolute_url()


class LineRemove(LineAdd):
    """Take a line off a draft."""

    form_class = EmptyForm
    title = gettext_lazy("Remove this line?")
    explains = gettext_lazy(
        "The line leaves the draft and its totals; days it held wait to be billed again."
    )
    submit_label = gettext_lazy("Remove the line")
    submit_icon = "trash-2"
    template_name = "invoicing/line_remove.html"

    def load(self) -> None:
        super().load()
        rows = InvoiceLine.objects.filter(invoice=self.parent).select_related("invoice")
        self.line = rows.filter(pk=self.kwargs["line_pk"]).first()
        if self.line is None:
            raise Http404("line")

    def perform(self, form: Any) -> Invoice:
        return actions.remove_line(line=self.line, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(line=self.line, **more)


class InvoiceDelete(DraftPage):
    """Throw a draft away: no number is lost, its days become billable again."""

    title = gettext_lazy("Delete this draft?")
    explains = gettext_lazy("No number is lost, and the days it held wait to be billed again.")
    submit_label = gettext_lazy("Delete the draft")
    submit_icon = "trash-2"
    template_name = "invoicing/invoice_delete.html"
    success_message = gettext_lazy("The draft is deleted; its days can be billed again.")

    def perform(self, form: Any) -> None:
        actions.delete_draft(invoice=self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:to_bill")


class Issue(DraftPage):
    """Confirm, and issue for good. There is no date to choose: it is today's."""

    title = gettext_lazy("Issue (final number)")
    explains = gettext_lazy(
        "It takes its final number and today’s date: after that only a credit note corrects it."
    )
    about = "serie"
    submit_label = gettext_lazy("Issue (final number)")
    submit_icon = "stamp"
    template_name = "invoicing/issue.html"
    # The PDF is printed once the number stands; the state refuses a second issue.
    in_one_go = False

    def load(self) -> None:
        super().load()
        taxed_on(self.object, self.today)

    def perform(self, form: Any) -> Invoice:
        return actions.issue(invoice=self.object, reasons=self.reasons, **self.act())

    def get_success_message(self, done: Invoice) -> str:
        if done.is_credit_note:
            return _("Credit note %(document)s is issued.") % {"document": done.number}
        return _("%(document)s is issued.") % {"document": done.number}

    def get_context(self, **more: Any) -> dict[str, Any]:
        if self.request.method == "GET":
            more["missing"] = self.missing = issue_problems(self.object, on=self.today)
        context = super().get_context(**more)
        context |= {
            "invoice": self.object,
            "lines": list(self.object.lines.all()),
            "due_on": due_for(self.object, self.today),
            "barred": any(m.level == "bar" for m in self.missing),
        }
        return context


class Credit(FormPage):
    """Draft the credit note of an issued invoice: lines, amounts, days billable again."""

    model = Invoice
    select_related = ("client", "coop__organisation", "agreement", "issuer")
    form_class = CreditForm
    template_name = "invoicing/credit.html"
    title = gettext_lazy("Make a credit note")
    explains = gettext_lazy(
        "It takes back all or part of an issued invoice, and can free its days."
    )
    about = "avoir"
    submit_label = gettext_lazy("Prepare the credit note")
    submit_icon = "undo-2"

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.client}"

    def check(self) -> None:
        super().check()
        if not self.object.is_issued or self.object.is_credit_note:
            raise Refused([Missing("origin", _("Only an issued invoice is credited."))])

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = list(self.object.lines.all())
        left = rules.left_to_credit(
            [line_of(line) for line in lines], credited_per_line(self.object)
        )
        return {"lines": [(ln, left[str(ln.pk)]) for ln in lines if left.get(str(ln.pk))]}

    def perform(self, form: Any) -> Invoice:
        amounts: dict[int, Decimal] = form.amounts
        if not amounts:
            words = _("Say how much is taken back, on one line at least.")
            raise Refused([Missing("amounts", words)])
        return actions.draft_credit(
            origin=self.object,
            words=form.cleaned_data["words"],
            amounts=amounts,
            billable_again=form.billable_again,
            **self.act(),
        )

    def get_success_message(self, done: Invoice) -> str:
        return _("The credit note is ready: read it, then issue it.")
