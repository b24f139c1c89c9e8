"""Which instalments are to be reminded, at which level, and what holds a reminder back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext as _

from essaim.money import ZERO
from invoicing import rules_reminders
from invoicing.addresses import Address, addresses_of
from invoicing.guards_terms import lefts_of, rows_of
from invoicing.lateness import standing_of
from invoicing.models import (
    AutoRemind,
    Dispute,
    Instalment,
    Invoice,
    Reminder,
    ReminderHold,
    ReminderLevel,
    RepaymentPlan,
)
from invoicing.models.invoice import InvoiceQuerySet
from invoicing.rules_reminders import Level
from invoicing.wording import day

NOTICE = timedelta(days=3)
MOST = 500


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an invoice is not reminded now: suspended, disputed, or paid by a signed plan."""

    code: str
    text: str


@dataclass(slots=True)
class Cost:
    """What lateness costs on a day and nobody claimed or waived yet, at which yearly rates.

    `rates` are those of its half-years, in their order; `claimed` is what was claimed already
    and is still owed.
    """

    interest: Decimal = ZERO
    fee: Decimal = ZERO
    rates: tuple[Decimal, ...] = ()
    claimed: Decimal = ZERO


@dataclass(slots=True)
class ToRemind:
    """One instalment and the level that is due, with what a person or a command needs to send."""

    instalment: Instalment
    invoice: Any
    level: ReminderLevel
    left: Decimal
    on: date
    skips: list[ReminderLevel] = field(default_factory=list)
    hold: Hold | None = None
    addresses: list[Address] = field(default_factory=list)
    automatic: AutoRemind | None = None
    told_on: date | None = None

    @property
    def days_late(self) -> int:
        return max((self.on - self.instalment.due_on).days, 0)

    @property
    def tone(self) -> str:
        """The colour of its level: calm, then warning, then alarm."""
        if self.level.may_show_penalties:
            return "bad"
        return "warn" if self.level.rank > 1 else "info"

    @property
    def to(self) -> str:
        return self.addresses[0].email if self.addresses else ""


@dataclass(frozen=True, slots=True)
class Coming:
    """A level that falls due soon, for those who may stop it."""

    instalment: Instalment
    invoice: Any
    level: ReminderLevel
    on: date
    told: bool


# -- what holds back --------------------------------------------------------------------------
def holds_of(keys: Iterable[int], *, on: date) -> dict[int, Hold]:
    """Why each of these invoices is not reminded on a day; one query per reason."""
    wanted = list(keys)
    found: dict[int, Hold] = {}
    rows = ReminderHold.objects.filter(invoice__in=wanted, ended_on=None, until__gte=on)
    for row in rows.order_by("pk"):
        words = _("Suspended until %(day)s: %(reason)s")
        text = words % {"day": day(row.until), "reason": row.reason}
        found[row.invoice_id] = Hold("suspended", text)
    for plan, left in lefts_of(_signed_plans(wanted)):
        # A plan that is not kept holds nothing back.
        if not any(part.is_late(on) for part in rows_of(plan, left)):
            found[plan.invoice_id] = Hold("plan", _("A signed repayment plan is being kept."))
    rows_of_disputes = Dispute.objects.filter(invoice__in=wanted, opening=None, closing=None)
    for dispute in rows_of_disputes:
        words = _("Disputed since %(day)s: %(words)s")
        text = words % {"day": day(dispute.on), "words": dispute.words}
        found[dispute.invoice_id] = Hold("disputed", text)
    return found


def _signed_plans(invoices: Sequence[int]) -> list[RepaymentPlan]:
    rows = RepaymentPlan.objects.filter(
        invoice__in=invoices, state__in=(RepaymentPlan.State.SIGNED, RepaymentPlan.State.KEPT)
    )
    return list(rows.prefetch_related("rows").order_by("pk"))


def is_on_hold(invoice: Invoice, *, on: date) -> Hold | None:
    """Why this invoice is not reminded on a day, or None."""
    return holds_of([invoice.pk], on=on).get(invoice.pk)


# -- what is due ------------------------------------------------------------------------------
def levels_in_use() -> list[ReminderLevel]:
    return list(ReminderLevel.objects.filter(is_active=True).order_by("rank"))


def _rules(levels: Sequence[ReminderLevel]) -> list[Level]:
    return [Level(level.rank, level.days) for level in levels]


def remindable(rows: InvoiceQuerySet, *, by: date) -> Any:
    """Issued documents with something left and an instalment due by a day; schedules prefetched."""
    due = Instalment.objects.filter(invoice=OuterRef("pk"), due_on__lte=by)
    schedule = Instalment.objects.order_by("due_on", "position").prefetch_related(
        Prefetch("reminders", Reminder.objects.defer("content", "body").select_related("level")),
        "reminder_notices",
    )
    return (
        rows.unpaid()
        .filter(Exists(due))
        .select_related("client__auto_remind", "coop__organisation")
        .prefetch_related(Prefetch("instalments", schedule))
        .order_by("due_on", "pk")
    )


def left_of(invoice: Any) -> list[tuple[Any, Decimal]]:
    """What is left of each instalment of an annotated, prefetched invoice."""
    parts = list(invoice.instalments.all())
    left = rules_reminders.left_of_parts([p.amount for p in parts], Decimal(invoice.allocated))
    return list(zip(parts, left, strict=True))


def _horizon(levels: Sequence[ReminderLevel]) -> timedelta:
    """How long before a due date a level may fall."""
    return timedelta(days=max([0, *(-level.days for level in levels)]))


def due_reminders(
    *, on: date, rows: InvoiceQuerySet | None = None, most: int | None = MOST
) -> list[ToRemind]:
    """Every instalment with a level to send on a day, held ones too; a fixed number of queries.

    Of the oldest `most` invoices (all of them when None) among `rows`.
    """
    levels = levels_in_use()
    given = Invoice.objects.all() if rows is None else rows
    invoices = list(remindable(given, by=on + _horizon(levels))[:most])
    found = [
        one
        for invoice in invoices
        for part, left in left_of(invoice)
        if left > ZERO and (one := _due(invoice, part, left, levels, on))
    ]
    holds = holds_of([one.invoice.pk for one in found], on=on)
    addresses = addresses_of({one.invoice.client for one in found}, on=on)
    for one in found:
        one.hold = holds.get(one.invoice.pk)
        one.addresses = addresses.get(one.invoice.client_id, [])
    return found


def _done(part: Any) -> list[int]:
    return [row.level.rank for row in part.reminders.all()]


def _due(
    invoice: Any, part: Any, left: Decimal, levels: Sequence[ReminderLevel], on: date
) -> ToRemind | None:
    due = rules_reminders.due_level(_rules(levels), due_on=part.due_on, on=on, done=_done(part))
    # A level sent today is enough for today, whatever else became due.
    if due is None or any(row.on == on and row.message_id for row in part.reminders.all()):
        return None
    by_rank = {level.rank: level for level in levels}
    level = by_rank[due.rank]
    told = [n.on for n in part.reminder_notices.all() if n.level_id == level.pk]
    return ToRemind(
        instalment=part,
        invoice=invoice,
        level=level,
        left=left,
        on=on,
        skips=[by_rank[rank] for rank in due.skips],
        automatic=getattr(invoice.client, "auto_remind", None),
        told_on=told[0] if told else None,
    )


def coming_reminders(*, on: date, rows: InvoiceQuerySet | None = None) -> list[Coming]:
    """Levels that fall due within three days and are held by nothing, soonest first."""
    levels = levels_in_use()
    given = Invoice.objects.all() if rows is None else rows
    invoices = list(remindable(given, by=on + NOTICE + _horizon(levels))[:MOST])
    by_rank = {level.rank: level for level in levels}
    found = []
    for invoice in invoices:
        for part, left in left_of(invoice):
            coming = rules_reminders.next_level(
                _rules(levels), due_on=part.due_on, on=on, done=_done(part)
            )
            if left <= ZERO or coming is None or coming[1] > on + NOTICE:
                continue
            level = by_rank[coming[0]]
            told = any(n.level_id == level.pk for n in part.reminder_notices.all())
            found.append(Coming(part, invoice, level, coming[1], told))
    holds = holds_of([one.invoice.pk for one in found], on=on)
    kept = [one for one in found if one.invoice.pk not in holds]
    return sorted(kept, key=lambda one: (one.on, one.instalment.pk))


# -- what lateness costs ----------------------------------------------------------------------
def cost_of(invoice: Invoice, *, on: date) -> Cost:
    """Late interest and recovery fee of an invoice as of a day, as its statement counts them."""
    found = standing_of(invoice, on)
    spans = sorted(found.computed.spans, key=lambda span: span.first)
    rates = tuple(dict.fromkeys(span.rate for span in spans))
    return Cost(found.interest, found.fee, rates, found.owed)
