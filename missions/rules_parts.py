"""What validation and billing make of a day's shares: parts, beneficiaries, lines, re-rating."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from essaim import money
from essaim.money import ZERO, cents, percent_of
from missions.rules import (
    DEFAULT_BILLABLE_WORKS,
    QUANTITIES,
    WHOLE,
    Beneficiary,
    Code,
    Key,
    Nature,
    fractions,
    is_billable,
    pair_counts,
    share_out,
)
from missions.rules_funding import HUNDRED, ShareTerm
from missions.rules_shares import DaySplit, ShareAmount, split_day

PART_NATURES: Final = frozenset(
    {Nature.BILLED, Nature.PRICED, Nature.GIVEN, Nature.ELSEWHERE, Nature.VOLUNTEER}
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a day decided at validation: ½ billed, ½ given, with the reason."""

    quantity: Decimal
    nature: Nature
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class LineUnit:
    """How an invoice line counts its days: in days at the rate, or as one whole (C62)."""

    unit: Literal["DAY", "C62"]
    quantity: Decimal
    unit_price: Decimal
    net: Decimal


def check_parts(quantity: Decimal, parts: Sequence[Part]) -> list[Code]:
    """List what refuses the split of a day of `quantity` that a coordinator decided."""
    found = []
    if sum((part.quantity for part in parts), Decimal(0)) != quantity:
        found.append(Code.PARTS_NOT_THE_DAY)
    if any(part.quantity not in QUANTITIES for part in parts):
        found.append(Code.PART_QUANTITY_NOT_ALLOWED)
    natures = [part.nature for part in parts]
    if any(nature not in PART_NATURES for nature in natures):
        found.append(Code.PART_NATURE_NOT_ALLOWED)
    # Two halves of 333.33 billed apart are 333.34: one part per nature.
    if len(set(natures)) < len(natures):
        found.append(Code.PART_NATURE_TWICE)
    if any(part.nature != Nature.BILLED and not part.reason.strip() for part in parts):
        found.append(Code.PART_REASON_MISSING)
    return found


def default_part(
    quantity: Decimal,
    work: str,
    *,
    billable_works: Collection[str] = DEFAULT_BILLABLE_WORKS,
    is_offered: bool = False,
    is_priced: bool = False,
    is_second: bool = False,
    second_counts: bool = False,
) -> Part:
    """Propose what becomes of a whole day: billed, within an agreed price, or given.

    Given are works that are not billed, a second person who does not count, and offered days
    (amorçage, internal missions, agreements without a price). The reason is a code.
    """
    if is_offered:
        return Part(quantity=quantity, nature=Nature.GIVEN, reason="offered")
    if not is_billable(work, billable_works):
        return Part(quantity=quantity, nature=Nature.GIVEN, reason="work_not_billed")
    if not pair_counts(is_second=is_second, second_counts=second_counts):
        return Part(quantity=quantity, nature=Nature.GIVEN, reason="second_of_pair")
    if is_priced:
        return Part(quantity=quantity, nature=Nature.PRICED, reason="agreed_price")
    return Part(quantity=quantity, nature=Nature.BILLED)


def split_parts(
    rate: Decimal, quantity: Decimal, parts: Sequence[Part], terms: Iterable[ShareTerm]
) -> DaySplit:
    """Share a day part by part: the billed part by `split_day`, one share for each other one.

    A part that is not billed owes 0.00 and shows its public value, cents(rate x quantity).
    The split's `amount` is that of the billed part. Raises ValueError on parts that
    `check_parts` refuses, reasons apart.
    """
    wrong = [code for code in check_parts(quantity, parts) if code != Code.PART_REASON_MISSING]
    if wrong:
        raise ValueError(", ".join(wrong))
    billed = [part for part in parts if part.nature == Nature.BILLED]
    others = tuple(_unbilled(rate, part) for part in parts if part.nature != Nature.BILLED)
    if not billed:
        return DaySplit(quantity=quantity, amount=ZERO, shares=others)
    done = split_day(rate, billed[0].quantity, terms)
    return replace(done, quantity=quantity, shares=done.shares + others)


def _unbilled(rate: Decimal, part: Part) -> ShareAmount:
    value = cents(rate * part.quantity)
    return ShareAmount(
        quantity=part.quantity,
        days=part.quantity,
        rate=rate,
        base=value,
        percent=HUNDRED,
        amount=ZERO,
        nature=part.nature,
        public_value=value,
        reason=part.reason,
    )


def allocate(
    split: DaySplit,
    beneficiaries: Sequence[Beneficiary],
    key: Key | None = None,
    fixed_fee: Decimal | None = None,
) -> tuple[ShareAmount, ...]:
    """Share a day between its beneficiaries: one row per share and beneficiary.

    Amounts, quantities, days and values follow the beneficiaries' fractions (equal ones under
    `Key.EQUAL`, else by weight); the last takes the remainder, so that each share's rows sum
    to it and the day counts once. Under `EQUAL` and `WEIGHTS` each beneficiary pays its row of
    the client's (remainder) share, when that is billed; under `FIXED_FEE` it pays the fee
    instead; `ONE_PAYER`, and no key (a day that is not collective), keep the payer.
    Raises ValueError on what `check_beneficiaries` refuses about weights and fees.
    """
    if key == Key.FIXED_FEE and (fixed_fee is None or fixed_fee < 0):
        raise ValueError("a fixed fee is given, and not negative")
    is_equal = key == Key.EQUAL
    parts = fractions([WHOLE if is_equal else one.weight for one in beneficiaries])
    rows: list[ShareAmount] = []
    for share in split.shares:
        own = share.is_remainder and share.nature == Nature.BILLED
        for one, row in zip(beneficiaries, _rows(share, parts), strict=True):
            pays = own and key in (Key.EQUAL, Key.WEIGHTS, Key.FIXED_FEE)
            row = replace(row, beneficiary=one.id, payer=one.payer if pays else row.payer)
            if pays and key == Key.FIXED_FEE and fixed_fee is not None:
                row = replace(row, amount=cents(fixed_fee), is_fee=True)
            rows.append(row)
    return tuple(rows)


def _rows(share: ShareAmount, parts: Sequence[Decimal]) -> list[ShareAmount]:
    columns = zip(
        parts,
        share_out(share.quantity, parts),
        share_out(share.days, parts),
        money.split(share.base, parts),
        money.split(share.amount, parts),
        money.split(share.public_value, parts),
        strict=True,
    )
    return [
        replace(
            share,
            fraction=fraction,
            quantity=quantity,
            days=days,
            base=base,
            amount=amount,
            public_value=value,
        )
        for fraction, quantity, days, base, amount, value in columns
    ]


def line_unit(amounts: Iterable[Decimal], days: Decimal, rate: Decimal) -> LineUnit:
    """Choose a line's unit: DAY when the shares sum to cents(days x rate), else one C62.

    The sum of the shares is the line's net either way; a quantity is never derived from it.
    `days` sums the shares' `quantity`, never their `days`: 60 % of a day is no 0.6 day's work.
    """
    net = money.add_up(amounts)
    if net == cents(days * rate):
        return LineUnit(unit="DAY", quantity=days, unit_price=rate, net=net)
    return LineUnit(unit="C62", quantity=WHOLE, unit_price=net, net=net)


def regenerate(share: ShareAmount, rate: Decimal) -> ShareAmount:
    """Give the new generation of a credited share at `rate`; the others keep theirs.

    At the same rate nothing changes, and a fixed fee follows no rate. The remainder share
    carries the difference of the day's price, never below 0.00; a percent applies to the new
    base, which stays at its cap per day, and a share that was cut never grows past its cut.
    Raises ValueError on a negative rate or a share that is not billed.
    """
    if rate < 0 or share.nature != Nature.BILLED:
        raise ValueError("only a billed share is re-rated, at a rate that is not negative")
    if rate == share.rate or share.is_fee:
        return replace(share, rate=rate)
    before, after = cents(share.rate * share.quantity), cents(rate * share.quantity)
    base = min(share.base, after) if share.base < before else after
    if share.is_remainder:
        amount = max(share.amount + after - before, ZERO)
    else:
        amount = percent_of(base, share.percent)
    if share.is_cut:
        amount = min(amount, share.amount)
    return replace(share, rate=rate, base=base, amount=amount, public_value=amount)
