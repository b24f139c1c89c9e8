"""Pure sums of a budget: what balances, what passes a cap, what was left in kind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from essaim.money import ZERO, add_up, percent_of
from grants.accounts import CHARGES, IN_KIND, PRODUCTS, SUBSIDIES, USES_IN_KIND, label_of

Source = Literal["typed", "grant", "co_funder"]
SIDES: Final = {"charge": CHARGES, "product": PRODUCTS}


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One line of a budget in euros; `source` says whether it was typed or comes from the file."""

    side: str
    account: str
    label: str
    planned: Decimal
    realised: Decimal | None = None
    source: Source = "typed"
    is_public: bool = False
    detail: str = ""

    @property
    def name(self) -> str:
        """What the line is called: its own label, else the form's."""
        return self.label or label_of(self.account)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the programme asks, in percent of the cost; None when it asks nothing."""

    public_aid_cap: Decimal | None = None
    own_share_minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Totals of a budget in euros and what is off in it, by code."""

    charges: Decimal
    products: Decimal
    uses_in_kind: Decimal
    in_kind: Decimal
    public_aid: Decimal
    own: Decimal
    realised_charges: Decimal
    realised_products: Decimal
    has_realised: bool
    off: dict[str, Decimal] = field(default_factory=dict)

    @property
    def whole_charges(self) -> Decimal:
        return self.charges + self.uses_in_kind

    @property
    def whole_products(self) -> Decimal:
        return self.products + self.in_kind


def balance_of(rows: Iterable[BudgetRow], limits: Limits) -> Balance:
    """Add a budget up and tell what is off.

    `gap` is products less charges, `in_kind` account 87 less 86, `public_aid` what passes the
    cap, `own_share` what lacks to the minimum. Percentages are of the charges, in kind left out.
    """
    rows = list(rows)

    def total(side: str, *, kind: bool, realised: bool = False) -> Decimal:
        chosen = [r for r in rows if r.side == side and (r.account in _KIND) is kind]
        return add_up((r.realised or ZERO) if realised else r.planned for r in chosen)

    charges, products = total("charge", kind=False), total("product", kind=False)
    uses, given = total("charge", kind=True), total("product", kind=True)
    public = add_up(r.planned for r in rows if r.side == "product" and r.is_public)
    own = add_up(
        r.planned
        for r in rows
        if r.side == "product" and r.source == "typed" and r.account != IN_KIND
    )
    off = {"gap": products - charges, "in_kind": given - uses}
    if limits.public_aid_cap is not None:
        off["public_aid"] = max(public - percent_of(charges, limits.public_aid_cap), ZERO)
    if limits.own_share_minimum is not None:
        off["own_share"] = max(percent_of(charges, limits.own_share_minimum) - own, ZERO)
    return Balance(
        charges=charges,
        products=products,
        uses_in_kind=uses,
        in_kind=given,
        public_aid=public,
        own=own,
        realised_charges=total("charge", kind=False, realised=True),
        realised_products=total("product", kind=False, realised=True),
        has_realised=any(r.realised is not None for r in rows if r.source == "typed"),
        off={code: amount for code, amount in off.items() if amount},
    )


_KIND: Final = (USES_IN_KIND, IN_KIND)


def wrong_line(side: str, account: str, planned: Decimal, realised: Decimal | None) -> str:
    """The code of what is wrong with a typed line; empty when nothing is."""
    if account not in SIDES.get(side, {}):
        return "account"
    if account == SUBSIDIES:
        return "subsidy"
    if planned < 0 or (realised is not None and realised < 0):
        return "negative"
    if planned != planned.to_integral_value():
        return "whole"
    return ""
