"""Mothers and daughters of coops (essaimage), from the links alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


def ancestors(mothers: Mapping[int, int], coop: int) -> Iterator[int]:
    """The mother of a coop, hers, and so on; a circle already there ends the walk."""
    seen = {coop}
    while (mother := mothers.get(coop)) is not None and mother not in seen:
        yield mother
        seen.add(mother)
        coop = mother


def closes_a_circle(mothers: Mapping[int, int], coop: int, mother: int) -> bool:
    """Whether this mother already descends from the coop."""
    return mother == coop or coop in ancestors(mothers, mother)


@dataclass(frozen=True, slots=True)
class Branch:
    """A coop of a family tree, and its daughters below it."""

    coop: int
    depth: int
    daughters: "Sequence[Branch]" = ()

    def walk(self) -> "Iterator[Branch]":
        yield self
        for daughter in self.daughters:
            yield from daughter.walk()


def family_of(mothers: Mapping[int, int], coop: int, order: Sequence[int] = ()) -> Branch:
    """The whole tree that a coop is part of, from its eldest; daughters in the order given."""
    eldest = coop
    for mother in ancestors(mothers, coop):
        eldest = mother
    return tree(mothers, eldest, order)


def tree(mothers: Mapping[int, int], root: int, order: Sequence[int] = ()) -> Branch:
    """A coop and all that descends from it."""
    rank = {key: index for index, key in enumerate(order)}
    below: dict[int, list[int]] = {}
    for daughter, mother in mothers.items():
        below.setdefault(mother, []).append(daughter)
    seen: set[int] = set()

    def branch(key: int, depth: int) -> Branch:
        seen.add(key)
        fresh = [d for d in below.get(key, ()) if d not in seen]
        fresh.sort(key=lambda d: (rank.get(d, len(rank)), d))
        return Branch(key, depth, tuple(branch(d, depth + 1) for d in fresh if d not in seen))

    return branch(root, 0)
