"""Verbs on days already sent: validated and shared, sent back, arbitrated, re-rated, billed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim import hooks
from essaim.models import User
from essaim.workflow import Missing, Refused, perform, perform_many, record
from essaim.writing import refuse
from missions.actions.common import lock_agreements, refuse_codes
from missions.actions.resettle import parts_of, resettle, share_all, take_back_shares
from missions.codes import Arbitration
from missions.models import Agreement, DayPart, DayShare, MissionDay
from missions.rules import RULES_VERSION, is_over_budget
from missions.rules_parts import Part, check_parts, regenerate
from missions.rules_shares import ShareAmount
from missions.sharing import Ledger, amount_of, rate_of, with_terms
from missions.usage import days_used


def _agreements_of(keys: Sequence[int]) -> None:
    found = MissionDay.objects.filter(pk__in=keys).values_list("mission__agreement", flat=True)
    lock_agreements(set(found))


def _settle(keys: Sequence[int], *, on: date) -> None:
    """Make the shares of days under lock, each at its rate; days that wait are left to the door."""
    _agreements_of(keys)
    sent = MissionDay.objects.filter(pk__in=keys, state=MissionDay.State.SUBMITTED)
    days = list(with_terms(sent.exclude(arbitration=Arbitration.PENDING)))
    share_all(days, on=on)
    rates = {day.pk: rate_of(day) for day in days}
    for rate in set(rates.values()):
        same = [key for key, value in rates.items() if value == rate]
        MissionDay.objects.filter(pk__in=same).update(rate=rate, rules_version=RULES_VERSION)


def validate(
    day: MissionDay,
    *,
    parts: Sequence[Part] = (),
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> MissionDay:
    """Validate a day: its rate and shares are kept as they are now, caps counted under lock.

    `parts` splits it (½ billed, ½ given, with why). Raises Refused: with the question who pays
    when the caps are used up and no share takes the rest.
    """
    refuse_codes(check_parts(day.quantity, parts) if parts else ())
    with transaction.atomic():
        DayPart.objects.filter(day=day, day__state=MissionDay.State.SUBMITTED).delete()
        DayPart.objects.bulk_create(
            DayPart(day=day, quantity=p.quantity, nature=p.nature.value, why=p.reason)
            for p in parts
        )
        _settle([day.pk], on=on)
        perform(day, "validate", by=by, on=on, at=at, reasons=reasons or {})
    return day


def validate_many(
    days: Iterable[MissionDay], *, by: User, on: date, at: datetime
) -> list[MissionDay]:
    """Validate days in the order they were worked, all or nothing. Raises Refused with all
    that stands in the way.
    """
    keys = [day.pk for day in days]
    with transaction.atomic():
        _settle(keys, on=on)
        return perform_many(MissionDay.objects.filter(pk__in=keys), "validate", by=by, on=on, at=at)


def validate_quietly(keys: Sequence[int], *, by: User, on: date, at: datetime) -> None:
    """Validate each day that nothing stops; the others stay sent, for a coordinator."""
    waiting = MissionDay.objects.filter(pk__in=keys).exclude(arbitration=Arbitration.PENDING)
    for day in waiting.order_by("worked_on", "pk"):
        try:
            with transaction.atomic():
                validate(day, by=by, on=on, at=at)
        except Refused:
            continue


def reject(day: MissionDay, *, why: str, by: User, on: date, at: datetime) -> MissionDay:
    """Send a day back with a reason; what its shares took from the caps is given back.

    Raises Refused when an invoice holds one of its shares.
    """
    with transaction.atomic():
        _agreements_of([day.pk])
        perform(day, "reject", by=by, on=on, at=at, why=why)
        take_back_shares([day.pk])
        day.parts.all().delete()
    return day


# -- arbitration -------------------------------------------------------------------------------
def arbitrate(
    day: MissionDay,
    decision: str,
    *,
    why: str = "",
    payer: Organisation | None = None,
    by: User,
    on: date,
    at: datetime,
) -> MissionDay:
    """Decide who pays a day over budget or late: an amendment, nobody, another payer, or as it is.

    Raises Refused: « avenant » needs a signed amendment whose budget holds the day.
    """
    with transaction.atomic():
        _agreements_of([day.pk])
        locked = MissionDay._base_manager.select_for_update(of=("self",), no_key=True)
        day.refresh_from_db(from_queryset=locked)
        _judge_decision(day, decision, why, payer)
        day.arbitration = decision
        day.other_payer = payer if decision == Arbitration.OTHER_PAYER else None
        day.save()
        codes: dict[str, Any] = {"decision": decision, "payer": payer.pk if payer else None}
        record(day, "arbitrate", by=by, on=on, at=at, codes=codes, text=why.strip())
    return day


def _judge_decision(day: MissionDay, decision: str, why: str, payer: Organisation | None) -> None:
    if not (day.is_late or day.is_over_budget):
        refuse("decision", _("This day is neither over budget nor late."))
    if day.state not in (MissionDay.State.LOGGED, MissionDay.State.SUBMITTED):
        refuse("state", _("This day was validated: send it back first."))
    if decision not in set(Arbitration) - {Arbitration.NONE, Arbitration.PENDING}:
        refuse("decision", _("Choose what is decided."))
    if decision == Arbitration.OTHER_PAYER and payer is None:
        refuse("payer", _("Say who pays."))
    if decision == Arbitration.AMENDMENT:
        _held_by_amendment(day)
    elif not why.strip():
        refuse("why", _("Say why in a sentence."))


def _held_by_amendment(day: MissionDay) -> None:
    agreement = day.mission.agreement
    if agreement is None:
        refuse("decision", _("This day is under no agreement."))
    used = days_used([agreement], without=[day.pk])[agreement.pk]
    signed = agreement.amendments.filter(state="signed").exists()
    if not signed or is_over_budget(agreement.days_budgeted, used, day.quantity):
        text = _("Sign an amendment whose budget holds this day first.")
        raise Refused([Missing("decision", text, agreement.get_absolute_url())])


# -- re-rating ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Rerated:
    """A validated day that is not billed: what it owes now, and under the present terms."""

    day: MissionDay
    old_rate: Decimal
    new_rate: Decimal
    old: Decimal
    new: Decimal


def unbilled_days(agreement: Agreement) -> Any:
    """Validated days of an agreement that no invoice ever held and no funder was told."""
    rows = MissionDay.objects.filter(
        mission__agreement=agreement, state=MissionDay.State.VALIDATED
    ).exclude(shares__generation__gt=1)
    for kept in hooks.kept_shares.all():
        rows = rows.exclude(pk__in=DayShare.objects.filter(pk__in=kept()).values("day"))
    return rows.distinct()


def preview_rerate(agreement: Agreement, *, on: date) -> list[Rerated]:
    """Say what the present terms would change; nothing is written. Raises Refused."""
    days = list(with_terms(unbilled_days(agreement)).order_by("validated_at", "pk"))
    old: dict[int, Decimal] = dict.fromkeys((d.pk for d in days), Decimal("0.00"))
    for key, amount in DayShare.objects.filter(day__in=days).values_list("day", "amount"):
        old[key] += amount
    ledger, found, bars = Ledger(days, on=on, without=list(old)), [], []
    for day in days:
        shares, missing = ledger.share(day, parts_of(day))
        bars += missing
        new = sum((s.amount for s in shares), Decimal("0.00"))
        found.append(Rerated(day, day.rate or Decimal(0), rate_of(day), old[day.pk], new))
    if bars:
        raise Refused(bars)
    return found


def rerate(agreement: Agreement, *, by: User, on: date, at: datetime) -> list[int]:
    """Share the unbilled days again under the present terms; return their keys. Raises Refused."""
    with transaction.atomic():
        lock_agreements([agreement.pk])
        keys = list(unbilled_days(agreement).values_list("pk", flat=True))
        resettle(keys, on=on)
        record(agreement, "rerate", by=by, on=on, at=at, codes={"days": keys})
    return keys


# -- for the room that invoices -----------------------------------------------------------------
def new_generation(
    share: DayShare, rate: Decimal | None = None, *, by: User, on: date, at: datetime
) -> DayShare:
    """Make a credited share billable again, at another rate if asked; the old one stays.

    Raises Refused when it was replaced already or is not billed.
    """
    with transaction.atomic():
        _agreements_of([share.day_id])
        if DayShare.objects.filter(replaces=share).exists():
            refuse("share", _("This share was made billable again already."))
        if share.nature != "billed":
            refuse("share", _("Only a billed share is billed again."))
        made = regenerate(amount_of(share), share.rate if rate is None else rate)
        born = _next(share, made)
        born.save()
        record(born, "regenerate", by=by, on=on, at=at, codes={"replaces": share.pk})
    return born


def _next(share: DayShare, made: ShareAmount) -> DayShare:
    return DayShare(
        day_id=share.day_id,
        coop_id=share.coop_id,
        payer_id=share.payer_id,
        funding_share_id=share.funding_share_id,
        envelope_id=share.envelope_id,
        nature=share.nature,
        basis=share.basis,
        quantity=share.quantity,
        days=share.days,
        base=made.base,
        is_remainder=share.is_remainder,
        is_cut=share.is_cut,
        is_fee=share.is_fee,
        why=share.why,
        rate=made.rate,
        percent=share.percent,
        amount=made.amount,
        public_value=made.public_value,
        generation=share.generation + 1,
        replaces=share,
        rules_version=RULES_VERSION,
    )


def mark_billed(
    days: Iterable[MissionDay], *, by: User, on: date, at: datetime
) -> list[MissionDay]:
    """An invoice was issued: validated days among these are billed, and locked."""
    keys = [day.pk for day in days]
    with transaction.atomic():
        # Two payers of one day may be issued at once: the second finds it billed, and goes on.
        locked = MissionDay._base_manager.select_for_update(of=("self",), no_key=True)
        list(locked.filter(pk__in=keys).order_by("pk").values_list("pk"))
        rows = MissionDay.objects.filter(pk__in=keys, state=MissionDay.State.VALIDATED)
        return perform_many(rows, "bill", by=by, on=on, at=at)


def mark_free(days: Iterable[MissionDay], *, by: User, on: date, at: datetime) -> list[MissionDay]:
    """A credit note made their shares billable again: billed days among these are validated."""
    keys = [day.pk for day in days]
    with transaction.atomic():
        rows = MissionDay.objects.filter(pk__in=keys, state=MissionDay.State.BILLED)
        return perform_many(rows, "free", by=by, on=on, at=at)
