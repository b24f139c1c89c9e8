"""Which invoices a line of the bank may settle: by number, by amount, by name (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import Final

from essaim.identifiers import search_key
from essaim.money import ZERO

NUMBER: Final = "number"
AMOUNT: Final = "amount"
SUM: Final = "sum"
NAME: Final = "name"

SURE: Final = "sure"
LIKELY: Final = "likely"
WEAK: Final = "weak"
_STRENGTH: Final = (SURE, LIKELY, WEAK)
# Words that many names share, and that tell nobody apart.
_COMMON: Final = frozenset(
    {
        "association", "les", "des", "une", "aux", "sur", "pour", "par", "coop", "cooperative",
        "epicerie", "super", "marche", "sas", "scic", "sarl", "societe", "commune", "communes",
        "communaute", "ville", "region", "groupement", "vir", "virement", "sepa", "recu",
    }
)  # fmt: skip
_SUM_OF: Final = 4  # invoices at most in one sum
_SUM_AMONG: Final = 10  # oldest invoices of a client that a sum is looked for in


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice still owed: `left` in euros; oldest first in the lists given here."""

    invoice: int
    client: int
    number: str
    left: Decimal


@dataclass(frozen=True, slots=True)
class Payer:
    """A client by the words of its names."""

    client: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Set `parts` (invoice, euros) against the line; `why` says what was recognised."""

    client: int
    parts: tuple[tuple[int, Decimal], ...]
    why: tuple[str, ...]
    strength: str


@lru_cache(maxsize=50_000)
def folded(text: str) -> str:
    """Letters and digits alone, lower case: "FA-2026-0007" is found in "FA 2026 0007"."""
    return search_key(text).replace(" ", "")


def numbers_in(text: str, owed: Sequence[Owed]) -> list[Owed]:
    """The invoices whose number is written in a text; FA-2026-1 is not seen in FA-2026-12."""
    bare = folded(text)
    found = []
    for row in owed:
        number = folded(row.number)
        start = bare.find(number) if number else -1
        while start >= 0:
            end = start + len(number)
            if not bare[end : end + 1].isdigit():
                found.append(row)
                break
            start = bare.find(number, start + 1)
    return found


def named_in(text: str, payers: Sequence[Payer]) -> list[int]:
    """Clients whose name's own words all stand in a text, the most words first."""
    words = set(search_key(text).split())
    found: list[tuple[int, int]] = []
    for payer in payers:
        best = 0
        for name in payer.names:
            own = {w for w in search_key(name).split() if len(w) > 2 and w not in _COMMON}
            if own and own <= words:
                best = max(best, len(own))
        if best:
            found.append((-best, payer.client))
    return [client for _count, client in sorted(found)]


def shared(amount: Decimal, owed: Sequence[Owed]) -> tuple[tuple[int, Decimal], ...]:
    """Fill invoices in their order with an amount; what passes them is the client's balance."""
    parts = []
    for row in owed:
        part = min(amount, row.left)
        if part > ZERO:
            parts.append((row.invoice, part))
            amount -= part
    return tuple(parts)


def sum_of(amount: Decimal, owed: Sequence[Owed]) -> tuple[Owed, ...]:
    """Two to four of a client's oldest invoices that add up to an amount; none when two ways do."""
    rows = owed[:_SUM_AMONG]
    ways = [
        chosen
        for size in range(2, min(_SUM_OF, len(rows)) + 1)
        for chosen in combinations(rows, size)
        if sum((row.left for row in chosen), ZERO) == amount
    ]
    return ways[0] if len(ways) == 1 else ()


def proposals(
    amount: Decimal, text: str, owed: Sequence[Owed], payers: Sequence[Payer]
) -> tuple[Proposal, ...]:
    """What a credit line may settle, the most certain first; nothing for what left the account.

    A number with its very amount is sure; a number, or a name with the amount, is likely; an
    amount alone is proposed when one invoice has it, and said weak.
    """
    if amount <= ZERO:
        return ()
    found: list[Proposal] = []
    found += _by_number(amount, numbers_in(text, owed))
    for client in named_in(text, payers):
        found += _by_name(amount, client, [row for row in owed if row.client == client])
    same = [row for row in owed if row.left == amount]
    if len(same) == 1:
        found.append(_one(same[0], amount, (AMOUNT,), WEAK))
    return _ranked(found)


def _one(row: Owed, amount: Decimal, why: tuple[str, ...], strength: str) -> Proposal:
    return Proposal(row.client, ((row.invoice, min(amount, row.left)),), why, strength)


def _by_number(amount: Decimal, cited: Sequence[Owed]) -> list[Proposal]:
    """Invoices cited by their numbers: sure when they are one client's and add up."""
    found = []
    for client in dict.fromkeys(row.client for row in cited):
        rows = [row for row in cited if row.client == client]
        whole = sum((row.left for row in rows), ZERO) == amount
        why = (NUMBER, AMOUNT if len(rows) == 1 else SUM) if whole else (NUMBER,)
        strength = SURE if whole else LIKELY
        found.append(Proposal(client, shared(amount, rows), why, strength))
    return found


def _by_name(amount: Decimal, client: int, rows: Sequence[Owed]) -> list[Proposal]:
    exact = [row for row in rows if row.left == amount]
    if exact:
        return [_one(exact[0], amount, (NAME, AMOUNT), LIKELY)]
    if chosen := sum_of(amount, rows):
        return [Proposal(client, shared(amount, chosen), (NAME, SUM), LIKELY)]
    return [Proposal(client, shared(amount, rows), (NAME,), WEAK)]


def _ranked(found: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Best first, one per client and parts."""
    kept: dict[tuple[int, tuple[tuple[int, Decimal], ...]], Proposal] = {}
    for one in sorted(found, key=lambda p: _STRENGTH.index(p.strength)):
        kept.setdefault((one.client, one.parts), one)
    return tuple(kept.values())
