"""What waits beside days of an agreement: validated expenses, and days of `order` envelopes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import Coalesce

from crm.models import Organisation
from essaim.money import cents
from essaim.workflow import Missing
from invoicing.queries import billable_expenses, billable_shares
from missions.models import Agreement, Envelope
from missions.rules_funding import EnvelopeState, check_envelope
from missions.usage import Drawn, drawn_on
from missions.words import missing_of

CAP = 200


@dataclass(slots=True)
class Spent:
    """Validated expenses of one payer under one agreement (net, euros)."""

    payer: Organisation
    agreement: Agreement
    count: int
    amount: Decimal
    first: date
    last: date


@dataclass(slots=True)
class Drawing:
    """Days of an order's envelope that wait for its periodic invoice (net, euros)."""

    envelope: Envelope
    days: Decimal
    amount: Decimal
    coops: int
    first: date
    last: date
    warnings: list[Missing]


def spent(*, until: date | None = None, keys: Collection[int] | None = None) -> list[Spent]:
    """Unbilled expenses per payer and agreement, oldest first; three queries.

    `until`: only those spent by then; `keys`: only of these payers.
    """
    rows = billable_expenses().annotate(
        billed_to=Coalesce("payer_id", "mission__agreement__client_id")
    )
    rows = rows if until is None else rows.filter(spent_on__lte=until)
    rows = rows if keys is None else rows.filter(billed_to__in=keys)
    groups = list(
        rows.order_by()
        .values("billed_to", "mission__agreement_id")
        .annotate(
            count=Count("pk"), total=Sum("billable"), first=Min("spent_on"), last=Max("spent_on")
        )
        .order_by("first", "billed_to", "mission__agreement_id")[: _limit(until, keys)]
    )
    payers = Organisation.objects.in_bulk({g["billed_to"] for g in groups})
    agreements = Agreement.objects.select_related("coop__organisation").in_bulk(
        {g["mission__agreement_id"] for g in groups}
    )
    return [
        Spent(
            payer=payers[g["billed_to"]],
            agreement=agreements[g["mission__agreement_id"]],
            count=g["count"],
            amount=cents(g["total"]),
            first=g["first"],
            last=g["last"],
        )
        for g in groups
    ]


def _limit(until: date | None, keys: Collection[int] | None) -> int | None:
    """Only the page of everything is capped."""
    return CAP if until is None and keys is None else None


def drawings(*, until: date | None = None, keys: Collection[int] | None = None) -> list[Drawing]:
    """Unbilled days per order's envelope, oldest first, and what its quota warns; three queries.

    `until`: only of days worked by then; `keys`: only of these payers.
    """
    rows = billable_shares().filter(envelope__isnull=False)
    rows = rows if until is None else rows.filter(day__worked_on__lte=until)
    rows = rows if keys is None else rows.filter(envelope__payer__in=keys)
    groups = list(
        rows.order_by()
        .values("envelope_id")
        .annotate(
            total=Sum("amount"),
            quantity=Sum("days"),
            coops=Count("coop", distinct=True),
            first=Min("day__worked_on"),
            last=Max("day__worked_on"),
        )
        .order_by("first", "envelope_id")[: _limit(until, keys)]
    )
    envelopes = Envelope.objects.select_related("payer").in_bulk({g["envelope_id"] for g in groups})
    drawn = drawn_on(envelopes)
    return [_drawing(g, envelopes[g["envelope_id"]], drawn[g["envelope_id"]]) for g in groups]


def _drawing(group: Any, envelope: Envelope, drawn: Drawn) -> Drawing:
    return Drawing(
        envelope=envelope,
        days=group["quantity"],
        amount=cents(group["total"]),
        coops=group["coops"],
        first=group["first"],
        last=group["last"],
        warnings=quota_warnings(envelope, drawn),
    )


def quota_warnings(envelope: Envelope, drawn: Drawn) -> list[Missing]:
    """What the envelope comes near to, or passes."""
    state = EnvelopeState(
        quota_days=envelope.quota_days,
        used_days=drawn.total,
        quota_coops=envelope.quota_coops,
        coops=len(drawn.coops),
    )
    return missing_of(check_envelope(state), envelope.get_absolute_url())
