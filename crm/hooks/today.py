"""What of coops and tasks needs somebody today, by the reasons and thresholds of the office."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.board import CAP, past_limit, stages_of_paths
from crm.models import Accompaniment, Coop, Task
from crm.stages import Activity
from essaim import hooks
from essaim.formats import capped as written
from essaim.hooks import WorkReason
from essaim.reasons import days_of, is_on
from essaim.roles import Role


@hooks.work_reasons.register
def tasks_due(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Own open tasks that are due or late; those of a paused coop wait for its return."""
    until = on + timedelta(days=days_of("task"))
    rows = Task.objects.open().filter(owner=user, due_on__lte=until).order_by("due_on", "pk")
    rows = rows.exclude(coop__in=Coop.objects.paused())
    return [
        WorkReason(
            "task",
            task.what,
            task.get_absolute_url(),
            task.due_on,
            "bad" if task.due_on and task.due_on < on else "info",
            str(task.coop) if task.coop_id else "",
            10,
        )
        for task in rows.select_related("coop__organisation")[:limit]
    ]


def _ahead(code: str, on: date) -> date:
    return on + timedelta(days=days_of(code))


def _ago(code: str, on: date) -> date:
    return on - timedelta(days=days_of(code))


def called(on: date) -> dict[str, Q]:
    """Which accompaniments each reason calls for, the most pressing first; those told alone.

    One query for the usual durations. A paused one only asks to be looked at again.
    """
    at_work = Q(activity=Activity.ACTIVE)
    asked = {
        "review": Q(activity=Activity.PAUSED, review_on__lte=_ahead("review", on)),
        "next": at_work & Q(next_action_on__lte=_ahead("next", on)),
        "blocked": at_work
        & ~Q(blocked_reason="")
        & (Q(blocked_since=None) | Q(blocked_since__lte=_ago("blocked", on))),
        "stuck": past_limit(stages_of_paths(), _ago("stuck", on)),
    }
    return {code: rows for code, rows in asked.items() if is_on(code)}


@hooks.work_reasons.register
def coops_to_look_at(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Coops one follows: review due, next action due, blocked, too long in their stage."""
    if not user.has_perm("crm.move_accompaniment"):
        return []
    asked = called(on)
    whens = [When(rows, then=Value(code)) for code, rows in asked.items()]
    reason = Case(*whens, default=Value(""), output_field=CharField())
    rows: Any = Accompaniment.objects.accompanied_by(user).live().annotate(reason=reason)
    rows = rows.exclude(reason="").select_related("coop__organisation")
    return [_TOLD[row.reason](row, on) for row in rows.order_by("stage_since", "pk")[:limit]]


@hooks.work_reasons.register
def coops_of_the_team(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """How many coops of colleagues are blocked, and how many are past their time."""
    if not user.has_role(Role.COORDINATOR):
        return []
    asked, found = called(on), []
    table = reverse("crm:table")
    for code, show in (("blocked", "blocked"), ("stuck", "late")):
        if code not in asked:
            continue
        rows = Accompaniment.objects.visible_to(user).filter(asked[code])
        rows = rows.exclude(pk__in=Accompaniment.objects.accompanied_by(user).values("pk"))
        count = int(rows.order_by()[:CAP].count())
        if count:
            title = _team_words(code, count) % {"n": written(count)}
            tone = "bad" if code == "blocked" else "warn"
            detail = _("Elsewhere in the team")
            url = f"{table}?show={show}"
            found.append(WorkReason(code, title, url, None, tone, detail, 41, count))
    return found[:limit]


def _team_words(code: str, count: int) -> str:
    if code == "blocked":
        return ngettext("%(n)s other coop blocked", "%(n)s other coops blocked", count)
    return ngettext(
        "%(n)s other coop past the usual duration of its stage",
        "%(n)s other coops past the usual duration of their stage",
        count,
    )


def _page(row: Accompaniment) -> str:
    return reverse("crm:coop", args=(row.coop_id,))


def _review(row: Accompaniment, on: date) -> WorkReason:
    text = _("%(coop)s: review the pause") % {"coop": str(row.coop)}
    return WorkReason("review", text, _page(row), row.review_on, "warn", "", 20)


def _next(row: Accompaniment, on: date) -> WorkReason:
    tone = "bad" if row.next_action_on and row.next_action_on < on else "info"
    name, due = str(row.coop), row.next_action_on
    return WorkReason("next", row.next_action, _page(row), due, tone, name, 15)


def _blocked(row: Accompaniment, on: date) -> WorkReason:
    text = _("%(coop)s is blocked") % {"coop": str(row.coop)}
    since = row.blocked_since
    return WorkReason("blocked", text, _page(row), since, "bad", row.blocked_reason, 30)


def _stuck(row: Accompaniment, on: date) -> WorkReason:
    text = _("%(coop)s: %(days)s days in the same stage")
    said = {"coop": str(row.coop), "days": row.age_days(on)}
    return WorkReason("stuck", text % said, _page(row), None, "warn", row.get_stage_display(), 40)


_TOLD = {"review": _review, "next": _next, "blocked": _blocked, "stuck": _stuck}
