"""A limit is told the way amounts are typed."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from essaim.forms import MoneyField


@pytest.mark.parametrize(("typed", "told"), [("300", "280,00"), ("0,1", "0,50")])
def test_a_limit_is_said_with_a_comma(typed: str, told: str) -> None:
    field = MoneyField(min_value=Decimal("0.50"), max_value=Decimal("280.00"))
    with pytest.raises(ValidationError) as caught:
        field.clean(typed)
    assert told in " ".join(caught.value.messages)
