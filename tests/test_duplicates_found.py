"""Duplicates proposed: by what, how sure, and within what time."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import actions
from crm.duplicates import alike, proposals
from crm.rules_duplicates import Facts, Why, distance, pairs, reasons
from essaim.models import User
from tests.conftest import acting
from tests.given_crm import given_contact, given_coop, given_organisation

ON = date(2026, 11, 23)
PHONE = {Why.PHONE}


@pytest.mark.parametrize(
    ("a", "b", "most", "wanted"),
    [
        ("musette", "musette", 2, 0),
        ("musette", "muzette", 2, 1),
        ("musette", "mussete", 2, 2),
        ("musette", "umsette", 2, 1),
        ("musette", "muset", 2, 2),
        ("musette", "mirabelle", 2, 3),
        ("", "ab", 2, 2),
    ],
)
def test_the_distance_counts_slips_and_swaps(a: str, b: str, most: int, wanted: int) -> None:
    assert distance(a, b, most) == wanted


@given(st.text("abc ", max_size=12), st.text("abc ", max_size=12))
def test_the_distance_is_the_same_both_ways(a: str, b: str) -> None:
    assert distance(a, b, 3) == distance(b, a, 3)
    assert (distance(a, b, 3) == 0) == (a == b)


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ({"name": "epicerie du ried"}, {"name": "epicerie du ried"}, {Why.NAME}),
        ({"name": "schmitt emile"}, {"name": "emile schmitt"}, {Why.ORDER}),
        ({"name": "la musette"}, {"name": "la muzette"}, {Why.NEAR}),
        ({"name": "barr"}, {"name": "bard"}, set()),
        ({"name": "a", "siren": "552100554"}, {"name": "b", "siren": "552100554"}, {Why.SIREN}),
        ({"name": "a", "email": "A@x.fr"}, {"name": "b", "email": "a@X.fr"}, {Why.EMAIL}),
        (
            {"name": "a", "phone": "03 88 12 34 56"},
            {"name": "b", "phone": "+33388123456"},
            {Why.PHONE},
        ),
        ({"name": "a", "phone": "12"}, {"name": "b", "phone": "12"}, set()),
        ({"name": "super mirabelle"}, {"name": "super quetsche"}, set()),
    ],
)
def test_two_rows_may_be_one_for_a_reason_that_is_told(a: Any, b: Any, why: set[Why]) -> None:
    assert set(reasons(Facts(1, **a), Facts(2, **b))) == why
    found = pairs([Facts(1, **a), Facts(2, **b)])
    assert {w for p in found for w in p.why} == why


def test_the_surest_come_first_and_what_was_said_distinct_is_left_out() -> None:
    rows = [
        Facts(1, "la musette", email="m@x.fr"),
        Facts(2, "la muzette"),
        Facts(3, "la musette", email="m@x.fr"),
    ]
    assert next((p.first, p.second) for p in pairs(rows)) == (1, 3)
    left = pairs(rows, but=frozenset({(1, 3)}))
    assert {(p.first, p.second) for p in left} == {(1, 2), (2, 3)}


def test_ten_thousand_rows_are_not_compared_two_by_two() -> None:
    rows = [Facts(n, f"collectif {n * 7919 % 10007} du village {n % 900}") for n in range(10_000)]
    rows.append(Facts(10_001, rows[4242].name))
    asked = 0

    def counting(a: Facts, b: Facts) -> tuple[Why, ...]:
        nonlocal asked
        asked += 1
        return (Why.NAME,) if a.name == b.name else ()

    found = pairs(rows, compare=counting)
    assert [(p.first, p.second) for p in found] == [(4242, 10_001)]
    assert asked < 20 * len(rows)


@pytest.mark.django_db
def test_proposals_are_blind_to_accents_and_leave_out_archived_and_distinct_rows(
    basile: User,
) -> None:
    act = acting(basile, ON)
    one = given_organisation("Épicerie du Village", by=basile, kind="partner")
    two = given_organisation("EPICERIE — du village", by=basile, kind="partner")
    three = given_organisation("Épicerie du Village (Barr)", by=basile, kind="partner")
    found = proposals("organisation", user=basile)
    assert [(p.first, p.second, p.why) for p in found] == [(one, two, "même nom")]
    actions.say_distinct(one, two, **act)
    assert proposals("organisation", user=basile) == []
    new = {"legal_name": "epicerie du VILLAGE"}
    assert [r for r, _why in alike("organisation", new, user=basile)] == [one, two, three]
    actions.archive_organisation(two, reason="vide", **act)
    assert [r for r, _why in alike("organisation", new, user=basile)] == [one, three]


@pytest.mark.django_db
def test_a_consultant_is_told_nothing_of_coops_out_of_reach(ada: User, basile: User) -> None:
    coop = given_coop("La Musette", owner=basile)
    given_contact("Émile Schmitt", organisation=coop.organisation, by=basile)
    assert alike("organisation", {"legal_name": "La Musette"}, user=ada) == []
    person = {"first_name": "Emile", "last_name": "Schmitt"}
    assert alike("contact", person, user=ada) == []
    assert len(alike("contact", person, user=basile)) == 1
