"""What each move of an application and of a disbursement carries."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from essaim.workflow import MoveData


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(MoveData):
    """A move dated by the funder's paper."""

    dated: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedAmount(Dated):
    amount: Decimal
    base: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(MoveData):
    dated: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception(MoveData):
    """`amount` in euros as on the bank statement; negative when the applicant pays back.

    `is_overpayment`: the funder paid more than the grant, and what passes it is given back.
    """

    dated: date
    amount: Decimal
    evidence: Any = None
    is_overpayment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(MoveData):
    why: str = field(default="", metadata={"words": True})
