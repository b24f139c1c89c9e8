"""Every write on the other funders of a project."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, record
from essaim.writing import put
from grants.actions.common import refuse_any
from grants.models import CoFunder, GrantApplication

CO_FUNDER_FACTS = frozenset({"funder", "amount", "is_public", "own_application"})


@transaction.atomic
def add_co_funder(
    application: GrantApplication,
    *,
    funder: Organisation,
    amount: Decimal,
    by: User,
    on: date,
    at: datetime,
    is_public: bool = True,
    standing: str = CoFunder.State.PLANNED,
    own_application: GrantApplication | None = None,
) -> CoFunder:
    """Add another funder of the same project."""
    co = CoFunder(
        application=application,
        funder=funder,
        amount=amount,
        is_public=is_public,
        standing=standing,
        standing_on=on,
        own_application=own_application,
    )
    refuse_any(_wrong(co))
    co.save()
    codes = {"co_funder": co.pk, "funder": funder.pk, "amount": str(amount), "standing": standing}
    record(application, "add_co_funder", by=by, on=on, at=at, codes=codes)
    return co


@transaction.atomic
def edit_co_funder(co: CoFunder, *, by: User, on: date, at: datetime, **facts: Any) -> CoFunder:
    """Correct who it is, how much, and which of our files stands behind it."""
    co = _locked(co)
    changed = put(co, facts, CO_FUNDER_FACTS)
    refuse_any(_wrong(co))
    co.save()
    codes = {"co_funder": co.pk, "fields": changed, "amount": str(co.amount)}
    record(co.application, "edit_co_funder", by=by, on=on, at=at, codes=codes)
    return co


@transaction.atomic
def note_standing(
    co: CoFunder,
    *,
    standing: str,
    dated: date,
    by: User,
    on: date,
    at: datetime,
    amount: Decimal | None = None,
    words: str = "",
) -> CoFunder:
    """Another funder's answer, on the date of its letter; it may grant less than was hoped."""
    co = _locked(co)
    found = []
    if dated > on:
        found.append(Missing("dated", _("The date can't be in the future.")))
    elif co.standing_on and dated < co.standing_on:
        told = _("It stands as it does since %(day)s: an answer comes later.")
        found.append(Missing("dated", told % {"day": date_fr(co.standing_on)}))
    if standing == co.standing:
        told = _("It stands there already: “%(state)s”.")
        found.append(Missing("standing", told % {"state": co.get_standing_display()}))
    before = co.standing
    co.standing, co.standing_on = standing, dated
    co.amount = co.amount if amount is None else amount
    refuse_any([*found, *_wrong(co)])
    co.save()
    codes = {
        "co_funder": co.pk,
        "from": before,
        "to": standing,
        "dated": dated.isoformat(),
        "amount": str(co.amount),
    }
    record(co.application, "co_funder_standing", by=by, on=on, at=at, codes=codes, text=words)
    return co


def _locked(co: CoFunder) -> CoFunder:
    rows = CoFunder.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("application").get(pk=co.pk)


def _wrong(co: CoFunder) -> list[Missing]:
    found = []
    if co.amount < 0:
        found.append(Missing("amount", _("The amount can't be negative.")))
    if co.funder_id == co.application.applicant_id:
        found.append(Missing("funder", _("The applicant's own money is its own share.")))
    own = co.own_application
    if own is not None and own.applicant_id != co.application.applicant_id:
        found.append(Missing("own_application", _("This file belongs to another applicant.")))
    if own is not None and own.pk == co.application_id:
        found.append(Missing("own_application", _("That is this very file.")))
    if own is not None and own.programme.funder_id != co.funder_id:
        found.append(Missing("own_application", _("This file is not at that funder.")))
    return found
