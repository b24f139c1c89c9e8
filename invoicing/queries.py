"""Questions several screens and actions ask of the room's rows."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Organisation
from invoicing.models import BilledExpense
from missions.models import Agreement, DayShare, Expense, MissionDay


def billable_shares() -> QuerySet[DayShare, Any]:
    """Shares that wait for an invoice: validated, billed in nature, last generation, on no line."""
    return DayShare.objects.filter(
        nature="billed",
        amount__gt=0,
        billed=None,
        replaced_by=None,
        day__state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
    )


def billable_expenses(
    *, payer: Organisation | None = None, agreement: Agreement | None = None
) -> QuerySet[Expense, Any]:
    """Validated expenses that an invoice takes back and none holds in their last generation."""
    held = BilledExpense.objects.filter(expense=OuterRef("pk"), generation=OuterRef("generation"))
    rows = Expense.objects.billable().filter(~Exists(held), mission__agreement__isnull=False)
    if agreement is not None:
        rows = rows.filter(mission__agreement=agreement)
    if payer is not None:
        rows = rows.filter(Q(payer=payer) | Q(payer=None, mission__agreement__client=payer))
    return rows
