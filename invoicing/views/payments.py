"""Payments: recorded, set against invoices, undone by a reversing row."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim.form_keys import Step
from essaim.money import cents
from essaim.templatetags.essaim_tags import date_fr, money
from essaim.views import Action, Column, DetailPage, FormPage, ListPage
from essaim.workflow import Missing, Refused
from invoicing import actions
from invoicing.actions import desk
from invoicing.actions.paying import payment_left
from invoicing.balances import sources_of
from invoicing.filters import PaymentFilter
from invoicing.forms import AllocateForm, PaymentForm, PickClientForm, ReverseForm
from invoicing.models import Allocation, Invoice, Payment
from invoicing.trail import ICONS, entries_of
from invoicing.views.bill import found_or_404, room_tabs

OWED_SHOWN = 30


class PaymentList(ListPage):
    """Payments received, newest first."""

    model = Payment
    title = gettext_lazy("Payments")
    template_name = "invoicing/payments.html"
    order = ("-received_on", "-pk")
    filterset_class = PaymentFilter
    search_fields = ("client__search_key", "reference")
    search_label = gettext_lazy("Client or reference")
    empty_title = gettext_lazy("No payment yet.")
    explains = gettext_lazy("Money received, and which invoices each payment settled.")
    about = "reglement"
    empty_text = gettext_lazy("When a transfer arrives, record it from its invoice.")
    empty_icon = "banknote"
    columns = (
        Column(gettext_lazy("Credited on"), "received_on", "date", phone="sub"),
        Column(gettext_lazy("Client"), "client.name", phone="title"),
        Column(gettext_lazy("Method"), "get_method_display", phone="side"),
        Column(gettext_lazy("Reference"), "reference", phone="hide"),
        Column(gettext_lazy("Amount"), "amount", "money", phone="amount"),
    )

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("client")

    def get_primary(self) -> Action:
        url = reverse("invoicing:payment_new")
        return Action(_("Record a payment"), url, "plus", "invoicing.record_payment")

    def get_actions(self) -> Sequence[Action]:
        may = "invoicing.record_payment"
        return (
            Action(_("Bank statements"), reverse("invoicing:statements"), "landmark", may),
            Action(_("Cheques"), reverse("invoicing:cheques"), "banknote", may),
        )

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(tabs=room_tabs(self, "payments"), **more)


class PaymentPage(DetailPage):
    """One payment and what it settled."""

    explains = gettext_lazy("Where this money went; what is left of it stays the client’s balance.")

    model = Payment
    template_name = "invoicing/payment.html"
    select_related = ("client", "reverses", "recorded_by")

    def get_title(self) -> str:
        return _("Payment of %(day)s") % {"day": date_fr(self.object.received_on)}

    def get_facts(self) -> str:
        return str(self.object.client)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:payments"), _("Payments"))

    @cached_property
    def undone(self) -> Any:
        return Payment.objects.filter(reverses=self.object).first()

    def get_actions(self) -> Sequence[Action]:
        if self.undone or self.object.reverses_id:
            return ()
        url = reverse("invoicing:payment_reverse", args=(self.object.pk,))
        return (Action(_("Undo this payment"), url, "undo-2", "invoicing.record_payment"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = list(self.object.allocations.select_related("invoice"))
        left = payment_left(self.object)
        owed = list(owed_by(self.object.client, self.request.user)[:10]) if left > 0 else []
        more |= {
            "payment": self.object,
            "allocations": rows,
            "claims": list(self.object.claim_settlements.select_related("claim__invoice")),
            "left": left,
            "owed": owed,
            "undone": self.undone,
            "trail": entries_of(self.object),
            "trail_icons": ICONS,
            "may_pay": self.request.user.has_perm("invoicing.record_payment"),
        }
        return super().get_context(**more)


def owed_by(client: Organisation, user: Any) -> Any:
    """Invoices a client has still to pay, the oldest due first."""
    rows = Invoice.objects.visible_to(user).filter(client=client).unpaid()
    return rows.order_by("due_on", "pk")


class PaymentNew(FormPage):
    """Record money received: from an invoice, from a client, or from nothing yet."""

    template_name = "invoicing/payment_new.html"
    title = gettext_lazy("Record a payment")
    explains = gettext_lazy("The amount, the day it reached the bank, and what it settles.")
    submit_label = gettext_lazy("Record the payment")
    submit_icon = "banknote"

    def load(self) -> None:
        super().load()
        self.invoice = self.client = None
        user, given = self.request.user, self.request.GET
        if key := given.get("invoice"):
            self.invoice = found_or_404(Invoice.objects.visible_to(user).claims(), key)
            self.client = self.invoice.client
        elif key := given.get("client"):
            self.client = found_or_404(Organisation.objects.visible_to(user), key)

    @cached_property
    def owed(self) -> list[Any]:
        rows = list(owed_by(self.client, self.request.user)[:OWED_SHOWN])
        missing = self.invoice is not None and self.invoice.pk not in {r.pk for r in rows}
        if missing:
            extra = Invoice.objects.visible_to(self.request.user).unpaid()
            rows += list(extra.filter(pk=self.invoice.pk))
        return rows

    def get_facts(self) -> str:
        return str(self.client) if self.client else _("Who paid? Then how much, and when.")

    def get_back(self) -> tuple[str, Any]:
        if self.invoice is not None:
            return (self.invoice.get_absolute_url(), str(self.invoice))
        return (reverse("invoicing:payments"), _("Payments"))

    def get_form_class(self) -> Any:
        return PaymentForm if self.client else PickClientForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"owed": self.owed} if self.client else {}

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"received_on": self.today}
        if self.invoice is not None:
            mine = [cents(row.left) for row in self.owed if row.pk == self.invoice.pk]
            initial["amount"] = mine[0] if mine else None
        return initial

    def get_submit_label(self) -> Any:
        return self.submit_label if self.client else _("Go on")

    def perform(self, form: Any) -> Any:
        if self.client is None:
            return form.cleaned_data["client"]
        given = form.cleaned_data
        invoices = form.typed or desk.shared_out(given["amount"], self.owed, first=self.invoice)
        return desk.encash(
            client=self.client,
            amount=given["amount"],
            received_on=given["received_on"],
            method=given["method"],
            reference=given["reference"],
            invoices=invoices,
            reasons=self.reasons,
            **self.act(),
        )

    def done(self, done: Any) -> HttpResponseBase:
        if isinstance(done, Organisation):
            return Step(f"{self.request.path}?client={done.pk}")
        return super().done(done)

    def get_success_message(self, done: Payment) -> str:
        return _("%(amount)s recorded.") % {"amount": money(done.amount)}

    def get_success_url(self, done: Payment) -> str:
        return (self.invoice or done).get_absolute_url()

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {"client": self.client, "invoice": self.invoice}
        return super().get_context(**more)


class PaymentReverse(FormPage):
    """Undo a payment recorded by mistake: a reversing row, nothing erased."""

    model = Payment
    select_related = ("client",)
    form_class = ReverseForm
    title = gettext_lazy("Undo this payment?")
    explains = gettext_lazy("A reversing row is written; what it settled is owed again.")
    submit_label = gettext_lazy("Undo the payment")
    submit_icon = "undo-2"
    success_message = gettext_lazy("The payment is undone.")

    def perform(self, form: Any) -> Payment:
        return actions.reverse_payment(
            payment=self.object, why=form.cleaned_data["why"], **self.act()
        )

    def get_success_url(self, done: Payment) -> str:
        return self.object.get_absolute_url()


class Allocate(FormPage):
    """Set a client's balance (a payment or a credit note with something left) on an invoice."""

    model = Invoice
    select_related = ("client",)
    form_class = AllocateForm
    title = gettext_lazy("Use a balance")
    explains = gettext_lazy(
        "Set what the client has in hand against this invoice: nothing moves at the bank."
    )
    about = "lettrage"
    submit_label = gettext_lazy("Set against the invoice")
    submit_icon = "link"

    def get_objects(self) -> Any:
        return super().get_objects().with_left()

    def get_facts(self) -> str:
        left = money(self.object.left)
        return _("%(document)s: %(left)s left to pay") % {"document": self.object, "left": left}

    def check(self) -> None:
        super().check()
        if not self.object.is_issued or self.object.is_credit_note:
            raise Refused([Missing("invoice", _("Only an issued invoice is settled."))])

    @cached_property
    def sources(self) -> list[tuple[str, Any, Decimal]]:
        """(key, row, what is left of it): reversed payments have nothing left."""
        return [(s.key, s.row, s.left) for s in sources_of(self.object.client_id)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.sources:
            url = f"{reverse('invoicing:payment_new')}?invoice={self.object.pk}"
            words = _("This client has no balance to use: record the payment that came in.")
            self.missing = [Missing("balance", words, url)]
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        labels = []
        for key, row, left in self.sources:
            is_payment = isinstance(row, Payment)
            name = date_fr(row.received_on) if is_payment else str(row)
            kind = _("payment of") if is_payment else _("credit note")
            labels.append((key, f"{kind} {name} · {money(left)}"))
        return {"sources": labels}

    def get_initial(self) -> dict[str, Any]:
        if not self.sources:
            return {}
        key, _row, left = self.sources[0]
        wanted = self.request.GET.get("source")
        for other, _other_row, other_left in self.sources:
            if other == wanted:
                key, left = other, other_left
        return {"source": key, "amount": cents(min(left, self.object.left))}

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(barred=not self.sources, **more)

    def perform(self, form: Any) -> Allocation:
        row = next(r for key, r, _left in self.sources if key == form.cleaned_data["source"])
        kind = "payment" if isinstance(row, Payment) else "credit_note"
        return actions.allocate(
            invoice=self.object,
            amount=form.cleaned_data["amount"],
            **{kind: row},
            **self.act(),
        )

    def get_success_url(self, done: Allocation) -> str:
        return self.object.get_absolute_url()
