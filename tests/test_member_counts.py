"""Counts of members: two numbers and a source, corrected in the open."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from crm import actions
from crm.models import Coop, MemberCount
from essaim.models import Event, User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import given_coop

ON = date(2026, 11, 23)


def counted(coop: Coop, by: User, **fields: Any) -> MemberCount:
    values = {"as_of": date(2026, 11, 1), "registered": 145, "active": 65, "source": "Bulletin"}
    return actions.count_members(coop, **values | fields, **acting(by, ON))


def test_two_counts_of_one_day_and_source_are_refused_in_words(basile: User) -> None:
    coop = given_coop(owner=basile)
    counted(coop, basile)
    with pytest.raises(Refused) as refused:
        counted(coop, basile, registered=150, source=" bulletin ")
    (missing,) = refused.value.missing
    assert missing.code == "source"
    assert "01/11/2026" in missing.text
    counted(coop, basile, registered=150, source="Caisse")
    counted(coop, basile, as_of=date(2026, 11, 2))
    counted(given_coop("Autre", owner=basile), basile)
    assert MemberCount.objects.filter(coop=coop).count() == 3


def test_the_database_refuses_it_too(basile: User) -> None:
    row = counted(given_coop(owner=basile), basile)
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberCount.history.create(coop=row.coop, as_of=row.as_of, registered=1, source=row.source)


def test_a_correction_stands_in_the_place_of_what_was_wrong(basile: User) -> None:
    coop = given_coop(owner=basile)
    wrong = counted(coop, basile, registered=1450)
    right = actions.correct_count(
        wrong,
        as_of=wrong.as_of,
        registered=145,
        active=65,
        source=wrong.source,
        why="Un zéro de trop",
        **acting(basile, ON),
    )
    assert list(coop.member_counts.all()) == [right]
    wrong = MemberCount.history.get(pk=wrong.pk)
    assert (wrong.registered, wrong.replaced_on, wrong.replaced_by) == (1450, ON, right)
    assert right.why == "Un zéro de trop"
    assert Event.objects.get(verb="crm.Coop.correct_count").codes["replaces"] == wrong.pk


def test_a_correction_is_judged_as_a_count(basile: User) -> None:
    coop = given_coop(owner=basile)
    row, other = counted(coop, basile), counted(coop, basile, source="Caisse")
    act = acting(basile, ON)
    told = {"as_of": row.as_of, "registered": 145, "active": 65, "source": "Bulletin"}
    for given, code in (
        ({"why": ""}, "why"),
        ({}, "registered"),
        ({"active": 200}, "active"),
        ({"as_of": date(2026, 11, 24)}, "as_of"),
        ({"source": "Caisse"}, "source"),
    ):
        with pytest.raises(Refused) as refused:
            actions.correct_count(row, **told | {"why": "Erreur"} | given, **act)
        assert [m.code for m in refused.value.missing] == [code]
    assert set(MemberCount.objects.all()) == {row, other}
    assert MemberCount.history.count() == 2
    fixed = actions.correct_count(row, **told | {"registered": 146, "why": "Erreur"}, **act)
    with pytest.raises(Refused) as refused:
        actions.correct_count(row, **told | {"registered": 147, "why": "Erreur"}, **act)
    assert [m.code for m in refused.value.missing] == ["count"]
    assert MemberCount.objects.filter(source="Bulletin").get() == fixed
