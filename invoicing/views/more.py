"""« Plus »: every page of billing that is not a tab, by subject, in one place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from essaim import features
from essaim.views import Page
from invoicing.views.bill import room_tabs


@dataclass(frozen=True, slots=True)
class Way:
    """One page: its address, its name, what one does there, and the right it asks for."""

    address: str
    label: Any
    help: Any
    permission: str
    feature: str = ""


SEE, DRAFT, PAY = "invoicing.view_invoice", "invoicing.draft_invoice", "invoicing.record_payment"
EXPORT, BOOKS = "invoicing.export", "invoicing.manage_books"

WAYS: Final[Sequence[tuple[Any, str, Sequence[Way]]]] = (
    (
        _("Make a document"),
        "file-plus",
        (
            Way(
                "invoicing:run_new",
                _("Launch the billing"),
                _("Issue everything due at once."),
                "invoicing.issue_invoice",
            ),
            Way(
                "invoicing:runs",
                _("Past billings"),
                _("What each run issued, and what failed."),
                SEE,
            ),
            Way(
                "invoicing:invoice_new",
                _("Free invoice"),
                _("Lines by hand or from the catalogue."),
                DRAFT,
            ),
            Way(
                "invoicing:deposit_new",
                _("Deposit invoice"),
                _("An advance, taken off the final invoice."),
                DRAFT,
            ),
            Way(
                "invoicing:recurrings",
                _("Subscriptions"),
                _("What comes back each month or year."),
                "invoicing.view_recurring",
            ),
            Way(
                "invoicing:membership_calls",
                _("Membership calls"),
                _("The memberships of a year, outside VAT."),
                SEE,
            ),
            Way(
                "invoicing:catalogue",
                _("Catalogue"),
                _("Services sold often, with their price."),
                "invoicing.view_catalogue",
            ),
            Way(
                "invoicing:take_over_new",
                _("Take over an open invoice"),
                _("Still owed from an earlier tool."),
                "invoicing.take_over_invoice",
            ),
        ),
    ),
    (
        _("Before the invoice"),
        "file-text",
        (
            Way(
                "missions:quotes",
                _("Quotes"),
                _("Write, send, have accepted."),
                "missions.view_quote",
            ),
            Way(
                "missions:agreements",
                _("Agreements"),
                _("Rates, rhythm, payment terms, phases."),
                "missions.view_agreement",
            ),
            Way(
                "missions:envelopes",
                _("Envelopes"),
                _("A payer’s quota across coops."),
                "missions.view_envelope",
            ),
            Way(
                "missions:expenses",
                _("Expenses"),
                _("Rebilled, advanced or kept."),
                "missions.view_expense",
            ),
            Way(
                "invoicing:planner",
                _("They need more time"),
                _("What gives time lawfully, month by month."),
                "invoicing.use_planner",
            ),
        ),
    ),
    (
        _("Cash in"),
        "banknote",
        (
            Way(
                "invoicing:payment_new",
                _("Record a payment"),
                _("One payment, one or several invoices."),
                PAY,
            ),
            Way(
                "invoicing:statements",
                _("Bank statements"),
                _("Import a file, confirm what is proposed."),
                PAY,
            ),
            Way("invoicing:cheques", _("Cheques"), _("Cheques received, slips for the bank."), PAY),
            Way(
                "invoicing:antifraud",
                _("Payments of private customers"),
                _("What we rely on for the law on cash registers."),
                "invoicing.change_terms",
            ),
        ),
    ),
    (
        _("Remind and foresee"),
        "bell",
        (
            Way(
                "invoicing:reminders",
                _("Reminders of the day"),
                _("What is due to be sent, read then sent."),
                SEE,
            ),
            Way(
                "invoicing:texts",
                _("Texts and levels"),
                _("Words of mails and letters, days of reminders."),
                "invoicing.manage_texts",
            ),
            Way(
                "invoicing:forecast",
                _("Forecast"),
                _("Twelve months, certain and conditional."),
                SEE,
            ),
        ),
    ),
    (
        _("Books"),
        "book-open",
        (
            Way(
                "invoicing:vat",
                _("VAT due"),
                _("Base and tax per rate, for the VAT return."),
                EXPORT,
                features.VAT,
            ),
            Way(
                "invoicing:accruals",
                _("Closing"),
                _("Work not billed, income billed ahead."),
                EXPORT,
            ),
            Way(
                "invoicing:ereporting",
                _("E-reporting"),
                _("What we declare for clients outside e-invoicing."),
                EXPORT,
            ),
            Way(
                "invoicing:accounts",
                _("Accounts"),
                _("Accounts, journals, codes of clients."),
                BOOKS,
            ),
            Way("invoicing:lock", _("Period lock"), _("What no entry may touch any more."), BOOKS),
        ),
    ),
    (
        pgettext_lazy("billing", "Settings"),
        "settings",
        (
            Way(
                "crm:issuer",
                _("Issuer"),
                _("Identity, VAT regime, IBAN and mentions, over time."),
                "crm.view_issuer",
            ),
            Way(
                "crm:logo",
                _("Logo"),
                _("Printed on what is issued from now on."),
                "crm.manage_issuer",
            ),
            Way(
                "invoicing:numbering",
                _("Numbering"),
                _("Patterns of the series, and how far they went."),
                "crm.manage_issuer",
            ),
            Way(
                "legal_figures",
                _("Legal tables"),
                _("Rates and thresholds, dated, with their source."),
                "essaim.manage_tables",
            ),
            Way(
                "crm:organisations",
                _("Organisations"),
                _("Kind of client, addresses, e-invoicing."),
                "crm.view_organisation",
            ),
        ),
    ),
)


class More(Page):
    """The index of the room: what this person may open, by subject."""

    template_name = "invoicing/more.html"
    title = pgettext_lazy("billing", "More")
    explains = _("Everything else in billing, by subject.")

    def sections(self) -> Iterator[tuple[Any, str, list[tuple[str, Any, Any]]]]:
        """(subject, icon, pages) of the subjects that hold a page for this person."""
        may = self.request.user.has_perm
        for subject, icon, ways in WAYS:
            open_ones = [
                (reverse(w.address), w.label, w.help)
                for w in ways
                if may(w.permission) and (not w.feature or features.is_on(w.feature))
            ]
            if open_ones:
                yield subject, icon, open_ones

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {"sections": list(self.sections()), "tabs": room_tabs(self, "more")}
        return super().get_context(**more)
