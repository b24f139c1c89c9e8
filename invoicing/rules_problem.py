"""How a rule of invoicing says no: a code with its figures, for the caller to word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias

Value: TypeAlias = Decimal | date | int | str
Level: TypeAlias = Literal["bar", "warn"]

BAR: Final[Level] = "bar"
WARN: Final[Level] = "warn"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or missing; a `warn` passes once a reason is kept for its code."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    level: Level = BAR


class RuleBroken(ValueError):
    """The figures asked for break a rule; `problem` says which."""

    def __init__(self, code: str, **values: Value) -> None:
        self.problem = Problem(code, values)
        super().__init__(f"{code} {dict(values)}" if values else code)


def standing(problems: Iterable[Problem], reasons: Mapping[str, str]) -> tuple[Problem, ...]:
    """Give the problems that still stand once the warnings with a written reason are lifted."""
    return tuple(
        problem
        for problem in problems
        if problem.level == BAR or not reasons.get(problem.code, "").strip()
    )
