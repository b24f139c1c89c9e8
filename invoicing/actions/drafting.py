"""Write, change and delete drafts: nothing here is numbered."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import Coop, IssuerProfile, Organisation
from essaim.models import User
from essaim.money import CENT, cents, percent_of
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.totals import apply_vat, refresh_totals
from invoicing.copies import vat_for
from invoicing.models import BilledShare, Invoice, InvoiceLine
from invoicing.queries import billable_shares
from invoicing.wording import euros, percent, quantity
from missions.models import Agreement, DayShare

# What the columns hold of one line, with room for the sum of many.
LARGEST_LINE = Decimal(10) ** 9


def profile_on(on: date) -> IssuerProfile:
    """The issuer profile in force; refused when none is."""
    profile = IssuerProfile.objects.at(on)
    if profile is None:
        raise Refused([Missing("issuer", _("Our own details are missing for this date."))])
    return profile


def locked_draft(invoice: Invoice) -> Invoice:
    """The row under lock; refused once it is issued."""
    return still_a_draft(
        Invoice.objects.select_for_update(of=("self",)).filter(pk=invoice.pk).first()
    )


def still_a_draft(locked: Invoice | None) -> Invoice:
    """The row found under lock; refused when it is gone or issued."""
    if locked is None:
        raise Refused([Missing("state", _("This draft was thrown away."))])
    if locked.is_issued:
        raise Refused(
            [Missing("state", _("An issued document is never changed: make a credit note."))]
        )
    return locked


def new_draft(
    *,
    client: Organisation,
    by: User,
    on: date,
    at: datetime,
    kind: str = "invoice",
    agreement: Agreement | None = None,
    **facts: object,
) -> Invoice:
    """An empty draft with the payment term of its agreement."""
    profile = profile_on(on)
    if agreement is not None:
        facts.setdefault("term_days", agreement.payment_days)
        facts.setdefault("term_method", agreement.payment_method)
        facts.setdefault("title", agreement.title)
        facts.setdefault("coop", agreement.coop)
    invoice = Invoice.objects.create(
        client=client,
        kind=kind,
        agreement=agreement,
        issuer=profile,
        created_by=by,
        created_at=at,
        **facts,
    )
    record(invoice, "draft", by=by, on=on, at=at)
    return invoice


def put_line(invoice: Invoice, line: rules.Line, *, position: int, **facts: object) -> InvoiceLine:
    """Store a line of the rules on a draft."""
    return InvoiceLine.objects.create(
        invoice=invoice,
        position=position,
        kind=line.kind,
        label=line.label,
        detail=line.detail,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        net=line.net,
        vat_rate=line.vat_rate,
        vat_category=line.category or ("S" if line.vat_rate else "E"),
        **facts,
    )


def _day_row(share: DayShare) -> dict[str, str]:
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


def _detail(shares: Sequence[DayShare], line: rules.Line) -> str:
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


def _chosen(
    payer: Organisation,
    agreement: Agreement,
    until: date | None,
    shares: Iterable[DayShare] | None,
) -> list[DayShare]:
    """The shares to bill, locked and in the order they are printed; refused when none is left."""
    # Two people drafting the same days wait here for each other.
    Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    chosen = billable_shares().filter(payer=payer, day__mission__agreement=agreement)
    if until is not None:
        chosen = chosen.filter(day__worked_on__lte=until)
    if shares is not None:
        chosen = chosen.filter(pk__in=[s.pk for s in shares])
    kept = chosen.select_for_update(of=("self",)).select_related(
        "day__mission", "day__consultant", "coop__organisation"
    )
    rows = sorted(kept, key=lambda s: (_month_key(s), s.day.worked_on, s.pk))
    if not rows:
        raise Refused([Missing("shares", _("Nothing is left to bill to this payer."))])
    return rows


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
    rows = _chosen(payer, agreement, until, shares)
    facts: dict[str, Any] = {
        "coop": rows[0].coop if len({s.coop_id for s in rows}) == 1 else None,
        "period_from": min(s.day.worked_on for s in rows),
        "period_to": max(s.day.worked_on for s in rows),
    }
    invoice = new_draft(client=payer, agreement=agreement, by=by, on=on, at=at, **facts)
    assert invoice.issuer is not None
    rate, category = vat_for(invoice.issuer, payer, on)
    for position, (_key, group) in enumerate(groupby(rows, key=_month_key), start=1):
        _put_days(invoice, list(group), position, rate, category)
    return refresh_totals(invoice, regime=invoice.issuer.regime)


def _put_days(
    invoice: Invoice, shares: list[DayShare], position: int, rate: Decimal, category: str
) -> None:
    line = rules.day_line(
        label=_label(shares[0]),
        days=sum((s.quantity for s in shares), Decimal(0)),
        daily_rate=shares[0].rate,
        net=cents(sum((s.amount for s in shares), Decimal(0))),
        vat_rate=rate,
    )
    stored = put_line(
        invoice,
        line,
        position=position,
        days=[_day_row(s) for s in shares],
        analytic_code=invoice.agreement.analytic_code if invoice.agreement else "",
    )
    stored.detail, stored.vat_category = _detail(shares, line), category or stored.vat_category
    stored.save(update_fields=["detail", "vat_category"])
    BilledShare.objects.bulk_create(BilledShare(line=stored, share=s) for s in shares)


@transaction.atomic
def draft_free(
    *,
    client: Organisation,
    title: str,
    by: User,
    on: date,
    at: datetime,
    coop: Coop | None = None,
    agreement: Agreement | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
) -> Invoice:
    """An empty draft for lines written by hand."""
    return new_draft(
        client=client,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        title=title,
        coop=coop,
        period_from=period_from,
        period_to=period_to,
    )


@transaction.atomic
def add_line(
    *,
    invoice: Invoice,
    label: str,
    quantity: Decimal,
    unit: str,
    unit_price: Decimal,
    by: User,
    on: date,
    at: datetime,
) -> InvoiceLine:
    """Add a line written by hand: net = cents(quantity x price). Refuses negative figures."""
    invoice = locked_draft(invoice)
    if invoice.is_credit_note:
        # Outside the lines of the origin, nothing would keep it within them.
        raise Refused([Missing("lines", _("A credit note takes back lines of its invoice only."))])
    if quantity <= 0 or unit_price < 0:
        raise Refused([Missing("unit_price", _("Quantities and prices are not negative."))])
    if quantity * unit_price >= LARGEST_LINE:
        raise Refused([Missing("unit_price", _("This line is too large: check the amounts."))])
    profile = profile_on(on)
    rate, category = vat_for(profile, invoice.client, on)
    line = rules.Line(
        "free",
        label.strip(),
        quantity,
        unit,
        unit_price,
        cents(quantity * unit_price),
        rate,
        category,
    )
    last = invoice.lines.order_by("-position").first()
    stored = put_line(invoice, line, position=last.position + 1 if last else 1)
    apply_vat(invoice, profile, on)
    record(invoice, "add_line", by=by, on=on, at=at, codes={"line": stored.pk})
    return stored


@transaction.atomic
def remove_line(*, line: InvoiceLine, by: User, on: date, at: datetime) -> Invoice:
    """Take a line off a draft; its day shares become billable again."""
    invoice = locked_draft(line.invoice)
    pk = line.pk
    line.delete()
    record(invoice, "remove_line", by=by, on=on, at=at, codes={"line": pk})
    return apply_vat(invoice, profile_on(on), on)


@transaction.atomic
def edit_draft(
    *,
    invoice: Invoice,
    by: User,
    on: date,
    at: datetime,
    title: str,
    order_number: str = "",
    words: str = "",
    wanted_due_on: date | None = None,
    term_basis: str = "",
) -> Invoice:
    """Change what a draft says; an override of the legal cap is the accountant's, in words."""
    invoice = locked_draft(invoice)
    if term_basis.strip() and not by.has_perm("invoicing.override_due_date"):
        raise Refused([Missing("term_basis", _("Only the accountant goes past the legal term."))])
    if wanted_due_on is not None and wanted_due_on < on:
        raise Refused([Missing("wanted_due_on", _("The due date can't be in the past."))])
    basis, before = term_basis.strip(), invoice.term_basis
    invoice.title, invoice.order_number, invoice.words = title, order_number, words
    invoice.wanted_due_on, invoice.term_basis = wanted_due_on, basis
    invoice.save()
    record(invoice, "edit", by=by, on=on, at=at)
    if basis and basis != before:
        record(invoice, "override_term", by=by, on=on, at=at, text=basis)
    return invoice


@transaction.atomic
def delete_draft(*, invoice: Invoice, by: User, on: date, at: datetime) -> None:
    """Throw a draft away; no number was taken, its shares are free again."""
    invoice = locked_draft(invoice)
    record(invoice, "delete_draft", by=by, on=on, at=at)
    invoice.delete()
