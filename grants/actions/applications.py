"""Every write on applications."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop, Organisation, Structure
from essaim.models import User
from essaim.workflow import Missing, MoveData, Refused, perform, record
from essaim.writing import put
from grants import payments
from grants.actions.common import negative, refuse_any
from grants.actions.pieces import copy_kinds, send_ready
from grants.guards import within_cap
from grants.guards_file import wrong_order
from grants.models import GrantApplication, PieceStep, Programme
from grants.models.facts import AMOUNTS
from grants.states import TO_SUBMIT

# What a form may write on an application; the rest moves through the door.
FACTS = frozenset(
    {
        "title",
        "reference",
        "call",
        "owner",
        "spotted_on",
        "acknowledged_on",
        "committee_on",
        "notified_on",
        "expenses_from",
        "expenses_until",
        "project_from",
        "project_until",
        "report_due_on",
        "lapses_on",
        "archive_until",
        "amounts_are",
        "total_cost",
        "eligible_base",
        "requested",
        "own_share",
        "in_kind",
        "grant_equivalent",
    }
)
# What was ready for a step leaves with it.
_SENDS: Mapping[str, str] = {
    "deposit": PieceStep.DEPOSIT,
    "declare_complete": PieceStep.COMPLETENESS,
    "agree": PieceStep.AGREEMENT,
    "report": PieceStep.REPORT,
}
_PAST = ("spotted_on", "acknowledged_on", "notified_on")


@transaction.atomic
def create_application(
    *,
    programme: Programme,
    title: str,
    by: User,
    on: date,
    at: datetime,
    coop: Coop | None = None,
    owner: User | None = None,
    spotted_on: date | None = None,
    **facts: Any,
) -> GrantApplication:
    """Spot an aid for a coop, or for our own structure when `coop` is None."""
    application = GrantApplication(programme=programme, coop=coop, applicant=_applicant(coop))
    given = {"title": title, "owner": owner or by, "spotted_on": spotted_on or on, **facts}
    changed = put(application, given, FACTS)
    refuse_any(_wrong_application(application, on, set(changed)))
    application.save()
    copy_kinds(application)
    codes = {"programme": programme.pk, "coop": coop.pk if coop else 0, "fields": changed}
    record(application, "create", by=by, on=on, at=at, codes=codes)
    return application


def _applicant(coop: Coop | None) -> Organisation:
    if coop is not None:
        return coop.organisation
    structure = Structure.objects.select_related("organisation").first()
    if structure is None:
        raise Refused([Missing("coop", _("Choose a coop: our own structure is not set up yet."))])
    return structure.organisation


@transaction.atomic
def edit_application(
    application: GrantApplication,
    *,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
    **facts: Any,
) -> GrantApplication:
    """Write facts of an application. Past the programme's cap it asks a sentence once deposited."""
    application = _locked(application)
    changed = put(application, facts, FACTS)
    refuse_any(_wrong_application(application, on, set(changed)))
    reasons = reasons or {}
    if application.state not in TO_SUBMIT and {"requested", "eligible_base"} & set(changed):
        warned = within_cap(application, by=by, on=on, data=MoveData())
        refuse_any([m for m in warned if not reasons.get(m.code, "").strip()])
    application.save()
    words = " ".join(reasons.values())
    record(application, "edit", by=by, on=on, at=at, codes={"fields": changed}, text=words)
    return application


def _locked(application: GrantApplication) -> GrantApplication:
    rows = GrantApplication._base_manager.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=application.pk)


def _wrong_application(application: GrantApplication, on: date, changed: set[str]) -> list[Missing]:
    found = negative(application, AMOUNTS)
    for name in _PAST:
        value = getattr(application, name)
        if value is not None and value > on:
            found.append(Missing(name, _("The date can't be in the future.")))
    found += wrong_order(application, changed)
    if application.call and application.call.programme_id != application.programme_id:
        found.append(Missing("call", _("This call belongs to another programme.")))
    cost, base = application.total_cost, application.eligible_base
    if cost is not None and base is not None and base > cost:
        found.append(Missing("eligible_base", _("The eligible base is above the total cost.")))
    return found


# -- moves ------------------------------------------------------------------------------------


@transaction.atomic
def move(
    application: GrantApplication,
    edge: str,
    *,
    by: User,
    on: date,
    at: datetime,
    reason: str = "",
    **data: Any,
) -> GrantApplication:
    """Take one edge, with what it brings about in the plan of payments.

    A step sends the pieces that were ready for it; settling fits the awaited payments to the
    final grant; a claim for repayment adds a negative row; renouncing or lapsing cancels what was
    awaited. Raises as the door does.
    """
    perform(application, edge, by=by, on=on, at=at, reason=reason, **data)
    who: dict[str, Any] = {"by": by, "on": on, "at": at}
    if edge in _SENDS:
        send_ready(application, step=_SENDS[edge], dated=data["dated"], **who)
    if edge == "settle":
        payments.fit_to_final(application, **who)
    elif edge == "claw_back":
        payments.plan_repayment(application, amount=data["amount"], **who)
    elif edge in ("renounce", "lapse"):
        words = _("The grant will not be paid.")
        payments.cancel_awaited(application, why=words, **who)
    return application


def award(
    application: GrantApplication, *, dated: date, amount: Decimal, **who: Any
) -> GrantApplication:
    """The funder says yes to `amount` euros."""
    return move(application, "award", dated=dated, amount=amount, **who)


def agree(
    application: GrantApplication,
    *,
    dated: date,
    amount: Decimal,
    base: Decimal | None = None,
    **who: Any,
) -> GrantApplication:
    """The agreement is signed, for `amount` euros on an eligible base of `base`."""
    return move(application, "agree", dated=dated, amount=amount, base=base, **who)


def report(
    application: GrantApplication, *, dated: date, amount: Decimal, **who: Any
) -> GrantApplication:
    """The report is sent; `amount` euros of expenses are justified."""
    return move(application, "report", dated=dated, amount=amount, **who)


def settle(
    application: GrantApplication, *, dated: date, amount: Decimal, **who: Any
) -> GrantApplication:
    """The funder accepts the report and retains `amount` euros; the plan of payments follows."""
    return move(application, "settle", dated=dated, amount=amount, **who)


def claw_back(
    application: GrantApplication, *, dated: date, amount: Decimal, **who: Any
) -> GrantApplication:
    """The funder asks `amount` euros back: a negative payment is planned."""
    return move(application, "claw_back", dated=dated, amount=amount, **who)


def withdraw(
    application: GrantApplication, *, dated: date, why: str, **who: Any
) -> GrantApplication:
    return move(application, "withdraw", dated=dated, why=why, **who)


def renounce(
    application: GrantApplication, *, dated: date, why: str, **who: Any
) -> GrantApplication:
    return move(application, "renounce", dated=dated, why=why, **who)
