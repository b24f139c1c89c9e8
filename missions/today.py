"""What of expenses, envelopes and quotes needs somebody today, beside the days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from essaim.formats import days as written_days
from essaim.hooks import WorkReason
from essaim.reasons import days_of
from missions.models import Envelope, Expense, Quote
from missions.rules import Code
from missions.rules_funding import EnvelopeState, check_envelope
from missions.usage import Drawn, drawn_on
from missions.words import missing_of

# Envelopes of a year that one page can hold.
MOST: Final = 100
PAST: Final = (Code.PAST_QUOTA, Code.PAST_COOP_QUOTA)


def expenses_to_validate(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """How many expenses were sent and wait for a coordinator; one query."""
    if not user.has_perm("missions.validate_expense"):
        return []
    count = int(Expense.objects.visible_to(user).to_validate().order_by()[:100].count())
    if not count:
        return []
    words = ngettext("%(n)s expense to validate", "%(n)s expenses to validate", count)
    url = reverse("missions:expenses") + "?show=submitted"
    shown = "99+" if count >= 100 else str(count)
    return [WorkReason("expenses_to_validate", words % {"n": shown}, url, order=31, count=count)]


def envelopes_near_quota(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Running envelopes whose days or coops are nearly or wholly used; two queries."""
    if not user.has_perm("missions.change_envelope"):
        return []
    running = Envelope.objects.visible_to(user).filter(starts_on__lte=on, ends_on__gte=on)
    rows = list(running.select_related("payer").order_by("ends_on", "pk")[:MOST])
    drawn = drawn_on(rows)
    found = [r for row in rows if (r := _near(row, drawn[row.pk]))]
    return found[:limit]


def _near(envelope: Envelope, drawn: Drawn) -> WorkReason | None:
    state = EnvelopeState(
        quota_days=envelope.quota_days,
        used_days=drawn.total,
        quota_coops=envelope.quota_coops,
        coops=len(drawn.coops),
    )
    codes = check_envelope(state)
    if not codes:
        return None
    left = max(envelope.quota_days - drawn.total, Decimal(0))
    words = _("%(words)s %(days)s left.")
    told = " ".join(str(m.text) for m in missing_of(codes))
    return WorkReason(
        code="envelope_quota",
        title=_("Envelope: %(envelope)s") % {"envelope": envelope},
        url=envelope.get_absolute_url(),
        tone="bad" if any(code in PAST for code in codes) else "warn",
        detail=words % {"words": told, "days": written_days(left)},
        order=22,
    )


def quotes_about_to_expire(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Quotes the client has not answered and whose validity ends soon; one query."""
    if not user.has_perm("missions.decide_quote"):
        return []
    soon = on + timedelta(days=days_of("quote_expires"))
    rows = Quote.objects.visible_to(user).waiting(on=on).filter(valid_until__lte=soon)
    return [
        WorkReason(
            code="quote_expires",
            title=_("Quote without an answer: %(quote)s") % {"quote": row.title},
            url=row.get_absolute_url(),
            due_on=row.valid_until,
            tone="warn",
            detail=f"{row.number} · {row.client}",
            order=24,
        )
        for row in rows.select_related("client").order_by("valid_until", "pk")[:limit]
    ]
