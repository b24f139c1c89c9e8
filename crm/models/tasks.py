"""What is to be done, and the reminders that tell it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.coop import Coop
from crm.models.journal import Note
from essaim.scope import ScopedQuerySet

LATE_AFTER = 3


class TaskQuerySet(ScopedQuerySet["Task"]):
    def visible_to(self, user: Any) -> "TaskQuerySet":
        """One's own, and those of one's coops; what comes from an internal note follows it."""
        if not user.role_codes:
            return self.none()
        read = Q(note=None) | Q(note__in=Note.objects.visible_to(user))
        return self.filter((Q(coop__in=Coop.objects.visible_to(user)) & read) | Q(owner=user))

    def open(self) -> "TaskQuerySet":
        return self.filter(done_on=None)

    def late(self, on: date) -> "TaskQuerySet":
        return self.open().filter(due_on__lt=on)


class Task(models.Model):
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="tasks")
    note = models.ForeignKey(Note, models.PROTECT, null=True, blank=True, related_name="tasks")
    what = models.CharField(_("What"), max_length=200)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks", verbose_name=_("Who")
    )
    done_on = models.DateField(_("Done on"), null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("owner", "due_on"), name="task_open", condition=Q(done_on=None)),
        )

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("crm:coop", args=(self.coop_id,)) if self.coop_id else reverse("crm:tasks")

    @property
    def is_open(self) -> bool:
        return self.done_on is None


class TaskReminder(models.Model):
    """A task that was told to its owner: once per kind for the day it is armed on.

    `armed_on` is the due date, or the day the coop was taken up again after a pause.
    """

    class Kind(models.TextChoices):
        DUE = "due", _("Due")
        LATE = "late", _("Late")

    task = models.ForeignKey(Task, models.PROTECT, related_name="reminders")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    armed_on = models.DateField()
    told_on = models.DateField()
    message = models.ForeignKey("essaim.OutboxMessage", models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("task", "owner", "kind", "armed_on"), name="task_is_reminded_once_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.task}: {self.get_kind_display()} {self.told_on:%Y-%m-%d}"


class TaskMailing(models.Model):
    """How soon a late task comes back in a person’s mail; whether it comes is `User.mails`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="task_mailing"
    )
    late_after = models.PositiveSmallIntegerField(
        _("Remind me again when a task is late by (days)"),
        default=LATE_AFTER,
        validators=(MinValueValidator(1), MaxValueValidator(60)),
    )

    def __str__(self) -> str:
        return f"{self.user}: {self.late_after}"
