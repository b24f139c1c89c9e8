"""Agreements, envelopes, missions and days for tests, made by the actions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from crm.models import Coop, Organisation
from essaim.models import User
from missions import actions
from missions.actions import ShareLine
from missions.models import Agreement, Envelope, Mission, MissionDay

TODAY = date(2026, 11, 23)


def _office() -> User:
    """A coordinator who acts for the office when the test names nobody."""
    found = User.objects.get_queryset().filter(is_coordinator=True).first()
    if found is not None:
        return found
    return User.objects.create_user("office@essaim.test", None, name="Office", is_coordinator=True)


def _act(by: User | None, on: date) -> dict[str, Any]:
    return {"by": by or _office(), "on": on, "at": datetime.combine(on, time(9), tzinfo=UTC)}


def given_agreement(
    coop: Coop | None,
    client: Organisation | None = None,
    rate: Decimal | int | str = 600,
    days: Decimal | int | str | None = 12,
    shares: Sequence[ShareLine] = (),
    *,
    signed: bool = True,
    by: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> Agreement:
    """An agreement, its client the coop's organisation unless named; signed unless said."""
    values: dict[str, Any] = {
        "title": "Convention d’accompagnement",
        "client": client or (coop.organisation if coop else None),
        "coop": coop,
        "daily_rate": Decimal(rate),
        "days_budgeted": None if days is None else Decimal(days),
        "starts_on": date(on.year, 1, 1),
        **fields,
    }
    agreement = actions.create_agreement(**values, **_act(by, on))
    if shares:
        actions.set_shares(agreement, shares, **_act(by, on))
    if signed:
        actions.sign_agreement(agreement, **_act(by, on))
    return agreement


def given_envelope(
    payer: Organisation,
    quota: Decimal | int | str = 60,
    value: Decimal | int | str = 600,
    *,
    by: User | None = None,
    on: date = TODAY,
    **fields: Any,
) -> Envelope:
    """A payer's envelope for the year."""
    values: dict[str, Any] = {
        "payer": payer,
        "reference": f"{payer} {on.year}",
        "starts_on": date(on.year, 1, 1),
        "ends_on": date(on.year, 12, 31),
        "quota_days": Decimal(quota),
        "value_per_day": Decimal(value),
        **fields,
    }
    return actions.create_envelope(**values, **_act(by, on))


def given_mission(
    agreement: Agreement | None = None,
    title: str = "Accompagnement",
    *,
    team: Sequence[User] = (),
    by: User | None = None,
    on: date = TODAY,
) -> Mission:
    """A mission under an agreement, or an internal one without."""
    act = _act(by, on)
    opened = {"title": title, "team": team, "opened_on": date(on.year, 1, 1), **act}
    if agreement is None:
        return actions.open_internal(**opened)
    return actions.open_mission(agreement, **opened)


def given_day(
    consultant: User,
    mission: Mission,
    on: date = TODAY,
    quantity: Decimal | int | str = 1,
    *,
    validated: bool = True,
    today: date = TODAY,
    by: User | None = None,
    **fields: Any,
) -> MissionDay:
    """A day worked `on`, sent and validated by a coordinator unless said."""
    own = _act(consultant, today)
    mission.team.add(consultant)
    day = actions.log_day(
        mission=mission, worked_on=on, quantity=Decimal(quantity), **fields, **own
    )
    if validated:
        actions.submit_days([day], **own)
        day.refresh_from_db()
        if day.state == "submitted":
            actions.validate(day, **_act(by, today))
    return day
