"""What a move carries: beside `essaim.moving`, so that models of the ground may name it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveData:
    """What a move carries; `reasons` holds a sentence per warning passed."""

    reasons: Mapping[str, str] = field(default_factory=dict)
