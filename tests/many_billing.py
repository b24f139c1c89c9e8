"""Payers with validated days, and drafts ready to issue, by plain rows: for benches."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from crm.models import Organisation
from essaim import immutability
from essaim.identifiers import search_key
from essaim.models import User
from invoicing.models import Invoice, InvoiceLine
from missions import models as missions
from missions.rules import RULES_VERSION
from tests.many import put

RATE = Decimal("600.00")
FIRST = date(2026, 9, 1)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def payers(count: int, *, since: int = 0) -> list[Any]:
    """Organisations with an address."""
    names = [f"Coop du banc {since + n:05d}" for n in range(count)]
    return put(
        Organisation,
        [
            Organisation(
                legal_name=name,
                search_key=search_key(name),
                sort_key=search_key(name),
                street="8 rue Haute",
                postcode="67600",
                city="Sélestat",
            )
            for name in names
        ],
    )


def worked(count: int, days: int, who: User, *, since: int = 0) -> list[tuple[Any, Any]]:
    """Payers, each with an agreement and that many validated days: (payer, agreement)."""
    clients = payers(count, since=since)
    agreements = put(
        missions.Agreement,
        [
            missions.Agreement(
                title="Convention d’accompagnement",
                client=client,
                state="running",
                signed_on=FIRST,
                starts_on=FIRST,
                days_budgeted=Decimal(60),
                daily_rate=RATE,
            )
            for client in clients
        ],
    )
    given = put(
        missions.Mission,
        [
            missions.Mission(kind="agreement", title="Accompagnement", opened_on=FIRST, agreement=a)
            for a in agreements
        ],
    )
    # Days are born logged: these are born validated, for figures only.
    immutability.drop(connection)
    rows = put(
        missions.MissionDay,
        [
            missions.MissionDay(
                consultant=who,
                mission=mission,
                worked_on=FIRST + timedelta(days=n),
                moment="day",
                quantity=Decimal(1),
                subject="Réunion du groupe",
                state="validated",
                rate=RATE,
                rules_version=RULES_VERSION,
                logged_at=AT,
                submitted_at=AT,
                validated_at=AT,
                validated_by=who,
            )
            for mission in given
            for n in range(days)
        ],
    )
    immutability.install(connection)
    put(
        missions.DayShare,
        [
            missions.DayShare(
                day=row,
                payer_id=row.mission.agreement.client_id,
                nature="billed",
                basis="order",
                quantity=1,
                days=1,
                base=RATE,
                rate=RATE,
                amount=RATE,
                rules_version=RULES_VERSION,
            )
            for row in rows
        ],
    )
    return list(zip(clients, agreements, strict=True))


def drafts(count: int, who: User, *, since: int = 0) -> list[int]:
    """Keys of drafts of one line, ready to issue."""
    rows = put(
        Invoice,
        [
            Invoice(
                client=client,
                title="Formation",
                period_from=FIRST,
                period_to=FIRST,
                created_by=who,
                created_at=AT,
            )
            for client in payers(count, since=since)
        ],
    )
    put(
        InvoiceLine,
        [
            InvoiceLine(
                invoice=row,
                label="Formation",
                unit_price=RATE,
                net=RATE,
                vat_rate=Decimal(20),
            )
            for row in rows
        ],
    )
    return [row.pk for row in rows]
