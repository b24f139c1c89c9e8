"""Who pays which part of each piece of an agreed price; pure figures, net euros."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from essaim.money import cents, percent_of
from missions.rules import Nature
from missions.rules_funding import ShareTerm
from missions.rules_shares import NATURE_OF


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecePart:
    """One payer's part of one piece."""

    piece: int
    term: int
    payer: int
    amount: Decimal
    nature: Nature


def piece_parts(
    pieces: Sequence[tuple[int, Decimal]], terms: Sequence[ShareTerm]
) -> list[PiecePart]:
    """Share each piece (key, amount) in the order of the pieces.

    Shares follow in (priority, id) order, each cents(amount x percent) cut by what is left of
    its cap in euros; the remainder share, else the last one, takes the rest.
    """
    ordered = sorted(terms, key=lambda t: (t.is_remainder, t.priority, t.id))
    left = {t.id: t.cap_eur for t in ordered}
    found = []
    for key, amount in pieces:
        rest = amount
        for index, term in enumerate(ordered):
            part = rest if index == len(ordered) - 1 else percent_of(amount, term.percent)
            part = min(part, rest)
            cap = left[term.id]
            if cap is not None:
                part = min(part, cap)
                left[term.id] = cap - part
            rest -= part
            nature = NATURE_OF[term.basis]
            found.append(
                PiecePart(
                    piece=key, term=term.id, payer=term.payer, amount=cents(part), nature=nature
                )
            )
    return [part for part in found if part.amount]
