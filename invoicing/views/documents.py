"""Deposits, corrections, discounts and invoices of an earlier tool."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.tongue import in_french
from essaim.views import Action, DetailPage, FormPage, Page, file_response
from essaim.workflow import Missing, Refused
from invoicing import actions
from invoicing.actions.correcting import correction_bars
from invoicing.actions.issuing import issue_problems
from invoicing.before_issue import pair_of
from invoicing.deducting import free_deposits
from invoicing.forms_documents import (
    DeductForm,
    DepositForm,
    DiscountForm,
    TakeOverForm,
    WhyForm,
)
from invoicing.models import Correction, FrozenFile, Invoice
from invoicing.scheduling import due_for
from invoicing.taxing import taxed_on
from invoicing.views.bill import found_or_404, room_tabs
from invoicing.views.drafts import DraftPage
from missions.models import Agreement


class OtherDocuments(Page):
    """Every kind of document besides days: what each is for, and where it starts."""

    template_name = "invoicing/other_documents.html"
    title = gettext_lazy("Other documents")
    explains = gettext_lazy("What can be billed besides days: choose by what happened.")

    def get_context(self, **more: Any) -> dict[str, Any]:
        may = self.request.user.has_perm
        return super().get_context(
            tabs=room_tabs(self, "other_documents"),
            perms_draft=may("invoicing.draft_invoice"),
            perms_over=may("invoicing.take_over_invoice"),
            **more,
        )


class DepositNew(FormPage):
    """A deposit invoice, on an agreement or free."""

    form_class = DepositForm
    title = gettext_lazy("Deposit invoice")
    explains = gettext_lazy("An advance on work to come; the final invoice takes it off.")
    about = "acompte"
    submit_label = gettext_lazy("Create the draft")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:other_documents"), _("Other documents"))

    def get_initial(self) -> dict[str, Any]:
        key = self.request.GET.get("agreement", "")
        if not key:
            return {}
        agreement = found_or_404(Agreement.objects.visible_to(self.request.user), key)
        return {"agreement": agreement, "client": agreement.client, "title": agreement.title}

    def perform(self, form: Any) -> Invoice:
        return actions.draft_deposit(**form.cleaned_data, **self.act())


class DepositsDeduct(DraftPage):
    """Which deposits a draft takes off, each at its rate."""

    form_class = DeductForm
    title = gettext_lazy("Take deposits off")
    explains = gettext_lazy(
        "What was billed in advance comes off the final invoice, each at its VAT rate."
    )
    submit_label = gettext_lazy("Take them off")
    template_name = "invoicing/deduct.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"rows": free_deposits(self.object)}

    def get_initial(self) -> dict[str, Any]:
        held = self.object.deposit_uses.values_list("deposit_id", flat=True)
        return {"deposits": [str(key) for key in held]}

    def perform(self, form: Any) -> Invoice:
        return actions.deduct_deposits(invoice=self.object, deposits=form.chosen, **self.act())


class DiscountAdd(DraftPage):
    """Take an amount or a percentage off a draft."""

    form_class = DiscountForm
    title = gettext_lazy("Add a discount")
    explains = gettext_lazy("An amount or a percentage off; it shows on the document.")
    submit_label = gettext_lazy("Add the discount")
    facts = ""

    def perform(self, form: Any) -> Invoice:
        actions.add_discount(invoice=self.object, **form.cleaned_data, **self.act())
        done: Invoice = self.object
        return done


class CorrectionNew(FormPage):
    """Draft the credit note and the corrective invoice that replace an issued one."""

    model = Invoice
    select_related = ("client", "coop__organisation", "agreement", "issuer")
    form_class = WhyForm
    template_name = "invoicing/correction_new.html"
    title = gettext_lazy("Correct by a corrective invoice")
    explains = gettext_lazy("An issued invoice never changes: another one replaces it.")
    about = "rectificative"
    submit_label = gettext_lazy("Prepare both documents")
    submit_icon = "file-pen-line"

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.client}"

    def check(self) -> None:
        super().check()
        if bars := correction_bars(self.object):
            raise Refused(bars)

    def perform(self, form: Any) -> Correction:
        return actions.draft_correction(
            origin=self.object, words=form.cleaned_data["words"], **self.act()
        )

    def get_success_url(self, done: Correction) -> str:
        return reverse("invoicing:correction", args=(done.corrective_id,))


class CorrectionPage(FormPage):
    """Both drafts side by side, and the button that issues them at once."""

    model = Invoice
    select_related = ("client", "coop__organisation", "agreement", "origin", "issuer")
    template_name = "invoicing/correction.html"
    # The PDFs are printed once the numbers stand; the state refuses a second issue.
    in_one_go = False
    title = gettext_lazy("Corrective invoice and its credit note")
    explains = gettext_lazy(
        "Read both drafts, then issue them together: one does not go without the other."
    )
    submit_label = gettext_lazy("Issue both (final numbers)")
    submit_icon = "stamp"

    def load(self) -> None:
        super().load()
        pair = pair_of(self.object)
        if pair is None or pair.corrective_id != self.object.pk:
            raise Http404("correction")
        self.pair = pair

    def get_facts(self) -> str:
        return _("Replaces %(origin)s") % {"origin": self.object.origin}

    def check(self) -> None:
        super().check()
        if self.object.is_issued:
            words = _("Both documents are issued already.")
            raise Refused([Missing("state", words, self.object.get_absolute_url())])

    def halves(self) -> list[Invoice]:
        return [self.pair.credit_note, self.pair.corrective]

    def get_missing(self) -> list[Missing]:
        found: dict[tuple[str, str], Missing] = {}
        for half in self.halves():
            taxed = taxed_on(half, self.today)
            for lack in issue_problems(taxed, on=self.today, paired=True):
                found[lack.code, str(lack.text)] = lack
        return list(found.values())

    def perform(self, form: Any) -> Invoice:
        pair = actions.issue_correction(pair=self.pair, reasons=self.reasons, **self.act())
        return pair.corrective

    def get_success_message(self, done: Invoice) -> str:
        return _("%(document)s is issued, with its credit note.") % {"document": done.number}

    def get_context(self, **more: Any) -> dict[str, Any]:
        if self.request.method == "GET":
            more["missing"] = self.missing = self.get_missing()
        halves = [(half, list(half.lines.all())) for half in self.halves()]
        return super().get_context(
            halves=halves,
            origin=self.object.origin,
            due_on=due_for(self.object, self.today),
            barred=any(m.level == "bar" for m in self.missing),
            **more,
        )


class TakeOverNew(FormPage):
    """Take over an open invoice of an earlier tool."""

    form_class = TakeOverForm
    title = gettext_lazy("Take over an open invoice")
    explains = gettext_lazy(
        "Issued by an earlier tool: claimed and paid here, never numbered here."
    )
    submit_label = gettext_lazy("Take it over")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:other_documents"), _("Other documents"))

    def perform(self, form: Any) -> Invoice:
        return actions.take_over_invoice(**form.cleaned_data, **self.act())


class Copy(DetailPage):
    """The copy kept of an invoice of an earlier tool, as it was uploaded."""

    model = Invoice

    def get_actions(self) -> Sequence[Action]:
        return ()

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = FrozenFile.objects.filter(invoice=self.object, kind=FrozenFile.Kind.COPY).first()
        if found is None:
            raise Http404("copy")
        name = f"{slugify(self.object.number)}-copie.pdf"
        return file_response(bytes(found.content), name, "application/pdf")
