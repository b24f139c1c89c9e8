"""Columns, rows and totals of a report: pure figures, to the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing import rules_report as rules
from invoicing.report_columns import LABELS

D = Decimal
EPI = rules.CoopFacts(
    coop=1, name="Épi", is_qpv=True, jobs=D("1.50"), members_end=40, is_welcomed=True
)
MUSE = rules.CoopFacts(coop=2, name="Musette", members_end=12, is_left=True)
FACTS = {1: EPI, 2: MUSE}


def _line(coop: int = 1, day: int = 1, **more: Any) -> rules.DayLine:
    values: dict[str, Any] = {
        "worked_on": date(2026, 3, day),
        "person": "Ada",
        "work": "on_site",
        "theme": "Sur place",
        "subject": "",
        "is_collective": False,
        "participants": None,
        "days": D("0.8"),
        "all_days": D(1),
        "total": D(600),
        "part": D(480),
        "others": D(0),
        "remainder": D(120),
        "offered": D(0),
        **more,
    }
    return rules.DayLine(day=day, coop=coop, **values)


def test_every_column_has_words_and_the_usual_ones_exist() -> None:
    assert set(LABELS) == set(rules.COLUMNS)
    assert rules.check_columns([{"code": code} for code in rules.USUAL]) == []


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ([], ("none", "")),
        ([{"code": "salary"}], ("unknown", "salary")),
        ([{"code": "days"}, {"code": "days"}], ("twice", "days")),
        ([{"code": "days", "label": "x" * 81}], ("long", "days")),
        (
            [{"code": "days", "label": "Jours"}, {"code": "total", "label": "jours "}],
            ("same_label", "total"),
        ),
    ],
)
def test_columns_are_judged(columns: list[dict[str, str]], error: tuple[str, str]) -> None:
    assert error in rules.check_columns(columns)


def test_forty_one_columns_are_too_many() -> None:
    assert ("many", "") in rules.check_columns([{"code": "days"}] * 41)


def test_a_row_a_beneficiary_adds_its_days_and_a_row_a_day_follows_the_dates() -> None:
    lines = [_line(2, 3), _line(1, 2, work="remote"), _line(1, 1)]
    by_coop = rules.groups("coop", lines, FACTS)
    codes = ["beneficiary", "days", "days_on_site", "days_remote", "cost_per_day", "part"]
    assert rules.table(by_coop, codes) == [
        ["Épi", D("1.6"), D("0.8"), D("0.8"), D("600.00"), D("960.00")],
        ["Musette", D("0.8"), D("0.8"), D(0), D("600.00"), D("480.00")],
    ]
    by_day = rules.groups("day", lines, FACTS)
    days = [row[0] for row in rules.table(by_day, ["first_on"])]
    assert days == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]


def test_the_last_row_sums_days_and_money_and_counts_a_coop_once() -> None:
    lines = [_line(1, 1), _line(1, 2), _line(2, 3)]
    codes = ["beneficiary", "days", "total", "cost_per_day", "jobs", "members_end", "qpv"]
    for layout in ("coop", "day"):
        found = rules.totals(rules.groups(layout, lines, FACTS), codes)
        assert found == [None, D("2.4"), D("1800.00"), D("600.00"), D("1.50"), 52, None]


def test_people_met_on_a_collective_day_are_counted_once_in_the_total() -> None:
    both = [
        _line(1, 7, participants=18, is_collective=True),
        _line(2, 7, participants=18, is_collective=True),
    ]
    assert rules.participants(both) == 18
    found = rules.groups("coop", both, FACTS)
    assert [row[0] for row in rules.table(found, ["participants"])] == [18, 18]
    assert rules.totals(found, ["participants"]) == [18]


def test_the_setting_says_individual_collective_or_both() -> None:
    lines = [_line(1, 1), _line(1, 2, is_collective=True), _line(2, 3, is_collective=True)]
    found = rules.table(rules.groups("coop", lines, FACTS), ["setting"])
    assert found == [["both"], ["collective"]]


def test_totals_count_who_was_welcomed_accompanied_and_left() -> None:
    totals = rules.sum_up([_line(1, 1), _line(2, 2)], FACTS.values())
    assert (totals.welcomed, totals.accompanied, totals.left) == (1, 2, 1)
    assert totals.total == D("1200.00") and totals.gap == 0


def test_check_lines_name_what_does_not_add_up() -> None:
    good = [_line(1, 1)]
    assert rules.checks(good, D("0.8"), D(480)) == []
    assert rules.checks([_line(1, 1, others=D(1))], D("0.8"), D(480)) == ["parts"]
    assert rules.checks([_line(1, 1, work="gardening")], D("0.8"), D(480)) == ["works"]
    assert rules.checks(good, D("0.8"), D(479)) == ["fractions"]
    assert rules.checks(good, D("0.9"), D(480)) == ["fractions"]
