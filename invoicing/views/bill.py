"""« À facturer »: what waits, what is in the way, and the button that drafts."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm.models import Organisation
from essaim import features
from essaim.context_processors import address
from essaim.money import ZERO, cents
from essaim.views import CAP, Action, FormPage, Page, capped
from invoicing.actions import desk
from invoicing.forms import FeeForm, PrepareForm
from invoicing.models import BillingRun, BillingRunPayer, Invoice, SubsidyShareClause
from invoicing.waiting import lacks, payers
from missions.models import Agreement, MissionDay


def room_tabs(page: Page, current: str) -> list[tuple[Any, str, bool, None]]:
    """The pages of the room, those this person may open."""
    entries = (
        ("to_bill", _("To bill"), "invoicing.view_to_bill"),
        ("invoices", _("Invoices"), "invoicing.view_invoice"),
        ("receivables", _("Receivables"), "invoicing.view_invoice"),
        ("payments", _("Payments"), "invoicing.view_invoice"),
        ("clauses", _("Fees tied to grants"), "invoicing.view_clause"),
        ("exports", _("Exports"), "invoicing.export"),
        ("more", pgettext("billing", "More"), "invoicing.view_invoice"),
    )
    may = page.request.user.has_perm
    aside = set() if features.is_on(features.LINKED_FEES) or current == "clauses" else {"clauses"}
    return [
        (label, reverse(f"invoicing:{name}"), name == current, None)
        for name, label, permission in entries
        if may(permission) and name not in aside
    ]


class ToBill(Page):
    """Validated, unbilled work and fees due, per payer, oldest first."""

    template_name = "invoicing/to_bill.html"
    title = gettext_lazy("To bill")
    explains = gettext_lazy(
        "Validated work that no invoice holds yet, per payer; what bars it comes first."
    )
    about = "a-facturer"

    def get_primary(self) -> Action:
        url = reverse("invoicing:run_new")
        return Action(_("Launch the billing"), url, "play", "invoicing.issue_invoice", "l")

    def get_actions(self) -> list[Action]:
        url, others = reverse("invoicing:invoice_new"), reverse("invoicing:other_documents")
        return [
            Action(_("Free invoice"), url, "plus", "invoicing.draft_invoice"),
            Action(_("Other documents"), others, "files", "invoicing.view_invoice"),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = payers(on=self.today)
        due = [p for p in found if p.rows]
        total = cents(sum((p.amount for p in found), ZERO))
        drafts = Invoice.objects.visible_to(self.request.user).filter(state=Invoice.State.DRAFT)
        more |= {
            "payers": found,
            "total": total,
            "later": cents(sum((p.later for p in found), ZERO)),
            "lacking": [(p.organisation, words) for p in due if (words := lacks(p.organisation))],
            "pending": self.pending(),
            "drafts": capped(drafts),
            "running": self.running(),
            "tabs": room_tabs(self, "to_bill"),
            "may_draft": self.request.user.has_perm("invoicing.draft_invoice"),
        }
        return super().get_context(**more)

    def running(self) -> list[BillingRun]:
        """Runs that are not ended, with how many of their payers are settled."""
        open_states = (BillingRunPayer.State.WAITING, BillingRunPayer.State.LEASED)
        rows = BillingRun.objects.visible_to(self.request.user).filter(state="running")
        left = Count("payers", filter=Q(payers__state__in=open_states))
        return list(rows.annotate(count=Count("payers"), left=left)[:3])

    def pending(self) -> list[tuple[str, str]]:
        """Days that cannot be billed yet, in words, with where to decide."""
        days = MissionDay.objects.visible_to(self.request.user)
        submitted, pending = capped(days.to_validate()), capped(days.to_arbitrate())
        found, list_of = [], address("missions:days")
        if submitted:
            words = ngettext(
                "%(count)s day waits for validation.",
                "%(count)s days wait for validation.",
                submitted,
            )
            found.append((words % {"count": _at_most(submitted)}, f"{list_of}?show=submitted"))
        if pending:
            words = ngettext(
                "%(count)s day over budget or late waits for a decision.",
                "%(count)s days over budget or late wait for a decision.",
                pending,
            )
            found.append((words % {"count": _at_most(pending)}, f"{list_of}?show=arbitrate"))
        return found


def _at_most(count: int) -> str:
    return f"{CAP - 1}+" if count >= CAP else str(count)


class Prepare(FormPage):
    """Draft the days of one agreement, or everything of one payer."""

    form_class = PrepareForm
    title = gettext_lazy("Prepare the invoice")
    explains = gettext_lazy(
        "A draft is made from these days: you read it again before it gets a number."
    )
    submit_label = gettext_lazy("Prepare the invoice")
    submit_icon = "file-plus"

    def get_initial(self) -> dict[str, Any]:
        names = ("payer", "agreement", "with_expenses", "price", "early")
        return {name: self.request.GET.get(name) for name in names}

    def get_context(self, **more: Any) -> dict[str, Any]:
        early = "early" in self.request.GET or "early" in self.request.POST
        words = _("The agreement bills this later: drafting it now is your choice, and is kept.")
        return super().get_context(help=words if early else "", **more)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:to_bill"), _("To bill"))

    def perform(self, form: Any) -> Any:
        user, given = self.request.user, form.cleaned_data
        payer = self.pick(Organisation.objects.visible_to(user), given["payer"])
        if given["agreement"] is None:
            return desk.draft_all(payer=payer, **self.act())
        agreement = self.pick(Agreement.objects.visible_to(user), given["agreement"])
        early = given["early"]
        if given["price"]:
            return desk.draft_price(payer=payer, agreement=agreement, early=early, **self.act())
        return desk.draft_days(
            payer=payer,
            agreement=agreement,
            with_expenses=given["with_expenses"],
            early=early,
            **self.act(),
        )

    def get_success_message(self, done: list[Invoice]) -> str:
        words = ngettext("%(count)s draft is ready.", "%(count)s drafts are ready.", len(done))
        return words % {"count": len(done)}

    def get_success_url(self, done: list[Invoice]) -> str:
        if len(done) == 1:
            return done[0].get_absolute_url()
        return f"{reverse('invoicing:invoices')}?show=drafts"


class PrepareFee(FormPage):
    """Draft a fee due from a clause, its fixed part, or the credit note of a reduction."""

    model = SubsidyShareClause
    form_class = FeeForm
    template_name = "invoicing/prepare_fee.html"
    title = gettext_lazy("Prepare the fee invoice")
    explains = gettext_lazy(
        "The fee follows what the funder paid; the draft says how it was reckoned."
    )
    submit_label = gettext_lazy("Prepare the fee invoice")
    submit_icon = "file-plus"

    def get_initial(self) -> dict[str, Any]:
        return {
            "fixed": "fixed" in self.request.GET,
            "disbursement": self.request.GET.get("disbursement"),
        }

    def perform(self, form: Any) -> Any:
        return desk.draft_one_fee(
            clause=self.object,
            fixed=form.cleaned_data["fixed"],
            disbursement_id=form.cleaned_data["disbursement"],
            **self.act(),
        )

    def get_success_message(self, done: Invoice) -> str:
        return _("The credit note is ready.") if done.is_credit_note else _("The draft is ready.")


def found_or_404(rows: Any, key: str) -> Any:
    """A row by a key typed in an address; 404 for what is not there."""
    found = rows.filter(pk=key).first() if key.isascii() and key.isdigit() else None
    if found is None:
        raise Http404(rows.model._meta.label)
    return found
