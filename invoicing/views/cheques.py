"""Cheques in our hands, and the slips they are paid in with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile
from essaim.forms import EmptyForm
from essaim.templatetags.essaim_tags import money
from essaim.tongue import in_french
from essaim.views import Action, DetailPage, FormPage, Page, file_response
from invoicing.actions import cheques as actions
from invoicing.cheque_slip import slip_pdf
from invoicing.forms_bank import ChequeForm, CreditForm, SlipForm
from invoicing.matching import open_slips, slip_total
from invoicing.models import Cheque, ChequeBatch

DONE_SHOWN = 20


class Cheques(Page):
    """Cheques to pay in, slips the bank has not credited, and the last ones it did."""

    template_name = "invoicing/cheques.html"
    title = gettext_lazy("Cheques")
    explains = gettext_lazy(
        "From the cheque in your hand to the credit of the bank, which alone settles."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:payments"), _("Payments"))

    def get_primary(self) -> Action:
        url = reverse("invoicing:cheque_new")
        return Action(_("Note a cheque"), url, "plus", "invoicing.record_payment")

    def get_context(self, **more: Any) -> dict[str, Any]:
        user = self.request.user
        waiting = Cheque.objects.visible_to(user).filter(batch=None).select_related("client")
        done = ChequeBatch.objects.visible_to(user).exclude(credited_on=None)
        done = done.prefetch_related("cheques").order_by("-credited_on", "-pk")[:DONE_SHOWN]
        more |= {
            "waiting": list(waiting[:200]),
            "slips": [(slip, slip_total(slip)) for slip in open_slips()],
            "done": [(slip, slip_total(slip)) for slip in done],
        }
        return super().get_context(**more)


class ChequeNew(FormPage):
    """Note a cheque that arrived."""

    form_class = ChequeForm
    title = gettext_lazy("Note a cheque")
    explains = gettext_lazy("It settles nothing before the bank credits it.")
    submit_label = gettext_lazy("Note the cheque")
    success_message = gettext_lazy("The cheque is noted.")

    def get_initial(self) -> dict[str, Any]:
        return {"received_on": self.today}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:cheques"), _("Cheques"))

    def perform(self, form: Any) -> Cheque:
        return actions.receive_cheque(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Cheque) -> str:
        return reverse("invoicing:cheques")


class ChequeRemove(FormPage):
    """Take off a cheque that is on no slip."""

    model = Cheque
    select_related = ("client",)
    form_class = EmptyForm
    title = gettext_lazy("Take this cheque off?")
    explains = gettext_lazy("For a cheque given back or noted twice; it settled nothing yet.")
    submit_label = gettext_lazy("Take off")
    submit_icon = "trash-2"
    success_message = gettext_lazy("The cheque is taken off.")

    def get_facts(self) -> str:
        return f"{self.object.client} · {self.object.number} · {money(self.object.amount)}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:cheques"), _("Cheques"))

    def perform(self, form: Any) -> Cheque:
        actions.give_back_cheque(cheque=self.object, **self.act())
        return self.object

    def get_success_url(self, done: Cheque) -> str:
        return reverse("invoicing:cheques")


class SlipNew(FormPage):
    """Put cheques on one slip."""

    form_class = SlipForm
    title = gettext_lazy("Make a slip of cheques")
    explains = gettext_lazy("Tick the cheques you take to the bank together, then print the slip.")
    submit_label = gettext_lazy("Make the slip")
    success_message = gettext_lazy("The slip is made: print it and take it to the bank.")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:cheques"), _("Cheques"))

    def perform(self, form: Any) -> ChequeBatch:
        return actions.make_slip(**form.cleaned_data, **self.act())


class SlipPage(DetailPage):
    """One slip: its cheques, its print, and whether the bank credited it."""

    explains = gettext_lazy("Its cheques, its print, and whether the bank has credited it.")

    model = ChequeBatch
    template_name = "invoicing/cheque_batch.html"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:cheques"), _("Cheques"))

    def get_primary(self) -> Action | None:
        if self.object.credited_on is not None:
            return None
        url = reverse("invoicing:slip_credit", args=(self.object.pk,))
        return Action(_("The bank credited it"), url, "banknote", "invoicing.record_payment")

    def get_actions(self) -> Sequence[Action]:
        key = (self.object.pk,)
        found = [Action(_("Print the slip"), reverse("invoicing:slip_pdf", args=key), "printer")]
        if self.object.credited_on is None:
            url = reverse("invoicing:slip_undo", args=key)
            found.append(Action(_("Undo the slip"), url, "undo-2", "invoicing.record_payment"))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = list(self.object.cheques.select_related("client", "payment").order_by("pk"))
        more |= {"slip": self.object, "cheques": rows, "total": slip_total(self.object)}
        return super().get_context(**more)


class SlipCredit(FormPage):
    """The bank credited a slip: each cheque becomes a payment, the oldest invoices first."""

    model = ChequeBatch
    form_class = CreditForm
    title = gettext_lazy("The bank credited this slip")
    explains = gettext_lazy("Each cheque becomes a payment and settles the oldest invoices first.")
    submit_label = gettext_lazy("Record the payments")
    submit_icon = "banknote"
    success_message = gettext_lazy("The payments are recorded.")

    def get_initial(self) -> dict[str, Any]:
        return {"credited_on": self.today}

    def perform(self, form: Any) -> ChequeBatch:
        return actions.credit_slip(slip=self.object, **form.cleaned_data, **self.act())


class SlipUndo(FormPage):
    """Take a slip apart before the bank credits it."""

    model = ChequeBatch
    form_class = EmptyForm
    title = gettext_lazy("Undo this slip?")
    explains = gettext_lazy("Its cheques wait for another slip.")
    submit_label = gettext_lazy("Undo the slip")
    submit_icon = "undo-2"
    success_message = gettext_lazy("The slip is undone.")

    def perform(self, form: Any) -> ChequeBatch:
        actions.undo_slip(slip=self.object, **self.act())
        return self.object

    def get_success_url(self, done: ChequeBatch) -> str:
        return reverse("invoicing:cheques")


class SlipPdf(Page):
    """The slip to take to the bank."""

    model = ChequeBatch

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        slip = self.object
        at = datetime.combine(slip.made_on, datetime.min.time(), tzinfo=UTC)
        rows = list(slip.cheques.select_related("client").order_by("pk"))
        profile = IssuerProfile.objects.at(slip.made_on)
        content = slip_pdf(slip, rows, profile=profile, epoch=int(at.timestamp()))
        return file_response(content, f"remise-{slip.made_on:%Y%m%d}.pdf", "application/pdf")
