"""What should come in over twelve months: what is issued, and what depends on something yet."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Membership
from essaim.days import add_months, month_end
from essaim.models.legal import FiguresRead
from essaim.money import ZERO, cents
from essaim.terms import Term, due_date
from grants.models import Disbursement
from invoicing import rules
from invoicing.dues import due_fees_of, terms_of
from invoicing.guards_terms import lefts_of, rows_of
from invoicing.models import Invoice, MembershipCall, RepaymentPlan, SubsidyShareClause
from invoicing.pieces import pieces
from invoicing.receivables import balances, claims_owed
from invoicing.reminding import left_of
from invoicing.rhythm import GRACE, wanted_by
from invoicing.rules_receivables import Forecast
from invoicing.scheduling import schedule_for, single_due
from invoicing.subscriptions import to_come
from invoicing.waiting import active_clauses, works
from invoicing.waiting_expenses import drawings, spent
from missions.models import Agreement

CERTAIN: Final = ("late", "due")
CONDITIONAL: Final = ("drafts", "work", "prices", "costs", "fees", "recurring", "memberships")
MOST: Final = 2000
ORDER_TERM: Final = timedelta(days=30)  # as an envelope's invoice is drafted
# (source, amount, day) of what may come in.
Coming = Iterator[tuple[str, Decimal, date]]


def label_of(source: str) -> str:
    """What an amount comes from, in words."""
    words = {
        "late": _("Late already"),
        "due": _("Instalments to come"),
        "drafts": _("Drafts"),
        "work": _("Work not billed yet"),
        "prices": _("Agreed prices not billed yet"),
        "costs": _("Expenses and orders not billed yet"),
        "fees": _("Fees tied to grants"),
        "recurring": _("Subscriptions"),
        "memberships": _("Memberships"),
    }
    return words[source]


def forecast(*, on: date) -> Forecast:
    """Twelve months of receipts, VAT included, in a fixed number of queries.

    Certain is what was issued, late amounts in the first month; conditional is what depends on
    a gesture of ours (issue a draft, bill the work) or of somebody else (a grant paid).
    """
    found = Forecast.of(on)
    for source, amount, day in _issued(on):
        found.add(source, amount, day, certain=True)
    profile = IssuerProfile.objects.at(on)
    sources = (_work, _prices, _costs, _fees, _recurring)
    for some in (_drafts(on), *(source(on, profile) for source in sources), _memberships(on)):
        for source, amount, day in some:
            found.add(source, amount, day, certain=False)
    return found


def held(*, on: date) -> Decimal:
    """Credit notes and money not set against an invoice: they will lessen what comes in."""
    return cents(sum(balances(as_of=on).values(), ZERO))


def _issued(on: date) -> Coming:
    """What is left of each instalment, late ones now, and of the late interest claimed."""
    rows = Invoice.objects.unpaid().prefetch_related("instalments").order_by("pk")[:MOST]
    plans = {plan.invoice_id: rows_of(plan, left) for plan, left in lefts_of(list(_signed_plans()))}
    for invoice in rows:
        planned = plans.get(invoice.pk)
        parts = left_of(invoice) if planned is None else [(row, row.left) for row in planned]
        for part, left in parts:
            if left:
                late = part.due_on < on
                yield ("late" if late else "due"), left, on if late else part.due_on
    for _claim, owed in claims_owed(on):
        yield "late", owed, on


def _signed_plans() -> Any:
    """A signed plan says when its invoice will really be paid."""
    rows = RepaymentPlan.objects.filter(state=RepaymentPlan.State.SIGNED)
    return rows.prefetch_related("rows")


def _drafts(on: date) -> Coming:
    rows = Invoice.objects.filter(state=Invoice.State.DRAFT).select_related("client")
    read = FiguresRead()
    for draft in rows.prefetch_related("planned").order_by("pk")[:MOST]:
        # A draft credit note lessens what its client pays.
        sign = -1 if draft.is_credit_note else 1
        for part in schedule_for(draft, _planned_on(draft, on), read=read):
            yield "drafts", sign * part.amount, max(part.due_on, on)


def _planned_on(draft: Invoice, on: date) -> date:
    """A deposit of a plan waits for its day; any other draft may be issued today."""
    waits = draft.kind == Invoice.Kind.DEPOSIT and draft.period_from is not None
    return max(draft.period_from or on, on) if waits else on


def _gross(net: Decimal, profile: IssuerProfile | None, chosen: Decimal | None = None) -> Decimal:
    """With the chosen VAT, else the usual one of our services, where they are taxed at all."""
    if profile is None or profile.regime not in rules.TAXED:
        return cents(net)
    rate = profile.vat_rate if chosen is None else chosen
    return cents(net * (100 + rate) / 100)


def _work(on: date, profile: IssuerProfile | None) -> Coming:
    """Validated days, billed when their contract's rhythm says so, paid at its term."""
    for work in works():
        billed = max(work.wanted_by - GRACE, on)
        yield "work", _gross(work.amount, profile), _paid_on(work.agreement, billed)


def _paid_on(agreement: Agreement, billed: date) -> date:
    """When an invoice of this day is paid at the term of its agreement."""
    method: Any = agreement.payment_method
    return due_date(billed, Term(agreement.payment_days, method))


def _prices(on: date, profile: IssuerProfile | None) -> Coming:
    """Phases and instalments not billed, on the day they fall due or are planned."""
    for piece in pieces(on=on):
        if piece.due_on is not None:
            paid = _paid_on(piece.agreement, max(piece.due_on, on))
            yield "prices", _gross(piece.amount, profile), paid


def _costs(on: date, profile: IssuerProfile | None) -> Coming:
    """Validated expenses, and days of an order's envelope, that no invoice took yet."""
    for cost in spent():
        billed = max(wanted_by(cost.agreement, cost.first) - GRACE, on)
        yield "costs", _gross(cost.amount, profile), _paid_on(cost.agreement, billed)
    for drawing in drawings():
        billed = max(month_end(drawing.last), on)
        yield "costs", _gross(drawing.amount, profile), billed + ORDER_TERM


def _fees(on: date, profile: IssuerProfile | None) -> Coming:
    """Fees due now, and those that each expected disbursement will bring."""
    clauses = list(active_clauses())
    for fee in due_fees_of(clauses):
        yield "fees", _gross(fee.amount, profile), on + _term(fee.clause)
    for clause, step, day in _expected(clauses, on):
        yield "fees", _gross(step, profile), day + _term(clause)


def _term(clause: SubsidyShareClause) -> timedelta:
    return timedelta(days=clause.payment_days or 0)


def _expected(
    clauses: Iterable[SubsidyShareClause], on: date
) -> Iterator[tuple[SubsidyShareClause, Decimal, date]]:
    """What each disbursement to come adds to the fee of a clause on what is paid."""
    paid = [c for c in clauses if c.base == SubsidyShareClause.Base.PAID]
    through = SubsidyShareClause.applications.through.objects.filter(
        subsidyshareclause_id__in=[c.pk for c in paid]
    )
    covered: dict[int, list[int]] = {}
    for key, application in through.values_list("subsidyshareclause_id", "grantapplication_id"):
        covered.setdefault(key, []).append(application)
    keys = {application for found in covered.values() for application in found}
    rows: dict[int, list[Disbursement]] = {}
    for row in Disbursement.objects.filter(application__in=keys).exclude(state="cancelled"):
        rows.setdefault(row.application_id, []).append(row)
    for clause in paid:
        known = [r for key in covered.get(clause.pk, ()) for r in rows.get(key, ())]
        yield from _steps(clause, known, on)


def _steps(
    clause: SubsidyShareClause, rows: Iterable[Disbursement], on: date
) -> Iterator[tuple[SubsidyShareClause, Decimal, date]]:
    received = [r for r in rows if r.state == "received"]
    # What gives an overpayment back bears no fee.
    waiting = (r for r in rows if r.is_expected and r.returns_id is None)
    coming = [r for r in waiting if r.expected_on is not None]
    coming.sort(key=lambda r: (r.expected_on or date.max, r.pk))
    bases = [sum((r.kept for r in received), ZERO)]
    bases += [r.expected_amount for r in coming]
    _owed, *steps = rules.fee_per_payment(terms_of(clause), bases)
    for row, step in zip(coming, steps, strict=True):
        yield clause, step, max(row.expected_on or on, on)


def _recurring(on: date, profile: IssuerProfile | None) -> Coming:
    """Invoices that subscriptions will draft by their schedules, paid at their term."""
    read = FiguresRead()
    for row, period, day, price in to_come(on=on, until=add_months(on, 12)):
        method = row.agreement.payment_method if row.agreement is not None else "net"
        draft = Invoice(
            client=row.client,
            agreement=row.agreement,
            period_to=period.last,
            term_days=row.term_days,
            term_method=method,
        )
        due = single_due(draft, day, read=read)
        yield "recurring", _gross(price, profile, row.vat_rate), due


def _memberships(on: date) -> Coming:
    """Memberships not called nor paid yet: this year's now, next year's in January.

    Who is a member this year is expected to be one next year; what was called is counted with
    the drafts and the instalments.
    """
    called = MembershipCall.objects.filter(membership=OuterRef("pk"))
    rows = Membership.objects.filter(year__in=(on.year, on.year + 1), amount__gt=0)
    known = list(rows.annotate(is_called=Exists(called)).order_by("pk")[:MOST])
    again = {row.organisation_id for row in known if row.year > on.year}
    january = date(on.year + 1, 1, 31)
    for row in known:
        if row.paid_on is None and not row.is_called:
            yield "memberships", row.amount, on if row.year == on.year else january
        if row.year == on.year and row.organisation_id not in again:
            yield "memberships", row.amount, january


def columns() -> list[Any]:
    """Headings of the forecast's table and files."""
    sources = [label_of(source) for source in (*CERTAIN, *CONDITIONAL)]
    return [_("Month"), *sources, _("Certain"), _("Conditional")]


def table_rows(found: Forecast) -> Iterator[tuple[Any, ...]]:
    """One row per month, amounts in the order of `columns`."""
    for month in found.months:
        sure = [month.certain.get(source, ZERO) for source in CERTAIN]
        maybe = [month.conditional.get(source, ZERO) for source in CONDITIONAL]
        yield (month.first, *sure, *maybe, month.sure, month.maybe)
