"""What each move of an application and of a disbursement asks for."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.formats import date_fr, money, plain_number
from essaim.legal_figures import Kind
from essaim.models.legal import figure
from essaim.money import ZERO, add_up, cents, percent_of
from essaim.workflow import Missing


def a_date_said(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """What happened is dated today or earlier."""
    if data.dated is None or data.dated <= on:
        return []
    return [Missing("dated", _("The date can't be in the future."))]


def a_reason(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.why is None or data.why.strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def an_amount(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Amounts are positive; a clawback row alone is negative."""
    if data.amount is None:
        return []
    if getattr(obj, "kind", "") == "clawback":
        return (
            [] if data.amount < 0 else [Missing("amount", _("A repayment is a negative amount."))]
        )
    if data.amount < 0 or (data.amount == 0 and hasattr(obj, "kind")):
        return [Missing("amount", _("The amount must be positive."))]
    return []


def a_positive_amount(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.amount is None or data.amount > 0:
        return []
    return [Missing("amount", _("The amount must be positive."))]


def requested_amount(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.requested:
        return []
    page = reverse("grants:application_edit", args=(obj.pk,))
    return [Missing("requested", _("The amount requested is missing."), page)]


def within_cap(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Past the programme's caps: one sentence says why it is asked all the same."""
    programme, found = obj.programme, []
    if obj.requested and programme.amount_cap and obj.requested > programme.amount_cap:
        words = _("More is asked than the programme's cap of %(cap)s.")
        found.append(
            Missing("amount_cap", words % {"cap": money(programme.amount_cap)}, level="warn")
        )
    if obj.requested and obj.eligible_base and programme.rate_cap:
        most = percent_of(obj.eligible_base, programme.rate_cap)
        if cents(obj.requested) > most:
            words = _("More is asked than %(rate)s %% of the eligible base.")
            rate = plain_number(programme.rate_cap)
            found.append(Missing("rate_cap", words % {"rate": rate}, level="warn"))
    return found


def within_request(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An award above what was asked is odd enough for a sentence."""
    if data.amount is None or not obj.requested or data.amount <= obj.requested:
        return []
    words = _("More than what was asked (%(amount)s).") % {"amount": money(obj.requested)}
    return [Missing("above_request", words, level="warn")]


def within_award(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An agreement above the award is odd enough for a sentence."""
    if data.amount is None or obj.awarded is None or data.amount <= obj.awarded:
        return []
    words = _("More than what was awarded (%(amount)s).") % {"amount": money(obj.awarded)}
    return [Missing("above_award", words, level="warn")]


def within_agreed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.amount is None or obj.agreed is None or data.amount <= obj.agreed:
        return []
    words = _("More than what was agreed (%(amount)s).") % {"amount": money(obj.agreed)}
    return [Missing("above_agreed", words, level="warn")]


def agreement_for_large_grants(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A large public grant needs an agreement before it runs (law 2000-321 art. 10)."""
    above = figure(Kind.GRANT_AGREEMENT, on)
    if obj.state != "awarded" or (obj.awarded or ZERO) <= above:
        return []
    words = _("Above %(amount)s a public grant needs a signed agreement.")
    return [Missing("agreement", words % {"amount": money(above, digits=0)}, level="warn")]


def received_so_far(application: Any) -> Decimal:
    """Euros received, repayments taken off."""
    rows = application.disbursements.filter(state="received")
    return add_up(rows.values_list("received_amount", flat=True))


def not_below_received(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A final grant below what was paid means that money will be asked back."""
    if data.amount is None:
        return []
    received = received_so_far(obj)
    if data.amount >= received:
        return []
    words = _("%(received)s were received already: %(over)s will have to be paid back.")
    amounts = {"received": money(received), "over": money(received - data.amount)}
    return [Missing("below_received", words % amounts, level="warn")]


def not_above_received(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.amount is None:
        return []
    received = received_so_far(obj)
    if data.amount <= received:
        return []
    words = _("Only %(received)s were received.") % {"received": money(received)}
    return [Missing("above_received", words, level="warn")]


def nothing_awaited(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A file is closed once every payment has come, was paid back or was cancelled."""
    if not obj.disbursements.expected().exists():
        return []
    page = f"{obj.get_absolute_url()}#versements"
    return [Missing("awaited", _("Payments of the funder are still awaited."), page)]


def grant_is_agreed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.application.is_granted or obj.application.state == "clawback":
        return []
    return [Missing("application", _("The grant was not awarded yet."))]


def not_more_than_expected(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """More than expected asks a sentence: a slip of the keyboard, or a payment for two."""
    if data.amount is None or abs(data.amount) <= abs(obj.expected_amount):
        return []
    words = _("More than the %(amount)s expected.") % {"amount": money(obj.expected_amount)}
    return [Missing("more_than_expected", words, level="warn")]


def evidence_of_the_same_coop(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.evidence is None or data.evidence.coop_id == obj.application.coop_id:
        return []
    return [Missing("evidence", _("This document belongs to another coop."))]


def not_before_award(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Nothing is claimed or paid before the funder said yes; a repayment comes after too."""
    decided = obj.application.decided_on
    if data.dated is None or decided is None or data.dated >= decided:
        return []
    words = _("The grant was awarded on %(day)s only: correct this date, or the decision's.")
    return [Missing("dated", words % {"day": date_fr(decided)})]


def within_the_grant(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """What is received in all stays within the grant, but for an overpayment said to be one."""
    if data.amount is None or getattr(obj, "kind", "") == "clawback" or data.amount < 0:
        return []
    over = obj.application.above_grant(data.amount)
    if data.is_overpayment:
        words = _("Nothing passes the grant: this is no overpayment.")
        return [] if over > 0 else [Missing("is_overpayment", words)]
    if over <= 0:
        return []
    words = _(
        "The grant is %(granted)s: with this payment, %(over)s too much would be received. Correct"
        " the amount; if the funder did pay too much, say that it is an overpayment; if it raised"
        " the grant, record the new amount first."
    )
    amounts = {"granted": money(obj.application.granted_amount), "over": money(over)}
    page = f"{obj.application.get_absolute_url()}#versements"
    return [Missing("above_grant", words % amounts, page)]


def pieces_at_hand(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A claim that leaves without a piece the funder asks for wants a sentence."""
    lacking = [piece.label for piece in obj.claim_pieces.filter(done_on=None)]
    if not lacking:
        return []
    words = _("Not at hand yet: %(pieces)s.") % {"pieces": ", ".join(lacking)}
    return [Missing("claim_pieces", words, obj.get_absolute_url(), level="warn")]
