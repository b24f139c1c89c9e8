"""What waits to be billed: shares per payer and agreement, fees due, what is in the way."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Sum, Value
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.days import month_end
from essaim.money import ZERO, cents
from invoicing.dues import DueFee, due_fees_of
from invoicing.models import SubsidyShareClause
from invoicing.pieces import Piece, pieces
from invoicing.queries import billable_shares
from invoicing.rhythm import GRACE, due_shares, later_words, next_due, wanted_by
from invoicing.waiting_expenses import Drawing, Spent, drawings, spent
from missions.models import Agreement

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
    is_due: bool = True
    when: str = ""  # in words, when it is not due yet

    @property
    def due_on(self) -> date:
        """The day from which the rhythm of the contract asks to bill it."""
        return self.wanted_by - GRACE

    def is_overdue(self, on: date) -> bool:
        """Past the rhythm of the contract and ten days."""
        return on > self.wanted_by


@dataclass(slots=True)
class Payer:
    """One payer: what is due (work, pieces of a price, costs, fees), and what will be later."""

    organisation: Organisation
    works: list[Work] = field(default_factory=list)
    fees: list[DueFee] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    later_works: list[Work] = field(default_factory=list)
    later_pieces: list[Piece] = field(default_factory=list)

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
        """What is due now, net."""
        fees = [f.amount for f in self.fees if not f.is_credit]
        priced = [p.amount for p in self.pieces]
        return cents(sum([w.amount for w in self.dated] + priced + fees, ZERO))

    @property
    def later(self) -> Decimal:
        """What is not due yet, net."""
        waiting = [w.amount for w in self.later_works] + [p.amount for p in self.later_pieces]
        return cents(sum(waiting, ZERO))

    @property
    def priced(self) -> set[int]:
        """Agreements of which a piece of the price is due: one invoice each."""
        return {piece.agreement.pk for piece in self.pieces}

    @property
    def oldest(self) -> date:
        dates = [w.first for w in self.dated] + [f.since for f in self.fees if f.since]
        dates += [p.due_on for p in self.pieces if p.due_on]
        return min(dates, default=date.max)

    @property
    def due_days(self) -> list[date]:
        """From when the rhythm of each contract asks to bill; an envelope's is the month's end."""
        spent = [wanted_by(cost.agreement, cost.first) - GRACE for cost in self.spent]
        drawn = [month_end(drawing.first) for drawing in self.drawings]
        priced = [piece.due_on for piece in self.pieces if piece.due_on]
        return [work.due_on for work in self.works] + spent + drawn + priced

    @property
    def rows(self) -> int:
        return len(self.dated) + len(self.priced) + len(self.fees)


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
    on: date | None = None,
) -> list[Work]:
    """Unbilled work per payer and agreement, oldest first; four queries, `limit` rows at most.

    `until`: only of days worked by then; `keys`: only of these payers; `on`: what the rhythm
    lets be billed that day and what it does not are two rows.
    """
    shares = _waiting_shares(until, keys)
    shares = shares.annotate(due=Value(1) if on is None else due_shares(on))
    groups = list(
        shares.order_by()
        .values("payer_id", "day__mission__agreement_id", "due")
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
        _work(g, payers[g["payer_id"]], agreements[g["day__mission__agreement_id"]], on)
        for g in groups
    ]


def _work(group: Any, payer: Organisation, agreement: Agreement, on: date | None) -> Work:
    is_due = on is None or bool(group["due"])
    when = "" if is_due or on is None else later_words(agreement, next_due(agreement, on))
    return Work(
        payer=payer,
        agreement=agreement,
        days=group["quantity"],
        amount=cents(group["total"]),
        count=group["count"],
        first=group["first"],
        last=group["last"],
        wanted_by=wanted_by(agreement, group["first"]),
        is_due=is_due,
        when=when,
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


def waiting_pieces(
    *, on: date, keys: Collection[int] | None = None, limit: int | None = None
) -> list[Piece]:
    """Pieces of agreed prices, due on a day or later, of these payers when `keys` is given."""
    return [p for p in pieces(on=on, limit=limit) if keys is None or p.payer.pk in keys]


def payers(
    *,
    until: date | None = None,
    keys: Collection[int] | None = None,
    on: date | None = None,
) -> list[Payer]:
    """Everything to bill, grouped per payer, oldest first.

    With `until` or `keys`, all of it: only the page of everything is capped. With `on`, what
    the rhythm of each agreement does not let be billed that day stands apart.
    """
    found: dict[int, Payer] = {}
    limit = CAP if until is None and keys is None else None
    for work in works(until=until, keys=keys, limit=limit, on=on):
        payer = found.setdefault(work.payer.pk, Payer(work.payer))
        (payer.works if work.is_due else payer.later_works).append(work)
    _put_pieces(found, on=on, until=until, keys=keys, limit=limit)
    for cost in spent(until=until, keys=keys):
        found.setdefault(cost.payer.pk, Payer(cost.payer)).spent.append(cost)
    for drawing in drawings(until=until, keys=keys):
        owner = drawing.envelope.payer
        found.setdefault(owner.pk, Payer(owner)).drawings.append(drawing)
    for fee in waiting_fees(until=until, keys=keys):
        client = fee.clause.agreement.client
        found.setdefault(client.pk, Payer(client)).fees.append(fee)
    return sorted(found.values(), key=lambda p: (p.oldest, p.organisation.sort_key))


def _put_pieces(
    found: dict[int, Payer],
    *,
    on: date | None,
    until: date | None,
    keys: Collection[int] | None,
    limit: int | None,
) -> None:
    day = on or until
    if day is None:
        return
    for piece in waiting_pieces(on=day, keys=keys, limit=limit):
        payer = found.setdefault(piece.payer.pk, Payer(piece.payer))
        if piece.is_due_by(day):
            payer.pieces.append(piece)
        elif on is not None:
            payer.later_pieces.append(piece)


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
