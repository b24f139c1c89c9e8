"""What subsidy-share clauses ask to bill or to give back now: one rule for screens and actions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from essaim.money import ZERO, cents
from grants.models import Disbursement, GrantApplication
from invoicing import rules
from invoicing.models import SubsidyFee, SubsidyShareClause


@dataclass(frozen=True, slots=True)
class DueFee:
    """One fee to bill (amount > 0) or to credit (amount < 0), net, and what brings it."""

    clause: SubsidyShareClause
    application: GrantApplication | None
    disbursement: Disbursement | None
    is_fixed_part: bool
    base: Decimal
    amount: Decimal
    since: date | None

    @property
    def is_credit(self) -> bool:
        return self.amount < 0


def terms_of(clause: SubsidyShareClause) -> rules.ClauseTerms:
    """The figures of a complete clause as the rules take them."""
    assert clause.rate is not None
    return rules.ClauseTerms(
        rate=clause.rate,
        base=clause.base,
        cap=clause.cap,
        floor=clause.floor or None,
        fixed_part=clause.fixed_part or ZERO,
        fixed_part_mode=clause.fixed_part_is,
    )


class _Billed:
    """What a clause has billed and credited so far, drafts included."""

    def __init__(self, fees: Sequence[SubsidyFee]) -> None:
        # A goodwill credit leaves the fee billed: only what follows the grant, or is billable
        # again, is taken off.
        counted = [
            f for f in fees if f.line.origin_id is None or f.is_reduction or f.line.billable_again
        ]
        self.fixed = cents(sum((f.amount for f in counted if f.is_fixed_part), ZERO))
        self.share = cents(sum((f.amount for f in counted if not f.is_fixed_part), ZERO))
        self.by_disbursement: defaultdict[int, Decimal] = defaultdict(Decimal)
        for fee in counted:
            if fee.disbursement_id is not None:
                self.by_disbursement[fee.disbursement_id] += fee.amount
        # What credit notes may still take back of what was issued, goodwill counted.
        issued = {
            f.line_id
            for f in fees
            if f.line.origin_id is None and f.line.invoice.is_issued and not f.is_fixed_part
        }
        held = (f.amount for f in fees if (f.line.origin_id or f.line_id) in issued)
        self.creditable = cents(sum(held, ZERO))

    def within(self, amount: Decimal) -> Decimal:
        """A due amount, a credit cut to what issued fees still hold."""
        if amount >= 0:
            return amount
        taken = min(-amount, self.creditable)
        self.creditable -= taken
        return -taken


def due_fees(clause: SubsidyShareClause) -> list[DueFee]:
    """What an active clause asks to bill or to credit now."""
    return due_fees_of([clause])


def due_fees_of(clauses: Iterable[SubsidyShareClause]) -> list[DueFee]:
    """What active clauses ask to bill or to credit now, for all of them in three queries."""
    rows = [c for c in clauses if c.state == SubsidyShareClause.State.ACTIVE]
    keys = [clause.pk for clause in rows]
    links = SubsidyShareClause.applications.through.objects.filter(
        subsidyshareclause_id__in=keys
    ).select_related("grantapplication")
    applications: dict[int, list[Any]] = defaultdict(list)
    for link in links.order_by("grantapplication_id"):
        applications[link.subsidyshareclause_id].append(link.grantapplication)
    received = _received({a.pk for found in applications.values() for a in found})
    fees = _fees(keys)
    out: list[DueFee] = []
    for clause in rows:
        covered, billed = applications[clause.pk], _Billed(fees[clause.pk])
        out += _fixed(clause, billed)
        if clause.base == SubsidyShareClause.Base.PAID:
            out += _on_paid(clause, [row for a in covered for row in received[a.pk]], billed)
        else:
            out += _on_awarded(clause, covered, billed)
    return out


def _received(applications: set[int]) -> dict[int, list[Disbursement]]:
    rows = Disbursement.objects.filter(application__in=applications, state="received")
    out: dict[int, list[Disbursement]] = defaultdict(list)
    for row in rows.select_related("application"):
        out[row.application_id].append(row)
    return out


def _fees(clauses: Sequence[int]) -> dict[int, list[SubsidyFee]]:
    rows = SubsidyFee.objects.filter(clause__in=clauses).select_related("line__invoice")
    out: dict[int, list[SubsidyFee]] = defaultdict(list)
    for row in rows.order_by("pk"):
        out[row.clause_id].append(row)
    return out


def _fixed(clause: SubsidyShareClause, billed: _Billed) -> list[DueFee]:
    """The fixed part, owed in both modes: a deducted one comes off the share it was paid before."""
    fixed = clause.fixed_part or ZERO
    left = cents(fixed - billed.fixed)
    if left <= 0:
        return []
    signed = clause.agreement.signed_on
    return [DueFee(clause, None, None, is_fixed_part=True, base=fixed, amount=left, since=signed)]


def _on_paid(
    clause: SubsidyShareClause, received: Iterable[Disbursement], billed: _Billed
) -> list[DueFee]:
    """One fee per reception, cumulatively rounded; a clawback gives a credit.

    Receptions billed already keep their fee to the cent, in whatever order they were entered or
    billed: what is still due follows on them.
    """
    rows = sorted(received, key=lambda r: (r.received_on or date.min, r.pk))
    kept = [r for r in rows if _base(r) > 0 and billed.by_disbursement[r.pk]]
    rest = [r for r in rows if r not in kept]
    bases = [sum((_base(r) for r in kept), ZERO), *(_base(r) for r in rest)]
    owed, *steps = rules.fee_per_payment(terms_of(clause), bases)
    shift = owed - sum((billed.by_disbursement[r.pk] for r in kept), ZERO)
    found = []
    for row, step in zip(rest, steps, strict=True):
        left = billed.within(cents(step + shift - billed.by_disbursement[row.pk]))
        shift = ZERO
        if left:
            found.append(
                DueFee(
                    clause,
                    row.application,
                    row,
                    is_fixed_part=False,
                    base=_base(row),
                    amount=left,
                    since=row.received_on,
                )
            )
    return found


def _base(row: Disbursement) -> Decimal:
    """What came on account of the grant: an overpayment, and its return, bear no fee."""
    return row.kept


def _on_awarded(
    clause: SubsidyShareClause, covered: Iterable[GrantApplication], billed: _Billed
) -> list[DueFee]:
    """The fee on what is awarded, once notified; a reduction at settlement gives a credit."""
    rows = [a for a in covered if a.awarded is not None]
    finals = ((a.final_amount, a.awarded or ZERO) for a in rows)
    bases = [awarded if final is None else final for final, awarded in finals]
    step = rules.next_fee(terms_of(clause), bases, invoiced=billed.share)
    amount = billed.within(step.to_invoice - step.to_credit)
    if not rows or not amount:
        return []
    last = max(rows, key=lambda a: (a.report_accepted_on or a.notified_on or date.min, a.pk))
    return [
        DueFee(
            clause,
            last,
            None,
            is_fixed_part=False,
            base=cents(sum(bases, ZERO)),
            amount=amount,
            since=last.report_accepted_on or last.notified_on or last.decided_on,
        )
    ]
