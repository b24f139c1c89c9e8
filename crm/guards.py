"""What each move of an accompaniment asks for: lists of what is missing, never a bare no."""

from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.stages import RANK, Activity, Stage
from essaim import hooks
from essaim.roles import Role
from essaim.workflow import Missing


def _page(obj: Any) -> str:
    return reverse("crm:coop", args=(obj.coop_id,))


def under_way(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Stages move only while the accompaniment is active."""
    if obj.activity == Activity.ACTIVE:
        return []
    return [
        Missing(
            "activity", _("The stage moves only while the accompaniment is under way."), _page(obj)
        )
    ]


def stages_of(obj: Any) -> list[Any]:
    """The stages of the coop's path, in order."""
    return list(obj.path.stages.all())


def stage_of_the_path(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.to is None or data.to in {s.stage for s in stages_of(obj)}:
        return []
    return [Missing("to", _("This stage is not on the path “%(path)s”.") % {"path": obj.path})]


def later_stage(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    found = stage_of_the_path(obj, by=by, on=on, data=data)
    if not found and data.to is not None and RANK[data.to] <= RANK[obj.stage]:
        found.append(
            Missing(
                "to", _("Choose a stage after “%(stage)s”.") % {"stage": obj.get_stage_display()}
            )
        )
    return found


def earlier_stage(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    found = stage_of_the_path(obj, by=by, on=on, data=data)
    if not found and data.to is not None and RANK[data.to] >= RANK[obj.stage]:
        found.append(
            Missing(
                "to", _("Choose a stage before “%(stage)s”.") % {"stage": obj.get_stage_display()}
            )
        )
    return found


def a_date_not_ahead(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A move takes effect today or earlier, never before the accompaniment began."""
    if data.effective_on is None:
        return []
    if data.effective_on > on:
        return [Missing("effective_on", _("The date can't be in the future."))]
    if data.effective_on < obj.started_on:
        return [Missing("effective_on", _("The date can't be before the accompaniment began."))]
    return []


def a_reason(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.why is None or data.why.strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def a_review_date(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.review_on is None or data.review_on >= on:
        return []
    return [Missing("review_on", _("The review date can't be in the past."))]


def within_own_limit(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A consultant moves own coops up to the stage set by the office."""
    if data.to is None or by.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
        return []
    structure = apps.get_model("crm.Structure").objects.first()
    limit = structure.consultant_stage_limit if structure else Stage.TEST_SHOP
    if RANK[data.to] <= RANK[limit]:
        return []
    return [
        Missing(
            "to",
            _("Past “%(stage)s”, a coordinator moves the coop on.") % {"stage": Stage(limit).label},
        )
    ]


def kit_left_open(obj: Any, *, to: str) -> list[Any]:
    """Requirements of the stages left behind that are neither done nor waived.

    The stages are those of the path from the present one up to `to`; an optional stage that is
    skipped asks nothing.
    """
    passed = [
        s.stage
        for s in stages_of(obj)
        if RANK[obj.stage] <= RANK[s.stage] < RANK[to]
        and (s.stage == obj.stage or not s.is_optional)
    ]
    asked = apps.get_model("crm.Requirement").objects.filter(is_active=True, stage__in=passed)
    asked = asked.filter(Q(paths=None) | Q(paths=obj.path_id))
    civil = (
        {"general_law": False}
        if obj.coop.organisation.is_in_alsace_moselle
        else {"local_law": False}
    )
    settled = obj.fulfilments.exclude(status="missing").values("requirement_id")
    return list(asked.filter(**civil).exclude(pk__in=settled).distinct())


def kit_in_order(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Required items bar the move, advised ones ask one sentence for all."""
    to = getattr(data, "to", None) or Stage.DONE
    if to not in RANK or (to != Stage.DONE and RANK[to] <= RANK[obj.stage]):
        return []
    left = kit_left_open(obj, to=to)
    page = _page(obj) + "#kit"
    found = [
        Missing(f"kit:{r.code}", _("Required: %(item)s") % {"item": r.title}, page)
        for r in left
        if r.level == "required"
    ]
    advised = [r.title for r in left if r.level == "advised"]
    if advised:
        words = _("Advised and not done: %(items)s.") % {"items": ", ".join(advised)}
        found.append(Missing("advised", words, page, "warn"))
    return found


def loose_ends_decided(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Every loose end of the rooms above has a decision."""
    decisions = data.decisions or {}
    return [
        Missing(f"decision:{end.key}", _("To decide: %(what)s") % {"what": end.label}, end.url)
        for provider in hooks.loose_ends.all()
        for end in provider.find(obj, user=by)
        if end.key not in decisions
    ]


def merge_target(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Not into itself, not in a circle, into a coop that is accompanied."""
    if data.into is None:
        return []
    if data.into.pk == obj.pk or data.into.coop_id == obj.coop_id:
        return [Missing("into", _("A coop can't be merged into itself."))]
    if data.into.activity not in (Activity.ACTIVE, Activity.PAUSED):
        return [Missing("into", _("Choose a coop whose accompaniment is under way."))]
    return []


def outcome_said(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.outcome is None or data.outcome:
        return []
    return [Missing("outcome", _("Say what the accompaniment came to."))]
