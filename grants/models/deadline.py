"""Dates that deadlines follow, and the reminders that were sent of them."""

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from grants.models.application import GrantApplication
from grants.models.disbursement import Disbursement
from grants.states import DeadlineKind

# What was told before any pause was lifted.
NEVER_RESUMED: Final = date(1970, 1, 1)


class ExerciseEnd(models.Model):
    """The day an applicant's accounting year ends, when it is not 31 December."""

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, related_name="exercise_end", verbose_name=_("Applicant")
    )
    month = models.PositiveSmallIntegerField(_("Month"))
    day = models.PositiveSmallIntegerField(_("Day"))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12, day__gte=1, day__lte=31),
                name="exercise_ends_on_a_day_of_the_year",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day:02d}/{self.month:02d}"


class AnswerDates(models.Model):
    """By when the applicant must answer the funder: missing pieces, the agreement to sign."""

    application = models.OneToOneField(
        GrantApplication, models.PROTECT, related_name="answer_dates"
    )
    completeness_by = models.DateField(_("Missing pieces by"), null=True, blank=True)
    agreement_by = models.DateField(_("Agreement signed by"), null=True, blank=True)

    def __str__(self) -> str:
        return str(self.application)


class ReminderPlan(models.Model):
    """How many days before a kind of deadline the owner of a file is reminded."""

    Kind = DeadlineKind

    kind = models.CharField(_("Deadline"), max_length=16, choices=Kind.choices, unique=True)
    days = models.JSONField(_("Days before"), default=list)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ReminderSent(models.Model):
    """One reminder told of one deadline: a moved deadline or a resumed coop starts anew."""

    key = models.CharField(max_length=80)
    step = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    armed_on = models.DateField(default=NEVER_RESUMED)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("key", "step", "due_on", "armed_on", "user"),
                name="a_reminder_is_told_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} - {self.step}"


class AidQuestionSetting(models.Model):
    """Whether the office asks treasurers itself if an aid has arrived; one row."""

    asks_treasurers = models.BooleanField(
        _("Ask the treasurer by mail on the day an aid is expected"), default=True
    )

    def __str__(self) -> str:
        return "on" if self.asks_treasurers else "off"

    @classmethod
    def current(cls) -> Any:
        """The office's row, or what holds before anybody changed it."""
        return cls.objects.order_by("pk").first() or cls()


class AidQuestion(models.Model):
    """« L'aide est-elle arrivée ? », asked once of a payment to the coop's treasurer."""

    disbursement = models.OneToOneField(Disbursement, models.PROTECT, related_name="question")
    asked_on = models.DateField()
    contact = models.ForeignKey("crm.Contact", models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.disbursement}, {self.asked_on:%Y-%m-%d}"
