"""Numbers without a gap: order, years, patterns, and many hands at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import IntegrityError, connections, transaction

from essaim import series
from essaim.models import Series, SeriesYear
from essaim.workflow import NotAtomic, Refused

pytestmark = pytest.mark.django_db
KIND = "trial"
DAY = date(2026, 11, 23)


@pytest.fixture
def opened() -> Series:
    return series.open_series(KIND, pattern="FA-{year}-{number:04d}")


def take(on: date = DAY) -> series.Taken:
    with transaction.atomic():
        return series.take(KIND, on=on)


def test_numbers_follow_each_other_from_one(opened: Series) -> None:
    assert [take().number for _ in range(3)] == ["FA-2026-0001", "FA-2026-0002", "FA-2026-0003"]


def test_each_year_starts_again_at_one_and_closes_the_one_before(opened: Series) -> None:
    take(date(2026, 12, 31))
    assert take(date(2027, 1, 1)).number == "FA-2027-0001"
    assert list(opened.years.order_by("year").values_list("year", "closed")) == [
        (2026, True),
        (2027, False),
    ]


def test_a_series_that_does_not_restart_counts_on_through_the_years() -> None:
    series.open_series(KIND, pattern="{number:05d}", restarts=False)
    assert [take(date(2026, 12, 31)).number, take(date(2027, 1, 1)).number] == ["00001", "00002"]


@pytest.mark.parametrize("back", [date(2026, 11, 22), date(2025, 12, 31)])
def test_it_refuses_a_date_before_the_last_one(opened: Series, back: date) -> None:
    take()
    with pytest.raises(Refused) as refused:
        take(back)
    assert refused.value.missing[0].code == "issued_on"
    assert "23/11/2026" in refused.value.missing[0].text
    assert take().rank == 2


def test_a_closed_year_gives_no_number_any_more(opened: Series) -> None:
    take(date(2026, 12, 31))
    take(date(2027, 1, 1))
    with pytest.raises(Refused):
        take(date(2026, 12, 31))
    year = opened.years.get(year=2026)
    for change in ({"counter": 2, "last_on": date(2026, 12, 31)}, {"closed": False}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SeriesYear.objects.filter(pk=year.pk).update(**change)


def test_dates_do_not_go_back_through_a_change_of_pattern_either(opened: Series) -> None:
    take()
    series.open_series(KIND, pattern="B-{year}-{number}")
    with pytest.raises(Refused):
        take(date(2026, 11, 22))
    assert take().number == "B-2026-1"


@pytest.mark.parametrize(
    "pattern",
    [
        "FA",
        "FA-{year}",
        "FA {year} {number}",
        "FA-{year}-{number}é",
        "{number:040d}-{year}",
        "FA-{year}-{rank}",
        "FA-{year}-{number",
        "FA-{year}-{}",
        "FA-{year}-{number:.0e}",
        "FA-{year}-{number:x}",
        "FA-{year}-{number.foo}",
        "FA-{year}-{number!r}",
        "FA-{year.real}-{number}",
        "FA-{number}",
        "",
    ],
)
def test_it_refuses_a_pattern_that_cannot_number(pattern: str) -> None:
    with pytest.raises(Refused) as refused:
        series.open_series(KIND, pattern=pattern)
    assert refused.value.missing[0].code == "pattern"
    assert not Series.objects.exists()


def test_an_unused_pattern_is_simply_changed(opened: Series) -> None:
    assert series.open_series(KIND, pattern="B{year}/{number}").pk == opened.pk
    assert take().number == "B2026/1"


def test_a_used_pattern_is_closed_and_the_next_continues_its_chain(opened: Series) -> None:
    with transaction.atomic():
        series.seal(series.take(KIND, on=DAY), "a" * 64)
    changed = series.open_series(KIND, pattern="B-{year}-{number}")
    opened.refresh_from_db()
    assert (opened.closed, changed.continues_id, changed.head) == (True, opened.pk, "a" * 64)
    assert take().previous == "a" * 64


def test_the_same_pattern_again_changes_nothing(opened: Series) -> None:
    take()
    assert series.open_series(KIND, pattern=opened.pattern).pk == opened.pk
    assert Series.objects.count() == 1


@pytest.mark.parametrize("again", ["FA-{year}-{number:04d}", "FA-{year}-{number}"])
def test_a_pattern_that_has_numbered_does_not_come_back(opened: Series, again: str) -> None:
    take()
    series.open_series(KIND, pattern="B-{year}-{number}")
    take()
    with pytest.raises(Refused):
        series.open_series(KIND, pattern=again)


def test_one_series_of_a_kind_is_open_at_a_time(opened: Series) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.create(kind=KIND, pattern="X{year}{number}")


def test_without_a_series_it_says_to_set_one_up() -> None:
    with pytest.raises(Refused) as refused:
        take()
    assert refused.value.missing[0].code == "series"


def test_a_rollback_leaves_no_gap(opened: Series) -> None:
    take()
    with pytest.raises(RuntimeError), transaction.atomic():
        assert series.take(KIND, on=DAY).rank == 2
        raise RuntimeError
    assert take().rank == 2


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_number_outside_a_transaction(opened: Series) -> None:
    with pytest.raises(NotAtomic):
        series.take(KIND, on=DAY)
    assert not SeriesYear.objects.exists()


def _take_and_seal(count: int) -> list[tuple[int, str]]:
    try:
        return [_sealed_one() for _ in range(count)]
    finally:
        connections.close_all()


def _sealed_one() -> tuple[int, str]:
    with transaction.atomic():
        taken = series.take(KIND, on=DAY)
        series.seal(taken, f"{taken.rank:064d}")
        return taken.rank, taken.previous


@pytest.mark.django_db(transaction=True)
def test_eight_hands_at_once_leave_no_gap_and_no_double_and_one_chain(opened: Series) -> None:
    with ThreadPoolExecutor(8) as hands:
        found = [row for rows in hands.map(_take_and_seal, [20] * 8) for row in rows]
    assert sorted(rank for rank, _ in found) == list(range(1, 161))
    # Each one saw the head that the number before it had left.
    assert dict(found) == {rank: f"{rank - 1:064d}" for rank in range(1, 161)}
    assert SeriesYear.objects.get().counter == 160
