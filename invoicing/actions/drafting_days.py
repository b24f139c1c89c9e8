"""Draft the days of one payer, or of many at once: nothing here is numbered."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim.bulk import insert_rows
from essaim.models import User
from essaim.models.legal import FiguresRead
from essaim.money import CENT, cents, percent_of
from essaim.workflow import Missing, Refused, record_many
from invoicing import rules
from invoicing.actions.drafting import draft_row, line_row, profile_on
from invoicing.actions.totals import add_up
from invoicing.copies import vat_for
from invoicing.models import BilledShare, Invoice, InvoiceLine
from invoicing.queries import billable_shares
from invoicing.wording import euros, percent, quantity
from missions.models import Agreement, DayShare


def day_row(share: DayShare) -> dict[str, str]:
    """What is printed of a day; never its internal note."""
    day = share.day
    return {
        "day": str(day.pk),
        "on": day.worked_on.isoformat(),
        "moment": day.moment,
        "people": day.consultant.name,
        "subject": day.subject or str(day.get_work_display()),
        "quantity": str(share.quantity),
        "share": str(share.amount),
        "percent": str(share.percent),
    }


def _month_key(share: DayShare) -> tuple[int, Decimal, date]:
    return share.day.mission_id, share.rate, share.day.worked_on.replace(day=1)


def _label(share: DayShare) -> str:
    month = date_format(share.day.worked_on, "F Y")
    return _("%(mission)s: days of %(month)s") % {
        "mission": share.day.mission.title,
        "month": month,
    }


def detail_of(shares: Sequence[DayShare], line: rules.Line) -> str:
    """Days, rate and what the payer takes of them, in words, when the line is one piece."""
    if line.unit == rules.DAY:
        return ""
    days = sum((s.quantity for s in shares), Decimal(0))
    percents = sorted({s.percent for s in shares})
    facts = {
        "days": quantity(days),
        "rate": euros(shares[0].rate),
        "percent": " / ".join(percent(p) for p in percents),
    }
    by_percent = sum(percent_of(cents(s.rate * s.quantity), s.percent) for s in shares)
    # A cent of rounding per day is no reason to say more.
    if abs(by_percent - line.net) <= CENT * len(shares):
        return _("%(days)s d at %(rate)s, share of %(percent)s") % facts
    if all(s.is_remainder for s in shares):
        return _("%(days)s d at %(rate)s, what the other payers leave") % facts
    return _("%(days)s d at %(rate)s, share of %(percent)s within its cap") % facts


Pair = tuple[Organisation, Agreement]


def _chosen(
    pairs: Sequence[Pair], until: date | None, shares: Iterable[DayShare] | None
) -> dict[tuple[int, int], list[DayShare]]:
    """The shares to bill of each payer and agreement, locked, in the order they are printed."""
    # Two people drafting the same days wait here for each other.
    agreements = {agreement.pk for _payer, agreement in pairs}
    locked = Agreement.objects.select_for_update(of=("self",)).filter(pk__in=agreements)
    list(locked.order_by("pk").values_list("pk"))
    # Days drawn on an order's envelope wait for its own periodic invoice.
    chosen = billable_shares().filter(
        payer__in={payer.pk for payer, _agreement in pairs},
        day__mission__agreement__in=agreements,
        envelope=None,
    )
    if until is not None:
        chosen = chosen.filter(day__worked_on__lte=until)
    if shares is not None:
        chosen = chosen.filter(pk__in=[s.pk for s in shares])
    kept = chosen.select_for_update(of=("self",)).select_related(
        "day__mission", "day__consultant", "coop__organisation"
    )
    wanted = {(payer.pk, agreement.pk) for payer, agreement in pairs}
    found: dict[tuple[int, int], list[DayShare]] = {}
    for share in sorted(kept, key=lambda s: (_month_key(s), s.day.worked_on, s.pk)):
        pair = (share.payer_id or 0, share.day.mission.agreement_id or 0)
        if pair in wanted:
            found.setdefault(pair, []).append(share)
    return found


@transaction.atomic
def draft_from_days(
    *,
    payer: Organisation,
    agreement: Agreement,
    by: User,
    on: date,
    at: datetime,
    until: date | None = None,
    shares: Iterable[DayShare] | None = None,
) -> Invoice:
    """Draft the invoice of one payer from the validated shares of an agreement's days.

    Takes every share of days up to `until` (or those given); one line per mission, rate and
    month. A share on another draft or document is not taken again. Refused when nothing is left.
    """
    pair = (payer, agreement)
    made = draft_days_of([pair], by=by, on=on, at=at, until=until, shares=shares)
    if not made:
        raise Refused([Missing("shares", _("Nothing is left to bill to this payer."))])
    return made[0]


@transaction.atomic
def draft_days_of(
    pairs: Sequence[Pair],
    *,
    by: User,
    on: date,
    at: datetime,
    until: date | None = None,
    shares: Iterable[DayShare] | None = None,
) -> list[Invoice]:
    """Draft the days of many payers, each under an agreement, in a constant number of queries.

    In the order given; nothing is drafted for a pair that has nothing left to bill.
    """
    chosen = _chosen(pairs, until, shares)
    issuer, read = profile_on(on), FiguresRead()
    drafts: list[tuple[Invoice, list[list[DayShare]], list[InvoiceLine]]] = []
    for payer, agreement in pairs:
        if not (rows := chosen.get((payer.pk, agreement.pk))):
            continue
        invoice = _row_of_days(payer, agreement, rows, by=by, at=at, issuer=issuer)
        groups = [list(group) for _key, group in groupby(rows, key=_month_key)]
        rate, category = vat_for(issuer, payer, on, read=read)
        lines = [
            _days_row(invoice, group, position, rate, category)
            for position, group in enumerate(groups, start=1)
        ]
        add_up(invoice, regime=issuer.regime, lines=lines)
        drafts.append((invoice, groups, lines))
    _put_drafts(drafts)
    invoices = [invoice for invoice, _groups, _lines in drafts]
    record_many(invoices, "draft", by=by, on=on, at=at)
    return invoices


def _put_drafts(drafts: Iterable[tuple[Invoice, list[list[DayShare]], list[InvoiceLine]]]) -> None:
    """Store drafts, their lines and what the lines bill: one statement for each."""
    found = list(drafts)
    insert_rows([invoice for invoice, _groups, _lines in found])
    for invoice, _groups, lines in found:
        for line in lines:
            line.invoice = invoice
    insert_rows([line for _invoice, _groups, lines in found for line in lines])
    insert_rows(
        [
            BilledShare(line=line, share=share)
            for _invoice, groups, lines in found
            for line, group in zip(lines, groups, strict=True)
            for share in group
        ]
    )


def _row_of_days(
    payer: Organisation,
    agreement: Agreement,
    rows: Sequence[DayShare],
    *,
    by: User,
    at: datetime,
    issuer: IssuerProfile,
) -> Invoice:
    return draft_row(
        client=payer,
        agreement=agreement,
        by=by,
        at=at,
        issuer=issuer,
        coop=rows[0].coop if len({s.coop_id for s in rows}) == 1 else None,
        period_from=min(s.day.worked_on for s in rows),
        period_to=max(s.day.worked_on for s in rows),
    )


def _days_row(
    invoice: Invoice, shares: list[DayShare], position: int, rate: Decimal, category: str
) -> InvoiceLine:
    line = rules.day_line(
        label=_label(shares[0]),
        days=sum((s.quantity for s in shares), Decimal(0)),
        daily_rate=shares[0].rate,
        net=cents(sum((s.amount for s in shares), Decimal(0))),
        vat_rate=rate,
    )
    row = line_row(
        invoice,
        line,
        position=position,
        days=[day_row(s) for s in shares],
        analytic_code=invoice.agreement.analytic_code if invoice.agreement else "",
    )
    row.detail, row.vat_category = detail_of(shares, line), category or row.vat_category
    return row
