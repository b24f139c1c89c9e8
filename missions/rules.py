"""The days of a mission as they really happened: words, quantities, lateness and budget."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Moment(StrEnum):
    """When in the day."""

    FULL_DAY = "full_day"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Work(StrEnum):
    """What kind of work the time went to."""

    ON_SITE = "on_site"
    REMOTE = "remote"
    PREPARATION = "preparation"
    REPORT = "report"
    TRAVEL = "travel"
    APPLICATION_FILE = "application_file"
    COLLECTIVE = "collective"


class Nature(StrEnum):
    """What becomes of a share of a day."""

    BILLED = "billed"
    COVERED = "covered"  # paid by a grant: no invoice, but a claim and a report
    PRICED = "priced"  # within a price by phases or a pack: that price is billed, not the day
    GIVEN = "given"  # salaried time, offered
    ELSEWHERE = "elsewhere"  # billed in an earlier tool, never billable here
    VOLUNTEER = "volunteer"


class Basis(StrEnum):
    """On what ground a payer takes a share."""

    ORDER = "order"
    PRICE_COMPLEMENT = "price_complement"
    GRANT = "grant"
    CLIENT_PAYS_FROM_OWN_GRANT = "client_pays_from_own_grant"
    OFFERED = "offered"


class Key(StrEnum):
    """How a collective day is shared between its beneficiaries."""

    EQUAL = "equal"
    WEIGHTS = "weights"
    FIXED_FEE = "fixed_fee"
    ONE_PAYER = "one_payer"


class Code(StrEnum):
    """What a rule found; the actions say it in words."""

    # A day
    FUTURE_DATE = "future_date"
    QUANTITY_NOT_ALLOWED = "quantity_not_allowed"
    DATE_TOTAL_PAST_LIMIT = "date_total_past_limit"
    BEFORE_AGREEMENT = "before_agreement"
    # The parts of a day, decided at validation
    PARTS_NOT_THE_DAY = "parts_not_the_day"
    PART_QUANTITY_NOT_ALLOWED = "part_quantity_not_allowed"
    PART_NATURE_NOT_ALLOWED = "part_nature_not_allowed"
    PART_NATURE_TWICE = "part_nature_twice"
    PART_REASON_MISSING = "part_reason_missing"
    WHO_PAYS_THE_REST = "who_pays_the_rest"
    # Beneficiaries
    NO_BENEFICIARY = "no_beneficiary"
    BENEFICIARY_TWICE = "beneficiary_twice"
    WEIGHT_NOT_POSITIVE = "weight_not_positive"
    FEE_MISSING = "fee_missing"
    # Funding shares, envelopes, amendments
    NO_SHARE = "no_share"
    PERCENTS_NOT_100 = "percents_not_100"
    SEVERAL_REMAINDERS = "several_remainders"
    REMAINDER_HAS_CAP = "remainder_has_cap"
    ENVELOPE_BASIS = "envelope_basis"
    NEGATIVE = "negative"
    NEAR_QUOTA = "near_quota"
    PAST_QUOTA = "past_quota"
    NEAR_COOP_QUOTA = "near_coop_quota"
    PAST_COOP_QUOTA = "past_coop_quota"
    PAST_COOP_CAP = "past_coop_cap"
    TERRITORY_NOT_ELIGIBLE = "territory_not_eligible"
    STAGE_NOT_ELIGIBLE = "stage_not_eligible"
    WORK_NOT_ELIGIBLE = "work_not_eligible"
    OUTSIDE_PERIOD = "outside_period"
    NOTHING_CHANGED = "nothing_changed"
    EFFECTIVE_TOO_EARLY = "effective_too_early"
    BUDGET_BELOW_USED = "budget_below_used"
    ENDS_BEFORE_EFFECTIVE = "ends_before_effective"


RULES_VERSION: Final = "1"  # kept on each share; changes when the same day would share otherwise
NO_DAYS: Final = Decimal("0.0000")
WHOLE: Final = Decimal(1)
QUANTITIES: Final = (Decimal("1"), Decimal("0.75"), Decimal("0.5"), Decimal("0.25"))
DATE_LIMIT: Final = Decimal("1.5")
DEFAULT_QUANTITIES: Final[Mapping[str, Decimal]] = MappingProxyType(
    {
        Moment.FULL_DAY: Decimal("1"),
        Moment.MORNING: Decimal("0.5"),
        Moment.AFTERNOON: Decimal("0.5"),
        Moment.EVENING: Decimal("0.5"),
    }
)
# Travel is not billed and leaves the budget alone, unless the agreement says otherwise.
DEFAULT_BILLABLE_WORKS: Final = frozenset(Work) - {Work.TRAVEL}

_TEN_THOUSANDTH: Final = Decimal("0.0001")


def four_decimals(value: Decimal) -> Decimal:
    """Round a fraction or a number of days to 4 decimals, half up."""
    return value.quantize(_TEN_THOUSANDTH, rounding=ROUND_HALF_UP)


def default_quantity(moment: str, table: Mapping[str, Decimal | str] | None = None) -> Decimal:
    """Propose the days a moment is worth: the agreement's table first, else 1, ½, ½, ½."""
    word = Moment(moment)
    if table is not None and word.value in table:
        return Decimal(table[word.value])
    return DEFAULT_QUANTITIES[word]


def check_date_total(existing: Iterable[Decimal], new: Decimal) -> list[Code]:
    """Refuse a quantity other than 1, ¾, ½, ¼, and more than 1.5 day of one person on a date."""
    found = [] if new in QUANTITIES else [Code.QUANTITY_NOT_ALLOWED]
    if sum(existing, Decimal(0)) + new > DATE_LIMIT:
        found.append(Code.DATE_TOTAL_PAST_LIMIT)
    return found


def check_day(
    worked_on: date, quantity: Decimal, existing: Iterable[Decimal], *, on: date
) -> list[Code]:
    """List what refuses a day: the future, its quantity, or its date's total; nothing else does.

    `existing` holds the person's other quantities on that date.
    """
    future = [Code.FUTURE_DATE] if worked_on > on else []
    return future + check_date_total(existing, quantity)


def check_move(worked_on: date, effective_on: date) -> list[Code]:
    """Refuse to move an amorçage day under an agreement that takes effect after it."""
    return [Code.BEFORE_AGREEMENT] if worked_on < effective_on else []


def is_late(worked_on: date, locked_months: Mapping[date, date], logged_on: date) -> bool:
    """Tell whether the day was logged once its month was locked.

    `locked_months` maps the first day of a locked month to the date it was locked on.
    """
    locked_on = locked_months.get(worked_on.replace(day=1))
    return locked_on is not None and logged_on >= locked_on


def is_over_budget(budget_days: Decimal | None, used: Decimal, new: Decimal) -> Decimal:
    """Give how much of the new day passes the budget, in days; 0 inside it or without one."""
    if budget_days is None:
        return Decimal(0)
    return min(new, max(used + new - budget_days, Decimal(0)))


def is_billable(work: str, billable_works: Collection[str] = DEFAULT_BILLABLE_WORKS) -> bool:
    """Tell whether this work is billed and uses the budget."""
    return work in billable_works


def pair_counts(*, is_second: bool, second_counts: bool) -> bool:
    """Tell whether a day counts: the second person of a pair only if the agreement says so."""
    return second_counts or not is_second


def budget_use(
    quantity: Decimal,
    work: str,
    *,
    billable_works: Collection[str] = DEFAULT_BILLABLE_WORKS,
    is_second: bool = False,
    second_counts: bool = False,
) -> Decimal:
    """Give the days of budget that a day asks for: all of it, or none."""
    counts = pair_counts(is_second=is_second, second_counts=second_counts)
    return quantity if counts and is_billable(work, billable_works) else Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Beneficiary:
    """A coop present: its id, the organisation that pays for it, its weight in the day."""

    id: int
    payer: int
    weight: Decimal = WHOLE


def check_beneficiaries(
    beneficiaries: Sequence[Beneficiary], key: Key | None = None, fixed_fee: Decimal | None = None
) -> list[Code]:
    """List what is wrong with the beneficiaries of a day and the key that shares it."""
    found = []
    ids = [one.id for one in beneficiaries]
    if not ids:
        found.append(Code.NO_BENEFICIARY)
    if len(set(ids)) < len(ids):
        found.append(Code.BENEFICIARY_TWICE)
    if any(one.weight <= 0 for one in beneficiaries):
        found.append(Code.WEIGHT_NOT_POSITIVE)
    if key == Key.FIXED_FEE and fixed_fee is None:
        found.append(Code.FEE_MISSING)
    if fixed_fee is not None and fixed_fee < 0:
        found.append(Code.NEGATIVE)
    return found


def fractions(weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Turn weights into fractions of 4 decimals whose sum is exactly 1; the last takes the rest.

    Raises ValueError on no weight, or on one that is not positive.
    """
    return share_out(WHOLE, weights)


def share_out(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Share a number of days by weights, to 4 decimals; the last takes the rest, never below 0.

    Raises ValueError on no weight, or on one that is not positive.
    """
    if not weights or any(weight <= 0 for weight in weights):
        raise ValueError("weights are positive, and there is at least one")
    whole, left, parts = sum(weights, Decimal(0)), total, []
    for weight in weights[:-1]:
        # Many small halves rounded up could pass the whole: never more than what is left.
        parts.append(min(four_decimals(total * weight / whole), left))
        left -= parts[-1]
    return (*parts, left)
