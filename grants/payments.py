"""Every write on disbursements: planned, claimed, received, cancelled, paid back."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Document
from essaim.formats import money
from essaim.models import User
from essaim.money import ZERO, add_up
from essaim.workflow import Missing, Refused, perform, record
from grants.models import Disbursement, GrantApplication
from grants.rules import Row, settle_plan

_K = Disbursement.Kind


def _lock(application: GrantApplication) -> GrantApplication:
    """The plan of one grant is changed by one person at a time."""
    rows = GrantApplication._base_manager.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=application.pk)


@transaction.atomic
def plan(
    application: GrantApplication,
    *,
    kind: str,
    expected_amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    expected_on: date | None = None,
    pieces: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Disbursement:
    """Plan a payment of the funder, in euros; past what was granted it asks a sentence."""
    application = _lock(application)
    row = Disbursement(
        application=application,
        kind=kind,
        expected_amount=expected_amount,
        expected_on=expected_on,
        pieces=pieces,
    )
    words = _judge(row, application, reasons or {})
    row.save()
    record(row, "plan", by=by, on=on, at=at, codes=_codes(row), text=words)
    return row


@transaction.atomic
def edit(
    row: Disbursement,
    *,
    by: User,
    on: date,
    at: datetime,
    expected_amount: Decimal,
    expected_on: date | None = None,
    pieces: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Disbursement:
    """Change an awaited payment: its date, its amount, the pieces it asks for."""
    application = _lock(row.application)
    row.refresh_from_db()
    if not row.is_expected:
        raise Refused([Missing("state", _("Only an awaited payment can be changed."))])
    row.expected_amount, row.expected_on, row.pieces = expected_amount, expected_on, pieces
    words = _judge(row, application, reasons or {})
    row.save()
    record(row, "edit", by=by, on=on, at=at, codes=_codes(row), text=words)
    return row


def _judge(row: Disbursement, application: GrantApplication, reasons: Mapping[str, str]) -> str:
    """Raise what stands in the way of a planned row; return the sentences of warnings passed."""
    if not application.is_granted and application.state != "clawback":
        raise Refused([Missing("application", _("The grant was not awarded yet."))])
    if row.kind == _K.CLAWBACK and row.expected_amount >= 0:
        words = _("A repayment is a negative amount.")
        raise Refused([Missing("expected_amount", words)])
    if row.kind != _K.CLAWBACK and row.expected_amount <= 0:
        raise Refused([Missing("expected_amount", _("The amount must be positive."))])
    over = _beyond(row, application)
    said = reasons.get("beyond_agreed", "").strip()
    if over > 0 and not said:
        words = _("The payments add up to %(over)s more than the grant.") % {"over": money(over)}
        raise Refused([Missing("beyond_agreed", words, level="warn")])
    return said if over > 0 else ""


def _beyond(row: Disbursement, application: GrantApplication) -> Decimal:
    """Euros by which the plan passes the grant once `row` is in it; repayments don't count."""
    if row.kind == _K.CLAWBACK or application.granted_amount is None:
        return ZERO
    others = application.disbursements.exclude(pk=row.pk).exclude(kind=_K.CLAWBACK)
    planned = add_up(other.counted for other in others) + row.expected_amount
    return max(planned - application.granted_amount, ZERO)


def _codes(row: Disbursement) -> dict[str, Any]:
    return {
        "application": row.application_id,
        "kind": row.kind,
        "expected_amount": str(row.expected_amount),
        "expected_on": row.expected_on.isoformat() if row.expected_on else "",
    }


def claim(
    row: Disbursement, *, dated: date, by: User, on: date, at: datetime, **data: Any
) -> Disbursement:
    """The applicant has asked the funder for it."""
    with transaction.atomic():
        perform(row, "claim", by=by, on=on, at=at, dated=dated, **data)
    return row


@transaction.atomic
def receive(
    row: Disbursement,
    *,
    dated: date,
    amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    evidence: Document | None = None,
    remainder_on: date | None = None,
    **data: Any,
) -> Disbursement:
    """The money is on the account; what is short stays awaited in a row of its own.

    `remainder_on` dates that row, which is unscheduled without it. Raises Refused on a future
    date, before the award, and without a sentence when more came than was expected.
    """
    _lock(row.application)
    perform(
        row, "receive", by=by, on=on, at=at, dated=dated, amount=amount, evidence=evidence, **data
    )
    short = row.expected_amount - amount
    # Both signs: a repayment by instalments leaves a negative remainder.
    if short and (short > 0) == (row.expected_amount > 0):
        rest = Disbursement.objects.create(
            application=row.application,
            kind=row.kind,
            expected_amount=short,
            expected_on=remainder_on,
            pieces=row.pieces,
            remainder_of=row,
        )
        codes = {**_codes(rest), "remainder_of": row.pk}
        record(rest, "plan", by=by, on=on, at=at, codes=codes)
    return row


def cancel(
    row: Disbursement, *, why: str, by: User, on: date, at: datetime, **data: Any
) -> Disbursement:
    """It will not come; the row stays, with the reason."""
    with transaction.atomic():
        perform(row, "cancel", by=by, on=on, at=at, why=why, **data)
    return row


# -- what moves of the application bring about, in their transaction ------------------------------


def fit_to_final(application: GrantApplication, *, by: User, on: date, at: datetime) -> None:
    """After the settlement, awaited payments add up to what is left of the final grant."""
    rows = list(application.disbursements.select_for_update(of=("self",), no_key=True))
    awaited = [r for r in in_order(rows) if r.is_expected and r.kind != _K.CLAWBACK]
    received = [r.received_amount for r in rows if r.received_amount is not None]
    fit = settle_plan(
        application.retained or ZERO, received, [Row(r.pk, r.expected_amount) for r in awaited]
    )
    why = _("Fitted to the final grant of %(amount)s.") % {"amount": money(application.retained)}
    for row in awaited:
        if row.pk in fit.cancelled:
            perform(row, "cancel", by=by, on=on, at=at, why=why)
        elif row.pk in fit.changed:
            row.expected_amount = fit.changed[row.pk]
            row.save()
            record(row, "edit", by=by, on=on, at=at, codes=_codes(row), text=why)
    if fit.to_plan > 0:
        rest = Disbursement.objects.create(
            application=application, kind=_K.BALANCE, expected_amount=fit.to_plan
        )
        record(rest, "plan", by=by, on=on, at=at, codes=_codes(rest), text=why)


def in_order(rows: list[Disbursement]) -> list[Disbursement]:
    """Advances, then instalments, then balances; by date, the undated last."""
    rank = {_K.ADVANCE: 0, _K.INSTALMENT: 1, _K.BALANCE: 2, _K.CLAWBACK: 3}
    return sorted(rows, key=lambda r: (rank[_K(r.kind)], r.expected_on or date.max, r.pk))


def plan_repayment(
    application: GrantApplication, *, amount: Decimal, by: User, on: date, at: datetime
) -> Disbursement:
    """What the funder asks back is a negative payment, awaited until it is paid."""
    row = Disbursement.objects.create(
        application=application, kind=_K.CLAWBACK, expected_amount=-amount
    )
    record(row, "plan", by=by, on=on, at=at, codes=_codes(row))
    return row


def cancel_awaited(
    application: GrantApplication, *, why: str, by: User, on: date, at: datetime
) -> int:
    """Cancel every awaited payment of the funder and tell how many there were."""
    rows = list(application.disbursements.expected().exclude(kind=_K.CLAWBACK))
    for row in rows:
        perform(row, "cancel", by=by, on=on, at=at, why=why)
    return len(rows)
