"""Mother and baby coops: no circle at any depth, and the tree drawn from the links."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import actions, rules_family
from crm.models import Coop
from essaim.models import User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import given_coop

ON = date(2026, 11, 23)


def test_no_coop_descends_from_itself_at_any_depth(basile: User) -> None:
    act = acting(basile, ON)
    eldest = given_coop("Coop 0", owner=basile)
    line = [eldest]
    for n in range(1, 5):
        line.append(given_coop(f"Coop {n}", owner=basile, mother=line[-1]))
    for mother in line:
        with pytest.raises(Refused) as refused:
            actions.edit_coop(eldest, mother=mother, **act)
        assert [m.code for m in refused.value.missing] == ["mother"]
    assert Coop.objects.get(pk=eldest.pk).mother is None
    # Another line is welcome, and a branch may be moved within its tree.
    actions.edit_coop(line[4], mother=line[1], **act)
    assert Coop.objects.get(pk=line[4].pk).mother == line[1]


LINKS = st.dictionaries(st.integers(1, 12), st.integers(1, 12), max_size=12)


@settings(max_examples=300)
@given(links=LINKS, coop=st.integers(1, 12), mother=st.integers(1, 12))
def test_links_that_are_accepted_never_make_a_circle(
    links: dict[int, int], coop: int, mother: int
) -> None:
    mothers: dict[int, int] = {}
    for daughter, of in [*links.items(), (coop, mother)]:
        if not rules_family.closes_a_circle({**mothers}, daughter, of):
            mothers[daughter] = of
    for start in mothers:
        seen, here = {start}, start
        while here in mothers:
            here = mothers[here]
            assert here not in seen
            seen.add(here)


@settings(max_examples=200)
@given(links=LINKS, coop=st.integers(1, 12))
def test_a_tree_ends_and_holds_each_coop_once(links: dict[int, int], coop: int) -> None:
    """Even of links that hold a circle."""
    keys = [b.coop for b in rules_family.family_of(links, coop).walk()]
    assert len(keys) == len(set(keys))


def test_a_family_is_drawn_from_its_eldest() -> None:
    mothers = {2: 1, 3: 1, 4: 3, 9: 8}
    family = rules_family.family_of(mothers, 4, order=[3, 2])
    assert [(b.coop, b.depth) for b in family.walk()] == [(1, 0), (3, 1), (4, 2), (2, 1)]
    assert [b.coop for b in rules_family.family_of(mothers, 7).walk()] == [7]
