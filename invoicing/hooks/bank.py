"""What the bank brought and nobody looked at yet."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from essaim import hooks
from essaim.hooks import WorkReason
from essaim.reasons import days_of
from invoicing.models import BankLine, ChequeBatch


@hooks.work_reasons.register
def bank_lines_to_look_at(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Credits of imported statements that wait for somebody's word."""
    if not user.has_perm("invoicing.record_payment"):
        return []
    waiting = BankLine.objects.visible_to(user).filter(fate=BankLine.Fate.NEW, amount__gt=0)
    count = waiting.order_by()[:100].count()
    if not count:
        return []
    words = ngettext(
        "%(count)s credit of the bank to look at", "%(count)s credits to look at", count
    )
    title = words % {"count": "99+" if count >= 100 else str(count)}
    return [
        WorkReason(
            "bank_lines", title, reverse("invoicing:statements"), tone="info", order=12, count=count
        )
    ]


@hooks.work_reasons.register
def slips_not_credited(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Slips of cheques the bank has not credited some days after they were made."""
    if not user.has_perm("invoicing.record_payment"):
        return []
    made = on - timedelta(days=days_of("slip_waiting"))
    rows = ChequeBatch.objects.visible_to(user).filter(credited_on=None, made_on__lte=made)
    return [
        WorkReason(
            "slip_waiting", str(row), row.get_absolute_url(), row.made_on, tone="info", order=40
        )
        for row in rows.order_by("made_on", "pk")[:limit]
    ]
