"""Missions: what a day is logged on."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Accompaniment, Coop
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.guards import no_day_awaits
from missions.models.agreement import Agreement


class MissionQuerySet(ScopedQuerySet["Mission"]):
    def visible_to(self, user: Any) -> "MissionQuerySet":
        """A consultant sees internal missions, those they are on and those of their coops."""
        if user.sees_everything:
            return self
        if not user.has_role(Role.CONSULTANT):
            return self.none()
        mine = Coop.objects.visible_to(user).filter(pk=OuterRef("coop_id"))
        team = Mission.team.through.objects.filter(user_id=user.pk).values("mission_id")
        return self.filter(Q(kind=Mission.Kind.INTERNAL) | Q(pk__in=team) | Exists(mine))

    def open(self) -> "MissionQuerySet":
        return self.filter(state=Mission.State.OPEN)


class Mission(Stateful):
    class Kind(models.TextChoices):
        AGREEMENT = "agreement", _("Under an agreement")
        START_UP = "start_up", _("Start-up help")
        INTERNAL = "internal", _("Internal")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Ended")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("Title"), max_length=200)
    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="missions",
        verbose_name=_("Agreement"),
    )
    accompaniment = models.ForeignKey(
        Accompaniment, models.PROTECT, null=True, blank=True, related_name="missions"
    )
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="missions")
    state = FSMField(
        _("State"), default=State.OPEN, choices=State.choices, protected=True, editable=False
    )
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="missions")
    opened_on = models.DateField(_("Opened on"))
    ended_on = models.DateField(null=True, blank=True, editable=False)

    objects = MissionQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=(Q(kind="agreement") & Q(agreement__isnull=False))
                | (~Q(kind="agreement") & Q(agreement=None)),
                name="mission_has_an_agreement_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=~Q(kind="start_up") | Q(accompaniment__isnull=False, coop__isnull=False),
                name="start_up_mission_is_of_an_accompaniment",
            ),
            models.CheckConstraint(
                condition=~Q(kind="internal") | Q(coop=None, accompaniment=None),
                name="internal_mission_is_of_no_coop",
            ),
            models.UniqueConstraint(
                fields=("accompaniment",),
                condition=Q(kind="start_up"),
                name="one_start_up_mission_an_accompaniment",
            ),
        )

    def __str__(self) -> str:
        """Its title, and the coop where the title does not name it."""
        if self.coop_id is None or str(self.coop) in self.title:
            return self.title
        return f"{self.coop} · {self.title}"

    @property
    def short_name(self) -> str:
        """What a narrow cell has room for: the coop says more than the agreement's title."""
        if self.coop_id is None:
            return self.title
        if self.kind == self.Kind.START_UP:
            return f"{self.coop} · {self.get_kind_display()}"
        return str(self.coop)

    def get_absolute_url(self) -> str:
        return reverse("missions:mission", args=(self.pk,))

    @transition(
        state,
        source=State.OPEN,
        target=State.DONE,
        permission="missions.change_mission",
        custom={"label": _("Finish the mission"), "guards": (no_day_awaits,)},
    )
    def close(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.ended_on = on

    @transition(
        state,
        source=State.OPEN,
        target=State.CANCELLED,
        permission="missions.change_mission",
        custom={"label": _("Cancel the mission"), "guards": (no_day_awaits,)},
    )
    def cancel(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.ended_on = on

    @transition(
        state,
        source=[State.DONE, State.CANCELLED],
        target=State.OPEN,
        permission="missions.change_mission",
        custom={"label": _("Open again")},
    )
    def open_again(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.ended_on = None
