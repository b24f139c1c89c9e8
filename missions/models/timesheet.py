"""Signed copies of monthly timesheets."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models import Coop
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.models.kept_file import KeptFile


class TimesheetQuerySet(ScopedQuerySet["Timesheet"]):
    def visible_to(self, user: Any) -> "TimesheetQuerySet":
        """A consultant sees their own sheets; the office sees all."""
        if user.sees_everything:
            return self
        return self.filter(consultant=user) if user.has_role(Role.CONSULTANT) else self.none()


class Timesheet(models.Model):
    """The signed copy of a month: of a person, of a person for a coop, or of a coop.

    Inserted and never changed: a new copy is a new row, and the last one counts.
    """

    month = models.DateField()
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="timesheets"
    )
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="timesheets")
    document = models.OneToOneField(KeptFile, models.PROTECT, related_name="timesheet")
    days = models.DecimalField(max_digits=7, decimal_places=4)
    # Of the rows as they were when it was uploaded: a later change shows.
    fingerprint = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = TimesheetQuerySet.as_manager()

    class Meta:
        ordering = ("-month", "-pk")
        indexes = (models.Index(fields=("month", "consultant", "coop"), name="sheets_of_a_month"),)
        constraints = (
            models.CheckConstraint(condition=Q(month__day=1), name="sheet_month_is_a_first"),
            models.CheckConstraint(
                condition=Q(consultant__isnull=False) | Q(coop__isnull=False),
                name="sheet_is_of_a_person_or_a_coop",
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.consultant or ''} {self.coop or ''}".strip()
