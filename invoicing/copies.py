"""What an issued document copies of both parties and of its terms, as plain data."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.models import IssuerProfile, Organisation
from essaim.countries import FRANCE, is_outside_union, is_reverse_charged, name_of
from essaim.legal_figures import Kind
from essaim.models.legal import FiguresRead, figure, late_rates, vat_rates
from essaim.money import ZERO, cents
from essaim.terms import PUBLIC, late_rate
from invoicing import rules
from invoicing.known import Known
from invoicing.models import Invoice, InvoiceLine


def _address(street: str, postcode: str, city: str, country: str = FRANCE) -> list[str]:
    abroad = name_of(country) if country != FRANCE else ""
    return [line for line in (*street.splitlines(), f"{postcode} {city}".strip(), abroad) if line]


def issuer_copy(profile: IssuerProfile) -> dict[str, Any]:
    """Our side of the document, as the profile in force says it."""
    name = f"{profile.legal_name} EI" if profile.is_sole_trader else profile.legal_name
    return {
        "name": name,
        "legal_form": profile.legal_form,
        "registration": profile.registration,
        "capital": profile.capital,
        "siren": profile.siren,
        "siret": profile.siret,
        "vat_number": profile.vat_number,
        "regime": profile.regime,
        "address": _address(profile.street, profile.postcode, profile.city),
        "email": profile.email,
        "phone": profile.phone,
        "contact": profile.contact_name,
        "iban": profile.iban,
        "bic": profile.bic,
        "postcode": profile.postcode,
        "city": profile.city,
        "e_address": profile.e_address,
        "standing": profile.standing,
        "logo": profile.logo.sha256 if profile.logo else "",
    }


def client_copy(client: Organisation) -> dict[str, Any]:
    """The client's side of the document."""
    billing = _address(client.billing_street, client.billing_postcode, client.billing_city)
    if billing and client.billing_name:
        billing = [client.billing_name, *billing]
    return {
        "name": client.legal_name,
        "address": _address(client.street, client.postcode, client.city, client.country),
        "billing_address": billing,
        "siren": client.siren,
        "siret": client.siret,
        "vat_number": client.vat_number,
        "registration": client.court_register or (f"RNA {client.rna}" if client.rna else ""),
        "kind": client.client_kind,
        "email": client.billing_email or client.email,
        "gross_first": not client.recovers_vat,
        "postcode": client.postcode,
        "city": client.city,
        "country": client.country,
        "e_address": client.e_address,
        "vat_status": client.vat_status,
    }


def vat_for(
    profile: IssuerProfile, client: Organisation, on: date, *, read: FiguresRead | None = None
) -> tuple[Decimal, str]:
    """The rate and category of our services to this client (CGI 259: by the client’s place)."""
    if profile.regime not in rules.TAXED:
        return Decimal(0), ""
    is_business = client.client_kind != client.ClientKind.CONSUMER
    where: Any = {"is_business": is_business, "country": client.country}
    if is_reverse_charged(**where, vat_number=client.vat_number):
        return Decimal(0), "AE"
    if is_outside_union(**where):
        return Decimal(0), "O"
    # A foreign postcode says nothing of our overseas departments.
    rates = vat_rates(client.postcode if client.country == FRANCE else "", on, read=read)
    if not any(rates):
        return Decimal(0), "O"
    return (profile.vat_rate if profile.vat_rate in rates else max(rates)), ""


def line_vat(
    line: InvoiceLine, rate: Decimal, category: str, *, regime: str
) -> tuple[Decimal, str]:
    """The rate and category of one line, where the client's usual ones are `rate`, `category`.

    What is advanced for the client is outside the taxed base (CGI 267 II 2°), a membership
    outside VAT; a rate chosen for the line holds where the services are taxed at all.
    """
    if line.kind == InvoiceLine.Kind.ADVANCED_COST:
        # Nothing stands beside what is out of the scope of VAT (BR-O-11).
        outside = category == "O" or rules.UNTAXED_CATEGORY.get(regime) == "O"
        return Decimal(0), "O" if outside else "E"
    if line.kind == InvoiceLine.Kind.MEMBERSHIP:
        return Decimal(0), "O"
    if line.chosen_rate is not None and rate and regime in rules.TAXED:
        return line.chosen_rate, "S"
    return rate, category or ("S" if rate else rules.UNTAXED_CATEGORY.get(regime, "E"))


def regime_of(invoice: Invoice, profile: IssuerProfile) -> str:
    """The VAT regime of a document: a credit note keeps that of its origin."""
    if invoice.is_credit_note and invoice.origin is not None:
        return str(invoice.origin.issuer_copy["regime"])
    return str(profile.regime)


def contract_rate(invoice: Invoice, profile: IssuerProfile | None) -> Decimal | None:
    """The yearly penalty rate agreed, in percent: the agreement's, else our own terms'."""
    agreed = invoice.agreement.penalty_rate if invoice.agreement else None
    return agreed if agreed is not None or profile is None else profile.penalty_rate


def _penalty_rate(invoice: Invoice, profile: IssuerProfile, known: Known) -> Decimal:
    rates = late_rates(known.on, read=known.figures)
    return late_rate(invoice.client.client_kind, rates, contract_rate(invoice, profile))


def _references(invoice: Invoice, known: Known) -> dict[str, str]:
    """The texts behind the mentions, as the dated table names them that day."""
    public = invoice.client.client_kind == PUBLIC
    kinds = {
        "late_penalties": Kind.LATE_POINTS_PUBLIC if public else Kind.LATE_POINTS_PROFESSIONAL,
        "recovery_fee": Kind.RECOVERY_FEE,
    }
    rows = known.figures.in_force(list(kinds.values()), known.on)
    return {code: rows[kind].source for code, kind in kinds.items()}


def _untaxed(invoice: Invoice, regime: str) -> list[str]:
    """Codes of the mentions that say why a taxed issuer asks no VAT on some lines."""
    lines = list(invoice.lines.all())
    found = []
    if any(line.vat_category == "AE" for line in lines):
        found.append("reverse_charge")
    kinds = {line.kind for line in lines if line.vat_category == "O"}
    if regime in rules.TAXED and kinds - {InvoiceLine.Kind.MEMBERSHIP}:
        at_home = invoice.client.country == FRANCE
        found.append("vat_not_overseas" if at_home else "vat_outside_union")
    if any(line.kind == InvoiceLine.Kind.ADVANCED_COST for line in lines):
        found.append("advanced_cost")
    return found


def _mentions(invoice: Invoice, profile: IssuerProfile, known: Known) -> list[dict[str, Any]]:
    found = rules.mentions(
        regime=regime_of(invoice, profile),
        client_kind=invoice.client.client_kind,
        document=invoice.kind,
        penalty_rate=_penalty_rate(invoice, profile, known),
        recovery_fee=figure("recovery_fee", known.on, read=known.figures),
        line_kinds=[line.kind for line in invoice.lines.all()],
        untaxed=_untaxed(invoice, regime_of(invoice, profile)),
    )
    texts = _references(invoice, known)
    return [
        {"code": m.code, "values": {k: str(v) for k, v in m.values}}
        | ({"text": texts[m.code]} if m.code in texts else {})
        for m in found
    ]


def _funding(invoice: Invoice, known: Known) -> dict[str, Any] | None:
    """The whole cost of the days billed here and who else pays; None when nobody else does."""
    covers = known.covers(invoice)
    if not covers or invoice.is_credit_note:
        return None
    total = cents(invoice.net + sum(covers.values(), ZERO))
    return {
        "total": str(total),
        "covers": [{"payer": k, "amount": str(cents(v))} for k, v in sorted(covers.items())],
        "remaining": str(invoice.net),
        **_split_vat(invoice, known),
    }


def _split_vat(invoice: Invoice, known: Known) -> dict[str, str]:
    """Each payer's invoice computes its own VAT: what the split comes to and what one invoice
    would have, where they differ."""
    rates = {Decimal(row["rate"]) for row in invoice.vat_copy}
    parts = [invoice.net, *known.billed_to_others(invoice)]
    if len(rates) != 1 or len(parts) < 2:
        return {}
    split, whole = rules.split_gross(parts, rates.pop())
    return {"split": str(split), "whole": str(whole)} if split != whole else {}


def _budget(invoice: Invoice, known: Known) -> dict[str, str] | None:
    agreement = invoice.agreement
    if agreement is None or agreement.days_budgeted is None or invoice.is_credit_note:
        return None
    used = known.used(agreement)
    return {"used": str(used), "left": str(max(agreement.days_budgeted - used, ZERO))}


def terms_copy(
    invoice: Invoice, profile: IssuerProfile, on: date, *, known: Known | None = None
) -> dict[str, Any]:
    """Everything else the document prints that is not on its own row and lines.

    `known` holds what it needs of many documents, read at once.
    """
    known = known or Known([invoice], on)
    agreement, origin = invoice.agreement, invoice.origin
    return {
        "agreement": agreement
        and {
            "title": agreement.title,
            "number": agreement.reference,
            "signed_on": agreement.signed_on and agreement.signed_on.isoformat(),
        },
        "beneficiary": str(invoice.coop) if invoice.coop else "",
        "mentions": _mentions(invoice, profile, known),
        "contract_rate": None if (rate := contract_rate(invoice, profile)) is None else str(rate),
        "origin": origin
        and {
            "number": origin.number,
            "issued_on": origin.issued_on and origin.issued_on.isoformat(),
        },
        "order_number": invoice.order_number or (agreement.order_number if agreement else ""),
        "funding": _funding(invoice, known),
        "budget": _budget(invoice, known),
        "service_code": invoice.client.chorus_service,
    }


def line_of(line: InvoiceLine) -> rules.Line:
    """A stored line as the rules take it."""
    return rules.Line(
        kind=line.kind,
        label=line.label,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        net=line.net,
        vat_rate=line.vat_rate,
        category="" if line.vat_category in ("", "S") else line.vat_category,
        key=str(line.pk),
        detail=line.detail,
    )


def vat_copy(totals: rules.Totals) -> list[dict[str, str]]:
    """Totals per rate as plain data."""
    return [
        {"category": r.category, "rate": str(r.rate), "base": str(r.base), "vat": str(r.vat)}
        for r in totals.by_rate
    ]


def totals_of(invoice: Invoice) -> rules.Totals:
    """The totals stored on an invoice."""
    return rules.Totals(
        invoice.net,
        invoice.vat,
        invoice.gross,
        tuple(
            rules.RateTotal(
                r["category"], Decimal(r["rate"]), Decimal(r["base"]), Decimal(r["vat"])
            )
            for r in invoice.vat_copy
        ),
    )
