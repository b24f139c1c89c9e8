"""What an agreement with an agreed price asks at its signature, and a phase at its acceptance."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.money import add_up
from essaim.workflow import Missing


def price_is_whole(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A price by phases or a pack says its pieces, and they make the price; payers can follow it.

    Phases added to an agreement by the day (a training, a fixed fee) need no price.
    """
    if not obj.has_fixed_price:
        return []
    pieces = add_up(obj.phases.values_list("amount", flat=True))
    is_pack = obj.kind == obj.Kind.PACK
    found = []
    terms = reverse("missions:agreement_edit", args=(obj.pk,))
    if is_pack and not obj.price:
        found.append(Missing("price", _("The price of the pack is missing."), terms))
    if is_pack and not obj.days_budgeted:
        found.append(Missing("days_budgeted", _("Say how many days the pack holds."), terms))
    url = reverse("missions:phases", args=(obj.pk,))
    if not pieces and not is_pack:
        words = _("Write the phases of the price: each with its amount.")
        found.append(Missing("phases", words, url))
    if pieces and obj.price and pieces != obj.price:
        words = _("The pieces make %(sum)s, the agreed price is %(price)s: make them equal.")
        said = words % {"sum": money(pieces), "price": money(obj.price)}
        found.append(Missing("phases", said, url))
    return found + _payers(obj)


def _payers(obj: Any) -> list[Missing]:
    """A fixed price counts no days: neither envelopes nor caps in days can pay it."""
    url = reverse("missions:agreement_shares", args=(obj.pk,))
    shares = list(obj.shares.all())
    found = []
    if any(s.envelope_id for s in shares):
        words = _(
            "An envelope counts days: it pays no agreed price. Give its payer a share without"
            " the envelope, or write an agreement by the day."
        )
        found.append(Missing("envelope", words, url))
    if any(s.cap_days is not None or s.cap_per_day is not None for s in shares):
        words = _("An agreed price counts no days: cap this payer in euros instead.")
        found.append(Missing("cap_days", words, url))
    capped = any(s.cap_eur is not None for s in shares)
    if capped and not any(s.takes_remainder for s in shares):
        words = _("A payer is capped: name the share that takes what is left.")
        found.append(Missing("shares", words, url))
    return found


def phase_can_be_accepted(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Under a signed agreement, on a day that has come; an instalment is not accepted."""
    found = []
    agreement = obj.agreement
    if agreement.state in ("draft", "sent", "terminated"):
        words = _("A phase is accepted under a signed agreement.")
        found.append(Missing("agreement", words, agreement.get_absolute_url()))
    if obj.kind != "phase":
        found.append(Missing("kind", _("An instalment falls due by itself: nobody accepts it.")))
    accepted_on = getattr(data, "accepted_on", None)
    if accepted_on is not None and accepted_on > on:
        found.append(Missing("accepted_on", _("The acceptance cannot be in the future.")))
    signed = agreement.signed_on
    if accepted_on is not None and signed is not None and accepted_on < signed:
        words = _("The acceptance cannot come before the signature of the agreement.")
        found.append(Missing("accepted_on", words))
    return found
