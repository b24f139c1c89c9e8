"""Signed attendance sheets of collective days, recorded once the day was held."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.models.day import MissionDay
from missions.models.kept_file import KeptFile


class AttendanceQuerySet(ScopedQuerySet["Attendance"]):
    def visible_to(self, user: Any) -> "AttendanceQuerySet":
        """A consultant sees those of their own days; the office sees all."""
        if user.sees_everything:
            return self
        return self.filter(day__consultant=user) if user.has_role(Role.CONSULTANT) else self.none()


class Attendance(models.Model):
    """How many took part in a day, and the sheet they signed.

    Inserted and never changed: a correction is a new row, and the last one counts. It stands
    beside the day, which invoices lock.
    """

    day = models.ForeignKey(MissionDay, models.PROTECT, related_name="attendances")
    participants = models.PositiveIntegerField(_("Participants"))
    document = models.OneToOneField(
        KeptFile, models.PROTECT, null=True, blank=True, related_name="attendance"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(participants__gte=1, participants__lte=2000),
                name="attendance_counts_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.participants}"
