"""A limit is told the way amounts are typed."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from essaim.forms import FrenchDecimal, MoneyField


@pytest.mark.parametrize(("typed", "told"), [("300", "280,00"), ("0,1", "0,50")])
def test_a_limit_is_said_with_a_comma(typed: str, told: str) -> None:
    field = MoneyField(min_value=Decimal("0.50"), max_value=Decimal("280.00"))
    with pytest.raises(ValidationError) as caught:
        field.clean(typed)
    assert told in " ".join(caught.value.messages)


@pytest.mark.parametrize(
    "typed", ["1e5", "1_000", "NaN", "Infinity", "1e400", "1,5,5", "١٢", "-", "9" * 400]
)
def test_only_plain_digits_are_an_amount(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MoneyField().clean(typed)
    assert [one.code for one in caught.value.error_list] == ["invalid"]


def test_an_amount_is_typed_with_spaces_a_comma_and_its_sign() -> None:
    assert MoneyField().clean("1\u202f200,50 €") == Decimal("1200.50")
    assert MoneyField(min_value=None).clean("-,5") == Decimal("-0.5")


@pytest.mark.parametrize("typed", ["1e400", "9" * 400])
def test_a_step_is_never_measured_on_what_is_no_number(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FrenchDecimal(step_size=Decimal("0.25"), max_digits=6, decimal_places=2).clean(typed)
    assert [one.code for one in caught.value.error_list] == ["invalid"]
