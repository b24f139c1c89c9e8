"""How a coop comes to us: at its first stage, or taken over at the stage it has reached."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm.actions.coops import COOP_FIELDS, offer
from crm.actions.moves import moved
from crm.actions.organisations import create_organisation
from crm.models import (
    Accompaniment,
    Coop,
    Fulfilment,
    Organisation,
    Path,
    Requirement,
    RequirementVersion,
)
from crm.stages import RANK
from essaim.models import User
from essaim.roles import Role
from essaim.workflow import record
from essaim.writing import judge, put, refuse


def _begun(
    path: Path,
    owner: User,
    started_on: date,
    fields: dict[str, Any],
    *,
    by: User,
    on: date,
    at: datetime,
) -> Accompaniment:
    """An organisation, its coop and its accompaniment at the first stage."""
    if started_on > on:
        refuse("started_on", _("The date can't be in the future."))
    if not owner.has_role(Role.CONSULTANT, Role.COORDINATOR, Role.ADMINISTRATOR):
        refuse("owner", _("Choose somebody who accompanies coops."))
    organisation = fields.pop("organisation", None)
    coop = Coop()
    put(coop, {k: fields.pop(k) for k in list(fields) if k in COOP_FIELDS}, COOP_FIELDS)
    if organisation is None:
        fields["kind"] = Organisation.Kind.COOP
        organisation = create_organisation(by=by, on=on, at=at, **fields)
    elif Coop.objects.filter(organisation=organisation).exists():
        refuse("organisation", _("This organisation already is a coop."))
    coop.organisation = organisation
    coop.commune = coop.commune or organisation.city
    coop.department = coop.department or organisation.postcode[:2]
    judge(coop)
    coop.save()
    return Accompaniment.objects.create(
        coop=coop, path=path, owner=owner, started_on=started_on, stage_since=started_on
    )


def create_coop(
    *,
    path: Path,
    owner: User | None = None,
    started_on: date | None = None,
    is_offered: bool = False,
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Coop:
    """Welcome a nascent coop: organisation, coop and accompaniment at `contact`.

    `fields` are those of the organisation and of the coop, or an existing `organisation`.
    Raises Refused.
    """
    with transaction.atomic():
        begun = _begun(path, owner or by, started_on or on, dict(fields), by=by, on=on, at=at)
        record(begun, "begin", by=by, on=on, at=at, codes={"coop": begun.coop_id})
        if is_offered:
            offer(begun, by=by, on=on, at=at)
    return begun.coop


def take_over(
    *,
    path: Path,
    stage: str,
    effective_on: date,
    owner: User | None = None,
    started_on: date | None = None,
    why: str = "",
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Coop:
    """Welcome a coop that exists already, at its stage, earlier items marked as done before.

    It goes through the door (`place`) and the accompaniment has this one Event. Raises Refused.
    """
    if effective_on > on:
        refuse("effective_on", _("The date can't be in the future."))
    began = started_on or effective_on
    with transaction.atomic():
        begun = _begun(path, owner or by, began, dict(fields), by=by, on=on, at=at)
        moved(begun, "place", to=stage, effective_on=effective_on, why=why, by=by, on=on, at=at)
        earlier = [code for code, rank in RANK.items() if rank < RANK[stage]]
        asked = Requirement.objects.asked_of(begun).filter(stage__in=earlier)
        versions = RequirementVersion.objects.filter(
            requirement__in=asked, number=F("requirement__version")
        )
        Fulfilment.objects.bulk_create(
            Fulfilment(
                accompaniment=begun,
                requirement_id=version.requirement_id,
                version=version,
                status=Fulfilment.Status.BEFORE,
                on=effective_on,
                by=by,
            )
            for version in versions
        )
    return begun.coop


def register_shop(*, by: User, on: date, at: datetime, **fields: Any) -> Coop:
    """Write down an open shop of the network that we do not accompany. Raises Refused."""
    coop = Coop()
    put(coop, {k: fields.pop(k) for k in list(fields) if k in COOP_FIELDS}, COOP_FIELDS)
    with transaction.atomic():
        fields["kind"] = Organisation.Kind.COOP
        coop.organisation = create_organisation(by=by, on=on, at=at, **fields)
        coop.commune = coop.commune or coop.organisation.city
        judge(coop)
        coop.save()
        record(coop, "register", by=by, on=on, at=at)
    return coop
