"""What the invoicing room lets be found."""

from django.utils.translation import gettext_lazy as _

from essaim import hooks
from essaim.formats import date_fr, money
from essaim.search.kinds import Found, Searched, line, naming, page
from invoicing.models import Invoice, Payment


def _invoice(row: Invoice) -> Found:
    """By its number, its parties (as printed, and as they are called now), what it is about."""
    copied = row.client_copy.get("name", "")
    words = f"{row.client} {row.client.legal_name} {copied} {row.order_number} {row.title}"
    detail = line(row.client, row.title, row.issued_on and date_fr(row.issued_on))
    return Found(row.pk, row.number or row.title or str(row.client), detail, words)


def _payment(row: Payment) -> Found:
    """Not by its amount: it is no word, and "12 50" would find anything."""
    detail = line(row.client, date_fr(row.received_on), money(row.amount))
    return Found(row.pk, row.reference or str(row.client), detail, str(row.client))


for _answer in (
    Searched(
        model="invoicing.Invoice",
        label=_("Invoices"),
        icon="receipt-euro",
        order=38,
        permission="invoicing.view_invoice",
        rows=lambda: Invoice.objects.select_related("client").defer(
            "issuer_copy", "terms_copy", "vat_copy"
        ),
        tell=_invoice,
        url=page("invoicing:invoice"),
        follows={"crm.Organisation": naming(Invoice, "client")},
    ),
    Searched(
        model="invoicing.Payment",
        label=_("Payments"),
        icon="banknote",
        order=58,
        permission="invoicing.view_invoice",
        rows=lambda: Payment.objects.select_related("client"),
        tell=_payment,
        url=page("invoicing:payment"),
        follows={"crm.Organisation": naming(Payment, "client")},
    ),
):
    hooks.search.register(_answer.model)(_answer)
