"""From a document to the business terms of EN 16931 (BT and BG numbers): pure, no library."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import override

from invoicing import document, wording
from invoicing.document import InvoiceDocument, Party
from invoicing.notes import notes, terms_text
from invoicing.rules import (
    ADVANCED_COST,
    ASSOCIATION_EXEMPT,
    DISCOUNT,
    FRANCHISE,
    Line,
    RateTotal,
)
from invoicing.rules_efacture import FINAL, NO_ADDRESS, PAID, PLAIN

Terms = dict[str, Any]

CURRENCY: Final = "EUR"
TYPES: Final = {
    document.INVOICE: "380",
    document.CREDIT_NOTE: "381",
    document.CORRECTIVE: "384",
    document.DEPOSIT: "386",
}
SIREN_SCHEME, SIRET_SCHEME, ROUTE_SCHEME, MAIL_SCHEME = "0002", "0009", "0225", "EM"
CREDIT_TRANSFER: Final = "30"
DISCOUNT_REASON: Final = "95"  # UNTDID 5189: discount
# When the tax falls due, in the words of the library: on debits the invoice, else the payment.
TAX_POINT: Final = {"debits": "invoice", "receipts": "payment"}
_EXEMPT: Final = {
    FRANCHISE: ("VATEX-FR-FRANCHISE", "vat_franchise"),
    ASSOCIATION_EXEMPT: ("VATEX-FR-CGI261-7", "vat_association_exempt"),
}
_ADVANCED: Final = ("VATEX-EU-79-C", "advanced_cost")


class NotExchangeable(ValueError):
    """The document can't be said in EN 16931; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def money(amount: Decimal) -> str:
    """Write an amount with its two decimals."""
    return f"{amount:.2f}"


def number(value: Decimal) -> str:
    """Write a quantity or a rate without useless zeros."""
    return f"{value.normalize():f}"


def terms(doc: InvoiceDocument) -> Terms:
    """Give the business terms of an issued document; raises NotExchangeable."""
    check(doc)
    with override("fr"):
        return {
            **_heading(doc),
            **_references(doc),
            "BG-1": [{"BT-21": subject, "BT-22": text} for subject, text in notes(doc)],
            "BG-4": _seller(doc),
            "BG-7": _buyer(doc),
            **_service(doc),
            **_payment(doc),
            "BG-20": [_allowance(line, doc) for line in doc.lines if _is_allowance(line)],
            "BG-23": [_breakdown(rate, doc) for rate in doc.totals.by_rate],
            **_sums(doc),
            "BG-25": [_line(rank, line, doc) for rank, line in enumerate(_own_lines(doc), start=1)],
        }


def check(doc: InvoiceDocument) -> None:
    """Raise NotExchangeable for what the standard can't hold."""
    if not doc.is_electronic:
        raise NotExchangeable("kind_is_no_invoice")
    categories = {rate.category for rate in doc.totals.by_rate}
    if "O" in categories and len(categories) > 1:
        raise NotExchangeable("out_of_scope_is_mixed")  # BR-O-11 to BR-O-14
    if not list(_own_lines(doc)):
        raise NotExchangeable("only_discounts")


def _is_allowance(line: Line) -> bool:
    return line.kind == DISCOUNT and line.net <= 0


def _own_lines(doc: InvoiceDocument) -> Iterator[Line]:
    return (line for line in doc.lines if not _is_allowance(line))


def _frame(doc: InvoiceDocument) -> str:
    if doc.paid_on is not None:
        return PAID
    return FINAL if doc.deposits else PLAIN


def _heading(doc: InvoiceDocument) -> Terms:
    return {
        "BT-1": doc.number,
        "BT-2": doc.issued_on,
        "BT-3": TYPES[doc.kind],
        "BT-5": CURRENCY,
        "BT-23": _frame(doc),
    }


def _references(doc: InvoiceDocument) -> Terms:
    found: Terms = {
        "BT-10": doc.service_code,
        "BT-12": doc.agreement.number if doc.agreement else "",
        "BT-13": doc.order_number,
    }
    before = [(doc.origin.number, doc.origin.issued_on)] if doc.origin else []
    if doc.kind == document.INVOICE:
        before += [(deposit.number, deposit.issued_on) for deposit in doc.deposits]
    if before:
        found["BG-3"] = [{"BT-25": label, "BT-26": on} for label, on in before]
    return found


def _siren(party: Party) -> str:
    return party.siren or party.siret[:9]


def _place(party: Party) -> Terms:
    """The postal address; the postcode and the city of older copies are read in its last line."""
    lines, postcode, city = list(party.address), party.postcode, party.city
    # A foreign address ends with its country, and the one before is the postcode and the city.
    if postcode or city:
        written = {f"{postcode} {city}".strip(), wording.country(party.country)}
        lines = [line for line in lines if line not in written]
    elif lines:
        first, _space, rest = lines.pop().partition(" ")
        postcode, city = (
            (first, rest) if any(c.isdigit() for c in first) else ("", f"{first} {rest}")
        )
    streets = dict(zip(("addr_l1", "addr_l2", "addr_l3"), _three(lines), strict=False))
    return {
        "country_code": party.country or "FR",
        "postcode": postcode.strip(),
        "city": city.strip(),
        **streets,
    }


def _three(lines: list[str]) -> list[str]:
    """At most three lines, the last taking what is left."""
    return lines if len(lines) <= 3 else [*lines[:2], ", ".join(lines[2:])]


def _identity(party: Party, *, with_vat: bool) -> Terms:
    found: Terms = {"name": party.name}
    if party.siret:
        found["identifiers"] = {SIRET_SCHEME: party.siret}
    if siren := _siren(party):
        found |= {"legal_identifier": siren, "legal_identifier_schemeid": SIREN_SCHEME}
    if party.vat_number and with_vat:
        found["vat_identifier"] = party.vat_number
    return found


def _address_of(party: Party) -> Terms:
    """The electronic address: what was agreed, the SIREN, the e-mail, or one that says none."""
    if party.e_address:
        scheme = MAIL_SCHEME if "@" in party.e_address else ROUTE_SCHEME
        return {"einvoicing_addr": party.e_address, "einvoicing_addr_schemeid": scheme}
    if siren := _siren(party):
        return {"einvoicing_addr": siren, "einvoicing_addr_schemeid": ROUTE_SCHEME}
    address = party.email or NO_ADDRESS
    return {"einvoicing_addr": address, "einvoicing_addr_schemeid": MAIL_SCHEME}


def _has_vat_numbers(doc: InvoiceDocument) -> bool:
    """BR-O-02: what is out of the scope of VAT quotes no VAT number."""
    return all(rate.category != "O" for rate in doc.totals.by_rate)


def _seller(doc: InvoiceDocument) -> Terms:
    seller, with_vat = doc.seller, _has_vat_numbers(doc)
    legal = [seller.legal_form, seller.standing]
    legal += [f"capital {seller.capital}" if seller.capital else "", seller.registration]
    found = _identity(seller, with_vat=with_vat) | _place(seller) | _address_of(seller)
    found["legal_info"] = " · ".join(text for text in legal if text)
    if not seller.vat_number and with_vat:
        # BR-E-02: without a VAT number, the tax office knows us by our SIREN.
        found["tax_identifier"] = _siren(seller)
    if doc.contact:
        person = doc.contact
        found["contacts"] = [{"name": person.name, "phone": person.phone, "email": person.email}]
    return found


def _buyer(doc: InvoiceDocument) -> Terms:
    buyer = doc.buyer
    return _identity(buyer, with_vat=_has_vat_numbers(doc)) | _place(buyer) | _address_of(buyer)


def _service(doc: InvoiceDocument) -> Terms:
    first, last = doc.service_from, doc.service_to or doc.service_from
    # The day the work was done; the library writes a wrong element where there is none.
    found: Terms = {"BT-72": last or doc.issued_on}
    if first and last and first < last:
        found |= {"BT-73": first, "BT-74": last}
    return found


def _payment(doc: InvoiceDocument) -> Terms:
    found: Terms = {"BT-20": terms_text(doc), "BT-83": doc.reference or doc.number}
    if doc.paid_on is not None:
        found["BT-9"] = doc.paid_on
    elif doc.kind != document.CREDIT_NOTE and doc.instalments:
        found["BT-9"] = max(part.due_on for part in doc.instalments)
    if doc.bank and doc.kind != document.CREDIT_NOTE:
        bank = doc.bank
        found |= {"BT-81": CREDIT_TRANSFER, "BT-84": bank.iban, "BT-85": bank.holder}
        found["BT-86"] = bank.bic
    if doc.regime in TAX_POINT and any(rate.category == "S" for rate in doc.totals.by_rate):
        found["BT-8"] = TAX_POINT[doc.regime]
    return {name: value for name, value in found.items() if value}


def category_of(line: Line, doc: InvoiceDocument) -> str:
    """The VAT category of one line: its own, or that of its rate on this document."""
    if line.category:
        return line.category
    if line.vat_rate:
        return "S"
    found = [rate.category for rate in doc.totals.by_rate if not rate.rate]
    return found[0] if found else "E"


def _vat(category: str, rate: Decimal) -> Terms:
    """What is out of the scope of VAT has no rate, not even zero (BR-O-05)."""
    return {"category": category, "rate": "" if category == "O" else number(rate) or "0"}


def _allowance(line: Line, doc: InvoiceDocument) -> Terms:
    vat = _vat(category_of(line, doc), line.vat_rate)
    found = {
        "amount": money(-line.net),
        "reason": line.label,
        "reason_code": DISCOUNT_REASON,
        "vat_category_code": vat["category"],
    }
    return found | ({"vat_rate": vat["rate"]} if vat["rate"] else {})


def _exemption(rate: RateTotal, doc: InvoiceDocument) -> tuple[str, str]:
    """The VATEX code and the text of why no VAT is asked."""
    texts = {mention.code: wording.mention(mention) for mention in doc.mentions}
    if rate.category == "AE":
        return "VATEX-EU-AE", texts.get("reverse_charge") or wording.exemption("reverse_charge")
    if rate.category == "O":
        said = next((texts[code] for code in wording.OUTSIDE if code in texts), "")
        return "VATEX-EU-O", said or wording.exemption("vat_out_of_scope")
    lines = [line for line in doc.lines if not line.vat_rate]
    advanced = [line for line in lines if line.kind == ADVANCED_COST]
    pairs = [_EXEMPT[doc.regime]] if doc.regime in _EXEMPT and len(advanced) < len(lines) else []
    pairs += [_ADVANCED] if advanced or not pairs else []
    said = " ".join(texts.get(code) or wording.exemption(code) for _vatex, code in pairs)
    return pairs[0][0], said


def _breakdown(rate: RateTotal, doc: InvoiceDocument) -> Terms:
    vat = _vat(rate.category, rate.rate)
    found = {"BT-116": money(rate.base), "BT-117": money(rate.vat), "BT-118": rate.category}
    if vat["rate"]:
        found["BT-119"] = vat["rate"]
    if rate.category != "S":
        code, text = _exemption(rate, doc)
        found |= {"BT-121": code, "BT-120": text}
    return found


def _sums(doc: InvoiceDocument) -> Terms:
    lines = sum((line.net for line in _own_lines(doc)), Decimal(0))
    taken = sum((-line.net for line in doc.lines if _is_allowance(line)), Decimal(0))
    paid = sum((deposit.totals.gross for deposit in doc.deposits), Decimal(0))
    if doc.paid_on is not None:
        paid = doc.totals.gross
    found = {
        "BT-106": money(lines),
        "BT-109": money(doc.totals.net),
        "BT-110": money(doc.totals.vat),
        "BT-112": money(doc.totals.gross),
        "BT-115": money(doc.totals.gross - paid),
    }
    return (
        found
        | ({"BT-107": money(taken)} if taken else {})
        | ({"BT-113": money(paid)} if paid else {})
    )


def _line(rank: int, line: Line, doc: InvoiceDocument) -> Terms:
    vat = _vat(category_of(line, doc), line.vat_rate)
    found = {
        "BT-126": str(rank),
        "BT-129": number(line.quantity),
        "BT-130": line.unit,
        "BT-131": money(line.net),
        "BT-146": money(line.unit_price),
        "BT-151": vat["category"],
        "BT-153": line.label,
        "BT-154": line.detail,
    }
    return found | ({"BT-152": vat["rate"]} if vat["rate"] else {})
