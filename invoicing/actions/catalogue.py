"""Items of the catalogue, and lines of a free invoice: chosen rate, discount."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.models.legal import vat_rates
from essaim.money import ZERO, cents
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.drafting import LARGEST_LINE, locked_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.copies import vat_for
from invoicing.models import CatalogueItem, Invoice, InvoiceLine
from invoicing.wording import euros, percent

FIELDS = ("label", "kind", "unit", "unit_price", "vat_rate", "analytic_code")
# What no discount comes off: exact costs advanced, and memberships.
_WHOLE = (InvoiceLine.Kind.ADVANCED_COST, InvoiceLine.Kind.MEMBERSHIP)


@transaction.atomic
def save_item(
    *,
    by: User,
    on: date,
    at: datetime,
    item: CatalogueItem | None = None,
    **facts: Any,
) -> CatalogueItem:
    """Write an item of the catalogue; lines already made from it do not change."""
    item = item or CatalogueItem()
    for name in FIELDS:
        if name in facts:
            setattr(item, name, facts[name])
    item.label = item.label.strip()
    if not item.label:
        raise Refused([Missing("label", _("Describe what is sold."))])
    if not 0 <= item.unit_price < LARGEST_LINE:
        raise Refused([Missing("unit_price", _("Quantities and prices are not negative."))])
    item.full_clean()
    item.save()
    record(item, "save", by=by, on=on, at=at)
    return item


@transaction.atomic
def archive_item(*, item: CatalogueItem, by: User, on: date, at: datetime) -> CatalogueItem:
    """Take an item out of the choice, or put it back; nothing is deleted."""
    item = CatalogueItem.objects.select_for_update().get(pk=item.pk)
    item.archived_on = None if item.archived_on else on
    item.save(update_fields=["archived_on"])
    record(item, "archive" if item.archived_on else "restore", by=by, on=on, at=at)
    return item


def check_rate(invoice: Invoice, rate: Decimal | None, on: date) -> None:
    """Refuse a rate that the table does not have at the client's place, or on no VAT at all."""
    if rate is None:
        return
    profile = profile_on(on)
    if profile.regime not in rules.TAXED:
        words = _("Our regime has no VAT: leave the rate as it is.")
        raise Refused([Missing("chosen_rate", words)])
    known = vat_rates(invoice.client.postcode, on)
    if rate not in known:
        words = _("%(rate)s is no VAT rate at the client's place: choose among %(known)s.")
        values = {"rate": percent(rate), "known": ", ".join(percent(r) for r in known)}
        raise Refused([Missing("chosen_rate", words % values)])


def _by_choice(invoice: Invoice) -> dict[tuple[str, Decimal, Decimal | None], Decimal]:
    """Net of the lines a discount may come off, per category, rate, and rate chosen."""
    found: dict[tuple[str, Decimal, Decimal | None], Decimal] = {}
    for line in invoice.lines.exclude(kind__in=_WHOLE):
        key = (line.vat_category, line.vat_rate, line.chosen_rate)
        found[key] = found.get(key, ZERO) + line.net
    return found


@transaction.atomic
def add_discount(
    *,
    invoice: Invoice,
    label: str,
    by: User,
    on: date,
    at: datetime,
    amount: Decimal | None = None,
    share: Decimal | None = None,
) -> list[InvoiceLine]:
    """Take an amount or a percentage off a draft, spread over its rates: one line per rate.

    Refused beyond what the lines come to; costs advanced and memberships are not discounted.
    """
    invoice = locked_draft(invoice)
    if invoice.kind not in (Invoice.Kind.INVOICE, Invoice.Kind.CORRECTIVE):
        raise Refused([Missing("amount", _("Only an invoice takes a discount."))])
    by_choice = _by_choice(invoice)
    plain = {(str(i), Decimal(0)): base for i, base in enumerate(by_choice.values())}
    if problems := rules.check_discount(plain, amount=amount, percent=share):
        raise Refused([_words(p) for p in problems])
    last = invoice.lines.order_by("-position").first()
    position = last.position if last else 0
    stored = []
    keys = list(by_choice)
    for (index, _rate), part in rules.discount_of(plain, amount=amount, percent=share):
        _category, rate, chosen = keys[int(index)]
        position += 1
        words = label.strip() or _("Discount")
        if share is not None:
            words = f"{words} ({percent(share)})"
        line = rules.Line(
            InvoiceLine.Kind.DISCOUNT, words[:300], Decimal(-1), rules.PIECE, part, -part, rate
        )
        stored.append(put_line(invoice, line, position=position, chosen_rate=chosen))
    apply_vat(invoice, profile_on(on), on)
    record(invoice, "discount", by=by, on=on, at=at, codes={"lines": [ln.pk for ln in stored]})
    return stored


def _words(problem: rules.Problem) -> Missing:
    words = {
        "discount_amount_or_percent": _("Give an amount or a percentage, one of the two."),
        "discount_of_nothing": _("There is nothing to take a discount off: add lines first."),
        "discount_percent_impossible": _("The percentage goes from 0 to 100."),
        "discount_not_positive": _("The amount must be positive, in euros and cents."),
        "discount_exceeds_total": _("The discount is at most the %(left)s net of the lines."),
    }
    values = {k: euros(Decimal(str(v))) for k, v in problem.values.items()}
    return Missing("amount", words[problem.code] % values)


def _refuse_line(invoice: Invoice, quantity: Decimal, unit_price: Decimal) -> None:
    """Lines by hand stand on invoices and calls only, with figures that columns hold."""
    if invoice.is_credit_note:
        # Outside the lines of the origin, nothing would keep it within them.
        raise Refused([Missing("lines", _("A credit note takes back lines of its invoice only."))])
    if invoice.kind == Invoice.Kind.DEPOSIT:
        raise Refused([Missing("lines", _("A deposit has one line: make another deposit."))])
    if quantity <= 0 or unit_price < 0:
        raise Refused([Missing("unit_price", _("Quantities and prices are not negative."))])
    if quantity * unit_price >= LARGEST_LINE:
        raise Refused([Missing("unit_price", _("This line is too large: check the amounts."))])


@transaction.atomic
def add_line(
    *,
    invoice: Invoice,
    label: str,
    quantity: Decimal,
    unit: str,
    unit_price: Decimal,
    by: User,
    on: date,
    at: datetime,
    kind: str = InvoiceLine.Kind.FREE,
    chosen_rate: Decimal | None = None,
    detail: str = "",
    analytic_code: str = "",
) -> InvoiceLine:
    """Add a line to a draft, by hand or from the catalogue: net = cents(quantity x price).

    A rate is chosen among those of the client's place; refused on a deposit or a credit note.
    """
    invoice = locked_draft(invoice)
    _refuse_line(invoice, quantity, unit_price)
    check_rate(invoice, chosen_rate, on)
    profile = profile_on(on)
    rate, category = vat_for(profile, invoice.client, on)
    net = cents(quantity * unit_price)
    line = rules.Line(
        kind, label.strip(), quantity, unit, unit_price, net, rate, category, detail=detail.strip()
    )
    last = invoice.lines.order_by("-position").first()
    stored = put_line(
        invoice,
        line,
        position=last.position + 1 if last else 1,
        chosen_rate=chosen_rate,
        analytic_code=analytic_code,
    )
    apply_vat(invoice, profile, on)
    record(invoice, "add_line", by=by, on=on, at=at, codes={"line": stored.pk})
    return stored
