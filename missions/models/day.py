"""Mission days: who worked when on what, for whom, and who pays which fraction."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Coop, Document, Note, Organisation
from essaim.formats import date_fr, days
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.codes import Arbitration, Moment, Nature, Work
from missions.guards import (
    a_reason_to_reject,
    day_can_be_billed,
    day_can_be_submitted,
    day_can_be_validated,
    may_validate,
    not_ones_own,
    only_the_colleague,
)
from missions.models.mission import Mission


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection(MoveData):
    why: str = field(default="", metadata={"words": True})


class MissionDayQuerySet(ScopedQuerySet["MissionDay"]):
    def visible_to(self, user: Any) -> "MissionDayQuerySet":
        """A consultant sees their own days; the office sees all."""
        if user.sees_everything:
            return self
        return self.filter(consultant=user) if user.has_role(Role.CONSULTANT) else self.none()

    def to_validate(self) -> "MissionDayQuerySet":
        return self.filter(state=MissionDay.State.SUBMITTED)

    def to_arbitrate(self) -> "MissionDayQuerySet":
        return self.filter(arbitration=Arbitration.PENDING).exclude(
            state__in=(MissionDay.State.PROPOSED, MissionDay.State.DECLINED)
        )

    def real(self) -> "MissionDayQuerySet":
        """Days that somebody worked: neither a proposal nor a declined one."""
        return self.exclude(state__in=(MissionDay.State.PROPOSED, MissionDay.State.DECLINED))


class MissionDay(Stateful):
    """One piece of work on a date, kept as it really was."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        LOGGED = "logged", _("Logged")
        SUBMITTED = "submitted", _("To validate")
        VALIDATED = "validated", _("Validated")
        BILLED = "billed", pgettext_lazy("day", "Billed")
        DECLINED = "declined", _("Declined")

    # What somebody worked and when: nobody but the person changes these.
    FACTS = (
        "consultant",
        "mission",
        "worked_on",
        "moment",
        "quantity",
        "work",
        "subject",
        "internal_note",
        "km",
        "note",
    )

    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="days", verbose_name=_("Consultant")
    )
    mission = models.ForeignKey(
        Mission, models.PROTECT, related_name="days", verbose_name=_("Mission")
    )
    worked_on = models.DateField(_("Date"))
    moment = models.CharField(
        _("Moment"), max_length=10, choices=Moment.choices, default=Moment.FULL_DAY
    )
    quantity = models.DecimalField(_("Quantity (days)"), max_digits=3, decimal_places=2, default=1)
    work = models.CharField(_("Work"), max_length=18, choices=Work.choices, default=Work.ON_SITE)
    subject = models.CharField(_("Subject (printed on the invoice)"), max_length=200, blank=True)
    internal_note = models.CharField(
        _("Internal note (never printed)"), max_length=1000, blank=True
    )
    km = models.PositiveIntegerField("km", null=True, blank=True)
    note = models.ForeignKey(
        Note,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="days",
        verbose_name=_("Meeting report"),
    )
    participants = models.PositiveIntegerField(_("Participants"), null=True, blank=True)
    attendance_sheet = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+"
    )
    pair_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="pairs", editable=False
    )
    state = FSMField(
        _("State"), default=State.LOGGED, choices=State.choices, protected=True, editable=False
    )
    is_volunteer = models.BooleanField(_("Volunteer work"), default=False)
    is_over_budget = models.BooleanField(_("Over budget"), default=False, editable=False)
    is_late = models.BooleanField(_("Late"), default=False, editable=False)
    arbitration = models.CharField(
        max_length=12, choices=Arbitration.choices, blank=True, default="", editable=False
    )
    # Who pays the whole day when an arbitration says so.
    other_payer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    rate = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True, editable=False
    )
    rules_version = models.CharField(max_length=10, blank=True, editable=False)
    logged_at = models.DateTimeField(editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    validated_at = models.DateTimeField(null=True, blank=True, editable=False)
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    objects = MissionDayQuerySet.as_manager()

    class Meta:
        ordering = ("-worked_on", "-pk")
        indexes = (
            models.Index(fields=("consultant", "-worked_on", "-id"), name="days_of_a_person"),
            models.Index(fields=("state", "worked_on"), name="days_of_a_state"),
            models.Index(fields=("-worked_on", "-id"), name="days_in_order"),
            models.Index(fields=("mission", "worked_on"), name="days_of_a_mission"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__in=("0.25", "0.50", "0.75", "1.00")),
                name="day_quantity_is_a_quarter_to_one",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("validated", "billed"))
                | Q(validated_at__isnull=False, validated_by__isnull=False, rate__isnull=False),
                name="validated_day_says_by_whom_and_at_what_rate",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("validated", "billed")) | ~Q(arbitration="pending"),
                name="day_is_arbitrated_before_it_is_validated",
            ),
            models.CheckConstraint(
                condition=~Q(arbitration="other_payer") | Q(other_payer__isnull=False),
                name="day_of_another_payer_names_it",
            ),
        )

    def __str__(self) -> str:
        return f"{date_fr(self.worked_on)}, {self.consultant}, {days(self.quantity)}"

    def get_absolute_url(self) -> str:
        return reverse("missions:day", args=(self.pk,))

    @property
    def is_pending(self) -> bool:
        return self.arbitration == Arbitration.PENDING

    @property
    def badges(self) -> list[tuple[Any, str]]:
        """The state, then what waits for a decision."""
        tones = {"proposed": "info", "submitted": "info", "validated": "good", "billed": "done"}
        found: list[tuple[Any, str]] = [(self.get_state_display(), tones.get(self.state, "draft"))]
        if self.is_over_budget:
            found.append((_("Over budget"), "warn" if self.is_pending else "quiet"))
        if self.is_late:
            found.append((_("Late"), "warn" if self.is_pending else "quiet"))
        return found

    @transition(
        state,
        source=State.LOGGED,
        target=State.PROPOSED,
        permission="missions.log_day",
        custom={"label": _("Propose to the colleague")},
    )
    def propose(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """A pair's day waits for the colleague's word."""

    @transition(
        state,
        source=State.PROPOSED,
        target=State.LOGGED,
        permission="missions.log_day",
        custom={"label": _("Confirm"), "guards": (only_the_colleague,)},
    )
    def confirm(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.logged_at = at

    @transition(
        state,
        source=State.PROPOSED,
        target=State.DECLINED,
        permission="missions.log_day",
        custom={"label": _("Decline"), "guards": (only_the_colleague,)},
    )
    def decline(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """The colleague was not there."""

    @transition(
        state,
        source=State.LOGGED,
        target=State.SUBMITTED,
        permission="missions.submit_day",
        custom={"label": _("Send for validation"), "guards": (day_can_be_submitted,)},
    )
    def submit(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.submitted_at = at

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.LOGGED,
        permission="missions.submit_day",
        custom={"label": _("Take back"), "guards": (day_can_be_submitted,)},
    )
    def withdraw(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.submitted_at = None

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.VALIDATED,
        permission=may_validate,
        custom={"label": _("Validate"), "guards": (day_can_be_validated, not_ones_own)},
    )
    def validate(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.validated_at, self.validated_by = at, by

    @transition(
        state,
        source=[State.SUBMITTED, State.VALIDATED],
        target=State.LOGGED,
        permission="missions.reject_day",
        custom={"label": _("Send back"), "data": Rejection, "guards": (a_reason_to_reject,)},
    )
    def reject(self, *, by: Any, on: Any, at: Any, data: Rejection) -> None:
        self.submitted_at = self.validated_at = self.validated_by = self.rate = None

    @transition(
        state,
        source=State.VALIDATED,
        target=State.BILLED,
        permission="invoicing.issue_invoice",
        custom={"label": _("Bill"), "guards": (day_can_be_billed,)},
    )
    def bill(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """Its first share was issued: every field is locked."""

    @transition(
        state,
        source=State.BILLED,
        target=State.VALIDATED,
        permission="invoicing.credit_invoice",
        custom={"label": _("Free")},
    )
    def free(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """A credit note made its shares billable again."""


class DayBeneficiary(models.Model):
    """A coop a day was for; a collective day has several, each with its fraction."""

    day = models.ForeignKey(MissionDay, models.CASCADE, related_name="beneficiaries")
    coop = models.ForeignKey(Coop, models.PROTECT, related_name="benefits")
    weight = models.DecimalField(_("Weight"), max_digits=6, decimal_places=2, default=1)
    fraction = models.DecimalField(max_digits=5, decimal_places=4, default=1)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("day", "coop"), name="a_coop_benefits_once_from_a_day"),
            models.CheckConstraint(
                condition=Q(weight__gt=0, fraction__gte=0, fraction__lte=1),
                name="beneficiary_weight_is_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.coop} {self.fraction}"


class DayPart(models.Model):
    """A part the coordinator cut out of a day while validating (½ billed, ½ given)."""

    day = models.ForeignKey(MissionDay, models.CASCADE, related_name="parts")
    quantity = models.DecimalField(max_digits=3, decimal_places=2)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.quantity} {self.nature}"


class MonthLock(models.Model):
    """A month whose days are closed by the coordinator; later ones are kept as late."""

    month = models.DateField(unique=True)
    locked_at = models.DateTimeField()
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(month__day=1), name="month_lock_is_a_first_of_month"
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
