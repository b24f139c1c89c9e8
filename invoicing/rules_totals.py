"""What the lines of a document come to: VAT once per rate, deposits, credits, mentions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up, cents, percent_of
from invoicing.rules_problem import Problem, RuleBroken, Value

RECEIPTS: Final = "receipts"
DEBITS: Final = "debits"
FRANCHISE: Final = "franchise"
ASSOCIATION_EXEMPT: Final = "association_exempt"
OUT_OF_SCOPE: Final = "out_of_scope"
TAXED: Final = frozenset({RECEIPTS, DEBITS})
REGIMES: Final = TAXED | {FRANCHISE, ASSOCIATION_EXEMPT, OUT_OF_SCOPE}

# VAT categories of EN 16931: S standard, E exempt, O out of scope.
UNTAXED_CATEGORY: Final = {FRANCHISE: "E", ASSOCIATION_EXEMPT: "E", OUT_OF_SCOPE: "O"}
_CATEGORY_ORDER: Final = ["S", "AE", "E", "O"]

DAY: Final = "DAY"
HOUR: Final = "HUR"
KILOMETRE: Final = "KMT"
PIECE: Final = "C62"
UNITS: Final = frozenset({DAY, HOUR, KILOMETRE, PIECE})

DAYS: Final = "days"
PHASE: Final = "phase"
SUBSIDY_SHARE: Final = "subsidy_share"
FIXED_PART: Final = "fixed_part"
EXPENSE: Final = "expense"
ADVANCED_COST: Final = "advanced_cost"  # débours
DISCOUNT: Final = "discount"
OTHER: Final = "other"
FREE: Final = "free"
MEMBERSHIP: Final = "membership"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document: `net` in euros before tax, `vat_rate` in percent.

    `key` names the line among those of its document (credits point at it); `detail` is printed
    under the label; `category` is only given when the regime does not decide it (an advanced
    cost is out of scope on a taxed invoice).
    """

    kind: str
    label: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Decimal
    vat_rate: Decimal
    category: str = ""
    key: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RateTotal:
    """The base and the VAT of one (category, rate)."""

    category: str
    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document comes to, computed once and shared by screen, PDF, XML and exports."""

    net: Decimal
    vat: Decimal
    gross: Decimal
    by_rate: tuple[RateTotal, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A text the law wants on the document, as a code and the figures it quotes."""

    code: str
    values: tuple[tuple[str, Value], ...] = ()

    def value(self, name: str) -> Value:
        """Give one of the figures quoted."""
        return dict(self.values)[name]


def vat_group(line: Line, regime: str) -> tuple[str, Decimal]:
    """Give the (category, rate) a line is taxed under; raises RuleBroken (CGI 293 B, 261-7)."""
    if regime not in REGIMES:
        raise RuleBroken("vat_regime_unknown", regime=regime)
    if not 0 <= line.vat_rate < 100:
        raise RuleBroken("vat_rate_impossible", rate=line.vat_rate)
    if regime not in TAXED:
        if line.vat_rate != 0:
            raise RuleBroken("vat_rate_on_untaxed_regime", rate=line.vat_rate, regime=regime)
        return line.category or UNTAXED_CATEGORY[regime], Decimal(0)
    if line.vat_rate == 0 and not line.category:
        raise RuleBroken("vat_rate_zero_without_category", label=line.label)
    return line.category or "S", line.vat_rate


def check_line(line: Line, *, regime: str) -> tuple[Problem, ...]:
    """Say what is wrong with one line of a draft."""
    found = []
    if not line.label.strip():
        found.append(Problem("line_label_missing"))
    if line.unit not in UNITS:
        found.append(Problem("line_unit_unknown", {"unit": line.unit}))
    if line.unit_price < 0:
        found.append(Problem("line_price_negative", {"price": line.unit_price}))
    if line.net != cents(line.quantity * line.unit_price):
        found.append(Problem("line_does_not_multiply", {"net": line.net}))
    try:
        vat_group(line, regime)
    except RuleBroken as refusal:
        found.append(refusal.problem)
    return tuple(found)


def day_line(
    *,
    label: str,
    days: Decimal,
    daily_rate: Decimal,
    net: Decimal,
    vat_rate: Decimal,
    key: str = "",
    detail: str = "",
) -> Line:
    """Make the line of a month of days whose shares sum to `net`.

    The unit is the day only when days x rate is that very sum; otherwise (caps, percentages) it
    is one piece at the sum, never a derived quantity.
    """
    quantity, unit, price = days, DAY, daily_rate
    if cents(days * daily_rate) != net:
        quantity, unit, price = Decimal(1), PIECE, net
    return Line(DAYS, label, quantity, unit, price, net, vat_rate, key=key, detail=detail)


def totals(lines: Iterable[Line], *, regime: str) -> Totals:
    """Add up a document: VAT once per (category, rate) on the sum, half up, never per line."""
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        if line.net != cents(line.net):
            raise RuleBroken("line_net_not_in_cents", net=line.net)
        group = vat_group(line, regime)
        bases[group] = bases.get(group, ZERO) + line.net
    return total_of(
        RateTotal(category, rate, cents(base), percent_of(base, rate))
        for (category, rate), base in bases.items()
    )


def total_of(by_rate: Iterable[RateTotal]) -> Totals:
    """Add up totals per rate, highest rate first."""
    ordered = tuple(sorted(by_rate, key=_rate_order))
    net = add_up(rate.base for rate in ordered)
    vat = add_up(rate.vat for rate in ordered)
    return Totals(net, vat, net + vat, ordered)


def _rate_order(total: RateTotal) -> tuple[int, Decimal]:
    known = total.category in _CATEGORY_ORDER
    return _CATEGORY_ORDER.index(total.category) if known else len(_CATEGORY_ORDER), -total.rate


def deduct(whole: Totals, *taken: Totals) -> Totals:
    """Take deposits already invoiced off a final invoice: VAT of the whole less their VAT."""
    left = {(rate.category, rate.rate): rate for rate in whole.by_rate}
    for total in taken:
        for rate in total.by_rate:
            group = (rate.category, rate.rate)
            if group not in left:
                raise RuleBroken("deduction_of_another_rate", rate=rate.rate)
            there = left[group]
            left[group] = replace(there, base=there.base - rate.base, vat=there.vat - rate.vat)
    return total_of(left.values())


def left_to_credit(origin: Iterable[Line], credited: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Give, per line key of the origin, the net that no credit note has taken back yet."""
    return {line.key: line.net - credited.get(line.key, ZERO) for line in origin}


def check_credit(
    origin: Sequence[Line], credited: Mapping[str, Decimal], asked: Mapping[str, Decimal]
) -> tuple[Problem, ...]:
    """Say why a credit of `asked` (net per line key) is refused; it stays within the origin."""
    left = left_to_credit(origin, credited)
    found = [] if any(asked.values()) else [Problem("credit_of_nothing")]
    for key, amount in asked.items():
        if key not in left:
            found.append(Problem("credit_line_unknown", {"line": key}))
        elif amount * left[key] < 0 or amount != cents(amount):
            found.append(Problem("credit_amount_invalid", {"line": key, "asked": amount}))
        elif abs(amount) > abs(left[key]):
            values: dict[str, Value] = {"line": key, "asked": amount, "left": left[key]}
            found.append(Problem("credit_exceeds_line", values))
    return tuple(found)


def credit_lines(origin: Sequence[Line], asked: Mapping[str, Decimal]) -> tuple[Line, ...]:
    """Write the lines of a credit note at the rates of the origin; a part is one piece."""
    return tuple(
        line if asked[line.key] == line.net else _part_of(line, asked[line.key])
        for line in origin
        if asked.get(line.key)
    )


def _part_of(line: Line, amount: Decimal) -> Line:
    sign = Decimal(1 if amount > 0 else -1)
    return replace(line, quantity=sign, unit=PIECE, unit_price=abs(amount), net=amount)


def full_credit(
    origin: Sequence[Line], credited: Mapping[str, Decimal] | None = None
) -> tuple[Line, ...]:
    """Write the lines that take back all that is left of the origin."""
    return credit_lines(origin, left_to_credit(origin, credited or {}))


def credit_totals(
    lines: Iterable[Line], *, regime: str, origin: Totals, credited: Iterable[Totals] = ()
) -> Totals:
    """Add up a credit note; the one that closes a rate takes the VAT left, so all is taken back."""
    left = {(r.category, r.rate): r for r in deduct(origin, *credited).by_rate}
    asked = totals(lines, regime=regime)
    for rate in asked.by_rate:
        there = left.get((rate.category, rate.rate))
        if there is None:
            raise RuleBroken("credit_of_another_rate", rate=rate.rate)
        if abs(rate.base) > abs(there.base):
            raise RuleBroken("credit_exceeds_origin", asked=rate.base, left=there.base)
    return total_of(
        left[(rate.category, rate.rate)]
        if rate.base == left[(rate.category, rate.rate)].base
        else rate
        for rate in asked.by_rate
    )


_REGIME_MENTIONS: Final = {
    RECEIPTS: (),
    DEBITS: (Mention("vat_on_debits"),),
    FRANCHISE: (Mention("vat_franchise"),),
    ASSOCIATION_EXEMPT: (Mention("vat_association_exempt"),),
    OUT_OF_SCOPE: (Mention("vat_out_of_scope"),),
}
BUSINESS_CLIENTS: Final = frozenset({"professional", "public"})
NO_TERMS: Final = frozenset({"credit_note", "membership_call"})


def mentions(
    *,
    regime: str,
    client_kind: str,
    document: str = "invoice",
    penalty_rate: Decimal | None = None,
    recovery_fee: Decimal | None = None,
    line_kinds: Iterable[str] = (),
    untaxed: Iterable[str] = (),
) -> tuple[Mention, ...]:
    """List the legal texts of a document (CGI ann. II 242 nonies A; C. com. L441-9, L441-10).

    `penalty_rate` (percent a year) and `recovery_fee` (euros) come from dated tables; both are
    demanded for professionals and public bodies, and printed for nobody else. `untaxed` are codes
    of why some lines bear no VAT although the issuer is taxed.
    """
    if regime not in REGIMES:
        raise RuleBroken("vat_regime_unknown", regime=regime)
    kinds = set(line_kinds)
    if kinds == {MEMBERSHIP}:
        # A membership is no price: what our VAT regime says of services is not said of it.
        return (Mention("membership_outside_vat"),)
    found = [*_REGIME_MENTIONS[regime], *(Mention(code) for code in untaxed)]
    if MEMBERSHIP in kinds:
        found.append(Mention("membership_outside_vat"))
    if document != "membership_call":
        found.append(Mention("operation_services"))
    if document not in NO_TERMS:
        found += _of_terms(client_kind, penalty_rate, recovery_fee)
    if SUBSIDY_SHARE in kinds:
        found.append(Mention("fee_not_on_grant"))
    return tuple(found)


def split_gross(parts: Sequence[Decimal], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Give the gross of net parts billed apart, and of their sum billed at once (EUR)."""
    split = add_up(part + percent_of(part, rate) for part in parts)
    net = add_up(parts)
    return split, net + percent_of(net, rate)


def _of_terms(
    client_kind: str, penalty_rate: Decimal | None, recovery_fee: Decimal | None
) -> list[Mention]:
    """Discount for early payment, and what a business client owes when late."""
    found = [Mention("no_early_discount")]
    if client_kind in BUSINESS_CLIENTS:
        if penalty_rate is None or recovery_fee is None:
            raise RuleBroken("penalty_terms_missing")
        found.append(Mention("late_penalties", (("rate", penalty_rate),)))
        found.append(Mention("recovery_fee", (("amount", recovery_fee),)))
    return found
