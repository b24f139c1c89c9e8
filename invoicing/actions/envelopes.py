"""One periodic invoice of an `order` envelope, across the coops whose days drew on it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import cents
from essaim.workflow import Missing, Refused
from invoicing import rules
from invoicing.actions.drafting import new_draft, profile_on, put_line
from invoicing.actions.drafting_days import day_row, detail_of
from invoicing.actions.totals import apply_vat
from invoicing.models import BilledShare, Invoice
from invoicing.queries import billable_shares
from missions.models import DayShare, Envelope


def _key(share: DayShare) -> tuple[str, int, date, Decimal, int]:
    """A line per coop, month, rate and mission, in the order they are printed."""
    day = share.day
    name = str(share.coop or "")
    return name, share.coop_id or 0, day.worked_on.replace(day=1), share.rate, day.mission_id


def _chosen(envelope: Envelope, since: date | None, until: date | None) -> list[DayShare]:
    """The shares to bill, locked; refused when none is left."""
    if envelope.basis != Envelope.Basis.ORDER:
        words = _("This envelope is a grant: it is claimed with a report, never invoiced.")
        raise Refused([Missing("envelope", words)])
    Envelope.objects.select_for_update(of=("self",)).get(pk=envelope.pk)
    rows = billable_shares().filter(envelope=envelope)
    if since is not None:
        rows = rows.filter(day__worked_on__gte=since)
    if until is not None:
        rows = rows.filter(day__worked_on__lte=until)
    kept = rows.select_for_update(of=("self",)).select_related(
        "day__mission__agreement", "day__consultant", "coop__organisation"
    )
    found = sorted(kept, key=lambda s: (*_key(s), s.day.worked_on, s.pk))
    if not found:
        words = _("No day of this envelope waits for an invoice in this period.")
        raise Refused([Missing("until", words)])
    return found


@transaction.atomic
def draft_from_envelope(
    *,
    envelope: Envelope,
    by: User,
    on: date,
    at: datetime,
    since: date | None = None,
    until: date | None = None,
    term_days: int = 30,
) -> Invoice:
    """Draft the invoice of an order's days worked from `since` to `until`, every coop together.

    Its engagement number stands as the client's order number. Raises Refused on a grant, or when
    nothing is left.
    """
    rows = _chosen(envelope, since, until)
    facts: dict[str, Any] = {
        "envelope": envelope,
        "title": envelope.reference[:200],
        "order_number": envelope.engagement_number,
        "term_days": term_days,
        "period_from": min(s.day.worked_on for s in rows),
        "period_to": max(s.day.worked_on for s in rows),
    }
    invoice = new_draft(client=envelope.payer, by=by, on=on, at=at, **facts)
    for position, (_group, group) in enumerate(groupby(rows, key=_key), start=1):
        _put(invoice, list(group), position)
    return apply_vat(invoice, profile_on(on), on)


def _put(invoice: Invoice, shares: Sequence[DayShare], position: int) -> None:
    first = shares[0]
    words = {
        "coop": str(first.coop or first.day.mission.title),
        "month": date_format(first.day.worked_on, "F Y"),
    }
    line = rules.day_line(
        label=_("%(coop)s: days of %(month)s") % words,
        days=sum((s.quantity for s in shares), Decimal(0)),
        daily_rate=first.rate,
        net=cents(sum((s.amount for s in shares), Decimal(0))),
        vat_rate=Decimal(0),
    )
    agreement = first.day.mission.agreement
    stored = put_line(
        invoice,
        line,
        position=position,
        days=[day_row(s) | {"coop": words["coop"]} for s in shares],
        analytic_code=agreement.analytic_code if agreement is not None else "",
    )
    stored.detail = detail_of(shares, line)
    stored.save(update_fields=["detail"])
    BilledShare.objects.bulk_create(BilledShare(line=stored, share=s) for s in shares)
