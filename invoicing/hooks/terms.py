"""Time to pay: what the database keeps, and what calls the accountant today."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim import hooks
from essaim.hooks import FrozenTable, WorkReason
from essaim.models import LegalFigure
from invoicing.guards_terms import lefts_of, rows_of
from invoicing.hooks.frozen import child, of_issued
from invoicing.models import RepaymentPlan

# -- what never changes ----------------------------------------------------------------------
# A schedule is planned on drafts only: issuing turned it into instalments.
hooks.frozen_tables.register(child("invoicing.PlannedInstalment"))
for _name in ("Dispute", "LateClaim"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            update="1=1",
            delete="1=1",
            insert=f"NOT {of_issued('NEW')}",
            needs=("invoicing_invoice",),
        )
    )
for _name in ("ClaimSettlement", "AntifraudNotice"):
    hooks.frozen_tables.register(FrozenTable(f"invoicing.{_name}", update="1=1", delete="1=1"))
# Signed dates stand; what a plan came to is told by its state alone.
_SIGNED = (
    "EXISTS (SELECT 1 FROM invoicing_repaymentplan p"
    " WHERE p.id = {row}.plan_id AND p.state <> 'proposed')"
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.RepaymentRow",
        update=f"{_SIGNED.format(row='OLD')} OR {_SIGNED.format(row='NEW')}",
        delete=_SIGNED.format(row="OLD"),
        insert=_SIGNED.format(row="NEW"),
        needs=("invoicing_repaymentplan",),
    )
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.RepaymentPlan",
        update=(
            "OLD.state IN ('kept', 'broken', 'withdrawn')"
            " OR NEW.total <> OLD.total OR NEW.invoice_id <> OLD.invoice_id"
            " OR (OLD.signed_on IS NOT NULL AND NEW.signed_on <> OLD.signed_on)"
        ),
        delete="1=1",
        insert=f"NEW.state <> 'proposed' OR NOT {of_issued('NEW')}",
        needs=("invoicing_invoice",),
    )
)


# -- what needs the accountant today ---------------------------------------------------------
@hooks.work_reasons.register
def plans_to_watch(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Signed repayment plans with a late payment, and those wholly paid."""
    if not user.has_perm("invoicing.change_terms"):
        return []
    plans = (
        RepaymentPlan.objects.filter(state=RepaymentPlan.State.SIGNED)
        .select_related("invoice__client")
        .prefetch_related("rows")
        .order_by("pk")[:100]
    )
    found = []
    for plan, left in lefts_of(list(plans)):
        rows = rows_of(plan, left)
        late = next((row for row in rows if row.is_late(on)), None)
        if late is None and left > 0:
            continue
        words = (
            _("Repayment plan late: %(number)s") if late else _("Repayment plan kept: %(number)s")
        )
        found.append(
            WorkReason(
                code="plan_late" if late else "plan_kept",
                title=words % {"number": plan.invoice.number},
                url=plan.get_absolute_url(),
                due_on=late.due_on if late else None,
                tone="bad" if late else "good",
                detail=str(plan.invoice.client),
                order=11 if late else 45,
            )
        )
    return found[:limit]


@hooks.work_reasons.register
def aged_figures(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Rates of the law whose half-year has passed: penalties would be computed from them."""
    if not user.has_perm("invoicing.change_terms"):
        return []
    return [
        WorkReason(
            code="aged_figure",
            title=_("Look up: %(figure)s") % {"figure": row.get_kind_display()},
            url=f"{reverse('legal_figure_new')}?kind={row.kind}",
            tone="warn",
            detail=_("The figure known dates from an earlier period."),
            order=40,
        )
        for row in LegalFigure.objects.aged(on)
    ][:limit]
