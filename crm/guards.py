"""What each move of an accompaniment asks for: lists of what is missing, never a bare no."""

from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.stages import RANK, Activity, Stage
from essaim import hooks
from essaim.formats import date_fr
from essaim.models import Event
from essaim.roles import Role
from essaim.workflow import Missing

RECENT_COUNT = "recent-members"


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


def not_before_the_last_move(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Moves follow one another; only a step back, which corrects one, may be dated before it.

    Even a step back stands after the last pause or return: their time is not counted twice.
    """
    if data.effective_on is None:
        return []
    rows = obj.moves.order_by("-pk")
    if hasattr(data, "to") and data.to in RANK and RANK[data.to] < RANK[obj.stage]:
        rows = rows.exclude(from_activity=F("to_activity"))
    last = rows.first()
    if last is None or data.effective_on >= last.effective_on:
        return []
    words = _("The last move took effect on %(date)s: choose that day or a later one.")
    return [Missing("effective_on", words % {"date": date_fr(last.effective_on)})]


def other_path(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.path is None or data.path.pk != obj.path_id:
        return []
    return [Missing("path", _("The coop is on this path already: choose another."))]


def stage_of_the_new_path(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """The coop stands on a stage of the path it takes."""
    if data.path is None or data.to is None:
        return []
    stages = list(data.path.stages.all())
    if data.to in {s.stage for s in stages}:
        return []
    names = ", ".join(str(s.get_stage_display()) for s in stages)
    words = _("“%(stage)s” is not on the path “%(path)s”: choose one of its stages (%(stages)s).")
    label = dict(Stage.choices).get(data.to, data.to)
    return [Missing("to", words % {"stage": label, "path": data.path, "stages": names})]


def a_reason(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.why is None or data.why.strip():
        return []
    return [Missing("why", _("Say why in a sentence."))]


def a_review_date(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.review_on is None or data.review_on >= on:
        return []
    return [Missing("review_on", _("The review date can't be in the past."))]


def own_limit(by: Any) -> str:
    """The last stage this person may move a coop to: the office's limit for a consultant."""
    if by.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
        return Stage.DONE
    structure = apps.get_model("crm.Structure").objects.first()
    return str(structure.consultant_stage_limit) if structure else Stage.TEST_SHOP


def within_own_limit(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A consultant moves own coops up to the stage set by the office."""
    limit = own_limit(by)
    if data.to not in RANK or RANK[data.to] <= RANK[limit]:
        return []
    return [
        Missing(
            "to",
            _("Past “%(stage)s”, a coordinator moves the coop on.") % {"stage": Stage(limit).label},
        )
    ]


def _stages_left(obj: Any, to: str, *, whole: bool) -> list[str]:
    """Stages whose kit a move looks at: the present one and those passed over on the way.

    An optional stage that is skipped asks nothing. At the end, the kit of `done`; and of all the
    rest of the path only when the goal is said to be reached (`whole`).
    """
    if to == Stage.DONE and not whole:
        return [Stage.DONE]
    passed = [
        s.stage
        for s in stages_of(obj)
        if RANK[obj.stage] <= RANK[s.stage] < RANK[to]
        and (s.stage == obj.stage or not s.is_optional)
    ]
    return [*passed, Stage.DONE] if to == Stage.DONE else passed


def kit_left_open(obj: Any, *, to: str, on: date, whole: bool = True) -> list[Any]:
    """Requirements of the stages left behind that are neither done nor waived."""
    asked = apps.get_model("crm.Requirement").objects.asked_of(obj)
    settled = obj.fulfilments.exclude(status="missing")
    # A count of members ages: it is asked again after a month.
    stale = Q(requirement__code=RECENT_COUNT, on__lt=on - timedelta(days=30))
    return list(
        asked.filter(stage__in=_stages_left(obj, to, whole=whole)).exclude(
            pk__in=settled.exclude(stale).values("requirement_id")
        )
    )


def kit_in_order(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Required items bar the move, advised ones ask one sentence for all."""
    closing = not hasattr(data, "to")
    to = Stage.DONE if closing else data.to
    if to is None or to not in RANK or (not closing and RANK[to] <= RANK[obj.stage]):
        return []
    whole = not closing or data.outcome == "reached"
    left = kit_left_open(obj, to=to, on=on, whole=whole)
    page = _page(obj) + "#kit"
    found = [
        Missing(
            f"kit:{r.code}",
            _("Required: %(item)s") % {"item": r.title},
            reverse("crm:kit_item", args=(obj.coop_id, r.pk)),
        )
        for r in left
        if r.level == "required"
    ]
    advised = [r.title for r in left if r.level == "advised"]
    if advised:
        words = _("Advised and not done: %(items)s.") % {"items": ", ".join(advised)}
        found.append(Missing("advised", words, page, "warn"))
    return found


def not_begun(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Only a take-over places a coop: one that began here goes through its kit."""
    if not Event.objects.filter(model="crm.Accompaniment", object_id=obj.pk).exists():
        return []
    return [Missing("state", _("Only a coop being taken over is placed at its stage."), _page(obj))]


def no_other_live(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A coop has one accompaniment under way at most."""
    others = apps.get_model("crm.Accompaniment").objects.live().filter(coop=obj.coop_id)
    if not others.exclude(pk=obj.pk).exists():
        return []
    return [Missing("activity", _("Another accompaniment of this coop is under way."), _page(obj))]


def reason_code_said(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.reason_code is None or data.reason_code in obj.AbandonReason.values:
        return []
    return [Missing("reason_code", _("Choose why the project stops."))]


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
    if data.outcome is None or data.outcome in obj.Outcome.values:
        return []
    return [Missing("outcome", _("Say what the accompaniment came to."))]
