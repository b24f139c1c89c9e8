"""Every write on programmes and calls."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, record
from essaim.writing import put
from grants.actions.common import negative, refuse_any
from grants.models import Call, Programme

PROGRAMME_FACTS = frozenset(
    {
        "funder",
        "name",
        "kind",
        "rate_cap",
        "amount_cap",
        "amount_floor",
        "public_aid_cap",
        "own_share_minimum",
        "pays",
        "day_rate_cap",
        "travel_eligible",
        "paid_expenses_only",
        "no_early_commitment",
        "is_de_minimis",
        "success_fee_allowed",
        "success_fee_source",
        "url",
        "facts",
        "checked_on",
    }
)
CALL_FACTS = frozenset({"title", "opens_on", "pre_deposit_on", "deadline", "recurrence", "url"})


@transaction.atomic
def create_programme(*, by: User, on: date, at: datetime, **facts: Any) -> Programme:
    """Add a funder's programme; whether it allows a success fee needs a source."""
    programme = Programme()
    changed = put(programme, facts, PROGRAMME_FACTS)
    refuse_any(_wrong_programme(programme, on))
    programme.save()
    record(programme, "create", by=by, on=on, at=at, codes={"fields": changed})
    return programme


@transaction.atomic
def edit_programme(
    programme: Programme, *, by: User, on: date, at: datetime, **facts: Any
) -> Programme:
    programme = Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
    changed = put(programme, facts, PROGRAMME_FACTS)
    refuse_any(_wrong_programme(programme, on))
    programme.save()
    record(programme, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return programme


@transaction.atomic
def create_call(*, programme: Programme, by: User, on: date, at: datetime, **facts: Any) -> Call:
    call = Call(programme=programme)
    changed = put(call, facts, CALL_FACTS)
    refuse_any(_wrong_call(call))
    call.save()
    record(call, "create", by=by, on=on, at=at, codes={"fields": changed})
    return call


@transaction.atomic
def edit_call(call: Call, *, by: User, on: date, at: datetime, **facts: Any) -> Call:
    call = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    changed = put(call, facts, CALL_FACTS)
    refuse_any(_wrong_call(call))
    call.save()
    record(call, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return call


def _wrong_programme(programme: Programme, on: date) -> list[Missing]:
    found = negative(programme, ("amount_cap", "amount_floor", "day_rate_cap"))
    for name in ("rate_cap", "public_aid_cap", "own_share_minimum"):
        value = getattr(programme, name)
        if value is not None and not 0 <= value <= 100:
            found.append(Missing(name, _("A percentage goes from 0 to 100.")))
    said = programme.success_fee_allowed != Programme.SuccessFee.UNKNOWN
    if said and not programme.success_fee_source.strip():
        words = _("Say where this is written: a page, a rule, a letter of the funder.")
        found.append(Missing("success_fee_source", words))
    if programme.checked_on and programme.checked_on > on:
        found.append(Missing("checked_on", _("The date can't be in the future.")))
    low, high = programme.amount_floor, programme.amount_cap
    if low is not None and high is not None and low > high:
        found.append(Missing("amount_floor", _("The floor is above the cap.")))
    return found


def _wrong_call(call: Call) -> list[Missing]:
    if call.deadline is None:
        return []
    found = []
    if call.opens_on and call.opens_on > call.deadline.date():
        found.append(Missing("opens_on", _("It opens after its deadline.")))
    if call.pre_deposit_on and call.pre_deposit_on > call.deadline.date():
        found.append(Missing("pre_deposit_on", _("The pre-deposit comes after the deadline.")))
    return found
