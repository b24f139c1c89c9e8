"""The months of a cost claim: time read from days, pay from the table or typed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse
from invoicing.claiming import months_of
from invoicing.models import ClaimMonth, FunderReport
from invoicing.rules_claims import Key, price


def write_months(report: FunderReport) -> None:
    """Write the months of a draft claim again; pays typed by somebody stay."""
    if not report.is_claim:
        return
    kept = ClaimMonth.objects.filter(report=report)
    typed: dict[Key, Decimal] = {
        (row.person_id, row.month): row.salary
        for row in kept.filter(is_typed=True)
        if row.salary is not None
    }
    claim = price(months_of(report, typed), report.flat_rate or Decimal(0))
    kept.delete()
    ClaimMonth.objects.bulk_create(
        ClaimMonth(
            report=report,
            person_id=row.month.person,
            month=row.month.month,
            salary=row.month.pay,
            is_typed=row.month.key in typed,
            operation=row.month.operation,
            total=row.month.total,
            cost=row.cost,
            flat=row.flat,
        )
        for row in claim.rows
    )


@transaction.atomic
def set_pays(
    report: FunderReport,
    *,
    pays: Mapping[Key, Decimal | None],
    by: User,
    on: date,
    at: datetime,
    flat_rate: Decimal | None = None,
) -> FunderReport:
    """Type what months really cost, (person, month) -> EUR; None goes back to the table.

    Raises Refused on a claim that was sent, another claim's month, a negative pay.
    """
    report = FunderReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if not report.is_claim or not report.is_draft:
        refuse("state", _("Only a cost claim that is still a draft is changed."))
    if flat_rate is not None and not 0 <= flat_rate <= 100:
        raise Refused([Missing("flat_rate", _("A percentage is between 0 and 100."))])
    rows = {(r.person_id, r.month): r for r in ClaimMonth.objects.filter(report=report)}
    if any(key not in rows for key in pays):
        refuse("pays", _("This month is not in the claim: bring it up to date first."))
    for key, pay in pays.items():
        if pay is not None and pay < 0:
            refuse("pays", _("A pay is not negative."))
        row = rows[key]
        row.is_typed, row.salary = pay is not None, pay
        row.save()
    if flat_rate is not None:
        report.flat_rate = flat_rate
        report.save()
    write_months(report)
    record(report, "set_pays", by=by, on=on, at=at, codes={"months": len(pays)})
    return report
