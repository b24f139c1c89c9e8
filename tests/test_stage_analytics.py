"""The rules of the stage analytics: passages told by moves, without pauses, and their figures."""

from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules_analytics import (
    Exit,
    Period,
    Quartiles,
    Step,
    Story,
    compare,
    days_until,
    funnel,
    quartiles,
    story_of,
)
from crm.stages import Stage

ZERO = date(2026, 1, 1)
ON = date(2026, 12, 31)


def day(n: int) -> date:
    return ZERO + timedelta(days=n)


def step(edge: str, at: int, to: str, *, came: str = "", activity: str = "active") -> Step:
    return Step(edge, came or to, to, activity, day(at))


def advance(at: int, came: str, to: str) -> Step:
    return step("advance", at, to, came=came)


def pause(at: int, stage: str) -> Step:
    return step("pause", at, stage, activity="paused")


def resume(at: int, stage: str) -> Step:
    return step("resume", at, stage)


def stop(at: int, stage: str, how: str = "abandoned") -> Step:
    edge = {"abandoned": "abandon", "released": "release", "merged": "merge"}[how]
    return step(edge, at, stage, activity=how)


def told(*steps: Step, stage: str = "contact") -> Story:
    return story_of(ZERO, stage, steps)


def seen(story: Story) -> list[tuple[str, int, str | None]]:
    """(stage, days until the end of the year, exit) of each passage."""
    return [(p.stage, p.days(ON), p.exit and str(p.exit)) for p in story.passages]


YEAR = (ON - ZERO).days


# -- passages ----------------------------------------------------------------------------------


def test_the_ranks_are_those_of_the_pipeline() -> None:
    from crm.rules_analytics import RANKS

    assert list(RANKS) == Stage.values


def test_a_coop_that_never_moved_is_in_its_first_stage_since_it_began() -> None:
    assert seen(told()) == [("contact", YEAR, None)]


def test_each_stage_lasts_from_its_move_to_the_next() -> None:
    story = told(advance(10, "contact", "diagnosis"), advance(40, "diagnosis", "collective"))
    assert seen(story) == [
        ("contact", 10, "forward"),
        ("diagnosis", 30, "forward"),
        ("collective", YEAR - 40, None),
    ]


def test_a_stage_may_be_jumped_over_and_is_not_entered() -> None:
    story = told(advance(10, "contact", "premises"))
    assert [p.stage for p in story.passages] == ["contact", "premises"]


def test_a_pause_is_no_part_of_the_stage() -> None:
    story = told(pause(10, "contact"), resume(25, "contact"), advance(40, "contact", "diagnosis"))
    assert seen(story)[0] == ("contact", 25, "forward")


def test_two_pauses_in_one_stage_add_up_and_those_of_the_next_are_its_own() -> None:
    story = told(
        pause(10, "contact"),
        resume(15, "contact"),
        pause(20, "contact"),
        resume(27, "contact"),
        advance(40, "contact", "diagnosis"),
        pause(50, "diagnosis"),
        resume(60, "diagnosis"),
        advance(70, "diagnosis", "collective"),
    )
    assert seen(story)[:2] == [("contact", 28, "forward"), ("diagnosis", 20, "forward")]


def test_a_coop_still_paused_has_the_age_it_had_that_day() -> None:
    story = told(advance(10, "contact", "diagnosis"), pause(30, "diagnosis"))
    assert seen(story)[-1] == ("diagnosis", 20, None)
    assert story.passages[-1].is_paused(ON) and not story.passages[-1].is_paused(day(20))


def test_a_pause_and_a_return_on_one_day_take_nothing_out() -> None:
    story = told(pause(10, "contact"), resume(10, "contact"))
    assert seen(story) == [("contact", YEAR, None)]


def test_stopping_while_paused_counts_to_the_pause() -> None:
    for how in ("abandoned", "released", "merged"):
        story = told(pause(10, "contact"), stop(50, "contact", how))
        assert seen(story) == [("contact", 10, how)]


def test_going_back_then_forward_makes_two_passages() -> None:
    story = told(
        advance(10, "contact", "diagnosis"),
        step("go_back", 20, "contact", came="diagnosis"),
        advance(50, "contact", "diagnosis"),
    )
    assert seen(story) == [
        ("contact", 10, "forward"),
        ("diagnosis", 10, "back"),
        ("contact", 30, "forward"),
        ("diagnosis", YEAR - 50, None),
    ]


def test_a_step_back_dated_before_the_move_it_corrects_takes_it_away() -> None:
    story = told(
        advance(10, "contact", "diagnosis"), step("go_back", 5, "contact", came="diagnosis")
    )
    assert seen(story) == [("contact", YEAR, None)]


def test_a_step_back_on_the_day_of_the_move_takes_it_away_too() -> None:
    story = told(
        advance(10, "contact", "diagnosis"),
        advance(10, "diagnosis", "collective"),
        step("go_back", 10, "contact", came="collective"),
    )
    assert seen(story) == [("contact", YEAR, None)]


def test_a_correction_to_a_stage_before_the_last_cuts_the_one_between() -> None:
    story = told(
        advance(10, "contact", "diagnosis"),
        advance(20, "diagnosis", "collective"),
        step("go_back", 15, "contact", came="collective"),
    )
    assert seen(story) == [
        ("contact", 10, "forward"),
        ("diagnosis", 5, "back"),
        ("contact", YEAR - 15, None),
    ]


def test_a_correction_before_the_beginning_moves_the_beginning() -> None:
    story = told(
        advance(10, "contact", "diagnosis"), step("go_back", 0, "contact", came="diagnosis")
    )
    assert seen(story) == [("contact", YEAR, None)]


def test_a_correction_keeps_the_pause_of_the_stage_that_was_never_left() -> None:
    story = told(
        pause(2, "contact"),
        resume(6, "contact"),
        advance(10, "contact", "diagnosis"),
        step("go_back", 8, "contact", came="diagnosis"),
        advance(30, "contact", "diagnosis"),
    )
    assert seen(story)[0] == ("contact", 26, "forward")


def test_a_coop_taken_over_begins_at_its_stage_on_the_day_of_the_take_over() -> None:
    story = told(step("place", 100, "premises", came="contact"))
    assert seen(story) == [("premises", YEAR - 100, None)]
    assert not story.is_whole


def test_a_change_of_path_that_keeps_the_stage_changes_no_passage() -> None:
    story = told(advance(10, "contact", "collective"), step("change_path", 30, "collective"))
    assert seen(story) == [("contact", 10, "forward"), ("collective", YEAR - 10, None)]


def test_a_change_of_path_to_another_stage_leaves_the_one_before() -> None:
    story = told(
        advance(10, "contact", "buying_group"),
        step("change_path", 30, "collective", came="buying_group"),
    )
    assert seen(story) == [
        ("contact", 10, "forward"),
        ("buying_group", 20, "back"),
        ("collective", YEAR - 30, None),
    ]


def test_closing_ends_the_passage_and_opens_none() -> None:
    story = told(
        advance(10, "contact", "follow_up"),
        step("finish", 60, "done", came="follow_up", activity="closed"),
    )
    assert seen(story) == [("contact", 10, "forward"), ("follow_up", 50, "closed")]


def test_reopening_what_was_closed_is_a_passage_of_its_own() -> None:
    story = told(
        advance(10, "contact", "follow_up"),
        step("finish", 60, "done", came="follow_up", activity="closed"),
        step("reopen_closed", 100, "follow_up", came="done"),
    )
    assert seen(story)[1:] == [("follow_up", 50, "closed"), ("follow_up", YEAR - 100, None)]


def test_reopening_what_was_stopped_goes_on_without_the_time_between() -> None:
    for how in ("abandoned", "released"):
        story = told(
            advance(10, "contact", "diagnosis"),
            stop(30, "diagnosis", how),
            step("reopen", 90, "diagnosis"),
            advance(100, "diagnosis", "collective"),
        )
        assert seen(story)[1] == ("diagnosis", 30, "forward")
        assert not story.passages[1].stands(day(50)) and story.passages[1].stands(day(95))


def test_stopped_again_after_a_reopening_it_counts_both_times_at_work() -> None:
    story = told(
        pause(5, "contact"),
        stop(20, "contact"),
        step("reopen", 50, "contact"),
        pause(60, "contact"),
        resume(63, "contact"),
        stop(70, "contact"),
    )
    assert seen(story) == [("contact", 5 + 10 + 7, "abandoned")]


def test_a_merged_coop_ends_where_it_stood() -> None:
    assert seen(told(stop(30, "contact", "merged"))) == [("contact", 30, "merged")]


def test_a_finished_coop_whose_moves_are_not_known_has_no_passage() -> None:
    assert told(stage="done").passages == []
    assert compare([("67", told(stage="done"))])[0].live == 0


# -- figures -----------------------------------------------------------------------------------


def test_quartiles_are_interpolated_between_the_two_nearest() -> None:
    assert quartiles([]) is None
    assert quartiles([12]) == Quartiles(1, 12, 12, 12)
    assert quartiles([10, 20]) == Quartiles(2, 12.5, 15, 17.5)
    assert quartiles([50, 10, 30, 20, 40]) == Quartiles(5, 20, 30, 40)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=60))
def test_the_middle_quartile_is_the_median_and_they_stand_in_order(values: list[int]) -> None:
    found = quartiles(values)
    assert found is not None and found.middle == median(values)
    assert min(values) <= found.low <= found.middle <= found.high <= max(values)


def figures(*stories: Story, on: date = ON, period: Period | None = None) -> dict[str, object]:
    return {row.stage: row for row in funnel(stories, on=on, period=period)}


def test_the_funnel_counts_who_entered_who_is_there_and_who_passed() -> None:
    one = told(advance(10, "contact", "diagnosis"))
    two = told(advance(30, "contact", "diagnosis"), advance(50, "diagnosis", "collective"))
    three = told(pause(5, "contact"))
    four = told(stop(60, "contact"))
    found = figures(one, two, three, four)
    contact, diagnosis = found["contact"], found["diagnosis"]
    assert (contact.entered, contact.passed, contact.present, contact.paused) == (4, 2, 0, 1)
    assert contact.stopped == {"abandoned": 1, "merged": 0, "released": 0} and contact.stops == 1
    assert (diagnosis.entered, diagnosis.passed, diagnosis.present) == (2, 1, 1)
    assert contact.spread == Quartiles(2, 15, 20, 25)
    assert diagnosis.durations == [20] and diagnosis.median_age == YEAR - 10
    assert found["premises"].entered == 0 and found["premises"].spread is None
    assert "done" not in found


def test_who_stopped_says_nothing_of_how_long_a_stage_takes() -> None:
    found = figures(told(stop(300, "contact")), told(advance(10, "contact", "diagnosis")))
    assert found["contact"].durations == [10]


def test_two_passages_of_one_coop_are_one_entry_and_two_durations() -> None:
    story = told(
        advance(10, "contact", "diagnosis"),
        step("go_back", 20, "contact", came="diagnosis"),
        advance(50, "contact", "diagnosis"),
    )
    contact = figures(story)["contact"]
    assert (contact.entered, contact.passages, contact.passed) == (1, 2, 1)
    assert contact.durations == [10, 30]
    assert figures(story)["diagnosis"].back == 1


def test_a_period_keeps_what_happened_in_it_and_who_was_there_at_its_end() -> None:
    story = told(
        pause(5, "contact"),
        resume(8, "contact"),
        advance(10, "contact", "diagnosis"),
        pause(30, "diagnosis"),
        resume(60, "diagnosis"),
        advance(100, "diagnosis", "collective"),
    )
    early = figures(story, period=Period(day(0), day(9)))
    assert early["contact"].entered == 1 and early["contact"].passed == 0
    assert early["contact"].present == 1 and early["contact"].ages == [6]
    assert early["diagnosis"].entered == 0
    middle = figures(story, period=Period(day(10), day(40)))
    assert middle["contact"].entered == 0 and middle["contact"].durations == [7]
    assert middle["diagnosis"].entered == 1 and middle["diagnosis"].paused == 1
    late = figures(story, period=Period(day(90), None))
    assert late["diagnosis"].durations == [60] and late["collective"].present == 1


def test_a_day_ahead_of_today_is_not_there_yet() -> None:
    found = figures(told(advance(50, "contact", "diagnosis")), on=day(20))
    assert found["contact"].present == 1 and found["diagnosis"].entered == 0


def test_the_road_to_the_opening_leaves_out_pauses_and_coops_taken_over() -> None:
    whole = told(
        pause(10, "contact"),
        resume(20, "contact"),
        advance(40, "contact", "follow_up"),
    )
    taken = told(step("place", 100, "follow_up", came="contact"))
    assert days_until(whole, "follow_up") == 30
    assert days_until(taken, "follow_up") is None
    assert days_until(told(), "follow_up") is None
    assert days_until(told(stop(9, "contact")), "follow_up") is None


def test_groups_stand_side_by_side_the_largest_first() -> None:
    opened = told(advance(40, "contact", "follow_up"))
    rows = compare([("67", opened), ("57", told()), ("67", told(stop(3, "contact")))])
    assert [(r.label, r.coops, r.live, r.reached, r.stopped) for r in rows] == [
        ("67", 2, 1, 1, 1),
        ("57", 1, 1, 0, 0),
    ]
    assert rows[0].road == Quartiles(1, 40, 40, 40) and rows[1].road is None


# -- whatever the moves ------------------------------------------------------------------------

_MOVES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 7)), max_size=12)


@given(_MOVES, st.data())
def test_days_at_work_never_pass_the_days_that_went_by(
    moves: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Any life of moves and pauses: passages follow one another and their days fit in the time."""
    steps, at, here, paused = [], 0, 0, False
    for wait, rank in moves:
        at += wait
        if paused:
            steps.append(resume(at, Stage.values[here]))
            paused = False
        elif rank == here:
            steps.append(pause(at, Stage.values[here]))
            paused = True
        else:
            edge = "advance" if rank > here else "go_back"
            steps.append(step(edge, at, Stage.values[rank], came=Stage.values[here]))
            here = rank
    story = told(*steps)
    total = sum(p.days(ON) for p in story.passages)
    assert total <= YEAR
    for one, after in zip(story.passages, story.passages[1:], strict=False):
        assert one.ended is not None and one.ended <= after.began
    assert [p for p in story.passages if p.ended is None] == story.passages[-1:]
    assert story.passages[-1].stage == Stage.values[here]
    found = funnel([story], on=ON)
    assert sum(row.present + row.paused for row in found) == 1
    assert sum(row.passages for row in found) == len(story.passages)


@pytest.mark.parametrize("how", list(Exit))
def test_every_exit_is_either_a_way_through_or_a_stop(how: Exit) -> None:
    from crm.rules_analytics import DONE, STOPPED

    assert (how in DONE) != (how in STOPPED)
