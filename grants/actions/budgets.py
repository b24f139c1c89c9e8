"""Every write on the budget of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import ZERO, add_up
from essaim.workflow import Missing, record
from grants import budgets
from grants.actions.common import refuse_any
from grants.models import BudgetLine, BudgetVersion, GrantApplication
from grants.rules_budget import wrong_line


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """A line as it was typed, euros; a known `key` is the line it replaces."""

    side: str
    account: str
    label: str = ""
    planned: Decimal = ZERO
    realised: Decimal | None = None
    key: int | None = None


def _said(code: str, line: TypedLine) -> str:
    texts = {
        "account": _("Account %(account)s is not of this side of the form."),
        "subsidy": _(
            "Account 74 is not typed: the grant asked and the other funders are its lines."
        ),
        "negative": _("Account %(account)s: the amount can't be negative."),
        "whole": _("Account %(account)s: the form wants whole euros."),
    }
    return texts[code] % {"account": line.account}


@transaction.atomic
def save_budget(
    application: GrantApplication,
    *,
    lines: Sequence[TypedLine],
    by: User,
    on: date,
    at: datetime,
    carry: bool = False,
) -> GrantApplication:
    """Write the whole budget at once; what is not in `lines` goes.

    `carry` also writes the total cost, the own share and the contributions in kind of the file.
    What was deposited is kept by its version, whatever changes here.
    """
    application = _locked(application)
    found = {code: _said(code, line) for line in lines if (code := _wrong(line))}
    refuse_any([Missing(f"line_{code}", text) for code, text in found.items()])
    held = {line.pk: line for line in application.budget_lines.all()}
    kept = []
    for line in lines:
        row = held.pop(line.key, None) if line.key else None
        row = row or BudgetLine(application=application)
        row.side, row.account, row.label = line.side, line.account, line.label.strip()
        row.planned, row.realised = line.planned, line.realised
        row.save()
        kept.append(row)
    BudgetLine.objects.filter(pk__in=list(held)).delete()
    if carry:
        _carry(application, kept)
    codes = {"lines": len(kept), "charges": str(_total(kept, "charge"))}
    record(application, "budget", by=by, on=on, at=at, codes=codes)
    return application


def _wrong(line: TypedLine) -> str:
    return wrong_line(line.side, line.account, line.planned, line.realised)


def _total(lines: Sequence[BudgetLine], side: str) -> Decimal:
    return add_up(line.planned for line in lines if line.side == side)


def _carry(application: GrantApplication, lines: Sequence[BudgetLine]) -> None:
    found = budgets.balance(application, budgets.rows_of(application, lines, ()))
    application.total_cost = found.charges
    application.own_share = found.own
    application.in_kind = found.uses_in_kind
    base = application.eligible_base
    if base is not None and base > found.charges:
        application.eligible_base = found.charges
    application.save()


@transaction.atomic
def copy_budget(
    application: GrantApplication,
    *,
    source: GrantApplication,
    by: User,
    on: date,
    at: datetime,
) -> GrantApplication:
    """Start from the budget of another file of the same applicant; only into an empty one."""
    application = _locked(application)
    if application.budget_lines.exists():
        words = _("This budget has lines already: empty it first, nothing is written over.")
        refuse_any([Missing("source", words)])
    if source.applicant_id != application.applicant_id or source.pk == application.pk:
        refuse_any([Missing("source", _("Choose another file of the same applicant."))])
    lines = list(source.budget_lines.all())
    if not lines:
        refuse_any([Missing("source", _("That file has no budget."))])
    BudgetLine.objects.bulk_create(
        BudgetLine(
            application=application,
            side=line.side,
            account=line.account,
            label=line.label,
            planned=line.planned,
        )
        for line in lines
    )
    codes = {"source": source.pk, "lines": len(lines)}
    record(application, "copy_budget", by=by, on=on, at=at, codes=codes)
    return application


def freeze_budget(application: GrantApplication, *, on: date, at: datetime) -> Any:
    """Keep the budget as it is deposited; nothing when the file has none."""
    lines = list(application.budget_lines.all())
    if not lines:
        return None
    rows = [
        {
            "side": row.side,
            "account": row.account,
            "label": row.label,
            "planned": str(row.planned),
            "source": row.source,
        }
        for row in budgets.rows_of(application, lines)
    ]
    return BudgetVersion.objects.create(
        application=application, on=on, at=at, lines=rows, requested=application.requested
    )


def _locked(application: GrantApplication) -> GrantApplication:
    rows = GrantApplication._base_manager.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=application.pk)
