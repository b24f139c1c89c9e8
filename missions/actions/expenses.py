"""Verbs on expenses: noted, sent, validated with what they are worth, given back, billed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.models import User
from essaim.models.legal import NoFigure, vat_rates
from essaim.money import ZERO
from essaim.workflow import Missing, Refused, perform, perform_many, record
from essaim.writing import put, refuse
from missions.actions.common import keep
from missions.actions.kept_files import drop_file, keep_file
from missions.codes import Treatment
from missions.guards import validates_nothing
from missions.models import Expense, Mission
from missions.rules_expenses import km_price, net_of, vat_passes
from missions.travel import car_allowance

EDITABLE = (
    "mission", "spent_on", "kind", "label", "treatment", "paid_by", "gross", "vat", "km", "power",
    "is_electric", "payer",
)  # fmt: skip
# Regimes under which the VAT of what we buy comes back to us.
RECOVERING = (IssuerProfile.Regime.RECEIPTS, IssuerProfile.Regime.DEBITS)


def _tidy(expense: Expense) -> None:
    """Kilometres have no amount of their own, and an amount no kilometres."""
    expense.label = expense.label.strip()
    if expense.kind == Expense.Kind.KM:
        expense.gross = expense.vat = ZERO
        expense.paid_by = Expense.PaidBy.PERSON
    else:
        expense.km = expense.power = None
        expense.is_electric = False
    if expense.treatment == Treatment.KEPT:
        expense.payer = None


def _problems(expense: Expense, on: date) -> list[Missing]:
    found = []
    if expense.spent_on > on:
        found.append(Missing("spent_on", _("An expense in the future cannot be noted yet.")))
    if not expense.label:
        found.append(Missing("label", _("Say what it was for.")))
    if expense.kind == Expense.Kind.KM:
        found += _km_problems(expense)
    else:
        found += _amount_problems(expense)
    if expense.treatment != Treatment.KEPT and expense.mission.agreement_id is None:
        words = _("This mission is under no agreement: nobody can be billed. Keep the expense.")
        found.append(Missing("treatment", words))
    return found


def _km_problems(expense: Expense) -> list[Missing]:
    found = []
    if not expense.km or expense.km <= 0:
        found.append(Missing("km", _("Say how many kilometres.")))
    if expense.power is None or not 3 <= expense.power <= 7:
        text = _("Say the fiscal power of the car: from 3 to 7 CV (7 for 7 and more).")
        found.append(Missing("power", text))
    if expense.treatment == Treatment.ADVANCED:
        text = _("One's own car is no bill paid for the client: rebill these km, or keep them.")
        found.append(Missing("treatment", text))
    return found


def _amount_problems(expense: Expense) -> list[Missing]:
    if expense.gross <= 0:
        return [Missing("gross", _("The amount is more than zero."))]
    if expense.vat < 0:
        return [Missing("vat", _("The VAT is not negative."))]
    try:
        highest = max(vat_rates("", expense.spent_on))
    except NoFigure:
        return []
    if vat_passes(expense.gross, expense.vat, highest):
        words = _("That is more VAT than %(rate)s %% of the amount can hold.")
        return [Missing("vat", words % {"rate": f"{highest.normalize():f}"})]
    return []


def _judge(expense: Expense, *, by: User, on: date) -> None:
    if not Mission.objects.visible_to(by).filter(pk=expense.mission_id).exists():
        refuse("mission", _("This mission is not one of yours."))
    if found := _problems(expense, on):
        raise Refused(found)


def log_expense(
    *, receipt: "File[Any] | None" = None, by: User, on: date, at: datetime, **facts: Any
) -> Expense:
    """Note an expense of one's own, with its receipt. Raises Refused, one entry per field.

    `facts`: mission, spent_on, kind, label, treatment, paid_by, gross and vat (EUR) or km, power
    and is_electric, payer (the agreement's client when none is said).
    """
    expense = Expense(consultant=by, logged_at=at)
    put(expense, facts, EDITABLE)
    _tidy(expense)
    _judge(expense, by=by, on=on)
    with transaction.atomic():
        if receipt is not None:
            expense.receipt = keep_file(receipt, "receipt", by=by, at=at)
        keep(expense)
        record(expense, "log", by=by, on=on, at=at, codes={"mission": expense.mission_id})
    return expense


def _own(expense: Expense, by: User) -> None:
    """Only the person who spent mends an expense, and only before it is sent."""
    locked = Expense._base_manager.select_for_update(of=("self",), no_key=True)
    expense.refresh_from_db(from_queryset=locked)
    if expense.consultant_id != by.pk:
        refuse("consultant", _("Only the person who spent changes their expense."))
    if expense.state == Expense.State.BILLED:
        refuse("state", _("A billed expense is locked: not one of its fields changes."))
    if expense.state != Expense.State.LOGGED:
        refuse("state", _("This expense was sent: take it back first."))


def edit_expense(
    expense: Expense,
    *,
    receipt: "File[Any] | None" = None,
    by: User,
    on: date,
    at: datetime,
    **changes: Any,
) -> Expense:
    """Mend an expense of one's own that is not sent; a new receipt takes the old one's place."""
    with transaction.atomic():
        _own(expense, by)
        changed = put(expense, changes, EDITABLE)
        _tidy(expense)
        _judge(expense, by=by, on=on)
        old = expense.receipt if receipt is not None else None
        if receipt is not None:
            expense.receipt = keep_file(receipt, "receipt", by=by, at=at)
            changed = [*changed, "receipt"]
        keep(expense)
        if old is not None:
            drop_file(old)
        if changed:
            record(expense, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return expense


def delete_expense(expense: Expense, *, by: User, on: date, at: datetime) -> None:
    """Remove an expense of one's own that is not sent, and its receipt. Raises Refused."""
    with transaction.atomic():
        _own(expense, by)
        record(expense, "delete", by=by, on=on, at=at, gone=True)
        receipt = expense.receipt
        try:
            expense.delete()
        except ProtectedError:
            refuse("state", _("This expense was invoiced once: it stays with that invoice."))
        if receipt is not None:
            drop_file(receipt)


def submit_expenses(
    expenses: Iterable[Expense], *, by: User, on: date, at: datetime
) -> list[Expense]:
    """Send expenses for validation, all or nothing; valid at once where nobody validates."""
    keys = [e.pk for e in expenses]
    with transaction.atomic():
        rows = perform_many(Expense.objects.filter(pk__in=keys), "submit", by=by, on=on, at=at)
        if validates_nothing():
            for row in rows:
                validate_expense(row, by=by, on=on, at=at)
    return rows


def withdraw_expense(expense: Expense, *, by: User, on: date, at: datetime) -> Expense:
    """Take back an expense that was sent and not validated."""
    with transaction.atomic():
        perform(expense, "withdraw", by=by, on=on, at=at)
    return expense


def worth_of(expense: Expense, on: date) -> dict[str, Any]:
    """Net to bill, to give back to the person (EUR), and how the latter was counted."""
    if expense.kind == Expense.Kind.KM:
        back, how = car_allowance(expense)
    else:
        paid = expense.paid_by == Expense.PaidBy.PERSON
        back, how = (expense.gross if paid else ZERO), ""
    return {"billable": _billable(expense, on), "reimbursable": back, "how": how}


def _billable(expense: Expense, on: date) -> Decimal:
    agreement = expense.mission.agreement
    if expense.treatment == Treatment.KEPT or agreement is None:
        return ZERO
    if expense.treatment == Treatment.ADVANCED:
        return Decimal(expense.gross)
    if expense.kind == Expense.Kind.KM:
        return km_price(expense.km or ZERO, agreement.km_rate or ZERO)
    profile = IssuerProfile.objects.at(on)
    recovers = profile is not None and profile.regime in RECOVERING
    return net_of(expense.gross, expense.vat, recovers_vat=recovers)


def validate_expense(
    expense: Expense,
    *,
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Expense:
    """Validate an expense: what it is billed and what it gives back are settled now.

    The person's row is locked, so that their kilometres of the year are counted once. Raises
    Refused.
    """
    with transaction.atomic():
        User.objects.get_queryset().select_for_update().get(pk=expense.consultant_id)
        expense.refresh_from_db()
        worth = worth_of(expense, on)
        perform(expense, "validate", by=by, on=on, at=at, reasons=reasons or {}, **worth)
    return expense


def validate_expenses(
    expenses: Iterable[Expense], *, by: User, on: date, at: datetime
) -> list[Expense]:
    """Validate expenses in the order they were made, all or nothing."""
    rows = sorted(expenses, key=lambda e: (e.spent_on, e.pk))
    with transaction.atomic():
        return [validate_expense(row, by=by, on=on, at=at) for row in rows]


def reject_expense(expense: Expense, *, why: str, by: User, on: date, at: datetime) -> Expense:
    """Send an expense back with a reason. Raises Refused once it was given back or drafted."""
    with transaction.atomic():
        perform(expense, "reject", by=by, on=on, at=at, why=why)
    return expense


def reimburse_expenses(
    expenses: Iterable[Expense], *, by: User, on: date, at: datetime
) -> list[Expense]:
    """Say that what persons paid was given back; what we keep at our charge is settled then."""
    keys = [e.pk for e in expenses]
    with transaction.atomic():
        locked = Expense._base_manager.select_for_update(of=("self",), no_key=True)
        rows = list(locked.filter(pk__in=keys).order_by("pk"))
        waiting = set(
            Expense.objects.to_reimburse().filter(pk__in=keys).values_list("pk", flat=True)
        )
        if any(row.pk not in waiting for row in rows):
            refuse("state", _("Only a validated expense, paid by the person, is given back once."))
        for row in rows:
            row.reimbursed_on = on
            row.save(update_fields=["reimbursed_on"])
            codes = {"amount": str(row.reimbursable), "person": row.consultant_id}
            record(row, "reimburse", by=by, on=on, at=at, codes=codes)
        kept = [row.pk for row in rows if row.treatment == Treatment.KEPT]
        perform_many(Expense.objects.filter(pk__in=kept), "settle", by=by, on=on, at=at)
    return rows


def settle_expense(expense: Expense, *, by: User, on: date, at: datetime) -> Expense:
    """End an expense that the structure paid and keeps. Raises Refused."""
    with transaction.atomic():
        if expense.reimbursable and expense.reimbursed_on is None:
            refuse("state", _("The person waits for their money: give it back first."))
        perform(expense, "settle", by=by, on=on, at=at)
    return expense


# -- for the room that invoices ------------------------------------------------------------------
def mark_expenses_billed(keys: Iterable[int], *, by: User, on: date, at: datetime) -> None:
    """The invoice that holds them was issued: they are billed, and locked."""
    rows = Expense.objects.filter(pk__in=list(keys))
    perform_many(rows, "bill", by=by, on=on, at=at)


def mark_expenses_free(keys: Iterable[int], *, by: User, on: date, at: datetime) -> None:
    """A credit note made them billable again: a new generation waits for an invoice."""
    rows = Expense.objects.filter(pk__in=list(keys), state=Expense.State.BILLED)
    perform_many(rows, "free", by=by, on=on, at=at)
