"""Gestures of the accountant's desk that join several verbs in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim import series
from essaim.legal_figures import Kind
from essaim.models import Series, User
from essaim.models.legal import figure
from essaim.workflow import Act, Missing, Refused, record
from invoicing.actions.costs import draft_costs
from invoicing.actions.drafting_days import draft_days_of, draft_from_days
from invoicing.actions.expenses import take_expenses
from invoicing.actions.fees import draft_fee, draft_fixed_part
from invoicing.actions.paying import record_payment
from invoicing.actions.phases import draft_phases
from invoicing.dues import DueFee, due_fees_of
from invoicing.models import ExportLog, Invoice, Payment, SubsidyShareClause
from invoicing.numbering import INVOICES, PATTERNS
from invoicing.queries import billable_shares
from invoicing.rhythm import due_shares, later_words, next_due, until_of
from invoicing.waiting import active_clauses, waiting_fees, waiting_pieces, works
from invoicing.waiting_expenses import drawings, spent
from invoicing.wording import euros
from missions.models import Agreement

# The event that keeps the sentence each doubt asked for.
ACCEPTED = {"cash_limit": "accept_cash", "same_payment": "accept_twin"}


@transaction.atomic
def draft_all(*, payer: Organisation, by: User, on: date, at: datetime) -> list[Invoice]:
    """Draft all that one payer owes now: days that are due, pieces of prices, costs, fees."""
    made = draft_payers([payer.pk], by=by, on=on, at=at, by_rhythm=True)
    if not made:
        raise Refused([Missing("shares", _("Nothing is left to bill to this payer."))])
    return made[payer.pk]


@transaction.atomic
def draft_payers(
    keys: Collection[int],
    *,
    by: User,
    on: date,
    at: datetime,
    until: date | None = None,
    by_rhythm: bool = False,
) -> dict[int, list[Invoice]]:
    """Draft everything these payers owe, of work done `until` a day; by the payer's key.

    The days of all of them take a constant number of queries; prices, expenses, envelopes and
    fees are drafted one by one. `by_rhythm`: of days, what each agreement's rhythm lets be billed.
    """
    act: Act = {"by": by, "on": on, "at": at}
    made: dict[int, list[Invoice]] = defaultdict(list)
    for last, pairs in _days_to_bill(keys, until, on, by_rhythm=by_rhythm).items():
        for draft in draft_days_of(pairs, until=last, **act):
            made[draft.client_id].append(draft)
    for payer in _payers_of_costs(keys, until):
        drafts = made[payer.pk]
        drafts += draft_costs(payer=payer, drafts=drafts, until=until, **act)
    for payer, agreement, phases in _prices_to_bill(keys, until or on):
        draft = draft_phases(payer=payer, agreement=agreement, phases=phases, **act)
        made[payer.pk].append(draft)
    for fee in list(waiting_fees(until=until, keys=keys)):
        if not fee.is_credit:
            made[fee.clause.agreement.client_id].append(_draft_due(fee, **act))
    return dict(made)


def _days_to_bill(
    keys: Collection[int], until: date | None, on: date, *, by_rhythm: bool
) -> dict[date | None, list[tuple[Organisation, Agreement]]]:
    """Payers and agreements whose days are billed, by the last day that is."""
    found: dict[date | None, list[tuple[Organisation, Agreement]]] = defaultdict(list)
    for work in works(until=until, keys=keys, limit=None, on=on if by_rhythm else None):
        last = until_of(work.agreement, on) if by_rhythm else until
        if work.is_due:
            found[last].append((work.payer, work.agreement))
    return found


def _prices_to_bill(
    keys: Collection[int], day: date
) -> list[tuple[Organisation, Agreement, list[int]]]:
    """Payers, agreements and the pieces of their price that are due by a day."""
    found: dict[tuple[int, int], tuple[Organisation, Agreement, list[int]]] = {}
    for piece in waiting_pieces(on=day, keys=keys):
        if piece.is_due_by(day):
            pair = (piece.payer.pk, piece.agreement.pk)
            row = found.setdefault(pair, (piece.payer, piece.agreement, []))
            row[2].append(piece.phase.pk)
    return list(found.values())


def _payers_of_costs(keys: Collection[int], until: date | None) -> list[Organisation]:
    """Those of these payers who owe expenses, or days of an envelope."""
    costs = [cost.payer for cost in spent(until=until, keys=keys)]
    costs += [drawing.envelope.payer for drawing in drawings(until=until, keys=keys)]
    return list({payer.pk: payer for payer in costs}.values())


def _draft_due(fee: DueFee, *, by: User, on: date, at: datetime) -> Invoice:
    if fee.is_fixed_part:
        return draft_fixed_part(clause=fee.clause, by=by, on=on, at=at)
    return draft_fee(clause=fee.clause, disbursement=fee.disbursement, by=by, on=on, at=at)


@transaction.atomic
def draft_days(
    *,
    payer: Organisation,
    agreement: Agreement,
    by: User,
    on: date,
    at: datetime,
    with_expenses: bool = False,
    early: bool = False,
) -> list[Invoice]:
    """Draft the days of one agreement that its rhythm lets be billed, its expenses when asked.

    `early` takes the rest too, and the trail keeps it. Raises Refused with the day from which
    they are due.
    """
    act: Act = {"by": by, "on": on, "at": at}
    shares = billable_shares().filter(payer=payer, day__mission__agreement=agreement)
    waiting = shares.annotate(due=due_shares(on))
    if not early and shares.exists() and not waiting.filter(due=1).exists():
        when = later_words(agreement, next_due(agreement, on))
        words = _("The rhythm of the agreement bills this %(when)s: it may be billed early.")
        url = reverse("invoicing:prepare") + f"?payer={payer.pk}&agreement={agreement.pk}&early=1"
        raise Refused([Missing("not_due", words % {"when": when}, url)])
    until = None if early else until_of(agreement, on)
    ahead = early and waiting.filter(due=0).exists()
    draft = draft_from_days(payer=payer, agreement=agreement, until=until, **act)
    if ahead:
        record(draft, "bill_early", **act)
    return [take_expenses(invoice=draft, **act) if with_expenses else draft]


def draft_price(
    *,
    payer: Organisation,
    agreement: Agreement,
    by: User,
    on: date,
    at: datetime,
    early: bool = False,
) -> list[Invoice]:
    """Draft the pieces of one agreement's price, as a list like `draft_all`."""
    act: Act = {"by": by, "on": on, "at": at}
    return [draft_phases(payer=payer, agreement=agreement, early=early, **act)]


def draft_one_fee(
    *,
    clause: SubsidyShareClause,
    fixed: bool,
    disbursement_id: int | None,
    by: User,
    on: date,
    at: datetime,
) -> Invoice:
    """Draft the fixed part of a clause, or the fee (or its credit note) of one reception."""
    act: Act = {"by": by, "on": on, "at": at}
    if fixed:
        return draft_fixed_part(clause=clause, **act)
    due = due_fees_of(active_clauses().filter(pk=clause.pk))
    for fee in due:
        found = fee.disbursement.pk if fee.disbursement is not None else None
        if not fee.is_fixed_part and found == disbursement_id:
            return draft_fee(clause=clause, disbursement=fee.disbursement, **act)
    raise Refused([Missing("fee", _("Nothing is due from this clause now."))])


def shared_out(
    amount: Decimal, owed: Iterable[Invoice], *, first: Invoice | None = None
) -> dict[Invoice, Decimal]:
    """Set an amount against invoices annotated with `left`: `first`, then as they come."""
    rows: list[Any] = list(owed)
    if first is not None:
        rows.sort(key=lambda invoice: invoice.pk != first.pk)
    out: dict[Invoice, Decimal] = {}
    for invoice in rows:
        part = min(amount, Decimal(invoice.left))
        if part > 0:
            out[invoice] = part
            amount -= part
    return out


@transaction.atomic
def encash(
    *,
    client: Organisation,
    amount: Decimal,
    received_on: date,
    method: str,
    invoices: Mapping[Invoice, Decimal],
    by: User,
    on: date,
    at: datetime,
    reference: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Payment:
    """Record a payment and what it settles; much cash, or the same one again, wants a reason."""
    facts = {"amount": amount, "received_on": received_on, "method": method}
    doubts = _doubts(client, on=on, reference=reference.strip(), **facts)
    why = {code: (reasons or {}).get(code, "").strip() for code in doubts}
    if asked := [Missing(c, doubts[c], level="warn") for c in doubts if not why[c]]:
        raise Refused(asked)
    payment = record_payment(
        client=client,
        amount=amount,
        received_on=received_on,
        method=method,
        reference=reference,
        invoices=invoices,
        by=by,
        on=on,
        at=at,
    )
    for code, words in why.items():
        record(payment, ACCEPTED[code], by=by, on=on, at=at, text=words)
    return payment


def _doubts(client: Organisation, *, on: date, **facts: Any) -> dict[str, str]:
    """What of a payment wants a sentence: much cash, or one that is recorded already."""
    # A second click waits here for the first one.
    Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    found = {}
    professional = client.client_kind == Organisation.ClientKind.PROFESSIONAL
    limit = figure(Kind.CASH_LIMIT, on)
    if professional and facts["method"] == Payment.Method.CASH and facts["amount"] > limit:
        words = _("More than %(limit)s in cash for a professional debt.")
        found["cash_limit"] = words % {"limit": euros(limit)}
    standing = Payment.objects.filter(reverses=None, reversed_by=None)
    if standing.filter(client=client, **facts).exists():
        found["same_payment"] = _(
            "The same payment is recorded already: same client, day, amount and reference."
        )
    return found


@transaction.atomic
def set_numbering(
    *, pattern: str, restarts: bool, by: User, on: date, at: datetime, kind: str = INVOICES
) -> Series:
    """Open a series or change its pattern; a used one is closed and continued.

    `kind`: that of invoices, or that of membership calls.
    """
    if kind not in PATTERNS:
        raise Refused([Missing("kind", _("There is no such series."))])
    found = series.open_series(kind, pattern=pattern, restarts=restarts)
    record(found, "set_pattern", by=by, on=on, at=at)
    return found


@transaction.atomic
def log_export(
    *,
    kind: str,
    file_format: str,
    first: date,
    last: date,
    rows: int,
    fingerprint: str,
    by: User,
    on: date,
    at: datetime,
    name: str = "",
    perimeter: Mapping[str, Any] | None = None,
    sent_to: str = "",
) -> ExportLog:
    """Note what was taken away, by whom, and its fingerprint."""
    row = ExportLog.objects.create(
        kind=kind,
        file_format=file_format,
        period_from=first,
        period_to=last,
        rows=rows,
        fingerprint=fingerprint,
        name=name,
        perimeter=dict(perimeter or {}),
        sent_to=sent_to,
        by=by,
        at=at,
    )
    record(row, "export", by=by, on=on, at=at, codes={"fingerprint": fingerprint})
    return row
