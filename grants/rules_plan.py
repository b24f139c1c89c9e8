"""The financing plan of a coop (pure): needs, resources by how sure they are, and the gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from essaim.money import add_up

CERTAIN: Final = "certain"
AWAITED: Final = "awaited"
CONDITIONAL: Final = "conditional"
# How sure the money of an application is, by its state; a state left out brings nothing.
SURE_OF: Final[dict[str, str]] = {
    "spotted": CONDITIONAL,
    "eligibility": CONDITIONAL,
    "drafting": CONDITIONAL,
    "submitted": AWAITED,
    "incomplete": AWAITED,
    "complete": AWAITED,
    "review": AWAITED,
    "committee": AWAITED,
    "waiting_list": CONDITIONAL,
    "adjourned": CONDITIONAL,
    "awarded": CERTAIN,
    "agreed": CERTAIN,
    "running": CERTAIN,
    "reported": CERTAIN,
    "settled": CERTAIN,
    "closed": CERTAIN,
    "clawback": CERTAIN,
}
SURE_OF_FUNDER: Final[dict[str, str]] = {
    "planned": CONDITIONAL,
    "requested": AWAITED,
    "obtained": CERTAIN,
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line in euros; `key` is the row it was typed in, None when a file says it."""

    kind: str
    label: str
    amount: Decimal
    certainty: str = ""
    url: str = ""
    key: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    needs: tuple[PlanLine, ...]
    resources: tuple[PlanLine, ...]

    @property
    def needed(self) -> Decimal:
        return add_up(line.amount for line in self.needs)

    def sure(self, certainty: str) -> Decimal:
        return add_up(line.amount for line in self.resources if line.certainty == certainty)

    @property
    def found(self) -> Decimal:
        return add_up(line.amount for line in self.resources)

    @property
    def gap(self) -> Decimal:
        """What no resource covers, even conditional; negative when there is too much."""
        return self.needed - self.found

    @property
    def gap_when_certain(self) -> Decimal:
        """What would lack if only the money that is certain came."""
        return self.needed - self.sure(CERTAIN)


def plan_of(needs: Iterable[PlanLine], resources: Iterable[PlanLine]) -> Plan:
    order = (CERTAIN, AWAITED, CONDITIONAL)
    return Plan(
        tuple(needs), tuple(sorted(resources, key=lambda line: order.index(line.certainty)))
    )
