"""Deposits and the invoice that takes them off; discounts and what they come off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from essaim.money import ZERO, add_up, cents, percent_of, split
from invoicing.rules_problem import Problem, Value
from invoicing.rules_totals import RateTotal, Totals, deduct, total_of

Group = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Deposit:
    """An issued deposit as a final invoice may take it off: what credit notes left of it."""

    number: str
    totals: Totals


def bases(totals: Totals) -> dict[Group, RateTotal]:
    """Totals by (category, rate)."""
    return {(rate.category, rate.rate): rate for rate in totals.by_rate}


def still_deductible(deposit: Totals, credited: Sequence[Totals]) -> Totals:
    """What credit notes left of a deposit, per rate; rates wholly given back are gone."""
    left = deduct(deposit, *credited)
    return total_of(rate for rate in left.by_rate if rate.base or rate.vat)


def check_deposits(whole: Totals, deposits: Sequence[Deposit]) -> tuple[Problem, ...]:
    """Say why deposits can't be taken off: another rate, or more than the invoice at one rate."""
    left = {group: rate.base for group, rate in bases(whole).items()}
    found = []
    for deposit in deposits:
        for group, rate in bases(deposit.totals).items():
            values: dict[str, Value] = {"number": deposit.number, "rate": group[1]}
            if group not in left:
                found.append(Problem("deposit_of_another_rate", values))
                continue
            left[group] -= rate.base
            if left[group] < 0:
                found.append(Problem("deposits_exceed_total", {**values, "over": -left[group]}))
    return tuple(found)


def within_vat(whole: Totals, deposits: Sequence[Totals]) -> list[Totals]:
    """What each deposit takes off, its VAT kept within that of the whole at each rate.

    The VAT of several deposits, each rounded, may pass that of their sum by cents: the last ones
    then take that much less off, so that nothing negative is asked.
    """
    left = {group: rate.vat for group, rate in bases(whole).items()}
    found = []
    for deposit in deposits:
        rates = []
        for rate in deposit.by_rate:
            group = (rate.category, rate.rate)
            vat = min(rate.vat, left.get(group, ZERO))
            left[group] = left.get(group, ZERO) - vat
            rates.append(replace(rate, vat=vat))
        found.append(total_of(rates))
    return found


def closes(origin: Totals, credited: Sequence[Totals], this: Totals) -> bool:
    """Whether a credit note takes back all that was left of its origin."""
    left = deduct(origin, *credited, this)
    return not any(rate.base or rate.vat for rate in left.by_rate)


def check_credit_with_deposits(
    origin: Totals, deposits: Sequence[Totals], credited: Sequence[Totals], this: Totals
) -> tuple[Problem, ...]:
    """A part of a final invoice is credited within what it asks: its deposits stay billed.

    What passes it is given back by crediting the whole (the deposits are then free again), or
    by crediting the deposit once it is free.
    """
    asked = bases(deduct(origin, *deposits, *credited))
    return tuple(
        Problem("credit_exceeds_asked", {"rate": rate.rate, "left": asked[group].base})
        for group, rate in bases(this).items()
        if group in asked and rate.base > asked[group].base
    )


def share_out(
    amount: Decimal, by_group: Mapping[Group, Decimal]
) -> tuple[tuple[Group, Decimal], ...]:
    """Spread a discount over rates by their bases; the last takes the remainder."""
    groups = [group for group, base in by_group.items() if base > 0]
    if not groups:
        return ()
    parts = split(amount, [by_group[group] for group in groups])
    return tuple((group, part) for group, part in zip(groups, parts, strict=True) if part)


def discount_of(
    by_group: Mapping[Group, Decimal], *, amount: Decimal | None, percent: Decimal | None
) -> tuple[tuple[Group, Decimal], ...]:
    """A discount per (category, rate), positive: a percent of each base, or an amount spread."""
    if percent is not None:
        parts = ((group, percent_of(base, percent)) for group, base in by_group.items())
        return tuple((group, part) for group, part in parts if part > 0)
    return share_out(cents(amount or ZERO), by_group)


def check_discount(
    by_group: Mapping[Group, Decimal], *, amount: Decimal | None, percent: Decimal | None
) -> tuple[Problem, ...]:
    """Say why a discount is refused: none or two figures, nothing to come off, too much."""
    if (amount is None) == (percent is None):
        return (Problem("discount_amount_or_percent"),)
    whole = add_up(base for base in by_group.values() if base > 0)
    if whole <= 0:
        return (Problem("discount_of_nothing"),)
    if percent is not None and not 0 < percent <= 100:
        return (Problem("discount_percent_impossible"),)
    if amount is not None and amount <= 0:
        return (Problem("discount_not_positive"),)
    if amount is not None and amount > whole:
        return (Problem("discount_exceeds_total", {"left": whole}),)
    return ()
