"""What each move of an agreement, a mission and a day asks for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Structure
from essaim.models import User
from essaim.models.legal import NoFigure, caps, late_rates
from essaim.roles import Role
from essaim.terms import LAWFUL_WAYS, Term, check_term, rate_below_floor, ways_text
from essaim.workflow import Missing


# -- agreements --------------------------------------------------------------------------------
def agreement_can_be_signed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Terms complete, shares of 100 %, a date not ahead, a penalty rate not below the floor."""
    found = []
    if obj.kind == "by_day" and not obj.daily_rate:
        url = reverse("missions:agreement_edit", args=(obj.pk,))
        found.append(Missing("daily_rate", _("The daily rate is missing."), url))
    shares = list(obj.shares.all())
    if obj.kind != "offered" and sum(s.percent for s in shares) != 100:
        url = reverse("missions:agreement_shares", args=(obj.pk,))
        found.append(Missing("shares", _("The shares of the payers must make 100 %."), url))
    signed_on = getattr(data, "signed_on", None)
    if signed_on is not None and signed_on > on:
        found.append(Missing("signed_on", _("The signature cannot be in the future.")))
    return found + _penalty_floor(obj, signed_on or on) + _term_cap(obj, signed_on or on)


def _term_cap(obj: Any, on: date) -> list[Missing]:
    """A payment term past the legal cap is refused at signature (L441-10, R2192-10)."""
    term = Term(obj.payment_days, obj.payment_method)
    try:
        limits = caps(on)
    except NoFigure:
        return []
    if obj.kind == "offered" or check_term(obj.client.client_kind, term, limits):
        return []
    url = reverse("missions:agreement_edit", args=(obj.pk,))
    words = _("The payment term is past the legal cap. What gives time lawfully: %(ways)s.")
    ways = " · ".join(str(text) for text in ways_text(tuple(LAWFUL_WAYS)).values())
    return [Missing("payment_days", words % {"ways": ways}, url)]


def _penalty_floor(obj: Any, on: date) -> list[Missing]:
    """A contract's penalty rate below three times the legal rate is refused (L441-10 II)."""
    if obj.penalty_rate is None or obj.client.client_kind == "consumer":
        return []
    try:
        rates = late_rates(on)
    except NoFigure:
        return []
    if not rate_below_floor(obj.penalty_rate, rates):
        return []
    floor = f"{rates.floor:.2f}".replace(".", ",")
    url = reverse("missions:agreement_edit", args=(obj.pk,))
    words = _("The penalty rate is below the legal floor, %(floor)s %%.") % {"floor": floor}
    return [Missing("penalty_rate", words, url)]


def no_open_mission(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An agreement is completed once each of its missions has ended."""
    return [
        Missing(
            "missions",
            _("The mission “%(mission)s” is still open.") % {"mission": mission},
            mission.get_absolute_url(),
        )
        for mission in obj.missions.filter(state="open")
    ]


def amendment_can_be_signed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.agreement.is_signed:
        return []
    return [Missing("agreement", _("Only a signed agreement is amended."))]


# -- missions ----------------------------------------------------------------------------------
def no_day_awaits(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A mission ends when each of its days was validated, billed or declined."""
    count = obj.days.filter(state__in=("logged", "submitted", "proposed")).count()
    if not count:
        return []
    words = _("“%(mission)s”: %(count)s days are not validated yet.") % {
        "mission": obj.title,
        "count": count,
    }
    return [Missing("days", words, reverse("missions:mission", args=(obj.pk,)))]


# -- days --------------------------------------------------------------------------------------
def only_the_colleague(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if by.pk == obj.consultant_id:
        return []
    return [Missing("consultant", _("Only the colleague answers this proposal."))]


def day_can_be_submitted(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if by.pk == obj.consultant_id or by.has_role(Role.COORDINATOR):
        return []
    return [Missing("consultant", _("Only the person who worked sends their day."))]


def _submit_bulk(objs: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    return [m for obj in objs for m in day_can_be_submitted(obj, by=by, on=on, data=data)]


day_can_be_submitted.bulk = _submit_bulk  # type: ignore[attr-defined]


def _undecided(obj: Any) -> Missing:
    url = reverse("missions:arbitrate", args=(obj.pk,))
    words = _("The day of %(date)s is over budget or late: decide who pays it first.")
    return Missing("arbitration", words % {"date": f"{obj.worked_on:%d/%m/%Y}"}, url)


def day_can_be_validated(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A day over budget or late is decided first; its shares have been made."""
    if obj.arbitration == "pending":
        return [_undecided(obj)]
    if not obj.shares.exists():
        return [Missing("shares", _("Who pays this day is not settled."))]
    return []


def _validate_bulk(objs: Sequence[Any], *, by: Any, on: date, data: Any) -> list[Missing]:
    found = [_undecided(obj) for obj in objs if obj.arbitration == "pending"]
    shares = type(objs[0])._meta.get_field("shares").related_model.objects
    shared = set(shares.filter(day__in=objs).values_list("day_id", flat=True))
    if any(obj.pk not in shared for obj in objs if obj.arbitration != "pending"):
        found.append(Missing("shares", _("Who pays this day is not settled.")))
    return found


day_can_be_validated.bulk = _validate_bulk  # type: ignore[attr-defined]


def validates_nothing() -> bool:
    """Whether the office decided that days are valid as soon as they are sent."""
    return Structure.objects.filter(day_validation=Structure.Policy.NONE).exists()


def may_validate(obj: Any, user: Any) -> bool:
    """A coordinator; or, when nobody validates, the person who sends the day."""
    if user.has_perm("missions.validate_day"):
        return True
    own = obj is None or obj.consultant_id == user.pk
    return bool(own and user.has_perm("missions.submit_day") and validates_nothing())


def not_ones_own(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Another coordinator validates my days, unless there is none or nobody validates."""
    return _own_bulk((obj,), by=by, on=on, data=data)


def _own_bulk(objs: Sequence[Any], *, by: Any, on: date, data: Any) -> list[Missing]:
    if all(obj.consultant_id != by.pk for obj in objs) or validates_nothing():
        return []
    if not User.objects.active().filter(is_coordinator=True).exclude(pk=by.pk).exists():
        return []
    return [Missing("own", _("Another coordinator validates your own days."))]


not_ones_own.bulk = _own_bulk  # type: ignore[attr-defined]


def a_reason_to_reject(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.why is None or data.why.strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def _bill_bulk(objs: Sequence[Any], *, by: Any, on: date, data: Any) -> list[Missing]:
    shares = type(objs[0])._meta.get_field("shares").related_model.objects
    billed = set(
        shares.filter(day__in=objs, nature="billed").values_list("day_id", flat=True).distinct()
    )
    if all(obj.pk in billed for obj in objs):
        return []
    return [Missing("shares", _("Nothing of this day is billed to anybody."))]


def day_can_be_billed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    return _bill_bulk((obj,), by=by, on=on, data=data)


day_can_be_billed.bulk = _bill_bulk  # type: ignore[attr-defined]
