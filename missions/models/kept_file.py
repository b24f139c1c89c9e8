"""Files kept with expenses and timesheets: a random name on disk, its hash and its real type."""

from django.conf import settings
from django.db import models


class KeptFile(models.Model):
    """A receipt or a signed sheet; read through the row it belongs to, never by its own address."""

    file = models.FileField(upload_to="receipts/%Y/%m")
    original_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.original_name
