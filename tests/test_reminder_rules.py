"""Which level is due, and what is left of each instalment."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules_reminders import Due, Level, due_level, left_of_parts, next_level
from invoicing.rules_texts import (
    DOCUMENT,
    LAST_REMINDER,
    REMINDER,
    TextProblem,
    fill,
    problems,
)

DUE = date(2026, 10, 1)
LEVELS = (Level(0, -5), Level(1, 8), Level(2, 21), Level(3, 45))


def due(days: int, *done: int) -> Due | None:
    return due_level(LEVELS, due_on=DUE, on=DUE + timedelta(days=days), done=done)


@pytest.mark.parametrize(
    ("days", "done", "expected"),
    [
        (-6, (), None),
        (-5, (), Due(0, ())),
        (0, (), Due(0, ())),
        (1, (), None),
        (7, (0,), None),
        (8, (0,), Due(1, ())),
        (8, (), Due(1, (0,))),
        (20, (0, 1), None),
        (21, (0, 1), Due(2, ())),
        (44, (0, 1, 2), None),
        (45, (0, 1, 2), Due(3, ())),
        (400, (0, 1, 2, 3), None),
    ],
)
def test_each_level_falls_on_its_day(
    days: int, done: tuple[int, ...], expected: Due | None
) -> None:
    assert due(days, *done) == expected


def test_what_was_missed_is_caught_up_by_the_highest_level_alone() -> None:
    assert due(50) == Due(3, (0, 1, 2))
    assert due(50, 0, 1) == Due(3, (2,))
    assert due(30, 1) == Due(2, (0,))


def test_a_lower_level_never_comes_after_a_higher_one() -> None:
    assert due(30, 2) is None
    assert due(60, 3) is None


def test_the_next_level_has_its_day() -> None:
    def coming(days: int, *done: int) -> tuple[int, date] | None:
        return next_level(LEVELS, due_on=DUE, on=DUE + timedelta(days=days), done=done)

    assert coming(0, 0) == (1, DUE + timedelta(days=8))
    assert coming(10, 0, 1) == (2, DUE + timedelta(days=21))
    assert coming(50, 3) is None
    # A level to send today is not one to come.
    assert coming(8, 0) == (2, DUE + timedelta(days=21))


@given(st.integers(-30, 400), st.sets(st.integers(0, 3)))
def test_a_due_level_is_open_and_above_all_that_was_done(days: int, done: set[int]) -> None:
    found = due(days, *done)
    if found is None:
        return
    assert found.rank > max(done, default=-1)
    assert LEVELS[found.rank].days <= days
    assert set(found.skips).isdisjoint(done)
    assert all(rank < found.rank for rank in found.skips)
    # Once it is sent, nothing more is due on that day.
    assert due(days, *done, found.rank, *found.skips) is None


_money = st.decimals(0, 10_000, places=2)


@given(st.lists(_money, min_size=1, max_size=6), _money)
def test_what_came_settles_the_oldest_parts_first(amounts: list[Decimal], settled: Decimal) -> None:
    left = left_of_parts(amounts, settled)
    assert sum(left) == max(sum(amounts) - settled, Decimal(0))
    assert all(0 <= rest <= amount for rest, amount in zip(left, amounts, strict=True))
    # No part is touched while an earlier one has something left.
    open_parts = [i for i, rest in enumerate(left) if rest]
    if open_parts:
        assert all(left[i] == amounts[i] for i in range(open_parts[0] + 1, len(amounts)))


def test_a_text_names_known_words_only() -> None:
    assert problems("Facture {numero} : {reste}", DOCUMENT) == []
    assert problems("{numro}", DOCUMENT) == [TextProblem("unknown", "numro")]
    assert problems("{}", DOCUMENT) == [TextProblem("unknown", "")]
    assert problems("{numero!r}", DOCUMENT) == [TextProblem("unknown", "numero")]
    assert problems("{numero:>10}", DOCUMENT) == [TextProblem("unknown", "numero")]
    assert problems("{client.__class__}", DOCUMENT) == [TextProblem("unknown", "client.__class__")]
    assert problems("Bonjour {", DOCUMENT) == [TextProblem("braces")]
    assert problems("Bonjour }", DOCUMENT) == [TextProblem("braces")]


def test_only_a_late_level_names_penalties() -> None:
    assert problems("{penalites}", REMINDER) == [TextProblem("penalties", "penalites")]
    assert problems("{penalites}", LAST_REMINDER) == []


def test_a_paragraph_left_empty_goes_with_its_blank_line() -> None:
    text = "Bonjour,\n\n{penalites}\n\nMerci {client}"
    assert fill(text, {"penalites": "", "client": "{numero}"}) == "Bonjour,\n\nMerci {numero}"
    assert fill(text, {"penalites": "12 €", "client": "x"}) == "Bonjour,\n\n12 €\n\nMerci x"
