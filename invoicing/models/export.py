"""The log of exports: perimeter, operator, fingerprint."""

from django.conf import settings
from django.db import models


class ExportLog(models.Model):
    kind = models.CharField(max_length=20)
    file_format = models.CharField(max_length=10)
    # Scope, filters and profile: with the period, all that it takes to make the file again.
    perimeter = models.JSONField(default=dict)
    name = models.CharField(max_length=120, blank=True)
    sent_to = models.EmailField(blank=True)
    period_from = models.DateField()
    period_to = models.DateField()
    rows = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.period_from:%Y-%m-%d} - {self.period_to:%Y-%m-%d}"
