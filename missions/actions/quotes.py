"""Verbs on quotes: written, sent with their number, answered, made an agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim import series
from essaim.countries import FRANCE, is_outside_union, is_reverse_charged
from essaim.models import Series, User
from essaim.models.legal import vat_rates
from essaim.money import ZERO, add_up, cents
from essaim.workflow import perform, record
from essaim.writing import put, refuse
from missions.actions.agreements import ShareLine, create_agreement, set_shares
from missions.actions.common import keep
from missions.actions.papers import freeze_quote
from missions.actions.phases import PhaseLine, set_phases
from missions.models import Agreement, Phase, Quote, QuoteLine, QuoteShare

SERIES, PATTERN = "quote", "DE-{year}-{number:04d}"
TAXED = (IssuerProfile.Regime.RECEIPTS, IssuerProfile.Regime.DEBITS)
LARGEST = Decimal(10) ** 9
FIELDS = (
    "title", "words", "form", "client", "coop", "starts_on", "valid_until", "rhythm",
    "payment_days", "payment_method",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """One line of a quote, as it is entered: net unit price in euros."""

    kind: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    planned_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedShare:
    """Who is proposed to pay which part."""

    payer: Organisation
    percent: Decimal
    cap_eur: Decimal | None = None
    takes_remainder: bool = False


def save_quote(
    *,
    lines: Sequence[PricedLine] = (),
    shares: Sequence[ProposedShare] = (),
    quote: Quote | None = None,
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Quote:
    """Write a draft with its lines and the shares proposed. Raises Refused."""
    with transaction.atomic():
        if quote is not None:
            quote = _locked(quote)
            if quote.state != Quote.State.DRAFT:
                refuse("state", _("A quote that was sent is never changed: write a new version."))
        row = quote or Quote(created_by=by, created_on=on)
        put(row, fields, FIELDS)
        _judge(lines)
        keep(row)
        row.lines.all().delete()
        row.shares.all().delete()
        for position, line in enumerate(lines, start=1):
            keep(_line(row, line, position))
        for share in shares:
            keep(_proposed(row, share))
        _add_up(row, on)
        record(row, "create" if quote is None else "edit", by=by, on=on, at=at)
    return row


def _judge(lines: Sequence[PricedLine]) -> None:
    for line in lines:
        if line.quantity <= 0 or line.unit_price < 0:
            refuse("unit_price", _("Quantities and prices are not negative."))
        if line.kind != QuoteLine.Kind.TRAVEL and line.unit_price != cents(line.unit_price):
            refuse("unit_price", _("A price is in euros and cents."))
        if line.quantity * line.unit_price >= LARGEST:
            refuse("unit_price", _("This line is too large: check the amounts."))


def _locked(quote: Quote) -> Quote:
    return Quote.objects.select_for_update(of=("self",), no_key=True).get(pk=quote.pk)


def _line(quote: Quote, line: PricedLine, position: int) -> QuoteLine:
    return QuoteLine(
        quote=quote,
        position=position,
        kind=line.kind,
        label=line.label.strip(),
        quantity=line.quantity,
        unit_price=line.unit_price,
        net=cents(line.quantity * line.unit_price),
        planned_on=line.planned_on,
    )


def _proposed(quote: Quote, share: ProposedShare) -> QuoteShare:
    return QuoteShare(
        quote=quote,
        payer=share.payer,
        percent=share.percent,
        cap_eur=share.cap_eur,
        takes_remainder=share.takes_remainder,
    )


def vat_rate_for(client: Organisation, on: date) -> Decimal:
    """The rate of our services to this client, by its place; 0 where we are not taxed."""
    profile = IssuerProfile.objects.at(on)
    if profile is None or profile.regime not in TAXED:
        return ZERO
    where: Any = {
        "is_business": client.client_kind != client.ClientKind.CONSUMER,
        "country": client.country,
    }
    if is_outside_union(**where) or is_reverse_charged(**where, vat_number=client.vat_number):
        return ZERO
    # A foreign postcode says nothing of our overseas departments.
    rates = vat_rates(client.postcode if client.country == FRANCE else "", on)
    if not rates:
        return ZERO
    return profile.vat_rate if profile.vat_rate in rates else max(rates)


def _add_up(quote: Quote, on: date) -> None:
    """The totals as a client reads them: VAT once, on the sum."""
    quote.vat_rate = vat_rate_for(quote.client, on)
    quote.net = add_up(quote.lines.values_list("net", flat=True))
    quote.vat = cents(quote.net * quote.vat_rate / 100)
    quote.gross = quote.net + quote.vat
    quote.save()


def delete_quote(quote: Quote, *, by: User, on: date, at: datetime) -> None:
    """Throw a draft away: it has no number."""
    with transaction.atomic():
        row = _locked(quote)
        if row.state != Quote.State.DRAFT:
            refuse("state", _("A quote that was sent is kept: decline it, or send a new version."))
        record(row, "delete", by=by, on=on, at=at, gone=True)
        row.lines.all().delete()
        row.shares.all().delete()
        row.delete()


def new_version(quote: Quote, *, valid_until: date, by: User, on: date, at: datetime) -> Quote:
    """Write the next version of a quote that was sent: same number once sent. Raises Refused."""
    with transaction.atomic():
        old = _locked(quote)
        if old.state not in (Quote.State.SENT, Quote.State.DECLINED, Quote.State.EXPIRED):
            refuse("state", _("A new version follows a quote that was sent and not accepted."))
        later = Quote.objects.filter(supersedes=old).first()
        if later is not None:
            refuse("state", _("Its new version is written already."), later.get_absolute_url())
        row = Quote(created_by=by, created_on=on, version=old.version + 1, supersedes=old)
        put(row, {name: getattr(old, name) for name in FIELDS}, FIELDS)
        row.valid_until = valid_until
        keep(row)
        for table in (old.lines.all(), old.shares.all()):
            for child in table:
                child.pk, child.quote = None, row
                child._state.adding = True
                child.save()
        _add_up(row, on)
        record(row, "create", by=by, on=on, at=at, codes={"supersedes": old.pk})
    return row


def send_quote(quote: Quote, *, by: User, on: date, at: datetime) -> Quote:
    """Number a quote for good and freeze its paper; a new version keeps the number it follows.

    Raises Refused with all that is missing, before any number is taken.
    """
    with transaction.atomic():
        row = _locked(quote)
        _add_up(row, on)
        if row.supersedes_id is not None:
            old = _locked(Quote.objects.get(pk=row.supersedes_id))
            number = old.number
            perform(old, "supersede_quote", by=by, on=on, at=at)
        else:
            number = _next_number(on)
        perform(row, "send_quote", by=by, on=on, at=at, number=number)
        freeze_quote(row, by=by, on=on, at=at)
    quote.refresh_from_db()
    return quote


def _next_number(on: date) -> str:
    if not Series.objects.filter(kind=SERIES, closed=False).exists():
        series.open_series(SERIES, pattern=PATTERN)
    return series.take(SERIES, on=on).number


def answer_quote(
    quote: Quote,
    move: str,
    *,
    decided_on: date | None = None,
    decided_by: str = "",
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Quote:
    """Record that the client accepted or declined; a warning passes with a sentence in `reasons`.

    Raises Refused past the validity.
    """
    with transaction.atomic():
        said: dict[str, Any] = {"decided_on": decided_on or on, "decided_by": decided_by}
        said["reasons"] = dict(reasons or {})
        perform(quote, move, by=by, on=on, at=at, **said)
    return quote


def accept_quote(quote: Quote, *, by: User, on: date, at: datetime, **answer: Any) -> Quote:
    """The client signed « bon pour accord »."""
    return answer_quote(quote, "accept_quote", by=by, on=on, at=at, **answer)


def decline_quote(quote: Quote, *, by: User, on: date, at: datetime, **answer: Any) -> Quote:
    """The client said no."""
    return answer_quote(quote, "decline_quote", by=by, on=on, at=at, **answer)


def make_agreement(quote: Quote, *, by: User, on: date, at: datetime) -> Agreement:
    """Write the draft agreement of an accepted quote, once: its lines become terms.

    Days give the budget and the rate, phases and free lines are billed once accepted, a pack its
    price and its days. Raises Refused.
    """
    with transaction.atomic():
        row = _locked(quote)
        if row.state != Quote.State.ACCEPTED:
            refuse("state", _("An agreement is made from an accepted quote."))
        if row.agreement is not None:
            words = _("The agreement of this quote is written already.")
            refuse("agreement", words, row.agreement.get_absolute_url())
        lines = list(row.lines.all())
        act: dict[str, Any] = {"by": by, "on": on, "at": at}
        agreement = create_agreement(**_terms(row, lines, on), **act)
        if pieces := _pieces(lines):
            set_phases(agreement, pieces, **act)
        if shares := list(row.shares.select_related("payer")):
            set_shares(agreement, [_share(s, i) for i, s in enumerate(shares, start=1)], **act)
        row.agreement = agreement
        row.save()
        record(row, "make_agreement", codes={"agreement": agreement.pk}, **act)
    quote.refresh_from_db()
    return agreement


def _terms(quote: Quote, lines: Sequence[QuoteLine], on: date) -> dict[str, Any]:
    days = [line for line in lines if line.kind == QuoteLine.Kind.DAYS]
    packs = [line for line in lines if line.kind == QuoteLine.Kind.PACK]
    travel = [line for line in lines if line.kind == QuoteLine.Kind.TRAVEL]
    counted = add_up(line.quantity for line in days or packs)
    kind = Agreement.Kind.BY_DAY if days else Agreement.Kind.PHASES
    kind = Agreement.Kind.PACK if packs else kind
    pieces = _pieces(lines)
    price = add_up(p.amount for p in pieces)
    return {
        "title": quote.title,
        "form": quote.form,
        "kind": kind,
        "client": quote.client,
        "coop": quote.coop,
        "starts_on": quote.starts_on or on,
        "rhythm": quote.rhythm,
        "days_budgeted": counted or None,
        "daily_rate": cents(days[0].unit_price) if days else ZERO,
        "price": None if days else price or None,
        "km_rate": travel[0].unit_price if travel else None,
        "payment_days": quote.payment_days,
        "payment_method": quote.payment_method,
    }


def _pieces(lines: Sequence[QuoteLine]) -> list[PhaseLine]:
    """What is billed for its price: phases and free lines once accepted, the pack when signed."""
    kinds = {
        QuoteLine.Kind.PHASE: Phase.Kind.PHASE,
        QuoteLine.Kind.FREE: Phase.Kind.PHASE,
        QuoteLine.Kind.PACK: Phase.Kind.INSTALMENT,
    }
    return [
        PhaseLine(
            title=line.label[:200],
            amount=line.net,
            planned_on=line.planned_on,
            kind=kinds[QuoteLine.Kind(line.kind)],
        )
        for line in lines
        if line.kind in kinds and line.net
    ]


def _share(share: QuoteShare, priority: int) -> ShareLine:
    return ShareLine(
        payer=share.payer,
        percent=share.percent,
        cap_eur=share.cap_eur,
        takes_remainder=share.takes_remainder,
        priority=priority,
    )
