"""Where an envelope is heading: rhythm, forecast, promises and what is left to promise."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from missions.rules_envelopes import Outlook, Promise, look_ahead, promised

D = Decimal
YEAR = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}


def _look(on: date, used: str = "30", **more: Any) -> Outlook:
    facts: dict[str, Any] = {"quota": D(60), "noted": D(0), **YEAR, **more}
    return look_ahead(used=D(used), on=on, **facts)


def test_half_the_days_at_half_the_year_lead_to_the_whole() -> None:
    found = _look(date(2026, 7, 1))
    assert D("59") < found.forecast < D("61")
    assert D("4.9") < found.rhythm < D("5.1")


def test_noted_days_count_in_the_rhythm_and_not_as_used() -> None:
    found = _look(date(2026, 7, 1), "20", noted=D(10))
    assert found.used == 20 and D("59") < found.forecast < D("61")


def test_on_the_last_day_the_forecast_is_what_was_done() -> None:
    assert _look(date(2026, 12, 31), "41.5").forecast == D("41.50")
    assert _look(date(2027, 2, 1), "41.5").forecast == D("41.50")


def test_before_its_start_nothing_is_forecast() -> None:
    found = _look(date(2025, 12, 1), "0")
    assert (found.rhythm, found.forecast) == (D(0), D(0))


@pytest.mark.parametrize(
    ("used", "on", "level"),
    [
        ("60", date(2026, 7, 1), "past"),
        ("54", date(2026, 11, 1), "near"),
        ("40", date(2026, 6, 1), "heading_past"),
        ("5", date(2026, 7, 1), "slow"),
        ("30", date(2026, 7, 15), ""),
    ],
)
def test_it_warns_near_past_and_where_the_pace_leads(used: str, on: date, level: str) -> None:
    assert _look(on, used).level == level


@pytest.mark.parametrize(
    ("promise", "days"),
    [
        (Promise(percent=D(100), cap_days=D(10), used_days=D("2.5")), D("7.5")),
        (Promise(percent=D(80), budget_days=D(10), used_days=D(3)), D(5)),
        (Promise(percent=D(100), cap_eur=D(3000), used_eur=D(600)), D(4)),
        (Promise(percent=D(100), cap_days=D(10), cap_eur=D(600)), D(1)),
        (Promise(percent=D(100), cap_days=D(3), used_days=D(4)), D(0)),
        (Promise(percent=D(100)), None),
    ],
)
def test_a_share_promises_what_its_tightest_cap_leaves(
    promise: Promise, days: Decimal | None
) -> None:
    assert promised(promise, D(600)) == days


def test_what_is_left_to_promise_takes_promises_off() -> None:
    found = _look(date(2026, 7, 1), promises=[D(10), D("5.5"), None])
    assert (found.promised, found.to_promise, found.unlimited) == (D("15.5"), D("14.5"), 1)
    over = _look(date(2026, 7, 1), promises=[D(40)])
    assert (over.to_promise, over.over_promised) == (D(0), D(10))
