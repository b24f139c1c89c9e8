"""Which rows may be one and the same, and why: no database, no clock."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

# Words that say what an organisation is, never which one.
_COMMON = frozenset(
    {
        *("association", "asso", "cooperative", "coop", "scic", "sas", "sarl", "collectif"),
        *("commune", "ville", "mairie", "communaute", "communes", "groupement", "epicerie"),
        *("supermarche", "les", "des", "une", "aux", "pour", "sur", "avec"),
    }
)
# Rows that share a word are compared; a word shared by more than these says nothing.
_TOO_COMMON = 40
_LONG_ENOUGH = 5


class Why(StrEnum):
    SIRET = "siret"
    SIREN = "siren"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    ORDER = "order"
    NEAR = "near"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Facts:
    """What two rows are compared by; `name` is already blind to accents, case, punctuation."""

    key: int
    name: str
    email: str = ""
    phone: str = ""
    siren: str = ""
    siret: str = ""
    other_name: str = ""

    @property
    def digits(self) -> str:
        """A phone number as its last nine figures: +33 3 88 and 03 88 are one."""
        found = "".join(c for c in self.phone if c.isdigit())
        return found[-9:] if len(found) >= 9 else ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n for n in (self.name, self.other_name) if n)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two keys in order, and the reasons why they may be one, the strongest first."""

    first: int
    second: int
    why: tuple[Why, ...]


def distance(a: str, b: str, most: int) -> int:
    """Letters to add, drop, change or swap from one to the other; `most` + 1 when more."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(*row, *last) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def _near(a: str, b: str) -> bool:
    """A slip of the finger apart: one letter, two in a long name."""
    plain_a, plain_b = a.replace(" ", ""), b.replace(" ", "")
    shortest = min(len(plain_a), len(plain_b))
    if shortest < _LONG_ENOUGH:
        return False
    most = 2 if shortest >= 10 else 1
    # Each slip takes away one letter at most and brings one: sets tell most pairs apart at once.
    if len(set(plain_a) ^ set(plain_b)) > 2 * most:
        return False
    return distance(plain_a, plain_b, most) <= most


def _telling(name: str) -> list[str]:
    return [w for w in name.split() if w not in _COMMON and len(w) > 2]


def _within(a: str, b: str) -> bool:
    """The telling words of the one are all in the other: "Musette" and "La Musette de Barr"."""
    words, others = set(_telling(a)), set(_telling(b))
    small, large = sorted((words, others), key=len)
    return bool(small) and small <= large and sum(map(len, small)) >= _LONG_ENOUGH


def _name_reason(a: str, b: str) -> Why | None:
    if a == b:
        return Why.NAME
    if sorted(a.split()) == sorted(b.split()):
        return Why.ORDER
    if _near(a, b):
        return Why.NEAR
    return None


def reasons(a: Facts, b: Facts, *, within: bool = False) -> tuple[Why, ...]:
    """Why these two may be one; empty when nothing says so.

    `within` also takes a name held in the other: for a single new row, not for a whole base.
    """
    found = [
        why
        for why, x, y in (
            (Why.SIRET, a.siret, b.siret),
            (Why.SIREN, a.siren, b.siren),
            (Why.EMAIL, a.email.lower(), b.email.lower()),
            (Why.PHONE, a.digits, b.digits),
        )
        if x and x == y
    ]
    names = [_name_reason(x, y) for x in a.names for y in b.names]
    order = (Why.NAME, Why.ORDER, Why.NEAR)
    if best := next((why for why in order if why in names), None):
        found.append(best)
    elif within and any(_within(x, y) for x in a.names for y in b.names):
        found.append(Why.WITHIN)
    return tuple(found)


def _blocks(row: Facts) -> Iterator[tuple[str, str]]:
    """The drawers in which a row is compared with the others."""
    for kind, value in (("siren", row.siren), ("mail", row.email.lower()), ("tel", row.digits)):
        if value:
            yield kind, value
    for name in row.names:
        yield "order", " ".join(sorted(name.split()))
        plain = name.replace(" ", "")
        if len(plain) >= _LONG_ENOUGH:
            # Two names a letter or two apart share their beginning or their end.
            yield "head", plain[:4]
            yield "tail", plain[-4:]
        for word in _telling(name):
            yield "word", word


_STRONG = frozenset({"siren", "mail", "tel", "order"})


def pairs(
    rows: Iterable[Facts],
    *,
    but: frozenset[tuple[int, int]] = frozenset(),
    most: int = 200,
    compare: Callable[[Facts, Facts], tuple[Why, ...]] = reasons,
) -> list[Pair]:
    """Every two rows that may be one, the surest first; those of `but` were said to be two.

    Rows are compared within drawers (same number, same word, same beginning), never all by all.
    """
    drawers: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for row in rows:
        for block in set(_blocks(row)):
            drawers[block].append(row)
    seen: set[tuple[int, int]] = set(but)
    found = []
    for (kind, _value), held in drawers.items():
        if kind not in _STRONG and len(held) > _TOO_COMMON:
            continue
        for a, b in combinations(held[: 5 * _TOO_COMMON], 2):
            keys = (min(a.key, b.key), max(a.key, b.key))
            if a.key == b.key or keys in seen:
                continue
            seen.add(keys)
            if why := compare(a, b):
                found.append(Pair(*keys, why))
    return sorted(found, key=_rank)[:most]


def _rank(pair: Pair) -> tuple[int, int, int, int]:
    order = list(Why)
    return (-len(pair.why), order.index(pair.why[0]), pair.first, pair.second)


def like(
    row: Facts, others: Iterable[Facts], *, most: int = 5
) -> Sequence[tuple[int, tuple[Why, ...]]]:
    """The keys of those a new row may be, with the reasons, the surest first."""
    found = [
        (other.key, why)
        for other in others
        if other.key != row.key and (why := reasons(row, other, within=True))
    ]
    order = list(Why)
    return sorted(found, key=lambda f: (-len(f[1]), order.index(f[1][0]), f[0]))[:most]
