"""The yearly scale of one's own car (T15), and what an expense is billed."""

from datetime import date
from decimal import Decimal

import pytest

from essaim.models import LegalFigure
from essaim.models.legal import NoFigure
from missions.rules_expenses import KmScale, allowance, km_price, net_of, vat_passes
from missions.travel import POWERS, km_scale

ON = date(2026, 6, 1)
T15 = {
    "5cv_4000": "2544.00",
    "5cv_5001": "3180.36",
    "5cv_12000": "5679.00",
    "7cv_20001": "9400.47",
}
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("case", "worth"), T15.items())
def test_the_scale_of_the_table_gives_the_vectors_to_the_cent(case: str, worth: str) -> None:
    power, km = case.split("cv_")
    assert km_scale(int(power), ON).total(Decimal(km)) == Decimal(worth)


def test_kilometres_are_cumulated_over_the_year_across_a_band() -> None:
    scale = km_scale(5, ON)
    before = Decimal(4900)
    assert allowance(scale, before, scale.total(before), Decimal(240)) == Decimal("113.58")


@pytest.mark.parametrize("power", POWERS)
def test_the_parts_of_a_year_always_sum_to_its_scale(power: int) -> None:
    scale, km, given = km_scale(power, ON), Decimal(0), Decimal(0)
    for step in ("0.5", "4999.9", "333.3", "12000", "2666.7", "17.1"):
        given += allowance(scale, km, given, Decimal(step))
        km += Decimal(step)
        assert given == scale.total(km)


def test_an_electric_car_adds_its_percent() -> None:
    assert km_scale(5, ON, is_electric=True).total(Decimal(4000)) == Decimal("3052.80")


def test_a_later_scale_of_the_table_counts_from_its_day_on() -> None:
    LegalFigure.objects.create(
        kind="km_5_low",
        value=Decimal("0.700"),
        effective_from=date(2027, 1, 1),
        source="Arrêté de 2027",
        noted_on=date(2027, 1, 5),
    )
    assert km_scale(5, date(2026, 12, 31)).total(Decimal(100)) == Decimal("63.60")
    assert km_scale(5, date(2027, 1, 1)).total(Decimal(100)) == Decimal("70.00")


def test_without_a_row_of_the_table_there_is_no_scale() -> None:
    with pytest.raises(NoFigure):
        km_scale(5, date(2020, 1, 1))


def test_an_allowance_is_never_negative() -> None:
    """The second band of 4 CV begins 0.00 under the first; a lower one takes nothing back."""
    numbers = {"low": 1, "middle": "0.1", "constant": 0, "high": "0.1", "first": 10, "second": 20}
    scale = KmScale(**{name: Decimal(value) for name, value in numbers.items()})
    assert allowance(scale, Decimal(10), Decimal(10), Decimal(1)) == Decimal("0.00")
    with pytest.raises(ValueError, match="negative"):
        scale.total(Decimal(-1))


def test_the_cost_of_an_expense_is_without_the_vat_that_comes_back() -> None:
    gross, vat = Decimal("120.00"), Decimal("20.00")
    assert net_of(gross, vat, recovers_vat=True) == Decimal("100.00")
    assert net_of(gross, vat, recovers_vat=False) == gross


def test_kilometres_are_billed_at_the_price_of_the_contract() -> None:
    assert km_price(Decimal("120.5"), Decimal("0.603")) == Decimal("72.66")


def test_more_vat_than_the_highest_rate_holds_is_seen() -> None:
    assert not vat_passes(Decimal("120.00"), Decimal("20.00"), Decimal(20))
    assert vat_passes(Decimal("120.00"), Decimal("20.01"), Decimal(20))
