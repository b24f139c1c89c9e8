"""Subscriptions: their schedule drafts invoices, a person issues them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.models.legal import caps
from essaim.terms import WAYS, Term, check_term, ways_text
from essaim.workflow import Missing, Refused, perform, record
from invoicing import rules, rules_recurring
from invoicing.actions.catalogue import check_rate
from invoicing.actions.drafting import new_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.copies import vat_for
from invoicing.models import Invoice, InvoiceLine, Recurring, RecurringDraft, RecurringTier
from invoicing.rules_recurring import Period, Tier
from invoicing.subscriptions import Priced, due_of, price_of
from invoicing.wording import period as period_words

FIELDS = (
    "client", "coop", "agreement", "label", "period", "moment", "starts_on", "ends_on", "pricing",
    "price", "vat_rate", "term_days", "analytic_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a pass did: the drafts made, and the periods that could not be priced."""

    invoices: Sequence[Invoice]
    skipped: Sequence[tuple[Recurring, Period, str]]


def _check(row: Recurring, tiers: Sequence[Tier], on: date) -> list[Missing]:
    found = []
    term, limits = Term(row.term_days), caps(on)
    if not check_term(row.client.client_kind, term, limits):
        told = _("No invoice to this client may be due so late. What gives time lawfully:")
        ways = " · ".join(ways_text(WAYS).values())
        found.append(Missing("term_days", f"{told} {ways}"))
    if row.ends_on is not None and row.ends_on < row.starts_on:
        found.append(Missing("ends_on", _("The end comes before the beginning.")))
    if row.agreement is not None and row.agreement.client_id != row.client_id:
        found.append(Missing("agreement", _("This agreement is another client's.")))
    if row.pricing == Recurring.Pricing.FIXED:
        if row.price is None or row.price <= 0:
            found.append(Missing("price", _("The amount must be positive, in euros and cents.")))
        return found
    if row.coop is None:
        found.append(Missing("coop", _("Name the coop whose members are counted.")))
    words = {
        "tiers_missing": _("Write the tiers: up to so many members, so much a period."),
        "tier_twice": _("Two tiers go up to the same number of members."),
        "open_tier_missing": _("Leave the last tier open, for any larger number."),
        "tier_price_impossible": _("A tier has a price, and not all are free."),
    }
    problems = rules_recurring.check_tiers(tiers)
    return found + [Missing("tiers", words[p.code]) for p in problems]


@transaction.atomic
def save_recurring(
    *,
    by: User,
    on: date,
    at: datetime,
    recurring: Recurring | None = None,
    tiers: Iterable[tuple[int | None, Decimal]] = (),
    **facts: Any,
) -> Recurring:
    """Write a subscription: one price, or tiers of members; drafts made before do not change.

    Its first day and its period stand once a draft was made. Refused for a scale that does not
    price every size.
    """
    if recurring is not None:
        recurring = Recurring.objects.select_for_update(of=("self",)).get(pk=recurring.pk)
        fixed = ("starts_on", "period", "client")
        moved = any(n in facts and facts[n] != getattr(recurring, n) for n in fixed)
        if moved and recurring.drafts.exists():
            words = _("Invoices were drafted from it: end it and write another subscription.")
            raise Refused([Missing("starts_on", words)])
        if recurring.state == Recurring.State.ENDED:
            raise Refused([Missing("state", _("This subscription has ended."))])
    row = recurring or Recurring()
    for name in FIELDS:
        if name in facts:
            setattr(row, name, facts[name])
    row.kept_by, scale = by, [Tier(up_to, price) for up_to, price in tiers]
    if row.pricing == Recurring.Pricing.FIXED:
        scale = []
    if found := _check(row, scale, on):
        raise Refused(found)
    row.save()
    row.tiers.all().delete()
    RecurringTier.objects.bulk_create(
        RecurringTier(recurring=row, up_to=t.up_to, price=t.price)
        for t in rules_recurring.ordered(scale)
    )
    record(row, "save", by=by, on=on, at=at)
    return row


@transaction.atomic
def suspend_recurring(
    obj: Recurring, *, by: User, on: date, at: datetime, **data: Any
) -> Recurring:
    """Draft what is due, then draft no more until it goes on."""
    _draft_due(obj, by=by, on=on, at=at)
    perform(obj, "suspend", by=by, on=on, at=at, **data)
    return obj


def _draft_due(
    row: Recurring, *, by: User, on: date, at: datetime
) -> tuple[list[Invoice], list[tuple[Recurring, Period, str]]]:
    """Draft each due period of one subscription that has none yet, its row under lock."""
    row = Recurring.objects.select_for_update(of=("self",)).get(pk=row.pk)
    made, skipped = [], []
    for period in due_of(row, on=on) if row.is_active else ():
        priced = price_of(row, period, on=on)
        if isinstance(priced, str):
            skipped.append((row, period, priced))
        elif priced.price > 0:
            made.append(_put(row, period, priced, by=by, on=on, at=at))
    return made, skipped


def draft_recurring(
    *, on: date, at: datetime, by: User | None = None, only: Recurring | None = None
) -> Drafted:
    """Draft every due period that has no draft yet, each subscription in its own transaction.

    Catches up what was missed and drafts nothing twice. Without `by`, each is drafted in the
    name of who keeps the subscription.
    """
    rows = Recurring.objects.filter(state=Recurring.State.ACTIVE)
    if only is not None:
        rows = rows.filter(pk=only.pk)
    made: list[Invoice] = []
    skipped: list[tuple[Recurring, Period, str]] = []
    for row in rows.select_related("kept_by").order_by("pk"):
        try:
            with transaction.atomic():
                done, left = _draft_due(row, by=by or row.kept_by, on=on, at=at)
        except Refused as refused:
            # One that can't be drafted stops no other.
            skipped += [(row, p, str(refused)) for p in due_of(row, on=on)[:1]]
            continue
        made += done
        skipped += left
    return Drafted(made, skipped)


def _put(
    row: Recurring, period: Period, priced: Priced, *, by: User, on: date, at: datetime
) -> Invoice:
    """The draft of one period: one line, the count it was priced from printed under it."""
    invoice = new_draft(
        client=row.client,
        agreement=row.agreement,
        coop=row.coop,
        title=row.label,
        period_from=period.first,
        period_to=period.last,
        term_days=row.term_days,
        by=by,
        on=on,
        at=at,
    )
    profile = profile_on(on)
    if profile.regime in rules.TAXED:
        check_rate(invoice, row.vat_rate, on)
    rate, category = vat_for(profile, row.client, on)
    line = rules.Line(
        InvoiceLine.Kind.SUBSCRIPTION,
        row.label,
        Decimal(1),
        rules.PIECE,
        priced.price,
        priced.price,
        rate,
        category,
        detail=f"{period_words(period.first, period.last)}\n{priced.words}".strip(),
    )
    codes = {"chosen_rate": row.vat_rate, "analytic_code": row.analytic_code}
    put_line(invoice, line, position=1, **codes)
    RecurringDraft.objects.create(
        recurring=row, period_from=period.first, period_to=period.last, invoice=invoice
    )
    return apply_vat(invoice, profile, on)


@transaction.atomic
def draft_again(*, draft: RecurringDraft, by: User, on: date, at: datetime) -> Invoice:
    """Draft anew a period whose draft was thrown away."""
    row = Recurring.objects.select_for_update(of=("self",)).get(pk=draft.recurring_id)
    draft = RecurringDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.invoice_id is not None:
        raise Refused([Missing("draft", _("This period has its invoice already."))])
    period = Period(draft.period_from, draft.period_to)
    priced = price_of(row, period, on=on)
    if isinstance(priced, str):
        raise Refused([Missing("price", priced)])
    draft.delete()
    return _put(row, period, priced, by=by, on=on, at=at)
