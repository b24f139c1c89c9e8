"""From a frozen InvoiceDocument to its PDF, without looking anything up."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim import pdf
from invoicing import document, wording
from invoicing.document import DayRow, InvoiceDocument, Party
from invoicing.facturx import FILE_NAME
from invoicing.notes import printed_mentions
from invoicing.packing import finish
from invoicing.pictures import logo_address, payment_qr
from invoicing.rules import DISCOUNT, Line, RateTotal, Totals

TEMPLATE: Final = "invoicing/print/invoice.html"
CSS: Final = (pdf.PRINT_CSS, "invoicing/print.css")
LANGUAGE: Final = "fr"  # a document for French law, whoever prints it

Pair = tuple[str, str]


def render_invoice(doc: InvoiceDocument) -> bytes:
    """Print a document alone: the same bytes for the same document, on the same machine."""
    return pdf.render(invoice_html(doc), css=CSS, epoch=doc.epoch)


def render_facturx(doc: InvoiceDocument, xml: bytes) -> bytes:
    """Print a document as PDF/A-3 with its XML inside, as an alternative of the pages."""
    words = {"number": doc.number}
    with override(LANGUAGE):
        described = _("Invoice data of %(number)s (Factur-X)") % words
    attached = pdf.Attachment(FILE_NAME, xml, described)
    made = pdf.render(
        invoice_html(doc), css=CSS, epoch=doc.epoch, variant="pdf/a-3a", attachments=[attached]
    )
    return finish(made)


def invoice_html(doc: InvoiceDocument) -> str:
    """Give the page that is printed; every text is escaped by the template."""
    with override(LANGUAGE):
        return render_to_string(TEMPLATE, _context(doc) | {"qr": payment_qr(doc)})


def _context(doc: InvoiceDocument) -> dict[str, Any]:
    return {
        "doc": doc,
        "title": wording.title(doc.kind),
        "is_credit": doc.kind == document.CREDIT_NOTE,
        "facts": list(_facts(doc)),
        "seller_lines": list(_seller_lines(doc.seller)),
        "seller_legal": " · ".join(_legal(doc.seller)),
        "buyer_lines": [*_identity(doc.buyer), *filter(None, [doc.buyer.registration])],
        "origin": _origin(doc),
        "lines": [_line(line) for line in doc.lines],
        "with_vat": any(line.vat_rate for line in doc.lines),
        "sums": _sums(doc),
        "hero": _hero(doc),
        "rates": [_rate(rate) for rate in doc.totals.by_rate],
        "funding": _funding(doc),
        "cent": _cent(doc),
        "budget": _budget(doc),
        "payment": _payment(doc),
        "schedule": _schedule(doc),
        "mentions": printed_mentions(doc),
        "logo": logo_address(doc.logo),
        "contact": _contact(doc),
        "days": _days(doc),
    }


def _facts(doc: InvoiceDocument) -> Iterator[Pair]:
    """What stands in the heading: dates and references, those that exist."""
    if doc.issued_on:
        yield _("Issue date"), wording.day(doc.issued_on)
    if served := wording.period(doc.service_from, doc.service_to):
        yield _("Service period"), served
    if doc.kind != document.CREDIT_NOTE and doc.instalments and not doc.is_settled:
        yield _("Due on"), ", ".join(wording.day(part.due_on) for part in doc.instalments)
    if doc.order_number:
        yield _("Your order"), doc.order_number
    if doc.agreement:
        yield _("Agreement"), _agreement(doc)
    if doc.beneficiary and doc.beneficiary != doc.buyer.name:
        yield _("For the benefit of"), doc.beneficiary


def _agreement(doc: InvoiceDocument) -> str:
    if doc.agreement is None:
        return ""
    words = [doc.agreement.title]
    if doc.agreement.number:
        words.append(_("no. %(number)s") % {"number": doc.agreement.number})
    if doc.agreement.signed_on:
        words.append(_("of %(day)s") % {"day": wording.day(doc.agreement.signed_on)})
    return " ".join(words)


def _seller_lines(seller: Party) -> Iterator[str]:
    yield from seller.address
    reach = [text for text in (seller.phone, seller.email) if text]
    if reach:
        yield " · ".join(reach)


def _legal(party: Party) -> Iterator[str]:
    """The seller's foot of page."""
    yield party.name
    if party.standing:
        yield party.standing
    if party.legal_form:
        yield party.legal_form
    if party.capital:
        yield _("capital %(amount)s") % {"amount": party.capital}
    yield from _identity(party)
    if party.registration:
        yield party.registration


def _identity(party: Party) -> Iterator[str]:
    if party.siret:
        yield f"SIRET{wording.SPACE}{wording.siren(party.siret)}"
    elif party.siren:
        yield f"SIREN{wording.SPACE}{wording.siren(party.siren)}"
    if party.vat_number:
        yield _("VAT no. %(number)s") % {"number": party.vat_number}


def _origin(doc: InvoiceDocument) -> str:
    if doc.origin is None:
        return ""
    words = {"number": doc.origin.number, "day": wording.day(doc.origin.issued_on)}
    if doc.kind == document.CREDIT_NOTE:
        return _("Credit note on invoice %(number)s of %(day)s.") % words
    return _("Cancels and replaces invoice %(number)s of %(day)s.") % words


def _line(line: Line) -> dict[str, str]:
    # A discount has neither quantity nor price: what it takes off is said once.
    counted = line.kind != DISCOUNT
    return {
        "label": line.label,
        "detail": line.detail,
        "quantity": wording.quantity(line.quantity) if counted else "",
        "unit": wording.unit(line.unit, line.quantity) if counted else "",
        "price": wording.euros(line.unit_price) if counted else "",
        "rate": wording.percent(line.vat_rate) if line.vat_rate else "—",
        "net": wording.euros(line.net),
    }


def _rate(rate: RateTotal) -> dict[str, str]:
    return {
        "rate": wording.percent(rate.rate),
        "base": wording.euros(rate.base),
        "vat": wording.euros(rate.vat),
    }


def _sums(doc: InvoiceDocument) -> list[tuple[str, str, str]]:
    """The column of totals: label, amount, class."""
    rows = _total_rows(doc.totals, gross_first=doc.gross_first)
    for deposit in doc.deposits:
        words = {"number": deposit.number, "day": wording.day(deposit.issued_on)}
        vat = wording.euros(deposit.totals.vat)
        label = _("Deposit %(number)s of %(day)s") % words
        label += " " + _("(of which VAT %(vat)s)") % {"vat": vat}
        rows.append((label, wording.euros(-deposit.totals.gross), "less"))
    if doc.deposits:
        back = doc.kind == document.CREDIT_NOTE
        vat_words = _("VAT given back") if back else _("VAT still due")
        left_words = _("Left to give back") if back else _("Left to pay")
        rows.append((vat_words, wording.euros(doc.due.vat), ""))
        rows.append((left_words, wording.euros(doc.due.gross), "whole"))
    return rows


def _total_rows(totals: Totals, *, gross_first: bool) -> list[tuple[str, str, str]]:
    net = (_("Total before VAT"), wording.euros(totals.net), "")
    if not totals.vat:
        return [(_("Total"), wording.euros(totals.gross), "whole")]
    vat = (_("VAT"), wording.euros(totals.vat), "")
    gross = (_("Total including VAT"), wording.euros(totals.gross), "whole")
    return [gross, net, vat] if gross_first else [net, vat, gross]


def _hero(doc: InvoiceDocument) -> dict[str, str]:
    """The one amount that matters, and until when."""
    gross = wording.euros(doc.due.gross)
    if doc.kind == document.CREDIT_NOTE:
        return {"label": _("Credit in your favour"), "amount": gross, "until": ""}
    until = ""
    if doc.is_settled:
        until = _("settled by the deposits taken off")
    elif len(doc.instalments) == 1:
        until = _("by %(day)s") % {"day": wording.day(doc.instalments[0].due_on)}
    elif doc.instalments:
        until = _("in %(count)s payments, see below") % {"count": len(doc.instalments)}
    return {"label": _("To pay"), "amount": gross, "until": until}


def _funding(doc: InvoiceDocument) -> list[tuple[str, str, str]]:
    """« Coût total ... · pris en charge par ... · reste à votre charge ... »."""
    if doc.funding is None:
        return []
    covered = [
        (_("covered by %(payer)s") % {"payer": cover.payer}, wording.euros(cover.amount), "")
        for cover in doc.funding.covers
    ]
    return [
        (_("Total cost"), wording.euros(doc.funding.total), ""),
        *covered,
        (_("left for you to pay"), wording.euros(doc.funding.remaining), "whole"),
    ]


def _cent(doc: InvoiceDocument) -> str:
    """The cent between the split and the whole, when there is one."""
    if doc.funding is None or doc.funding.split is None or doc.funding.whole is None:
        return ""
    words = {
        "split": wording.euros(doc.funding.split),
        "whole": wording.euros(doc.funding.whole),
    }
    return (
        _(
            "VAT is rounded on each payer's invoice: %(split)s in all, where a single invoice"
            " would have come to %(whole)s."
        )
        % words
    )


def _budget(doc: InvoiceDocument) -> str:
    if doc.budget is None:
        return ""
    words = {
        "used": wording.quantity(doc.budget.used),
        "left": wording.quantity(doc.budget.left),
    }
    return _("Days of the agreement: %(used)s used, %(left)s left.") % words


def _payment(doc: InvoiceDocument) -> list[Pair]:
    if doc.bank is None or doc.kind == document.CREDIT_NOTE or doc.is_settled:
        return []
    rows = [(_("IBAN"), wording.iban(doc.bank.iban))]
    if doc.bank.bic:
        rows.append((_("BIC"), doc.bank.bic))
    if doc.bank.holder:
        rows.append((_("Account holder"), doc.bank.holder))
    if reference := doc.reference or doc.number:
        rows.append((_("Reference to quote"), reference))
    return rows


def _schedule(doc: InvoiceDocument) -> list[tuple[str, str, str]]:
    if len(doc.instalments) < 2:
        return []
    return [
        (
            _("Payment %(position)s") % {"position": part.position},
            wording.day(part.due_on),
            wording.euros(part.amount),
        )
        for part in doc.instalments
    ]


def _contact(doc: InvoiceDocument) -> str:
    if doc.contact is None:
        return ""
    parts = (doc.contact.name, doc.contact.phone, doc.contact.email)
    return " · ".join(part for part in parts if part)


def _days(doc: InvoiceDocument) -> dict[str, Any]:
    """The second page: « relevé des journées », coop by coop where there are several."""
    shared = [row.share for row in doc.days if row.share is not None]
    several = len({row.coop for row in doc.days}) > 1
    rows = []
    for coop, group in groupby(doc.days, key=lambda row: row.coop):
        days = list(group)
        rows += [_day(row) for row in days]
        if several:
            rows[-len(days)]["heading"] = _coop_heading(coop, days)
    return {
        "rows": rows,
        "quantity": wording.quantity(sum((row.quantity for row in doc.days), Decimal(0))),
        "share": wording.euros(sum(shared, Decimal(0))) if shared else "",
    }


def _day(row: DayRow) -> dict[str, str]:
    return {
        "on": wording.day(row.on),
        "moment": wording.moment(row.moment),
        "people": row.people,
        "subject": row.subject,
        "quantity": wording.quantity(row.quantity),
        "share": "" if row.share is None else wording.euros(row.share),
    }


def _coop_heading(coop: str, days: Sequence[DayRow]) -> str:
    words = {
        "coop": coop,
        "days": wording.quantity(sum((row.quantity for row in days), Decimal(0))),
        "amount": wording.euros(sum((row.share or Decimal(0) for row in days), Decimal(0))),
    }
    return _("%(coop)s: %(days)s d, %(amount)s") % words
