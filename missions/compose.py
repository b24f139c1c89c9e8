"""What a quote, an agreement and an amendment say, word for word."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from essaim.formats import date_fr, plain_number
from essaim.money import ZERO, add_up
from missions.compose_parts import (
    budget,
    buyer,
    day,
    euros,
    or_none,
    payment_facts,
    percent,
    section,
    seller,
    signature,
    table,
    vat_words,
)
from missions.models import Agreement, Amendment, Quote, QuoteLine
from missions.printing import LANGUAGE

UNITS: Final = {
    "days": lambda: pgettext("unit", "days"),
    "pack": lambda: pgettext("unit", "days"),
    "travel": lambda: "km",
    "phase": lambda: pgettext("unit", "lump sum"),
    "free": lambda: pgettext("unit", "lump sum"),
}


def _notice() -> str:
    return _("Template to be reviewed by a lawyer and a chartered accountant.")


# -- quotes ------------------------------------------------------------------------------------
def quote_paper(quote: Quote, *, on: date) -> dict[str, Any]:
    """A quote as it is printed: lines, totals, who would pay, terms, the client's agreement."""
    with override(LANGUAGE):
        ours = seller(on)
        facts = [
            (_("Date"), date_fr(quote.sent_on or on)),
            (_("Valid until"), date_fr(quote.valid_until)),
        ]
        if quote.starts_on:
            facts.append((pgettext("quote", "Work from"), date_fr(quote.starts_on)))
        if quote.coop and quote.coop.organisation_id != quote.client_id:
            facts.append((_("For the benefit of"), str(quote.coop)))
        if ours["contact"]:
            facts.append((_("Your contact"), ours["contact"]))
        return {
            "kind": "quote",
            "title": _("Quote"),
            "number": quote.reference,
            "seller": ours,
            "buyer": buyer(quote.client, _("Addressed to")),
            "facts": [list(fact) for fact in facts],
            "sections": _quote_sections(quote, on),
            "signatures": [_agreed(quote)],
            "notice": "",
            "closing": "",
        }


def _agreed(quote: Quote) -> dict[str, Any]:
    return signature(
        _("Signature of the client"),
        _("Good for agreement"),
        _("“%(client)s” accepts this quote, its terms and its price of %(gross)s.")
        % {"client": quote.client.legal_name, "gross": euros(quote.gross)},
        _("Date, name and capacity of the signatory, signature:"),
    )


def _quote_sections(quote: Quote, on: date) -> list[dict[str, Any]]:
    found = [section(quote.title, quote.words), section("", table=_quote_table(quote))]
    found[-1]["after"] = [] if quote.vat_rate else [vat_words(on)]
    if shares := list(quote.shares.select_related("payer")):
        rows = [(s.payer.legal_name, _cap_words(s), percent(s.percent)) for s in shares]
        head = (_("Payer"), _("Limits"), _("Share"))
        found.append(
            section(_("Who would pay"), table=table(head, rows, numbers=(2,), widths=(0, 4, 2)))
        )
    facts = [(_("Billing rhythm"), str(quote.get_rhythm_display()))]
    facts += payment_facts(quote, quote.client, on)
    words = _("Work begins once this quote is signed; it is then followed by an agreement.")
    found.append(section(_("Conditions"), facts=facts, after=[words]))
    return found


def _quote_table(quote: Quote) -> dict[str, Any]:
    rows = [_quote_row(line) for line in quote.lines.all()]
    head = (
        pgettext("quote", "Designation"),
        _("Quantity"),
        pgettext("quote", "Unit"),
        _("Unit price, net"),
        _("Amount, net"),
    )
    if quote.vat_rate:
        vat = _("VAT %(rate)s") % {"rate": percent(quote.vat_rate)}
        totals = [
            (_("Total before VAT"), "", "", "", euros(quote.net)),
            (vat, "", "", "", euros(quote.vat)),
            (_("Total including VAT"), "", "", "", euros(quote.gross)),
        ]
    else:
        totals = [(_("Total"), "", "", "", euros(quote.gross))]
    return table(head, rows, numbers=(1, 3, 4), totals=totals, widths=(0, 1, 1, 3, 3))


def _quote_row(line: QuoteLine) -> tuple[str, ...]:
    label = line.label
    if line.planned_on:
        label = _("%(label)s (planned on %(day)s)") % {
            "label": label,
            "day": date_fr(line.planned_on),
        }
    price = line.unit_price
    written = euros(price) if price == price.quantize(Decimal("0.01")) else f"{price:f} €"
    quantity = plain_number(line.quantity)
    return (label, quantity, UNITS[line.kind](), written.replace(".", ","), euros(line.net))


def _cap_words(share: Any) -> str:
    """The caps of a payer, in words."""
    found = []
    if share.cap_eur is not None:
        found.append(_("at most %(amount)s") % {"amount": euros(share.cap_eur)})
    if getattr(share, "cap_days", None) is not None:
        found.append(_("at most %(days)s") % {"days": budget(share.cap_days)})
    if getattr(share, "cap_per_day", None) is not None:
        found.append(_("at most %(amount)s a day") % {"amount": euros(share.cap_per_day)})
    if found and getattr(share, "cap_is", "net") == "gross":
        found.append(_("VAT included"))
    if share.takes_remainder:
        found.append(_("takes what is left"))
    return ", ".join(found) or "—"


# -- agreements --------------------------------------------------------------------------------
def agreement_title(agreement: Agreement) -> str:
    words = {
        Agreement.Form.AGREEMENT: _("Accompaniment agreement"),
        Agreement.Form.DLA: _("DLA mission agreement"),
        Agreement.Form.ORDER: _("Purchase order"),
    }
    return str(words[Agreement.Form(agreement.form)])


def agreement_paper(
    agreement: Agreement, *, on: date, extra: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """An agreement as it is printed; `extra` holds what rooms above add (fees tied to a grant)."""
    with override(LANGUAGE):
        ours = seller(on)
        facts = [(_("In force from"), date_fr(agreement.starts_on))]
        facts.append((_("In force until"), day(agreement.ends_on)))
        if agreement.order_number:
            facts.append((_("Your order"), agreement.order_number))
        quote = Quote.objects.filter(agreement=agreement).first()
        if quote is not None:
            facts.append((_("Quote accepted"), quote.reference))
        return {
            "kind": "agreement",
            "title": agreement_title(agreement),
            "number": agreement.reference,
            "seller": ours,
            "buyer": buyer(agreement.client, _("Between us and")),
            "facts": [list(fact) for fact in facts],
            "sections": [*_agreement_sections(agreement, on), *extra, _end()],
            "signatures": _both(ours, agreement.client.legal_name),
            "notice": _notice(),
            "closing": "",
        }


def _both(ours: dict[str, Any], client: str) -> list[dict[str, Any]]:
    line = _("Date, name and capacity of the signatory, signature:")
    return [
        signature(_("For us"), ours["name"], line),
        signature(_("For the client"), client, line),
    ]


def _end() -> dict[str, Any]:
    return section(
        _("Changes and end"),
        _("These terms change by a signed amendment only; what was worked before keeps its terms."),
        _("Work done until the end of the agreement, whatever its cause, is due."),
    )


def _agreement_sections(agreement: Agreement, on: date) -> list[dict[str, Any]]:
    beneficiary = str(agreement.coop) if agreement.coop else _("several coops")
    words = _("“%(title)s”, for the benefit of: %(coop)s.")
    found = [
        section(_("Object"), words % {"title": agreement.title, "coop": beneficiary}),
        _price(agreement, on),
    ]
    shares = list(agreement.shares.select_related("payer", "envelope"))
    if shares:
        found.append(_payers(shares))
    if agreement.kind == Agreement.Kind.OFFERED:
        return found
    facts = [(_("Billing rhythm"), str(agreement.get_rhythm_display()))]
    if agreement.form == Agreement.Form.DLA and agreement.rhythm == Agreement.Rhythm.REPORT:
        facts.append((_("Paid on"), _("the report of the mission, once delivered")))
    facts += payment_facts(agreement, agreement.client, on)
    found.append(section(_("Billing and payment"), facts=facts))
    return found


def _price(agreement: Agreement, on: date) -> dict[str, Any]:
    kind = agreement.kind
    if kind == Agreement.Kind.OFFERED:
        return section(_("Work and price"), _("The accompaniment is offered: nothing is billed."))
    facts = []
    if agreement.days_budgeted is not None or kind == Agreement.Kind.BY_DAY:
        facts.append((_("Days budgeted"), budget(agreement.days_budgeted)))
    if kind == Agreement.Kind.BY_DAY:
        words = _("%(rate)s a day of %(hours)s h")
        hours = plain_number(agreement.hours_per_day)
        said = words % {"rate": euros(agreement.daily_rate), "hours": hours}
        facts.append((_("Daily rate"), said))
    else:
        price = agreement.price or add_up(p.amount for p in agreement.phases.all())
        facts.append((_("Agreed price, net"), euros(price)))
    travel = _("%(rate)s per km") % {"rate": _km(agreement.km_rate)}
    facts.append((_("Travel"), or_none(agreement.km_rate, travel)))
    return section(
        _("Work and price"), facts=facts, table=_pieces(agreement), after=[vat_words(on)]
    )


def _km(rate: Decimal | None) -> str:
    return f"{plain_number(rate)}\u00a0€" if rate is not None else ""


def _pieces(agreement: Agreement) -> dict[str, Any] | None:
    phases = list(agreement.phases.all())
    if not phases:
        return None
    rows = [(str(p.position), p.title, day(p.planned_on), euros(p.amount)) for p in phases]
    total = ("", _("Total"), "", euros(add_up(p.amount for p in phases)))
    head = (pgettext("rank", "No."), _("Phase or instalment"), _("Planned on"), _("Amount, net"))
    return table(head, rows, numbers=(3,), totals=[total], widths=(1, 0, 2, 3))


def _payers(shares: Sequence[Any]) -> dict[str, Any]:
    rows = [
        (
            s.payer.legal_name,
            str(s.get_basis_display()) + (f" ({s.envelope})" if s.envelope else ""),
            _cap_words(s),
            percent(s.percent),
        )
        for s in shares
    ]
    head = (_("Payer"), _("Basis"), _("Limits"), _("Share"))
    return section(_("Who pays"), table=table(head, rows, numbers=(3,), widths=(0, 4, 4, 1)))


# -- amendments --------------------------------------------------------------------------------
def amendment_rows(amendment: Amendment) -> list[tuple[str, str, str]]:
    """(term, old, new) of what an amendment changes: what was never set says so."""
    agreement, old = amendment.agreement, amendment.old_terms
    now: dict[str, Any] = {
        "days_budgeted": agreement.days_budgeted,
        "daily_rate": agreement.daily_rate,
        "ends_on": agreement.ends_on,
    }
    before: dict[str, Any] = {name: old.get(name, "") if old else now[name] for name in now}
    found = []
    if amendment.days_budgeted is not None:
        found.append(
            (_("Days budgeted"), budget(before["days_budgeted"]), budget(amendment.days_budgeted))
        )
    if amendment.daily_rate is not None:
        rate = Decimal(str(before["daily_rate"] or ZERO))
        found.append(
            (_("Daily rate"), or_none(rate or None, euros(rate)), euros(amendment.daily_rate))
        )
    if amendment.ends_on is not None:
        end = before["ends_on"]
        end = date.fromisoformat(end) if isinstance(end, str) and end else end or None
        found.append((_("In force until"), day(end), date_fr(amendment.ends_on)))
    return found


def amendment_paper(amendment: Amendment, *, on: date) -> dict[str, Any]:
    """An amendment as it is printed: old and new terms side by side."""
    agreement = amendment.agreement
    with override(LANGUAGE):
        ours = seller(on)
        signed = agreement.signed_on
        rows = amendment_rows(amendment)
        head = (
            _("Term"),
            _("Until now"),
            _("From %(day)s") % {"day": date_fr(amendment.effective_on)},
        )
        reference = f"{agreement.reference} · " if agreement.reference else ""
        return {
            "kind": "amendment",
            "title": _("Amendment no. %(number)s") % {"number": amendment.number},
            "number": f"{reference}{agreement.title}",
            "seller": ours,
            "buyer": buyer(agreement.client, _("Between us and")),
            "facts": [
                [_("To the agreement of"), day(signed)],
                [_("In force from"), date_fr(amendment.effective_on)],
            ],
            "sections": [
                section(_("Why"), amendment.why),
                section(_("What changes"), table=table(head, rows, widths=(0, 4, 4))),
                section(
                    "",
                    _("Every other term of the agreement stays as it was signed."),
                    _("Days worked before that date keep the terms they were worked under."),
                ),
            ],
            "signatures": _both(ours, agreement.client.legal_name),
            "notice": _notice(),
            "closing": "",
        }
