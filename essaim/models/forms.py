"""Forms already sent: which key was used, by whom, with what, and where the answer led."""

from django.conf import settings
from django.db import models


class FormKey(models.Model):
    """One form sent for good; written in the transaction of what it recorded, purged later."""

    uuid = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    sent_at = models.DateTimeField(db_index=True)
    # Of every value posted: words themselves are not kept.
    digest = models.CharField(max_length=64)
    led_to = models.CharField(max_length=1000, blank=True)

    def __str__(self) -> str:
        return f"{self.path}, {self.sent_at:%Y-%m-%d %H:%M}"
