"""What waits to be billed: shares per payer and agreement, fees due, what is in the way."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.days import add_months, month_end
from essaim.money import ZERO, cents
from invoicing.dues import DueFee, due_fees_of
from invoicing.models import SubsidyShareClause
from invoicing.queries import billable_shares
from invoicing.waiting_expenses import Drawing, Spent, drawings, spent
from missions.models import Agreement

GRACE = timedelta(days=10)
CAP = 200


@dataclass(slots=True)
class Work:
    """Validated, unbilled days of one payer under one agreement (net, euros)."""

    payer: Organisation
    agreement: Agreement
    days: Decimal
    amount: Decimal
    count: int
    first: date
    last: date
    wanted_by: date

    @property
    def due_on(self) -> date:
        """The day from which the rhythm of the contract asks to bill it."""
        return self.wanted_by - GRACE

    def is_overdue(self, on: date) -> bool:
        """Past the rhythm of the contract and ten days."""
        return on > self.wanted_by


@dataclass(slots=True)
class Payer:
    """One payer: its rows of work, its fees, and what is missing of it."""

    organisation: Organisation
    works: list[Work] = field(default_factory=list)
    fees: list[DueFee] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)

    @property
    def spent_agreements(self) -> set[int]:
        """Agreements under which expenses wait too."""
        return {cost.agreement.pk for cost in self.spent}

    @property
    def dated(self) -> list[Work | Spent | Drawing]:
        """What was worked or spent, each with its first date."""
        return [*self.works, *self.spent, *self.drawings]

    @property
    def amount(self) -> Decimal:
        fees = [f.amount for f in self.fees if not f.is_credit]
        return cents(sum([w.amount for w in self.dated] + fees, ZERO))

    @property
    def oldest(self) -> date:
        dates = [w.first for w in self.dated] + [f.since for f in self.fees if f.since]
        return min(dates, default=date.max)

    @property
    def due_days(self) -> list[date]:
        """From when the rhythm of each contract asks to bill; an envelope's is the month's end."""
        spent = [wanted_by(cost.agreement, cost.first) - GRACE for cost in self.spent]
        drawn = [month_end(drawing.first) for drawing in self.drawings]
        return [work.due_on for work in self.works] + spent + drawn

    @property
    def rows(self) -> int:
        return len(self.dated) + len(self.fees)


def wanted_by(agreement: Agreement, first: date) -> date:
    """The day by which work begun on `first` should be billed: the rhythm's date and ten days."""
    if agreement.rhythm == Agreement.Rhythm.QUARTERLY:
        return month_end(add_months(first.replace(day=1), 2 - (first.month - 1) % 3)) + GRACE
    ends = (Agreement.Rhythm.REPORT, Agreement.Rhythm.END)
    if agreement.rhythm in ends and agreement.ends_on is not None:
        return max(agreement.ends_on, month_end(first)) + GRACE
    return month_end(first) + GRACE


def _waiting_shares(until: date | None, keys: Collection[int] | None) -> Any:
    rows = billable_shares().filter(day__mission__agreement__isnull=False, envelope=None)
    if until is not None:
        rows = rows.filter(day__worked_on__lte=until)
    return rows if keys is None else rows.filter(payer__in=keys)


def works(
    *,
    until: date | None = None,
    keys: Collection[int] | None = None,
    limit: int | None = CAP,
) -> list[Work]:
    """Unbilled work per payer and agreement, oldest first; four queries, `limit` rows at most.

    `until`: only of days worked by then; `keys`: only of these payers.
    """
    groups = list(
        _waiting_shares(until, keys)
        .order_by()
        .values("payer_id", "day__mission__agreement_id")
        .annotate(
            total=Sum("amount"),
            quantity=Sum("days"),
            count=Count("day", distinct=True),
            first=Min("day__worked_on"),
            last=Max("day__worked_on"),
        )
        .order_by("first", "payer_id", "day__mission__agreement_id")[:limit]
    )
    payers = Organisation.objects.in_bulk({g["payer_id"] for g in groups})
    agreements = {
        a.pk: a
        for a in Agreement.objects.select_related("coop__organisation").filter(
            pk__in={g["day__mission__agreement_id"] for g in groups}
        )
    }
    return [
        _work(g, payers[g["payer_id"]], agreements[g["day__mission__agreement_id"]]) for g in groups
    ]


def _work(group: Any, payer: Organisation, agreement: Agreement) -> Work:
    return Work(
        payer=payer,
        agreement=agreement,
        days=group["quantity"],
        amount=cents(group["total"]),
        count=group["count"],
        first=group["first"],
        last=group["last"],
        wanted_by=wanted_by(agreement, group["first"]),
    )


# -- fees -----------------------------------------------------------------------------------


def active_clauses() -> Any:
    return SubsidyShareClause.objects.filter(state=SubsidyShareClause.State.ACTIVE).select_related(
        "agreement__client", "agreement__coop__organisation"
    )


def waiting_fees(
    *, until: date | None = None, keys: Collection[int] | None = None
) -> Iterator[DueFee]:
    """Fees due, of these payers when `keys` is given, owed since `until` at the latest."""
    clauses = active_clauses()
    if keys is not None:
        clauses = clauses.filter(agreement__client__in=keys)
    for fee in due_fees_of(clauses):
        if until is None or fee.since is None or fee.since <= until:
            yield fee


# -- the page -------------------------------------------------------------------------------


def payers(*, until: date | None = None, keys: Collection[int] | None = None) -> list[Payer]:
    """Everything to bill, grouped per payer, oldest first.

    With `until` or `keys`, all of it: only the page of everything is capped.
    """
    found: dict[int, Payer] = {}
    limit = CAP if until is None and keys is None else None
    for work in works(until=until, keys=keys, limit=limit):
        found.setdefault(work.payer.pk, Payer(work.payer)).works.append(work)
    for cost in spent(until=until, keys=keys):
        found.setdefault(cost.payer.pk, Payer(cost.payer)).spent.append(cost)
    for drawing in drawings(until=until, keys=keys):
        payer = drawing.envelope.payer
        found.setdefault(payer.pk, Payer(payer)).drawings.append(drawing)
    for fee in waiting_fees(until=until, keys=keys):
        client = fee.clause.agreement.client
        found.setdefault(client.pk, Payer(client)).fees.append(fee)
    return sorted(found.values(), key=lambda p: (p.oldest, p.organisation.sort_key))


def lacks(organisation: Organisation) -> list[str]:
    """What an invoice to this payer would lack, in words."""
    found = []
    if not organisation.siren and organisation.client_kind != Organisation.ClientKind.CONSUMER:
        found.append(_("no SIREN"))
    if not (organisation.street or organisation.billing_street) or not (
        organisation.city or organisation.billing_city
    ):
        found.append(_("no address"))
    return found
