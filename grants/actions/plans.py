"""Every write on a coop's financing plan and on aids obtained elsewhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop, Organisation
from essaim.models import User
from essaim.workflow import Missing, record
from essaim.writing import put
from grants.actions.common import refuse_any
from grants.models import OtherAid, PlanNeed, PlanResource

NEED_FACTS = frozenset({"kind", "label", "amount"})
RESOURCE_FACTS = NEED_FACTS | {"certainty"}
AID_FACTS = frozenset({"giver", "granted_on", "amount", "words"})


def _wrong_amount(amount: Decimal | None) -> list[Missing]:
    if amount is not None and amount > 0:
        return []
    return [Missing("amount", _("The amount must be positive."))]


def _write(
    row: PlanNeed | PlanResource, facts: dict[str, Any], allowed: frozenset[str], **who: Any
) -> None:
    is_new = row.pk is None
    put(row, facts, allowed)
    found = _wrong_amount(row.amount)
    if not row.label.strip():
        found.append(Missing("label", _("Name this line.")))
    refuse_any(found)
    row.save()
    codes = {"kind": row.kind, "amount": str(row.amount), "coop": row.coop_id}
    record(row, "create" if is_new else "edit", codes=codes, **who)


@transaction.atomic
def add_need(coop: Coop, *, by: User, on: date, at: datetime, **facts: Any) -> PlanNeed:
    """Something the coop has to pay for."""
    need = PlanNeed(coop=coop)
    _write(need, facts, NEED_FACTS, by=by, on=on, at=at)
    return need


@transaction.atomic
def edit_need(need: PlanNeed, *, by: User, on: date, at: datetime, **facts: Any) -> PlanNeed:
    need = PlanNeed.objects.select_for_update(of=("self",), no_key=True).get(pk=need.pk)
    _write(need, facts, NEED_FACTS, by=by, on=on, at=at)
    return need


@transaction.atomic
def add_resource(coop: Coop, *, by: User, on: date, at: datetime, **facts: Any) -> PlanResource:
    """Money that no application of ours brings."""
    resource = PlanResource(coop=coop)
    _write(resource, facts, RESOURCE_FACTS, by=by, on=on, at=at)
    return resource


@transaction.atomic
def edit_resource(
    resource: PlanResource, *, by: User, on: date, at: datetime, **facts: Any
) -> PlanResource:
    rows = PlanResource.objects.select_for_update(of=("self",), no_key=True)
    resource = rows.get(pk=resource.pk)
    _write(resource, facts, RESOURCE_FACTS, by=by, on=on, at=at)
    return resource


@transaction.atomic
def remove_plan_line(row: PlanNeed | PlanResource, *, by: User, on: date, at: datetime) -> Coop:
    """Take a line of the plan away; the trail keeps what it said."""
    codes = {"kind": row.kind, "amount": str(row.amount), "coop": row.coop_id}
    record(row, "remove", by=by, on=on, at=at, codes=codes, text=row.label)
    coop = row.coop
    row.delete()
    return coop


@transaction.atomic
def add_other_aid(
    organisation: Organisation, *, by: User, on: date, at: datetime, **facts: Any
) -> OtherAid:
    """A de minimis aid obtained elsewhere, from its letter."""
    aid = OtherAid(organisation=organisation)
    put(aid, facts, AID_FACTS)
    refuse_any(_wrong_aid(aid, on))
    aid.save()
    codes = {"organisation": organisation.pk, "amount": str(aid.amount)}
    record(aid, "create", by=by, on=on, at=at, codes=codes)
    return aid


@transaction.atomic
def edit_other_aid(aid: OtherAid, *, by: User, on: date, at: datetime, **facts: Any) -> OtherAid:
    aid = OtherAid.objects.select_for_update(of=("self",), no_key=True).get(pk=aid.pk)
    changed = put(aid, facts, AID_FACTS)
    refuse_any(_wrong_aid(aid, on))
    aid.save()
    record(aid, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return aid


@transaction.atomic
def remove_other_aid(aid: OtherAid, *, by: User, on: date, at: datetime) -> Organisation:
    """It was typed by mistake; the trail keeps what it said."""
    codes = {"organisation": aid.organisation_id, "amount": str(aid.amount)}
    record(aid, "remove", by=by, on=on, at=at, codes=codes, text=aid.giver)
    organisation = aid.organisation
    aid.delete()
    return organisation


def _wrong_aid(aid: OtherAid, on: date) -> list[Missing]:
    found = _wrong_amount(aid.amount)
    if aid.granted_on is None or aid.granted_on > on:
        found.append(Missing("granted_on", _("The date can't be in the future.")))
    if not aid.giver.strip():
        found.append(Missing("giver", _("Say who gave it.")))
    return found
