"""What the missions room answers to the ground and to the accompaniments below it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.following import COOP, ORGANISATION, TABLES
from essaim import hooks
from essaim.days import working_days_back
from essaim.formats import days as written_days
from essaim.hooks import FrozenTable, LooseEnd, TimelineEntry, WorkReason
from essaim.reasons import days_of
from essaim.roles import Role
from essaim.workflow import Missing, Refused, perform
from missions.actions.missions import end_mission, open_start_up
from missions.models import Mission, MissionDay
from missions.today import envelopes_near_quota, expenses_to_validate, quotes_about_to_expire

AWAITS = ("logged", "submitted", "proposed")

# -- what the database refuses -------------------------------------------------------------------
_OF_BILLED = (
    "EXISTS (SELECT 1 FROM missions_missionday d WHERE d.id = {row}.day_id AND d.state = 'billed')"
)
_OLD, _NEW = _OF_BILLED.format(row="OLD"), _OF_BILLED.format(row="NEW")

# A billed day keeps every field; only its state may go back, through the door's `free`.
hooks.frozen_tables.register(
    FrozenTable(
        "missions.MissionDay",
        update="OLD.state = 'billed'",
        delete="OLD.state = 'billed'",
        insert="NEW.state <> 'logged'",
        free=("state",),
        follows={"other_payer_id": ORGANISATION},
        needs=TABLES,
    )
)
# A share is a snapshot: never changed; its payer may only follow a deduplication.
hooks.frozen_tables.register(
    FrozenTable(
        "missions.DayShare",
        update="1=1",
        delete=_OLD,
        follows={"payer_id": ORGANISATION, "coop_id": COOP},
        needs=TABLES,
    )
)
for _name in ("DayBeneficiary", "DayPart"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"missions.{_name}",
            update=f"{_OLD} OR {_NEW}",
            delete=_OLD,
            insert=_NEW,
            follows={"coop_id": COOP} if _name == "DayBeneficiary" else {},
            needs=TABLES,
        )
    )
# What was sent or signed, and its bytes: inserted, never touched again; they go only with an
# agreement that an import brought and took back, or that was an example.
for _name in ("FrozenPaper", "PaperFile"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"missions.{_name}",
            update="1=1",
            delete=(
                f"{hooks.unless_undone(f'missions.{_name}')}"
                f" AND {hooks.unless_sample(f'missions.{_name}')}"
            ),
            needs=(hooks.IMPORT_REMOVALS, hooks.SAMPLE_ROWS),
        )
    )
# A quote that left keeps its words and figures; what became of it is written beside them.
hooks.frozen_tables.register(
    FrozenTable(
        "missions.Quote",
        update="OLD.state <> 'draft'",
        delete="OLD.state <> 'draft'",
        insert="NEW.state <> 'draft'",
        free=("state", "decided_on", "decided_by", "agreement_id", "signed_scan_id"),
        follows={"client_id": ORGANISATION, "coop_id": COOP},
        needs=TABLES,
    )
)
_OF_SENT = (
    "EXISTS (SELECT 1 FROM missions_quote q WHERE q.id = {row}.quote_id AND q.state <> 'draft')"
)
_SENT_OLD, _SENT_NEW = _OF_SENT.format(row="OLD"), _OF_SENT.format(row="NEW")
for _name in ("QuoteLine", "QuoteShare"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"missions.{_name}",
            update=f"{_SENT_OLD} OR {_SENT_NEW}",
            delete=_SENT_OLD,
            insert=_SENT_NEW,
            follows={"payer_id": ORGANISATION} if _name == "QuoteShare" else {},
            needs=("missions_quote", *TABLES),
        )
    )
# A billed expense keeps every field; it may be given back to the person, or freed by a credit note.
hooks.frozen_tables.register(
    FrozenTable(
        "missions.Expense",
        update="OLD.state = 'billed'",
        delete="OLD.state = 'billed'",
        insert="NEW.state <> 'logged'",
        free=("state", "generation", "reimbursed_on"),
        follows={"payer_id": ORGANISATION},
        needs=TABLES,
    )
)
# What was signed stays; a receipt leaves only with an expense nobody was billed.
_HELD = (
    "EXISTS (SELECT 1 FROM missions_expense e WHERE e.receipt_id = OLD.id AND e.state = 'billed')"
)
hooks.frozen_tables.register(
    FrozenTable("missions.KeptFile", update="1=1", delete=_HELD, needs=("missions_expense",))
)
hooks.frozen_tables.register(
    FrozenTable(
        "missions.Timesheet", update="1=1", delete="1=1", follows={"coop_id": COOP}, needs=TABLES
    )
)


# -- guards of an accompaniment ------------------------------------------------------------------
def _shown(mission: Mission, by: Any) -> bool:
    return bool(by.has_perm("missions.view_mission")) and (
        by.sees_everything or Mission.objects.visible_to(by).filter(pk=mission.pk).exists()
    )


@hooks.guards.register(("crm.Accompaniment", "finish"))
def no_open_mission(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An accompaniment is finished once its missions have ended; start-up help ends with it,
    unless one of its days still waits.
    """
    found = []
    for mission in obj.coop.missions.filter(state="open"):
        if mission.kind == Mission.Kind.START_UP:
            if not mission.days.filter(state__in=AWAITS).exists():
                continue
            words = _("Days of “%(mission)s” are not validated yet.")
        else:
            words = _("The mission “%(mission)s” is still open.")
        seen = _shown(mission, by)
        title = mission.title if seen else _("a mission")
        url = mission.get_absolute_url() if seen else ""
        found.append(Missing("open_mission", words % {"mission": title}, url))
    return found


# -- loose ends of an abandonment ----------------------------------------------------------------
class Missions:
    """Each open mission under an agreement is closed, cancelled or kept."""

    def find(self, accompaniment: Any, *, user: Any) -> list[LooseEnd]:
        found = accompaniment.coop.missions.filter(state="open", kind=Mission.Kind.AGREEMENT)
        choices = (
            ("close", _("Finish the mission")),
            ("cancel", _("Cancel the mission")),
            ("keep", _("Keep the mission open")),
        )
        return [
            LooseEnd(
                key=f"mission-{mission.pk}",
                label=_("Mission “%(mission)s”")
                % {"mission": mission.title if _shown(mission, user) else "…"},
                choices=choices,
                url=mission.get_absolute_url() if _shown(mission, user) else "",
            )
            for mission in found
        ]

    def settle(
        self, accompaniment: Any, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> bool:
        kind, _dash, number = key.partition("-")
        if kind != "mission" or not number.isdecimal():
            return False
        mission = accompaniment.coop.missions.filter(pk=number, state="open").first()
        if mission is None:
            return False
        if choice != "keep":
            end_mission(mission, cancel=choice == "cancel", by=by, on=on, at=at)
        return True


hooks.loose_ends.register(Missions())


# -- reactions -----------------------------------------------------------------------------------
def _start(obj: Any, *, by: Any, on: date, at: datetime, data: Any) -> Mapping[str, Any]:
    """Help begins before any signature: each accompaniment has its start-up mission."""
    return {"start_up_mission": open_start_up(obj, by=by, on=on, at=at).pk}


for _verb in ("begin", "place"):
    hooks.reactions.register(f"crm.Accompaniment.{_verb}")(_start)


def _end(obj: Any, *, by: Any, on: date, at: datetime, data: Any) -> Mapping[str, Any] | None:
    """Start-up help ends with the accompaniment, unless a day still waits."""
    ended = []
    for mission in obj.missions.filter(state="open", kind=Mission.Kind.START_UP):
        try:
            perform(mission, "close", by=by, on=on, at=at)
        except Refused:
            continue
        ended.append(mission.pk)
    return {"missions_closed": ended} if ended else None


for _verb in ("finish", "abandon", "release"):
    hooks.reactions.register(f"crm.Accompaniment.{_verb}")(_end)


def _again(obj: Any, *, by: Any, on: date, at: datetime, data: Any) -> Mapping[str, Any] | None:
    """A project that resumes finds its start-up help open."""
    opened = []
    for mission in obj.missions.filter(state="done", kind=Mission.Kind.START_UP):
        perform(mission, "open_again", by=by, on=on, at=at)
        opened.append(mission.pk)
    return {"missions_opened": opened} if opened else None


for _verb in ("reopen", "reopen_closed"):
    hooks.reactions.register(f"crm.Accompaniment.{_verb}")(_again)


# -- timeline ------------------------------------------------------------------------------------
def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _before(before: tuple[datetime, str, int]) -> Q:
    """Days strictly before a place of the timeline; a day stands at noon."""
    at, kind, key = before
    day = at.astimezone(UTC).date()
    noon = _noon(day)
    earlier = Q(worked_on__lt=day)
    if noon < at or (noon == at and kind > "day"):
        return Q(worked_on__lte=day)
    if noon == at and kind == "day":
        return earlier | Q(worked_on=day, pk__lt=key)
    return earlier


@hooks.timeline.register("day")
def days_worked(
    coop: Any, *, user: Any, before: tuple[datetime, str, int] | None, limit: int
) -> list[TimelineEntry]:
    """Days worked for a coop, those this person may see."""
    rows = MissionDay.objects.visible_to(user).filter(beneficiaries__coop=coop)
    if before is not None:
        rows = rows.filter(_before(before))
    rows = rows.real().select_related("consultant", "mission").order_by("-worked_on", "-pk")
    return [
        TimelineEntry(
            at=_noon(day.worked_on),
            kind="day",
            key=day.pk,
            title=day.subject or str(day.get_work_display()),
            url=day.get_absolute_url(),
            detail=f"{day.consultant} · {day.get_moment_display()} · {day.get_state_display()}",
            tone="warn" if day.is_pending else "",
        )
        for day in rows[:limit]
    ]


# -- what needs me today -------------------------------------------------------------------------
def _many(rows: Any) -> int:
    return int(rows.order_by()[:100].count())


def _for_coordinator(rows: Any, on: date) -> list[WorkReason]:
    found = []
    since = on - timedelta(days=days_of("days_to_validate"))
    if count := _many(rows.to_arbitrate()):
        words = ngettext("%(n)s day to decide", "%(n)s days to decide", count)
        url = reverse("missions:days") + "?show=arbitrate"
        found.append(
            WorkReason(
                "days_to_arbitrate", words % {"n": count}, url, tone="warn", order=20, count=count
            )
        )
    if count := _many(rows.to_validate().filter(worked_on__lte=since)):
        words = ngettext("%(n)s day to validate", "%(n)s days to validate", count)
        url = reverse("missions:validation")
        found.append(
            WorkReason("days_to_validate", words % {"n": count}, url, order=30, count=count)
        )
    return found


def _last_days(mine: Any, on: date) -> list[WorkReason]:
    """The day to repeat, and the last working days on which nothing was noted."""
    rows = list(
        mine.filter(worked_on__gte=on - timedelta(days=60))
        .exclude(state__in=("proposed", "declined"))
        .select_related("mission__coop__organisation")
        .order_by("-worked_on", "-pk")[:60]
    )
    if not rows:
        return []
    last, found = rows[0], []
    if last.worked_on < on:
        name = {"mission": last.mission.short_name, "days": written_days(last.quantity)}
        words, url = _("Repeat: %(mission)s, %(days)s") % name, reverse("missions:log")
        detail = last.subject or str(last.get_work_display())
        found.append(
            WorkReason(
                "repeat_day", words, f"{url}?repeat=1", tone="repeat", detail=detail, order=5
            )
        )
    noted = {day.worked_on for day in rows}
    recent = (working_days_back(on, back) for back in range(days_of("days_without_note"), 0, -1))
    holes = [day for day in recent if day not in noted]
    if holes:
        words = _("Nothing noted: %(days)s") % {"days": ", ".join(f"{d:%d/%m}" for d in holes)}
        url = reverse("missions:week") + f"?on={holes[0].isoformat()}"
        found.append(WorkReason("days_without_note", words, url, tone="info", order=60))
    return found


def _for_consultant(user: Any, on: date) -> list[WorkReason]:
    mine = MissionDay.objects.filter(consultant=user)
    found = [
        WorkReason(
            "day_proposed",
            _("%(who)s proposes a day of %(date)s")
            % {"who": day.pair_of and day.pair_of.consultant, "date": f"{day.worked_on:%d/%m}"},
            day.get_absolute_url(),
            tone="info",
            order=25,
        )
        for day in mine.filter(state="proposed", pair_of__isnull=False).select_related(
            "pair_of__consultant"
        )[:5]
    ]
    found += _last_days(mine, on)
    monday = on - timedelta(days=on.weekday())
    oldest = mine.filter(state="logged", worked_on__lt=monday).order_by("worked_on").first()
    if oldest is not None:
        week = oldest.worked_on - timedelta(days=oldest.worked_on.weekday())
        found.append(
            WorkReason(
                "week_not_sent",
                _("Your week of %(date)s is not sent") % {"date": f"{week:%d/%m}"},
                reverse("missions:week") + f"?on={week.isoformat()}",
                due_on=week + timedelta(days=7),
                order=40,
            )
        )
    return found


@hooks.work_reasons.register
def days_that_wait(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Days to decide and to validate for a coordinator; proposals and an unsent week for all."""
    found: list[WorkReason] = []
    if user.has_role(Role.COORDINATOR):
        found += _for_coordinator(MissionDay.objects.all(), on)
    if user.has_perm("missions.log_day"):
        found += _for_consultant(user, on)
    return found[:limit]


for _answer in (expenses_to_validate, envelopes_near_quota, quotes_about_to_expire):
    hooks.work_reasons.register(_answer)
