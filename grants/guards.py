"""What each move of an application and of a disbursement asks for."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim.money import cents, percent_of
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


def requested_amount(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.requested:
        return []
    return [Missing("requested", _("The amount requested is missing."))]


def within_cap(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Past the programme's caps: one sentence says why it is asked all the same."""
    programme, found = obj.programme, []
    if obj.requested and programme.amount_cap and obj.requested > programme.amount_cap:
        found.append(
            Missing(
                "amount_cap",
                _("More is asked than the programme's cap of %(cap)s €.")
                % {"cap": programme.amount_cap},
                level="warn",
            )
        )
    if obj.requested and obj.eligible_base and programme.rate_cap:
        most = percent_of(obj.eligible_base, programme.rate_cap)
        if cents(obj.requested) > most:
            found.append(
                Missing(
                    "rate_cap",
                    _("More is asked than %(rate)s %% of the eligible base.")
                    % {"rate": programme.rate_cap},
                    level="warn",
                )
            )
    return found


def grant_is_agreed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.application.is_granted or obj.application.state == "clawback":
        return []
    return [Missing("application", _("The grant was not awarded yet."))]
