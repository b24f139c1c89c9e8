"""What papers are made of: parties, facts, tables, signatures, as plain words."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation, Structure
from essaim.formats import date_fr, plain_number
from essaim.formats import days as written_days
from essaim.formats import money as written_money
from essaim.legal_figures import Kind
from essaim.models.legal import NoFigure, caps, figure, late_rates
from essaim.terms import late_rate

Facts = list[tuple[str, str]]
SPACE = "\u00a0"
TAXED = (IssuerProfile.Regime.RECEIPTS, IssuerProfile.Regime.DEBITS)


def euros(amount: Any) -> str:
    """An amount as it is printed; a dash where there is none."""
    return "—" if amount is None else written_money(amount)


def percent(value: Any) -> str:
    return f"{plain_number(value)}{SPACE}%"


def or_none(value: Any, written: str) -> str:
    """A term that may never have been set: never an empty place."""
    return _("not set") if value in (None, "") else written


def budget(value: Any) -> str:
    return or_none(value, written_days(Decimal(value)) if value not in (None, "") else "")


def day(value: date | None) -> str:
    return or_none(value, date_fr(value) if value else "")


def grouped(number: str) -> str:
    """A SIREN or a SIRET in groups."""
    bare = "".join(number.split())
    return SPACE.join(g for g in (bare[0:3], bare[3:6], bare[6:9], bare[9:]) if g)


def _address(street: str, postcode: str, city: str) -> list[str]:
    return [line for line in (*street.splitlines(), f"{postcode} {city}".strip()) if line]


def seller(on: date) -> dict[str, Any]:
    """Our own side, as our details in force say it."""
    profile = IssuerProfile.objects.at(on)
    if profile is None:
        structure = Structure.objects.first()
        name = str(structure) if structure else ""
        return {"name": name, "lines": [], "legal": name, "contact": ""}
    name = f"{profile.legal_name} EI" if profile.is_sole_trader else profile.legal_name
    lines = _address(profile.street, profile.postcode, profile.city)
    if reach := [text for text in (profile.phone, profile.email) if text]:
        lines.append(" · ".join(reach))
    legal = [name, profile.legal_form]
    legal += [f"SIRET{SPACE}{grouped(profile.siret)}"] if profile.siret else []
    legal += (
        [_("VAT no. %(number)s") % {"number": profile.vat_number}] if profile.vat_number else []
    )
    legal += [profile.registration]
    return {
        "name": name,
        "lines": lines,
        "legal": " · ".join(text for text in legal if text),
        "contact": profile.contact_name,
    }


def buyer(client: Organisation, label: str) -> dict[str, Any]:
    """The other side of the paper."""
    ids = []
    if client.siret or client.siren:
        word = "SIRET" if client.siret else "SIREN"
        ids.append(f"{word}{SPACE}{grouped(client.siret or client.siren)}")
    if client.rna:
        ids.append(f"RNA{SPACE}{client.rna}")
    if client.court_register:
        ids.append(client.court_register)
    return {
        "label": label,
        "name": client.legal_name,
        "lines": _address(client.street, client.postcode, client.city),
        "ids": " · ".join(ids),
    }


def section(
    title: str,
    *texts: str,
    facts: Iterable[tuple[str, str]] = (),
    table: dict[str, Any] | None = None,
    after: Sequence[str] = (),
    strong: bool = False,
) -> dict[str, Any]:
    """One part of a paper."""
    return {
        "title": title,
        "texts": [text for text in texts if text],
        "facts": [list(fact) for fact in facts],
        "table": table,
        "after": [text for text in after if text],
        "strong": strong,
    }


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    totals: Iterable[Sequence[str]] = (),
    widths: Sequence[int] = (),
) -> dict[str, Any]:
    """A table: `numbers` are columns set right, `widths` 1 to 4 or 0 for what is left."""
    return {
        "head": list(head),
        "rows": [list(row) for row in rows],
        "numbers": list(numbers),
        "totals": [list(row) for row in totals],
        "widths": list(widths) or [0] * len(head),
    }


def signature(title: str, name: str, *lines: str) -> dict[str, Any]:
    return {"title": title, "name": name, "lines": list(lines)}


def vat_words(on: date) -> str:
    """Whether the prices are without VAT, and why none is added where it is so."""
    profile = IssuerProfile.objects.at(on)
    words = {
        IssuerProfile.Regime.FRANCHISE: _("VAT not applicable, art. 293 B of the CGI."),
        IssuerProfile.Regime.ASSOCIATION_EXEMPT: _("Exempt from VAT, art. 261-7-1° of the CGI."),
        IssuerProfile.Regime.OUT_OF_SCOPE: _("Outside the scope of VAT."),
    }
    regime = profile.regime if profile is not None else IssuerProfile.Regime.RECEIPTS
    added = _("Prices are net of VAT; VAT is added at the rate in force on the day of the invoice.")
    return str(words.get(IssuerProfile.Regime(regime), added))


def term_words(terms: Any) -> str:
    """« 30 jours », « 45 jours fin de mois », as a contract says it."""
    count = {"days": terms.payment_days}
    if terms.payment_method == "days_then_eom":
        return _("%(days)s days from the invoice, then end of month") % count
    if terms.payment_method == "eom_then_days":
        return _("end of the month of the invoice, then %(days)s days") % count
    return _("%(days)s days from the date of the invoice") % count


def payment_facts(terms: Any, client: Organisation, on: date) -> Facts:
    """The term with the legal cap it stays under, late penalties and the fixed compensation."""
    found: Facts = [(_("Payment term"), term_words(terms))]
    try:
        limits = caps(on)
    except NoFigure:
        return found
    if client.client_kind == "public":
        words = _("%(days)s days (CCP R2192-10)") % {"days": limits.public}
        found.append((_("Legal cap"), words))
    elif client.client_kind == "professional":
        words = _("%(days)s days from the invoice, or %(eom)s days end of month (C. com. L441-10)")
        found.append(
            (_("Legal cap"), words % {"days": limits.professional, "eom": limits.end_of_month})
        )
    return found + _penalties(terms, client, on)


def _penalties(terms: Any, client: Organisation, on: date) -> Facts:
    if client.client_kind == "consumer":
        return []
    profile = IssuerProfile.objects.at(on)
    agreed = getattr(terms, "penalty_rate", None)
    if agreed is None and profile is not None:
        agreed = profile.penalty_rate
    try:
        rate = late_rate(client.client_kind, late_rates(on), agreed)
        fee = figure(Kind.RECOVERY_FEE, on)
    except NoFigure:
        return []
    words = _("%(rate)s a year, due without reminder from the day after the due date")
    return [
        (_("Late penalties"), words % {"rate": percent(rate)}),
        (_("Recovery costs"), _("%(amount)s per late invoice") % {"amount": euros(fee)}),
        (_("Discount for early payment"), _("none")),
    ]
