"""Late interest and the recovery fee: claim, give up, print, settle."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import date_fr, money
from essaim.tongue import in_french
from essaim.views import FormPage, Page, file_response
from essaim.workflow import Missing, Refused
from invoicing import actions, forms_terms
from invoicing.actions.paying import payment_left
from invoicing.lateness import aged_rates, claims_left, standing_of
from invoicing.models import ClaimSettlement, Invoice, LateClaim, Payment
from invoicing.printing_terms import render_claim
from invoicing.views.terms import ClaimPage

PAYMENTS_SHOWN = 20


class Claim(ClaimPage):
    """Claim what lateness asks today: amounts are frozen, the invoice stays as it is."""

    form_class = forms_terms.ClaimForm
    template_name = "invoicing/late_claim.html"
    title = gettext_lazy("Claim late interest")
    explains = gettext_lazy(
        "Late interest and the €40 are owed by law; you choose whether to claim them."
    )
    about = "penalites"
    submit_label = gettext_lazy("Claim")
    submit_icon = "gavel"
    success_message = gettext_lazy("Claimed: its statement can be printed and sent.")

    @cached_property
    def standing(self) -> Any:
        return standing_of(self.object, self.today)

    def check(self) -> None:
        super().check()
        if self.standing.total <= 0:
            words = _("Nothing is late here, or all of it was claimed or waived already.")
            raise Refused([Missing("interest", words)])

    def perform(self, form: Any) -> LateClaim:
        return actions.claim_interest(invoice=self.object, **form.cleaned_data, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {"standing": self.standing, "aged": aged_rates(self.today)}
        return super().get_context(**more)


class Waive(Claim):
    """Give up what lateness asks today, with a reason that is kept."""

    form_class = forms_terms.WaiveForm
    title = gettext_lazy("Give up late interest")
    explains = gettext_lazy(
        "Nothing is claimed for this delay; your reason is kept with the invoice."
    )
    submit_label = gettext_lazy("Waive")
    submit_icon = "heart-handshake"
    success_message = gettext_lazy("Given up, with its reason.")

    def perform(self, form: Any) -> LateClaim:
        return actions.waive_interest(invoice=self.object, **form.cleaned_data, **self.act())


class OfClaim:
    """Pages about one claim already made; its invoice must be visible."""

    request: HttpRequest
    object: Any

    def get_objects(self) -> Any:
        seen = Invoice.objects.visible_to(self.request.user)
        parts: Any = Prefetch("invoice", Invoice.objects.select_related("client", "issuer"))
        claims = LateClaim.objects.filter(invoice__in=seen, kind=LateClaim.Kind.CLAIMED)
        return claims.prefetch_related(parts)

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.invoice.client} · {money(self.object.total)}"

    def get_back(self) -> tuple[str, Any]:
        return (self.object.invoice.get_absolute_url(), str(self.object.invoice))

    def get_success_url(self, done: Any) -> str:
        return str(self.object.invoice.get_absolute_url())


class Cancel(OfClaim, FormPage):
    """Give up a claim already made, while nothing of it is paid."""

    model = LateClaim
    form_class = forms_terms.CancelForm
    title = gettext_lazy("Give up this claim?")
    explains = gettext_lazy("The claim is dropped; the invoice and what it owes do not change.")
    submit_label = gettext_lazy("Give up the claim")
    submit_icon = "undo-2"
    success_message = gettext_lazy("Given up, with its reason.")

    def perform(self, form: Any) -> LateClaim:
        return actions.cancel_claim(claim=self.object, why=form.cleaned_data["why"], **self.act())


class Settle(OfClaim, FormPage):
    """Set part of a payment of the client against a claim."""

    model = LateClaim
    form_class = forms_terms.SettleForm
    title = gettext_lazy("Settle the claim")
    explains = gettext_lazy("Part of what the client paid goes to the interest claimed.")
    submit_label = gettext_lazy("Set against the claim")
    submit_icon = "link"
    success_message = gettext_lazy("The payment is set against the claim.")

    @cached_property
    def left(self) -> Decimal:
        return claims_left([self.object]).get(self.object.pk, Decimal(0))

    @cached_property
    def sources(self) -> list[tuple[Payment, Decimal]]:
        """Payments of the client with something left, newest first."""
        client = self.object.invoice.client_id
        rows = Payment.objects.filter(client=client, reverses=None, reversed_by=None)
        found = [
            (p, payment_left(p)) for p in rows.order_by("-received_on", "-pk")[:PAYMENTS_SHOWN]
        ]
        return [(p, left) for p, left in found if left > 0]

    def check(self) -> None:
        super().check()
        if self.left <= 0:
            raise Refused([Missing("amount", _("Nothing is left to pay on this claim."))])
        if not self.sources:
            url = f"{reverse('invoicing:payment_new')}?client={self.object.invoice.client_id}"
            words = _("No payment of this client has anything left: record the payment first.")
            raise Refused([Missing("payment", words, url)])

    def get_form_kwargs(self) -> dict[str, Any]:
        labels = [
            (str(p.pk), f"{date_fr(p.received_on)} · {money(left)}") for p, left in self.sources
        ]
        return {"payments": labels}

    def get_initial(self) -> dict[str, Any]:
        payment, left = self.sources[0]
        return {"payment": str(payment.pk), "amount": min(left, self.left)}

    def perform(self, form: Any) -> ClaimSettlement:
        key = form.cleaned_data["payment"]
        payment = next(p for p, _left in self.sources if str(p.pk) == key)
        return actions.settle_claim(
            claim=self.object,
            payment=payment,
            amount=form.cleaned_data["amount"],
            **self.act(),
        )


class ClaimPdf(OfClaim, Page):
    """The statement of interest of a claim, from its frozen amounts."""

    model = LateClaim

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        content = render_claim(self.object)
        return file_response(content, f"decompte-{self.object}.pdf".lower(), "application/pdf")
