"""What each move of an expense asks for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.roles import Role
from essaim.workflow import Missing
from missions.codes import Treatment
from missions.guards import validates_nothing


def may_validate_expense(obj: Any, user: Any) -> bool:
    """A coordinator; or, when nobody validates, the person who sends the expense."""
    if user.has_perm("missions.validate_expense"):
        return True
    own = obj is None or obj.consultant_id == user.pk
    return bool(own and user.has_perm("missions.log_expense") and validates_nothing())


def expense_is_of_its_person(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if by.pk == obj.consultant_id or by.has_role(Role.COORDINATOR):
        return []
    return [Missing("consultant", _("Only the person who spent sends their expense."))]


def expense_is_complete(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Its receipt where the law wants one, and somebody to bill where it is billed."""
    url = reverse("missions:expense_edit", args=(obj.pk,)) if obj.pk else ""
    found = []
    if obj.treatment == Treatment.ADVANCED and obj.receipt_id is None:
        text = _(
            "What is advanced for a client is taken back to the cent, on its receipt"
            " (CGI art. 267 II 2°): add the receipt, or rebill it."
        )
        found.append(Missing("receipt", f"{obj.label}\u00a0: {text}", url))
    if obj.treatment != Treatment.KEPT:
        found += _who_is_billed(obj, url, by)
    return found


def _who_is_billed(obj: Any, url: str, by: Any) -> list[Missing]:
    """What bars its billing, named by the expense, with a page that this person may open."""
    agreement = obj.mission.agreement
    if agreement is None:
        text = _("This mission is under no agreement: nobody can be billed. Keep the expense.")
        return [Missing("treatment", f"{obj.label}\u00a0: {text}", url)]
    if by.has_perm("missions.view_agreement"):
        url = agreement.get_absolute_url()
    if agreement.state in (agreement.State.DRAFT, agreement.State.SENT):
        words = _("The agreement “%(agreement)s” is not signed: nothing is billed under it.")
        return [Missing("unsigned", f"{obj.label}\u00a0: {words % {'agreement': agreement}}", url)]
    if obj.kind == "km" and not agreement.km_rate:
        words = _("The agreement “%(agreement)s” names no price per km: keep these kilometres.")
        return [Missing("km_rate", f"{obj.label}\u00a0: {words % {'agreement': agreement}}", url)]
    return []


def a_reason_to_send_back(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    found = []
    if obj.reimbursed_on is not None:
        found.append(Missing("state", _("This expense was given back already.")))
    if data.why is not None and not data.why.strip():
        found.append(Missing("why", _("Say why in a sentence.")))
    return found


def expense_can_be_settled(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Only what we keep at our charge ends without an invoice."""
    if obj.treatment == Treatment.KEPT:
        return []
    return [Missing("treatment", _("This expense is billed: it ends with its invoice."))]


def _settle_bulk(objs: Sequence[Any], *, by: Any, on: date, data: Any) -> list[Missing]:
    return [m for obj in objs for m in expense_can_be_settled(obj, by=by, on=on, data=data)]


expense_can_be_settled.bulk = _settle_bulk  # type: ignore[attr-defined]
