"""What waits to be billed: shares per payer and agreement, fees due, what is in the way."""

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


def works() -> list[Work]:
    """Unbilled work per payer and agreement, oldest first; four queries, CAP rows at most."""
    groups = list(
        billable_shares()
        .filter(day__mission__agreement__isnull=False, envelope=None)
        .order_by()
        .values("payer_id", "day__mission__agreement_id")
        .annotate(
            total=Sum("amount"),
            quantity=Sum("days"),
            count=Count("day", distinct=True),
            first=Min("day__worked_on"),
            last=Max("day__worked_on"),
        )
        .order_by("first", "payer_id", "day__mission__agreement_id")[:CAP]
    )
    payers = Organisation.objects.in_bulk({g["payer_id"] for g in groups})
    agreements = {
        a.pk: a
        for a in Agreement.objects.select_related("coop__organisation").filter(
            pk__in={g["day__mission__agreement_id"] for g in groups}
        )
    }
    found = []
    for group in groups:
        agreement = agreements[group["day__mission__agreement_id"]]
        found.append(
            Work(
                payer=payers[group["payer_id"]],
                agreement=agreement,
                days=group["quantity"],
                amount=cents(group["total"]),
                count=group["count"],
                first=group["first"],
                last=group["last"],
                wanted_by=wanted_by(agreement, group["first"]),
            )
        )
    return found


# -- fees -----------------------------------------------------------------------------------


def active_clauses() -> Any:
    return SubsidyShareClause.objects.filter(state=SubsidyShareClause.State.ACTIVE).select_related(
        "agreement__client", "agreement__coop__organisation"
    )


# -- the page -------------------------------------------------------------------------------


def payers() -> list[Payer]:
    """Everything to bill, grouped per payer, oldest first."""
    found: dict[int, Payer] = {}
    for work in works():
        found.setdefault(work.payer.pk, Payer(work.payer)).works.append(work)
    for cost in spent():
        found.setdefault(cost.payer.pk, Payer(cost.payer)).spent.append(cost)
    for drawing in drawings():
        payer = drawing.envelope.payer
        found.setdefault(payer.pk, Payer(payer)).drawings.append(drawing)
    for fee in due_fees_of(active_clauses()):
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
