"""Where an invoice stands: paid, late, credited, lost; derived from rows, never stored."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from essaim.money import ZERO, sql_cents
from invoicing import rules
from invoicing.models import Allocation, DepositRelease, Dispute, Invoice, Sending
from invoicing.models.invoice import InvoiceQuerySet
from invoicing.rules_schedule import next_due

_MONEY = DecimalField(max_digits=14, decimal_places=2)

TONES = {
    rules.DRAFT: "draft",
    rules.ISSUED: "info",
    rules.PART_PAID: "warn",
    rules.PAID: "good",
    rules.LATE: "bad",
    rules.CREDITED: "quiet",
    rules.WRITTEN_OFF: "bad",
}


def label_of(state: str) -> str:
    """A derived state in words."""
    words = {
        rules.DRAFT: _("Draft"),
        rules.ISSUED: _("Issued"),
        rules.PART_PAID: _("Partly paid"),
        rules.PAID: _("Paid"),
        rules.LATE: _("Late"),
        rules.CREDITED: _("Credited"),
        rules.WRITTEN_OFF: pgettext("invoice", "Written off"),
    }
    return words[state]


def _settled_by(source: str) -> Any:
    """What credit notes, or losses, settled of an invoice, to the cent."""
    rows = Allocation.objects.filter(**{"invoice": OuterRef("pk"), f"{source}__isnull": False})
    total = rows.order_by().values("invoice").annotate(total=Sum("amount")).values("total")
    return sql_cents(Coalesce(Subquery(total, output_field=_MONEY), 0, output_field=_MONEY))


def with_standing(rows: InvoiceQuerySet) -> InvoiceQuerySet:
    """Adds `allocated`, `left`, `credited` (the part that credit notes took), `lost` (the part
    given up as a bad debt) and `is_disputed`."""
    whole, lost = _settled_by("credit_note"), _settled_by("write_off")
    disputes = Dispute.objects.filter(invoice=OuterRef("pk"), opening=None, closing=None)
    mails = Sending.objects.filter(invoice=OuterRef("pk"), message__sent_at__isnull=False)
    released = DepositRelease.objects.filter(use__invoice=OuterRef("pk"))
    found = rows.with_left().annotate(
        credited=whole,
        lost=lost,
        is_disputed=Exists(disputes),
        was_sent=Exists(mails),
        was_given_back=Exists(released),
    )
    return found.prefetch_related("instalments")


def paid_of(invoice: Any) -> Decimal:
    """What payments settled of an annotated invoice."""
    return Decimal(invoice.allocated) - Decimal(invoice.credited) - Decimal(invoice.lost)


def next_due_of(invoice: Any) -> date | None:
    """The due date of the first instalment that payments do not cover, else the last one's.

    A row `with_left`; a document without a schedule of ours is due as a whole.
    """
    parts = invoice.instalments.all()
    if not parts:
        return invoice.due_on
    return next_due(parts, Decimal(invoice.allocated)) or max(part.due_on for part in parts)


def states_of(invoice: Any, *, on: date) -> tuple[str, ...]:
    """The states of an annotated invoice on a day; part-paid and late come together."""
    if not invoice.asked and getattr(invoice, "was_given_back", False):
        # It asked for nothing: only its deposits, free again, tell that it was credited.
        return (rules.CREDITED,)
    return rules.settlement(
        issued=invoice.is_issued,
        gross=invoice.asked,
        credited=Decimal(invoice.credited),
        allocated=paid_of(invoice),
        lost=Decimal(invoice.lost),
        due_on=next_due_of(invoice),
        on=on,
    )


def badges_of(invoice: Any, *, on: date) -> list[tuple[str, str]]:
    """(words, tone) of each badge of an annotated invoice."""
    kind = [] if invoice.kind == Invoice.Kind.INVOICE else [(_kind_words(invoice), "quiet")]
    if not invoice.is_issued:
        return [*kind, (label_of(rules.DRAFT), TONES[rules.DRAFT])]
    if invoice.is_credit_note:
        return [*kind, (_("Sent"), "info")] if getattr(invoice, "was_sent", False) else kind
    states = states_of(invoice, on=on)
    if rules.LATE in states:
        # « Émise » says nothing more than « En retard ».
        states = tuple(s for s in states if s != rules.ISSUED)
    # « Envoyée » says that it is issued, and more.
    sent = {rules.ISSUED: _("Sent")} if getattr(invoice, "was_sent", False) else {}
    found = [*kind, *((sent.get(s) or label_of(s), TONES[s]) for s in states)]
    return [*found, (_("Contested"), "warn")] if getattr(invoice, "is_disputed", False) else found


def _kind_words(invoice: Any) -> str:
    """The kind of a document in the fewest words, for its badge."""
    words = {
        Invoice.Kind.CREDIT_NOTE: _("Credit note"),
        Invoice.Kind.CORRECTIVE: _("Corrective"),
        Invoice.Kind.DEPOSIT: _("Deposit"),
        Invoice.Kind.MEMBERSHIP_CALL: _("Membership"),
        Invoice.Kind.TAKEN_OVER: _("Taken over"),
    }
    return words[invoice.kind]


def stand(invoice: Any, *, on: date) -> Any:
    """Put `badges` and `is_owed` on an annotated invoice, for lists and pages."""
    invoice.badges = badges_of(invoice, on=on)
    invoice.next_due_on = next_due_of(invoice)
    invoice.is_owed = (
        invoice.is_issued and not invoice.is_credit_note and Decimal(invoice.left) > ZERO
    )
    return invoice


def word_of_coop(coop: Any, *, on: date) -> tuple[str, str]:
    """« À jour », « en attente » or « en retard », all that a consultant may know of money."""
    rows = Invoice.objects.filter(coop=coop).unpaid().with_late(on=on)
    most = rows.order_by("-late").values_list("late", flat=True).first()
    return word_of(is_owed=most is not None, is_late=most is not None and most > 0)


def word_of(*, is_owed: bool, is_late: bool) -> tuple[str, str]:
    """The same words, for whoever has read the figures already."""
    if not is_owed:
        return _("up to date"), "good"
    return (_("late"), "bad") if is_late else (_("awaited"), "warn")
