"""From stored rows to the document that is printed, and to the payload that is sealed."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import prefetch_related_objects

from crm.models import Logo
from essaim.countries import FRANCE
from invoicing import rules
from invoicing.copies import (
    client_copy,
    issuer_copy,
    line_of,
    regime_of,
    terms_copy,
    totals_of,
)
from invoicing.document import (
    Agreement,
    Bank,
    Budget,
    Cover,
    DayRow,
    DeductedDeposit,
    Funding,
    InvoiceDocument,
    Origin,
    Party,
    Person,
    Picture,
)
from invoicing.known import Known
from invoicing.models import Invoice, InvoiceLine
from invoicing.scheduling import schedule_for


def _party(copy: dict[str, Any]) -> Party:
    names = (
        "legal_form",
        "capital",
        "registration",
        "siren",
        "siret",
        "vat_number",
        "email",
        "phone",
        "postcode",
        "city",
        "e_address",
        "kind",
        "vat_status",
        "standing",
    )
    return Party(
        name=copy["name"],
        address=tuple(copy["address"]),
        billing_address=tuple(copy.get("billing_address", ())),
        country=copy.get("country", FRANCE),
        **{name: copy.get(name, "") for name in names},
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _funding(copy: dict[str, Any] | None) -> Funding | None:
    if not copy:
        return None
    covers = tuple(Cover(c["payer"], Decimal(c["amount"])) for c in copy["covers"])
    cent = {name: Decimal(copy[name]) for name in ("split", "whole") if name in copy}
    return Funding(Decimal(copy["total"]), covers, Decimal(copy["remaining"]), **cent)


def _days(lines: list[Any]) -> tuple[DayRow, ...]:
    return tuple(
        DayRow(
            on=date.fromisoformat(day["on"]),
            moment=day["moment"],
            people=day["people"],
            subject=day["subject"],
            quantity=Decimal(day["quantity"]),
            share=Decimal(day["share"]),
            coop=day.get("coop", ""),
        )
        for line in lines
        for day in line.days
    )


def _mention(copy: dict[str, Any]) -> rules.Mention:
    values: list[tuple[str, Any]] = [(k, Decimal(v)) for k, v in copy["values"].items()]
    if text := copy.get("text"):
        values.append(("text", text))
    return rules.Mention(copy["code"], tuple(values))


def _terms(terms: dict[str, Any]) -> dict[str, Any]:
    agreement, origin, budget = terms["agreement"], terms["origin"], terms["budget"]
    return {
        "agreement": agreement
        and Agreement(agreement["title"], agreement["number"], _date(agreement["signed_on"])),
        "origin": origin and Origin(origin["number"], date.fromisoformat(origin["issued_on"])),
        "budget": budget and Budget(Decimal(budget["used"]), Decimal(budget["left"])),
        "funding": _funding(terms["funding"]),
        "mentions": tuple(_mention(m) for m in terms["mentions"]),
        "order_number": terms["order_number"],
        "beneficiary": terms["beneficiary"],
        "service_code": terms.get("service_code", ""),
    }


def _deposits(copies: list[dict[str, Any]]) -> tuple[DeductedDeposit, ...]:
    """The deposits a final invoice takes off, rate by rate, as they were copied on it."""
    return tuple(
        DeductedDeposit(
            copy["number"],
            date.fromisoformat(copy["issued_on"]),
            rules.total_of(
                rules.RateTotal(
                    r["category"], Decimal(r["rate"]), Decimal(r["base"]), Decimal(r["vat"])
                )
                for r in copy["by_rate"]
            ),
        )
        for copy in copies
    )


def _logo(issuer: dict[str, Any]) -> Picture | None:
    return _picture(issuer["logo"]) if issuer.get("logo") else None


@lru_cache(maxsize=8)
def _picture(sha256: str) -> Picture:
    """A logo by its fingerprint: its bytes never change, so it is read once."""
    row = Logo.objects.get(sha256=sha256)
    return Picture(row.kind, bytes(row.content))


def _copies(
    invoice: Invoice, *, on: date, known: Known | None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Issuer, client and terms: the frozen copies, or those a draft would take `on` that day."""
    if invoice.is_issued:
        return invoice.issuer_copy, invoice.client_copy, invoice.terms_copy
    assert invoice.issuer is not None
    issuer = issuer_copy(invoice.issuer) | {"regime": regime_of(invoice, invoice.issuer)}
    return (
        issuer,
        client_copy(invoice.client),
        terms_copy(invoice, invoice.issuer, on, known=known),
    )


def document_of(invoice: Invoice, *, on: date, known: Known | None = None) -> InvoiceDocument:
    """The document of an invoice: from its frozen copies once issued, else as it would be `on`."""
    issuer, client, terms = _copies(invoice, on=on, known=known)
    lines = list(invoice.lines.all())
    bank = Bank(issuer["iban"], issuer["bic"], issuer["name"]) if issuer["iban"] else None
    contact = Person(issuer["contact"], issuer["phone"], issuer["email"])
    return InvoiceDocument(
        kind=invoice.kind,
        regime=issuer["regime"],
        seller=_party(issuer),
        buyer=_party(client),
        lines=tuple(line_of(line) for line in lines),
        totals=totals_of(invoice),
        epoch=int(invoice.issued_at.timestamp()) if invoice.issued_at else 0,
        number=invoice.number or "",
        issued_on=invoice.issued_on,
        service_from=invoice.period_from,
        service_to=invoice.period_to,
        instalments=()
        if invoice.is_credit_note
        else schedule_for(invoice, on, read=known.figures if known else None),
        bank=bank,
        reference=invoice.number or "",
        reason=invoice.words if invoice.is_credit_note else "",
        note="" if invoice.is_credit_note else invoice.words,
        days=_days(lines),
        contact=contact if contact.name else None,
        gross_first=bool(client["gross_first"]),
        chain_hash=invoice.digest,
        deposits=_deposits(invoice.deposits_copy),
        logo=_logo(issuer),
        **_terms(terms),
    )


def _schedule(invoice: Invoice, on: date, known: Known | None) -> tuple[rules.Instalment, ...]:
    if invoice.is_credit_note:
        return ()
    return schedule_for(invoice, on, read=known.figures if known else None)


PDF_MARK = "pdf:"  # before the hash of a file, among the anchors

_OWN = (
    "kind", "number", "year", "rank", "issued_on", "issued_at", "due_on", "title", "period_from",
    "period_to", "term_days", "term_method", "term_basis", "wanted_due_on", "order_number",
    "words", "issuer_copy", "client_copy", "terms_copy", "vat_copy", "net", "vat", "gross",
    "rules_version", "coop_id", "agreement_id", "clause_id", "origin_id", "issuer_id",
    "series_id_used", "created_by_id", "created_at",
)  # fmt: skip
# What documents of rules version 2 seal besides; those of version 1 had no such columns.
_OWN_2 = ("envelope_id", "deducted", "deducted_vat", "deposits_copy", "is_recap")
_LINE_2 = ("chosen_rate",)
_LINE = (
    "position", "kind", "label", "detail", "quantity", "unit", "unit_price", "net", "vat_rate",
    "vat_category", "days", "analytic_code", "origin_id", "billable_again",
)  # fmt: skip
_FEE = (
    "clause_id", "application_id", "disbursement_id", "is_fixed_part", "is_reduction", "base",
    "amount",
)  # fmt: skip
_PHASE = ("phase_id", "share_id", "generation")


# What hangs on a document and is sealed with it: to be prefetched when many are.
SEALED = (
    "lines__billed_shares",
    "lines__billed_expenses",
    "lines__fee",
    "lines__billed_phase",
    "instalments",
)


def _expenses(line: InvoiceLine) -> dict[str, Any]:
    """The expenses a line bills, each with its generation."""
    found = sorted([e.expense_id, e.generation] for e in line.billed_expenses.all())
    return {"expenses": found} if found else {}


def sealed(invoice: Invoice) -> bytes:
    """The canonical bytes of an issued document: its row, lines, shares, fees and instalments."""
    first = invoice.rules_version == "1"
    own, of_line = (_OWN, _LINE) if first else (_OWN + _OWN_2, _LINE + _LINE_2)
    prefetch_related_objects([invoice], *SEALED)
    lines = []
    for line in invoice.lines.all():
        fee = getattr(line, "fee", None)
        phase = getattr(line, "billed_phase", None)
        lines.append(
            {
                **{name: getattr(line, name) for name in of_line},
                "shares": sorted(s.share_id for s in line.billed_shares.all()),
                "fee": fee and {name: getattr(fee, name) for name in _FEE},
                # Only where there is one: what was sealed before it existed keeps its bytes.
                **_expenses(line),
                **({"phase": {n: getattr(phase, n) for n in _PHASE}} if phase else {}),
            }
        )
    schedule = [
        {"position": i.position, "due_on": i.due_on, "amount": i.amount}
        for i in invoice.instalments.all()
    ]
    return rules.canonical(
        {
            **{name: getattr(invoice, name) for name in own},
            "lines": lines,
            "instalments": schedule,
        }
    )
