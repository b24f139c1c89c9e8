"""What each move of an agreement, a mission and a day asks for."""

from datetime import date
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from essaim.roles import Role
from essaim.workflow import Missing


def agreement_can_be_signed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Terms complete, shares of 100 %, a penalty rate not below the floor."""
    found = []
    if obj.kind != "offered" and not obj.daily_rate:
        found.append(Missing("daily_rate", _("The daily rate is missing.")))
    shares = list(obj.shares.all())
    if obj.kind != "offered" and sum(s.percent for s in shares) != 100:
        found.append(Missing("shares", _("The shares of the payers must make 100 %.")))
    return found


def amendment_can_be_signed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.agreement.is_signed:
        return []
    return [Missing("agreement", _("Only a signed agreement is amended."))]


def no_day_awaits(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A mission ends when each of its days was validated, billed or declined."""
    count = obj.days.filter(state__in=("logged", "submitted", "proposed")).count()
    if not count:
        return []
    return [
        Missing(
            "days", _("%(count)s days of this mission are not validated yet.") % {"count": count}
        )
    ]


def day_can_be_submitted(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if by.pk == obj.consultant_id or by.has_role(Role.COORDINATOR):
        return []
    return [Missing("consultant", _("Only the person who worked sends their day."))]


def _submit_bulk(objs: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    return [m for obj in objs for m in day_can_be_submitted(obj, by=by, on=on, data=data)]


day_can_be_submitted.bulk = _submit_bulk  # type: ignore[attr-defined]


def day_can_be_validated(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A day over budget or late is decided first; its shares have been made."""
    if obj.arbitration == "pending":
        return [
            Missing("arbitration", _("This day is over budget or late: decide who pays it first."))
        ]
    if not obj.shares.exists():
        return [Missing("shares", _("Who pays this day is not settled."))]
    return []


def not_ones_own(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Nobody validates their own days, unless the office has one coordinator or the policy is none."""
    if obj.consultant_id != by.pk:
        return []
    structure = apps.get_model("crm.Structure").objects.first()
    if structure is None or structure.day_validation == "none":
        return []
    others = type(by).objects.active().filter(is_coordinator=True).exclude(pk=by.pk)
    if not others.exists():
        return []
    return [Missing("own", _("Another coordinator validates your own days."))]


def a_reason_to_reject(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.why is None or data.why.strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def day_can_be_billed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.shares.filter(nature="billed").exists():
        return []
    return [Missing("shares", _("Nothing of this day is billed to anybody."))]
