"""What the bank brought and nobody looked at yet."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from essaim import hooks
from essaim.hooks import WorkReason
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
    return [WorkReason("bank_lines", title, reverse("invoicing:statements"), tone="info", order=12)]


@hooks.work_reasons.register
def slips_not_credited(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Slips of cheques the bank has not credited a week after they were made."""
    if not user.has_perm("invoicing.record_payment"):
        return []
    rows = ChequeBatch.objects.visible_to(user).filter(credited_on=None).order_by("made_on")
    return [
        WorkReason(
            "slip_waiting", str(row), row.get_absolute_url(), row.made_on, tone="info", order=40
        )
        for row in rows[:limit]
        if (on - row.made_on).days >= 7
    ]
