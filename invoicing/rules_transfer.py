"""VAT that payments make due, invoice by invoice: cumulative rounding, closed by the last cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from essaim.money import ZERO, cents, cumulative

RECEIPT: Final = "receipt"
REDUCTION: Final = "reduction"
LOSS: Final = "loss"

Rate = tuple[str, Decimal]


class Amounts(NamedTuple):
    """A base and its VAT."""

    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """What a document asks, gross, and its base and VAT per (category, rate)."""

    gross: Decimal
    rates: Mapping[Rate, Amounts]


@dataclass(frozen=True, slots=True)
class Settling:
    """One thing set against an invoice, in the order it was recorded.

    A RECEIPT makes VAT due. A REDUCTION (the invoice's own credit note) takes `rates` off what
    the invoice asks. A LOSS gives up what is left, with the VAT that was never received.
    """

    amount: Decimal
    kind: str = RECEIPT
    rates: Mapping[Rate, Amounts] = field(default_factory=dict)


Slices = dict[Rate, Amounts]


def parts_of(document: Owed, amounts: Sequence[Decimal]) -> list[Slices]:
    """How a document's base and VAT follow when it is used in parts (a credit note set off)."""
    if not document.gross:
        return [{} for _amount in amounts]
    out: list[Slices] = [{} for _amount in amounts]
    for rate, (base, vat) in document.rates.items():
        bases = cumulative(base, document.gross, amounts)
        vats = cumulative(vat, document.gross, amounts)
        for index, one in enumerate(out):
            one[rate] = Amounts(bases[index], vats[index])
    return out


def follow(document: Owed, settlings: Sequence[Settling]) -> list[Slices]:
    """What each settling makes due per rate; a loss gives the VAT it gives up instead.

    What is due after n settlings is cents(VAT left after credits x received / gross left after
    credits): past slices never move when something is recorded later, and the one that closes the
    invoice closes its VAT (CGI art. 269-2 c).
    """
    out: list[Slices] = []
    gross, received = document.gross, ZERO
    left = dict(document.rates)
    given = dict.fromkeys(left, Amounts(ZERO, ZERO))
    for one in settlings:
        if one.kind == LOSS:
            out.append({r: _less(left[r], given[r]) for r in left})
            left, gross = dict(given), received
            continue
        if one.kind == REDUCTION:
            gross -= one.amount
            left = {r: _less(a, one.rates.get(r, Amounts(ZERO, ZERO))) for r, a in left.items()}
        else:
            received += one.amount
        due = {r: _reached(a, received, gross) for r, a in left.items()}
        out.append({r: _less(due[r], given[r]) for r in due})
        given = due
    return out


def _less(a: Amounts, b: Amounts) -> Amounts:
    return Amounts(a.base - b.base, a.vat - b.vat)


def _reached(whole: Amounts, received: Decimal, gross: Decimal) -> Amounts:
    if received == gross:
        return whole
    if not gross:
        return Amounts(ZERO, ZERO)
    return Amounts(cents(whole.base * received / gross), cents(whole.vat * received / gross))


def vat_in(slices: Slices) -> Decimal:
    """The VAT of all rates."""
    return sum((a.vat for a in slices.values()), ZERO)


def less_deposits(
    rates: Mapping[Rate, Amounts], deposits: Mapping[Rate, Amounts], deducted_vat: Decimal
) -> Slices:
    """What is left per rate of a final invoice once its deposits are taken off.

    When the deposits do not say their rates, their VAT comes off the rates in their order.
    """
    left = {r: _less(a, deposits.get(r, Amounts(ZERO, ZERO))) for r, a in rates.items()}
    rest = deducted_vat - sum((a.vat for a in deposits.values()), ZERO)
    for rate, amounts in left.items():
        taken = min(rest, amounts.vat)
        if taken > 0:
            base = cents(taken * 100 / rate[1]) if rate[1] else ZERO
            left[rate] = Amounts(amounts.base - base, amounts.vat - taken)
            rest -= taken
    return left
