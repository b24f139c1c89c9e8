"""Shares made again for days that are validated and not billed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from essaim.workflow import Refused
from essaim.writing import refuse
from missions.models import DayShare, MissionDay
from missions.rules import Nature
from missions.rules_parts import Part
from missions.sharing import Ledger, rate_of, with_terms


def parts_of(day: MissionDay) -> list[Part]:
    """The parts a coordinator cut when validating; none when the day is whole."""
    return [
        Part(quantity=p.quantity, nature=Nature(p.nature), reason=p.why) for p in day.parts.all()
    ]


def take_back_shares(keys: Sequence[int]) -> None:
    """Delete the shares of days, which gives their caps back.

    Raises Refused when an invoice holds one of them.
    """
    shares = DayShare.objects.filter(day__in=keys)
    if shares.filter(generation__gt=1).exists():
        refuse("shares", _("This day was invoiced once: its shares stay on that invoice."))
    try:
        shares.delete()
    except ProtectedError as error:
        for held in error.protected_objects:
            if why := getattr(held, "why_kept", ""):
                refuse("shares", str(why))
        refuse("shares", _("A draft invoice holds this day: take it out of the draft first."))


def share_all(days: Sequence[MissionDay], *, on: date) -> None:
    """Make and keep the shares of days in their order. Raises Refused with all that stops it."""
    ledger, made, bars = Ledger(days, on=on), [], []
    for day in days:
        shares, missing = ledger.share(day, parts_of(day))
        made += shares
        bars += missing
    if bars:
        raise Refused(bars)
    DayShare.objects.bulk_create(made)


def resettle(keys: Sequence[int], *, on: date) -> dict[int, Decimal]:
    """Share validated days again in their order of validation; return their new rates."""
    take_back_shares(keys)
    days = list(with_terms(MissionDay.objects.filter(pk__in=keys)).order_by("validated_at", "pk"))
    share_all(days, on=on)
    rates = {day.pk: rate_of(day) for day in days}
    for rate in set(rates.values()):
        MissionDay.objects.filter(pk__in=[k for k, r in rates.items() if r == rate]).update(
            rate=rate
        )
    return rates
