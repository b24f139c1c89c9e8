"""Work done by a day and not invoiced then: days, expenses, phases accepted, fees of grants."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, Sum

from crm.models import IssuerProfile, Organisation
from essaim.money import ZERO, cents, percent_of
from invoicing.chart import Product
from invoicing.copies import vat_for
from invoicing.dues import due_fees_of
from invoicing.models import BilledExpense, BilledPhase, Invoice, InvoiceLine, SubsidyFee
from invoicing.pieces import pieces
from invoicing.waiting import active_clauses
from missions.models import DayShare, Expense, MissionDay

UNBILLED: Final = "FAE"


class Accrual(NamedTuple):
    """One thing to add to, or to take off, the income of the period that is closed."""

    kind: str
    role: str
    client_id: int
    client: str
    words: str
    analytic: str
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


class Done(NamedTuple):
    """Work of one kind for one client under one agreement, net."""

    client_id: int
    role: str
    words: str
    analytic: str
    net: Decimal


def unbilled(on: date) -> Iterator[Accrual]:
    """Each kind of work once per client and agreement, with the VAT its invoice would bear."""
    totals: dict[tuple[Any, ...], Decimal] = {}
    for source in (_days, _expenses, _phases, _fees):
        for done in source(on):
            totals[done[:4]] = totals.get(done[:4], ZERO) + done.net
    profile = IssuerProfile.objects.at(on)
    clients = Organisation.objects.in_bulk({key[0] for key in totals})
    rates = {pk: vat_for(profile, c, on)[0] if profile else ZERO for pk, c in clients.items()}
    for (client, role, words, analytic), net in totals.items():
        name, tax = clients[client].legal_name, percent_of(net, rates[client])
        yield Accrual(UNBILLED, role, client, name, words, analytic, cents(net), tax)


def _days(on: date) -> Iterator[Done]:
    """Days worked by then, validated, to bill, and on no document issued by then."""
    issued = Q(
        billed__line__invoice__state=Invoice.State.ISSUED,
        billed__line__invoice__issued_on__lte=on,
    )
    agreement = "day__mission__agreement"
    rows = (
        DayShare.objects.filter(
            nature="billed",
            amount__gt=0,
            replaced_by=None,
            payer__isnull=False,
            day__worked_on__lte=on,
            day__state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
        )
        .exclude(issued)
        .order_by("payer__sort_key", "payer_id", f"{agreement}_id")
        .values_list(
            "payer_id", f"{agreement}_id", f"{agreement}__title", f"{agreement}__analytic_code"
        )
        .annotate(net=Sum("amount"))
    )
    for payer, _agreement, title, analytic, net in rows:
        yield Done(payer, Product.DAYS, title or "", analytic or "", cents(net))


def _given_back(on: date) -> Exists:
    """A credit note issued by then made the line billable again."""
    return Exists(
        InvoiceLine.objects.filter(
            origin=OuterRef("line"),
            billable_again=True,
            invoice__state=Invoice.State.ISSUED,
            invoice__issued_on__lte=on,
        )
    )


def _standing(rows: Any, on: date) -> Any:
    """Those issued by then and not given back by then."""
    issued = {"line__invoice__state": Invoice.State.ISSUED, "line__invoice__issued_on__lte": on}
    return rows.filter(~_given_back(on), **issued)


def _expenses(on: date) -> Iterator[Done]:
    """Expenses to rebill, spent and validated by then; what is advanced is no income."""
    billed = _standing(BilledExpense.objects.filter(expense=OuterRef("pk")), on)
    rows = (
        Expense.objects.filter(
            ~Exists(billed),
            state__in=(Expense.State.VALIDATED, Expense.State.BILLED),
            treatment="rebilled",
            billable__gt=0,
            spent_on__lte=on,
            mission__agreement__isnull=False,
        )
        .order_by("spent_on", "pk")
        .values_list(
            "payer_id", "mission__agreement__client_id", "mission__agreement__title",
            "mission__agreement__analytic_code", "billable",
        )
    )  # fmt: skip
    for payer, client, title, analytic, net in rows:
        yield Done(payer or client, Product.EXPENSE, title, analytic, net or ZERO)


def _phases(on: date) -> Iterator[Done]:
    """Phases accepted by then: on no line yet, or on a draft, or on a later document."""
    for piece in pieces(on=on):
        accepted = piece.phase.accepted_on
        if accepted is not None and accepted <= on:
            agreement = piece.agreement
            yield Done(
                piece.payer.pk,
                Product.PHASE,
                agreement.title,
                agreement.analytic_code,
                piece.amount,
            )
    later = BilledPhase.objects.filter(
        Q(line__invoice__state=Invoice.State.DRAFT) | Q(line__invoice__issued_on__gt=on),
        phase__accepted_on__lte=on,
    )
    values = ("share__payer_id", "phase__agreement__title", "phase__agreement__analytic_code",
              "line__net")  # fmt: skip
    for payer, title, analytic, net in later.order_by("pk").values_list(*values):
        yield Done(payer, Product.PHASE, title, analytic, net)


def _fees(on: date) -> Iterator[Done]:
    """Fees of what grants paid by then: due now, on a draft, or on a later document."""
    for fee in due_fees_of(active_clauses()):
        received = fee.disbursement.received_on if fee.disbursement is not None else None
        if not fee.is_credit and received is not None and received <= on:
            yield _fee(fee.clause.agreement, fee.amount)
    later = SubsidyFee.objects.filter(
        Q(line__invoice__state=Invoice.State.DRAFT) | Q(line__invoice__issued_on__gt=on),
        amount__gt=0,
        disbursement__received_on__lte=on,
    )
    for row in later.order_by("pk").select_related("clause__agreement"):
        yield _fee(row.clause.agreement, row.amount)


def _fee(agreement: Any, net: Decimal) -> Done:
    return Done(
        agreement.client_id, Product.SUBSIDY_SHARE, agreement.title, agreement.analytic_code, net
    )
