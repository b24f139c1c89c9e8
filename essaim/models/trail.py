"""The append-only trail of what was done, and the erasable words beside it."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """One thing done: ids and codes only, never updated and never deleted."""

    at = models.DateTimeField()
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=100)
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    source = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=40, blank=True)
    codes = models.JSONField(default=dict)
    reactions = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=("model", "object_id", "at"), name="event_of_object"),)

    def __str__(self) -> str:
        return f"{self.verb} {self.model}:{self.object_id}"


class EventText(models.Model):
    """The free words of a person about an event; erasable, so outside the trail's triggers."""

    event = models.OneToOneField(Event, models.PROTECT, related_name="text")
    words = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.words.get("reason", ""))
