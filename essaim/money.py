"""Amounts in euros: one rounding, exact splits, and the SQL form that both engines agree on."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, TypeAlias

from django.core.exceptions import ValidationError
from django.db.models import DecimalField, F
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Round
from django.utils.translation import gettext_lazy as _

ZERO: Final = Decimal("0.00")
CENT: Final = Decimal("0.01")
LARGEST: Final = Decimal("999999999999.99")  # what DecimalField(14, 2) can hold

Number: TypeAlias = Decimal | int | str

# Spaces, no-break ones included, and apostrophes that spreadsheets put between thousands.
_SPACES = re.compile(r"[\s'’]")
_TYPED = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]{1,2})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}")


def cents(value: Number) -> Decimal:
    """Round euros to the cent, half up; the only rounding of money in the product.

    Raises TypeError on a float (it has already lost the cent) and ValueError on what is
    no finite number.
    """
    if isinstance(value, float | bool):
        raise TypeError("money is Decimal, int or str, never float or bool")
    try:
        rounded = Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error
    if not rounded.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return rounded + ZERO  # -0.00 becomes 0.00


def percent_of(base: Number, percent: Number) -> Decimal:
    """Give `percent` % of `base`, to the cent."""
    return cents(Decimal(base) * Decimal(percent) / 100)


def add_up(amounts: Iterable[Decimal]) -> Decimal:
    """Sum amounts to the cent; an empty sum is 0.00."""
    return cents(sum(amounts, ZERO))


def split(total: Decimal, weights: Sequence[Number], *, last: int = -1) -> tuple[Decimal, ...]:
    """Split `total` by weights, each part cents(); the part at index `last` takes the remainder.

    Parts sum exactly to cents(total). No part gets more than what is left, so that the
    remainder never changes sign. Raises ValueError on negative or all-zero weights.
    """
    parts = [Decimal(weight) for weight in weights]
    whole = sum(parts, Decimal(0))
    if any(part < 0 for part in parts) or whole <= 0:
        raise ValueError("weights are positive or zero, and not all zero")
    sign = -1 if total < 0 else 1
    left = cents(abs(total))
    taker = range(len(parts))[last]
    given = [ZERO] * len(parts)
    for index, part in enumerate(parts):
        if index != taker:
            given[index] = min(cents(abs(total) * part / whole), left)
            left -= given[index]
    given[taker] = left
    return tuple(sign * amount + ZERO for amount in given)


def cumulative(amount: Number, whole: Number, parts: Iterable[Number]) -> tuple[Decimal, ...]:
    """Give each successive part of `whole` its slice of `amount`, by cumulative rounding.

    The n-th slice is cents(amount x sum of the first n / whole) less what was given before,
    so that the last part closes the total (VAT on receipts, fees on disbursements).
    """
    if Decimal(whole) == 0:
        raise ValueError("nothing to be a part of")
    reached, given, slices = Decimal(0), ZERO, []
    for part in parts:
        reached += Decimal(part)
        due = cents(Decimal(amount) * reached / Decimal(whole))
        slices.append(due - given)
        given = due
    return tuple(slices)


def parse_amount(text: str) -> Decimal:
    """Read an amount as a French person types it: "1 200,50", "1.200,50 €", "1200.5".

    Raises ValidationError on anything else; "1.200" is refused rather than guessed.
    """
    bare = _SPACES.sub("", text).removesuffix("€").replace("\u2212", "-")
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(".", "")
    if not _TYPED.fullmatch(bare):
        raise ValidationError(
            _("“%(text)s” is not an amount. Write it like 1200,50."),
            code="amount",
            params={"text": text[:40]},
        )
    if len(bare) > 20 or abs(amount := Decimal(bare.replace(",", "."))) > LARGEST:
        raise ValidationError(_("This amount is too large."), code="amount_too_large")
    return cents(amount)


def sql_cents(expression: Combinable | str) -> Cast:
    """Round a money expression to the cent in SQL, for constraints, annotations and filters.

    SQLite keeps decimals as floats, where 0.1 + 0.2 <> 0.3: every comparison or arithmetic on
    money goes through here. Exact for sums of cents; products are computed in Python instead.
    """
    field: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=2)
    source = F(expression) if isinstance(expression, str) else expression
    return Cast(Round(source, precision=2, output_field=field), field)
