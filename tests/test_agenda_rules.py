"""Pure rules of the agenda: what an event or calls are worth, and what they were for."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missions.rules import QUANTITIES
from missions.rules_agenda import (
    CALL_STEP,
    Candidate,
    Guessed,
    Learnt,
    by_name,
    guess,
    moment_of,
    quantity_of_calls,
    quantity_of_event,
    words_of,
    work_of,
)


# -- what it is worth --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("minutes", "worth"),
    [
        (0, "0"),
        (89, "0"),
        (90, "0.25"),
        (105, "0.25"),
        (179, "0.25"),
        (180, "0.5"),
        (270, "0.75"),
        (360, "1"),
        (2000, "1"),
        (-5, "0"),
    ],
)
def test_each_hour_and_a_half_of_calls_is_a_quarter(minutes: int, worth: str) -> None:
    assert quantity_of_calls(minutes) == Decimal(worth)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_calls_are_never_worth_less_nor_more_than_was_said(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert quantity_of_calls(low) <= quantity_of_calls(high) <= 1
    assert quantity_of_calls(high) * 4 * CALL_STEP <= high
    assert quantity_of_calls(high) in {Decimal(0), *QUANTITIES}


@pytest.mark.parametrize(
    ("minutes", "worth"),
    [
        (None, "1"),
        (15, "0.25"),
        (120, "0.25"),
        (150, "0.5"),
        (240, "0.5"),
        (300, "0.75"),
        (330, "1"),
    ],
)
def test_an_event_is_worth_its_length(minutes: int | None, worth: str) -> None:
    assert quantity_of_event(minutes) == Decimal(worth)


@given(st.integers(0, 5000))
def test_an_event_is_always_a_quantity_a_day_can_have(minutes: int) -> None:
    assert quantity_of_event(minutes) in QUANTITIES


@pytest.mark.parametrize(
    ("hour", "quantity", "moment"),
    [
        (8, "0.5", "morning"),
        (11, "0.25", "morning"),
        (12, "0.5", "afternoon"),
        (17, "0.25", "afternoon"),
        (18, "0.25", "evening"),
        (9, "1", "full_day"),
        (9, "0.75", "full_day"),
    ],
)
def test_the_moment_follows_the_hour(hour: int, quantity: str, moment: str) -> None:
    assert moment_of(datetime(2026, 11, 2, hour), Decimal(quantity)) == moment  # noqa: DTZ001


def test_without_hours_it_is_the_whole_day() -> None:
    assert moment_of(None, Decimal(1)) == "full_day"


# -- what it was for ---------------------------------------------------------------------------
EPI = Candidate(mission=1, words=frozenset({"epi"}), emails=frozenset({"emile@epi.test"}), rank=3)
HALLE = Candidate(mission=2, words=frozenset({"halle", "voisins"}), rank=1)
HALLES = Candidate(mission=3, words=frozenset({"halle", "saverne"}), rank=2)
ALL = (EPI, HALLE, HALLES)


def said(text: str) -> frozenset[str]:
    return words_of(text, ("avec", "la", "les"))


def test_words_leave_out_what_says_nothing() -> None:
    assert said("réunion avec la halle x 3") == {"réunion", "halle", "3"}


def test_a_mission_is_known_by_the_name_of_its_coop() -> None:
    assert guess(said("réunion epi"), (), ALL) == Guessed(1, "name")


def test_a_word_that_two_coops_share_is_not_enough() -> None:
    assert by_name(said("visite halle"), ALL) is None
    assert by_name(said("visite halle saverne"), ALL) == 3


def test_of_two_missions_of_one_coop_the_last_worked_is_taken() -> None:
    again = Candidate(mission=9, words=EPI.words, rank=0)
    assert by_name(said("epi"), (*ALL, again)) == 9


def test_somebody_invited_tells_more_than_words() -> None:
    assert guess(said("halle saverne"), ("emile@epi.test",), ALL) == Guessed(1, "email")


def test_what_was_chosen_before_for_such_a_title_comes_first() -> None:
    before = [Learnt(words=said("point hebdo halle"), mission=2, work="remote", subject="Point")]
    found = guess(said("point hebdo halle"), ("emile@epi.test",), ALL, before)
    assert found == Guessed(2, "before", "remote", "Point")


def test_a_title_half_alike_teaches_nothing() -> None:
    before = [Learnt(words=said("comptes annuels epi"), mission=2)]
    assert guess(said("comptes epi"), (), ALL, before).by == "before"
    assert guess(said("epi"), (), ALL, before) == Guessed(1, "name")


def test_of_two_alike_the_newest_teaches() -> None:
    newest, oldest = (Learnt(words=said("point hebdo"), mission=m) for m in (3, 2))
    assert guess(said("point hebdo"), (), ALL, [newest, oldest]).mission == 3


def test_a_mission_that_is_closed_is_not_answered() -> None:
    before = [Learnt(words=said("point hebdo"), mission=99)]
    assert guess(said("point hebdo"), (), ALL, before) == Guessed()


texts = st.frozensets(
    st.sampled_from(["epi", "halle", "voisins", "saverne", "point", "hebdo", "visio"])
)
learnt = st.lists(st.builds(Learnt, words=texts, mission=st.sampled_from((1, 2, 3, 99))))


@given(texts, st.sampled_from(((), ("emile@epi.test",))), learnt)
def test_only_a_candidate_is_ever_answered(
    words: frozenset[str], people: tuple[str, ...], before: list[Learnt]
) -> None:
    found = guess(words, people, ALL, before)
    assert found.mission in {None, 1, 2, 3}
    assert bool(found.by) == (found.mission is not None)
    assert guess(words, people, ALL[::-1], before) == found


TABLE = {"travel": ("trajet",), "remote": ("visio", "https")}


@pytest.mark.parametrize(
    ("words", "work"),
    [({"visio", "epi"}, "remote"), ({"trajet", "visio"}, "travel"), ({"epi"}, "on_site")],
)
def test_the_kind_of_work_is_told_by_its_words(words: set[str], work: str) -> None:
    assert work_of(words, TABLE) == work
