"""Every write on disbursements: planned, claimed, received, cancelled, paid back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Document
from essaim.formats import money, plain_number
from essaim.models import User
from essaim.money import ZERO, add_up
from essaim.workflow import Missing, Refused, perform, record
from grants.actions.common import refuse_any
from grants.claims import copy_pieces, sync_pieces
from grants.models import Disbursement, GrantApplication, PaymentTerms
from grants.rules import Row, settle_plan
from grants.rules_payments import StateCaps, above_state_caps

_K = Disbursement.Kind


def lock(application: GrantApplication) -> GrantApplication:
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
    claim_by: date | None = None,
    pieces: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Disbursement:
    """Plan a payment of the funder, in euros; the plan never passes what was granted."""
    application = lock(application)
    row = Disbursement(
        application=application,
        kind=kind,
        expected_amount=expected_amount,
        expected_on=expected_on,
        claim_by=claim_by,
        pieces=pieces,
    )
    words = _judge(row, application, reasons or {})
    return put_row(row, by=by, on=on, at=at, words=words)


def put_row(row: Disbursement, *, by: User, on: date, at: datetime, words: str) -> Disbursement:
    """Write a planned payment that was judged, with its pieces."""
    row.save()
    sync_pieces(row)
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
    claim_by: date | None = None,
    pieces: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Disbursement:
    """Change an awaited payment: its date, its amount, the pieces it asks for."""
    application = lock(row.application)
    row.refresh_from_db()
    if not row.is_expected:
        raise Refused([Missing("state", _("Only an awaited payment can be changed."))])
    row.expected_amount, row.expected_on = expected_amount, expected_on
    row.claim_by, row.pieces = claim_by, pieces
    words = _judge(row, application, reasons or {})
    row.save()
    sync_pieces(row)
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
    refuse_any(beyond_grant(application, [*_others(row, application), row]))
    if row.kind == _K.CLAWBACK:
        return ""
    warned = state_caps(application, [*_others(row, application), row])
    refuse_any([m for m in warned if not reasons.get(m.code, "").strip()])
    return " ".join(reasons[m.code].strip() for m in warned)


def _others(row: Disbursement, application: GrantApplication) -> list[Disbursement]:
    return list(application.disbursements.exclude(pk=row.pk).exclude(kind=_K.CLAWBACK))


def beyond_grant(application: GrantApplication, rows: Iterable[Disbursement]) -> list[Missing]:
    """A plan that passes the grant is refused; repayments don't count."""
    granted = application.granted_amount
    counted = add_up(row.counted for row in rows if row.kind != _K.CLAWBACK)
    if granted is None or counted <= granted:
        return []
    words = _(
        "The grant is %(granted)s and the payments would add up to %(over)s more. Lower this"
        " amount or another payment's; if the funder raised the grant, record the new amount first."
    )
    amounts = {"granted": money(granted), "over": money(counted - granted)}
    return [Missing("beyond_agreed", words % amounts)]


def state_caps(application: GrantApplication, rows: Iterable[Disbursement]) -> list[Missing]:
    """Investment aid of the State: past its caps, a sentence says why."""
    terms = PaymentTerms.objects.filter(
        programme=application.programme_id, is_state_investment=True
    ).first()
    granted = application.granted_amount
    if terms is None or granted is None:
        return []
    caps = StateCaps(terms.advance_cap, terms.before_balance_cap)
    over = above_state_caps(granted, ((r.kind, r.counted) for r in rows), caps)
    texts = {
        "advance": _("Investment aid of the State: the advance is at most %(percent)s %%."),
        "before_balance": _(
            "Investment aid of the State: at most %(percent)s %% is paid before the balance."
        ),
    }
    percents = {"advance": caps.advance, "before_balance": caps.before_balance}
    return [
        Missing(
            f"state_{code}", texts[code] % {"percent": plain_number(percents[code])}, level="warn"
        )
        for code in over
    ]


def _codes(row: Disbursement) -> dict[str, Any]:
    return {
        "application": row.application_id,
        "kind": row.kind,
        "expected_amount": str(row.expected_amount),
        "expected_on": row.expected_on.isoformat() if row.expected_on else "",
        "claim_by": row.claim_by.isoformat() if row.claim_by else "",
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
    is_overpayment: bool = False,
    **data: Any,
) -> Disbursement:
    """The money is on the account; what is short stays awaited in a row of its own.

    `remainder_on` dates that row, which is unscheduled without it. Raises Refused on a future
    date, before the award, without a sentence when more came than was expected, and when the
    grant is passed, unless `is_overpayment`: then the excess is to be given back.
    """
    row.application = lock(row.application)
    carried = {"dated": dated, "amount": amount, "evidence": evidence, **data}
    perform(row, "receive", by=by, on=on, at=at, is_overpayment=is_overpayment, **carried)
    short = row.expected_amount - amount
    # Both signs: a repayment by instalments leaves a negative remainder.
    if short and (short > 0) == (row.expected_amount > 0):
        _rest(row, short, remainder_on, by=by, on=on, at=at)
    if row.overpaid is not None and row.overpaid > 0:
        _to_give_back(row, row.overpaid, by=by, on=on, at=at)
    return row


def _rest(
    row: Disbursement, short: Decimal, day: date | None, *, by: User, on: date, at: datetime
) -> None:
    rest = Disbursement.objects.create(
        application=row.application,
        kind=row.kind,
        expected_amount=short,
        expected_on=day,
        pieces=row.pieces,
        remainder_of=row,
        returns=row.returns,
    )
    copy_pieces(row, rest)
    codes = {**_codes(rest), "remainder_of": row.pk}
    record(rest, "plan", by=by, on=on, at=at, codes=codes)


def _to_give_back(row: Disbursement, excess: Decimal, *, by: User, on: date, at: datetime) -> None:
    """What the funder paid above the grant is awaited as a repayment of its own."""
    back = Disbursement.objects.create(
        application=row.application, kind=_K.CLAWBACK, expected_amount=-excess, returns=row
    )
    record(back, "plan", by=by, on=on, at=at, codes={**_codes(back), "returns": row.pk})


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
