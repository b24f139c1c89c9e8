"""Every write on programmes and calls."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.stages import Stage
from essaim.models import User
from essaim.workflow import Missing, record
from essaim.writing import put
from grants.actions.common import negative, refuse_any
from grants.models import Call, CatalogueSetting, Programme

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
        "is_public",
        "flat_rate",
        "report_rule",
        "report_months",
        "success_fee_allowed",
        "success_fee_source",
        "url",
        "facts",
        "checked_on",
    }
)
CALL_FACTS = frozenset(
    {
        "title",
        "opens_on",
        "pre_deposit_on",
        "deadline",
        "zone",
        "recurrence",
        "territory",
        "stages",
        "url",
        "source",
        "source_id",
        "licence",
        "checked_on",
    }
)


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
    refuse_any(_wrong_call(call, on))
    call.save()
    record(call, "create", by=by, on=on, at=at, codes={"fields": changed})
    return call


@transaction.atomic
def edit_call(call: Call, *, by: User, on: date, at: datetime, **facts: Any) -> Call:
    call = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    changed = put(call, facts, CALL_FACTS)
    refuse_any(_wrong_call(call, on))
    call.save()
    record(call, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return call


def _wrong_programme(programme: Programme, on: date) -> list[Missing]:
    found = negative(programme, ("amount_cap", "amount_floor", "day_rate_cap"))
    for name in ("rate_cap", "public_aid_cap", "own_share_minimum", "flat_rate"):
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


def _wrong_call(call: Call, on: date) -> list[Missing]:
    found = _wrong_source(call, on)
    if unknown := sorted(set(call.stages) - set(Stage.values)):
        words = _("Unknown stages: %(stages)s.") % {"stages": ", ".join(map(str, unknown))}
        found.append(Missing("stages", words))
    if call.opens_on and call.pre_deposit_on and call.pre_deposit_on < call.opens_on:
        found.append(Missing("pre_deposit_on", _("The pre-deposit comes before the opening.")))
    local = call.local_deadline
    if local is None:
        return found
    if call.opens_on and call.opens_on > local.date():
        found.append(Missing("opens_on", _("It opens after its deadline.")))
    if call.pre_deposit_on and call.pre_deposit_on > local.date():
        found.append(Missing("pre_deposit_on", _("The pre-deposit comes after the deadline.")))
    return found


def _wrong_source(call: Call, on: date) -> list[Missing]:
    found = []
    if call.source_id and not call.source:
        found.append(Missing("source", _("A number needs the name of its list.")))
    if call.checked_on and call.checked_on > on:
        found.append(Missing("checked_on", _("The date can't be in the future.")))
    twins = Call.objects.filter(source=call.source, source_id=call.source_id).exclude(pk=call.pk)
    if call.source_id and twins.exists():
        words = _("Another call bears this number of the same list.")
        found.append(Missing("source_id", words))
    return found


def _set_archived(row: Programme | Call, *, away: bool, by: User, on: date, at: datetime) -> None:
    if bool(row.archived_on) is away:
        told = _("It is archived already.") if away else _("It is not archived.")
        refuse_any([Missing("state", told)])
    row.archived_on = on if away else None
    row.save()
    record(row, "archive" if away else "unarchive", by=by, on=on, at=at)


@transaction.atomic
def archive_programme(
    programme: Programme, *, by: User, on: date, at: datetime, away: bool = True
) -> Programme:
    """Take a programme out of the catalogue, or back into it; its files stay as they are."""
    programme = Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
    _set_archived(programme, away=away, by=by, on=on, at=at)
    return programme


@transaction.atomic
def archive_call(call: Call, *, by: User, on: date, at: datetime, away: bool = True) -> Call:
    call = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    _set_archived(call, away=away, by=by, on=on, at=at)
    return call


@transaction.atomic
def note_checked(programme: Programme, *, by: User, on: date, at: datetime) -> Programme:
    """Somebody read the funder's page today and the rules still stand."""
    return edit_programme(programme, checked_on=on, by=by, on=on, at=at)


@transaction.atomic
def set_recheck(*, months: int, by: User, on: date, at: datetime) -> CatalogueSetting:
    """After how many months a programme is to be read again."""
    if not 1 <= months <= 120:
        refuse_any([Missing("months", _("Between 1 and 120 months."))])
    setting = CatalogueSetting.objects.order_by("pk").first() or CatalogueSetting()
    setting.recheck_months = months
    setting.save()
    record(setting, "edit", by=by, on=on, at=at, codes={"months": months})
    return setting
