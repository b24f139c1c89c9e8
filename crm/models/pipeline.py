"""The accompaniment on its axes: stage, activity, and the moves between them."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from crm.guards import (
    a_date_not_ahead,
    a_reason,
    a_review_date,
    earlier_stage,
    kit_in_order,
    later_stage,
    loose_ends_decided,
    merge_target,
    no_other_live,
    not_before_the_last_move,
    not_begun,
    other_path,
    outcome_said,
    reason_code_said,
    stage_of_the_new_path,
    stage_of_the_path,
    under_way,
    within_own_limit,
)
from crm.models.coop import Coop
from crm.models.path import Path
from crm.moves import (
    Abandonment,
    Closing,
    Merger,
    PathChange,
    Pause,
    Release,
    Reopening,
    StageMove,
)
from crm.stages import PHASE_OF, Activity, Stage
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful

LIVE = (Activity.ACTIVE, Activity.PAUSED)


class AccompanimentQuerySet(ScopedQuerySet["Accompaniment"]):
    def visible_to(self, user: Any) -> "AccompanimentQuerySet":
        if user.sees_everything:
            return self
        if not user.has_role(Role.CONSULTANT):
            return self.none()
        return self.accompanied_by(user)

    def accompanied_by(self, user: Any) -> "AccompanimentQuerySet":
        """Those this person owns or is in the team of."""
        team = Accompaniment.team.through.objects.filter(user_id=user.pk)
        return self.filter(Q(owner=user) | Q(pk__in=team.values("accompaniment_id")))

    def live(self) -> "AccompanimentQuerySet":
        return self.filter(activity__in=LIVE)


class Accompaniment(Stateful):
    """What we do for one coop: its place in the pipeline and whether it is under way."""

    class AbandonReason(models.TextChoices):
        NO_GROUP = "no_group", _("The group broke up")
        NO_PREMISES = "no_premises", _("No premises")
        NO_FUNDING = "no_funding", _("No funding")
        NO_MARKET = "no_market", _("Not enough members or customers")
        CONFLICT = "conflict", _("Conflict")
        OTHER = "other", _("Other")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Goal reached")
        HANDED_OVER = "handed_over", _("Handed over")
        STOPPED = "stopped", _("Stopped")

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="accompaniments")
    path = models.ForeignKey(Path, models.PROTECT, verbose_name=_("Path"))
    stage = FSMField(
        _("Stage"), default=Stage.CONTACT, choices=Stage.choices, protected=True, editable=False
    )
    activity = FSMField(
        _("Activity"),
        default=Activity.ACTIVE,
        choices=Activity.choices,
        protected=True,
        editable=False,
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="accompaniments",
        verbose_name=_("Owner"),
    )
    team = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("Team")
    )
    started_on = models.DateField(_("Started on"))
    # The day the stage began, moved on by the pauses since: they are no part of its age.
    stage_since = models.DateField(_("In this stage since"))
    left_stage = models.CharField(max_length=16, choices=Stage.choices, blank=True, editable=False)
    paused_on = models.DateField(null=True, blank=True, editable=False)
    review_on = models.DateField(_("Review on"), null=True, blank=True, editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    # Reminders that fell due before this day count from it: nothing is reminded of a pause.
    resumed_on = models.DateField(null=True, blank=True, editable=False)
    is_offered = models.BooleanField(_("Accompaniment offered"), default=False)
    blocked_reason = models.CharField(_("What blocks"), max_length=200, blank=True)
    blocked_since = models.DateField(_("Blocked since"), null=True, blank=True)
    next_action = models.CharField(_("Next action"), max_length=200, blank=True)
    next_action_on = models.DateField(_("Next action on"), null=True, blank=True)
    abandon_reason = models.CharField(
        max_length=12, choices=AbandonReason.choices, blank=True, editable=False
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", editable=False
    )
    taken_over_on = models.DateField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = AccompanimentQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("stage", "stage_since", "id"), name="board_of_a_stage"),
            models.Index(fields=("owner", "activity"), name="board_of_a_person"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("coop",),
                condition=Q(activity__in=LIVE),
                name="one_live_accompaniment_a_coop",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="accompaniment_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(activity__in=Activity.values), name="accompaniment_activity_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(activity="paused")
                | Q(review_on__isnull=False, paused_on__isnull=False),
                name="paused_accompaniment_has_a_review_date",
            ),
            models.CheckConstraint(
                condition=(Q(activity="closed") & Q(stage="done"))
                | (~Q(activity="closed") & ~Q(stage="done")),
                name="closed_accompaniment_is_done_and_no_other",
            ),
            models.CheckConstraint(
                condition=~Q(activity="abandoned") | ~Q(abandon_reason=""),
                name="abandoned_accompaniment_has_a_reason",
            ),
            models.CheckConstraint(
                condition=(Q(activity="merged") & Q(merged_into__isnull=False))
                | (~Q(activity="merged") & Q(merged_into=None)),
                name="merged_accompaniment_says_into_what",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=models.F("pk")),
                name="accompaniment_is_not_merged_into_itself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.coop}"

    @property
    def phase(self) -> str:
        return PHASE_OF[self.stage]

    def get_absolute_url(self) -> str:
        return reverse("crm:coop", args=(self.coop_id,))

    @property
    def is_live(self) -> bool:
        return self.activity in LIVE

    @property
    def is_read_only(self) -> bool:
        """Merged and closed accompaniments stay readable and take nothing more."""
        return self.activity in (Activity.MERGED, Activity.CLOSED)

    def age_days(self, on: date) -> int:
        """Days in the present stage on a date, pauses left out."""
        until = self.paused_on or self.ended_on or on
        return max((until - self.stage_since).days, 0)

    # -- stage -----------------------------------------------------------------------------
    def _enter(self, stage: str, on: date) -> None:
        self.left_stage = self.stage
        self.stage_since = on

    @transition(
        stage,
        source=Stage.values[:-1],
        target=GET_STATE(lambda self, *, data, **_: data.to),
        permission="crm.move_accompaniment",
        custom={
            "label": _("Move to the next stage"),
            "data": StageMove,
            "guards": (
                under_way,
                later_stage,
                a_date_not_ahead,
                not_before_the_last_move,
                within_own_limit,
                kit_in_order,
            ),
        },
    )
    def advance(self, *, by: Any, on: date, at: Any, data: StageMove) -> None:
        self._enter(data.to, data.effective_on)

    @transition(
        stage,
        source=Stage.values[:-1],
        target=GET_STATE(lambda self, *, data, **_: data.to),
        permission="crm.move_accompaniment",
        custom={
            "label": _("Go back to…"),
            "data": StageMove,
            "guards": (
                under_way,
                earlier_stage,
                a_date_not_ahead,
                not_before_the_last_move,
                a_reason,
            ),
        },
    )
    def go_back(self, *, by: Any, on: date, at: Any, data: StageMove) -> None:
        self._enter(data.to, data.effective_on)

    @transition(
        stage,
        source=Stage.values[:-1],
        target=GET_STATE(lambda self, *, data, **_: data.to),
        permission="crm.change_path",
        custom={
            "label": _("Change path"),
            "data": PathChange,
            "guards": (
                under_way,
                other_path,
                stage_of_the_new_path,
                a_date_not_ahead,
                not_before_the_last_move,
                a_reason,
            ),
        },
    )
    def change_path(self, *, by: Any, on: date, at: Any, data: PathChange) -> None:
        if data.to != self.stage:
            self._enter(data.to, data.effective_on)
        self.path = data.path

    @transition(
        stage,
        source=Stage.CONTACT,
        target=GET_STATE(lambda self, *, data, **_: data.to),
        permission="crm.take_over_accompaniment",
        custom={
            "label": _("Take over at its stage"),
            "data": StageMove,
            "guards": (under_way, not_begun, stage_of_the_path, a_date_not_ahead),
        },
    )
    def place(self, *, by: Any, on: date, at: Any, data: StageMove) -> None:
        self._enter(data.to, data.effective_on)
        self.taken_over_on = data.effective_on

    @transition(
        stage,
        source=Stage.values[:-1],
        target=Stage.DONE,
        permission="crm.finish_accompaniment",
        custom={
            "label": _("Finish the accompaniment"),
            "data": Closing,
            "guards": (
                under_way,
                outcome_said,
                a_date_not_ahead,
                not_before_the_last_move,
                kit_in_order,
            ),
        },
    )
    def finish(self, *, by: Any, on: date, at: Any, data: Closing) -> None:
        self._enter(Stage.DONE, data.effective_on)
        self.set_other_state("activity", Activity.CLOSED)
        self.outcome, self.ended_on = data.outcome, data.effective_on

    @transition(
        stage,
        source=Stage.DONE,
        target=GET_STATE(lambda self, **_: self.left_stage),
        permission="crm.reopen_accompaniment",
        custom={"label": _("Reopen"), "data": Reopening, "guards": (a_reason, no_other_live)},
    )
    def reopen_closed(self, *, by: Any, on: date, at: Any, data: Reopening) -> None:
        self.set_other_state("activity", Activity.ACTIVE)
        self.stage_since, self.outcome, self.ended_on = on, "", None
        self.resumed_on = on

    # -- activity --------------------------------------------------------------------------
    @transition(
        activity,
        source=Activity.ACTIVE,
        target=Activity.PAUSED,
        permission="crm.pause_accompaniment",
        custom={"label": _("Pause"), "data": Pause, "guards": (a_review_date, a_reason)},
    )
    def pause(self, *, by: Any, on: date, at: Any, data: Pause) -> None:
        self.paused_on, self.review_on = on, data.review_on

    @transition(
        activity,
        source=Activity.PAUSED,
        target=Activity.ACTIVE,
        permission="crm.pause_accompaniment",
        custom={"label": _("Resume")},
    )
    def resume(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        self.stage_since += on - (self.paused_on or on)
        self.paused_on = self.review_on = None
        self.resumed_on = on

    @transition(
        activity,
        source=list(LIVE),
        target=Activity.ABANDONED,
        permission="crm.abandon_accompaniment",
        custom={
            "label": _("Stop the project"),
            "data": Abandonment,
            "guards": (
                a_date_not_ahead,
                not_before_the_last_move,
                reason_code_said,
                loose_ends_decided,
            ),
        },
    )
    def abandon(self, *, by: Any, on: date, at: Any, data: Abandonment) -> None:
        self.abandon_reason, self.ended_on = data.reason_code, data.effective_on
        self.paused_on = self.review_on = None

    @transition(
        activity,
        source=list(LIVE),
        target=Activity.RELEASED,
        permission="crm.release_accompaniment",
        custom={
            "label": _("Release"),
            "data": Release,
            "guards": (a_date_not_ahead, not_before_the_last_move, a_reason),
        },
    )
    def release(self, *, by: Any, on: date, at: Any, data: Release) -> None:
        self.ended_on = data.effective_on
        self.paused_on = self.review_on = None

    @transition(
        activity,
        source=list(LIVE),
        target=Activity.MERGED,
        permission="crm.merge_accompaniment",
        custom={
            "label": _("Merge into another coop"),
            "data": Merger,
            "guards": (a_date_not_ahead, not_before_the_last_move, merge_target),
        },
    )
    def merge(self, *, by: Any, on: date, at: Any, data: Merger) -> None:
        self.merged_into, self.ended_on = data.into, data.effective_on
        self.paused_on = self.review_on = None

    @transition(
        activity,
        source=[Activity.ABANDONED, Activity.RELEASED],
        target=Activity.ACTIVE,
        permission="crm.reopen_accompaniment",
        custom={"label": _("Reopen"), "data": Reopening, "guards": (a_reason, no_other_live)},
    )
    def reopen(self, *, by: Any, on: date, at: Any, data: Reopening) -> None:
        self.stage_since += on - (self.ended_on or on)
        self.abandon_reason, self.ended_on, self.resumed_on = "", None, on
