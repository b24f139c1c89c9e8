"""Reports to funders and cost claims for tests, made by the actions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from crm.models import Coop, Organisation
from essaim.models import User
from grants.models import Programme
from invoicing import actions as invoicing
from invoicing.models import FunderReport
from missions import actions
from missions.actions import ShareLine
from missions.models import Agreement, Envelope, Mission
from tests.conftest import acting
from tests.given_crm import given_organisation
from tests.given_grants import given_programme
from tests.given_invoicing import client_of
from tests.given_missions import given_agreement, given_mission

TODAY = date(2026, 11, 23)
FIRST, LAST = date(2026, 1, 1), date(2026, 10, 31)
D = Decimal


def given_region(by: User) -> Organisation:
    return given_organisation("Région", street="1 place", city="Strasbourg", by=by)


def given_covered(
    coop: Coop, envelope: Envelope, *, by: User, percent: int = 80, team: Sequence[User] = ()
) -> Mission:
    """A mission that an envelope covers in part, the coop pays the rest."""
    shares = [
        ShareLine(
            payer=envelope.payer,
            percent=D(percent),
            basis="grant",
            envelope=envelope,
            priority=1,
        ),
        ShareLine(
            payer=coop.organisation, percent=D(100 - percent), priority=2, takes_remainder=True
        ),
    ]
    agreement = given_agreement(coop, client_of(coop), 600, None, shares, by=by, reference="C-7")
    return given_mission(agreement, team=team, by=by)


def given_report(of: Any, *, by: User, on: date = TODAY, **more: Any) -> FunderReport:
    facts: dict[str, Any] = {"first": FIRST, "last": LAST, **more}
    return invoicing.make_report(of=of, **facts, **acting(by, on))


def sent(report: FunderReport, *, by: User, on: date = TODAY, **more: Any) -> FunderReport:
    return invoicing.send_report(report, **more, **acting(by, on))


def given_cost_programme(by: User) -> Programme:
    """A funder that pays salaries and a flat rate."""
    funder = given_organisation("Fonds social européen", by=by)
    return given_programme("FSE+", funder=funder, by=by, pays="salary")


def given_offered(
    coop: Coop, programme: Programme, *, by: User, team: Sequence[User] = ()
) -> tuple[Agreement, Mission]:
    """An agreement whose days are given, tied to a programme that pays their cost."""
    agreement = given_agreement(coop, client_of(coop), 0, None, by=by, kind="offered")
    invoicing.link_funding(agreement=agreement, programme=programme, **acting(by, TODAY))
    return agreement, given_mission(agreement, team=team, by=by)


def given_cost(person: User, cost: str = "42000", *, by: User, **more: Any) -> Any:
    facts: dict[str, Any] = {"since": date(2026, 1, 1), "yearly_hours": D(1607), **more}
    return actions.note_cost_rate(person=person, yearly_cost=D(cost), **facts, **acting(by, TODAY))
