"""Quotes, phases and packs for tests, made by the actions."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm.models import Coop, Organisation
from essaim.models import User
from missions import actions
from missions.actions import PhaseLine, PricedLine, ProposedShare, ShareLine
from missions.models import Agreement, Quote
from tests.given_missions import TODAY, _act, given_agreement

D = Decimal


def days_line(count: int | str = 5, rate: int | str = 600, label: str = "Jours") -> PricedLine:
    return PricedLine(kind="days", label=label, quantity=D(count), unit_price=D(rate))


def given_quote(
    client: Organisation,
    coop: Coop | None = None,
    lines: Sequence[PricedLine] | None = None,
    shares: Sequence[ProposedShare] = (),
    *,
    state: str = "draft",
    by: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> Quote:
    """A quote of five days; sent or accepted when said."""
    act = _act(by, on)
    quote = actions.save_quote(
        title="Accompagnement",
        client=client,
        coop=coop,
        valid_until=fields.pop("valid_until", on + timedelta(days=30)),
        lines=[days_line()] if lines is None else lines,
        shares=shares,
        **fields,
        **act,
    )
    if state in ("sent", "accepted"):
        actions.send_quote(quote, **act)
    if state == "accepted":
        actions.accept_quote(quote, decided_by="Émile Zorn", **act)
    return quote


def given_phases(
    coop: Coop | None,
    client: Organisation,
    amounts: Sequence[int | str] = (1000, 2000),
    shares: Sequence[ShareLine] = (),
    *,
    kind: str = "phases",
    signed: bool = True,
    planned: Sequence[date | None] = (),
    by: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> Agreement:
    """An agreement by phases (or a pack, in instalments) of these amounts."""
    values: dict[str, Any] = {"kind": kind, "price": D(sum(D(a) for a in amounts)), **fields}
    agreement = given_agreement(
        coop, client, 0, shares=shares, signed=False, by=by, on=on, **values
    )
    dates = [*planned, *([None] * len(amounts))]
    lines = [
        PhaseLine(title=f"Étape {i}", amount=D(amount), planned_on=dates[i - 1])
        for i, amount in enumerate(amounts, start=1)
    ]
    act = _act(by, on)
    actions.set_phases(agreement, lines, **act)
    if signed:
        actions.sign_agreement(agreement, **act)
    return agreement
